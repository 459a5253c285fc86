import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.faults import availability
from agent.faults.availability import Availability, Interval, Span
from agent.inventory.device import Device
from agent.inventory.windows import Window
from agent.observation import Subject

MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)
DAY = Span(MIDNIGHT, MIDNIGHT + timedelta(days=1))
DEVICE = Subject("bj-core-1")


def at(hours: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hours)


def span(start: float, end: float) -> Span:
    return Span(at(start), at(end))


def down(start: float, end: float | None = None) -> Interval:
    return Interval(DEVICE, "down", at(start), None if end is None else at(end))


def hours(**parts: float) -> Availability:
    return Availability(**{name: timedelta(hours=value) for name, value in parts.items()})


def test_a_day_seen_whole_with_one_outage():
    found = availability.of(DAY, [DAY], [down(8, 10)])
    assert found == hours(up=22, down=2)
    assert round(found.percent or 0, 3) == 91.667


def test_an_outage_that_has_not_ended_reaches_to_the_end_of_the_period():
    assert availability.of(DAY, [DAY], [down(20)]) == hours(up=20, down=4)


def test_an_outage_inside_a_maintenance_window_is_planned_and_only_its_rest_is_down():
    assert availability.of(DAY, [DAY], [down(1, 4)], [span(1, 3)]) == hours(up=21, down=1, planned=2)


def test_what_the_agent_did_not_see_is_neither_up_nor_down_nor_planned():
    found = availability.of(DAY, [span(0, 6), span(12, 24)], [down(5, 13)], [span(7, 8)])
    assert found == hours(up=16, down=2, unobserved=6)


def test_a_device_that_was_never_seen_has_no_percentage():
    found = availability.of(DAY, [], [])
    assert found == hours(unobserved=24)
    assert found.percent is None


def test_a_period_of_no_length_is_nothing():
    assert availability.of(span(3, 3), [DAY], [down(0)]) == Availability()


def test_a_device_is_planned_down_by_its_name_site_customer_or_tag():
    device = Device(name="r1", address="127.0.0.1", customer="acme", site="beijing", tags=frozenset({"lab"}))
    windows = [
        Window(name="a", starts=at(1), ends=at(2), devices=frozenset({"r1"})),
        Window(name="b", starts=at(2), ends=at(3), sites=frozenset({"beijing"})),
        Window(name="c", starts=at(4), ends=at(5), customers=frozenset({"acme"})),
        Window(name="d", starts=at(6), ends=at(7), tags=frozenset({"lab", "x"})),
        Window(name="e", starts=at(8), ends=at(9), devices=frozenset({"r2"})),
        Window(name="f", starts=at(10), ends=at(11)),
    ]
    assert availability.planned_for(device, windows, DAY) == (span(1, 3), span(4, 5), span(6, 7))


def test_a_network_is_weighed_by_device_and_by_time():
    found = availability.network([hours(up=24), hours(up=6, down=6, unobserved=12), hours(unobserved=24)])
    assert (found.devices, found.observed, found.mean_pct) == (3, 2, 75.0)
    assert found.total == hours(up=30, down=6, unobserved=36)
    assert availability.network([]).mean_pct is None


# ---------------------------------------------------------------- for any history

moments = st.integers(-600, 2_000).map(lambda minutes: MIDNIGHT + timedelta(minutes=minutes, microseconds=minutes))
spans = st.builds(Span, moments, moments)
many = st.lists(spans, max_size=8)
states = st.lists(
    st.builds(Interval, st.just(DEVICE), st.sampled_from(["up", "down"]), moments, st.none() | moments), max_size=8
)
periods = st.tuples(moments, moments).map(sorted).map(lambda pair: Span(*pair))


@given(periods, many, states, many)
def test_the_four_add_up_to_the_period_whatever_the_history(period, coverage, intervals, planned):
    found = availability.of(period, coverage, intervals, planned)
    assert found.period == period.length
    assert min(found.up, found.down, found.planned, found.unobserved) >= timedelta(0)


@given(periods, many, states, many, st.lists(moments, max_size=4))
def test_cutting_a_period_into_pieces_never_changes_the_sums(period, coverage, intervals, planned, cuts):
    edges = sorted({period.start, period.end, *(cut for cut in cuts if period.start < cut < period.end)})
    pieces = [Span(start, end) for start, end in itertools.pairwise(edges)]
    summed = sum((availability.of(piece, coverage, intervals, planned) for piece in pieces), Availability())
    assert summed == availability.of(period, coverage, intervals, planned)


@given(periods, many, states, many)
def test_the_order_and_the_overlaps_of_a_history_do_not_matter(period, coverage, intervals, planned):
    found = availability.of(period, coverage, intervals, planned)
    again = availability.of(period, coverage[::-1] + coverage, intervals[::-1], planned + planned)
    assert found == again


def minutes_of(found):
    grid = [MIDNIGHT + timedelta(minutes=minute, seconds=30) for minute in range(-600, 2_000, 7)]
    return {moment for moment in grid if any(part.start <= moment < part.end for part in found)}


@given(many, many)
def test_sets_of_times_follow_the_algebra_of_sets(left, right):
    ours, theirs = minutes_of(left), minutes_of(right)
    assert minutes_of(availability.union(left, right)) == ours | theirs
    assert minutes_of(availability.intersect(left, right)) == ours & theirs
    assert minutes_of(availability.subtract(left, right)) == ours - theirs
    for found in (availability.union(left), availability.intersect(left, right), availability.subtract(left, right)):
        assert all(a.end < b.start for a, b in itertools.pairwise(found))
        assert all(part.start < part.end for part in found)
