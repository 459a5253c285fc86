"""A case that stands in another ticket system too: what is told there, what came back, and whose word counts.

Their texts are hostile: each is bounded and on one line before it is looked at.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from html import unescape

from agent import locale
from agent.cases.case import Action, Case, CaseState, Entry, Severity
from agent.inventory.bridges import BridgeSetup, Wins

LONGEST_NOTE = 2_000  # characters
LONGEST_WORD = 100
MOST_NOTES = 50  # that come back at a time
MOST_TOLD = 25  # that go out at a time
_TOLD = frozenset({Action.NOTE, Action.STATE, Action.VENDOR, Action.RMA, Action.RESTORED})
_MARK = re.compile(r"\[(?P<key>[a-z][a-z0-9-]{0,30}-NC-\d{6,}) (?P<mark>[0-9a-f]{12})\]")


class MirrorState(StrEnum):
    PENDING = "pending"  # something is still to be told there
    IN_STEP = "in_step"
    FAILED = "failed"  # it is not tried again by itself, until the case changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """One case in one system. `ours` and `level` are our state and severity when both were last the same,
    `their_state` and `their_level` their words then; `told` are the marks of the notes that went there."""

    case: int
    bridge: str
    state: MirrorState
    at: datetime  # when it changed last
    checked: datetime  # when their side was read last, or is to be counted from
    turn: int = 0  # how often a visit was asked for
    queued: bool = False  # a visit is under way, or waits
    theirs: str = ""  # their id
    name: str = ""  # what people there call it
    link: str = ""
    ours: str = ""
    level: str = ""
    their_state: str = ""
    their_level: str = ""
    sent: str = ""  # the digest of what they were last told
    tried: str = ""  # the same of what failed
    told: tuple[str, ...] = ()
    said: str = ""  # what went wrong the last time


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """`id` tells it from others: our mark, or theirs."""

    id: str
    at: str
    author: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A case in their words. `key` is how it is found again."""

    key: str
    title: str
    text: str
    state: str
    level: str
    closing: str = ""  # how it was solved, where it is
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """Their side as it was read."""

    id: str
    name: str
    link: str
    state: str
    level: str
    notes: tuple[Note, ...] = ()


def there(setup: BridgeSetup) -> str:
    """Who it was that changed a state in their system."""
    return f"({setup.name})"


def applies(case: Case, setup: BridgeSetup) -> bool:
    """Whether a case that does not stand there yet shall."""
    if case.merged_into or case.state is CaseState.CLOSED:
        return False
    customer = not setup.customers or case.customer in setup.customers
    return customer and (not setup.severities or str(case.severity) in setup.severities)


def key(case: Case, setup: BridgeSetup) -> str:
    return f"{setup.key}-{case.name}"


