"""Cases that stand in another system too, and how far that is true."""

from collections.abc import Sequence
from typing import Protocol

from agent.cases.mirror import Mirror, MirrorState, Note, Remote, Ticket


class Mirrors(Protocol):
    """A part of `ports.Transaction`."""

    def save_mirror(self, mirror: Mirror) -> None:
        """Insert, or write over that of the same case and bridge."""

    def mirror(self, case: int, bridge: str) -> Mirror | None: ...
    def mirrors(
        self, *, case: int | None = None, bridge: str | None = None, state: MirrorState | None = None
    ) -> tuple[Mirror, ...]:
        """By bridge, then by case."""

    def mirror_counts(self) -> dict[tuple[str, MirrorState], int]: ...


class Bridge(Protocol):
    """Another ticket system. Everything blocks, and raises DeliveryError; what is read is bounded."""

    name: str

    def check(self) -> str:
        """Whether it answers and lets us in; returns a sentence."""

    def find(self, key: str) -> str:
        """The id of the ticket with our key, of several the first; empty: there is none."""

    def create(self, ticket: Ticket) -> str:
        """Returns its id."""

    def read(self, theirs: str, *, notes: bool) -> Remote | None:
        """None: it tells nothing back. A ticket that is gone is a permanent DeliveryError."""

    def update(self, theirs: str, ticket: Ticket, was: Remote | None, notes: Sequence[Note]) -> None:
        """Bring it into the ticket's state, and add the notes, oldest first."""
