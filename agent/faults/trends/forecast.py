"""When something will be full, told from how it grew day by day, and how sure that is."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.faults.trends import robust
from agent.faults.trends.hour import Hour

DAY = timedelta(days=1)
WEEK = 7
LONGEST = 8 * WEEK  # days that are looked back on
FAR = 3650.0  # days; what is fuller only after so long is never full


def daily(hours: Sequence[Hour], now: datetime, of: Callable[[list[float]], float]) -> list[tuple[float, float]]:
    """(days before now, negative; value) of each of the last days, oldest first.

    A day is 24 hours up to now, a whole number of weeks of them, so that week-ends lie evenly; one that has not a
    quarter of its hours is left out. `of` tells a day's value from its hours' means.
    """
    held: defaultdict[int, list[float]] = defaultdict(list)
    for hour in hours:
        held[(now - hour.at) // DAY].append(hour.mean)
    told = {number: of(values) for number, values in held.items() if len(values) >= 6 and 0 <= number < LONGEST}
    oldest = max(told, default=0) + 1
    whole = oldest // WEEK * WEEK or oldest
    return [(-(number + 0.5), told[number]) for number in sorted(told, reverse=True) if number < whole]


@dataclass(frozen=True, slots=True)
class Forecast:
    """`level` now, growing by `a_day`; full after `within` days, `earliest` to `latest`.

    None where it does not grow, or nobody can tell.
    """

    level: float
    a_day: float
    days: int  # of history
    within: float | None = None
    earliest: float | None = None
    latest: float | None = None


def forecast(points: Sequence[tuple[float, float]], limit: float, needs_days: int = 2 * WEEK) -> Forecast | None:
    """None for too little history.

    A growth must be told apart from chance (Mann and Kendall, and the slope's lower limit), and must go on: the second
    half grows as well, at half the pace at least. So a step that is over is no growth, nor is a saw's tooth.
    """
    if not points or -points[0][0] + 0.5 < needs_days or len(points) < needs_days // 2:
        return None
    whole = robust.line(points)
    late = robust.line(points[len(points) // 2 :])
    if whole is None or late is None:
        return None
    level, history = late.at(0), round(-points[0][0] + 0.5)
    found = Forecast(level, whole.slope, history)
    if not whole.sure or whole.lower <= 0 or late.slope < whole.slope / 2:
        return found
    pace = min(late.slope, whole.slope)
    left = limit - level
    if left <= 0:
        return Forecast(level, whole.slope, history, 0.0, 0.0, 0.0)
    if left / pace > FAR:
        return found
    slow = min(whole.lower, pace)
    return Forecast(level, pace, history, left / pace, left / max(whole.upper, pace), left / slow)


def is_filling(found: Forecast | None, within: float, from_level: float, *, already: bool = False) -> bool:
    """`within` days; one that is told already is over after half as long again."""
    if found is None or found.within is None:
        return False
    return found.level >= from_level and found.within <= (1.5 * within if already else within)
