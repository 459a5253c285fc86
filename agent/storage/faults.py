"""Faults: at most one open of a key, which the store enforces."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import Select, exists, func, or_, select, text, true

from agent.faults.fault import Fault, FaultKind, FaultState
from agent.observation import ComponentKind
from agent.storage import tables
from agent.storage.part import Part, columns_of, made_of

_f = tables.faults.c
_OPEN = text("state != 'cleared'")  # in the words of the partial indexes, so that they are used
_MARKED = (  # plain columns: as they lie in the database, so that thousands are read in milliseconds
    text(
        "SELECT id, state, began, confirmed, recovering, cause, suppressed, acknowledged, case_number, alone_since,"
        " flaps FROM faults WHERE state != 'cleared'"
    ),
    select(text("number, state, severity, root")).select_from(tables.cases).where(tables.cases.c.live == true()),
    text("SELECT * FROM windows"),
)

# Nothing here is ordered by the database: SQLite would read all that ever was in that order, and not an index of few.


class Faults(Part):
    def open_faults(self, device: str | None = None, *, component: ComponentKind | None = None) -> tuple[Fault, ...]:
        """Suspect and confirmed ones, oldest first; with `component` those of such parts.

        On PostgreSQL a writing transaction waits here for others about the same device (or about all), as it does on
        SQLite by nature: what it decides from the answer then holds when it is saved. So ask for what you mean to
        change before anything else; who has asked for one device and then asks for all only looks.
        """
        self._take_turns(device)
        query = select(tables.faults).where(_OPEN)
        if device is not None:
            query = query.where(_f.device == device)
        if component is not None:
            query = query.where(_f.component == component)
        return self._faults(query)

    def faults(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        device: str | None = None,
        case: int | None = None,
        ids: Sequence[str] | None = None,
        kind: FaultKind | None = None,
    ) -> tuple[Fault, ...]:
        """Those (cleared ones too) that overlap [start, end), oldest first; one of no length where it stands."""
        query = select(tables.faults)
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
        if kind is not None:
            query = query.where(_f.kind == kind)
        return self._faults(query)

    def explained_by(self, causes: Iterable[str]) -> tuple[Fault, ...]:
        """The open faults that one of these (ids) explains."""
        return self._faults(select(tables.faults).where(_OPEN, _f.cause.in_(list(causes))))

    def mark(self) -> int:
        """A number for all that settling goes by; it stays while no open fault, live case or window changes.

        What a poll only confirms (when it was last seen, a value) does not count. Holds within one process.
        """
        return hash(tuple(tuple(sorted(self._connection.execute(each), key=itemgetter(0))) for each in _MARKED))

    def members(self, case: int) -> int:
        """How many faults belong to the case, those that are over too."""
        return int(self._connection.execute(select(func.count()).where(_f.case_number == case)).scalar_one())

    def recovered(self) -> frozenset[int]:
        """The numbers of the live cases all of whose faults are over."""
        c = tables.cases.c
        one = exists().where(_f.case_number == c.number)
        broken = exists().where(_f.case_number == c.number, _OPEN)
        query = select(c.number).where(c.live == true(), one, ~broken)
        return frozenset(self._connection.execute(query).scalars())

    def save_faults(self, faults: Iterable[Fault]) -> None:
        """Insert or update by id, all or none. CollisionError when another open fault has the key."""
        # those that end come first: their keys are free for those that begin
        batch = sorted(faults, key=lambda fault: fault.state is not FaultState.CLEARED)
        if batch:
            self.durable = True
            with self._connection.begin_nested():
                self._upsert(tables.faults, [columns_of(fault) | {"key": fault.key} for fault in batch])

    def _faults(self, query: Select[Any]) -> tuple[Fault, ...]:
        """Oldest first."""
        found = [made_of(Fault, row) for row in self._connection.execute(query)]
        return tuple(sorted(found, key=attrgetter("began", "id")))
