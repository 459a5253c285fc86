"""Statistics that a few wild values do not move: medians, and the slope that most pairs of points agree on.

Theil, 1950; Sen, 1968; the limits of the slope after Gilbert, Statistical Methods for Environmental Pollution
Monitoring, 1987, §16.4; the trend's test after Mann, 1945, and Kendall, 1975.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

NORMAL = 1.4826  # times the median deviation is the standard deviation, where values are spread normally
CONFIDENCE = 1.96  # standard deviations: 95 %


def median(values: Iterable[float]) -> float:
    """Raises IndexError where there is none."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def spread(values: Sequence[float], middle: float) -> float:
    """The standard deviation, told from the median distance to the middle."""
    return NORMAL * median([abs(value - middle) for value in values])


@dataclass(frozen=True, slots=True)
class Line:
    """A slope with its limits (95 %), and the line's height at x = 0. `sure`: the trend is not chance."""

    slope: float
    lower: float
    upper: float
    height: float
    sure: bool

    def at(self, x: float) -> float:
        return self.height + self.slope * x


def line(points: Sequence[tuple[float, float]]) -> Line | None:
    """The line through (x, y), x rising; None for fewer than three points. Up to a third of them may be wild."""
    if len(points) < 3:
        return None
    slopes, ups = [], 0
    for n, (x, y) in enumerate(points):
        for later, higher in points[n + 1 :]:
            slopes.append((higher - y) / (later - x))
            ups += (higher > y) - (higher < y)
    slopes.sort()
    slope = median(slopes)
    height = median(y - slope * x for x, y in points)
    deviation = sqrt(_variance([y for _, y in points]))
    wide = CONFIDENCE * deviation
    lowest = max(0, round((len(slopes) - wide) / 2) - 1)
    highest = min(len(slopes) - 1, round((len(slopes) + wide) / 2))
    return Line(slope, slopes[lowest], slopes[highest], height, abs(ups) - 1 > wide)


def _variance(values: Sequence[float]) -> float:
    """Of Kendall's sum of signs, ties taken into account."""
    n = len(values)
    ties = sum(t * (t - 1) * (2 * t + 5) for t in Counter(values).values())
    return max(0.0, (n * (n - 1) * (2 * n + 5) - ties) / 18)
