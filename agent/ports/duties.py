"""Who is on call otherwise than the rotation says: overrides and swaps."""

from datetime import datetime
from typing import Protocol

from agent.cases.oncall import Duty


class Duties(Protocol):
    """A part of `ports.Transaction`."""

    def add_duty(self, duty: Duty) -> Duty:
        """Returns it with its id."""

    def duties(self, since: datetime, *, cancelled: bool = False) -> tuple[Duty, ...]:
        """Those that are not over at `since`, in the order in which they were made; cancelled ones only if asked."""

    def duty(self, number: int) -> Duty | None: ...
    def cancel_duty(self, number: int, at: datetime, actor: str) -> bool:
        """Whether it was there to be cancelled."""
