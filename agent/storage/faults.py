"""Faults: at most one open of a key, which the store enforces."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select, text

from agent.faults.fault import Fault, FaultState
from agent.storage import tables
from agent.storage.part import Part, columns_of, made_of

_f = tables.faults.c
_OPEN = text("state != 'cleared'")  # word for word as in the partial index, so that it is used


class Faults(Part):
    def open_faults(self, device: str | None = None) -> tuple[Fault, ...]:
        """Suspect and confirmed ones, oldest first.

        On PostgreSQL a writing transaction waits here for others about the same device (or about all), as it does on
        SQLite by nature: what it decides from the answer then holds when it is saved. So ask for what you mean to
        change before anything else; who has asked for one device and then asks for all only looks.
        """
        self._take_turns(device)
        query = select(tables.faults).where(_OPEN).order_by(_f.began, _f.id)
        if device is not None:
            query = query.where(_f.device == device)
        return self._faults(query)

    def faults(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        device: str | None = None,
        case: int | None = None,
        ids: Sequence[str] | None = None,
    ) -> tuple[Fault, ...]:
        """Those (cleared ones too) that overlap [start, end), oldest first; one of no length where it stands."""
        query = select(tables.faults).order_by(_f.began, _f.id)
        if start is not None:
            query = query.where(or_(_f.cleared.is_(None), _f.cleared > start, _f.began >= start))
        if end is not None:
            query = query.where(_f.began < end)
        if device is not None:
            query = query.where(_f.device == device)
        if case is not None:
            query = query.where(_f.case_number == case)
        if ids is not None:
            query = query.where(_f.id.in_(list(ids)))
        return self._faults(query)

    def save_faults(self, faults: Iterable[Fault]) -> None:
        """Insert or update by id, all or none. CollisionError when another open fault has the key."""
        # those that end come first: their keys are free for those that begin
        batch = sorted(faults, key=lambda fault: fault.state is not FaultState.CLEARED)
        if batch:
            self.durable = True
            with self._connection.begin_nested():
                self._upsert(tables.faults, [columns_of(fault) | {"key": fault.key} for fault in batch])

    def _faults(self, query: Select[Any]) -> tuple[Fault, ...]:
        return tuple(made_of(Fault, row) for row in self._connection.execute(query))
