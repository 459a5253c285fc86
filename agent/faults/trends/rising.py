"""How much a number rose within minutes, or over hours, without being taken in by a single wild reading."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from agent.faults.trends.robust import median

LOOKED_BACK = 3  # times the time in which it is to rise


def rise(samples: Sequence[tuple[datetime, float]], now: datetime, within: timedelta) -> float | None:
    """How much higher it is now than it was `within` before; negative where it is lower. Samples are oldest first.

    Now are the last two readings, of which the one counts that is nearer to then; then is the median of the last three
    that are at least so old. None where there are not two of either, none of them too old.
    """
    early = [value for at, value in samples if now - LOOKED_BACK * within <= at <= now - within][-3:]
    late = [value for at, value in samples if now - within < at <= now][-2:]
    if len(early) < 2 or len(late) < 2:
        return None
    before = median(early)
    lowest, highest = min(late), max(late)
    if lowest > before:
        return lowest - before
    return highest - before if highest < before else 0.0
