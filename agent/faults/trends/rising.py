"""How much a number rose within minutes, or over hours, without being taken in by a single wild reading."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from agent.faults.trends.robust import median

LOOKED_BACK = 2  # times the time in which it is to rise


def rise(samples: Sequence[tuple[datetime, float]], now: datetime, within: timedelta) -> float | None:
    """How much higher it is now than it was `within` before; negative where it is lower.

    Then is the median of as long a time before that; now is the last half of `within`, all of whose readings have to
    agree: the one nearest to then counts. None where either has fewer than two readings, a second apart from another.
    """
    early = [value for at, value in samples if now - LOOKED_BACK * within <= at <= now - within]
    late = [value for at, value in samples if now - within / 2 <= at <= now]
    if len(early) < 2 or len(late) < 2:
        return None
    before = median(early)
    lowest, highest = min(late), max(late)
    if lowest > before:
        return lowest - before
    return highest - before if highest < before else 0.0
