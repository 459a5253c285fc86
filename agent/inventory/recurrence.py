"""Days and times that come again: `sat 02:00`, `mon-fri 22:30`, `second sat 01:00`, `day 15 03:00`, `daily 04:00`.

Clocks are those of a time zone by name. A time of day that a change of clocks leaves out is reckoned with the offset
from before the change (02:30 is then what clocks call 03:30), and of one that comes twice the first is meant, as
RFC 5545 §3.3.5 has it. A day of the month that a month does not have is left out in that month.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_NUMBERED = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_NAMES = {name: at for at, day in enumerate(WEEKDAYS) for name in (day, f"{day}day")} | {
    "tues": 1, "tuesday": 1, "wednesday": 2, "thur": 3, "thurs": 3, "thursday": 3, "saturday": 5,
}  # fmt: skip
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_LEAST_MONTH = 28 * DAY


@dataclass(frozen=True, slots=True)
class Rule:
    """Every day, unless `weekdays` (0 is Monday), `nth` of them in the month, or a `day` of the month says less.

    `nth` is 1 to 4, or -1 for the last; `day` 1 to 31, or -1 for the last.
    """

    at: time
    weekdays: frozenset[int] = frozenset()
    nth: int = 0
    day: int = 0

    def falls_on(self, when: date) -> bool:
        length = monthrange(when.year, when.month)[1]
        if self.day:
            return when.day == (length if self.day == -1 else self.day)
        if self.weekdays and when.weekday() not in self.weekdays:
            return False
        if self.nth == -1:
            return when.day > length - 7
        return not self.nth or (when.day - 1) // 7 + 1 == self.nth

    @property
    def shortest(self) -> timedelta:
        """The least time from one to the next, on clocks that do not change."""
        if self.day or self.nth:
            return _LEAST_MONTH if self.day or len(self.weekdays) == 1 else DAY
        if not self.weekdays:
            return DAY
        days = sorted(self.weekdays)
        return DAY * min((b - a - 1) % 7 + 1 for a, b in zip(days, [*days[1:], days[0]], strict=True))

    def __str__(self) -> str:
        clock = f"{self.at:%H:%M}"
        if self.day:
            return f"{'last day' if self.day == -1 else f'day {self.day}'} {clock}"
        days = ",".join(WEEKDAYS[day] for day in sorted(self.weekdays))
        ordinal = next((name for name, nth in ORDINALS.items() if nth == self.nth), "")
        return " ".join(part for part in (ordinal, days or "daily", clock) if part)


@lru_cache(maxsize=256)
def parse(text: str) -> Rule | None:
    """None when it says nothing that is understood. `str()` of what is returned is the way it is kept."""
    *words, clock = text.lower().replace(", ", ",").split() or [""]
    found = _TIME.fullmatch(clock)
    if found is None:
        return None
    at = time(int(found[1]), int(found[2]))
    match words:
        case [] | ["daily"] | ["every", "day"] | ["day"]:
            return Rule(at)
        case ["last", "day"]:
            return Rule(at, day=-1)
        case ["day", number] if number.isascii() and number.isdigit() and 1 <= int(number) <= 31:
            return Rule(at, day=int(number))
        case [ordinal, days] if nth := (ORDINALS | _NUMBERED).get(ordinal):
            weekdays = _weekdays(days)
            return Rule(at, weekdays, nth=nth) if weekdays else None
        case [days]:
            weekdays = _weekdays(days)
            return Rule(at, weekdays) if weekdays else None
    return None


def _weekdays(text: str) -> frozenset[int]:
    """`sat`, `sat,sun`, `mon-fri`; empty when it is none."""
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first not in _NAMES or (dash and last not in _NAMES):
            return frozenset()
        start = _NAMES[first]
        found |= {(start + step) % 7 for step in range((_NAMES[last] - start) % 7 + 1 if dash else 1)}
    return frozenset(found)


@lru_cache(maxsize=1024)
def starts(rule: Rule, timezone: str, first: date, last: date) -> tuple[datetime, ...]:
    """When it begins on the days from `first` to `last` in `timezone`, in UTC, each moment once."""
    zone = ZoneInfo(timezone)
    return tuple(sorted({_moment(day, rule.at, zone) for day in _days(first, last) if rule.falls_on(day)}))


def _days(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def midnight(day: date, timezone: str) -> datetime:
    """When the day begins there, in UTC."""
    return _moment(day, time(0), ZoneInfo(timezone))
