"""What history costs: roll-ups, baselines, forecasts; for 1,000 devices a day, and beside statsmodels.

    python tests/benchmarks/trends.py [--ports 50] [--peers FOLDER]
    pip install --target FOLDER statsmodels          # for the comparison

CPU seconds. A device has so many ports, two processors, two memories, two file systems, six sensors; it is polled
every five minutes. The comparison is eight weeks of hours of one number: ours learns the hours of the week and the
slope of the days, statsmodels decomposes the same hours (STL, a period of a week, robust) and smooths the days.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import pi, sin
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agent.faults.trends import baseline, forecast, robust
from agent.faults.trends.hour import HOUR, Hour
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from agent.pipeline import Pipeline
from agent.ports import Store
from agent.storage.engine import open_store
from tests.story import device, inventory

START = datetime(2026, 1, 5, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
WEEKS = 8
COUNTERS = (Fact.IN_OCTETS, Fact.OUT_OCTETS, Fact.IN_ERRORS, Fact.OUT_ERRORS, Fact.IN_DISCARDS, Fact.OUT_DISCARDS)
GAUGES = (
    (ComponentKind.CPU, Fact.USAGE, 2),
    (ComponentKind.MEMORY, Fact.USED, 2),
    (ComponentKind.STORAGE, Fact.USED, 2),
    (ComponentKind.TEMPERATURE, Fact.CELSIUS, 6),
)


def spent(do: Callable[[], object], times: int = 1) -> float:
    before = time.process_time()
    for _ in range(times):
        do()
    return (time.process_time() - before) / times


def one_series(chance: random.Random) -> list[Hour]:
    hours = []
    for n in range(WEEKS * 168):
        mean = 40 + 20 * sin(2 * pi * n / 24) + n / 100 + chance.gauss(0, 3)
        hours.append(Hour(START + n * HOUR, 12, mean, mean - 4, mean + 4))
    return hours


def beside_peers(folder: str) -> None:
    hours = one_series(random.Random(1))
    now = START + timedelta(weeks=WEEKS)

    def days() -> list[tuple[float, float]]:
        return forecast.daily(hours, now, robust.median)

    learn, fill = spent(lambda: baseline.learn(hours, ZONE), 20), spent(lambda: forecast.forecast(days(), 95), 20)
    print(f"one number, {WEEKS} weeks of hours: baseline {learn * 1e3:.1f} ms, forecast {fill * 1e3:.1f} ms")
    if not folder:
        return
    sys.path.insert(0, folder)
    warnings.simplefilter("ignore")
    from statsmodels.tsa.holtwinters import ExponentialSmoothing  # type: ignore[import-not-found]
    from statsmodels.tsa.seasonal import STL  # type: ignore[import-not-found]

    means, daily = [hour.mean for hour in hours], [value for _, value in days()]
    theirs = statistics.median(spent(lambda: STL(means, period=168, robust=True).fit()) for _ in range(5))
    smooth = statistics.median(
        spent(lambda: ExponentialSmoothing(daily, trend="add").fit().forecast(14)) for _ in range(5)
    )
    print(f"statsmodels: STL {theirs * 1e3:.0f} ms ({theirs / learn:.0f} times), ", end="")
    print(f"exponential smoothing {smooth * 1e3:.0f} ms ({smooth / fill:.0f} times)")


# ---------------------------------------------------------------- the whole of it


def poll(at: datetime, ports: int, chance: random.Random) -> Batch:
    steps = (at - START) / timedelta(minutes=5)
    told = [
        Observation(Subject("core1", kind, str(n)), fact, 40 + 20 * sin(steps / 45) + chance.gauss(0, 2))
        for kind, fact, count in GAUGES
        for n in range(count)
    ]
    for n in range(ports):
        port = Subject("core1", ComponentKind.INTERFACE, f"Gi0/{n}")
        octets = int(steps * (2e9 + 1e6 * n) + chance.uniform(0, 1e9)) if n < ports // 2 else 0
        told += [Observation(port, fact, octets if fact in COUNTERS[:2] else 0) for fact in COUNTERS]
    return Batch("core1", Tier.HEALTH, at, tuple(told))


def remembered(store: Store, ports: int, days: int) -> datetime:
    """Two days of polls every five minutes, before that one every half hour: hours are hours."""
    chance, end = random.Random(2), START + days * timedelta(days=1)
    at = START
    while at < end:
        with store.begin() as tx:
            for _ in range(48):
                tx.keep(poll(at, ports, chance))
                at += timedelta(minutes=5 if end - at < timedelta(days=2) else 30)
    with store.begin() as tx:
        speeds = [Subject("core1", ComponentKind.INTERFACE, f"Gi0/{n}") for n in range(ports)]
        told = tuple(Observation(port, Fact.SPEED, 1_000_000_000) for port in speeds)
        tx.keep(Batch("core1", Tier.IDENTITY, end, told))
    return end


def rolled(store: Store, until: datetime) -> None:
    working = 1
    while working:
        with store.begin() as tx:
            working = tx.roll_up(until)


def whole(ports: int, days: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/netcase.db")
        end = remembered(store, ports, days)
        rolled(store, end - timedelta(days=1))
        size = _size(store)
        a_day = spent(lambda: rolled(store, end))
        grown = _size(store) - size
        pipeline = Pipeline(store, inventory([device("core1")], [], ["core1"]))
        study = spent(lambda: pipeline.study("core1", end), 3)
        with store.read() as tx:
            known = len(tx.baselines("core1"))
            read = spent(lambda: tx.baselines("core1"), 10)
            since = end - timedelta(days=days)
            extremes = spent(lambda: tx.extremes(ComponentKind.CPU, Fact.USAGE, since, end), 3)
        store.close()
    print(f"a device with {ports} ports, {days} days of hours, {known} baselines:")
    print(f"  a day rolled up {a_day * 1e3:.0f} ms, {grown / 1024:.0f} kB; studied {study * 1e3:.0f} ms")
    print(f"  baselines read, once an hour, {read * 1e3:.1f} ms; mean and highest of all days {extremes * 1e3:.0f} ms")
    total = a_day + study + 24 * read
    print(f"1,000 such devices a day: {1000 * total:.0f} s, {100 * 1000 * total / 86_400:.2f} % of a core")


def _size(store: Store) -> int:
    from sqlalchemy import func, select

    from agent.storage import tables

    with store.read() as tx:
        connection = tx._connection  # type: ignore[attr-defined]
        return int(connection.execute(select(func.sum(func.length(tables.hours.c.body)))).scalar() or 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ports", type=int, default=50)
    parser.add_argument("--days", type=int, default=7 * WEEKS)
    parser.add_argument("--peers", default="", help="a folder with statsmodels")
    chosen = parser.parse_args()
    beside_peers(chosen.peers)
    whole(chosen.ports, chosen.days)


if __name__ == "__main__":
    main()
