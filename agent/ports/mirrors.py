"""Cases that stand in another system too, and how far that is true."""

from typing import Protocol


class Mirrors(Protocol):
    """A part of `ports.Transaction`."""
