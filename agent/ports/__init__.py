"""Everything the product needs from the world, on one page. Concrete classes meet these only in `agent.app`."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from agent.cases.case import Case, Decision, Entry, Evidence, EvidenceState
from agent.cases.outcome import Outcome
from agent.faults.availability import Interval, Span
from agent.faults.fault import Fault, FaultKind
from agent.faults.trends.baseline import Baseline
from agent.faults.trends.hour import Hour
from agent.inventory.device import Device
from agent.inventory.windows import Window
from agent.notifications.notification import Notification
from agent.observation import Batch, ComponentKind, Event, Fact, Source, Subject, SyslogSeverity, Tier
from agent.ports.answers import Answers
from agent.ports.duties import Duties
from agent.ports.hardware import Hardware
from agent.ports.knowledge import Knowledge
from agent.ports.letters import Letters
from agent.ports.mirrors import Mirrors
from agent.ports.notices import Notices
from agent.ports.relations import Relations

# ---------------------------------------------------------------- collectors: what we see


class Poller(Protocol):
    async def poll(self, device: Device, tier: Tier) -> Batch:
        """Ask one device one tier's questions. Never raises for what a device does; `Batch.failures` tells."""


class Listener(Protocol):
    """Syslog or traps. `start` raises ListenError when the port is taken or not permitted."""

    dropped: int

    async def start(self, handle: Callable[[Event], None]) -> None: ...
    async def stop(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What one command printed, scrubbed of secrets, in a file of its own."""

    topic: str
    command: str
    state: EvidenceState
    started: datetime
    took_s: float
    path: Path | None = None
    secrets_removed: int = 0
    detail: str = ""  # why it is not `done`, in a sentence
    outcome: Outcome | None = None


class Shell(Protocol):
    def collect(
        self, device: Device, topics: Sequence[tuple[str, Mapping[str, str]]], into: Path
    ) -> Iterable[Transcript]:
        """Log in, run the platform's read-only commands for each (topic, parameters), log out; blocking.

        Yields each transcript as it is finished. When the login fails, yields one transcript a topic that says why.
        """


# ---------------------------------------------------------------- channels: how people are told


class Channel(Protocol):
    name: str

    def send(self, notification: Notification) -> str:
        """Deliver, blocking; returns what the receiving side said. Raises DeliveryError."""


# ---------------------------------------------------------------- storage: what is remembered


class JobKind(StrEnum):
    NOTIFY = "notify"
    NOTICE = "notice"  # told later: held by quiet hours, a digest, or a limit
    COLLECT = "collect"
    BRIDGE = "bridge"  # a visit to another ticket system


class JobState(StrEnum):
    WAITING = "waiting"
    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something decided in a transaction and done after it. `key` makes it one; a `lane` runs one job at a time.

    What is `urgent` goes before all that is due.
    """

    key: str
    kind: JobKind
    due: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)  # JSON
    case: int = 0
    lane: str = ""
    urgent: bool = False
    id: int = 0
    attempts: int = 0
    state: JobState = JobState.WAITING
    result: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    at: datetime
    value: float


class Growth(NamedTuple):
    """How much a counter grew, over how many seconds; `most` is the highest growth a second between two polls."""

    grown: float
    seconds: float
    most: float

    def and_then(self, other: "Growth") -> "Growth":
        return Growth(self.grown + other.grown, self.seconds + other.seconds, max(self.most, other.most))


class Finding(NamedTuple):
    """What the study of a device's history says of a subject; `kind` is the kind of fault that was asked about."""

    subject: Subject
    kind: str
    says: str  # a sentence


