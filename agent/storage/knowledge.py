"""FAQ entries, and the search through them and through past cases."""

from agent.storage.part import Part


class Knowledge(Part):
    """A part of a transaction."""
