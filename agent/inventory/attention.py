"""When a person wants to be told."""

from dataclasses import dataclass
from datetime import time

from agent.inventory.hours import Hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Cases of these severities are told together, at these times of the person's day."""

    at: tuple[time, ...]
    severities: tuple[str, ...] = ("P3", "P4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """On the person's own clock."""

    timezone: str = "UTC"
    quiet: Hours | None = None
    digest: Digest | None = None
