"""The times that a report is about: a day as people at a place live it, and how far it has come."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent.faults.availability import Span


def day(of: date, timezone: str) -> Span:
    """From midnight to midnight on the clock of `timezone`, in UTC: 23 or 25 hours where the clock is changed."""
    return Span(_midnight(of, timezone), _midnight(of + timedelta(days=1), timezone))


def _midnight(of: date, timezone: str) -> datetime:
    return datetime.combine(of, time(), ZoneInfo(timezone)).astimezone(UTC)


def today(now: datetime, timezone: str) -> date:
    return now.astimezone(ZoneInfo(timezone)).date()


def phase(period: Span, now: datetime) -> str:
    """`future`, `so_far` or `complete`."""
    if now <= period.start:
        return "future"
    return "so_far" if now < period.end else "complete"


def so_far(period: Span, now: datetime) -> Span:
    """The part of the period that is past."""
    return Span(period.start, max(period.start, min(period.end, now)))


def as_of(period: Span, now: datetime) -> datetime:
    """When "open" and "down" are meant: now, as long as the day is the present or the last one, else the day's end.

    A report on yesterday is read this morning, to decide what to do today.
    """
    return now if now < period.end + timedelta(days=1) else period.end


def before(period: Span) -> Span:
    """The same length of time just before it."""
    return Span(period.start - (period.end - period.start), period.start)


def week(last: date, timezone: str) -> Span:
    """The seven days that end with `last`."""
    return Span(_midnight(last - timedelta(days=6), timezone), _midnight(last + timedelta(days=1), timezone))
