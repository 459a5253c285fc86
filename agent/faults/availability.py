"""Availability as exact interval arithmetic: up, down, planned and unobserved always add up to the period."""

from dataclasses import dataclass
from datetime import datetime

from agent.observation import Subject


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """start ≤ t < end."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Interval:
    """A subject was in a state from `began` until `ended` (None: still is)."""

    subject: Subject
    state: str
    began: datetime
    ended: datetime | None = None
