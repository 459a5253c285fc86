"""Cases that stand in another system too, and how far that is true."""

from agent.storage.part import Part


class Mirrors(Part):
    """A part of a transaction."""
