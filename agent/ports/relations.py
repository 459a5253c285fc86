"""Cases that have to do with each other."""

from typing import Protocol


class Relations(Protocol):
    """A part of `ports.Transaction`."""
