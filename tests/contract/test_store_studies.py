"""What a device's history showed, in the store."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agent.faults.trends import baseline
from agent.faults.trends.hour import HOUR, Hour
from agent.observation import ComponentKind, Fact, Subject
from agent.ports import Finding, Store

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CPU = (Subject("a", ComponentKind.CPU, "机框 1"), Fact.USAGE)
RTT = (Subject("a"), Fact.RTT)


def learned(scale: float) -> baseline.Baseline:
    hours = [Hour(NOON + n * HOUR, 12, scale * n, scale * n / 2, scale * n * 2) for n in range(400)]
    found = baseline.learn(hours, ZoneInfo("UTC"))
    assert found is not None
    return found


def test_baselines_come_back_to_three_digits(store: Store) -> None:
    known = {CPU: learned(0.25), RTT: learned(1e30)}
    with store.begin() as tx:
        tx.save_study("a", NOON, known, [])
    with store.read() as tx:
        found = tx.baselines("a")
        assert tx.baselines("b") == {}
    assert found.keys() == known.keys()
    for about, was in known.items():
        assert list(found[about].cells) == pytest.approx(list(was.cells), rel=5e-4)
        assert (found[about].bursts, found[about].quietest, found[about].days) == (was.bursts, was.quietest, was.days)


def test_a_value_beyond_what_a_small_float_holds_is_kept_as_the_largest(store: Store) -> None:
    with store.begin() as tx:
        tx.save_study("a", NOON, {CPU: learned(1e300)}, [])
    with store.read() as tx:
        assert max(tx.baselines("a")[CPU].cells) == pytest.approx(3.4e38, rel=0.01)


def test_a_study_takes_the_place_of_the_one_before(store: Store) -> None:
    first = Finding(CPU[0], "cpu_unusual", "not judged before 14 days are known: 3 so far")
    second = Finding(RTT[0], "latency_unusual", "慢\0")
    with store.begin() as tx:
        tx.save_study("a", NOON, {CPU: learned(1)}, [first])
        assert tx.findings("a") == (first,)
        tx.save_study("a", NOON + timedelta(days=1), {}, [second, first])
        tx.save_study("b", NOON, {}, [])
    with store.read() as tx:
        assert tx.findings("a") == (second, first)
        assert tx.baselines("a") == {}
        assert tx.studied() == {"a": NOON + timedelta(days=1), "b": NOON}
        assert tx.findings("nobody") == ()
