"""Which reports there are, by the name that the command line, the schedule and the web page call them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from agent.errors import UsageError
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.ports import Transaction
from reports import availability, daily, promises, rma, satisfaction, tracking
from reports.document import Document


class Builder(Protocol):
    """A report on one day, on the clock of the inventory's `daily_report.timezone`."""

    def __call__(self, tx: Transaction, inventory: Inventory, day: date, now: datetime) -> Document: ...


@dataclass(frozen=True, slots=True)
class Report:
    title: str  # a msgid
    about: str  # a msgid: one sentence
    build: Builder


REPORTS: Mapping[str, Report] = {
    "daily": Report(
        daily.TITLE, N_("What needs doing, cases, availability, resources and syslog of a day"), daily.build
    ),
    "availability": Report(
        availability.TITLE, N_("Availability of devices and networks against their targets"), availability.of_day
    ),
    "rma": Report(rma.TITLE, N_("Replaced hardware of a month, its serial numbers and what is owed"), rma.build),
    "promises": Report(
        promises.TITLE, N_("How the promises of a month were kept, by contract, customer and severity"), promises.build
    ),
    "tracking": Report(
        tracking.TITLE, N_("Cases of seven days: opened, closed, open, promises, escalations, RMAs"), tracking.build
    ),
    "satisfaction": Report(
        satisfaction.TITLE,
        N_("What customers answered in seven days, and who has to be called back"),
        satisfaction.build,
    ),
}


def report(name: str) -> Report:
    """Raises UsageError that names the reports there are."""
    if name not in REPORTS:
        raise UsageError(f"there is no report {name!r}; there are: {', '.join(sorted(REPORTS))}")
    return REPORTS[name]
