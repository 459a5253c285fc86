"""An hour of what was measured."""

from datetime import datetime, timedelta
from typing import NamedTuple

HOUR = timedelta(hours=1)


class Hour(NamedTuple):
    """The samples of one hour: of a gauge their mean, lowest and highest, of a counter its growth a second.

    `grown` and `seconds` are a counter's: how much it grew in all, over how long. A tuple because a year holds 8,760.
    """

    at: datetime  # when the hour began
    polls: int
    mean: float
    least: float
    most: float
    grown: float = 0.0
    seconds: float = 0.0


def floor(at: datetime) -> datetime:
    """The beginning of its hour, in UTC; zones with half hours share it."""
    return at.replace(minute=0, second=0, microsecond=0)


def ceiling(at: datetime) -> datetime:
    return floor(at + HOUR - timedelta(microseconds=1))
