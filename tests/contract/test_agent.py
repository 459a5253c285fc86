"""The whole agent on the demonstration network, on each kind of database: a link is cut, one case comes of it, and
mending moves it on. Real SNMP, SSH, syslog, traps, SMTP and HTTP over loopback."""

import asyncio
import io
import time
import urllib.request
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.app import compose
from agent.app.agent import Agent
from agent.app.compose import Memory
from agent.cases.case import Case, CaseState, EvidenceState
from agent.demo import environment
from agent.demo.placement import place
from agent.demo.process import DemoProcess
from agent.observation import Subject, Tier
from agent.ports import JobKind, JobState
from agent.settings import Endpoint, Settings
from agent.storage.engine import open_store
from agent.storage.evidence import FileEvidence
from tests.ports import free_port, loopback_prefix

INVENTORY = Path(__file__).resolve().parents[2] / "inventory.yaml"


@dataclass
class Stage:
    agent: Agent
    network: DemoProcess
    memory: Memory
    folder: Path

    async def until(self, what: str, done: Callable[[], bool], patience: float = 90) -> None:
        deadline = time.monotonic() + patience
        while not await asyncio.to_thread(done):
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not within {patience} s; {self.cases()}")
            await asyncio.sleep(0.2)

    def all_known(self) -> bool:
        with self.memory.store.read() as tx:
            known = tx.latest_all(Tier.IDENTITY)
            return all(n in known and tx.states(n).get(Subject(n)) == "up" for n in self.agent.inventory.devices)

    def cases(self) -> tuple[Case, ...]:
        with self.memory.store.read() as tx:
            return tx.cases()

    def done(self) -> bool:
        """Everybody is told, and everything asked for is collected."""
        with self.memory.store.read() as tx:
            jobs = tx.jobs()
        return all(job.state is JobState.DONE for job in jobs)

    def told(self) -> list[str]:
        """Who was told of the problem itself."""
        with self.memory.store.read() as tx:
            jobs = [job for job in tx.jobs(kind=JobKind.NOTIFY) if job.case]
        return sorted(str(job.payload["to"]) for job in jobs if job.payload["occasion"] == "opened")

    def page(self, path: str) -> str:
        with urllib.request.urlopen(self.agent.website.address + path, timeout=20) as answer:
            return str(answer.read().decode())


@pytest.fixture
async def stage(fresh_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    environment.provide()
    prefix, (snmp, ssh, smtp) = loopback_prefix(), (free_port(udp=True), free_port(), free_port())
    syslog, traps = free_port(udp=True), free_port(udp=True)
    where = {"prefix": prefix, "snmp_port": snmp, "ssh_port": ssh, "smtp_port": smtp}
    inventory = place(compose.read_inventory(INVENTORY), tmp_path, **where)  # type: ignore[arg-type]
    network = DemoProcess(
        INVENTORY, tmp_path, syslog=("127.0.0.1", syslog), traps=("127.0.0.1", traps), **where  # type: ignore[arg-type]
    )  # fmt: skip
    settings = Settings(
        data=tmp_path,
        web=Endpoint("127.0.0.1", 0),
        syslog=Endpoint("127.0.0.1", syslog),
        traps=Endpoint("127.0.0.1", traps),
    )
    memory = Memory(open_store(fresh_url), FileEvidence(tmp_path / "evidence"), tmp_path)
    agent = Agent(settings, inventory, memory, out=io.StringIO())
    await network.start()
    await agent.start()
    try:
        yield Stage(agent, network, memory, tmp_path)
    finally:
        await agent.stop()
        await network.stop()
        memory.store.close()


@pytest.mark.timeout(300)
async def test_a_cut_link_is_one_case_with_evidence_from_both_ends_and_mending_moves_it_on(stage: Stage) -> None:
    await stage.until("all devices known", stage.all_known)
    assert stage.cases() == ()
    await stage.network.break_("cut", "bj-core-1", "bj-core-2")
    await stage.until("a case", lambda: bool(stage.cases()))
    await stage.until("all told and collected", stage.done)
    (case,) = stage.cases()
    assert case.problem.startswith("link|bj-core-1:")
    with stage.memory.store.read() as tx:
        evidence, faults = tx.evidence(case.number), tx.faults(case=case.number)
        decisions = {decision.what for decision in tx.decisions(case.name)}
    assert {row.device for row in evidence if row.state is EvidenceState.DONE} == {"bj-core-1", "bj-core-2"}
    assert {"show version", "show logging", "show tech-support"} <= {row.command for row in evidence}
    assert sum(row.secrets_removed for row in evidence) > 0
    assert {fault.subject.device for fault in faults} == {"bj-core-1", "bj-core-2"}
    assert decisions == {"severity", "root_cause"}

    told = stage.told()
    assert len(told) == len(set(told)) >= 2
    assert len(list((stage.folder / "mail").glob(f"*{case.name}*"))) >= len([to for to in told if "@" in to])

    for path, expected in {
        "": case.name,
        f"cases/{case.number}?lang=zh_CN": "工单",
        "devices/bj-core-1": "C9500",
        f"reports/daily/{stage.agent.reporter.today()}?lang=en": case.name,
    }.items():
        assert expected in await asyncio.to_thread(stage.page, path)
    await stage.until("scraped", lambda: 'netcase_device_up{device="bj-core-1"' in stage.page("metrics"))

    await stage.network.mend("cut", "bj-core-1", "bj-core-2")
    await stage.until("moved on", lambda: stage.cases()[0].state is CaseState.MONITORING)
    assert (len(stage.cases()), stage.told()) == (1, told)
