"""Before and after maintenance: what a device told when a window began, and what of it did not come back.

A picture is what is known of a device, and of its neighbours as far as they face it, by subject and by what is told of
it: `state`, `speed`, `neighbour`, `model`, `version`, `serial`. Of two pictures what was in order and is not is left
over; that a version or a serial number changed is what maintenance is for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agent.faults.fault import Fault, FaultKind, FaultState
from agent.observation import Batch, ComponentKind, Fact, Subject

Picture = dict[str, dict[str, str]]
"""By subject, as text: what → value."""

SHOWN = 5  # in a sentence; the page and the command show all
MOST = 20_000  # values of a picture: a chassis of a thousand ports has a tenth of it
IN_ORDER = frozenset({"up", "ok", "active", "standby", "full", "twoWay"})
_GONE = "gone"
_KINDS_OF_STATE = frozenset(ComponentKind) - {ComponentKind.CHASSIS_ALARM, ComponentKind.RULE}
_TOLD = {Fact.MODEL: "model", Fact.VERSION: "version", Fact.SERIAL: "serial"}


class Turn(StrEnum):
    """What became of a value."""

    LEFT = "left_over"  # in order before, and not now
    BACK = "in_order_again"
    CHANGED = "changed"  # as maintenance does


@dataclass(frozen=True, slots=True)
class Change:
    subject: str
    what: str
    before: str  # empty: not there
    after: str
    turn: Turn


# ---------------------------------------------------------------- taking


def picture(
    states: Mapping[Subject, str], batches: Iterable[Batch], wanted: Callable[[Subject], bool], until: datetime | None
) -> Picture:
    """Of what is `wanted`. Batches after `until` are left out: they tell of the maintenance itself."""
    found: Picture = {}
    told = [(subject, "state", state) for subject, state in states.items() if subject.kind in _KINDS_OF_STATE]
    for batch in batches:
        if until is None or batch.at <= until:
            told += _told(batch)
    for subject, what, value in told[:MOST]:
        if wanted(subject):
            found.setdefault(str(subject), {})[what] = value
    return found


def _told(batch: Batch) -> Iterator[tuple[Subject, str, str]]:
    for subject, fact, value, *_ in batch.observations:
        if what := _TOLD.get(fact):
            yield subject, what, str(value)
        elif fact is Fact.SPEED and subject.kind is ComponentKind.INTERFACE:
            yield subject, "speed", str(int(value))
        elif fact is Fact.REMOTE_NAME:
            yield subject, "neighbour", str(value)


# ---------------------------------------------------------------- comparing


def compare(before: Picture, after: Picture) -> tuple[Change, ...]:
    """What differs, what is left over first. Of a part that is not in order only its state is told."""
    changes = []
    for subject in dict.fromkeys((*before, *after)):
        was, now = before.get(subject, {}), after.get(subject, {})
        found = [_change(subject, what, was.get(what, ""), now.get(what, "")) for what in dict.fromkeys((*was, *now))]
        mine = [change for change in found if change]
        states = [change for change in mine if change.what == "state" and change.turn is Turn.LEFT]
        changes += states or mine
    left = {change.subject for change in changes if change.turn is Turn.LEFT and change.what == "state"}
    told = (change for change in changes if change.what != "neighbour" or _port(change.subject) not in left)
    return tuple(sorted(told, key=lambda change: (change.turn is not Turn.LEFT, change.turn, change.subject)))


def _port(neighbour: str) -> str:
    """The interface at which a neighbour is seen: where that is down, the neighbour says nothing more."""
    subject = Subject.parse(neighbour)
    return str(Subject(subject.device, ComponentKind.INTERFACE, subject.name.partition(" #")[0]))


def _change(subject: str, what: str, before: str, after: str) -> Change | None:
    if before == after:
        return None
    return Change(subject, what, before, after, _turn(what, before, after))


def _turn(what: str, before: str, after: str) -> Turn:
    if what == "state" and before in IN_ORDER and after not in IN_ORDER:
        return Turn.LEFT
    if what == "state" and after in IN_ORDER and before not in IN_ORDER:
        return Turn.BACK
    if what == "speed" and before and after and int(after) < int(before):
        return Turn.LEFT
    if what == "neighbour" and before and not after:
        return Turn.LEFT
    return Turn.CHANGED


def left(changes: Iterable[Change], open_faults: Iterable[Fault]) -> tuple[Change, ...]:
    """What is left over and has no fault of its own: what a rule sees stands in its own case."""
    theirs = {str(f.subject) for f in open_faults if f.kind is not FaultKind.MAINTENANCE_LEFTOVER}
    return tuple(each for each in changes if each.turn is Turn.LEFT and each.subject not in theirs)


def still(items: Iterable[Change], now: Picture) -> tuple[Change, ...]:
    """Of what was left over what still is, as it is now."""
    found = []
    for item in items:
        after = now.get(item.subject, {}).get(item.what, "")
        change = _change(item.subject, item.what, item.before, after)
        if change and change.turn is Turn.LEFT:
            found.append(change)
    return tuple(found)


# ---------------------------------------------------------------- the fault


def fault(device: str, items: tuple[Change, ...], window: str, ended: datetime, now: datetime) -> Fault:
    """One for a device, however much did not come back. It is believed at once: it was looked at twice."""
    subject, kind = Subject(device), FaultKind.MAINTENANCE_LEFTOVER
    return Fault(
        id=f"{kind}|{subject}@{now.isoformat()}",
        subject=subject,
        kind=kind,
        state=FaultState.CONFIRMED,
        began=ended,
        reason=sentence(items, window, device),
        last_seen=now,
        confirmed=now,
    )


def sentence(items: tuple[Change, ...], window: str, device: str) -> str:
    told = [_said(item, device) for item in items[:SHOWN]]
    if len(items) > SHOWN:
        told.append(f"and {len(items) - SHOWN} more")
    return f"did not come back after maintenance {window}: {'; '.join(told)}"


def _said(item: Change, device: str) -> str:
    subject = Subject.parse(item.subject)
    name = subject.name if subject.device == device else f"{subject.device} {subject.name}".rstrip()
    named = f"{name} ({subject.kind.replace('_', ' ')})"
    if item.what == "speed":
        return f"{named} ran at {_speed(item.before)}, runs at {_speed(item.after)}"
    if item.what == "neighbour":
        return f"{name} no longer sees {item.before}"
    return f"{named} was {item.before}, is {item.after or _GONE}"


def _speed(bits: str) -> str:
    value = float(bits)
    for unit in ("bit/s", "kbit/s", "Mbit/s"):
        if value < 1000:
            return f"{value:g} {unit}"
        value /= 1000
    return f"{value:g} Gbit/s"
