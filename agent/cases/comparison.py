"""Two histories of the same time, told as cases: what is in only one of them, and what is another in the other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import zip_longest

Value = str | int | datetime | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A case as far as it is compared. `number` is its own history's."""

    problem: str
    kind: str
    subject: str
    severity: str
    opened: datetime
    symptoms: tuple[str, ...]  # what else is broken by it, in order
    reopened: int = 0
    notifications: int = 0
    number: int = 0
    state: str = ""


class Sort(StrEnum):
    ONLY_BEFORE = "only_before"
    ONLY_AFTER = "only_after"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """`changed` names what is another: (before, after)."""

    sort: Sort
    before: Told | None
    after: Told | None
    changed: Mapping[str, tuple[Value, Value]]


FIELDS = ("kind", "subject", "severity", "symptoms", "reopened", "notifications")


def differences(
    before: Iterable[Told], after: Iterable[Told], tolerance: timedelta, fields: Iterable[str] = FIELDS
) -> list[Difference]:
    """In order of opening. Cases of the same problem belong together, the first to the first.

    A case that was opened by no more than `tolerance` earlier or later was opened at the same time.
    """
    found: list[Difference] = []
    compared = tuple(fields)
    firsts, seconds = _by_problem(before), _by_problem(after)
    for problem in {**firsts, **seconds}:
        for one, other in _pairs(firsts.get(problem, []), seconds.get(problem, [])):
            if one is None or other is None:
                found.append(Difference(Sort.ONLY_BEFORE if one else Sort.ONLY_AFTER, one, other, {}))
            elif changed := _changed(one, other, tolerance, compared):
                found.append(Difference(Sort.CHANGED, one, other, changed))
    return sorted(found, key=_when)


def _by_problem(told: Iterable[Told]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    for each in sorted(told, key=lambda each: (each.opened, each.problem)):
        found.setdefault(each.problem, []).append(each)
    return found


def _pairs(before: list[Told], after: list[Told]) -> Iterable[tuple[Told | None, Told | None]]:
    return zip_longest(before, after)


def _changed(one: Told, other: Told, tolerance: timedelta, fields: tuple[str, ...]) -> dict[str, tuple[Value, Value]]:
    values = {name: (getattr(one, name), getattr(other, name)) for name in fields}
    changed: dict[str, tuple[Value, Value]] = {name: pair for name, pair in values.items() if pair[0] != pair[1]}
    if abs(one.opened - other.opened) > tolerance:
        changed["opened"] = (one.opened, other.opened)
    return changed


def _when(difference: Difference) -> tuple[datetime, str]:
    told = difference.before or difference.after
    assert told is not None  # noqa: S101 - one of the two is there
    return told.opened, told.problem
