"""The shapes of `/api/v1`. Times are ISO 8601 in UTC; codes are the words of the glossary, in English always."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from agent.cases.case import CaseState, EvidenceState, Severity
from agent.cases.outcome import Outcome
from agent.faults.fault import FaultKind, FaultState
from agent.inventory.device import Role
from agent.observation import Source, SyslogSeverity
from agent.web.snapshot import Seen


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)


class DeviceShape(_Shape):
    name: str
    address: str
    customer: str
    site: str
    role: Role
    platform: str
    state: Seen


class FaultShape(_Shape):
    """`subject` is `device` or `device/kind:name`; `case` is 0 where no case was opened, and `suppressed` says why."""

    id: str
    subject: str
    kind: FaultKind
    state: FaultState
    reason: str
    began: datetime
    last_good: datetime | None
    confirmed: datetime | None
    cleared: datetime | None
    value: float | None
    threshold: float | None
    cause: str
    because: str
    suppressed: str
    case: int


class CaseShape(_Shape):
    number: int
    name: str
    kind: FaultKind
    subject: str
    severity: Severity
    state: CaseState
    customer: str
    site: str
    contract: str
    contract_status: str
    assignee: str
    symptoms: int
    reopened: int
    began: datetime | None
    opened: datetime
    updated: datetime
    recovered: datetime | None
    resolved: datetime | None
    closed: datetime | None


class EntryShape(_Shape):
    at: datetime
    action: str
    text: str
    actor: str


class DecisionShape(_Shape):
    at: datetime
    what: str
    outcome: str
    reasons: list[str]
    would_change: list[str]
    inputs: dict[str, str]


class EvidenceShape(_Shape):
    id: int
    device: str
    command: str
    tier: str
    state: EvidenceState
    at: datetime
    took_s: float
    bytes: int
    sha256: str
    secrets_removed: int
    detail: str
    outcome: Outcome | None
    topic: str


class CaseFileShape(_Shape):
    case: CaseShape
    root: FaultShape | None
    symptoms: list[FaultShape]
    timeline: list[EntryShape]
    decisions: list[DecisionShape]
    evidence: list[EvidenceShape]


class EventShape(_Shape):
    arrived: datetime
    stamped: datetime | None
    device: str
    sender: str
    source: Source
    severity: SyslogSeverity
    facility: str
    mnemonic: str
    name: str
    subject: str
    text: str


class Health(_Shape):
    status: str
    devices: int
