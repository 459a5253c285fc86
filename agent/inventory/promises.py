"""What is promised of a case, by severity: how soon somebody answers, is there, restores the service, tells more."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Promise:
    """So much time: of the contract's hours, or of working days, each as long as the day is."""

    length: timedelta
    working_days: bool = False

    def __str__(self) -> str:
        """As it is written in an inventory: `15m`, `4h`, `90s`, `5wd`."""
        if self.working_days:
            return f"{self.length / DAY:g}wd"
        seconds = self.length.total_seconds()
        for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
            if seconds >= size and seconds % size == 0 and seconds != 86400 * (unit == "d"):
                return f"{seconds / size:g}{unit}"
        return f"{seconds:g}s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sla:
    """The promises of one severity; None: that is not promised."""

    response: Promise | None = None
    on_site: Promise | None = None
    restore: Promise | None = None
    update: Promise | None = None


NOT_PROMISED = Promise(timedelta(0))
"""As an inventory says that something which is usual is not promised."""


def within(**hours: float) -> Promise:
    return Promise(timedelta(**hours))


def working_days(count: float) -> Promise:
    return Promise(count * DAY, working_days=True)


SHIPPED: Mapping[str, Sla] = MappingProxyType(
    {
        "P1": Sla(
            response=within(minutes=15), on_site=within(hours=1), restore=within(hours=2), update=within(minutes=30)
        ),
        "P2": Sla(
            response=within(minutes=15), on_site=within(hours=1), restore=within(hours=4), update=within(hours=1)
        ),
        "P3": Sla(response=within(hours=2), on_site=within(hours=2), restore=within(hours=24), update=within(hours=8)),
        "P4": Sla(response=within(hours=24), restore=working_days(5), update=working_days(2)),
    }
)


def over(below: Mapping[str, Sla], said: Mapping[str, Mapping[str, Any]]) -> dict[str, Sla]:
    """`below` with what was said key by key."""
    made = dict(below)
    for level, keys in said.items():
        plain = {key: None if promise == NOT_PROMISED else promise for key, promise in keys.items()}
        made[level] = replace(below.get(level, Sla()), **plain)
    return made
