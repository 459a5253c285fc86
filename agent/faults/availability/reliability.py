"""How often, how long, how soon again: outages, and the means between and of them."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from agent.faults.availability import Division, Span, Spans, intersect, total, union


@dataclass(frozen=True, slots=True)
class Outage:
    """From the first moment that counts as down to the last, and how much of that time does.

    The rest of it is planned, unobserved, or outside the hours that count: nothing was up in between.
    """

    start: datetime
    end: datetime
    down: timedelta


@dataclass(frozen=True, slots=True)
class Reliability:
    """`mtbf` and `mttr` are None where nothing failed: there is no mean of nothing.

    mtbf = time up / outages, mttr = time down / outages, within the period and the hours that count.
    """

    outages: tuple[Outage, ...]
    mtbf: timedelta | None
    mttr: timedelta | None

    @property
    def longest(self) -> timedelta | None:
        return max((outage.down for outage in self.outages), default=None)


def outages(division: Division, hours: Iterable[Span] | None = None) -> tuple[Outage, ...]:
    """Times that are down and not parted by a time that is up, as far as they count within `hours` (None: always)."""
    apart: list[list[Span]] = []
    for span in division.down:
        if apart and not _up_between(apart[-1][-1].end, span.start, division.up):
            apart[-1].append(span)
        else:
            apart.append([span])
    kept = None if hours is None else union(hours)
    counted = (spans if kept is None else intersect(spans, kept) for spans in apart)
    return tuple(_outage(spans) for spans in counted if spans)


def _outage(spans: Sequence[Span]) -> Outage:
    return Outage(spans[0].start, spans[-1].end, sum((span.length for span in spans), timedelta(0)))


def _up_between(end: datetime, start: datetime, up: Spans) -> bool:
    nearest = bisect_left(up, end, key=attrgetter("start"))
    return nearest < len(up) and up[nearest].start < start


def of(division: Division, hours: Iterable[Span] | None = None) -> Reliability:
    found = outages(division, hours)
    if not found:
        return Reliability((), None, None)
    counted = division if hours is None else division.within(hours)
    return Reliability(found, total(counted.up) / len(found), total(counted.down) / len(found))
