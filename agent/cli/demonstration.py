"""The main job before a newcomer's eyes: a network runs, something breaks, one case comes of it, and it is mended."""

import asyncio
import shlex
import shutil
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from agent import locale
from agent.app import compose, website
from agent.app.agent import Agent
from agent.app.compose import Memory
from agent.cases.case import Case, CaseState, EvidenceState
from agent.cli import process, showing
from agent.demo import environment
from agent.demo.placement import place
from agent.demo.process import DemoProcess
from agent.errors import ListenError, StoreError
from agent.inspection import checklist
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.observation import Subject, Tier
from agent.ports import JobKind, JobState
from agent.settings import Endpoint, Settings

LOOPBACK = "127.0.0.1"
PATIENCE_S = 120.0


class Narrator:
    """Prints each step with the time since the last one; to stderr when stdout is for JSON."""

    def __init__(self, language: str, quiet: bool) -> None:
        self.language, self._out = language, sys.stderr if quiet else sys.stdout
        self._started = self._last = time.monotonic()

    def step(self, text: str, **values: Any) -> None:
        now = time.monotonic()
        said = locale.say(text, self.language, **values)
        print(
            f"{now - self._started:6.1f} s  (+{now - self._last:4.1f})  {showing.clean(said)}",
            file=self._out,
            flush=True,
        )
        self._last = now

    def aside(self, text: str, **values: Any) -> None:
        said = locale.say(text, self.language, **values)
        print(f"{'':19}{showing.clean(said)}", file=self._out, flush=True)


async def show(settings: Settings, what: str, once: bool, language: str) -> dict[str, Any]:
    environment.provide()
    narrator, stopped = Narrator(language, once), process.stop_signal()
    folder = _fresh(settings.data)
    network = compose.read_inventory(settings.inventory)
    snmp, ssh, smtp = (0, 0, 0) if _own_ports_free(network) else _other_ports()
    network = place(network, folder, snmp_port=snmp, ssh_port=ssh, smtp_port=smtp)
    leave_inventory(settings.inventory, network, folder)
    settings = replace(settings, data=folder, traps=_endpoint(), syslog=_endpoint(), web=_web(settings.web, once))
    if settings.web.port and not settings.public_url:  # so that the links in its mails can be followed
        here = f"http://{settings.web}"
        settings = replace(settings, public_url=here, site_url=settings.site_url or here)
    devices = DemoProcess(
        settings.inventory,
        folder,
        syslog=(LOOPBACK, settings.syslog.port),
        traps=(LOOPBACK, settings.traps.port),
        snmp_port=snmp,
        ssh_port=ssh,
        smtp_port=smtp,
    )
    with compose.alone(settings), compose.memory(settings) as memory:
        agent = Agent(settings, network, memory, out=sys.stderr if once else sys.stdout)
        await devices.start()
        try:
            await agent.start()
            told = await _unless(stopped, Story(narrator, agent, memory, network, devices).tell(what))
            if not once and not stopped.is_set():
                narrator.step(N_("Look at it: {address} (Ctrl-C ends it)"), address=agent.website.address)
                hint = f". {folder}/env; netcase cases; netcase explain NC-000001"
                narrator.aside(N_("Or in another terminal: {hint}"), hint=hint)
                await stopped.wait()
        finally:
            await agent.stop()
            await devices.stop()
    return told


