"""Samples rolled up by the hour, and what is read from both."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from operator import add
from typing import Any

from sqlalchemy import Row, Table, func, select

from agent.faults.trends.hour import HOUR, Hour, ceiling, floor
from agent.observation import ComponentKind, Fact, Subject
from agent.ports import Growth, Sample
from agent.storage import packing, rolling, tables
from agent.storage.part import Part
from agent.storage.rolling import Chain, Counters, Gauges, Layout

DEVICES_AT_ONCE = 20  # in one transaction, so that polls need not wait
HOURS_AT_ONCE = 24  # of one device
LOOKS_BACK = timedelta(days=2)  # how far before an hour a counter's last reading may lie
_LAYOUTS_AT_ONCE = 500

_o, _s, _h, _r = tables.layouts.c, tables.samples.c, tables.hours.c, tables.rolled.c


class Rollups(Part):
    def roll_up(self, until: datetime) -> int:
        """Roll up finished hours, those that end at `until` or before; returns how many devices it worked on.

        A bounded number of devices and of hours at a time: call it again, each time in a transaction of its own, until
        it returns 0. An hour is rolled up once; a batch that comes later than that is in the samples only.
        """
        until = floor(until)
        behind = (
            select(tables.layouts.c.device, func.min(_r.until))
            .join(tables.rolled, _r.device == _o.device, isouter=True)
            .where((_r.until.is_(None)) | (_r.until < until))
            .group_by(_o.device)
            .order_by(_o.device)
            .limit(DEVICES_AT_ONCE)
        )
        found = self._connection.execute(behind).all()
        for device, since in found:
            self._roll(device, since, until)
        return len(found)

    def _roll(self, device: str, since: datetime | None, until: datetime) -> None:
        known = self._layouts_of(_o.device == device)
        first = self._first_sample(known, since)
        start = until if first is None else min(floor(first), until)
        stop = min(start + HOURS_AT_ONCE * HOUR, until)
        layouts = {number: layout for number, (_device, layout) in known.items()}
        rolled = _rolled(layouts, self._earlier(layouts, start), self._rows_of(tables.samples, layouts, start, stop))
        self._upsert(tables.hours, rolled)
        self._upsert(tables.rolled, [{"device": device, "until": stop}])

    def _first_sample(self, known: Iterable[int], since: datetime | None) -> datetime | None:
        """Of each layout on its own: that is a look into the index."""
        firsts = []
        for layout in known:
            query = select(func.min(_s.at)).where(_s.layout == layout)
            firsts.append(self._connection.execute(query if since is None else query.where(_s.at >= since)).scalar())
        return min((each for each in firsts if each is not None), default=None)

    def _earlier(self, layouts: Mapping[int, Layout], before: datetime) -> Chain:
        """The counters as they were last read before a time."""
        rows = []
        for number, layout in layouts.items():
            if layout.counters:
                query = select(_s.at, _s.body).where(_s.layout == number, _s.at < before, _s.at >= before - LOOKS_BACK)
                last = self._connection.execute(query.order_by(_s.at.desc()).limit(1)).first()
                if last is not None:
                    rows.append(rolling.Row(last.at, layout, _numbers(last.body, layout)))
        chain = Chain()
        for row in sorted(rows, key=lambda row: row.at):
            chain.push(row)
        return chain

    # ------------------------------------------------------------ reading

    def hourly(self, subject: Subject, fact: Fact, start: datetime, end: datetime) -> tuple[Hour, ...]:
        """The subject's hours that began in [start, end), oldest first."""
        return self.hours(subject.device, (fact,), start, end, subject).get((subject, fact), ())

    def hours(
        self, device: str, facts: Sequence[Fact], start: datetime, end: datetime, subject: Subject | None = None
    ) -> dict[tuple[Subject, Fact], tuple[Hour, ...]]:
        """The hours of all of a device's numbers of some facts, that began in [start, end), oldest first."""
        wanted = set(map(str, facts))
        places: dict[int, list[tuple[int, tuple[Subject, Fact]]]] = {}
        for number, (_device, layout) in self._layouts_of(_o.device == device).items():
            of = [
                (n, (layout.subject(device, n), Fact(key[0]))) for n, key in enumerate(layout.keys) if key[0] in wanted
            ]
            of = [(n, about) for n, about in of if subject is None or about[0] == subject]
            if of:
                places[number] = of
        found: defaultdict[tuple[Subject, Fact], list[Hour]] = defaultdict(list)
        for row in self._rows_of(tables.hours, places, start, end):
            count, columns = rolling.unpack(bytes(row.body))
            hours_of = rolling.gauges if len(columns) == rolling.GAUGE else rolling.counters
            for about, hour in hours_of(row.at, count, columns, places[row.layout]):
                found[about].append(hour)
        return {about: _one_an_hour(hours) for about, hours in found.items()}

    def recent(
        self, device: str, facts: Sequence[Fact], start: datetime, end: datetime
    ) -> dict[tuple[Subject, Fact], tuple[Sample, ...]]:
        """The samples of all of a device's numbers of some facts in [start, end), oldest first."""
        wanted, found = set(map(str, facts)), defaultdict[tuple[Subject, Fact], list[Sample]](list)
        layouts = {
            number: layout
            for number, (_device, layout) in self._layouts_of(_o.device == device).items()
            if any(key[0] in wanted for key in layout.keys)
        }
        abouts = {
            number: [
                (n, (layout.subject(device, n), Fact(key[0]))) for n, key in enumerate(layout.keys) if key[0] in wanted
            ]
            for number, layout in layouts.items()
        }
        for row in self._rows_of(tables.samples, layouts, start, end):
            numbers = _numbers(row.body, layouts[row.layout])
            for position, about in abouts[row.layout]:
                found[about].append(Sample(row.at, numbers[position]))
        return {about: tuple(samples) for about, samples in found.items()}

    def extremes(
        self, kind: ComponentKind, fact: Fact, start: datetime, end: datetime
    ) -> dict[Subject, tuple[float, float]]:
        """(mean, maximum) of each subject's samples in [start, end). Of whole hours of gauges their roll-ups tell."""
        sums: dict[Subject, tuple[int, float, float]] = {}
        for part in self._parts(kind, fact, start, end, rolled=fact in packing.GAUGES):
            where = {number: packing.run(list(places)) for number, (_device, places) in part.places.items()}
            tallies: defaultdict[int, _Tally] = defaultdict(_Tally)
            for row in part.rows:
                tallies[row.layout].add(*_read(bytes(row.body), where[row.layout], part.of_hours))
            for layout, tally in tallies.items():
                device, places = part.places[layout]
                for name, total, most in zip(places.values(), tally.totals, tally.most, strict=True):
                    subject = Subject(device, kind, name)
                    count, before, highest = sums.get(subject, (0, 0.0, most))
                    sums[subject] = count + tally.count, before + total, max(highest, most)
        return {subject: (total / count, most) for subject, (count, total, most) in sorted(sums.items())}

    def growth(self, kind: ComponentKind, fact: Fact, start: datetime, end: datetime) -> dict[Subject, Growth]:
        """How much each subject's counter grew in [start, end), as far as that can be told."""
        sums: dict[Subject, Growth] = {}
        for part in self._parts(kind, fact, start, end, rolled=True):
            for subject, grown in _of_hours(part, kind) if part.of_hours else self._of_samples(part, kind):
                before = sums.get(subject)
                sums[subject] = grown if before is None else before.and_then(grown)
        return dict(sorted(sums.items()))

    def _of_samples(self, part: "_Part", kind: ComponentKind) -> Iterator[tuple[Subject, Growth]]:
        by_device: defaultdict[str, list[int]] = defaultdict(list)
        for layout, (device, _places) in part.places.items():
            by_device[device].append(layout)
        rows: defaultdict[str, list[Row[Any]]] = defaultdict(list)
        for row in part.rows:
            rows[part.places[row.layout][0]].append(row)
        for device, mine in rows.items():
            layouts = {number: part.layouts[number] for number in by_device[device]}
            for layout, told in _tallied(layouts, self._earlier(layouts, part.start), mine).items():
                for n, name in part.places[layout][1].items():
                    if told.seconds[n]:
                        yield Subject(device, kind, name), Growth(told.grown[n], told.seconds[n], told.most[n])

    def _parts(
        self, kind: ComponentKind, fact: Fact, start: datetime, end: datetime, *, rolled: bool
    ) -> Iterator["_Part"]:
        """The period in parts: whole hours that are rolled up, and the rest, which the samples tell."""
        known = self._layouts_of()
        places = rolling.places({number: layout for number, (_device, layout) in known.items()}, fact, kind)
        far: dict[str, datetime] = {}
        if rolled:
            far = {row.device: row.until for row in self._connection.execute(select(tables.rolled))}
        by_end: defaultdict[datetime, list[int]] = defaultdict(list)
        whole = ceiling(start)
        for number in places:
            until = min(far.get(known[number][0], start), floor(end))
            by_end[until if until > whole else start].append(number)
        for until, numbers in by_end.items():
            mine = {number: (known[number][0], places[number]) for number in numbers}
            layouts = {number: known[number][1] for number in numbers}

            def part(table: Table, start: datetime, end: datetime, mine: Any = mine, layouts: Any = layouts) -> _Part:
                return _Part(mine, layouts, start, self._rows_of(table, mine, start, end), table is tables.hours)

            if until > start:
                yield part(tables.samples, start, whole)
                yield part(tables.hours, whole, until)
            yield part(tables.samples, until, end)

    def _layouts_of(self, *where: Any) -> dict[int, tuple[str, Layout]]:
        query = select(_o.id, _o.device, _o.body).where(*where)
        return {row.id: (row.device, rolling.layout(bytes(row.body))) for row in self._connection.execute(query)}

    def _rows_of(self, table: Table, layouts: Iterable[int], start: datetime, end: datetime) -> Iterator[Row[Any]]:
        numbers, at = list(layouts), table.c.at
        for first in range(0, len(numbers), _LAYOUTS_AT_ONCE) if start < end else ():
            some = numbers[first : first + _LAYOUTS_AT_ONCE]
            query = select(table).where(table.c.layout.in_(some), at >= start, at < end)
            yield from self._connection.execute(query.order_by(at, table.c.layout))


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a period: by layout the device and where its numbers stand, and the rows that tell."""

    places: Mapping[int, tuple[str, Mapping[int, str]]]
    layouts: Mapping[int, Layout]
    start: datetime
    rows: Iterator[Row[Any]]
    of_hours: bool


class _Tally:
    """The sums and maxima of what the rows of one layout say of a fact."""

    def __init__(self) -> None:
        self.count = 0
        self.totals: Sequence[float] = ()
        self.most: Sequence[float] = ()

    def add(self, count: int, means: Sequence[float], most: Sequence[float]) -> None:
        totals = means if count == 1 else [mean * count for mean in means]
        if self.count:
            self.totals, self.most = list(map(add, self.totals, totals)), list(map(max, self.most, most))
        else:
            self.totals, self.most = totals, most
        self.count += count


def _read(body: bytes, where: Sequence[int], of_hours: bool) -> tuple[int, Sequence[float], Sequence[float]]:
    """(polls, means, maxima) of some numbers of a row."""
    if not of_hours:
        numbers = packing.unpack_numbers(body, where)
        return 1, numbers, numbers
    count, columns = rolling.unpack(body)
    means, most = columns[0], columns[-1]
    if isinstance(where, range):
        return count, means[where.start : where.stop], most[where.start : where.stop]
    return count, [means[n] for n in where], [most[n] for n in where]


def _numbers(body: bytes, layout: Layout) -> Sequence[float]:
    return packing.unpack_numbers(bytes(body), range(len(layout.keys)))


def _of_hours(part: _Part, kind: ComponentKind) -> Iterator[tuple[Subject, Growth]]:
    for row in part.rows:
        _count, (grown, seconds, _least, most) = rolling.unpack(bytes(row.body))
        device, places = part.places[row.layout]
        for n, name in places.items():
            if seconds[n]:
                yield Subject(device, kind, name), Growth(grown[n], seconds[n], most[n])


def _tallied(layouts: Mapping[int, Layout], chain: Chain, rows: Iterable[Row[Any]]) -> dict[int, Counters]:
    """By layout, how much the counters of one device grew; its rows oldest first."""
    found: dict[int, Counters] = {}
    for row in rows:
        layout = layouts[row.layout]
        poll = rolling.Row(row.at, layout, _numbers(row.body, layout))
        if row.layout not in found:
            found[row.layout] = Counters(len(layout.keys))
        found[row.layout].add(chain, poll)
        chain.push(poll)
    return found


def _rolled(layouts: Mapping[int, Layout], chain: Chain, rows: Iterable[Row[Any]]) -> Iterator[dict[str, Any]]:
    """The rows of the hours of one device; its samples oldest first."""
    for at, mine in groupby(rows, key=lambda row: floor(row.at)):
        gauges: dict[int, Gauges] = {}
        counted = []
        for row in mine:
            layout = layouts[row.layout]
            if layout.counters:
                counted.append(row)
            else:
                gauges.setdefault(row.layout, Gauges()).add(_numbers(row.body, layout))
        for number, tally in (gauges | _tallied(layouts, chain, counted)).items():
            yield {"layout": number, "at": at, "body": tally.packed()}


def _one_an_hour(hours: Sequence[Hour]) -> tuple[Hour, ...]:
    """Hours of which two layouts tell, because a component came or went, together."""
    if all(one.at < next_one.at for one, next_one in pairwise(hours)):
        return tuple(hours)
    found: list[Hour] = []
    for hour in hours:
        if found and found[-1].at == hour.at:
            found[-1] = rolling.together(found[-1], hour)
        else:
            found.append(hour)
    return tuple(found)
