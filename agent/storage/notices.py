"""What is told later than it happened: digests, and what quiet hours hold back."""

from agent.storage.part import Part


class Notices(Part):
    """A part of a transaction."""