async def _unless(stopped: asyncio.Event, story: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """The story's result, or a short one when it is stopped before its end."""
    telling, stop = asyncio.create_task(story), asyncio.create_task(stopped.wait())
    await asyncio.wait({telling, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if telling.done():
        return telling.result()
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)
    return {"ok": False, "stopped": True}


class Story:
    def __init__(
        self, narrator: Narrator, agent: Agent, memory: Memory, network: Inventory, devices: DemoProcess
    ) -> None:
        self._say, self._aside, self._language = narrator.step, narrator.aside, narrator.language
        self._agent, self._memory, self._network, self._devices = agent, memory, network, devices
        self._result: dict[str, Any] = {"ok": False}

    async def tell(self, what: str) -> dict[str, Any]:
        count, sites, customers = (
            len(x) for x in (self._network.devices, self._network.sites, self._network.customers)
        )
        self._say(
            N_("{devices} devices at {sites} sites of {customers} customers answer SNMP and SSH on loopback"),
            devices=count, sites=sites, customers=customers,
        )  # fmt: skip
        if not await self._until(self._all_known):
            return self._result
        self._say(N_("The agent has asked each of them: all are up, no fault, no case"))
        broken = await self._break(what)
        case = await self._case()
        if case is None:
            return self._result
        await self._evidence(case)
        await self._symptoms(case)
        await self._mend(what, broken)
        await self._inspect()
        self._report()
        self._sum_up(case, what, broken)
        return self._result

    async def _until(self, done: Callable[[], bool], patience: float = PATIENCE_S) -> bool:
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if await asyncio.to_thread(done):
                return True
            await asyncio.sleep(0.2)
        self._say(N_("That has not happened within {time:duration}: something is wrong here"), time=patience)
        return False

    def _all_known(self) -> bool:
        with self._memory.store.read() as tx:
            identities = tx.latest_all(Tier.IDENTITY)
            return all(n in identities and tx.states(n).get(Subject(n)) == "up" for n in self._network.devices)

    async def _break(self, what: str) -> tuple[str, ...]:
        broken = await self._devices.break_(what)
        self._broke = time.monotonic()
        self._say(N_("Broken on purpose: {what} {where}"), what=what, where=" ".join(broken))
        return broken

    def _cases(self) -> tuple[Case, ...]:
        with self._memory.store.read() as tx:
            return tx.cases()

    async def _case(self) -> Case | None:
        if not await self._until(lambda: bool(self._cases())):
            return None
        case = self._cases()[0]
        self._result["seconds_to_case"] = round(time.monotonic() - self._broke, 1)
        self._say(
            N_("Case {name} is open: {severity}, {kind:word}, {subject}"),
            name=case.name, severity=case.severity, kind=case.kind, subject=case.subject,
        )  # fmt: skip
        with self._memory.store.read() as tx:
            for decision in tx.decisions(case.name):
                for reason in decision.reasons:
                    said = locale.reword(reason, self._language)
                    self._aside(N_("{what:word}: {reason}"), what=decision.what, reason=said)
        told = await self._until(lambda: self._delivered(case))
        with self._memory.store.read() as tx:
            jobs = tx.jobs(kind=JobKind.NOTIFY, case=case.number)
        self._result["told"] = [str(job.payload["to"]) for job in jobs if job.state is JobState.DONE]
        self._say(N_("Told: {people}"), people=", ".join(self._result["told"]))
        return case if told else None

    def _delivered(self, case: Case) -> bool:
        with self._memory.store.read() as tx:
            jobs = tx.jobs(kind=JobKind.NOTIFY, case=case.number)
        return bool(jobs) and all(job.state is JobState.DONE for job in jobs)

    async def _evidence(self, case: Case) -> None:
        for tier in ("quick", "tech"):
            await self._until(lambda tier=tier: self._collected(case, tier))  # type: ignore[misc]
            with self._memory.store.read() as tx:
                rows = [row for row in tx.evidence(case.number) if row.tier == tier]
            done = [row for row in rows if row.state is EvidenceState.DONE]
            self._say(
                N_("Evidence ({tier}): {n} files from {devices}, {secrets} secrets struck out"),
                tier=tier,
                n=len(done),
                devices=", ".join(sorted({row.device for row in done})),
                secrets=sum(row.secrets_removed for row in done),
            )
            for row in rows:
                if row.state is not EvidenceState.DONE:
                    self._aside(
                        "{device}, {command}: {state:word}: {detail}",
                        device=row.device,
                        command=row.command,
                        state=row.state,
                        detail=row.detail,
                    )

    async def _symptoms(self, case: Case) -> None:
        """Everything behind the trouble has had its turn before it is mended."""
        slowest = max(device.polling.status for device in self._network.devices.values())
        await asyncio.sleep(max(0.0, self._broke + 2 * slowest.total_seconds() - time.monotonic()))
        await self._until(self._nothing_suspect)
        with self._memory.store.read() as tx:
            faults = [f for f in tx.faults(case=case.number) if f.id != case.root]
        if faults:
            self._say(
                N_("Explained by it, no cases of their own: {names}"), names=", ".join(str(f.subject) for f in faults)
            )

    def _nothing_suspect(self) -> bool:
        with self._memory.store.read() as tx:
            return all(fault.active for fault in tx.open_faults())

    def _collected(self, case: Case, tier: str) -> bool:
        with self._memory.store.read() as tx:
            rows = [row for row in tx.evidence(case.number) if row.tier == tier]
        return all(row.state not in {EvidenceState.QUEUED, EvidenceState.RUNNING} for row in rows)

    async def _mend(self, what: str, broken: tuple[str, ...]) -> None:
        before = self._notified()
        await self._devices.mend(what, *broken)
        self._say(N_("Mended: {what} {where}"), what=what, where=" ".join(broken))

        def moved_on() -> bool:
            return all(c.state in {CaseState.MONITORING, CaseState.RESOLVED} for c in self._cases())

        if await self._until(moved_on):
            self._say(
                N_("The case moves on by itself: {state:word}; nobody is told twice"), state=self._cases()[0].state
            )
        self._result["second_notifications"] = self._notified() - before

    def _notified(self) -> int:
        """How often anybody was told of a problem; what becomes of it is other news."""
        with self._memory.store.read() as tx:
            return sum(job.payload.get("occasion") == "opened" for job in tx.jobs(kind=JobKind.NOTIFY))

    async def _inspect(self) -> None:
        made, verdicts = await self._agent.inspector().inspect(checklist.shipped(), self._network.devices)
        counts = Counter(str(verdict.result) for verdict in verdicts)
        self._result["inspection"] = dict(counts)
        paths = self._agent.reporter.write_as(f"inspection-{made.made[:10]}", made)
        self._say(
            N_("Quarterly inspection of {n} devices: {passed} passed, {warned} warnings, {failed} failed: {path}"),
            n=len(self._network.devices),
            passed=counts["pass"],
            warned=counts["warn"],
            failed=counts["fail"],
            path=paths[0],
        )

    def _report(self) -> None:
        paths = self._agent.reporter.write(self._agent.reporter.today())
        self._result["reports"] = [str(path) for path in paths]
        self._say(N_("Tomorrow's daily health report, as it stands: {path}"), path=paths[0])

    def _sum_up(self, case: Case, what: str, broken: tuple[str, ...]) -> None:
        cases = self._cases()
        with self._memory.store.read() as tx:
            evidence, faults = tx.evidence(case.number), tx.faults(case=case.number)
        case_file = leave(self._memory, cases[-1])
        self._say(N_("The case and its evidence: {path}"), path=case_file)
        self._result |= {
            "ok": len(cases) == 1
            and cases[0].state in {CaseState.MONITORING, CaseState.RESOLVED}
            and bool(self._result["told"])
            and not self._result["second_notifications"]
            and any(row.state is EvidenceState.DONE for row in evidence),
            "broken": [what, *broken],
            "cases": showing.plain(cases),
            "symptoms": sorted(str(fault.subject) for fault in faults if fault.id != cases[0].root),
            "evidence": {
                str(state): sum(row.state == state for row in evidence) for state in {row.state for row in evidence}
            },
            "folder": str(self._memory.folder),
        }


def leave(memory: Memory, case: Case) -> Path:
    """A folder that a person can open: the case as text and JSON, and each file of evidence under its name."""
    folder = memory.folder / case.name
    folder.mkdir(exist_ok=True)
    with memory.store.read() as tx:
        rows, timeline, decisions = tx.evidence(case.number), tx.timeline(case.number), tx.decisions(case.name)
    whole = showing.plain({"case": case, "decisions": decisions, "timeline": timeline, "evidence": rows})
    (folder / "case.json").write_text(showing.dumps(whole), "utf-8")
    for row in rows:
        if row.sha256:
            name = "".join(c if c.isalnum() or c in "-_." else "_" for c in f"{row.device}-{row.command}")[:100]
            shutil.copyfile(memory.evidence.path(row.sha256), folder / f"{name}.txt")
    return folder


def leave_inventory(written: Path, network: Inventory, folder: Path) -> None:
    """The inventory as the demonstration uses it, and settings to go with it: for other commands meanwhile."""
    text = yaml.load(written.read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - builds nothing but text
    for name, device in network.devices.items():
        entry = text["devices"][name]
        entry["address"], entry["tcp_port"] = device.address, device.tcp_port
        if device.snmp:
            entry["snmp_port"] = device.snmp.port
        if device.ssh:
            entry["ssh_port"] = device.ssh.port
    for credential in text.get("credentials", {}).values():
        if credential.get("kind") == "ssh":
            credential["known_hosts"] = str(folder / "known_hosts")
    if network.policies.smtp:
        text["policies"]["smtp"]["port"] = network.policies.smtp.port
    (folder / "known_hosts").touch()
    (folder / "inventory.yaml").write_text(yaml.safe_dump(text, allow_unicode=True, sort_keys=False), "utf-8")
    variables = {**environment.CREDENTIALS, "NETCASE_INVENTORY": folder / "inventory.yaml", "NETCASE_DATA": folder}
    lines = [f"export {name}={shlex.quote(str(value))}\n" for name, value in variables.items()]
    (folder / "env").write_text("".join(lines), "utf-8")


def _fresh(folder: Path) -> Path:
    """The last demonstration's folder is emptied; a folder that is not one is left alone."""
    marker = folder / ".netcase-demo"
    if folder.exists() and any(folder.iterdir()):
        if not marker.exists():
            raise StoreError(f"{folder} holds something else: choose another with --folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    marker.touch()
    return folder.absolute()


def _own_ports_free(network: Inventory) -> bool:
    """Whether the inventory's own ports can be had, so that other commands reach the demonstration with it."""
    wanted = [(socket.SOCK_DGRAM, d.address, d.snmp.port) for d in network.devices.values() if d.snmp]
    wanted += [(socket.SOCK_STREAM, d.address, d.ssh.port) for d in network.devices.values() if d.ssh]
    if smtp := network.policies.smtp:
        wanted.append((socket.SOCK_STREAM, LOOPBACK, smtp.port))
    return all(_free(*each) for each in wanted)


def _free(kind: int, host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as tried:
        if kind == socket.SOCK_STREAM:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError:
            return False
    return True


def _other_ports() -> tuple[int, int, int]:
    ssh, smtp = _free_ports(socket.SOCK_STREAM, 2)
    return _free_ports(socket.SOCK_DGRAM)[0], ssh, smtp


def _free_ports(kind: int, count: int = 1) -> list[int]:
    held = [socket.socket(socket.AF_INET, kind) for _ in range(count)]
    for one in held:
        one.bind(("0.0.0.0", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def _endpoint() -> Endpoint:
    return Endpoint(LOOPBACK, _free_ports(socket.SOCK_DGRAM)[0])


def _web(wanted: Endpoint, once: bool) -> Endpoint:
    """A newcomer's 8080 may be taken: then any other, which is printed."""
    if once:
        return Endpoint(LOOPBACK, 0)
    try:
        website.listen(wanted).close()
    except ListenError:
        return Endpoint(wanted.host, 0)
    return wanted
