"""What is told later than it happened: digests, and what quiet hours hold back."""

from typing import Protocol


class Notices(Protocol):
    """A part of `ports.Transaction`."""
