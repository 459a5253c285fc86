"""Cases that have to do with each other."""

from agent.storage.part import Part


class Relations(Part):
    """A part of a transaction."""
