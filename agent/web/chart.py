"""Small drawings as numbers for SVG: no style, no script, nothing that came from a device."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from agent.faults.availability import Availability, Division, Span
from agent.faults.trends.baseline import Baseline
from agent.faults.trends.hour import HOUR, floor
from agent.ports import Sample

WIDTH = 1000.0
HEIGHT = 100.0
_POINTS = 240


@dataclass(frozen=True, slots=True)
class Bar:
    """From `x`, `width` wide, of 0 to WIDTH. `what` is up, down, planned or unobserved."""

    what: str
    x: float
    width: float


def strip(division: Division, period: Span) -> list[Bar]:
    """A period as bars. A bar that would be too thin to see is made visible, and drawn last: short outages count."""
    bars = []
    for what in ("unobserved", "up", "planned", "down"):
        for span in getattr(division, what):
            x = WIDTH * ((span.start - period.start) / period.length)
            width = WIDTH * (span.length / period.length)
            bars.append(Bar(what, round(x, 2), round(max(width, 2.0), 2)))
    return bars


def shares(sums: Availability) -> list[Bar]:
    """What each of the four is of the whole, one after the other; of nothing nothing."""
    bars, x = [], 0.0
    for what in ("up", "down", "planned", "unobserved"):
        width = WIDTH * (getattr(sums, what) / sums.period) if sums.period else 0.0
        if width:
            bars.append(Bar(what, round(x, 2), round(width, 2)))
        x += width
    return bars


def line(samples: Sequence[Sample], period: Span, low: float, high: float) -> str:
    """The `points` of a polyline in a box of WIDTH × HEIGHT, low at the bottom; of many samples, the highest."""
    slots: dict[int, Sample] = {}
    for sample in samples:
        slot = int(_POINTS * ((sample.at - period.start) / period.length))
        if slot not in slots or slots[slot].value < sample.value:
            slots[slot] = sample
    return " ".join(_point(slots[slot], period, low, high) for slot in sorted(slots))


def band(baseline: Baseline, zone: tzinfo, period: Span, low: float, high: float) -> str:
    """The `points` of a polygon: what is usual in the middle of each hour of the period, up to now."""
    hour = floor(period.start) + HOUR / 2
    moments = [period.start, *_until(hour, period), period.end]
    usual = [(at, baseline.expected(at, zone)) for at in moments]
    above = [_point(Sample(at, each.high), period, low, high) for at, each in usual]
    below = [_point(Sample(at, each.low), period, low, high) for at, each in reversed(usual)]
    return " ".join([*above, *below])


def _until(first: datetime, period: Span) -> Iterator[datetime]:
    while first < period.end:
        if first > period.start:
            yield first
        first += HOUR


def _point(sample: Sample, period: Span, low: float, high: float) -> str:
    x = WIDTH * ((sample.at - period.start) / period.length)
    share = (sample.value - low) / (high - low) if high > low else 0.0
    return f"{x:.1f},{HEIGHT * (1 - min(max(share, 0.0), 1.0)):.1f}"
