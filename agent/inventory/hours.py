"""Coverage hours of a contract: on which days, from when to when, on whose clock.

Hours are what a clock on the wall says there. Where the clock is changed a day is an hour shorter or longer, and the
hours keep to the wall: 09:00 to 17:00 is 09:00 to 17:00 before and after. An hour that the clock skips has no length;
one that it shows twice counts twice.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # as `date.weekday` counts them
MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """On each of `days` from `start` until `end`; an `end` that is not later than `start` is on the next day."""

    days: tuple[str, ...] = WEEKDAYS
    start: time = MIDNIGHT
    end: time = MIDNIGHT

    @property
    def always(self) -> bool:
        return set(self.days) == set(WEEKDAYS) and self.start == self.end

    def __str__(self) -> str:
        """`7x24`, `5x8`, or as `mon,tue 08:00-20:00`."""
        named = next((name for name, hours in NAMED.items() if hours == self), "")
        until = "24:00" if self.end == MIDNIGHT else f"{self.end:%H:%M}"
        return named or f"{','.join(self.days)} {self.start:%H:%M}-{until}"


ALWAYS = Hours()
OFFICE = Hours(days=WEEKDAYS[:5], start=time(9), end=time(17))
NAMED = {"7x24": ALWAYS, "5x8": OFFICE}


def spans(
    hours: Hours,
    timezone: str,
    start: datetime,
    end: datetime,
    holidays: Collection[date] = (),
    workdays: Collection[date] = (),
) -> Iterator[tuple[datetime, datetime]]:
    """The covered times that reach into [start, end), not cut, in UTC and in order.

    `holidays` are days, on that clock, on which no coverage begins. `workdays` are days at the week-end that make up
    for one: hours of every weekday hold on them as well, whatever day of the week it is.
    """
    if hours.always and not holidays:
        if start < end:
            yield start, end
        return
    zone = ZoneInfo(timezone)
    day = start.astimezone(zone).date() - DAY  # hours over midnight began on the day before
    last = end.astimezone(zone).date()
    weekdays = set(OFFICE.days) <= set(hours.days)
    while day <= last:
        served = WEEKDAYS[day.weekday()] in hours.days and day not in holidays
        if served or (weekdays and day in workdays):
            opens, closes = _of(day, hours, zone)
            if opens < closes and opens < end and closes > start:
                yield opens, closes
        day += DAY


@lru_cache(maxsize=8192)
def _of(day: date, hours: Hours, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A time that the clock shows twice: hours begin at the first and end at the second."""
    until = day if hours.start < hours.end else day + DAY
    return _utc(datetime.combine(day, hours.start), zone, 0), _utc(datetime.combine(until, hours.end), zone, 1)


def _utc(wall: datetime, zone: ZoneInfo, fold: int) -> datetime:
    """A time that the clock skips is the moment at which it skips, whether hours begin or end in it."""
    at = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == wall:
        return at
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))  # as PEP 495 reads a gap
    before = early.astimezone(zone).utcoffset()
    while late - early > SECOND:
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late
