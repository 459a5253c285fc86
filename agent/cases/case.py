"""A case: the record of one problem and of everything done about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from agent.cases.outcome import Outcome
from agent.faults.fault import FaultKind
from agent.observation import Subject


class Severity(StrEnum):
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class CaseState(StrEnum):
    NEW = "new"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    WAITING_FOR_CUSTOMER = "waiting_for_customer"
    RMA_PENDING = "rma_pending"
    WITH_VENDOR = "with_vendor"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    CLOSED = "closed"


class CaseKind(StrEnum):
    """What a case is about that no fault of a device tells."""

    REPORTED = "reported"  # a person says that something is wrong, or asks for something
    ON_CALL_GAP = "on_call_gap"  # a time lies ahead in which nobody is on call


class Origin(StrEnum):
    """How it came to be opened."""

    AUTOMATIC = "automatic"
    HOTLINE = "hotline"
    WEB = "web"
    API = "api"
    EMAIL = "email"
    FAX = "fax"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`problem` is the key of what it is about; the store lets one case hold it while `live`.

    A case is live until it is closed, or resolved and past its grace period. Number 0: not stored yet.
    A case that no fault made has no root, and names no device where none is known.
    """

    problem: str
    kind: FaultKind | CaseKind
    subject: Subject
    severity: Severity
    state: CaseState
    opened: datetime
    updated: datetime
    root: str  # the root fault's id; empty: none
    customer: str = ""
    site: str = ""
    contract: str = ""
    contract_status: str = ""  # valid, expired, not_covered, unknown
    origin: Origin = Origin.AUTOMATIC
    title: str = ""  # what a person says that it is about; one line, hostile
    reporter: str = ""  # who says so
    reporter_address: str = ""  # their e-mail address or telephone number
    serial: str = ""  # the serial number that was given
    parent: int = 0  # the number of the case that it is a part of
    merged_into: int = 0  # the number of the case that goes on in its place
    number: int = 0
    live: bool = True
    assignee: str = ""
    acknowledged: datetime | None = None  # somebody knows of it: nobody else is told until `acknowledged_until`
    acknowledged_by: str = ""
    acknowledged_until: datetime | None = None  # None: until it is over
    began: datetime | None = None  # the root fault's
    recovered: datetime | None = None  # when the last of its faults was over
    resolved: datetime | None = None
    closed: datetime | None = None
    reopened: int = 0
    symptoms: int = 0

    @property
    def name(self) -> str:
        return f"NC-{self.number:06d}"

    @property
    def about(self) -> str:
        """In a few words: what a person said, else the device or its part. Hostile; may be empty."""
        return self.title or str(self.subject)


class Action(StrEnum):
    """What a line of a case's timeline is about."""

    OPENED = "opened"
    SEVERITY = "severity"
    STATE = "state"
    SYMPTOM = "symptom"
    ROOT = "root"
    EVIDENCE = "evidence"
    NOTIFIED = "notified"
    RELAPSED = "relapsed"
    NOTE = "note"
    ASSIGNED = "assigned"
    ACKNOWLEDGED = "acknowledged"
    CONTRACT = "contract"  # which contract it is under, and whether that is valid
    ON_SITE = "on_site"  # somebody stands in front of the device
    RESTORED = "restored"  # the service works again, by whatever way round
    WARNED = "warned"  # a clock is about to run out, or has
    ESCALATED = "escalated"
    LINKED = "linked"
    MAIL = "mail"  # somebody wrote
    CUSTOMER = "customer"  # the customer was asked, or answered
    CONSENT = "consent"
    VENDOR = "vendor"
    RMA = "rma"
    SURVEY = "survey"
    FAQ = "faq"
    BRIDGE = "bridge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of a case's timeline. `text` is English; `data` holds what other languages are worded from."""

    case: int
    at: datetime
    action: Action
    text: str
    actor: str = "netcase"
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The record of a decision: what came out, which inputs decided, and what would have changed it."""

    about: str  # a case's name, or a subject
    at: datetime
    what: str  # severity, root_cause, suppression, opening
    outcome: str
    reasons: tuple[str, ...]
    would_change: tuple[str, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)


class EvidenceState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    PARTIAL = "partial"
    DONE = "done"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One collected file. `sha256` names the file on disk; empty until there is one."""

    case: int
    device: str
    command: str
    tier: str  # quick, tech, upload (a person's file: `command` is the name they gave it)
    state: EvidenceState
    at: datetime  # queued, or collected
    id: int = 0
    took_s: float = 0.0
    bytes: int = 0
    sha256: str = ""
    secrets_removed: int = 0
    detail: str = ""  # why it is partial, refused, …
    outcome: Outcome | None = None  # how the visit ended; None until it has
    topic: str = ""
