"""What is usual: learned from hours in any order, moved by no wild day, and never crying wolf."""

import random
from array import array
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.faults.trends import baseline
from agent.faults.trends.baseline import Baseline, Limits
from agent.faults.trends.hour import HOUR, Hour

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)
CPU = Limits(always_fine=50, at_least=15)


def weeks(count: int, value: Callable[[datetime], float], noise: float = 1.0, seed: int = 1) -> list[Hour]:
    chance = random.Random(seed)
    found = []
    for number in range(168 * count):
        at = MONDAY + number * HOUR
        mean = value(at) + chance.gauss(0, noise / 3)
        found.append(Hour(at, 12, mean, mean - noise, mean + noise))
    return found


def office(at: datetime) -> float:
    """Busy at 10, idle at night and at week-ends."""
    return 60.0 if at.hour == 10 and at.weekday() < 5 else 8.0


def after(count: int) -> datetime:
    return MONDAY + 7 * count * DAY


def learned(hours: list[Hour], zone: ZoneInfo | None = None) -> Baseline:
    found = baseline.learn(hours, zone or ZoneInfo("UTC"))
    assert found is not None
    return found


def is_unusual(found: Baseline, value: float, at: datetime, limits: Limits = CPU) -> bool:
    return baseline.judge(found.expected(at, UTC), value, limits).bad


def test_what_is_usual_at_ten_is_unusual_at_three() -> None:
    found = learned(weeks(4, office))
    assert is_unusual(found, 61, after(4) + 3 * HOUR)
    assert not is_unusual(found, 61, after(4) + 10 * HOUR)


def test_what_is_usual_on_a_weekday_is_unusual_on_a_sunday() -> None:
    found = learned(weeks(4, office))
    assert is_unusual(found, 61, after(4) + 6 * DAY + 10 * HOUR)


def test_what_starts_an_hour_early_is_usual() -> None:
    found = learned(weeks(4, office))
    assert not is_unusual(found, 61, after(4) + 9 * HOUR + HOUR / 2)


def test_what_is_always_fine_is_never_unusual() -> None:
    found = learned(weeks(4, lambda _: 2.0, noise=0.1))
    assert not is_unusual(found, 50, after(4))
    assert is_unusual(found, 51, after(4))


def test_nothing_is_unusual_before_two_weeks_are_known() -> None:
    assert not is_unusual(learned(weeks(2, office)[:300]), 99, after(2))
    assert is_unusual(learned(weeks(2, office)), 99, after(2))
    assert baseline.judge(None, 99, CPU) == baseline.Deviation(False)
    assert baseline.learn([], ZoneInfo("UTC")) is None


def test_the_hour_is_that_of_the_sites_clock_over_a_change_of_the_clock() -> None:
    zone = ZoneInfo("Europe/Berlin")  # the clocks go forward on 29 March

    def at_ten(at: datetime) -> float:
        return 60.0 if at.astimezone(zone).hour == 10 else 5.0

    found = learned(weeks(6, at_ten), zone)
    for week in (3, 5):
        monday = after(week)
        local = monday.replace(tzinfo=zone)
        assert baseline.judge(found.expected(local + 3 * HOUR, zone), 60, CPU).bad
        assert not baseline.judge(found.expected(local + 10 * HOUR, zone), 60, CPU).bad


def test_a_wild_day_does_not_make_wild_days_usual() -> None:
    hours = [
        hour._replace(mean=99, most=100) if after(2) <= hour.at < after(2) + DAY else hour for hour in weeks(4, office)
    ]
    assert is_unusual(learned(hours), 99, after(4) + 3 * HOUR)


def test_bursts_that_belong_to_a_number_are_usual_at_any_hour() -> None:
    chance = random.Random(3)
    hours = [hour._replace(most=hour.most + 70) if chance.random() < 0.02 else hour for hour in weeks(5, office)]
    found = learned(hours)
    assert not is_unusual(found, 75, after(5) + 3 * HOUR)
    assert is_unusual(found, 98, after(5) + 3 * HOUR)


