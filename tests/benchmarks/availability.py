"""Availability of a large network over a quarter, beside painting every second of it.

    .venv/bin/python tests/benchmarks/availability.py [--devices 1000] [--interfaces 50] [--days 90]

The same invented history twice: reckoned as intervals (`agent.faults.availability`), and painted second by second into
an array and counted, as a table of samples would be. The painting is done for some of the things and its time given for
each, since all of them would take long; both must say the same. Then the same history from a store on disk.
"""

import argparse
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from time import process_time

from sqlalchemy import create_engine, insert

from agent.faults import availability
from agent.faults.availability import Availability, Division, Interval, Span
from agent.faults.availability import standing as standings
from agent.faults.availability.past import Past
from agent.faults.availability.standing import By
from agent.inventory import topology
from agent.inventory.customers import Customer, Site
from agent.inventory.device import Device, SnmpAccess
from agent.inventory.inventory import Inventory, Link
from agent.observation import ComponentKind, Subject
from agent.storage import tables
from agent.storage.engine import open_store
from reports import past as pasts
from reports.past import Parts

END = datetime(2026, 11, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def made(devices: int, interfaces: int, days: int) -> tuple[Past, list[Interval]]:
    """A tree of ten rings; a device fails about once a fortnight, an interface once a month, the agent once a week."""
    chance = random.Random(7)
    period = Span(END - timedelta(days=days), END)
    names = [f"d{n:05d}" for n in range(devices)]
    inventory = Inventory(
        devices={
            name: Device(name=name, address="192.0.2.1", customer="c", site=f"s{n % 20}", snmp=SnmpAccess())
            for n, name in enumerate(names)
        },
        customers={"c": Customer(name="c")},
        sites={f"s{n}": Site(name=f"s{n}", customer="c") for n in range(20)},
        links=tuple(
            Link(names[n], "if0", names[(n + step) % devices], f"if{place}")
            for n in range(devices)
            for place, step in ((1, 1), (2, 10))
        ),
        attached_to=(names[0],),
    )
    seen = list(outside(period, days // 7, timedelta(minutes=20), chance))
    states: defaultdict[Subject, list[Interval]] = defaultdict(list)
    for name in names:
        states[Subject(name)] += changes(Subject(name), period, days // 14, chance)
        for n in range(interfaces):
            port = Subject(name, ComponentKind.INTERFACE, f"if{n}")
            states[port] += changes(port, period, max(days // 30, 1), chance)
    coverage = dict.fromkeys(names, seen)
    past = Past(inventory, topology.build(inventory), period, coverage, coverage, states, ())
    return past, [interval for known in states.values() for interval in known]


def moments(period: Span, count: int, chance: random.Random) -> list[datetime]:
    total = int(period.length / SECOND)
    return [period.start + SECOND * second for second in sorted(chance.sample(range(1, total), count))]


def outside(period: Span, gaps: int, length: timedelta, chance: random.Random) -> Iterable[Span]:
    return availability.subtract([period], (Span(at, at + length) for at in moments(period, gaps, chance)))


def changes(subject: Subject, period: Span, failures: int, chance: random.Random) -> Iterable[Interval]:
    """Outages of some minutes to some hours."""
    lost = (Span(at, at + SECOND * chance.randint(60, 14_400)) for at in moments(period, failures, chance))
    edges = [period.start - timedelta(days=9), *(at for span in availability.union(lost) for at in _ends(span)), None]
    for place, (began, ended) in enumerate(pairwise(edges)):
        assert began is not None
        yield Interval(subject, "down" if place % 2 else "up", began, ended)


def _ends(span: Span) -> tuple[datetime, datetime]:
    return span.start, span.end


# ---------------------------------------------------------------- the peer


def painted(past: Past, subject: Subject) -> Availability:
    """One byte a second: 0 unobserved, 1 up, 2 down."""
    start, seconds = past.period.start, int(past.period.length / SECOND)
    paint = bytearray(seconds)

    def ends(began: datetime, ended: datetime | None) -> tuple[int, int]:
        last = seconds if ended is None else min(int((ended - start) / SECOND), seconds)
        return max(int((began - start) / SECOND), 0), last

    for span in past.reached[subject.device]:
        first, last = ends(span.start, span.end)
        paint[first:last] = b"\1" * (last - first)
    for interval in past.states[subject]:
        if interval.state == "down":
            first, last = ends(interval.began, interval.ended)
            paint[first:last] = paint[first:last].replace(b"\1", b"\2")
    up, down = paint.count(1), paint.count(2)
    return Availability(up * SECOND, down * SECOND, timedelta(0), (seconds - up - down) * SECOND)


# ---------------------------------------------------------------- measuring


def timed(what: str, do: Callable[[], object]) -> tuple[float, object]:
    began = process_time()
    found = do()
    took = process_time() - began
    print(f"{what:<58} {took:8.2f} s CPU")
    return took, found


def stored(intervals: list[Interval], past: Past, folder: Path) -> str:
    url = f"sqlite:///{folder / 'netcase.db'}"
    open_store(url).close()
    rows = [
        {
            "device": i.subject.device,
            "component": i.subject.kind,
            "component_name": i.subject.name,
            "state": i.state,
            "began": i.began,
            "ended": i.ended,
        }
        for i in intervals
    ]
    seen = [
        {"device": name, "what": what, "began": span.start, "ended": span.end}
        for what in ("reachability", "snmp")
        for name, spans in past.reached.items()
        for span in spans
    ]
    with create_engine(url).begin() as connection:
        for first in range(0, len(rows), 50_000):
            connection.execute(insert(tables.intervals), rows[first : first + 50_000])
        connection.execute(insert(tables.coverage), seen)
    return url


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--interfaces", type=int, default=50)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--painted", type=int, default=200, help="things that are painted")
    parser.add_argument("--no-store", action="store_true")
    asked = parser.parse_args()
    past, intervals = made(asked.devices, asked.interfaces, asked.days)
    print(f"{asked.devices} devices, {len(past.interfaces)} interfaces, {len(intervals)} intervals, {asked.days} days")
    for by in (By.DEVICE, By.SITE, By.NETWORK, By.LINK):
        timed(f"by {by}", lambda by=by: standings.of(past, by))
    timed("by interface", lambda: standings.of(past, By.INTERFACE))
    a, b = min(past.inventory.devices), max(past.inventory.devices)
    timed(f"path {a} {b}", lambda: past.path(a, b))
    ports = past.interfaces[:: max(len(past.interfaces) // asked.painted, 1)][: asked.painted]
    peer, counted = timed(
        f"{len(ports)} interfaces painted second by second", lambda: [painted(past, p) for p in ports]
    )
    ours, divided = timed(f"{len(ports)} interfaces as intervals", lambda: [past.interface(p).sums for p in ports])
    assert counted == divided, "the two ways differ"
    assert all(isinstance(past.interface(p), Division) for p in ports[:1])
    print(f"both say the same; painting takes {peer / ours:.0f} times as long")
    if not asked.no_store:
        with tempfile.TemporaryDirectory() as folder:
            from_store(stored(intervals, past, Path(folder)), past)


def from_store(url: str, past: Past) -> None:
    store = open_store(url)
    for by, parts in ((By.DEVICE, Parts.NONE), (By.LINK, Parts.LINKED), (By.INTERFACE, Parts.ALL)):
        with store.read() as tx:
            timed(
                f"from the store, by {by}",
                lambda tx=tx, by=by, parts=parts: standings.of(
                    pasts.read(tx, past.inventory, past.period, END, parts), by
                ),
            )
    store.close()


if __name__ == "__main__":
    main()
