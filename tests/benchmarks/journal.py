"""What the journal costs: `python tests/benchmarks/journal.py [--hours 4] [--database URL]`.

A simulated switch (48 ports) is really asked once; from its answers come hours of polls whose counters, sensors and
uptime move as they do in life. They go through the pipeline: which part of a poll's CPU its journal takes, how many
bytes it is, and how fast it is replayed (alone, with all its settling; many devices share that).
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sqlalchemy import func, select  # noqa: E402

from agent.app.past import Past  # noqa: E402
from agent.app.replay import replay  # noqa: E402
from agent.faults import rules  # noqa: E402
from agent.inventory.device import Device  # noqa: E402
from agent.inventory.inventory import Inventory  # noqa: E402
from agent.observation import Batch, Fact, Observation, Subject, Tier  # noqa: E402
from agent.pipeline import Pipeline  # noqa: E402
from agent.storage.engine import SqlStore, open_store  # noqa: E402
from agent.storage.tables import journal  # noqa: E402
from agent.storage.transaction import SqlTransaction  # noqa: E402
from collectors.collector import Collector  # noqa: E402
from tests.benchmarks.poll import network  # noqa: E402
from tests.benchmarks.responder import serving  # noqa: E402

START = datetime(2026, 3, 2, tzinfo=UTC)
STATUS, HEALTH = timedelta(seconds=60), timedelta(seconds=300)
COUNTERS = {Fact.IN_OCTETS: 40_000_000, Fact.OUT_OCTETS: 40_000_000, Fact.IN_PACKETS: 60_000, Fact.OUT_PACKETS: 60_000}
JITTERS = {Fact.CELSIUS, Fact.USAGE, Fact.USED, Fact.SENSOR_VALUE}


async def asked(device: Device) -> dict[Tier, Batch]:
    collector = Collector(secret=lambda _: "public")
    await collector.start()
    found = {tier: await collector.poll(device, tier) for tier in (Tier.IDENTITY, Tier.STATUS, Tier.HEALTH)}
    await collector.close()
    return found


def life(seed: dict[Tier, Batch], hours: float, chance: random.Random) -> Iterator[Batch]:
    """In the order of time."""
    now, end = START, START + timedelta(hours=hours)
    yield replace(seed[Tier.IDENTITY], at=now)
    latest = dict(seed)
    while now < end:
        now += STATUS
        for tier in (Tier.STATUS, Tier.HEALTH) if (now - START) % HEALTH == timedelta(0) else (Tier.STATUS,):
            before = latest[tier]
            told = [moved(o, now, chance) for o in before.observations]
            if tier is Tier.STATUS:
                me = Subject(before.device)
                told = [o for o in told if o.fact not in (Fact.RTT, Fact.ICMP_REACHABLE)]
                told += [Observation(me, Fact.ICMP_REACHABLE, True), Observation(me, Fact.RTT, chance.uniform(1, 3))]
            latest[tier] = replace(before, at=now, observations=tuple(told), took_s=chance.uniform(0.1, 0.2))
            yield latest[tier]


def moved(o: Observation, now: datetime, chance: random.Random) -> Observation:
    if o.fact is Fact.UPTIME:
        return o._replace(value=1e6 + (now - START).total_seconds())
    if o.fact in COUNTERS:
        return o._replace(value=int(o.value) + chance.randrange(COUNTERS[o.fact]))
    if o.fact in JITTERS and isinstance(o.value, int | float):
        return o._replace(value=round(float(o.value) + chance.choice((-1, 0, 0, 1)), 2))
    return o


def measure(store: SqlStore, inventory: Inventory, polls: list[Batch]) -> dict[Tier, tuple[float, float]]:
    """CPU milliseconds of observing one poll, and of its journal therein, by tier: the medians."""
    pipeline, inside, whole = Pipeline(store, inventory), [0.0], {tier: [(0.0, 0.0)][:0] for tier in Tier}
    plain = SqlTransaction.journal

    def timed(tx: SqlTransaction, batch: Batch, previous: Batch | None, *, kept: bool) -> None:
        began = time.process_time()
        plain(tx, batch, previous, kept=kept)
        inside[0] = 1e3 * (time.process_time() - began)

    SqlTransaction.journal = timed  # type: ignore[method-assign]
    for poll in polls:
        began = time.process_time()
        pipeline.observe(poll)
        whole[poll.tier].append((1e3 * (time.process_time() - began), inside[0]))
    SqlTransaction.journal = plain  # type: ignore[method-assign]
    return {tier: (median(w for w, _ in each), median(j for _, j in each)) for tier, each in whole.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=4)
    parser.add_argument("--database", default="", help="URL of an empty store; else SQLite in a temporary folder")
    chosen = parser.parse_args()
    with serving() as port:
        inventory = network(1, port)
        seed = asyncio.run(asked(next(iter(inventory.devices.values()))))
    polls = list(life(seed, chosen.hours, random.Random(1)))
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(chosen.database or f"sqlite:///{folder}/benchmark.db")
        told = measure(store, inventory, polls)
        sizes, rate = bytes_of(store), replayed(store, inventory, polls)
        store.close()
    for tier in (Tier.STATUS, Tier.HEALTH):
        values, (whole, journal_ms) = len(seed[tier].observations), told[tier]
        share = f"{100 * journal_ms / (whole - journal_ms):.1f} % more"
        print(f"{tier:8} {values:4} values: {whole:.2f} ms, the journal {journal_ms:.2f} ms of it ({share})", end="; ")
        print(f"{sizes[tier]:.0f} bytes a poll in the journal")
    print(f"replayed: {rate:.0f} polls a CPU second")
    day = sizes[Tier.STATUS] * 1440 + sizes[Tier.HEALTH] * 288 + sizes[Tier.IDENTITY] * 4
    print(f"a day of one switch: {day / 1e3:.0f} kB; 1,000 switches, 7 days: {7e3 * day / 1e9:.1f} GB")


def replayed(store: SqlStore, inventory: Inventory, polls: list[Batch]) -> float:
    """Polls a second of CPU."""
    began = time.process_time()
    told = replay(Past(store, inventory, polls[0].at, polls[-1].at + STATUS), rules.shipped())
    return told.polls / (time.process_time() - began)


def bytes_of(store: SqlStore) -> dict[Tier, float]:
    query = select(journal.c.what, func.avg(func.length(journal.c.body))).group_by(journal.c.what)
    with store.read() as tx:
        return {Tier(what): float(mean) for what, mean in tx._connection.execute(query)}


if __name__ == "__main__":
    main()
