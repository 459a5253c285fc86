"""An hour of sample rows in one row.

Of the numbers of a layout it holds columns of 32-bit floats (seven digits), in the layout's order: of gauges the mean,
the lowest and the highest; of counters how much they grew, over how many seconds, and the lowest and the highest growth
a second. The growth between two polls counts to the hour of the later one. Where a counter went back, or its interface
says that it was interrupted (RFC 2863 ifCounterDiscontinuityTime), nothing is told of the time between.
"""

import json
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import add, sub
from typing import TypeVar

from agent.faults.trends.hour import Hour
from agent.observation import ComponentKind, Fact, Subject
from agent.storage.packing import COUNTERS, PLAIN_UP_TO

Key = tuple[str, str, str]  # fact, kind of component, its name

_COUNTED = frozenset(map(str, COUNTERS))
GAUGE = 3  # columns; a counter has four
_MOST = 3.4028234663852886e38  # that a 32-bit float holds
_NONE = float("inf")


@dataclass(frozen=True, slots=True)
class Layout:
    """What the numbers of a row are about."""

    keys: tuple[Key, ...]
    counters: bool
    watch: tuple[tuple[int, int], ...]  # of a counter, where its interface tells when it was interrupted

    def subject(self, device: str, position: int) -> Subject:
        _fact, kind, name = self.keys[position]
        return Subject(device, ComponentKind(kind), name)


@lru_cache(2048)
def layout(body: bytes) -> Layout:
    told = json.loads(zlib.decompress(body))
    keys = tuple((fact, kind, name) for fact, subjects in told.items() for kind, name in subjects)
    counters = not _COUNTED.isdisjoint(told)
    moments = {(kind, name): n for n, (fact, kind, name) in enumerate(keys) if fact == Fact.DISCONTINUITY}
    watch = tuple(
        (n, moments[kind, name])
        for n, (fact, kind, name) in enumerate(keys)
        if (kind, name) in moments and fact != Fact.DISCONTINUITY
    )
    return Layout(keys, counters, watch)


@dataclass(frozen=True, slots=True)
class Row:
    """A poll's numbers."""

    at: datetime
    layout: Layout
    numbers: Sequence[float]


class Gauges:
    """The sums of the rows of one layout."""

    def __init__(self) -> None:
        self.count = 0
        self._sum: list[float] = []
        self._least: list[float] = []
        self._most: list[float] = []

    def add(self, numbers: Sequence[float]) -> None:
        if self.count:
            self._sum = list(map(add, self._sum, numbers))
            self._least = list(map(min, self._least, numbers))
            self._most = list(map(max, self._most, numbers))
        else:
            self._sum, self._least, self._most = list(numbers), list(numbers), list(numbers)
        self.count += 1

    def packed(self) -> bytes:
        return _pack(self.count, ([each / self.count for each in self._sum], self._least, self._most))


class Chain:
    """The polls of a device's counters, one after the other, with what was last seen of each number."""

    def __init__(self) -> None:
        self.last: Row | None = None
        self._older: dict[Key, tuple[datetime, float]] = {}

    def push(self, row: Row) -> None:
        if self.last is not None and self.last.layout is not row.layout:
            self._older = self.known()
        self.last = row

    def known(self) -> dict[Key, tuple[datetime, float]]:
        last = self.last
        if last is None:
            return {}
        return self._older | {key: (last.at, n) for key, n in zip(last.layout.keys, last.numbers, strict=True)}