def test_a_level_that_has_moved_for_good_is_usual_after_five_days() -> None:
    moved = [h._replace(mean=h.mean + 50, least=h.least + 50, most=h.most + 50) for h in weeks(6, office)]
    before, now = weeks(5, lambda _: 10.0), after(5)
    three_days = [h for h in moved if now <= h.at < now + 3 * DAY]
    assert is_unusual(learned([*before, *three_days]), 61, now + 3 * DAY + 3 * HOUR)
    six_days = [h for h in moved if now <= h.at < now + 6 * DAY]
    assert not is_unusual(learned([*before, *six_days]), 61, now + 6 * DAY + 3 * HOUR)


def test_what_is_unusual_is_over_only_half_way_back() -> None:
    expected = learned(weeks(4, lambda _: 60.0)).expected(after(4), UTC)
    raised = baseline.judge(expected, 99, CPU)
    assert raised.bad and raised.threshold is not None
    between = raised.threshold - 1
    assert not baseline.judge(expected, between, CPU).bad
    assert baseline.judge(expected, between, CPU, already=True).bad
    assert not baseline.judge(expected, 62, CPU, already=True).bad


def test_a_link_that_never_rests_and_falls_silent_is_unusual_and_a_holiday_is_not() -> None:
    limits = Limits(always_fine=20, at_least=10, silence=0.05, silence_from=2)
    busy = learned(weeks(4, lambda at: 60.0 if at.weekday() < 5 else 20.0))
    holiday = after(4) + 11 * HOUR
    assert not is_unusual(busy, 20, holiday, limits)
    assert not is_unusual(busy, 5, holiday, limits)
    found = baseline.judge(busy.expected(holiday, UTC), 0.5, limits)
    assert found.bad and found.little
    resting = learned(weeks(4, lambda at: 60.0 if at.hour == 10 else 0.5, noise=0.1))
    assert not is_unusual(resting, 0.0, holiday, limits)


def test_a_thin_history_speaks_for_the_hour_of_the_day() -> None:
    found = learned(weeks(2, lambda at: 60.0 if at.hour == 10 else 8.0))
    assert not is_unusual(found, 61, after(2) + 10 * HOUR)
    assert is_unusual(found, 61, after(2) + 3 * HOUR)


# ---------------------------------------------------------------- laws

values = st.lists(st.floats(0, 1000, allow_nan=False), min_size=30, max_size=400)


def made(numbers: list[float], step: int = 5) -> list[Hour]:
    return [Hour(MONDAY + n * step * HOUR, 12, v, v * 0.5, v * 1.5) for n, v in enumerate(numbers)]


@given(values, st.randoms(use_true_random=False))
def test_the_order_of_the_hours_is_of_no_matter(numbers: list[float], chance: random.Random) -> None:
    hours = made(numbers)
    mixed = list(hours)
    chance.shuffle(mixed)
    assert learned(hours) == learned(mixed)


@given(values, st.floats(0.001, 1000), st.floats(-1000, 1000))
def test_another_unit_or_zero_point_changes_nothing_but_the_scale(
    numbers: list[float], by: float, shift: float
) -> None:
    hours = made(numbers)
    other = [Hour(h.at, h.polls, by * h.mean + shift, by * h.least + shift, by * h.most + shift) for h in hours]
    one, two = learned(hours), learned(other)
    near = {"rel": 1e-6, "abs": 1e-3 * max(1.0, by)}
    assert two.bursts == pytest.approx(by * one.bursts, **near)
    assert two.quietest == pytest.approx(by * one.quietest + shift, **near)
    for number, (here, there) in enumerate(zip(one.cells, two.cells, strict=True)):
        is_spread = number % 4 == 3
        assert there == pytest.approx(by * here + (0 if is_spread else shift), **near)


@given(values)
def test_what_was_learned_from_never_is_unusual_at_its_own_median(numbers: list[float]) -> None:
    hours = made(numbers)
    found = learned(hours)
    for hour in hours[:20]:
        expected = found.expected(hour.at, UTC)
        assert not baseline.judge(expected, expected.middle, Limits(always_fine=0, needs_days=0)).bad


def test_cells_are_plain_numbers() -> None:
    found = learned(weeks(3, office))
    assert isinstance(found.cells, array)
    assert len(found.cells) == 4 * 168
    assert found.days == 21
