"""What customers are asked and answer: surveys, and the links that were used."""

from typing import Protocol


class Answers(Protocol):
    """A part of `ports.Transaction`."""
