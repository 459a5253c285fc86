"""Policies from the field, each overridable in `inventory.yaml`."""

from dataclasses import dataclass, field
from datetime import time, timedelta

from agent.inventory.customers import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A fault is believed after `count` bad observations in a row, the last at least `hold` after the first."""

    count: int = 2
    hold: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sla:
    """Clock times of one severity, from the opening of the case."""

    response: timedelta
    restore: timedelta
    update: timedelta
    on_site: timedelta | None = None


def _slas() -> dict[str, Sla]:
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    return {
        "P1": Sla(response=15 * minute, on_site=hour, restore=2 * hour, update=30 * minute),
        "P2": Sla(response=15 * minute, on_site=hour, restore=4 * hour, update=hour),
        "P3": Sla(response=2 * hour, on_site=2 * hour, restore=24 * hour, update=8 * hour),
        "P4": Sla(response=24 * hour, restore=timedelta(days=5), update=timedelta(days=2)),
    }


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
class Policies:
    confirmation: dict[str, Confirmation] = field(default_factory=dict)  # by FaultKind; missing: the kind's default
    settle: timedelta = timedelta(seconds=20)  # a confirmed fault waits so long, so that a cut is seen whole
    quiet: timedelta = timedelta(minutes=10)  # a recovered case is resolved after it
    grace: timedelta = timedelta(hours=24)  # a relapse within it re-opens the case
    gap: float = 2.5  # polling intervals without an observation, after which a device counts as unobserved
    sla: dict[str, Sla] = field(default_factory=_slas)  # by severity
    tech_cooldown: timedelta = timedelta(hours=1)  # between two `show tech` of one device
    keep_samples: timedelta = timedelta(days=14)
    daily_report: DailyReport = field(default_factory=DailyReport)
    smtp: Smtp | None = None
