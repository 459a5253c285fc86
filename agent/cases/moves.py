"""What a person may do to a case: one table of states, and the moves between them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from agent.cases.case import Action, Case, CaseState, Entry
from agent.errors import RefusedError

_WORK = frozenset(
    {
        CaseState.ASSIGNED,
        CaseState.IN_PROGRESS,
        CaseState.WAITING_FOR_CUSTOMER,
        CaseState.WITH_VENDOR,
        CaseState.RMA_PENDING,
        CaseState.MONITORING,
        CaseState.RESOLVED,
    }
)

MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.NEW: _WORK,
    **{state: (_WORK - {state}) | {CaseState.NEW} for state in _WORK - {CaseState.RESOLVED}},
    CaseState.RESOLVED: frozenset({CaseState.CLOSED, CaseState.IN_PROGRESS}),
    CaseState.CLOSED: frozenset(),
}


def move(case: Case, to: CaseState, actor: str, reason: str, now: datetime) -> tuple[Case, Entry]:
    """Raises RefusedError, which says what can be done instead."""
    if to not in MOVES[case.state]:
        allowed = ", ".join(sorted(MOVES[case.state])) or "nothing: open a new case"
        raise RefusedError(f"{case.name} is {case.state} and cannot become {to}; possible from here: {allowed}")
    if not reason:
        raise RefusedError(f"say why {case.name} becomes {to}")
    moved = replace(
        case,
        state=to,
        updated=now,
        resolved=now if to is CaseState.RESOLVED else (case.resolved if to is CaseState.CLOSED else None),
        closed=now if to is CaseState.CLOSED else None,
        live=to is not CaseState.CLOSED,
    )
    data = {"from": case.state, "to": to}
    return moved, Entry(case=case.number, at=now, action=Action.STATE, text=reason, actor=actor, data=data)


def assign(case: Case, person: str, actor: str, now: datetime) -> tuple[Case, Entry]:
    if case.state is CaseState.CLOSED:
        raise RefusedError(f"{case.name} is closed: nobody is assigned to it any more")
    state = CaseState.ASSIGNED if case.state is CaseState.NEW else case.state
    text = f"assigned to {person}"
    entry = Entry(case=case.number, at=now, action=Action.ASSIGNED, text=text, actor=actor, data={"to": person})
    return replace(case, assignee=person, state=state, updated=now), entry


def acknowledge(case: Case, actor: str, until: datetime | None, reason: str, now: datetime) -> tuple[Case, Entry]:
    """Somebody knows of it: nobody is told of it again, until then or until it is over or grows worse."""
    if not case.live or case.state is CaseState.RESOLVED:
        raise RefusedError(f"{case.name} is {case.state}: there is nothing to acknowledge")
    if until is not None and until <= now:
        raise RefusedError("the acknowledgement would be over already: --until must lie ahead")
    text = f"acknowledged until {until:%Y-%m-%d %H:%M:%S} UTC" if until else "acknowledged until it is over"
    entry = Entry(
        case=case.number,
        at=now,
        action=Action.ACKNOWLEDGED,
        text=f"{text}: {reason}" if reason else text,
        actor=actor,
        data={"until": until.isoformat() if until else ""},
    )
    known = replace(case, acknowledged=now, acknowledged_by=actor, acknowledged_until=until, updated=now)
    return known, entry


def unacknowledged(case: Case) -> Case:
    return replace(case, acknowledged=None, acknowledged_by="", acknowledged_until=None)


def is_acknowledged(case: Case, now: datetime) -> bool:
    return case.acknowledged is not None and (case.acknowledged_until is None or now < case.acknowledged_until)