def bounded(text: object, longest: int = LONGEST_WORD) -> str:
    """What they sent, printable and on one line."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in str(text)[: 4 * longest]).split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


# ---------------------------------------------------------------- what they are told


def ticket(case: Case, log: Sequence[Entry], setup: BridgeSetup) -> Ticket:
    kind = locale.word(str(case.kind), "en")
    about = case.title or f"{kind}: {case.subject}"
    places = {
        "customer": case.customer,
        "site": case.site,
        "device": case.subject.device,
        "contract": case.contract,
        "case": case.name,
        "severity": str(case.severity),
    }
    ends = [e.text for e in log if e.action is Action.STATE and e.data.get("to") in {"resolved", "closed"}]
    return Ticket(
        key=key(case, setup),
        title=bounded(f"{case.name} {case.severity} {about}", 200),
        text=_description(case, log),
        state=setup.states[case.state],
        level=setup.levels[case.severity],
        closing=bounded(ends[-1], 500) if ends and case.state in {CaseState.RESOLVED, CaseState.CLOSED} else "",
        fields={name: _filled(value, places) for name, value in setup.fields.items()},
    )


def _description(case: Case, log: Sequence[Entry]) -> str:
    opened = next((entry.text for entry in log if entry.action is Action.OPENED), "")
    rows = (
        ("Case", case.name),
        ("Severity", str(case.severity)),
        ("Customer", case.customer),
        ("Site", case.site),
        ("About", str(case.subject)),
        ("Contract", f"{case.contract} {case.contract_status}".strip()),
        ("Opened", f"{case.opened:%Y-%m-%d %H:%M:%S} UTC"),
    )
    lines = [f"{name}: {bounded(value, 300)}" for name, value in rows if value]
    return "\n".join([*lines, "", bounded(opened, LONGEST_NOTE)]).strip()


def _filled(value: str, places: Mapping[str, str]) -> str:
    """Each place once, so that what stands in a value is not looked into."""
    return re.sub(r"\{(\w+)\}", lambda place: places.get(place[1], place[0]), value)


def notes(log: Iterable[Entry], setup: BridgeSetup) -> tuple[Note, ...]:
    """The lines of the timeline that are told there, oldest first; not those that came from there."""
    if not setup.notes:
        return ()
    mine = [e for e in log if e.action in _TOLD and e.actor != there(setup)]
    return tuple(
        Note(
            id=_digest(entry.at.isoformat(), str(entry.action), entry.actor, entry.text)[:12],
            at=entry.at.isoformat(),
            author=bounded(entry.actor),
            text=bounded(f"{_moved(entry)}{entry.text}", LONGEST_NOTE),
        )
        for entry in mine
    )


def _moved(entry: Entry) -> str:
    to = entry.data.get("to", "") if entry.action is Action.STATE else ""
    return f"{to.replace('_', ' ')}: " if to else ""


def marked(note: Note, ticket_key: str) -> str:
    """A note as it is written there, so that it is known again: it is ours, and which."""
    return f"[{ticket_key} {note.id}] {note.at[:16].replace('T', ' ')} UTC {note.author}: {note.text}"


def marks(theirs: Iterable[Note], ticket_key: str) -> frozenset[str]:
    """The notes of ours that stand there."""
    found = (_MARK.search(note.text) for note in theirs)
    return frozenset(match["mark"] for match in found if match and match["key"] == ticket_key)


def digest(what: Ticket, told: Iterable[Note]) -> str:
    return _digest(what.title, what.state, what.level, what.closing, *(note.id for note in told))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


# ---------------------------------------------------------------- when they are visited


def next_visit(
    mirror: Mirror | None, case: Case, now_digest: str, setup: BridgeSetup, now: datetime
) -> tuple[bool, datetime | None]:
    """Whether to go there now, and else when."""
    if mirror is None:
        return applies(case, setup), None
    if mirror.queued:
        return False, now + timedelta(minutes=5)
    if mirror.state is MirrorState.FAILED:
        return now_digest != mirror.tried, None
    if now_digest != mirror.sent:
        return True, None
    if case.state is CaseState.CLOSED:
        return False, None
    due = mirror.checked + setup.every
    return due <= now, due


def asked(mirror: Mirror | None, case: Case, setup: BridgeSetup, now_digest: str, now: datetime) -> Mirror:
    """A visit is asked for."""
    if mirror is None:
        state = MirrorState.PENDING
        return Mirror(case=case.number, bridge=setup.name, state=state, at=now, checked=now, turn=1, queued=True)
    behind = now_digest != mirror.sent or not mirror.theirs
    state = MirrorState.PENDING if behind else mirror.state
    at = now if state is not mirror.state else mirror.at
    return replace(mirror, state=state, at=at, turn=mirror.turn + 1, queued=True)


# ---------------------------------------------------------------- what came back


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What their side asks of ours: `to` and `level` are followed, `conflicts` are told."""

    to: CaseState | None = None
    level: Severity | None = None
    notes: tuple[Note, ...] = ()
    conflicts: tuple[str, ...] = ()


