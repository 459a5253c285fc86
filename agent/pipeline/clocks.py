"""Tells of promises that are about to be broken, and of those that are: once for each time at which one is due."""

from datetime import UTC, datetime

from agent import locale
from agent.cases import sla
from agent.cases.case import Action, Case, CaseKind, CaseState, Entry
from agent.cases.sla import Clock, Kind, State
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.notifications.news import News
from agent.notifications.policy import Recipient
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket

WARNING, BREACH = "warning", "breach"
_HEADLINES = {
    (WARNING, False): N_("Due in {time:duration}: {clock:word}, {severity} case {name}: {kind:word}, {subject}"),
    (WARNING, True): N_("Due in {time:duration}: {clock:word}, {severity} case {name}: {title}"),
    (BREACH, False): N_("Promise broken: {clock:word}, {severity} case {name}: {kind:word}, {subject}"),
    (BREACH, True): N_("Promise broken: {clock:word}, {severity} case {name}: {title}"),
}
_CLOSINGS = {
    WARNING: N_("See what is left to do: netcase case show {name}"),
    BREACH: N_("It is still not done. See what is left to do: netcase case show {name}"),
}
_OVER = frozenset({CaseState.RESOLVED, CaseState.CLOSED})


def tell(desk: Desk, docket: Docket) -> datetime | None:
    """An attendant: warns, tells of what is late, returns when the next clock wants to be looked at."""
    case, again = docket.case, []
    if not case.live or case.state in _OVER or case.merged_into or case.kind is CaseKind.ON_CALL_GAP:
        return None  # a gap of our own rota was promised to nobody
    told = {_key(entry) for entry in docket.log if entry.action is Action.WARNED}
    for clock in sla.clocks(case, docket.log, desk.inventory, desk.now):
        again += [at for at in (clock.warn, clock.due) if clock.ticks and at is not None and at > desk.now]
        what = _due(clock, desk.now)
        if what and clock.due and (clock.kind, clock.due.isoformat(), what) not in told:
            _tell(desk, case, clock, clock.due, what)
    return min(again, default=None)


def _due(clock: Clock, now: datetime) -> str:
    if not clock.ticks:
        return ""
    if clock.state is State.MISSED:
        return BREACH
    return WARNING if clock.warn is not None and clock.warn <= now else ""


def _key(entry: Entry) -> tuple[str, str, str]:
    return entry.data.get("clock", ""), entry.data.get("due", ""), entry.data.get("what", "")


def _tell(desk: Desk, case: Case, clock: Clock, due: datetime, what: str) -> None:
    people = desk.engineer(case)
    if what == BREACH and clock.kind is not Kind.UPDATE:  # a state that nobody keeps current is escalated anyway
        people = [*people, *desk.role(case, "project_lead")]
    each = list({(person.channel, person.to): person for person in people}.values())
    desk.tx.log([_entry(desk, case, clock, due, what, each)])
    desk.tell(case, _news(desk, case, clock, due, what), each)


def _entry(desk: Desk, case: Case, clock: Clock, due: datetime, what: str, told: list[Recipient]) -> Entry:
    said = str(clock.kind).replace("_", " ")
    people = ", ".join(dict.fromkeys(person.name for person in told)) or "nobody"
    when = f"{due.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    text = (
        f"{said}: due at {when}, told {people}"
        if what == WARNING
        else f"{said}: too late, was due at {when}, told {people}"
    )
    data = {"clock": str(clock.kind), "due": due.isoformat(), "what": what, "severity": str(clock.severity or "")}
    return Entry(case=case.number, at=desk.now, action=Action.WARNED, text=text, data=data)


def _news(desk: Desk, case: Case, clock: Clock, due: datetime, what: str) -> News:
    values = {
        "clock": str(clock.kind),
        "time": abs(due - desk.now),
        "kind": str(case.kind),
        "subject": str(case.subject),
        "title": case.title,
    }
    zone = _zone(case, desk.inventory)
    facts = (
        (N_("Due"), f"{locale.moment(due, 'en', zone)} ({zone})"),
        (N_("Promised"), f"{clock.severity}: {clock.promise}"),
        (N_("Contract"), case.contract or "–"),
    )
    return News(
        occasion=f"sla_{what}",
        headline=_HEADLINES[what, bool(case.title)],
        values=values,
        facts=facts,
        closing=_CLOSINGS[what],
        again=f"{clock.kind}.{due.astimezone(UTC):%Y%m%dT%H%M%S}",
    )


def _zone(case: Case, inventory: Inventory) -> str:
    site = inventory.sites.get(case.site)
    return site.timezone if site else "UTC"
