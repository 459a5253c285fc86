"""Half of the network goes dark at once: `python tests/benchmarks/storm.py [--devices 1000 10000 50000] [--kind cut]`.

The real pipeline on a real store (SQLite in a temporary folder, or --database). A tree: a core, an aggregation switch
for every 500 devices, switches behind switches.

cut     One cable takes half of the network away, seen by the core's port.
power   Every second device goes dark by itself, with nothing that explains it.

Up to --polled devices (10,000) every poll goes through Pipeline.observe: one round in which all is well, and as many as
it takes to believe that half is not. Above it the believed faults are written as the polls would have left them, for
the polls alone would take minutes. Then it settles:

    waiting   all is believed and waits to be seen whole: everything is read, correlated and saved
    opening   the time is over: the case is opened, and every fault gets its number
    growing   one more device is dark, and the case takes it in
    resting   nothing changed

CPU seconds of each, what of it went into which stage, and the peak of resident memory that the decisions added. Each
size runs in a process of its own. `/ n log n` is the time of all four over n log n, as a ratio to the smallest size:
1 means that it grows like n log n, less that it grows slower. Quote ratios; the machine is shared.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agent.faults import correlation
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory.customers import Customer, Person
from agent.inventory.device import Device, Polling, Role, SnmpAccess, SshAccess
from agent.inventory.inventory import Inventory, Link
from agent.inventory.teams import Team
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from agent.pipeline import Pipeline
from agent.pipeline.casework import Casework
from agent.ports import JobKind
from agent.storage.engine import SqlStore, open_store
from agent.storage.transaction import SqlTransaction

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ROUND = timedelta(seconds=15)
BRANCH = 500  # devices behind one aggregation switch
ROUNDS = 3  # of bad polls, to believe it


def network(count: int) -> Inventory:
    """core – (half), core – (half); behind each half its aggregation switches, behind those rows of switches."""
    devices, links = {}, []

    def add(name: str, role: Role, above: str) -> None:
        devices[name] = Device(
            name=name,
            address=f"10.{len(devices) // 65536}.{len(devices) // 256 % 256}.{len(devices) % 256}",
            customer=f"c{len(devices) // 2000}",
            site=f"s{len(devices) // 100}",
            role=role,
            snmp=SnmpAccess(),
            ssh=SshAccess(username="netops"),
            polling=Polling(),
        )
        if above:
            links.append(Link(above, f"to-{name}", name, f"to-{above}"))

    add("core", Role.CORE, "")
    for half in ("left", "right"):
        add(half, Role.DISTRIBUTION, "core")
    above = {}
    for number in range(count - 3):
        half = ("left", "right")[number % 2]
        row = number // 2
        name = f"{half}-{row}"
        if row % BRANCH == 0:
            add(name, Role.DISTRIBUTION, half)
            above[half] = name
        else:
            add(name, Role.ACCESS, above[half] if row % 4 else f"{half}-{row - 1}")
    customers = {device.customer for device in devices.values()}
    return Inventory(
        devices=devices,
        links=tuple(links),
        attached_to=("core",),
        customers={name: Customer(name=name, title=name, team="tac") for name in customers},
        people={"li": Person(name="Li Na", email="li@example.net", channels=("email",))},
        teams={"tac": Team(name="tac", on_call=("li",))},
    )


def dark(inventory: Inventory, kind: str) -> list[str]:
    if kind == "cut":
        return [name for name in inventory.devices if name.startswith("left")]
    return list(inventory.devices)[1::2]


def poll(name: str, at: datetime, ports: dict[str, bool], *, answers: bool = True) -> Batch:
    me = Subject(name)
    told = [Observation(me, Fact.ICMP_REACHABLE, answers), Observation(me, Fact.SNMP_REACHABLE, answers)]
    if not answers:
        return Batch(name, Tier.STATUS, at, tuple(told), failures=("timeout",))
    told.append(Observation(me, Fact.UPTIME, 1e6))
    for port, up in ports.items():
        subject = Subject(name, ComponentKind.INTERFACE, port)
        told.append(Observation(subject, Fact.ADMIN_STATUS, "up"))
        told.append(Observation(subject, Fact.OPER_STATUS, "up" if up else "down"))
    return Batch(name, Tier.STATUS, at, tuple(told), frozenset(ComponentKind))


class Storm:
    def __init__(self, store: SqlStore, count: int, kind: str) -> None:
        self.store, self.kind = store, kind
        self.inventory = network(count)
        self.dark = dark(self.inventory, kind)
        self.pipeline = Pipeline(store, self.inventory)
        self.now, self.polls = START, 0
        self.ports: dict[str, dict[str, bool]] = {name: {} for name in self.inventory.devices}
        for link in self.inventory.links:
            self.ports[link.a][link.a_interface] = self.ports[link.b][link.b_interface] = True

    def round(self, names: list[str], *, answers: bool) -> None:
        """Polls of these devices, spread over a few seconds."""
        for number, name in enumerate(names):
            at = self.now + timedelta(seconds=5 * number / len(names))
            self.pipeline.observe(poll(name, at, self.ports[name], answers=answers))
            self.polls += 1
        self.now += ROUND

    def break_it(self) -> None:
        gone = set(self.dark)
        self.round([name for name in self.inventory.devices if name != self.dark[-1]], answers=True)
        for link in self.inventory.links:
            for here, port, there in ((link.a, link.a_interface, link.b), (link.b, link.b_interface, link.a)):
                self.ports[here][port] = self.kind == "power" or there not in gone
        for _ in range(ROUNDS):
            self.round(["core", "right"], answers=True)
            self.now -= ROUND
            self.round(self.dark[:-1], answers=False)

    def write(self) -> None:
        """What the polls would have left, written at once."""
        since, now = self.now, self.now + ROUNDS * ROUND
        with self.store.begin() as tx:
            for name in self.inventory.devices:
                tx.cover(name, "reachability", since, ROUND)
            faults = [self._fault(Subject(name), FaultKind.DEVICE_UNREACHABLE, since) for name in self.dark[:-1]]
            if self.kind == "cut":
                port = Subject("core", ComponentKind.INTERFACE, "to-left")
                faults.append(self._fault(port, FaultKind.INTERFACE_DOWN, since))
            tx.save_faults(faults)
            for name in ("core", "right"):
                tx.cover(name, "reachability", now, timedelta(hours=1))
            tx.cover("left", "reachability", now, timedelta(hours=1))
        self.now = now

    def _fault(self, subject: Subject, kind: FaultKind, since: datetime) -> Fault:
        return Fault(
            id=f"{kind}|{subject}",
            subject=subject,
            kind=kind,
            state=FaultState.CONFIRMED,
            began=since,
            confirmed=since + (ROUNDS - 1) * ROUND,
            reason="no answer to icmp, snmp",
        )

    def settle(self, times: int = 1) -> None:
        for _ in range(times):
            self.pipeline.settle(self.now)


STAGES: dict[str, tuple[Any, str]] = {
    "read": (SqlTransaction, "open_faults"),
    "mark": (SqlTransaction, "mark"),
    "correlate": (correlation, "problems"),
    "severity": (Casework, "_severity"),
    "evidence": (Casework, "_visits"),
    "write": (SqlTransaction, "save_faults"),
}


@contextmanager
def watched() -> Iterator[dict[str, float]]:
    """CPU seconds in each stage."""
    spent = dict.fromkeys(STAGES, 0.0)
    kept = {stage: getattr(where, name) for stage, (where, name) in STAGES.items()}

    def timed(stage: str, do: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return do(*arguments, **named)
            finally:
                spent[stage] += time.process_time() - began

        return run

    for stage, (where, name) in STAGES.items():
        setattr(where, name, timed(stage, kept[stage]))
    try:
        yield spent
    finally:
        for stage, (where, name) in STAGES.items():
            setattr(where, name, kept[stage])


def measured(do: Callable[[], object]) -> dict[str, Any]:
    with watched() as spent:
        wall, cpu = time.perf_counter(), time.process_time()
        do()
        return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "stages": spent}


def run(count: int, kind: str, database: str, polled: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(database or f"sqlite:///{folder}/storm.db")
        storm = Storm(store, count, kind)
        polling = measured(storm.break_it if count <= polled else storm.write)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        told = {"waiting": measured(storm.settle)}
        storm.now += timedelta(minutes=3)
        told["opening"] = measured(storm.settle)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(ROUNDS):
            storm.round(storm.dark[-1:], answers=False)
        told["growing"] = measured(storm.settle)
        storm.now += timedelta(seconds=5)
        told["resting"] = measured(lambda: storm.settle(10))
        told["resting"] = {
            "cpu": told["resting"]["cpu"] / 10,
            "wall": told["resting"]["wall"] / 10,
            "stages": {stage: spent / 10 for stage, spent in told["resting"]["stages"].items()},
        }
        with store.read() as tx:
            cases, jobs = tx.cases(), tx.jobs()
            lines = [len(tx.timeline(case.number)) for case in cases]
        store.close()
        return {
            "devices": count,
            "dark": len(storm.dark),
            "poll_ms": 1000 * polling["cpu"] / storm.polls if count <= polled else None,
            "cases": [f"{case.name} {case.severity} {case.problem} with {case.symptoms} symptoms" for case in cases],
            "jobs": {kind: sum(job.kind is kind for job in jobs) for kind in JobKind},
            "timeline": sum(lines),
            "peak_mb": (peak - before) / 1024,
            "settlings": told,
        }


def show(results: list[dict[str, Any]]) -> None:
    first = results[0]
    for each in results:
        told, n = each["settlings"], each["dark"]
        spent = sum(part["cpu"] for part in told.values())
        grown = spent / sum(part["cpu"] for part in first["settlings"].values())
        ratio = grown / (n * math.log(n) / (first["dark"] * math.log(first["dark"])))
        poll_ms = f", {each['poll_ms']:.2f} ms of CPU each poll" if each["poll_ms"] else ", believed faults written"
        print(f"\n{each['devices']:,} devices, {n:,} dark{poll_ms}")
        print(f"  {len(each['cases'])} case(s): {each['cases'][0] if each['cases'] else 'none'}")
        print(f"  {each['timeline']} timeline rows, jobs {each['jobs']}, peak memory + {each['peak_mb']:.0f} MB")
        for name, part in told.items():
            stages = ", ".join(
                f"{stage} {seconds:.3f}" for stage, seconds in part["stages"].items() if seconds > 0.0005
            )
            print(f"  {name:8} {part['cpu']:8.4f} s CPU {part['wall']:8.4f} s   {stages}")
        print(f"  all      {spent:8.4f} s CPU; / n log n: {ratio:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, nargs="+", default=[1000, 10_000, 50_000])
    parser.add_argument("--kind", choices=["cut", "power"], default="cut")
    parser.add_argument("--polled", type=int, default=10_000, help="up to so many devices every poll is observed")
    parser.add_argument("--database", default="", help="an empty database; SQLite in a temporary folder unless told")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(run(chosen.devices[0], chosen.kind, chosen.database, chosen.polled)))
        return
    results = []
    for count in chosen.devices:
        again = [sys.executable, __file__, "--one", "--kind", chosen.kind, "--polled", str(chosen.polled)]
        again += ["--database", chosen.database, "--devices", str(count)]
        results.append(json.loads(subprocess.run(again, check=True, stdout=subprocess.PIPE, text=True).stdout))
        print(f"{count:,} done", file=sys.stderr, flush=True)
    if chosen.json:
        print(json.dumps(results, indent=2))
    else:
        show(results)


if __name__ == "__main__":
    main()
