"""Cases that have to do with each other."""

from collections.abc import Mapping

from sqlalchemy import delete, select, true, update

from agent.cases.case import Case
from agent.cases.relations import Relation, Sort
from agent.storage import tables
from agent.storage.part import Part, columns_of, made_of
from agent.storage.tables.relations import relations

_c, _r = tables.cases.c, relations.c


class Relations(Part):
    """A part of a transaction."""

    def relate(self, relation: Relation) -> bool:
        """False when the two are linked already; a duplicate stays one."""
        known = select(_r.sort).where(_r.case_number == relation.case, _r.other == relation.other)
        if self._connection.execute(known).scalar() in {relation.sort, Sort.DUPLICATE}:
            return False
        self.durable = True
        self._upsert(relations, [columns_of(relation)])
        return True

    def unrelate(self, case: int, other: int) -> bool:
        """False when the two are not linked."""
        first, second = sorted((case, other))
        gone = self._connection.execute(delete(relations).where(_r.case_number == first, _r.other == second))
        self.durable |= gone.rowcount > 0
        return gone.rowcount > 0

    def related(self, case: int) -> tuple[Case, ...]:
        """Those that it is linked to, oldest first."""
        linked = _r.sort == Sort.RELATED
        newer = select(_r.other).where(_r.case_number == case, linked)
        mine = newer.union(select(_r.case_number).where(_r.other == case, linked))
        query = select(tables.cases).where(_c.number.in_(mine)).order_by(_c.number)
        return tuple(made_of(Case, row) for row in self._connection.execute(query))

    def children(self, case: int) -> tuple[Case, ...]:
        """The parts of a case, oldest first."""
        query = select(tables.cases).where(_c.parent == case).order_by(_c.number)
        return tuple(made_of(Case, row) for row in self._connection.execute(query))

    def duplicates(self, case: int) -> tuple[Case, ...]:
        """Those that were merged into it by a person, oldest first."""
        own = select(_r.other).where(_r.case_number == case, _r.sort == Sort.DUPLICATE).cte("mine", recursive=True)
        theirs = select(_r.other).join(own, _r.case_number == own.c.other).where(_r.sort == Sort.DUPLICATE)
        mine = select(own.union(theirs).c.other)
        query = select(tables.cases).where(_c.number.in_(mine)).order_by(_c.number)
        return tuple(made_of(Case, row) for row in self._connection.execute(query))

    def take_over(self, case: int, into: int) -> int:
        """The faults of a case, and what was merged into it, are another's from now on; returns how many faults."""
        self.durable = True
        self._connection.execute(update(tables.cases).where(_c.merged_into == case).values(merged_into=into))
        faults = tables.faults
        moved = update(faults).where(faults.c.case_number == case).values(case_number=into)
        return self._connection.execute(moved).rowcount

    def taken_over(self) -> Mapping[str, int]:
        """By the problem of a duplicate: the number of the live case that it was merged into."""
        into = tables.cases.alias()
        query = (
            select(_c.problem, _c.merged_into)
            .join(relations, (_r.other == _c.number) & (_r.sort == Sort.DUPLICATE))
            .join(into, into.c.number == _c.merged_into)
            .where(into.c.live == true())
        )
        return {row.problem: row.merged_into for row in self._connection.execute(query)}
