"""When it will be full, and whether anybody can tell."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agent.faults.trends import forecast, rising, robust
from agent.faults.trends.forecast import Forecast
from agent.faults.trends.hour import HOUR, Hour

NOW = datetime(2026, 3, 30, 5, 17, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def days(*values: float) -> list[tuple[float, float]]:
    """The last one is the day up to now."""
    return [(n - len(values) + 0.5, value) for n, value in enumerate(values)]


def grows(a_day: float, level: float, count: int, noise: float = 0.0, seed: int = 1) -> list[tuple[float, float]]:
    chance = random.Random(seed)
    return [(-n - 0.5, level - a_day * (n + 0.5) + chance.gauss(0, noise)) for n in range(count - 1, -1, -1)]


@given(st.floats(-50, 50), st.floats(-1000, 1000), st.integers(3, 40))
def test_an_exact_line_is_found_exactly(slope: float, height: float, count: int) -> None:
    found = robust.line([(float(x), height + slope * x) for x in range(count)])
    assert found is not None
    near = {"rel": 1e-6, "abs": 1e-6}
    assert found.slope == pytest.approx(slope, **near)
    assert found.height == pytest.approx(height, **near)
    assert (found.lower, found.upper) == (pytest.approx(slope, **near), pytest.approx(slope, **near))


@given(st.floats(0.5, 20), st.integers(20, 40), st.randoms(use_true_random=False))
def test_a_fifth_of_wild_values_moves_the_slope_little(slope: float, count: int, chance: random.Random) -> None:
    points = [(float(x), slope * x) for x in range(count)]
    for x in chance.sample(range(count), count // 5):
        points[x] = (points[x][0], chance.uniform(-1e6, 1e6))
    found = robust.line(points)
    assert found is not None
    assert found.slope == pytest.approx(slope, rel=0.05)


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=40), st.floats(0.01, 100), st.floats(-1e4, 1e4))
def test_a_line_follows_scale_and_shift(values: list[float], by: float, shift: float) -> None:
    one = robust.line(list(enumerate(values)))
    two = robust.line([(x, by * value + shift) for x, value in enumerate(values)])
    assert one is not None and two is not None
    assert two.slope == pytest.approx(by * one.slope, rel=1e-6, abs=1e-3)
    assert two.height == pytest.approx(by * one.height + shift, rel=1e-6, abs=1e-2)
    assert one.lower <= one.slope <= one.upper


@given(st.floats(0.2, 3), st.integers(14, 56))
def test_a_forecast_of_an_exact_line_is_exact(a_day: float, count: int) -> None:
    level = 60.0
    assume(a_day * count < 55)
    found = forecast.forecast(grows(a_day, level, count), 95)
    assert found is not None and found.within is not None
    assert found.level == pytest.approx(level)
    assert found.within == pytest.approx(35 / a_day)
    assert (found.earliest, found.latest) == (pytest.approx(35 / a_day), pytest.approx(35 / a_day))
    assert found.days == count


def test_a_noisy_growth_is_told_with_its_limits() -> None:
    found = forecast.forecast(grows(1.9, 78, 28, noise=2.0), 95)
    assert found is not None and found.within is not None
    assert found.earliest is not None and found.latest is not None
    assert found.earliest <= found.within <= found.latest
    assert 6 < found.within < 13


@pytest.mark.parametrize(
    ("why", "points"),
    [
        ("flat", days(*[70.0] * 28)),
        ("noise", grows(0, 70, 28, noise=5)),
        ("shrinks", grows(-1, 70, 28)),
        ("a step that is over", days(*[50.0] * 10, *[70.0] * 18)),
        ("a saw's teeth, a week each", days(*[60 + 3 * (n % 7) for n in range(28)])),
        ("a spike", days(*[60.0] * 20, 95.0, *[60.0] * 7)),
        ("it grew, and stopped", days(*[40 + 2 * n for n in range(14)], *[68.0] * 14)),
    ],
)
def test_what_does_not_grow_steadily_fills_nothing(why: str, points: list[tuple[float, float]]) -> None:
    found = forecast.forecast(points, 95)
    assert found is not None, why
    assert not forecast.is_filling(found, 14, 0), why


def test_too_little_history_says_nothing() -> None:
    assert forecast.forecast(grows(2, 80, 13), 95) is None
    assert forecast.forecast([], 95) is None
    assert not forecast.is_filling(None, 14, 0)


def test_what_is_full_already_is_full_now() -> None:
    found = forecast.forecast(grows(2, 96, 20), 95)
    assert found is not None and found.within == 0


def test_it_is_over_at_half_as_long_again() -> None:
    def within(length: float) -> Forecast:
        return Forecast(80, 1, 28, length, length, length)

    assert forecast.is_filling(within(13), 14, 50)
    assert not forecast.is_filling(within(15), 14, 50)
    assert forecast.is_filling(within(20), 14, 50, already=True)
    assert not forecast.is_filling(within(22), 14, 50, already=True)
    assert not forecast.is_filling(within(3), 14, 90)


def test_chance_cries_wolf_in_few_of_a_thousand_flat_series() -> None:
    """Flat for eight weeks, with a week's season and wild days."""
    chance = random.Random(11)
    raised = 0
    for _ in range(1000):
        values = [70 + 3 * (n % 7 < 5) + chance.gauss(0, 3) + 20 * (chance.random() < 0.05) for n in range(56)]
        raised += forecast.is_filling(forecast.forecast(days(*values), 95), 14, 50)
    assert raised == 0


def test_a_day_is_the_hours_up_to_now_and_days_are_whole_weeks() -> None:
    hours = [Hour(NOW - n * HOUR, 12, float(n), 0, 0) for n in range(1, 24 * 17)]
    found = forecast.daily(hours, NOW, max)
    assert [day for day, _ in found] == [-n - 0.5 for n in range(13, -1, -1)]
    assert found[-1][1] == 23
    few = [hour for hour in hours if hour.at < NOW - 24 * HOUR or hour.at > NOW - 5 * HOUR]
    assert forecast.daily(few, NOW, max)[-1][0] == -1.5


# ---------------------------------------------------------------- rising


def minutes(*values: float) -> list[tuple[datetime, float]]:
    """Five minutes apart, the last is now."""
    return [(NOW - 5 * MINUTE * (len(values) - 1 - n), value) for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "rise"),
    [
        ((30, 30, 30, 35, 40), 5),
        ((30, 30, 30, 40, 42), 10),
        ((30, 30, 30, 30, 99), 0),  # one wild reading
        ((30, 30, 30, 99, 30), 0),
        ((30, 99, 30, 41, 42), 11),
        ((42, 42, 42, 31, 30), -11),
        ((30, 30, 30, 25, 42), 0),
        ((30, 30, 42), None),
        ((42,), None),
    ],
)
def test_a_rise_is_told_when_two_readings_agree(values: tuple[float, ...], rise: float | None) -> None:
    found = rising.rise(minutes(*values), NOW, 10 * MINUTE)
    assert found == (None if rise is None else pytest.approx(rise))


def test_what_was_read_long_ago_is_not_compared_with() -> None:
    old = [(at - 10 * HOUR, value) for at, value in minutes(10, 10, 10)]
    assert rising.rise([*old, *minutes(50, 51)], NOW, 10 * MINUTE) is None
