"""Roll-ups by the hour: the samples' own statistics, whenever and in whatever parts they were rolled up."""

import contextlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.faults.trends.hour import HOUR, Hour, floor
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from agent.ports import Sample, Store
from agent.storage import rollups
from agent.storage.engine import SqlStore, open_store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CPU, PORT = ComponentKind.CPU, ComponentKind.INTERFACE
ONE = Subject("a", CPU, "1")
GI = Subject("a", PORT, "Gi0/1")


def batch(at: datetime, *told: tuple[Subject, Fact, float], device: str = "a") -> Batch:
    return Batch(device, Tier.HEALTH, at, tuple(Observation(*each) for each in told))


def keep(store: Store, *batches: Batch) -> None:
    with store.begin() as tx:
        for each in batches:
            tx.keep(each)


def roll(store: Store, until: datetime) -> None:
    working = 1
    while working:
        with store.begin() as tx:
            working = tx.roll_up(until)


def hours(store: Store, subject: Subject, fact: Fact) -> tuple[Hour, ...]:
    with store.read() as tx:
        return tx.hourly(subject, fact, NOON - 400 * 24 * HOUR, NOON + 400 * 24 * HOUR)


def test_an_hour_of_a_gauge_is_its_mean_and_its_extremes(store: Store) -> None:
    keep(store, *(batch(NOON + n * 10 * MINUTE, (ONE, Fact.USAGE, value)) for n, value in enumerate((4, 8, 6, 2, 9))))
    keep(store, batch(NOON + HOUR, (ONE, Fact.USAGE, 99)))
    roll(store, NOON + HOUR)
    (found,) = hours(store, ONE, Fact.USAGE)
    assert found == (NOON, 5, pytest.approx(5.8), 2, 9, 0, 0)


def test_an_hour_of_a_counter_is_its_growth_a_second_counted_to_the_later_poll(store: Store) -> None:
    for minute, octets in ((-5, 0), (0, 3000), (5, 3000), (35, 21_000), (65, 22_800)):
        keep(store, batch(NOON + minute * MINUTE, (GI, Fact.IN_OCTETS, octets)))
    roll(store, NOON + 2 * HOUR)
    first, second = hours(store, GI, Fact.IN_OCTETS)[-2:]
    assert first == (NOON, 3, pytest.approx(21_000 / 2400), 0, 10, 21_000, 2400)
    assert second == (NOON + HOUR, 1, 1, 1, 1, 1800, 1800)


def test_a_counter_that_went_back_or_was_interrupted_tells_nothing_of_that_time(store: Store) -> None:
    for minute, octets, since in ((0, 500, 0), (5, 100, 0), (10, 400, 0), (15, 9000, 77), (20, 9300, 77)):
        told = ((GI, Fact.IN_OCTETS, octets), (GI, Fact.DISCONTINUITY, since))
        keep(store, batch(NOON + minute * MINUTE, *told))
    roll(store, NOON + HOUR)
    (found,) = hours(store, GI, Fact.IN_OCTETS)
    assert (found.grown, found.seconds, found.most) == (600, 600, 1)


def test_only_finished_hours_are_rolled_up_and_the_others_later(store: Store) -> None:
    for minute in range(0, 180, 10):
        keep(store, batch(NOON + minute * MINUTE, (ONE, Fact.USAGE, minute)))
        roll(store, NOON + minute * MINUTE)
    assert [hour.at for hour in hours(store, ONE, Fact.USAGE)] == [NOON, NOON + HOUR]
    roll(store, NOON + 3 * HOUR)
    assert [hour.mean for hour in hours(store, ONE, Fact.USAGE)] == [25, 85, 145]


