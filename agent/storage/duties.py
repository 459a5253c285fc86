"""Who is on call otherwise than the rotation says: overrides and swaps."""

from agent.storage.part import Part


class Duties(Part):
    """A part of a transaction."""
