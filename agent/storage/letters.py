"""Mails that came in, each once."""

from agent.storage.part import Part


class Letters(Part):
    """A part of a transaction."""