class Counters:
    """How much the counters of one layout grew up to each of its rows, since they were last read."""

    def __init__(self, numbers: int) -> None:
        self.count = 0
        self.grown = [0.0] * numbers
        self.seconds = [0.0] * numbers
        self.least = [_NONE] * numbers
        self.most = [0.0] * numbers

    def add(self, chain: Chain, row: Row) -> None:
        """The chain has not got the row yet."""
        self.count += 1
        before = chain.last
        if before is None or before.at >= row.at:
            return
        if before.layout is not row.layout:
            self._add_others(chain.known(), row)
            return
        grown, seconds = list(map(sub, row.numbers, before.numbers)), (row.at - before.at).total_seconds()
        broken = {n for n, moment in row.layout.watch if before.numbers[moment] != row.numbers[moment]}
        if not broken and min(grown) >= 0:
            self._add_all(grown, seconds)
            return
        for position, each in enumerate(grown):
            if position not in broken:
                self._add_one(position, each, seconds)

    def _add_all(self, grown: list[float], seconds: float) -> None:
        rates = [each / seconds for each in grown]
        self.grown = list(map(add, self.grown, grown))
        self.seconds = [each + seconds for each in self.seconds]
        self.least = list(map(min, self.least, rates))
        self.most = list(map(max, self.most, rates))

    def _add_one(self, position: int, grown: float, seconds: float) -> None:
        if grown < 0 or seconds <= 0:
            return
        rate = grown / seconds
        self.grown[position] += grown
        self.seconds[position] += seconds
        self.least[position] = min(self.least[position], rate)
        self.most[position] = max(self.most[position], rate)

    def _add_others(self, known: Mapping[Key, tuple[datetime, float]], row: Row) -> None:
        """Between two layouts: an interface came or went."""
        watch, keys = dict(row.layout.watch), row.layout.keys
        for position, key in enumerate(keys):
            if key not in known:
                continue
            at, value = known[key]
            moment = watch.get(position)
            if moment is not None:
                seen, earlier = known.get(keys[moment], (None, 0.0))
                if seen == at and earlier != row.numbers[moment]:
                    continue
            self._add_one(position, row.numbers[position] - value, (row.at - at).total_seconds())

    def packed(self) -> bytes:
        least = [0.0 if each == _NONE else each for each in self.least]
        return _pack(self.count, (self.grown, self.seconds, least, self.most))


def _pack(count: int, columns: Sequence[Sequence[float]]) -> bytes:
    flat = [number for column in columns for number in column]
    head = struct.pack("<BH", len(columns), min(count, 0xFFFF))
    try:
        body = struct.pack(f"<{len(flat)}f", *flat)
    except OverflowError:  # a device may say anything
        body = struct.pack(f"<{len(flat)}f", *(max(-_MOST, min(_MOST, each)) for each in flat))
    return b"\0" + head + body if len(flat) <= PLAIN_UP_TO else b"\1" + head + zlib.compress(body, 6)


def unpack(body: bytes) -> tuple[int, Sequence[Sequence[float]]]:
    """(polls, columns) of an hour's row."""
    columns, count = struct.unpack_from("<BH", body, 1)
    plain = zlib.decompress(memoryview(body)[4:]) if body[0] else body[4:]
    numbers = struct.unpack(f"<{len(plain) // 4}f", plain)
    each = len(numbers) // columns
    return count, [numbers[n * each : (n + 1) * each] for n in range(columns)]


About = TypeVar("About")


def gauges(
    at: datetime, count: int, columns: Sequence[Sequence[float]], places: Iterable[tuple[int, About]]
) -> Iterator[tuple[About, Hour]]:
    mean, least, most = columns
    for n, about in places:
        yield about, Hour(at, count, mean[n], least[n], most[n])


def counters(
    at: datetime, count: int, columns: Sequence[Sequence[float]], places: Iterable[tuple[int, About]]
) -> Iterator[tuple[About, Hour]]:
    """Those whose growth could be told."""
    grown, seconds, least, most = columns
    for n, about in places:
        if seconds[n] > 0:
            yield about, Hour(at, count, grown[n] / seconds[n], least[n], most[n], grown[n], seconds[n])


def together(one: Hour, other: Hour) -> Hour:
    """One hour of which two layouts tell."""
    least, most = min(one.least, other.least), max(one.most, other.most)
    seconds, count = one.seconds + other.seconds, one.polls + other.polls
    grown = one.grown + other.grown
    mean = grown / seconds if seconds else (one.mean * one.polls + other.mean * other.polls) / count
    return Hour(one.at, count, mean, least, most, grown, seconds)


def places(known: Mapping[int, Layout], fact: Fact, kind: ComponentKind) -> dict[int, dict[int, str]]:
    """By layout: where a fact of a kind's components stands, and the component's name."""
    found = {
        number: {n: name for n, (what, of, name) in enumerate(each.keys) if what == fact and of == kind}
        for number, each in known.items()
    }
    return {number: where for number, where in found.items() if where}
