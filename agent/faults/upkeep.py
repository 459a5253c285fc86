"""How far the looking before and after one occurrence of a window has come, as it is kept in the store."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from agent.faults.leftovers import Change, Turn
from agent.inventory.windows import Occurrence

OCCURRENCE, PICTURE, LEFT = "maintenance", "maintenance picture", "maintenance left"  # kinds of documents
ASK_BEFORE = timedelta(minutes=5)  # before it begins, so that what is known is fresh
TAKE_BEFORE = timedelta(seconds=30)
COMES_BACK = timedelta(minutes=2)  # after its end: routing and links take their time
LOOK_AGAIN = timedelta(minutes=1)  # before something is said to be left over
ASK_AGAIN = timedelta(minutes=5)  # whom did not answer
UNSEEN_FOR = timedelta(days=1)  # a window that was over for so long before anybody looked is not looked at
GIVE_UP = timedelta(days=7)  # on devices that have not answered since


@dataclass(frozen=True, slots=True)
class Wait:
    """What is waited for of a device: polls since `since`. `looks` is how often it was compared already."""

    since: datetime
    asked: datetime | None = None
    looks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`untaken` devices have no picture yet, `waiting` ones were not compared to the end. `left` counts what did not
    come back of each device that has any, `changed` all values that are others than before."""

    window: str
    starts: datetime
    ends: datetime
    asked: datetime | None = None
    taken: datetime | None = None
    devices: int = 0
    untaken: tuple[str, ...] = ()
    waiting: Mapping[str, Wait] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)
    changed: int = 0
    unseen: tuple[str, ...] = ()  # devices that never answered again
    done: datetime | None = None

    def due_after(self) -> datetime:
        return self.ends + COMES_BACK


def key(occurrence: Occurrence) -> str:
    return f"{occurrence.starts:%Y-%m-%dT%H:%M:%SZ} {occurrence.name}"


def picture_key(occurrence: Occurrence, device: str) -> str:
    return f"{key(occurrence)}|{device}"


def begun(occurrence: Occurrence, devices: tuple[str, ...]) -> Progress:
    return Progress(
        window=occurrence.name,
        starts=occurrence.starts,
        ends=occurrence.ends,
        devices=len(devices),
        untaken=devices,
    )


def took(progress: Progress, devices: tuple[str, ...], now: datetime) -> Progress:
    """The pictures of these devices were taken."""
    waiting = {**progress.waiting, **{name: Wait(progress.due_after()) for name in devices}}
    untaken = tuple(name for name in progress.untaken if name not in devices)
    return replace(progress, taken=progress.taken or now, untaken=untaken, waiting=waiting)


def until(progress: Progress, ends: datetime) -> Progress:
    """The occurrence ends at another time now."""
    if progress.ends == ends:
        return progress
    moved = replace(progress, ends=ends)
    return replace(moved, waiting={name: Wait(moved.due_after()) for name in progress.waiting})


def to_ask(progress: Progress, now: datetime) -> tuple[str, ...]:
    return tuple(
        name
        for name, wait in progress.waiting.items()
        if now >= wait.since and (wait.asked is None or now - wait.asked >= ASK_AGAIN)
    )


def asking(progress: Progress, devices: tuple[str, ...], now: datetime) -> Progress:
    waiting = {n: replace(wait, asked=now) if n in devices else wait for n, wait in progress.waiting.items()}
    return replace(progress, waiting=waiting)


def once_more(progress: Progress, device: str, now: datetime) -> Progress:
    """Something seems to be left over: before it is told it is looked at again."""
    wait = Wait(now + LOOK_AGAIN, None, progress.waiting[device].looks + 1)
    return replace(progress, waiting={**progress.waiting, device: wait})


def compared(progress: Progress, device: str, changed: int, left: int) -> Progress:
    waiting = {name: wait for name, wait in progress.waiting.items() if name != device}
    counts = {**progress.left, device: left} if left else progress.left
    return replace(progress, waiting=waiting, changed=progress.changed + changed, left=counts)


def finished(progress: Progress, now: datetime) -> Progress:
    """Done when nobody is waited for any more; after GIVE_UP those who never answered are named."""
    if progress.untaken or progress.done or now < progress.due_after():
        return progress
    if progress.waiting and now < progress.ends + GIVE_UP:
        return progress
    return replace(progress, waiting={}, unseen=tuple(sorted(progress.waiting)), done=now)


# ---------------------------------------------------------------- as JSON


def pack(progress: Progress) -> dict[str, Any]:
    return {
        "window": progress.window,
        "starts": _text(progress.starts),
        "ends": _text(progress.ends),
        "asked": _text(progress.asked),
        "taken": _text(progress.taken),
        "devices": progress.devices,
        "untaken": list(progress.untaken),
        "waiting": {n: [_text(w.since), _text(w.asked), w.looks] for n, w in progress.waiting.items()},
        "left": dict(progress.left),
        "changed": progress.changed,
        "unseen": list(progress.unseen),
        "done": _text(progress.done),
    }


def unpack(body: Mapping[str, Any]) -> Progress:
    waiting = {name: Wait(_must(since), _time(asked), looks) for name, (since, asked, looks) in body["waiting"].items()}
    return Progress(
        window=body["window"],
        starts=_must(body["starts"]),
        ends=_must(body["ends"]),
        asked=_time(body["asked"]),
        taken=_time(body["taken"]),
        devices=body["devices"],
        untaken=tuple(body["untaken"]),
        waiting=waiting,
        left=body["left"],
        changed=body["changed"],
        unseen=tuple(body["unseen"]),
        done=_time(body["done"]),
    )


def pack_changes(changes: tuple[Change, ...]) -> list[list[str]]:
    return [[each.subject, each.what, each.before, each.after, str(each.turn)] for each in changes]


def unpack_changes(rows: list[list[str]]) -> tuple[Change, ...]:
    return tuple(Change(subject, what, before, after, Turn(turn)) for subject, what, before, after, turn in rows)


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _must(text: str) -> datetime:
    return datetime.fromisoformat(text)
