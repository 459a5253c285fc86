"""Numbers over a period: rates from counters, and the points of a small chart."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from agent.faults.availability import Span
from agent.ports import Sample

BUCKETS = 48  # half hours of a day


def rates(counter: Sequence[Sample]) -> list[Sample]:
    """A counter's growth per second between two readings, at the later one; where it went back there is none."""
    found = []
    for earlier, later in pairwise(counter):
        length = (later.at - earlier.at).total_seconds()
        if length > 0 and later.value >= earlier.value:
            found.append(Sample(later.at, (later.value - earlier.value) / length))
    return found


def growth(counter: Sequence[Sample]) -> float:
    """How much a counter grew in all; a restart of its device takes nothing away."""
    return sum(max(0.0, later.value - earlier.value) for earlier, later in pairwise(counter))


def mean_rate(counter: Sequence[Sample]) -> float | None:
    """Growth over the time in which it was measured; None when there are not two readings to compare."""
    measured = [
        (later.value - earlier.value, (later.at - earlier.at).total_seconds())
        for earlier, later in pairwise(counter)
        if later.value >= earlier.value
    ]
    length = sum(time for _grown, time in measured)
    return sum(grown for grown, _time in measured) / length if length > 0 else None


def buckets(samples: Iterable[Sample], period: Span, count: int = BUCKETS) -> tuple[float | None, ...]:
    """The mean of each of `count` equal parts of the period; None where nothing was measured."""
    width = (period.end - period.start) / count
    held: list[list[float]] = [[] for _ in range(count)]
    for sample in samples:
        place = _place(sample.at, period.start, width)
        if 0 <= place < count:
            held[place].append(sample.value)
    return tuple(round(sum(values) / len(values), 3) if values else None for values in held)


def _place(at: datetime, start: datetime, width: timedelta) -> int:
    return int((at - start) // width) if width else -1
