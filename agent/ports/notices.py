"""What was put to whom: so that nobody is told the same twice, and nobody too much at once."""

from datetime import datetime
from typing import Protocol


class Notices(Protocol):
    """A part of `ports.Transaction`."""

    def noticed(self, key: str) -> bool:
        """Whether it was put to its recipient before: told, or held."""

    def keep_notice(self, key: str, channel: str, address: str, at: datetime, *, held: bool) -> None:
        """It is told at once, or held; nothing happens when it is known."""

    def notices_sent(self, channel: str, address: str, since: datetime) -> tuple[datetime, ...]:
        """When others were told there at once, oldest first."""

    def notices_due(self, now: datetime) -> bool:
        """Whether the time has come of anything that was held."""
