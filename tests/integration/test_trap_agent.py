"""A real snmptrap to the real agent: a case comes of it in seconds, where the next poll is minutes away."""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from agent.app import compose
from agent.app.agent import Agent
from agent.app.compose import Memory
from agent.cases.case import Case
from agent.demo import environment
from agent.demo.placement import place
from agent.demo.process import DemoProcess
from agent.observation import Event, Fact, Source, Subject, Tier
from agent.settings import Endpoint, Settings
from agent.storage.engine import open_store
from agent.storage.evidence import FileEvidence
from tests.ports import free_port, loopback_prefix

pytestmark = pytest.mark.system("snmptrap")

INVENTORY = Path(__file__).resolve().parents[2] / "inventory.yaml"
CUT = ("bj-core-1", "bj-core-2")
NOWHERE = ("127.0.0.1", 9)  # the demonstration's devices say nothing by themselves
FAR = timedelta(minutes=30)


@dataclass
class Stage:
    agent: Agent
    network: DemoProcess
    memory: Memory

    async def until(self, what: str, done: Callable[[], bool], patience: float = 60) -> None:
        deadline = time.monotonic() + patience
        while not await asyncio.to_thread(done):
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not within {patience} s; {self.cases()}, {self.traps()}")
            await asyncio.sleep(0.1)

    def all_known(self) -> bool:
        with self.memory.store.read() as tx:
            known = tx.latest_all(Tier.IDENTITY)
            return all(n in known and tx.states(n).get(Subject(n)) == "up" for n in self.agent.inventory.devices)

    def cases(self) -> tuple[Case, ...]:
        with self.memory.store.read() as tx:
            return tx.cases()

    def traps(self) -> tuple[Event, ...]:
        with self.memory.store.read() as tx:
            return tx.events(source=Source.TRAP)

    def if_index(self, device: str, interface: str) -> str:
        with self.memory.store.read() as tx:
            batch = tx.latest(device, Tier.IDENTITY)
        assert batch is not None
        told = {o.subject.name: o.value for o in batch.observations if o.fact is Fact.IF_INDEX}
        return str(told[interface])


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    environment.provide()
    where = {"prefix": loopback_prefix(), "snmp_port": free_port(udp=True), "ssh_port": free_port()}
    placed = place(compose.read_inventory(INVENTORY), tmp_path, **where)  # type: ignore[arg-type]
    patient = {
        name: replace(device, polling=replace(device.polling, status=FAR, health=FAR, identity=FAR))
        for name, device in placed.devices.items()
    }
    settings = Settings(
        data=tmp_path,
        web=Endpoint("127.0.0.1", 0),
        syslog=Endpoint("127.0.0.1", free_port(udp=True)),
        traps=Endpoint("127.0.0.1", free_port(udp=True)),
    )
    network = DemoProcess(INVENTORY, tmp_path, syslog=NOWHERE, traps=NOWHERE, mail=False, **where)  # type: ignore[arg-type]
    memory = Memory(open_store(f"sqlite:///{tmp_path}/netcase.db"), FileEvidence(tmp_path / "evidence"), tmp_path)
    agent = Agent(settings, replace(placed, devices=patient), memory, out=io.StringIO())
    await network.start()
    await agent.start()
    try:
        yield Stage(agent, network, memory)
    finally:
        await agent.stop()
        await network.stop()
        memory.store.close()


async def snmptrap(stage: Stage, device: str, *varbinds: str) -> None:
    address, to = stage.agent.inventory.devices[device].address, stage.agent.settings.traps
    community = environment.CREDENTIALS["NETCASE_DEMO_COMMUNITY"]
    line = ["snmptrap", "-v2c", "-c", community, "-m", "", f"--clientaddr={address}", f"{to.host}:{to.port}", ""]
    process = await asyncio.create_subprocess_exec(*line, "1.3.6.1.6.3.1.1.5.3", *varbinds)
    assert await process.wait() == 0


@pytest.mark.timeout(180)
async def test_a_link_down_trap_of_a_known_device_reaches_a_case_long_before_the_next_poll(stage: Stage) -> None:
    for name in stage.agent.inventory.devices:
        for tier in (Tier.IDENTITY, Tier.STATUS):
            stage.agent.ask((name, tier))
    await stage.until("all devices known", stage.all_known)
    (link,) = [link for link in stage.agent.inventory.links if {link.a, link.b} == set(CUT)]
    index = stage.if_index(link.a, link.a_interface)
    await stage.network.break_("cut", *CUT)
    assert stage.cases() == ()

    await snmptrap(stage, link.a, f"1.3.6.1.2.1.2.2.1.1.{index}", "i", index)
    await stage.until("a case", lambda: bool(stage.cases()), patience=30)
    assert stage.cases()[0].problem.startswith("link|bj-core-1:")
    (event,) = stage.traps()
    assert (event.name, event.device) == ("link_down", link.a)
    assert str(event.subject) == f"{link.a}/interface:{link.a_interface}", "the ifIndex became a name"
