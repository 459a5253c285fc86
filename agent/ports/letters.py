"""Mails that came in, each once."""

from typing import Protocol


class Letters(Protocol):
    """A part of `ports.Transaction`."""
