"""A case in the hands of a vendor's technical assistance centre: their number, severity, contact and next news on our
case, and a clock of its own for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from agent.cases.case import Action, Case, Entry, Severity
from agent.cases.ledger import US
from agent.errors import RefusedError
from agent.inventory.vendors import Vendor


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """`due` is when they owe us news; `last` when we heard of them, or gave it to them."""

    case: int
    vendor: str
    reference: str = ""  # their case number
    severity: str = ""  # their word
    contact: str = ""
    opened: datetime
    opened_by: str
    last: datetime
    due: datetime | None = None
    closed: datetime | None = None
    id: int = 0

    @property
    def open(self) -> bool:
        return self.closed is None

    def overdue(self, now: datetime) -> timedelta | None:
        """How late their news are; None when they are not."""
        late = self.open and self.due is not None and now > self.due
        return now - self.due if late and self.due is not None else None


class What(StrEnum):
    """What a line of the timeline about a vendor says."""

    OPENED = "opened"
    UPDATED = "updated"
    CLOSED = "closed"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    BUNDLED = "bundled"
    MOVED = "moved"


def opened(
    case: Case,
    vendor: Vendor,
    actor: str,
    now: datetime,
    *,
    reference: str = "",
    severity: str = "",
    contact: str = "",
    due: datetime | None = None,
) -> tuple[Handover, Entry]:
    """Raises RefusedError when they would owe news in the past."""
    _ahead(due, now)
    handover = Handover(
        case=case.number,
        vendor=vendor.name,
        reference=reference,
        severity=severity or vendor.severity(case.severity),
        contact=contact,
        opened=now,
        opened_by=actor,
        last=now,
        due=due or now + vendor.update(case.severity),
    )
    number = f", their number {reference}" if reference else ""
    text = f"handed over to {vendor.title or vendor.name}{number}, {handover.severity}"
    return handover, _entry(handover, What.OPENED, text, now, actor)


def updated(
    handover: Handover,
    vendor: Vendor,
    ours: Severity,
    text: str,
    actor: str,
    now: datetime,
    *,
    reference: str = "",
    severity: str = "",
    contact: str = "",
    due: datetime | None = None,
) -> tuple[Handover, Entry]:
    """They told us something: their clock begins anew. Raises RefusedError."""
    if not handover.open:
        raise RefusedError("it is not in the vendor's hands any more: open it anew with netcase case vendor open")
    if not text:
        raise RefusedError("say what the vendor told, with -m")
    _ahead(due, now)
    after = replace(
        handover,
        reference=reference or handover.reference,
        severity=severity or handover.severity,
        contact=contact or handover.contact,
        last=now,
        due=due or now + vendor.update(ours),
    )
    return after, _entry(after, What.UPDATED, text, now, actor)


def closed(handover: Handover, text: str, actor: str, now: datetime) -> tuple[Handover, Entry]:
    """Raises RefusedError."""
    if not handover.open:
        raise RefusedError("it is not in the vendor's hands any more")
    if not text:
        raise RefusedError("say what came of it, with -m")
    after = replace(handover, closed=now, last=now, due=None)
    return after, _entry(after, What.CLOSED, text, now, actor)


def _ahead(due: datetime | None, now: datetime) -> None:
    if due is not None and due <= now:
        raise RefusedError("the vendor's next news would be overdue already: --next-update must lie ahead")


def late(handover: Handover, what: What, vendor: str, to: str, now: datetime) -> Entry:
    """That their news are overdue, and who was told."""
    assert handover.due is not None  # noqa: S101 - nothing else is late
    said = "escalated to" if what is What.ESCALATED else "reminded"
    text = f"{vendor} owes news since {handover.due:%Y-%m-%d %H:%M} UTC: {said} {to}"
    return _entry(handover, what, text, now, US)


def moved(handover: Handover, merged: str, now: datetime) -> Entry:
    """It goes on with another case of ours."""
    return _entry(handover, What.MOVED, f"the vendor goes on here: {merged} was merged", now, US)


def _entry(handover: Handover, what: What, text: str, now: datetime, actor: str) -> Entry:
    data = {
        "what": str(what),
        "vendor": handover.vendor,
        "reference": handover.reference,
        "due": handover.due.isoformat() if handover.due else "",
    }
    return Entry(case=handover.case, at=now, action=Action.VENDOR, text=text, actor=actor, data=data)


def told(log: Iterable[Entry], handover: Handover, what: What) -> bool:
    """Whether the case's log says it of these very news that are owed."""
    due = handover.due.isoformat() if handover.due else ""
    return any(
        entry.action is Action.VENDOR
        and entry.data.get("what") == what
        and entry.data.get("vendor") == handover.vendor
        and entry.data.get("due") == due
        for entry in log
    )


@dataclass(frozen=True, slots=True)
class Step:
    """What is due about a hand-over now, and when to look again."""

    what: What | None
    again: datetime | None


def step(handover: Handover, log: Sequence[Entry], grace: timedelta, now: datetime) -> Step:
    """A reminder when their news are overdue, an escalation when they still are after the grace."""
    if not handover.open or handover.due is None:
        return Step(None, None)
    escalates = handover.due + grace
    if now < handover.due:
        return Step(None, handover.due)
    if now < escalates:
        return Step(None if told(log, handover, What.OVERDUE) else What.OVERDUE, escalates)
    return Step(None if told(log, handover, What.ESCALATED) else What.ESCALATED, None)


def by_urgency(handovers: Iterable[tuple[Case, Handover]], now: datetime) -> list[tuple[Case, Handover]]:
    """Overdue ones first, then by when news are due."""
    far = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(handovers, key=lambda pair: (pair[1].due or far, pair[0].severity, pair[0].number))
