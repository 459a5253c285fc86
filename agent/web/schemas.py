"""The shapes of `/api/v1`. Times are ISO 8601 in UTC; codes are the words of the glossary, in English always."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from agent.cases.case import CaseKind, CaseState, EvidenceState, Origin, Severity
from agent.cases.outcome import Outcome
from agent.cases.rma import RmaState
from agent.cases.sla import Kind, State
from agent.cases.spares import SpareState
from agent.faults.fault import FaultKind, FaultState, Reason
from agent.inventory.device import Role
from agent.observation import ComponentKind, Source, SyslogSeverity
from agent.web.known_shapes import MirrorShape, SimilarShape
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


class WhyShape(_Shape):
    """Why a fault has no case of its own: a word, a sentence, and since and until when."""

    word: Reason
    sentence: str
    since: datetime
    until: datetime | None


class FaultShape(_Shape):
    """`subject` is `device` or `device/kind:name`; `case` is 0 where no case was opened, and `why` says why."""

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
    acknowledged: str
    case: int
    why: WhyShape | None


class CaseShape(_Shape):
    number: int
    name: str
    kind: FaultKind | CaseKind
    subject: str
    severity: Severity
    state: CaseState
    customer: str
    site: str
    contract: str
    contract_status: str
    origin: Origin
    title: str
    reporter: str
    serial: str
    parent: int
    merged_into: int
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


class TookShape(_Shape):
    """Seconds: between `least` and `most`."""

    least: float
    most: float


class LedgerShape(_Shape):
    """The problem truly began after `after` and not after `detected`; null: it has not happened, or nobody knows.

    `steps` by name: detection, confirmation, opening, telling, answer, restoration.
    """

    after: datetime | None
    detected: datetime | None
    confirmed: datetime | None
    opened: datetime
    told: datetime | None
    acted: datetime | None
    actor: str
    recovered: datetime | None
    steps: dict[str, TookShape]


class AroundShape(_Shape):
    how: str
    case: str


class PromiseShape(_Shape):
    """A clock of a case. Lengths are seconds of time that counts; `remaining` is negative when it is late."""

    kind: Kind
    state: State
    severity: Severity | None
    promise: str
    due: datetime | None
    elapsed: float
    remaining: float | None
    met: datetime | None
    breached: datetime | None
    reason: str


class RungShape(_Shape):
    """Whom a case has reached, or will; `delivered` is the state of the message, empty where there is none yet."""

    step: str
    why: str
    due: datetime
    who: str
    how: list[str]
    told: datetime | None
    delivered: str
    read: datetime | None


class HandoverShape(_Shape):
    """A case in the hands of a vendor; `due` is when they owe news."""

    case: str
    vendor: str
    reference: str
    severity: str
    contact: str
    opened: datetime
    opened_by: str
    last: datetime
    due: datetime | None
    closed: datetime | None


class RmaShape(_Shape):
    """`source` is site, headquarters or vendor, empty until it is known; `serial_seen` is what the device told last
    where that is not `serial_in`."""

    name: str
    case: str
    state: RmaState
    device: str
    slot: str
    part: str
    serial_out: str
    serial_in: str
    serial_seen: str
    fault: str
    site: str
    address: str
    contact: str
    contract: str
    contract_status: str
    warning: str
    source: str
    location: str
    vendor: str
    reference: str
    tracking: str
    return_tracking: str
    requested: datetime
    requested_by: str
    confirmed: datetime | None
    confirmed_by: str
    sourced: datetime | None
    shipped: datetime | None
    delivered: datetime | None
    installed: datetime | None
    seen: datetime | None
    healthy: datetime | None
    returned: datetime | None
    closed: datetime | None
    return_due: datetime | None


class SpareShape(_Shape):
    """`location` is a site, headquarters, or vendor:NAME."""

    part: str
    serial: str
    model: str
    location: str
    state: SpareState
    rma: str
    note: str
    changed: datetime


class StockShape(_Shape):
    """How many of a part are in stock at a location; `least` is how many should be, 0 where nothing is asked for."""

    part: str
    location: str
    in_stock: int
    least: int
    low: bool


class CaseFileShape(_Shape):
    case: CaseShape
    root: FaultShape | None
    symptoms: list[FaultShape]
    timeline: list[EntryShape]
    decisions: list[DecisionShape]
    evidence: list[EvidenceShape]
    ledger: LedgerShape
    clocks: list[PromiseShape]
    escalation: list[RungShape]
    around: list[AroundShape]
    similar: list[SimilarShape]
    mirrors: list[MirrorShape]
    vendors: list[HandoverShape]
    rmas: list[RmaShape]


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


class PartShape(_Shape):
    """`state` is ok, failed, absent or unknown, empty where none was told; `word` is the device's own."""

    kind: ComponentKind
    name: str
    state: str
    word: str
    model: str
    serial: str
    version: str
    descr: str


class VolumeShape(_Shape):
    name: str
    used_pct: float
    total_bytes: float | None
    limit: float | None


class SensorShape(_Shape):
    """`mark` is high, low, dark or empty: what the device's own limits say of the reading."""

    kind: ComponentKind
    name: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    mark: str
    state: str
    word: str


class NeighbourShape(_Shape):
    """`device` is the inventory's name of it, empty for a stranger."""

    port: str
    name: str
    remote_port: str
    address: str
    platform: str
    protocol: str
    device: str


class AdjacencyShape(_Shape):
    address: str
    router_id: str
    state: str


class UnbelievedShape(_Shape):
    name: str
    fact: str
    raw: str
    reason: str


class ClockShape(_Shape):
    said: str
    at: datetime | None
    state: str
    word: str
    stratum: int | None
    offset_ms: float | None


class RoundTripShape(_Shape):
    """Milliseconds, and loss in percent."""

    mean: float | None
    least: float | None
    most: float | None
    jitter: float | None
    loss: float | None


class PartsShape(_Shape):
    """What the last polls told of a device; at most 300 of a kind, those that need a look before others."""

    device: DeviceShape
    standing: list[PartShape]
    units: list[PartShape]
    modules: list[PartShape]
    storage: list[VolumeShape]
    sensors: list[SensorShape]
    neighbours: list[NeighbourShape]
    ospf: list[AdjacencyShape]
    unbelieved: list[UnbelievedShape]
    clock: ClockShape | None
    round_trip: RoundTripShape | None


class FourShape(_Shape):
    """Seconds, which add up to the time that counts; `percent` is up / (up + down), null where neither was."""

    up: float
    down: float
    planned: float
    unobserved: float
    percent: float | None


class OutageShape(_Shape):
    """`down` are the seconds of it that count; `case` is 0 where none is known."""

    start: datetime
    end: datetime
    down: float
    case: int


class AvailabilityShape(_Shape):
    """One thing, or several devices as one: then `percent` is the weighted mean, and `time` that of all of them.

    `verdict` is met, missed, unobserved, or empty where nothing was promised; `mtbf` and `mttr` are seconds, null
    where nothing failed. `reachable` is of sites: how long any device was up. The newest hundred outages are told.
    """

    by: str
    name: str
    customer: str
    site: str
    percent: float | None
    target: float | None
    verdict: str
    hours: str
    time: FourShape
    reachable: FourShape | None
    devices: int
    observed: int
    missed: int
    failures: int
    mtbf: float | None
    mttr: float | None
    longest: float | None
    outages: list[OutageShape]


class Health(_Shape):
    status: str
    devices: int
