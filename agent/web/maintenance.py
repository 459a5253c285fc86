"""The pages about maintenance: what goes on, what comes, what became of what is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.cases.case import Case
from agent.faults import upkeep
from agent.faults.fault import FaultKind
from agent.faults.leftovers import Change, Turn
from agent.faults.upkeep import Progress
from agent.inventory import calendar, windows
from agent.inventory.inventory import Inventory
from agent.inventory.windows import Occurrence, Window
from agent.observation import Subject
from agent.ports import Transaction

MOST, CHANGES = 50, 300  # occurrences of a list, rows of a comparison
WEEK, DAY, SECOND = timedelta(days=7), timedelta(days=1), timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One time of a window, what it names, and what became of it (None: nobody has looked yet)."""

    occurrence: Occurrence
    names: tuple[str, ...]
    progress: Progress | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    now: tuple[Row, ...]
    coming: tuple[Row, ...]
    past: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowFile:
    """`row` is the time that is looked at, `others` its other times; `cases` are of what was left over by it."""

    window: Window
    row: Row
    coming: bool
    others: tuple[Occurrence, ...]
    changes: tuple[tuple[str, Subject, Change], ...]
    more: int
    cases: tuple[Case, ...]


def read(tx: Transaction, inventory: Inventory, now: datetime) -> Plan:
    found = calendar.read(windows.known(inventory.windows, tx.windows()), now)
    return Plan(
        now=tuple(_row(tx, each) for each in found.now),
        coming=tuple(_row(tx, each) for each in found.coming[:MOST]),
        past=tuple(_row(tx, each) for each in found.past[:MOST]),
    )


def _row(tx: Transaction, each: Occurrence) -> Row:
    body = tx.document(upkeep.OCCURRENCE, upkeep.key(each))
    progress = upkeep.unpack(body) if body else None
    return Row(occurrence=each, names=calendar.names(each.window), progress=progress)


def window_file(tx: Transaction, inventory: Inventory, name: str, at: str, now: datetime) -> WindowFile | None:
    """`at` is when the time that is asked for began; without it the present, the last or the next one."""
    known = windows.known(inventory.windows, tx.windows())
    window = next((window for window in known if window.name == name), None)
    if window is None:
        return None
    coming = windows.coming(window, now)
    past = [each for each in windows.occurrences(window, now - 90 * DAY, now) if each.starts <= now]
    every = [*past, *([coming] if coming else [])]
    latest = windows.at(window, now) or windows.last(window, now) or coming
    chosen = next((each for each in every if each.starts.isoformat() == at), latest if not at else None)
    if chosen is None:
        return None
    changes, cases = _compared(tx, inventory, chosen)
    return WindowFile(
        window=window,
        row=_row(tx, chosen),
        coming=chosen.starts > now,
        others=tuple(each for each in reversed(every) if each != chosen)[:MOST],
        changes=tuple(sorted(changes, key=lambda row: row[2].turn is not Turn.LEFT)[:CHANGES]),
        more=max(len(changes) - CHANGES, 0),
        cases=cases,
    )


def _compared(
    tx: Transaction, inventory: Inventory, each: Occurrence
) -> tuple[list[tuple[str, Subject, Change]], tuple[Case, ...]]:
    found, numbers = [], set()
    for device in windows.devices(each.window, inventory.devices.values()):
        body: Mapping[str, object] = tx.document(upkeep.PICTURE, upkeep.picture_key(each, device.name)) or {}
        rows = body.get("changes")
        changes = upkeep.unpack_changes(rows) if isinstance(rows, list) else ()
        found += [(device.name, Subject.parse(change.subject), change) for change in changes]
        if body.get("left"):
            left = tx.faults(start=each.ends, end=each.ends + WEEK, device=device.name)
            numbers |= {f.case for f in left if f.kind is FaultKind.MAINTENANCE_LEFTOVER and f.case}
    cases = (tx.case(number) for number in sorted(numbers))
    return found, tuple(case for case in cases if case)


# ---------------------------------------------------------------- notices on other pages


def of(
    tx: Transaction, inventory: Inventory, subject: Subject, start: datetime, end: datetime
) -> tuple[Occurrence, ...]:
    """The times of windows in the period that name it, or a part of it where it is a device; the latest first."""
    device = inventory.devices.get(subject.device)
    if device is None:
        return ()
    known = windows.known(inventory.windows, tx.windows())
    mine = [
        window
        for window in known
        if windows.covers(window, subject, device) or (not subject.name and windows.devices(window, [device]))
    ]
    found = [each for window in mine for each in windows.occurrences(window, start, end)]
    return tuple(sorted(found, key=lambda each: each.starts, reverse=True)[:5])


def of_case(tx: Transaction, inventory: Inventory, case: Case, now: datetime) -> tuple[Occurrence, ...]:
    """Those in which it began or at whose end, and those that came while it was open."""
    start, end = (case.began or case.opened) - SECOND, case.recovered or case.resolved or now
    return of(tx, inventory, case.subject, start, max(end, start + 2 * SECOND))
