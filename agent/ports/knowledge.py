"""FAQ entries, and the search through them and through past cases."""

from typing import Protocol


class Knowledge(Protocol):
    """A part of `ports.Transaction`."""
