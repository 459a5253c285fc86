"""Who is on call otherwise than the rotation says: overrides and swaps."""

from typing import Protocol


class Duties(Protocol):
    """A part of `ports.Transaction`."""
