"""Calendars: which days are public holidays, which days at the week-end are worked to make up for one.

What a country, or a part of one, has decreed comes from the `holidays` library; what it does not know, or a house does
otherwise, is written in the inventory. Some countries decree each year's make-up days only months before: until then
they are not known, and `unpublished` says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from agent.inventory import hours
from agent.inventory.hours import Hours

SATURDAY_AND_SUNDAY = frozenset({5, 6})  # as `date.weekday` counts
_MEMORY = 3  # a country that decreed no make-up day for so many years does so no more


@dataclass(frozen=True, slots=True)
class Days:
    """What a calendar says of some years. `workdays` are days at the week-end on which work goes on."""

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    weekend: frozenset[int] = SATURDAY_AND_SUNDAY

    def is_holiday(self, day: date) -> bool:
        return day in self.holidays

    def is_makeup(self, day: date) -> bool:
        """A day at the week-end that is worked on."""
        return day in self.workdays

    def is_workday(self, day: date) -> bool:
        """A day on which offices work: no holiday, and not at the week-end unless it makes up for one."""
        return day in self.workdays or (day not in self.holidays and day.weekday() not in self.weekend)


PLAIN = Days()
"""Monday to Friday, and no holidays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A country's days (`CN`, `DE-BY`, `US-NY`; empty: no country's) with what the inventory adds to them."""

    name: str
    country: str = ""
    add: frozenset[date] = frozenset()
    remove: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    @property
    def edited(self) -> frozenset[int]:
        """Years of which the inventory says something."""
        return frozenset(day.year for day in self.add | self.remove | self.workdays)


def calendar(calendars: Mapping[str, Calendar], name: str) -> Calendar | None:
    """By its name in the inventory, else by a country's code; None: neither. An empty name is no calendar."""
    if not name:
        return None
    return calendars.get(name) or (Calendar(name=name, country=name) if is_country(name) else None)


def days(calendars: Mapping[str, Calendar], name: str, first: int, last: int) -> Days:
    """Of the years from `first` to `last`. A name that nobody knows has week-ends and no holidays."""
    found = calendar(calendars, name)
    return of(found, first, last) if found else PLAIN


@lru_cache(maxsize=512)
def of(found: Calendar, first: int, last: int) -> Days:
    country, makeup, weekend = _decreed(found.country, first, last) if found.country else ((), (), SATURDAY_AND_SUNDAY)
    workdays = (frozenset(makeup) | found.workdays) - found.add
    holidays = (frozenset(country) - found.remove - workdays) | found.add
    return Days(_within(holidays, first, last), _within(workdays, first, last), weekend)


def _within(known: Iterable[date], first: int, last: int) -> frozenset[date]:
    return frozenset(day for day in known if first <= day.year <= last)


def served(
    coverage: Hours, timezone: str, known: Calendar | None, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The covered times that reach into [start, end), as `hours.spans` has them. Hours around the clock know no
    holidays."""
    days = of(known, start.year - 1, end.year + 1) if known and not coverage.always else PLAIN
    return hours.spans(coverage, timezone, start, end, days.holidays, days.workdays)


def is_country(code: str) -> bool:
    """Whether the library knows the country, and the part of it that follows a hyphen."""
    parts = _countries().get(code.partition("-")[0])
    return parts is not None and ("-" not in code or code.partition("-")[2] in parts)


def countries() -> tuple[str, ...]:
    """Every code that `is_country` takes, countries first."""
    known = _countries()
    return (*sorted(known), *(f"{country}-{part}" for country in sorted(known) for part in sorted(known[country])))


def unpublished(found: Calendar, year: int) -> int:
    """The last year whose make-up days are known, where those of `year` are not; else 0.

    A year of which the inventory itself says something counts as known.
    """
    decreed = [known for known in _decrees(found.country) if known <= year] if found.country else []
    last = max(decreed, default=0)
    return last if year - _MEMORY <= last < year and year not in found.edited else 0


@lru_cache(maxsize=1)
def _countries() -> dict[str, frozenset[str]]:
    import holidays  # here, and nowhere above: most commands need none, and it takes its time

    alpha_2 = (found for found in holidays.list_supported_countries(include_aliases=True).items() if len(found[0]) == 2)
    return {code: frozenset(parts) for code, parts in alpha_2}


@lru_cache(maxsize=256)
def _decreed(code: str, first: int, last: int) -> tuple[frozenset[date], frozenset[date], frozenset[int]]:
    """Holidays, make-up days, days of the week-end."""
    found = _library(code, range(first - 1, last + 2))  # a make-up day may belong to the year before or after
    return frozenset(found), frozenset(found.weekend_workdays), frozenset(found.weekend)


@lru_cache(maxsize=256)
def _decrees(code: str) -> frozenset[int]:
    """Years for which days were swapped: a decree (month, day, for month, day) stands in the library."""
    decrees: Mapping[int, Any] = getattr(_library(code, ()), "special_public_holidays", {})
    return frozenset(year for year, told in decrees.items() if any(_swaps(each) for each in _each(told)))


def _each(told: Any) -> Iterable[Any]:
    return told if told and isinstance(told[0], tuple) else (told,)


def _swaps(decree: Any) -> bool:
    return len(decree) > 3 and isinstance(decree[2], int)


def _library(code: str, years: Iterable[int]) -> Any:
    import holidays

    country, _, part = code.partition("-")
    return holidays.country_holidays(country, subdiv=part or None, years=years)