def hear(case: Case, log: Iterable[Entry], mirror: Mirror, remote: Remote, setup: BridgeSetup) -> Heard:
    """Only what changed there since both were the same says anything; where ours changed too, `wins` decides."""
    to, state_conflict = _state(case, mirror, remote, setup)
    level, level_conflict = _level(case, mirror, remote, setup)
    known = {entry.data.get("note", "") for entry in log if entry.data.get("bridge") == setup.name}
    fresh = [note for note in remote.notes if note.id not in known and not _MARK.search(note.text)]
    return Heard(
        to=to,
        level=level,
        notes=tuple(fresh[:MOST_NOTES]) if setup.notes else (),
        conflicts=tuple(text for text in (state_conflict, level_conflict) if text),
    )


def _state(case: Case, mirror: Mirror, remote: Remote, setup: BridgeSetup) -> tuple[CaseState | None, str]:
    if remote.state == mirror.their_state or not mirror.their_state or setup.states[case.state] == remote.state:
        return None, ""
    meant = [CaseState(ours) for ours, theirs in setup.states.items() if theirs == remote.state]
    if not meant:
        return None, f"their state {remote.state} has no meaning here"
    if str(case.state) != mirror.ours and setup.wins is Wins.OURS:
        return None, f"they say {remote.state}, and we {case.state} meanwhile: ours stands"
    to = _nearest(meant)
    return (CaseState.RESOLVED if to is CaseState.CLOSED and case.state is not CaseState.RESOLVED else to), ""


def _nearest(meant: Sequence[CaseState]) -> CaseState:
    """Of several of ours that they call the same, the one that says least: at work, and not yet over."""
    order = (CaseState.IN_PROGRESS, CaseState.NEW, CaseState.RESOLVED)
    return next((state for state in order if state in meant), meant[0])


def _level(case: Case, mirror: Mirror, remote: Remote, setup: BridgeSetup) -> tuple[Severity | None, str]:
    if remote.level == mirror.their_level or not mirror.their_level or setup.levels[case.severity] == remote.level:
        return None, ""
    meant = [Severity(ours) for ours, theirs in setup.levels.items() if theirs == remote.level]
    if not meant:
        return None, f"their severity {remote.level} has no meaning here"
    if str(case.severity) != mirror.level and setup.wins is Wins.OURS:
        return None, f"they say {remote.level}, and we {case.severity} meanwhile: ours stands"
    now = list(Severity).index(case.severity)
    return min(meant, key=lambda level: abs(list(Severity).index(level) - now)), ""


def as_told(what: Ticket, case: Case, mirror: Mirror, remote: Remote | None, setup: BridgeSetup) -> Ticket:
    """What is written there: of state and severity only what changed here since both were the same, so that nothing is
    overruled that only they know of (waiting for a supplier); and what they closed is not opened to be resolved."""
    if remote is None:
        return what
    closed = case.state is CaseState.RESOLVED and remote.state == setup.states[CaseState.CLOSED]
    state = remote.state if closed or str(case.state) == mirror.ours else what.state
    level = remote.level if str(case.severity) == mirror.level else what.level
    return replace(what, state=state, level=level)


# ---------------------------------------------------------------- the timeline


def entry(case: Case, setup: BridgeSetup, text: str, now: datetime, *, by: str = "", **data: str) -> Entry:
    """`by` is who did it there; without it we did."""
    actor = f"{by} ({setup.name})" if by else "netcase"
    said = {"bridge": setup.name, **data}
    return Entry(case=case.number, at=now, action=Action.BRIDGE, text=text, actor=actor, data=said)


# a script that has no end goes to the end: to look for one from each of very many would take hours
_TAG = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<[^<>]{0,2000}>", re.DOTALL | re.IGNORECASE)


def plain(html: str) -> str:
    """The words of a text that is kept as HTML."""
    begun = html[: 8 * LONGEST_NOTE]
    return unescape(_TAG.sub(" ", unescape(begun) if "&lt;" in begun and "<" not in begun else begun))
