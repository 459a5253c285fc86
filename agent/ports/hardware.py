"""Vendors' cases, RMAs and spare parts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from agent.cases.rma import Rma, RmaState
from agent.cases.spares import Spare
from agent.cases.vendor import Handover


class Hardware(Protocol):
    """A part of `ports.Transaction`."""

    def save_handover(self, handover: Handover) -> Handover:
        """Insert (id 0) or update; returns it with its id. CollisionError when the case is in a vendor's hands."""

    def handovers(self, case: int | None = None, *, only_open: bool = False) -> tuple[Handover, ...]:
        """Oldest first."""

    def open_rma(self, rma: Rma) -> Rma:
        """Store a new one and give it its number. CollisionError when an open one has its failed serial number."""

    def save_rma(self, rma: Rma, before: RmaState) -> None:
        """CollisionError when it is no longer in the state that it was read in: somebody else moved it on."""

    def rma(self, number: int) -> Rma | None: ...
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

    def attend_rmas_of(self, device: str) -> None:
        """Look at the cases that wait for what the device says of a new part: it said something."""

    def save_spares(self, spares: Iterable[Spare]) -> None:
        """Insert, or write over the one with the same serial number."""

    def spare(self, serial: str) -> Spare | None: ...
    def spares(self, *, part: str | None = None, location: str | None = None) -> tuple[Spare, ...]:
        """By part, location and serial number; `part` is a part number or a model."""

    def reserve_spare(self, rma: Rma, now: datetime) -> Spare | None:
        """The nearest spare part that fits, which is this RMA's from now on and nobody else's; None: there is none."""

    def take_spare(self, serial: str, rma: Rma, now: datetime) -> bool:
        """This very one; False when it is not in stock."""

    def release_spare(self, rma: int, now: datetime) -> None:
        """What was reserved for the RMA is in stock again; a vendor's part that never came is forgotten."""

    def announce_spare(self, spare: Spare) -> None:
        """A part that a vendor sends for an RMA. CollisionError when the serial number is known already."""
