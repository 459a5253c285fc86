"""What was measured: each device's latest batch of a tier, and the samples."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, select

from agent.observation import Batch, Fact, Subject, Tier
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
        self.keep_latest(batch)
        rows = [
            {"layout": self._layout(batch.device, each), "at": batch.at, "body": each.body}
            for each in packing.pack_samples(batch)
        ]
        self._upsert(tables.samples, rows)

    def keep_latest(self, batch: Batch) -> None:
        """The same without its numbers."""
        body = packing.columns(batch)
        self._bodies[id(batch)] = batch, body
        row = {"device": batch.device, "tier": batch.tier, "at": batch.at, "body": packing.pack_columns(body)}
        self._upsert(tables.latest, [row], unless_newer="at")

    def _layout(self, device: str, numbers: packing.Numbers) -> int:
        key = {"device": device, "digest": numbers.digest}
        found: int | None = self._connection.execute(_LAYOUT, key).scalar()
        if found is None:
            self._insert_new(tables.layouts, [key | {"body": numbers.layout}])
            found = self._connection.execute(_LAYOUT, key).scalar_one()
        return found

    def latest(self, device: str, tier: Tier) -> Batch | None:
        query = select(tables.latest).where(_l.device == device, _l.tier == tier)
        row = self._connection.execute(query).first()
        if row is None:
            return None
        body = packing.unpack_columns(bytes(row.body))
        batch = packing.batch_of(device, tier, row.at, body)
        self._bodies[id(batch)] = batch, body
        return batch

    def seen(self, device: str) -> dict[Tier, datetime]:
        """When each tier's latest batch was read."""
        query = select(_l.tier, _l.at).where(_l.device == device)
        return {row.tier: row.at for row in self._connection.execute(query)}

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

    def _rows(self, layouts: Sequence[int], start: datetime, end: datetime, *columns: Any) -> Iterator[Row[Any]]:
        for first in range(0, len(layouts), 500):
            some = layouts[first : first + 500]
            query = select(*columns).where(_s.layout.in_(some), _s.at >= start, _s.at < end)
            yield from self._connection.execute(query.order_by(_s.layout, _s.at))

    def prune(
        self,
        now: datetime,
        keep_samples: timedelta,
        keep_hours: timedelta = timedelta(days=731),
        keep_journal: timedelta = timedelta(days=7),
    ) -> int:
        """Remove samples and events older than `keep_samples`, hours than `keep_hours`, what the journal tells of
        before `keep_journal`; returns how many rows went.

        At most `PRUNE_AT_ONCE` or so of each go at a time, so that polls need not wait: call it again, each time in
        a transaction of its own, until it returns 0. State intervals, coverage, faults and cases stay for ever.
        """
        before = now - keep_samples
        gone = self._prune_table(tables.samples, _s.at, before)
        gone += self._prune_table(tables.events, tables.events.c.arrived, before)
        gone += self._prune_table(tables.hours, tables.hours.c.at, now - keep_hours)
        gone += self._prune_table(tables.journal, tables.journal.c.at, now - keep_journal)
        if not gone:
            used = exists().where(_s.layout == _o.id) | exists().where(tables.hours.c.layout == _o.id)
            self._connection.execute(delete(tables.layouts).where(~used))
        return gone

    def _prune_table(self, table: Any, at: Any, before: datetime) -> int:
        """Up to the time of the last of so many rows."""
        nth = select(at).where(at < before).order_by(at).offset(PRUNE_AT_ONCE - 1).limit(1)
        until = self._connection.execute(nth).scalar()
        old = at < before if until is None else at <= until
        return int(self._connection.execute(delete(table).where(old)).rowcount)


def _batch(row: Row[Any]) -> Batch:
    return packing.unpack_batch(row.device, row.tier, row.at, bytes(row.body))
