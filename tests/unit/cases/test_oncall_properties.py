"""Who is on duty, against an oracle that counts days one by one, around changes of clocks, holidays, make-up days."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.cases import oncall
from agent.errors import RefusedError
from tests.unit.cases.rotas import PEOPLE, ZONES, change, on_duty, roster, whole

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CLOCKS = ("00:00", "01:30", "02:30", "09:00", "23:30")
zones, clocks = st.sampled_from(sorted(ZONES)), st.sampled_from(CLOCKS)
_NEAR = [  # changes of clocks, holidays, make-up days, the turn of the year
    "2026-03-29T01:00", "2026-10-25T01:00", "2026-03-08T07:00", "2026-11-01T06:00", "2026-01-04T00:00",
    "2026-10-01T00:00", "2026-09-20T01:00", "2025-12-31T16:00", "2026-05-09T01:00", "2026-12-25T08:00",
]  # fmt: skip
anywhere = st.integers(0, 700 * 24 * 60).map(lambda n: datetime(2025, 1, 15, tzinfo=UTC) + n * MINUTE)
near = st.builds(
    lambda text, n: datetime.fromisoformat(text).replace(tzinfo=UTC) + n * MINUTE,
    st.sampled_from(_NEAR),
    st.integers(-1600, 1600),
)
moments = st.one_of(near, anywhere)
people = st.sampled_from(PEOPLE)


@given(zones, clocks, moments)
@settings(max_examples=200, deadline=None)
def test_every_moment_of_a_whole_rota_has_whom_the_days_counted_one_by_one_say(zone, clock, now):
    found = roster(whole(ZONES[zone], clock), timezone=zone)
    assert oncall.who(found, "tac", 1, now).person == on_duty(zone, ZONES[zone], time.fromisoformat(clock), now)


changes = st.lists(st.tuples(people, moments, st.integers(1, 20_000)), max_size=6)


@given(zones, clocks, moments, st.integers(1, 40), changes)
@settings(max_examples=150, deadline=None)
def test_shifts_follow_each_other_without_a_hole_or_an_overlap_whatever_is_overridden(zone, clock, start, days, made):
    duties = [change(who, at, at + n * MINUTE, number) for number, (who, at, n) in enumerate(made, 1)]
    found = roster(whole(ZONES[zone], clock), timezone=zone, duties=duties)
    end = start + days * DAY
    shifts = oncall.shifts(found, "tac", 1, start, end)
    assert (shifts[0].starts, shifts[-1].ends) == (start, end)
    assert all(a.ends == b.starts for a, b in pairwise(shifts))
    assert all(each.starts < each.ends and each.person for each in shifts)
    assert oncall.gaps(found, start, end) == ()
    for each in shifts:
        for now in (each.starts, each.starts + (each.ends - each.starts) / 2, each.ends - timedelta(microseconds=1)):
            assert oncall.who(found, "tac", 1, now).person == each.person
    if duties:
        last = max(duties, key=lambda duty: (duty.made, duty.id))
        assert oncall.who(found, "tac", 1, last.starts).person == last.person
        assert oncall.who(found, "tac", 1, last.ends - MINUTE / 2).person == last.person


@given(zones, clocks, moments, st.integers(1, 30), st.integers(0, 6))
@settings(max_examples=40, deadline=None)
def test_swapping_twice_is_nothing(zone, clock, first, days, back):
    found = roster(whole(ZONES[zone], clock), timezone=zone)
    now, second = first - back * DAY, first + days * DAY
    try:
        once = oncall.swap(found, "tac", 1, first, second, why="w", actor="a", now=now)
    except RefusedError:
        return  # both are the same person's
    swapped = replace(found, duties=(replace(once, id=1),))
    twice = oncall.swap(swapped, "tac", 1, first, second, why="w", actor="a", now=now)
    both = replace(found, duties=(replace(once, id=1), replace(twice, id=2)))
    assert oncall.who(swapped, "tac", 1, first).person == oncall.who(found, "tac", 1, second).person
    period = (first - 40 * DAY, second + 40 * DAY)
    assert oncall.shifts(both, "tac", 1, *period) == oncall.shifts(found, "tac", 1, *period)