def test_what_was_not_committed_is_rolled_up_again_and_nothing_is_doubled(store: Store) -> None:
    keep(store, *(batch(NOON + n * 7 * MINUTE, (GI, Fact.IN_OCTETS, n * n)) for n in range(60)))
    with contextlib.suppress(ZeroDivisionError), store.begin() as tx:
        assert tx.roll_up(NOON + 3 * HOUR) == 1
        raise ZeroDivisionError
    assert hours(store, GI, Fact.IN_OCTETS) == ()
    roll(store, NOON + 3 * HOUR)
    once = hours(store, GI, Fact.IN_OCTETS)
    roll(store, NOON + 3 * HOUR)
    roll(store, NOON + 8 * HOUR)
    assert hours(store, GI, Fact.IN_OCTETS)[:3] == once
    assert sum(hour.grown for hour in hours(store, GI, Fact.IN_OCTETS)) == 59 * 59


def test_a_transaction_rolls_up_a_bounded_part(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollups, "DEVICES_AT_ONCE", 2)
    monkeypatch.setattr(rollups, "HOURS_AT_ONCE", 3)
    for name in "abcde":
        for hour in range(7):
            keep(store, batch(NOON + hour * HOUR, (Subject(name, CPU, "1"), Fact.USAGE, hour), device=name))
    parts = []
    while not parts or parts[-1]:
        with store.begin() as tx:
            parts.append(tx.roll_up(NOON + 7 * HOUR))
    assert parts[-2:] == [1, 0]
    assert max(parts) == 2
    assert sum(parts) == 5 * 3
    with store.read() as tx:
        assert tx.extremes(CPU, Fact.USAGE, NOON, NOON + 7 * HOUR) == {
            Subject(name, CPU, "1"): (3.0, 6.0) for name in "abcde"
        }


def test_a_silent_week_costs_nothing_to_roll_up(store: Store) -> None:
    keep(store, batch(NOON, (ONE, Fact.USAGE, 1)), batch(NOON + 24 * 7 * HOUR, (ONE, Fact.USAGE, 3)))
    parts = 0
    with store.begin() as tx:
        while tx.roll_up(NOON + 24 * 7 * HOUR + HOUR):
            parts += 1
    assert parts <= 3
    assert [hour.mean for hour in hours(store, ONE, Fact.USAGE)] == [1, 3]


def test_a_value_that_no_small_float_holds_is_held_as_the_largest(store: Store) -> None:
    keep(store, batch(NOON, (ONE, Fact.USAGE, 1e300)))
    roll(store, NOON + HOUR)
    assert hours(store, ONE, Fact.USAGE)[0].most == pytest.approx(3.4e38, rel=0.01)


def test_hours_outlive_their_samples_and_are_pruned_in_their_own_time(store: Store) -> None:
    keep(store, *(batch(NOON + n * 24 * HOUR, (ONE, Fact.USAGE, n)) for n in range(10)))
    roll(store, NOON + 240 * HOUR)
    with store.begin() as tx:
        while tx.prune(NOON + 240 * HOUR, timedelta(days=2), timedelta(days=5)):
            pass
    with store.read() as tx:
        assert len(tx.series(ONE, Fact.USAGE, NOON, NOON + 240 * HOUR)) == 2
        assert tx.extremes(CPU, Fact.USAGE, NOON, NOON + 240 * HOUR) == {ONE: (7.0, 9.0)}
    assert [hour.mean for hour in hours(store, ONE, Fact.USAGE)] == [5, 6, 7, 8, 9]


def test_growth_reaches_back_beyond_the_samples(store: Store) -> None:
    for n in range(24 * 20):
        keep(store, batch(NOON + n * HOUR, (GI, Fact.IN_ERRORS, n * 2)))
    end = NOON + 24 * 20 * HOUR
    roll(store, end)
    with store.begin() as tx:
        while tx.prune(end, timedelta(days=2)):
            pass
    with store.read() as tx:
        found = tx.growth(PORT, Fact.IN_ERRORS, NOON, end)
        assert found == {GI: (pytest.approx(2 * (24 * 20 - 1)), 3600 * (24 * 20 - 1), pytest.approx(2 / 3600))}
        later = tx.growth(PORT, Fact.IN_ERRORS, end - 10 * HOUR - 30 * MINUTE, end)
        assert later[GI].grown == 20


