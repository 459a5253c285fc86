"""What was observed, in the order in which it was: the polls, and beside them what people did that no table dates.

Log lines and traps are not written twice: they stand in `events`, with the time at which they arrived.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select

from agent.observation import Batch, Tier
from agent.storage import frames, packing, tables
from agent.storage.columns import deflate, inflate
from agent.storage.frames import Known
from agent.storage.packing import Columns
from agent.storage.part import Part

Knowns = dict[tuple[str, Tier], Known]

_j = tables.journal.c
_TIERS = frozenset(str(tier) for tier in Tier)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that happened beside the polls, after the one that was read at `at`."""

    at: datetime
    what: str  # settle, window, login, study, acknowledge
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the journal, in order. `next` is where to go on, 0 at the end; `lost` polls build on unknown ones."""

    found: tuple[Batch | Note, ...]
    next: int
    lost: int


class Journal(Part):
    def journal(self, batch: Batch, previous: Batch | None, *, kept: bool) -> None:
        """Write the poll down; `previous` is the one of its tier that `latest` told before it."""
        before = None if previous is None else self._columns(previous)
        body = frames.pack(batch, self._columns(batch), previous, before, kept=kept)
        row = {"device": batch.device, "what": str(batch.tier), "at": batch.at, "body": body}
        self._connection.execute(insert(tables.journal), row)

    def _columns(self, batch: Batch) -> Columns:
        """Those of a poll that was read or written in this transaction are there already."""
        _, known = self._bodies.get(id(batch), (None, None))
        return known or packing.columns(batch)

    def note(self, what: str, body: Mapping[str, Any]) -> None:
        """Write down something else that happened just now: at the time of the last poll. Nothing without a journal."""
        last = self._connection.execute(select(_j.at).order_by(_j.serial.desc()).limit(1)).scalar()
        if last is not None:
            row = {"device": "", "what": what, "at": last, "body": deflate(body)}
            self._connection.execute(insert(tables.journal), row)

    def journalled(self) -> tuple[datetime, datetime] | None:
        """The times of the first and of the last that stands in the journal."""
        first, last = self._connection.execute(select(func.min(_j.at), func.max(_j.at))).one()
        return None if first is None else (first, last)

    def journal_start(self, at: datetime) -> int:
        """The serial from which on to read, so that next to nothing from `at` on is missed: polls end out of order."""
        found = self._connection.execute(select(_j.serial).where(_j.at >= at).order_by(_j.at).limit(1000)).scalars()
        return min(found, default=0)

    def journal_notes(self, since: datetime) -> tuple[Note, ...]:
        """Those from `since` on, in order."""
        tiers = [str(tier) for tier in Tier]
        query = select(tables.journal).where(_j.at >= since, _j.what.not_in(tiers)).order_by(_j.serial)
        return tuple(Note(row.at, row.what, inflate(bytes(row.body))) for row in self._connection.execute(query))

    def journal_page(
        self, serial: int, start: datetime, end: datetime, known: Knowns, limit: int, only: Tier | None = None
    ) -> Page:
        """Up to `limit` rows from `serial` on that were read in [start, end); `known` goes from page to page."""
        query = select(tables.journal).where(_j.serial >= serial, _j.at >= start, _j.at < end)
        if only is not None:
            query = query.where(_j.what == str(only))
        rows = self._connection.execute(query.order_by(_j.serial).limit(limit)).all()
        found = [_read(row, known) for row in rows]
        more = rows[-1].serial + 1 if len(rows) == limit else 0
        return Page(tuple(each for each in found if each), more, sum(each is None for each in found))


def _read(row: Row[Any], known: Knowns) -> Batch | Note | None:
    if row.what not in _TIERS:
        return Note(row.at, row.what, inflate(bytes(row.body)))
    tier = Tier(row.what)
    return known.setdefault((row.device, tier), Known()).read(row.device, tier, row.at, bytes(row.body))
