"""Who is on call otherwise than the rotation says: overrides and swaps."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select, update

from agent.cases.oncall import Duty
from agent.storage.part import Part, columns_of, made_of
from agent.storage.tables.duties import duties

_d = duties.c


class Duties(Part):
    """A part of a transaction."""

    def add_duty(self, duty: Duty) -> Duty:
        """Returns it with its id."""
        self.durable = True
        row = columns_of(duty, but=["id"]) | {"over": max(duty.ends, duty.other_ends or duty.ends)}
        number = self._connection.execute(insert(duties), row).inserted_primary_key
        assert number is not None  # noqa: S101 - the driver's promise for a table with a serial key
        return replace(duty, id=number[0])

    def duties(self, since: datetime, *, cancelled: bool = False) -> tuple[Duty, ...]:
        """Those that are not over at `since`, in the order in which they were made; cancelled ones only if asked."""
        query = select(duties).where(_d.over > since).order_by(_d.id)
        if not cancelled:
            query = query.where(_d.cancelled.is_(None))
        return tuple(made_of(Duty, row) for row in self._connection.execute(query))

    def duty(self, number: int) -> Duty | None:
        row = self._connection.execute(select(duties).where(_d.id == number)).first()
        return made_of(Duty, row) if row else None

    def cancel_duty(self, number: int, at: datetime, actor: str) -> bool:
        """Whether it was there to be cancelled."""
        self.durable = True
        which = (_d.id == number, _d.cancelled.is_(None))
        changed = self._connection.execute(update(duties).where(*which).values(cancelled=at, cancelled_by=actor))
        return changed.rowcount == 1