class Transaction(Duties, Notices, Letters, Answers, Hardware, Knowledge, Mirrors, Relations, Protocol):
    """Everything inside one is kept, or nothing. Reading sees what this transaction wrote."""

    def apart(self) -> AbstractContextManager[None]:
        """A part of it: undone alone when an exception leaves."""

    # faults
    def open_faults(self, device: str | None = None, *, component: ComponentKind | None = None) -> tuple[Fault, ...]:
        """Suspect and confirmed ones, oldest first; with `component` those of such parts."""

    def faults(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        device: str | None = None,
        case: int | None = None,
        ids: Sequence[str] | None = None,
        kind: FaultKind | None = None,
    ) -> tuple[Fault, ...]:
        """Those (cleared ones too) that overlap [start, end), oldest first."""

    def explained_by(self, causes: Iterable[str]) -> tuple[Fault, ...]:
        """The open faults that one of these (ids) explains."""

    def mark(self) -> int:
        """A number for all that settling goes by; it stays while no open fault, live case or window changes."""

    def members(self, case: int) -> int:
        """How many faults belong to the case, those that are over too."""

    def recovered(self) -> frozenset[int]:
        """The numbers of the live cases all of whose faults are over."""

    def save_faults(self, faults: Iterable[Fault]) -> None:
        """Insert or update by id. CollisionError when another open fault has the key."""

    # cases
    def open_case(self, case: Case) -> Case:
        """Store a new case and give it its number. CollisionError when a live case has its problem."""

    def save_case(self, case: Case) -> None: ...
    def case(self, number: int) -> Case | None: ...
    def case_about(self, problem: str) -> Case | None:
        """The latest case with that problem, live or over."""

    def live_cases(self) -> tuple[Case, ...]: ...
    def to_attend(self, now: datetime, limit: int = ...) -> tuple[Case, ...]:
        """Cases at which it is time to look, the most severe first, and nobody else's until the transaction is over."""

    def attend(self, case: int, at: datetime) -> None:
        """Look at the case at that time, or when something is saved or written about it before."""

    def attend_all(self) -> None:
        """Look at every live case now: what they go by may have changed."""

    def cases(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        device: str | None = None,
        customer: str | None = None,
        state: str | None = None,
        limit: int = 1000,
    ) -> tuple[Case, ...]:
        """Those opened before `end` and not over before `start`, newest first."""

    def log(self, entries: Iterable[Entry]) -> None: ...
    def timeline(self, case: int) -> tuple[Entry, ...]: ...
    def record(self, decisions: Iterable[Decision]) -> None: ...
    def decisions(self, about: str, limit: int = 100) -> tuple[Decision, ...]:
        """Newest first."""

    def save_evidence(self, evidence: Evidence) -> Evidence:
        """Insert (id 0) or update; returns it with its id."""

    def evidence(self, case: int) -> tuple[Evidence, ...]: ...
    def last_collected(self, device: str, tier: str) -> datetime | None:
        """When evidence of that tier was last queued or collected for the device."""

    # history
    def keep(self, batch: Batch) -> None:
        """Remember the batch as the device's latest of its tier, and its numbers as samples."""

    def latest(self, device: str, tier: Tier) -> Batch | None: ...
    def seen(self, device: str) -> dict[Tier, datetime]:
        """When each tier's latest batch was read."""

    def latest_all(self, tier: Tier) -> dict[str, Batch]: ...
    def series(self, subject: Subject, fact: Fact, start: datetime, end: datetime) -> tuple[Sample, ...]: ...
    def extremes(
        self, kind: ComponentKind, fact: Fact, start: datetime, end: datetime
    ) -> dict[Subject, tuple[float, float]]:
        """(mean, maximum) of each subject's samples in [start, end)."""

    def growth(self, kind: ComponentKind, fact: Fact, start: datetime, end: datetime) -> dict[Subject, Growth]:
        """How much each subject's counter grew in [start, end), as far as that can be told: not where it went back."""

    def roll_up(self, until: datetime) -> int:
        """Roll up finished hours that end at `until` or before; returns how many devices it worked on.

        A bounded number at a time: call it again, each time in a transaction of its own, until it returns 0.
        """

    def hourly(self, subject: Subject, fact: Fact, start: datetime, end: datetime) -> tuple[Hour, ...]:
        """The subject's hours that began in [start, end), oldest first: years of them."""

    def hours(
        self, device: str, facts: Sequence[Fact], start: datetime, end: datetime
    ) -> dict[tuple[Subject, Fact], tuple[Hour, ...]]:
        """The same of all that a device measures."""

    def recent(
        self, device: str, facts: Sequence[Fact], start: datetime, end: datetime
    ) -> dict[tuple[Subject, Fact], tuple[Sample, ...]]:
        """The samples of all of a device's numbers of some facts in [start, end), oldest first."""

    def save_study(
        self,
        device: str,
        at: datetime,
        baselines: Mapping[tuple[Subject, Fact], Baseline],
        findings: Iterable[Finding],
    ) -> None:
        """What a device's history shows, in the place of what it showed before."""

    def studied(self) -> dict[str, datetime]:
        """By device: when its history was last studied."""

    def baselines(self, device: str) -> dict[tuple[Subject, Fact], Baseline]: ...
    def findings(self, device: str) -> tuple[Finding, ...]: ...

    def journal(self, batch: Batch, previous: Batch | None, *, kept: bool) -> None:
        """Write the poll down for replay; `previous` is the one of its tier that `latest` told before it."""

    def note(self, what: str, body: Mapping[str, Any]) -> None:
        """Write down something else that happened just now (JSON), at the time of the last poll that was."""

    def cover(self, device: str, what: str, at: datetime, gap: timedelta) -> None:
        """The agent saw `what` (`reachability`, or a tier) of the device at `at`.

        Within `gap` of the last sight it extends the span, else it starts a new one.
        """

    def coverage(self, what: str, start: datetime, end: datetime, device: str | None = None) -> dict[str, list[Span]]:
        """By device: the spans, cut to [start, end), in which it was observed."""

    def sights(self, what: str, since: datetime) -> dict[str, datetime]:
        """By device: when `what` of it was last observed, where that was not before `since`."""

    def change(self, subject: Subject, state: str, at: datetime) -> bool:
        """The subject is in `state` from `at` on; nothing happens when it was already."""

    def end(self, subject: Subject, at: datetime) -> None:
        """The subject is there no more: its present state ends, and none follows."""

    def states(self, device: str) -> dict[Subject, str]:
        """Present states of a device and its components."""

    def intervals(
        self,
        start: datetime,
        end: datetime,
        *,
        kind: ComponentKind | None = None,
        device: str | None = None,
        names: Collection[str] = (),
    ) -> tuple[Interval, ...]:
        """Those that overlap [start, end), not cut, oldest first; `names`: only of components that are called so."""

    def keep_events(self, events: Iterable[Event]) -> None: ...
    def events(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        device: str | None = None,
        source: Source | None = None,
        severity: SyslogSeverity | None = None,
        names: Sequence[str] | None = None,
        limit: int = 1000,
    ) -> tuple[Event, ...]:
        """Newest first; `severity` means that severe or worse, `names` what we call them."""

    def event_counts(self, start: datetime, end: datetime) -> dict[tuple[str, str], int]:
        """Syslog messages by (device or sender, severity)."""

    # outbox
    def enqueue(self, jobs: Iterable[Job]) -> None:
        """Jobs whose key is known already are left out."""

    def lease(self, kind: JobKind, now: datetime, duration: timedelta, owner: str, limit: int = 10) -> tuple[Job, ...]:
        """Claim due jobs (waiting ones, and leased ones whose lease ran out), at most one of a lane at a time."""

    def take_back(self, owner: str) -> int:
        """Jobs that anyone but `owner` holds are waiting again; for a start where nobody else can be at work."""

    def finish(self, job: Job, now: datetime, result: str) -> None: ...
    def postpone(self, job: Job, until: datetime, result: str) -> None: ...
    def fail(self, job: Job, now: datetime, result: str) -> None: ...
    def jobs(
        self, *, kind: JobKind | None = None, case: int | None = None, state: JobState | None = None
    ) -> tuple[Job, ...]: ...

    def job_counts(self) -> dict[tuple[JobKind, JobState], int]: ...

    # maintenance, documents
    def windows(self) -> tuple[Window, ...]:
        """Those added at run time; the inventory's are beside them."""

    def save_window(self, window: Window) -> None: ...
    def save_document(self, kind: str, key: str, at: datetime, body: Mapping[str, Any]) -> None:
        """A finished report or inspection as JSON, by kind (`daily`, `inspection`) and key (its date)."""

    def document(self, kind: str, key: str) -> Mapping[str, Any] | None: ...
    def documents(self, kind: str, limit: int = 100) -> tuple[tuple[str, datetime], ...]:
        """(key, at), newest first."""

    def prune(
        self,
        now: datetime,
        keep_samples: timedelta,
        keep_hours: timedelta = ...,
        keep_journal: timedelta = ...,
    ) -> int:
        """Remove samples and events older than `keep_samples`, hours older than `keep_hours`, what the journal tells
        of before `keep_journal`; returns how many went.

        A bounded number at a time, so that polls need not wait: call it again, each time in a transaction of its own,
        until it returns 0. State intervals, coverage, faults and cases stay for ever.
        """


class Store(Protocol):
    def begin(self) -> AbstractContextManager[Transaction]:
        """Commits on leaving, rolls back when an exception leaves. Raises StoreError."""

    def read(self) -> AbstractContextManager[Transaction]:
        """A transaction that only reads: one moment of the store, and waits for no writer. Raises StoreError."""


class EvidenceFiles(Protocol):
    """Evidence on disk by content hash: the same bytes are kept once."""

    def put(self, path: Path) -> tuple[str, int]:
        """Move the file in; returns (sha256 in hex, bytes). Durable when it returns. Raises StoreError."""

    def path(self, sha256: str) -> Path: ...
