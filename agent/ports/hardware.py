"""Vendors' cases, RMAs and spare parts."""

from typing import Protocol


class Hardware(Protocol):
    """A part of `ports.Transaction`."""
