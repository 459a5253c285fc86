"""Cases: at most one live of a problem, which the store enforces."""

from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, func, insert, or_, select, true, update

from agent.cases.case import Case, CaseState
from agent.storage import tables
from agent.storage.part import Part, columns_of, made_of

_c = tables.cases.c
_LIVE = _c.live == true()
_OVER = (CaseState.RESOLVED, CaseState.CLOSED)


class Cases(Part):
    def open_case(self, case: Case) -> Case:
        """Store a new case and give it its number. CollisionError when a live case has its problem.

        Numbers rise and are never given twice; on PostgreSQL one that was rolled back is left out.
        """
        self.durable = True
        with self._connection.begin_nested():
            result = self._connection.execute(insert(tables.cases), columns_of(case, but=["number"]))
        number = result.inserted_primary_key
        assert number is not None  # noqa: S101 - the driver's promise for a table with a serial key
        return replace(case, number=number[0])

    def save_case(self, case: Case) -> None:
        """CollisionError when it is to live again and another live case has its problem."""
        self.durable = True
        row = columns_of(case, but=["number"]) | {"attend": None}
        with self._connection.begin_nested():
            self._connection.execute(update(tables.cases).where(_c.number == case.number).values(row))

    def to_attend(self, now: datetime, limit: int = 1000) -> tuple[Case, ...]:
        """Cases at which it is time to look, the most severe first, and nobody else's until the transaction is over.

        Whoever saves such a case or writes to its log waits so long, and has it looked at once more.
        """
        due = or_(_c.attend.is_(None), _c.attend <= now)
        query = select(tables.cases).where(due).order_by(_c.severity, _c.number).limit(limit)
        return self._cases(query.with_for_update(skip_locked=True) if self._writing else query)

    def attend(self, case: int, at: datetime) -> None:
        """Look at the case at that time, or when something is saved or written about it before."""
        self._connection.execute(update(tables.cases).where(_c.number == case).values(attend=at))

    def attend_all(self) -> None:
        """Look at every live case now: what they go by may have changed."""
        self._connection.execute(update(tables.cases).where(_LIVE).values(attend=None))

    def case(self, number: int) -> Case | None:
        """On PostgreSQL a writing transaction waits here for others that have asked for it, as it does on SQLite by
        nature: it is saved as a whole, and what another one saved meanwhile would be lost. Of several ask for the one
        with the lowest number first."""
        query = select(tables.cases).where(_c.number == number)
        return next(iter(self._cases(query.with_for_update(key_share=True) if self._writing else query)), None)

    def case_about(self, problem: str) -> Case | None:
        """The latest case with that problem, live or over."""
        query = select(tables.cases).where(_c.problem == problem).order_by(_c.number.desc()).limit(1)
        return next(iter(self._cases(query)), None)

    def live_cases(self) -> tuple[Case, ...]:
        """Oldest first."""
        found = self._cases(select(tables.cases).where(_LIVE))
        return tuple(sorted(found, key=attrgetter("number")))  # not in SQL: SQLite would read all that there ever were

    def cases(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        device: str | None = None,
        customer: str | None = None,
        state: str | None = None,
        limit: int = 1000,
    ) -> tuple[Case, ...]:
        """Those opened before `end` and not over (resolved or closed) before `start`, newest first."""
        query = select(tables.cases).order_by(_c.opened.desc(), _c.number.desc()).limit(limit)
        if start is not None:
            over = func.coalesce(_c.resolved, _c.closed, _c.updated)
            query = query.where(or_(_c.state.not_in(_OVER), over >= start))
        if end is not None:
            query = query.where(_c.opened < end)
        if device is not None:
            query = query.where(_c.device == device)
        if customer is not None:
            query = query.where(_c.customer == customer)
        if state is not None:
            query = query.where(_c.state == state)
        return self._cases(query)

    def _cases(self, query: Select[Any]) -> tuple[Case, ...]:
        return tuple(made_of(Case, row) for row in self._connection.execute(query))
