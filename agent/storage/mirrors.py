"""Cases that stand in another system too, and how far that is true."""

from sqlalchemy import func, select

from agent.cases.mirror import Mirror, MirrorState
from agent.storage.part import Part, columns_of, made_of
from agent.storage.tables import mirrors as tables

_m = tables.mirrors.c


class Mirrors(Part):
    """A part of a transaction."""

    def save_mirror(self, mirror: Mirror) -> None:
        """Insert, or write over that of the same case and bridge."""
        self.durable = True
        self._upsert(tables.mirrors, [columns_of(mirror) | {"told": list(mirror.told)}])

    def mirror(self, case: int, bridge: str) -> Mirror | None:
        return next(iter(self.mirrors(case=case, bridge=bridge)), None)

    def mirrors(
        self, *, case: int | None = None, bridge: str | None = None, state: MirrorState | None = None
    ) -> tuple[Mirror, ...]:
        """By bridge, then by case."""
        query = select(tables.mirrors).order_by(_m.bridge, _m.case_number)
        if case is not None:
            query = query.where(_m.case_number == case)
        if bridge is not None:
            query = query.where(_m.bridge == bridge)
        if state is not None:
            query = query.where(_m.state == state)
        return tuple(made_of(Mirror, row, told=tuple(row.told)) for row in self._connection.execute(query))

    def mirror_counts(self) -> dict[tuple[str, MirrorState], int]:
        query = select(_m.bridge, _m.state, func.count()).group_by(_m.bridge, _m.state)
        return {(row.bridge, row.state): row[2] for row in self._connection.execute(query)}
