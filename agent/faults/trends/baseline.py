"""What is usual for a number at an hour of the week, and whether a value is.

Learned from the hours of the last weeks, on the clock of the site. Each cell (an hour of the week) holds the median of
the hours' means, of their highest and of their lowest samples: a value is compared with what the hour's own highest
sample usually is, so that a sample is not held against a mean. Where a cell has too few hours, all days' hour of the
day stands in for it, or all hours.

A value is unusual when it lies beyond the cell, and beyond the two beside it (what starts ten minutes early is usual),
by more than `k` times the spread, and by more than the bursts that this number is known for: the excess over its own
cell that it reached on three days at least, of two weeks at least.

Where nearly every hour of the last days lies beyond its cell, the level has moved for good: the cells move with it.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from agent.faults.trends.hour import Hour
from agent.faults.trends.robust import median, spread

HOURS = 168  # of a week
WEEKS = 8  # that are looked back on
AT_LEAST_IN_A_CELL = 3
_BURST_DAYS = 3  # with such an excess, in two weeks at least, and it belongs to the number
MOVED = timedelta(days=5)  # so long beyond what was usual is what is usual now
_NEARLY_ALL = 0.8
_BEYOND = 1.25  # times a burst that belongs to the number
_FIELDS = 4


@dataclass(frozen=True, slots=True)
class Expected:
    """What is usual at one moment: the middle, and from `low` to `high`, before any tolerance."""

    middle: float
    low: float
    high: float
    spread: float
    bursts: float
    days: int  # of history
    quietest: float = 0.0  # the lowest that is usual at any hour of the week

    def limit(self, k: float, at_least: float) -> float:
        """Above it a value is unusual; `at_least` is how much it must exceed what is usual in any case."""
        return self.high + max(k * self.spread, _BEYOND * self.bursts + self.spread, at_least)


@dataclass(frozen=True, slots=True)
class Baseline:
    """`cells` holds four numbers for each hour of the week: middle, low, high, spread.

    `quietest` is the lowest that is usual at any hour, and that it does not fall below on single days. `days` is how
    many days of history it was learned from.
    """

    cells: Sequence[float]
    bursts: float
    quietest: float
    days: int

    def expected(self, at: datetime, zone: tzinfo) -> Expected:
        here = cell(at, zone)
        middle, low, high, wide = self._of(here)
        for beside in ((here - 1) % HOURS, (here + 1) % HOURS):
            _, lower, higher, wider = self._of(beside)
            low, high, wide = min(low, lower), max(high, higher), max(wide, wider)
        return Expected(middle, low, high, wide, self.bursts, self.days, self.quietest)

    def _of(self, number: int) -> Sequence[float]:
        return self.cells[_FIELDS * number : _FIELDS * (number + 1)]


class _Place(NamedTuple):
    cell: int  # the hour of the week on a zone's clock: 0 is Monday, midnight
    day: int
    week: int


@lru_cache(8192)  # all numbers of a site share their hours
def _place(at: datetime, zone: tzinfo) -> _Place:
    local, number = at.astimezone(zone), at.toordinal()
    return _Place(24 * local.weekday() + local.hour, number, (number - at.weekday()) // 7)


def cell(at: datetime, zone: tzinfo) -> int:
    """The hour of the week on a zone's clock: 0 is Monday, midnight."""
    return _place(at, zone).cell


def days(hours: Sequence[Hour]) -> int:
    """How many days of history that is: the days that hold an hour, gaps not counted."""
    return len({hour.at.toordinal() for hour in hours})


def learn(hours: Iterable[Hour], zone: tzinfo) -> Baseline | None:
    """None where there is nothing to learn from. The order of the hours is of no matter."""
    known = [(_place(hour.at, zone), hour) for hour in hours]
    if not known:
        return None
    by_cell: defaultdict[int, list[Hour]] = defaultdict(list)
    by_hour: defaultdict[int, list[Hour]] = defaultdict(list)
    for place, hour in known:
        by_cell[place.cell].append(hour)
        by_hour[place.cell % 24].append(hour)
    overall, of_day = _summary([hour for _, hour in known]), {}
    for hour_of_day, mine in by_hour.items():
        of_day[hour_of_day] = _summary(mine) if len(mine) >= AT_LEAST_IN_A_CELL else overall
    cells = []
    for number in range(HOURS):
        mine = by_cell.get(number, [])
        enough = len(mine) >= AT_LEAST_IN_A_CELL
        cells.append(_summary(mine) if enough else of_day.get(number % 24, overall))
    return _with_noise(cells, known)


