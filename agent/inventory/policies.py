"""Policies from the field, each overridable in `inventory.yaml`."""

from dataclasses import dataclass, field
from datetime import time, timedelta

from agent.inventory.channels import Telling
from agent.inventory.customers import Language
from agent.inventory.mailbox import Mailbox
from agent.inventory.promises import SHIPPED, Sla
from agent.inventory.teams import LADDER
from agent.inventory.vendors import Replacing


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """`count` of the last `of` observations, the last of them at least `hold` after the first.

    `of` 0, or not more than `count`: in a row.
    """

    count: int = 2
    of: int = 0
    hold: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flapping:
    """Damping as of routes (RFC 2439). Each time that something goes down is worth 1, which halves every `half_life`.

    From `suppress` on it is flapping, below `reuse` not any more. Having held still it is over after `longest` at
    the latest, whatever was before.
    """

    half_life: timedelta | None = None  # missing: three quiet times
    suppress: float = 3.0
    reuse: float = 2.0
    longest: timedelta | None = None  # missing: a half-life


def _roles() -> dict[str, str]:
    """Devices that carry others."""
    return dict.fromkeys(("core", "distribution", "edge", "firewall"), "P2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What decides severity beside the network itself. Levels are P1 to P4."""

    large_share_pct: float = 30.0  # of a customer's devices lost at once: severely affected
    kinds: dict[str, str] = field(default_factory=dict)  # by FaultKind, where nothing is cut off; else the rule's own
    roles: dict[str, str] = field(default_factory=_roles)  # by Role: one lost that nothing stands in for; else P3
    out_of_hours: dict[str, str] = field(default_factory=dict)  # by Role: the same, outside the contract's hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    host: str
    port: int = 25
    sender: str = "netcase@localhost"
    starttls: bool = False
    username: str = ""
    password: str = ""  # a reference: env:NAME or file:/path


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyReport:
    at: time = time(7, 30)
    timezone: str = "UTC"
    languages: tuple[Language, ...] = (Language.EN,)
    to: tuple[str, ...] = ()  # e-mail addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The four questions after a case is closed."""

    send: bool = True
    last: timedelta = timedelta(days=14)  # it can be answered so long
    remind_after: timedelta = timedelta(days=3)
    call_back_under: int = 3  # a score under it obliges the manager to call back
    call_back_within: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerCare:
    """What customers are told and asked. States are `CaseState`s."""

    told_of: tuple[str, ...] = ("in_progress", "waiting_for_customer", "with_vendor", "rma_pending", "monitoring")
    links_last: timedelta = timedelta(days=30)  # a signed link, unless what it asks ends before
    consent_for: tuple[str, ...] = ("monitoring", "resolved")  # what waits while a planned change has no consent
    consent_last: timedelta = timedelta(days=7)  # a change that names no window is asked about so long
    survey: Survey = field(default_factory=Survey)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyReports:
    """Case tracking and satisfaction of the last seven days, to the centre's general manager."""

    weekday: int = 0  # 0: Monday
    at: time = time(8, 0)
    timezone: str = "UTC"
    languages: tuple[Language, ...] = (Language.EN,)
    to: tuple[str, ...] = ()  # e-mail addresses


def _paging() -> dict[str, dict[timedelta, int]]:
    """Whoever is on duty at once, and the next two levels where nobody has taken it up."""
    minute = timedelta(minutes=1)
    urgent = {0 * minute: 1, 15 * minute: 2, 30 * minute: 3}
    return {"P1": urgent, "P2": dict(urgent), "P3": {0 * minute: 1}, "P4": {0 * minute: 1}}


def _escalation() -> dict[str, dict[timedelta, str]]:
    hour = timedelta(hours=1)
    ladder = tuple(map(str, LADDER))
    after = {"P1": (1, 2, 4, 12), "P2": (2, 4, 12, 24), "P3": (4, 12, 24), "P4": (12, 24)}
    return {level: {n * hour: role for n, role in zip(hours, ladder, strict=False)} for level, hours in after.items()}


def _escalation_hours() -> dict[str, str]:
    return {"P1": "always", "P2": "always", "P3": "coverage", "P4": "coverage"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    confirmation: dict[str, Confirmation] = field(default_factory=dict)  # by FaultKind; missing: the kind's default
    settle: timedelta = timedelta(seconds=20)  # a confirmed fault waits so long, so that a cut is seen whole
    quiet: timedelta = timedelta(minutes=10)  # a recovered case is resolved after it
    grace: timedelta = timedelta(hours=24)  # a relapse within it re-opens the case
    gap: float = 2.5  # polling intervals without an observation, after which a device counts as unobserved
    flapping: Flapping = field(default_factory=Flapping)
    severity: Consequence = field(default_factory=Consequence)
    sla: dict[str, Sla] = field(default_factory=lambda: dict(SHIPPED))  # by severity; a contract may promise others
    sla_warning_pct: float = 80.0  # somebody is warned when so much of the time of a promise is gone
    rma: Replacing = field(default_factory=Replacing)
    tech_cooldown: timedelta = timedelta(hours=1)  # between two `show tech` of one device
    keep_samples: timedelta = timedelta(days=14)
    keep_hours: timedelta = timedelta(days=731)  # samples rolled up by the hour
    keep_journal: timedelta = timedelta(days=7)  # what was observed, for replay; zero: it is not written
    availability_weights: dict[str, float] = field(default_factory=dict)  # by role; missing: 1
    daily_report: DailyReport = field(default_factory=DailyReport)
    smtp: Smtp | None = None
    mailbox: Mailbox | None = None
    notifications: Telling = field(default_factory=Telling)
    faq_wanted: tuple[str, ...] = ("P1", "P2", "P3")  # an entry is asked for when such a case is closed
    roles: dict[str, str] = field(default_factory=dict)  # by Post: people, where the team names nobody
    paging: dict[str, dict[timedelta, int]] = field(default_factory=_paging)  # by severity: after so long, that level
    escalation: dict[str, dict[timedelta, str]] = field(default_factory=_escalation)  # by severity: after so long, Post
    escalation_hours: dict[str, str] = field(default_factory=_escalation_hours)  # by severity: always, coverage
    oncall_gap_ahead: timedelta = timedelta(days=7)  # a time that nobody is on call is told so long before
    customer: CustomerCare = field(default_factory=CustomerCare)
    weekly_reports: WeeklyReports = field(default_factory=WeeklyReports)
