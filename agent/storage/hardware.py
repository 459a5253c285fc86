"""Vendors' cases, RMAs and spare parts."""

from agent.storage.part import Part


class Hardware(Part):
    """A part of a transaction."""
