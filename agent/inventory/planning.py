"""Maintenance as it is written, in an inventory or on a command line, to windows."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from agent.inventory import document, recurrence, references
from agent.inventory.problems import Path, Problems, instead, shown
from agent.inventory.reading import Written
from agent.inventory.windows import FOREVER, Window
from agent.observation import ComponentKind

DAY = timedelta(days=1)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
HOW_OFTEN = "Write sat 02:00, mon-fri 22:30, second sat 01:00, day 15 03:00, last day 03:00 or daily 04:00"
HOW_A_PART = "Write device/kind:name, as core-1/interface:Gi0/1 or core-1/interface:Gi0/*"
PARTS = tuple(kind for kind in ComponentKind if kind not in {ComponentKind.DEVICE, ComponentKind.RULE})


def windows(written: Written, problems: Problems) -> tuple[Window, ...]:
    found: list[Window] = []
    names: set[str] = set()
    for index, window in written.maintenance.items():
        at: Path = ("maintenance", index)
        if window.name in names:
            problems.add((*at, "name"), "another window has this name", "Give each a name of its own")
        names.add(window.name)
        _parts(window.components, at, written, problems)
        selectors: dict[str, Any] = {
            key: frozenset(getattr(window, key)) for key in ("devices", "sites", "customers", "tags", "components")
        }
        if not any(selectors.values()):
            problems.add(at, "names no device", "Write devices:, sites:, customers:, tags: or components:")
        times = _again(window, at, problems) if window.every is not None else _once(window, at, problems)
        if times is not None:
            starts, ends, every, lasts, zone = times
            found.append(
                Window(
                    name=window.name, starts=starts, ends=ends, reason=window.reason,
                    every=every, lasts=lasts, timezone=zone, **selectors,
                )
            )  # fmt: skip
    return tuple(found)


Times = tuple[datetime, datetime, str, timedelta, str]


def _once(window: document.Maintenance, at: Path, problems: Problems) -> Times | None:
    for key in ("lasts", "timezone", "first", "last"):
        if getattr(window, key) is not None:
            problems.add((*at, key), "belongs to a window that comes again", "Write every: sat 02:00, or leave it out")
    for key in ("starts", "ends"):
        if getattr(window, key) is None:
            problems.add((*at, key), "is missing", "Write it as 2026-11-22T01:00:00+08:00, or every: sat 02:00")
    if window.starts is None or window.ends is None:
        return None
    starts, ends = max(window.starts, EARLIEST), min(window.ends, FOREVER)  # what lies beyond cannot be reckoned with
    if ends <= starts:
        problems.add((*at, "ends"), "the window ends before it starts", "Write a later time, with its offset")
    return starts, ends, "", timedelta(0), "UTC"


def _again(window: document.Maintenance, at: Path, problems: Problems) -> Times | None:
    for key in ("starts", "ends"):
        if getattr(window, key) is not None:
            problems.add((*at, key), "belongs to a window that comes once", "Write first: and last:, or leave it out")
    if window.timezone is None:
        problems.add((*at, "timezone"), "is missing", "Write whose clock it goes by: Asia/Shanghai, UTC")
    for key, (message, advice) in refusals(window.every or "", window.lasts).items():
        problems.add((*at, key), message, advice)
    if window.first and window.last and window.last < window.first:
        problems.add((*at, "last"), f"the last day, {window.last}, comes before the first", "Write a later day")
    rule = recurrence.parse(window.every or "")
    if rule is None or window.lasts is None or window.timezone is None:
        return None
    starts, ends = days(window.first, window.last, window.timezone)
    return starts, ends, str(rule), window.lasts, window.timezone


def refusals(every: str, lasts: timedelta | None) -> dict[str, tuple[str, str]]:
    """What is wrong with a window that comes again: by `every` and `lasts`, the message and what to write instead."""
    rule = recurrence.parse(every)
    if rule is None:
        return {"every": (f"{shown(every)!r} does not say on which days and at what time", HOW_OFTEN)}
    if lasts is None:
        return {"lasts": ("is missing", "Write how long it lasts each time: 90m, 2h")}
    if not timedelta(0) < lasts <= rule.shortest:
        advice = f"It comes again after {rule.shortest // DAY} d: write a length between 1m and that"
        return {"lasts": ("is longer than the time from one to the next" if lasts else "is nothing", advice)}
    return {}


def days(first: date | None, last: date | None, timezone: str) -> tuple[datetime, datetime]:
    """Between which moments it may begin: of a first and a last day, both counted, or without an end."""
    starts = recurrence.midnight(max(first or EARLIEST.date(), EARLIEST.date()), timezone)
    return starts, recurrence.midnight(last + DAY, timezone) if last and last.year < FOREVER.year else FOREVER


# ---------------------------------------------------------------- components


def _parts(components: Iterable[str], at: Path, written: Written, problems: Problems) -> None:
    for index, text in enumerate(components):
        path = (*at, "components", index)
        device = text.partition("/")[0]
        if wrong := part_refusal(text):
            problems.add(path, *wrong)
        elif device not in written.names("devices"):
            references.unknown(path, "devices", device, written, problems)


def part_refusal(text: str, devices: Collection[str] | None = None) -> tuple[str, str] | None:
    """What is wrong with a component as it is written, and what to write instead; without `devices` not of whom."""
    device, slash, rest = text.partition("/")
    kind, colon, name = rest.partition(":")
    if not (device and slash and colon and name):
        return f"{shown(text)!r} is no component", HOW_A_PART
    if kind not in PARTS:
        return f"{shown(kind)!r} is no kind of component", instead(kind, PARTS)
    if devices is not None and device not in devices:
        return f"unknown device {shown(device)!r}", instead(device, devices)
    return None
