"""Availability as exact interval arithmetic: up, down, planned and unobserved always add up to the period.

A set of times is a tuple of spans, sorted, apart and not empty; every function here takes spans in any order,
overlapping or empty, and returns such a set. Sums are `timedelta`s, so nothing is rounded before it is shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from operator import attrgetter

from agent.inventory import windows
from agent.inventory.device import Device
from agent.inventory.windows import Window
from agent.observation import Subject

DOWN = "down"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """start ≤ t < end."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return max(self.end - self.start, timedelta(0))


@dataclass(frozen=True, slots=True)
class Interval:
    """A subject was in a state from `began` until `ended` (None: still is)."""

    subject: Subject
    state: str
    began: datetime
    ended: datetime | None = None


Spans = tuple[Span, ...]


class _Set(tuple[Span, ...]):
    """Spans that are sorted, apart and not empty already: what these functions return, and need not make again."""

    @cached_property
    def length(self) -> timedelta:
        return sum((span.end - span.start for span in self), timedelta(0))


_NOTHING = _Set()


_start = attrgetter("start")


def union(*sets: Iterable[Span]) -> Spans:
    """What is in any of the sets. Spans that touch become one."""
    return _union(sets)


def _union(sets: Sequence[Iterable[Span]]) -> _Set:
    held = [spans for spans in sets if spans is not _NOTHING]
    if not held:
        return _NOTHING
    if len(held) == 1 and isinstance(held[0], _Set):
        return held[0]
    joined: list[Span] = []
    for span in sorted([span for spans in held for span in spans if span.start < span.end], key=_start):
        if joined and span.start <= joined[-1].end:
            if span.end > joined[-1].end:
                joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return _Set(joined) if joined else _NOTHING


def intersect(left: Iterable[Span], right: Iterable[Span]) -> Spans:
    """What is in both, in one pass over the two."""
    ours, theirs = _union([left]), _union([right])
    if not ours or not theirs:
        return _NOTHING
    shared: list[Span] = []
    i = j = 0
    while i < len(ours) and j < len(theirs):
        own, other = ours[i], theirs[j]
        if own.start < other.end and other.start < own.end:
            shared.append(_common(own, other))
        if own.end < other.end:
            i += 1
        else:
            j += 1
    return _Set(shared) if shared else _NOTHING


def _common(own: Span, other: Span) -> Span:
    """Of two that overlap; the one itself that lies inside the other."""
    if own.start >= other.start and own.end <= other.end:
        return own
    if other.start >= own.start and other.end <= own.end:
        return other
    return Span(max(own.start, other.start), min(own.end, other.end))


def subtract(left: Iterable[Span], right: Iterable[Span]) -> Spans:
    """What is in the left set and not in the right one."""
    ours, holes = _union([left]), _union([right])
    if not holes:
        return ours
    rest: list[Span] = []
    first = 0
    for span in ours:
        start = span.start
        while first < len(holes) and holes[first].end <= start:
            first += 1
        at = first
        while at < len(holes) and holes[at].start < span.end:
            if start < holes[at].start:
                rest.append(Span(start, holes[at].start))
            start = max(start, holes[at].end)
            at += 1
        if start < span.end:
            rest.append(span if start == span.start else Span(start, span.end))
    return _Set(rest) if rest else _NOTHING


def total(spans: Iterable[Span]) -> timedelta:
    """How long the set is; a time that two spans cover counts once."""
    return _union([spans]).length


@dataclass(frozen=True, slots=True)
class Availability:
    """How long each of the four lasted."""

    up: timedelta = timedelta(0)
    down: timedelta = timedelta(0)
    planned: timedelta = timedelta(0)
    unobserved: timedelta = timedelta(0)

    def __add__(self, other: "Availability") -> "Availability":
        return Availability(
            self.up + other.up,
            self.down + other.down,
            self.planned + other.planned,
            self.unobserved + other.unobserved,
        )

    @property
    def period(self) -> timedelta:
        return self.up + self.down + self.planned + self.unobserved

    @property
    def percent(self) -> float | None:
        """up / (up + down), in percent; None when neither was observed, which is not the same as 100."""
        counted = self.up + self.down
        return 100 * (self.up / counted) if counted else None