def test_all_numbers_of_a_device_are_told_at_once(store: Store) -> None:
    others = [(Subject("a", PORT, f"Gi0/{n}"), Fact.IN_OCTETS, n) for n in range(50)]
    keep(store, *(batch(NOON + n * MINUTE, (ONE, Fact.USAGE, n), (GI, Fact.ALIAS, 0), *others) for n in range(90)))
    roll(store, NOON + 2 * HOUR)
    with store.read() as tx:
        found = tx.hours("a", (Fact.USAGE, Fact.IN_OCTETS), NOON, NOON + 2 * HOUR)
        recent = tx.recent("a", (Fact.USAGE,), NOON + 80 * MINUTE, NOON + 82 * MINUTE)
        assert tx.hours("b", (Fact.USAGE,), NOON, NOON + 2 * HOUR) == {}
    assert len(found) == 51
    assert [hour.mean for hour in found[ONE, Fact.USAGE]] == [29.5, 74.5]
    assert recent == {(ONE, Fact.USAGE): (Sample(NOON + 80 * MINUTE, 80), Sample(NOON + 81 * MINUTE, 81))}


# ---------------------------------------------------------------- any history, split anywhere


def statistics(samples: tuple[Sample, ...], *, counter: bool) -> dict[datetime, tuple[float, ...]]:
    """By hour: (mean, least, most), told in the plainest way."""
    found: dict[datetime, list[tuple[float, float]]] = {}
    if counter:
        for earlier, later in pairwise(samples):
            if later.value >= earlier.value:
                grown, seconds = later.value - earlier.value, (later.at - earlier.at).total_seconds()
                found.setdefault(floor(later.at), []).append((grown, seconds))
    else:
        for sample in samples:
            found.setdefault(floor(sample.at), []).append((sample.value, 1.0))
    return {
        at: (
            sum(v for v, _ in each) / sum(s for _, s in each),
            min(v / s for v, s in each),
            max(v / s for v, s in each),
        )
        for at, each in found.items()
    }


NUMBER = count()
polls = st.lists(
    st.tuples(
        st.integers(1, 90),  # minutes since the last
        st.lists(st.sampled_from(["Gi0/1", "Gi0/2", "Gi0/3"]), unique=True, max_size=3),
        st.integers(-5, 1000),  # the growth of all counters
        st.floats(0, 100),
    ),
    min_size=1,
    max_size=25,
)


@pytest.fixture(scope="module")
def one_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path_factory.mktemp('rolled')}/netcase.db")
    yield opened
    opened.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(polls=polls, seed=st.integers(0, 2**32))
def test_hours_are_the_statistics_of_the_samples_wherever_the_work_was_split(
    one_store: SqlStore, polls: list[tuple[int, list[str], int, float]], seed: int
) -> None:
    chance = random.Random(seed)
    device, at, octets = f"d{next(NUMBER)}", NOON, 1000
    for minutes, ports, growth, usage in polls:
        at, octets = at + minutes * MINUTE, max(0, octets + growth)
        told = [(Subject(device, PORT, name), Fact.IN_OCTETS, octets) for name in ports]
        keep(one_store, batch(at, *told, (Subject(device, CPU, "1"), Fact.USAGE, usage), device=device))
        if chance.random() < 0.2:
            roll(one_store, at)
    roll(one_store, at + 2 * HOUR)
    about = [(Subject(device, CPU, "1"), Fact.USAGE)]
    about += [(Subject(device, PORT, name), Fact.IN_OCTETS) for name in ("Gi0/1", "Gi0/2", "Gi0/3")]
    with one_store.read() as tx:
        for subject, fact in about:
            samples = tx.series(subject, fact, NOON, at + HOUR)
            found = tx.hourly(subject, fact, NOON, at + HOUR)
            told = {hour.at: (hour.mean, hour.least, hour.most) for hour in found}
            expected = statistics(samples, counter=fact is Fact.IN_OCTETS)
            assert told.keys() == expected.keys()
            for hour, values in expected.items():
                assert told[hour] == pytest.approx(values, rel=1e-5, abs=1e-6)
