"""Maintenance windows: times in which a fault is expected, once or again and again.

A window names devices (themselves, their site, their customer, a tag) and components of devices. Each of its times is
an occurrence: `starts` ≤ t < `ends`, exact and in UTC. Only here is it known that a window may come again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from agent.inventory import recurrence
from agent.inventory.device import Device
from agent.inventory.recurrence import DAY
from agent.observation import ComponentKind, Subject

FOREVER = datetime(9990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=400)  # any rule falls on some day within it
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Once, from `starts` until `ends`; or, where `every` says when, for `lasts` each time that begins between them.

    `components` are written as subjects (`r1/interface:eth0`), the name after the colon as a shell pattern.
    `changes` tell of single occurrences that were ended, extended or cancelled: (its start, its end now).
    """

    name: str
    starts: datetime
    ends: datetime
    reason: str = ""
    devices: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    components: frozenset[str] = frozenset()
    every: str = ""  # as agent.inventory.recurrence reads it
    lasts: timedelta = timedelta(0)
    timezone: str = "UTC"
    changes: tuple[tuple[datetime, datetime], ...] = ()
    amends: bool = False  # in the store: what was changed of the inventory's window of that name


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time of a window. `planned` is when it was to end before somebody changed that."""

    window: Window
    starts: datetime
    ends: datetime
    planned: datetime

    @property
    def name(self) -> str:
        return self.window.name

    def during(self, now: datetime) -> bool:
        return self.starts <= now < self.ends


# ---------------------------------------------------------------- what it names


def matches(window: Window, device: Device) -> bool:
    """Whether it names the device as a whole."""
    return (
        device.name in window.devices
        or device.site in window.sites
        or device.customer in window.customers
        or not window.tags.isdisjoint(device.tags)
    )


def covers(window: Window, subject: Subject, device: Device) -> bool:
    """Whether it names the subject, or the device (the subject's) that it is a part of."""
    return matches(window, device) or names_component(window, subject)


def names_component(window: Window, subject: Subject) -> bool:
    """An interface is meant with its subinterfaces, as `eth0` with `eth0.100`."""
    if subject.kind is ComponentKind.DEVICE:
        return False
    names = {subject.name}
    if subject.kind is ComponentKind.INTERFACE:
        names.add(subject.name.partition(".")[0])
    patterns = [Subject.parse(text) for text in window.components]
    return any(
        (pattern.device, pattern.kind) == (subject.device, subject.kind)
        and any(name == pattern.name or fnmatchcase(name, pattern.name) for name in names)
        for pattern in patterns
    )


def devices(window: Window, every: Iterable[Device]) -> list[Device]:
    """Those that it names, or of which it names a component."""
    partly = {Subject.parse(text).device for text in window.components}
    return [device for device in every if device.name in partly or matches(window, device)]


# ---------------------------------------------------------------- when it is


@lru_cache(maxsize=4096)
def occurrences(window: Window, start: datetime, end: datetime) -> tuple[Occurrence, ...]:
    """Those that overlap [start, end), earliest first. One never reaches into the next, unless it was extended."""
    changed = dict(window.changes)
    planned = dict(_planned(window, start, end))
    for begins in changed:
        planned |= dict(_planned(window, begins, begins + _TICK))
    found = (Occurrence(window, begins, changed.get(begins, over), over) for begins, over in sorted(planned.items()))
    return tuple(each for each in found if each.starts < each.ends and each.starts < end and each.ends > start)


def _planned(window: Window, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """(begins, over) of those around [start, end) as they were planned."""
    if not window.every:
        return [(window.starts, window.ends)]
    rule = recurrence.parse(window.every)
    first, last = max(start - window.lasts, window.starts), min(end, window.ends)
    if rule is None or first > last:
        return []
    zone = ZoneInfo(window.timezone)
    begins = recurrence.starts(
        rule,
        window.timezone,
        (first - DAY).astimezone(zone).date(),
        (last + window.lasts + 2 * DAY).astimezone(zone).date(),
    )
    pairs = ((at, min(at + window.lasts, after)) for at, after in pairwise((*begins, FOREVER)))
    return [(at, over) for at, over in pairs if window.starts <= at < min(window.ends, end) and over > start]


def at(window: Window, now: datetime) -> Occurrence | None:
    """The occurrence that `now` lies in; of several the one that lasts longest."""
    return max(occurrences(window, now, now + _TICK), key=lambda each: each.ends, default=None)


def coming(window: Window, now: datetime) -> Occurrence | None:
    """The next one that has not begun."""
    if window.ends <= now:
        return None
    after = max(now, window.starts - DAY)  # the first of a window far ahead lies near its beginning
    return next((each for each in occurrences(window, after, after + _AHEAD) if each.starts > now), None)


def last(window: Window, now: datetime) -> Occurrence | None:
    """The one that was over last."""
    until = min(now, window.ends + window.lasts + DAY)
    over = [each for each in occurrences(window, until - _AHEAD, now) if each.ends <= now]
    if not over and not window.every:
        over = [each for each in occurrences(window, window.starts, now) if each.ends <= now]
    return max(over, key=lambda each: each.ends, default=None)


def running(known: Iterable[Window], now: datetime) -> tuple[Occurrence, ...]:
    found = (at(window, now) for window in known)
    return tuple(each for each in found if each)


def active(known: Iterable[Window], device: Device, now: datetime) -> Occurrence | None:
    """What the device as a whole is in at `now`; of several windows the one that lasts longest from now."""
    here = running((window for window in known if matches(window, device)), now)
    return max(here, key=lambda each: (each.ends, each.name), default=None)


# ---------------------------------------------------------------- changing


def known(written: Iterable[Window], stored: Iterable[Window]) -> tuple[Window, ...]:
    """The inventory's and those added at run time. Of the inventory's the store only knows what was changed since."""
    kept = tuple(stored)
    changes = {window.name: window.changes for window in kept if window.amends}
    ours = (replace(window, changes=changes.get(window.name, ()), amends=True) for window in written)
    return (*ours, *(window for window in kept if not window.amends))


def ending(occurrence: Occurrence, ends: datetime) -> Window:
    """The window with that one occurrence ending at another time; not before it began, which is to cancel it."""
    others = tuple((begins, over) for begins, over in occurrence.window.changes if begins != occurrence.starts)
    over = max(ends, occurrence.starts)
    return replace(occurrence.window, changes=(*others, (occurrence.starts, over)))


def stopping(window: Window, now: datetime) -> Window:
    """The window without what has not begun at `now`: none of it comes any more."""
    return replace(window, ends=max(min(window.ends, now), window.starts)) if window.every else window