class _Cell(NamedTuple):
    middle: float
    low: float
    high: float
    spread: float


def _summary(hours: Sequence[Hour]) -> _Cell:
    most, least = [hour.most for hour in hours], [hour.least for hour in hours]
    high, low = median(most), median(least)
    return _Cell(median([hour.mean for hour in hours]), low, high, max(spread(most, high), spread(least, low)))


def _with_noise(cells: Sequence[_Cell], known: Sequence[tuple[_Place, Hour]]) -> Baseline:
    """Few hours of a cell may agree by chance: its spread is at least what is ordinary over all cells."""
    excess = [hour.most - cells[place.cell].high for place, hour in known]
    noise = spread(excess, median(excess))
    days = _nth(_BURST_DAYS, [place.day for place, _ in known], excess, 0.0)
    weeks = _nth(2, [place.week for place, _ in known], excess, 0.0)
    by = _moved(cells, known)
    moved = [_Cell(c.middle + by, c.low + by, c.high + by, max(c.spread, noise)) for c in cells]
    low = min(cell.low for cell in moved)
    dips = _nth(_BURST_DAYS, [place.day for place, _ in known], [-hour.least for _, hour in known], -low)
    flat = array("d", (each for c in moved for each in c))
    return Baseline(flat, max(0.0, min(days, weeks)), min(low, -dips), len({place.day for place, _ in known}))


def _moved(cells: Sequence[_Cell], known: Sequence[tuple[_Place, Hour]]) -> float:
    """By how much the level has moved for good."""
    after = max(hour.at for _, hour in known) - MOVED
    late = [(hour.mean, cells[place.cell]) for place, hour in known if hour.at > after]
    above = sum(mean > c.high for mean, c in late)
    below = sum(mean < c.low for mean, c in late)
    if len(late) < MOVED / timedelta(hours=2) or max(above, below) < _NEARLY_ALL * len(late):
        return 0.0
    return median(mean - c.middle for mean, c in late)


def _nth(rank: int, parts: Sequence[int], values: Sequence[float], fewer: float) -> float:
    """What was reached in so many parts of the time; `fewer` where there were not so many."""
    most: dict[int, float] = {}
    for part, value in zip(parts, values, strict=True):
        if part not in most or most[part] < value:
            most[part] = value
    return sorted(most.values(), reverse=True)[rank - 1] if len(most) >= rank else fewer


@dataclass(frozen=True, slots=True)
class Limits:
    """When a value is unusual. `always_fine`: below it none is; `k`: how many spreads beyond what is usual."""

    always_fine: float
    k: float = 4.0
    at_least: float = 0.0  # beyond what is usual, in the number's unit
    share: float = 0.0  # … and as a share of what is usual
    needs_days: int = 14
    silence: float = 0.0  # below such a share of the lowest that is usual at any hour it is unusually little
    silence_from: float = 0.0  # … where that lowest is at least so much


@dataclass(frozen=True, slots=True)
class Deviation:
    """`threshold`: the value from which on it is unusual; None where it cannot be told yet."""

    bad: bool
    threshold: float | None = None
    little: bool = False  # too little, not too much


def judge(expected: Expected | None, value: float, limits: Limits, *, already: bool = False) -> Deviation:
    """`already` bad: it is over only when the value is half way back."""
    if expected is None or expected.days < limits.needs_days:
        return Deviation(False)
    threshold = expected.limit(limits.k, max(limits.at_least, limits.share * expected.high))
    if already:
        threshold = (threshold + expected.high) / 2
    threshold = max(threshold, limits.always_fine)
    if value > threshold:
        return Deviation(True, threshold)
    silent = limits.silence * expected.quietest * (2 if already else 1)
    if expected.quietest >= limits.silence_from and value < silent:
        return Deviation(True, silent, little=True)
    return Deviation(False, threshold)


def since(now: datetime) -> datetime:
    """From when on hours are learned from."""
    return now - timedelta(weeks=WEEKS)
