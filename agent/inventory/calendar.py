"""Windows as a person looks at them: what goes on now, what comes next, what is over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.inventory import windows
from agent.inventory.windows import Occurrence, Window

BACK = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Calendar:
    """`now` by when it ends, `coming` (the next of each window) by when it begins, `past` the latest first."""

    now: tuple[Occurrence, ...]
    coming: tuple[Occurrence, ...]
    past: tuple[Occurrence, ...]


def read(known: Iterable[Window], now: datetime, back: timedelta = BACK) -> Calendar:
    known = tuple(known)
    coming = [following for window in known if (following := windows.coming(window, now))]
    past = [each for window in known for each in windows.occurrences(window, now - back, now) if each.ends <= now]
    return Calendar(
        tuple(sorted(windows.running(known, now), key=lambda each: (each.ends, each.name))),
        tuple(sorted(coming, key=lambda each: (each.starts, each.name))),
        tuple(sorted(past, key=lambda each: (each.ends, each.name), reverse=True)),
    )


def names(window: Window) -> tuple[str, ...]:
    """What it names, in the order devices, components, sites, customers, tags."""
    kinds = (window.devices, window.components, window.sites, window.customers, window.tags)
    return tuple(name for kind in kinds for name in sorted(kind))


def overlapping(
    window: Window, known: Iterable[Window], start: datetime, end: datetime
) -> list[tuple[Occurrence, Occurrence]]:
    """Occurrences in the period that share a time with others', of whatever they name."""
    mine = windows.occurrences(window, start, end)
    others = [each for other in known if other.name != window.name for each in windows.occurrences(other, start, end)]
    return [(a, b) for a in mine for b in others if a.starts < b.ends and b.starts < a.ends]
