"""What customers are asked and answer: surveys, and the links that were used."""

from agent.storage.part import Part


class Answers(Part):
    """A part of a transaction."""
