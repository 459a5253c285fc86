"""Histories for tests of availability: a day, and strategies for whatever may have happened."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from agent.faults import availability
from agent.faults.availability import Availability, Division, Interval, Span
from agent.observation import Subject

MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)
DAY = Span(MIDNIGHT, MIDNIGHT + timedelta(days=1))
NOBODY = Subject("r1")


def at(hours: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hours)


def span(start: float, end: float) -> Span:
    return Span(at(start), at(end))


def interval(state: str, start: float, end: float | None = None, subject: Subject = NOBODY) -> Interval:
    return Interval(subject, state, at(start), None if end is None else at(end))


def down(start: float, end: float | None = None, subject: Subject = NOBODY) -> Interval:
    return interval("down", start, end, subject)


def hours(**parts: float) -> Availability:
    return Availability(**{name: timedelta(hours=value) for name, value in parts.items()})


moments = st.integers(-600, 2_000).map(lambda minutes: MIDNIGHT + timedelta(minutes=minutes, microseconds=minutes))
spans = st.builds(Span, moments, moments)
many = st.lists(spans, max_size=6)
periods = st.tuples(moments, moments).map(sorted).map(lambda pair: Span(*pair))


def states(subject: Subject = NOBODY) -> st.SearchStrategy[list[Interval]]:
    names = st.sampled_from(["up", "down", "admin_down"])
    return st.lists(st.builds(Interval, st.just(subject), names, moments, st.none() | moments), max_size=6)


def divisions(period: Span = DAY) -> st.SearchStrategy[Division]:
    return st.builds(availability.divide, st.just(period), many, states(), many)


KINDS = ("up", "down", "planned", "unobserved")


def pieces() -> st.SearchStrategy[Division]:
    """The day in eight pieces of three hours, each of any kind: cheap to draw, for tests that draw many."""

    def divided(kinds: list[str]) -> Division:
        own = {kind: [span(3 * n, 3 * n + 3) for n, k in enumerate(kinds) if k == kind] for kind in KINDS}
        return Division(*(availability.union(own[kind]) for kind in KINDS))

    return st.lists(st.sampled_from(KINDS), min_size=8, max_size=8).map(divided)


def kind_at(division: Division, moment: datetime) -> str:
    """Which of the four a moment is in; fails where it is in none or in two."""
    (kind,) = (k for k in KINDS if any(s.start <= moment < s.end for s in getattr(division, k)))
    return kind
