"""Maintenance windows: times in which a fault is expected."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """`starts` ≤ t < `ends`. Matches a device by any of its selectors; empty selectors match nothing."""

    name: str
    starts: datetime
    ends: datetime
    reason: str = ""
    devices: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
