"""What was measured: each device's latest batch of a tier, and the samples."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from operator import add
from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, select

from agent.observation import Batch, ComponentKind, Fact, Subject, Tier
from agent.ports import Sample
from agent.storage import packing, tables
from agent.storage.part import Part

PRUNE_AT_ONCE = 20_000  # rows of a table; bounds how long others wait for the writer

_l = tables.latest.c
_o = tables.layouts.c
_s = tables.samples.c
_LAYOUT = (
    select(_o.id)
    .where(_o.device == bindparam("device"), _o.digest == bindparam("digest"))
    .with_for_update(read=True, key_share=True)  # `prune` in another process must not take it away now
)


class History(Part):
    def keep(self, batch: Batch) -> None:
        """Remember the batch as the device's latest of its tier, and its numbers as samples.

        A batch older than the latest adds its samples only. Keeping one twice changes nothing.
        """
        row = {"device": batch.device, "tier": batch.tier, "at": batch.at, "body": packing.pack_batch(batch)}
        self._upsert(tables.latest, [row], unless_newer="at")
        rows = [
            {"layout": self._layout(batch.device, each), "at": batch.at, "body": each.body}
            for each in packing.pack_samples(batch)
        ]
        self._upsert(tables.samples, rows)

    def _layout(self, device: str, numbers: packing.Numbers) -> int:
        key = {"device": device, "digest": numbers.digest}
        found: int | None = self._connection.execute(_LAYOUT, key).scalar()
        if found is None:
            self._insert_new(tables.layouts, [key | {"body": numbers.layout}])
            found = self._connection.execute(_LAYOUT, key).scalar_one()
        return found

    def latest(self, device: str, tier: Tier) -> Batch | None:
        query = select(tables.latest).where(_l.device == device, _l.tier == tier)
        return next((_batch(row) for row in self._connection.execute(query)), None)

    def latest_all(self, tier: Tier) -> dict[str, Batch]:
        """By device, in its order. Unpacking costs about as much as it took to pack."""
        rows = self._connection.execute(select(tables.latest).where(_l.tier == tier)).all()
        return {row.device: _batch(row) for row in sorted(rows, key=lambda row: str(row.device))}

    def series(self, subject: Subject, fact: Fact, start: datetime, end: datetime) -> tuple[Sample, ...]:
        """The samples in [start, end), oldest first."""
        where = {
            row.id: found[subject.name]
            for row in self._connection.execute(select(tables.layouts).where(_o.device == subject.device))
            if subject.name in (found := packing.positions(bytes(row.body), fact, subject.kind))
        }
        samples = [
            Sample(row.at, packing.unpack_numbers(bytes(row.body), (where[row.layout],))[0])
            for row in self._rows(list(where), start, end, tables.samples)
        ]
        return tuple(sorted(samples, key=lambda sample: sample.at))

    def extremes(
        self, kind: ComponentKind, fact: Fact, start: datetime, end: datetime
    ) -> dict[Subject, tuple[float, float]]:
        """(mean, maximum) of each subject's samples in [start, end)."""
        tally: dict[int, _Tally] = {}
        for row in self._connection.execute(select(tables.layouts)):
            found = packing.positions(bytes(row.body), fact, kind)
            if found:
                tally[row.id] = _Tally(row.device, kind, found)
        for row in self._rows(list(tally), start, end, _s.layout, _s.body):
            tally[row.layout].add(bytes(row.body))
        together: dict[Subject, tuple[int, float, float]] = {}
        for each in tally.values():
            for subject, total, most in each.told():
                count, before, most_before = together.get(subject, (0, 0.0, most))
                together[subject] = (count + each.count, before + total, max(most, most_before))
        return {subject: (total / count, most) for subject, (count, total, most) in sorted(together.items())}

    def _rows(self, layouts: Sequence[int], start: datetime, end: datetime, *columns: Any) -> Iterator[Row[Any]]:
        for first in range(0, len(layouts), 500):
            some = layouts[first : first + 500]
            query = select(*columns).where(_s.layout.in_(some), _s.at >= start, _s.at < end)
            yield from self._connection.execute(query.order_by(_s.layout, _s.at))

    def prune(self, now: datetime, keep_samples: timedelta) -> int:
        """Remove samples and events older than `keep_samples`; returns how many rows went.

        At most `PRUNE_AT_ONCE` or so of each go at a time, so that polls need not wait: call it again, each time in
        a transaction of its own, until it returns 0. State intervals, coverage, faults and cases stay for ever.
        """
        before = now - keep_samples
        gone = self._prune_table(tables.samples, _s.at, before)
        gone += self._prune_table(tables.events, tables.events.c.arrived, before)
        if not gone:
            used = exists().where(_s.layout == _o.id)
            self._connection.execute(delete(tables.layouts).where(~used))
        return gone

    def _prune_table(self, table: Any, at: Any, before: datetime) -> int:
        """Up to the time of the last of so many rows."""
        nth = select(at).where(at < before).order_by(at).offset(PRUNE_AT_ONCE - 1).limit(1)
        until = self._connection.execute(nth).scalar()
        old = at < before if until is None else at <= until
        return int(self._connection.execute(delete(table).where(old)).rowcount)


class _Tally:
    """The sums and maxima of what the rows of one layout say of a fact."""

    def __init__(self, device: str, kind: ComponentKind, found: dict[str, int]) -> None:
        self._subjects = [Subject(device, kind, name) for name in found]
        self._where = packing.run(list(found.values()))
        self._totals: list[float] = []
        self._most: list[float] = []
        self.count = 0

    def add(self, body: bytes) -> None:
        numbers = packing.unpack_numbers(body, self._where)
        if self.count:
            self._totals = list(map(add, self._totals, numbers))
            self._most = list(map(max, self._most, numbers))
        else:
            self._totals, self._most = list(numbers), list(numbers)
        self.count += 1

    def told(self) -> Iterator[tuple[Subject, float, float]]:
        return zip(self._subjects, self._totals, self._most, strict=False)  # no numbers, where there was no row


def _batch(row: Row[Any]) -> Batch:
    return packing.unpack_batch(row.device, row.tier, row.at, bytes(row.body))
