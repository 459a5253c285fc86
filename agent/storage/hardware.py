"""Vendors' cases, RMAs and spare parts."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Select, func, insert, or_, select, update

from agent.cases.rma import OVER, Rma, RmaState
from agent.cases.spares import Source, Spare, SpareState, nearest, source_of
from agent.cases.vendor import Handover
from agent.errors import CollisionError
from agent.storage import tables
from agent.storage.part import Part, columns_of, made_of

_h = tables.hardware.handovers
_r = tables.hardware.rmas
_s = tables.hardware.spares
_AWAITED = (RmaState.INSTALLED, RmaState.SEEN)


class Hardware(Part):
    # ------------------------------------------------------------ vendors' cases

    def save_handover(self, handover: Handover) -> Handover:
        """Insert (id 0) or update; returns it with its id. CollisionError when the case is in a vendor's hands."""
        self.durable = True
        row = columns_of(handover, but=["id"])
        if handover.id:
            self._connection.execute(update(_h).where(_h.c.id == handover.id).values(row))
            return handover
        with self._connection.begin_nested():
            key = self._connection.execute(insert(_h), row).inserted_primary_key
        assert key is not None  # noqa: S101 - the driver's promise for a table with a serial key
        return replace(handover, id=key[0])

    def handovers(self, case: int | None = None, *, only_open: bool = False) -> tuple[Handover, ...]:
        """Oldest first."""
        query = select(_h).order_by(_h.c.opened, _h.c.id)
        if case is not None:
            query = query.where(_h.c.case_number == case)
        if only_open:
            query = query.where(_h.c.closed.is_(None))
        return tuple(made_of(Handover, row) for row in self._connection.execute(query))

    # ------------------------------------------------------------ RMAs

    def open_rma(self, rma: Rma) -> Rma:
        """Store a new one and give it its number. CollisionError when an open one has its failed serial number."""
        self.durable = True
        with self._connection.begin_nested():
            key = self._connection.execute(insert(_r), columns_of(rma, but=["number"])).inserted_primary_key
        assert key is not None  # noqa: S101 - the driver's promise for a table with a serial key
        return replace(rma, number=key[0])

    def save_rma(self, rma: Rma, before: RmaState) -> None:
        """CollisionError when it is no longer in the state that it was read in: somebody else moved it on."""
        self.durable = True
        row = columns_of(rma, but=["number"])
        result = self._connection.execute(update(_r).where(_r.c.number == rma.number, _r.c.state == before).values(row))
        if result.rowcount != 1:
            raise CollisionError(f"{rma.name} was moved on by somebody else: look at it again")

    def rma(self, number: int) -> Rma | None:
        return next(iter(self._rmas(select(_r).where(_r.c.number == number))), None)

    def rmas(
        self,
        *,
        case: int | None = None,
        device: str | None = None,
        only_open: bool = False,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> tuple[Rma, ...]:
        """Those requested before `end` and not over before `start`, by number."""
        query = select(_r).order_by(_r.c.number)
        if case is not None:
            query = query.where(_r.c.case_number == case)
        if device is not None:
            query = query.where(_r.c.device == device)
        if only_open:
            query = query.where(_r.c.state.not_in(OVER))
        if start is not None:
            query = query.where(or_(_r.c.closed.is_(None), _r.c.closed >= start))
        if end is not None:
            query = query.where(_r.c.requested < end)
        return self._rmas(query)

    def attend_rmas_of(self, device: str) -> None:
        """Look at the cases that wait for what the device says of a new part: it said something."""
        awaited = select(_r.c.case_number).where(_r.c.device == device, _r.c.state.in_(_AWAITED))
        self._connection.execute(update(tables.cases).where(tables.cases.c.number.in_(awaited)).values(attend=None))

    def _rmas(self, query: Select[tuple[object, ...]]) -> tuple[Rma, ...]:
        return tuple(made_of(Rma, row) for row in self._connection.execute(query))

    # ------------------------------------------------------------ spare parts

    def save_spares(self, spares: Iterable[Spare]) -> None:
        """Insert, or write over the one with the same serial number."""
        self.durable = True
        self._upsert(_s, [columns_of(spare) for spare in spares])

    def spare(self, serial: str) -> Spare | None:
        """On PostgreSQL a writing transaction waits here for others that have asked for it, or promise it."""
        query = select(_s).where(_s.c.serial == serial)
        return next(iter(self._spares(query.with_for_update() if self._writing else query)), None)

    def spares(self, *, part: str | None = None, location: str | None = None) -> tuple[Spare, ...]:
        """By part, location and serial number; `part` is a part number or a model."""
        query = select(_s).order_by(_s.c.part, _s.c.location, _s.c.serial)
        if part is not None:
            query = query.where(or_(func.lower(_s.c.part) == part.lower(), func.lower(_s.c.model) == part.lower()))
        if location is not None:
            query = query.where(_s.c.location == location)
        return self._spares(query)

    def reserve_spare(self, rma: Rma, now: datetime) -> Spare | None:
        """The nearest spare part that fits, which is this RMA's from now on and nobody else's; None: there is none.

        Of several that want one at the same time each gets another, or none.
        """
        for spare in nearest(self.spares(part=rma.part), rma.part, rma.site):
            if self._claim_spare(spare, rma.number, now):
                return replace(spare, state=SpareState.RESERVED, rma=rma.number, changed=now)
        return None

    def take_spare(self, serial: str, rma: Rma, now: datetime) -> bool:
        """This very one; False when it is not in stock."""
        found = self.spare(serial)
        return found is not None and self._claim_spare(found, rma.number, now)

    def _claim_spare(self, spare: Spare, rma: int, now: datetime) -> bool:
        """A counted UPDATE: of two that want it one changes a row, the other none."""
        self.durable = True
        free = (_s.c.serial == spare.serial, _s.c.state == SpareState.IN_STOCK, _s.c.location == spare.location)
        result = self._connection.execute(
            update(_s).where(*free).values(state=SpareState.RESERVED, rma=rma, changed=now)
        )
        return result.rowcount == 1

    def release_spare(self, rma: int, now: datetime) -> None:
        """What was reserved for the RMA is in stock again; a vendor's part that never came is forgotten."""
        self.durable = True
        for spare in self._spares(select(_s).where(_s.c.rma == rma, _s.c.state == SpareState.RESERVED)):
            self._back_on_the_shelf(spare, now)

    def _back_on_the_shelf(self, spare: Spare, now: datetime) -> None:
        if source_of(spare.location) is Source.VENDOR and spare.note == ON_ITS_WAY:
            self._connection.execute(_s.delete().where(_s.c.serial == spare.serial))
        else:
            free = {"state": SpareState.IN_STOCK, "rma": 0, "changed": now}
            self._connection.execute(update(_s).where(_s.c.serial == spare.serial).values(free))

    def announce_spare(self, spare: Spare) -> None:
        """A part that a vendor sends for an RMA. CollisionError when the serial number is known already."""
        self.durable = True
        with self._connection.begin_nested():
            self._connection.execute(insert(_s), columns_of(replace(spare, note=ON_ITS_WAY)))

    def _spares(self, query: Select[tuple[object, ...]]) -> tuple[Spare, ...]:
        return tuple(made_of(Spare, row) for row in self._connection.execute(query))


ON_ITS_WAY = "sent by the vendor"
