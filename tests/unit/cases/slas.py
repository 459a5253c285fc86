"""Cases, timelines and inventories that the tests of clocks are told with."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from agent.cases.case import Action, Case, CaseKind, CaseState, Entry, Severity
from agent.inventory.customers import Contact, Contract, Customer, Site
from agent.inventory.holidays import Calendar
from agent.inventory.hours import ALWAYS, Hours
from agent.inventory.inventory import Inventory
from agent.inventory.promises import Sla
from agent.observation import Subject

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def case_of(opened: datetime, severity: Severity = Severity.P2) -> Case:
    return Case(
        problem="reported|1",
        kind=CaseKind.REPORTED,
        subject=Subject("r1"),
        severity=severity,
        state=CaseState.NEW,
        opened=opened,
        updated=opened,
        root="",
        customer="acme",
        site="s",
        contract="C-1",
        contract_status="valid",
        number=1,
    )


def inventory_of(
    coverage: Hours = ALWAYS,
    timezone: str = "UTC",
    holidays: str = "",
    calendars: Mapping[str, Calendar] | None = None,
    sla: Mapping[str, Sla] | None = None,
    pauses: tuple[str, ...] = ("waiting_for_customer",),
) -> Inventory:
    contract = Contract(
        number="C-1",
        customer="acme",
        starts=date(2020, 1, 1),
        ends=date(2040, 1, 1),
        coverage=coverage,
        holidays=holidays,
        sla=sla or {},
        pauses=pauses,
    )
    return Inventory(
        customers={"acme": Customer(name="acme", contacts=(Contact(name="Zhang Wei", email="zhang@acme.example"),))},
        contracts={"C-1": contract},
        sites={"s": Site(name="s", customer="acme", timezone=timezone)},
        calendars=dict(calendars or {}),
    )


class Log:
    """A timeline as it grows; `case` is what the case has become by then."""

    def __init__(self, opened: datetime, severity: Severity = Severity.P2) -> None:
        self.case = case_of(opened, severity)
        self.entries: list[Entry] = []
        self._write(opened, Action.OPENED, "netcase", {})
        self._write(opened, Action.SEVERITY, "netcase", {"to": str(severity)})

    def _write(self, at: datetime, action: Action, actor: str, data: Mapping[str, str]) -> "Log":
        self.entries.append(Entry(case=1, at=at, action=action, text="", actor=actor, data=data))
        return self

    def note(self, at: datetime, actor: str = "li-na") -> "Log":
        return self._write(at, Action.NOTE, actor, {})

    def mail(self, at: datetime, actor: str = "zhang@acme.example") -> "Log":
        return self._write(at, Action.MAIL, actor, {})

    def on_site(self, at: datetime, actor: str = "li-na") -> "Log":
        return self._write(at, Action.ON_SITE, actor, {})

    def works(self, at: datetime, actor: str = "li-na", *, restored: bool = True) -> "Log":
        return self._write(at, Action.RESTORED, actor, {} if restored else {"restored": "no"})

    def moved(self, at: datetime, to: CaseState, actor: str = "li-na", action: Action = Action.STATE) -> "Log":
        data = {"from": str(self.case.state), "to": str(to)}
        self.case = replace(self.case, state=to, updated=at)
        return self._write(at, action, actor, data)

    def relapsed(self, at: datetime) -> "Log":
        return self.moved(at, CaseState.IN_PROGRESS, "netcase", Action.RELAPSED)

    def assigned(self, at: datetime, actor: str = "li-na") -> "Log":
        state = CaseState.ASSIGNED if self.case.state is CaseState.NEW else self.case.state
        self.case = replace(self.case, state=state, assignee="li-na", updated=at)
        return self._write(at, Action.ASSIGNED, actor, {"to": "li-na"})

    def severity(self, at: datetime, to: Severity, actor: str = "netcase") -> "Log":
        data = {"from": str(self.case.severity), "to": str(to)}
        self.case = replace(self.case, severity=to, updated=at)
        return self._write(at, Action.SEVERITY, actor, data)

    def weighed(self, at: datetime) -> "Log":
        """The machine says what it would be now; it becomes nothing else."""
        return self._write(at, Action.SEVERITY, "netcase", {"severity": str(self.case.severity), "weighed": "P4"})