@dataclass(frozen=True, slots=True)
class Division:
    """A period divided into four sets that share no time and leave none out."""

    up: Spans
    down: Spans
    planned: Spans
    unobserved: Spans

    @property
    def sums(self) -> Availability:
        return Availability(total(self.up), total(self.down), total(self.planned), total(self.unobserved))

    def within(self, hours: Iterable[Span]) -> "Division":
        """What of each lies in these hours: they divide the hours as they divided the period."""
        kept = union(hours)
        parts = (self.up, self.down, self.planned, self.unobserved)
        return Division(*(intersect(part, kept) for part in parts))


def divide(
    period: Span, coverage: Iterable[Span], states: Iterable[Interval], planned: Iterable[Span] = ()
) -> Division:
    """One device's period in four.

    Observed is what `coverage` says. Of that, planned is what lies in a maintenance window, down what lies in a `down`
    interval (one that has not ended reaches to the period's end), and up the rest: a device that is observed and not
    known to be down is up. The order is the rule: nobody can be blamed for what was not seen or was agreed before.
    """
    whole = union([period])
    observed = intersect(coverage, whole)
    agreed = intersect(planned, observed)
    counted = subtract(observed, agreed)
    down = intersect((_down(interval, period) for interval in states if interval.state == DOWN), counted)
    return Division(subtract(counted, down), down, agreed, subtract(whole, observed))


def _down(interval: Interval, period: Span) -> Span:
    return Span(interval.began, period.end if interval.ended is None else interval.ended)


def of(
    period: Span, coverage: Iterable[Span], states: Iterable[Interval], planned: Iterable[Span] = ()
) -> Availability:
    return divide(period, coverage, states, planned).sums


def every(period: Span, divisions: Iterable[Division]) -> Division:
    """Of things that are all needed: down when one is down, whatever the others are.

    Where none is known to be down it is unobserved when one is, then planned when one is; else up. Of nothing: up.
    """
    parts = tuple(divisions)
    whole = union([period])
    down = intersect(union(*(part.down for part in parts)), whole)
    unseen = subtract(intersect(union(*(part.unobserved for part in parts)), whole), down)
    agreed = subtract(intersect(union(*(part.planned for part in parts)), whole), union(down, unseen))
    return Division(subtract(whole, union(down, unseen, agreed)), down, agreed, unseen)


def any_of(period: Span, divisions: Iterable[Division]) -> Division:
    """Of things of which one is enough: up when one is up, whatever the others are.

    Where none is known to be up it is unobserved when one is, for that one may be up; then planned when one is, for
    without the work it might be up; else down. Of nothing: unobserved.
    """
    parts = tuple(divisions)
    whole = union([period])
    up = intersect(union(*(part.up for part in parts)), whole)
    unseen = subtract(intersect(union(*(part.unobserved for part in parts)), whole) if parts else whole, up)
    agreed = subtract(intersect(union(*(part.planned for part in parts)), whole), union(up, unseen))
    return Division(up, subtract(whole, union(up, unseen, agreed)), agreed, unseen)


def planned_for(device: Device, known: Iterable[Window], period: Span, part: Subject | None = None) -> Spans:
    """The times around the period, not cut to it, in which a maintenance window names the device, its site, its
    customer or one of its tags; of a `part` of it also those that name only that component."""
    return union(
        Span(each.starts, each.ends)
        for window in known
        if windows.covers(window, part or Subject(device.name), device)
        for each in windows.occurrences(window, period.start, period.end)
    )


@dataclass(frozen=True, slots=True)
class Network:
    """Several devices as one. `mean_pct` weighs every observed device by its weight; `total.percent` every second."""

    devices: int
    observed: int  # devices that have a percentage
    mean_pct: float | None
    total: Availability


def network(devices: Iterable[Availability], weights: Iterable[float] | None = None) -> Network:
    """`weights` in the devices' order; without them every device weighs the same."""
    parts = tuple(devices)
    each = tuple(weights) if weights is not None else (1.0,) * len(parts)
    shares = [(part.percent, weight) for part, weight in zip(parts, each, strict=True) if part.percent is not None]
    heavy = sum(weight for _, weight in shares)
    mean = sum(share * weight for share, weight in shares) / heavy if heavy else None
    return Network(len(parts), len(shares), mean, sum(parts, Availability()))
