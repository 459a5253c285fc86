"""What happens to the state of a case: one table of moves, who makes each, and why one is not possible.

docs/reference/cases.md shows the table and the diagram that are made of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from agent.cases.case import Action, Case, CaseState, Entry
from agent.errors import RefusedError
from agent.locale import N_

S = CaseState
OPEN = frozenset(S) - {S.RESOLVED, S.CLOSED}


class By(StrEnum):
    PERSON = "person"
    NETCASE = "automatic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """`command` is what a person writes after `netcase`; empty: no command. `means` is a msgid."""

    name: str
    sources: frozenset[CaseState]
    to: CaseState
    by: By
    means: str
    command: str = ""


def _by_hand(name: str, sources: frozenset[CaseState], to: CaseState, means: str, command: str) -> Move:
    return Move(name=name, sources=sources - {to}, to=to, by=By.PERSON, means=means, command=command)


def _by_itself(name: str, sources: frozenset[CaseState], to: CaseState, means: str) -> Move:
    return Move(name=name, sources=sources - {to}, to=to, by=By.NETCASE, means=means)


RECOVERABLE = frozenset({S.NEW, S.ASSIGNED, S.IN_PROGRESS, S.WAITING_FOR_CUSTOMER, S.WITH_VENDOR})
"""An RMA goes on when the fault is over: the spare is still to be put in."""

TABLE: tuple[Move, ...] = (
    _by_hand("assign", frozenset({S.NEW}), S.ASSIGNED, N_("Somebody is to work on it."), "case assign"),
    _by_hand("start", OPEN, S.IN_PROGRESS, N_("Work begins, or goes on."), "case start"),
    _by_hand("wait", OPEN, S.WAITING_FOR_CUSTOMER, N_("The customer has to do something first."), "case wait"),
    _by_hand("hand over", OPEN, S.WITH_VENDOR, N_("The vendor's support centre works on it."), "case vendor open"),
    _by_hand("replace", OPEN, S.RMA_PENDING, N_("Hardware is on its way."), "rma request"),
    _by_hand("watch", OPEN, S.MONITORING, N_("It works again, and is watched."), "case watch"),
    _by_hand("give back", OPEN, S.NEW, N_("Nobody works on it any more."), "case give-back"),
    _by_hand("resolve", OPEN, S.RESOLVED, N_("It is solved; the customer is asked to confirm."), "case resolve"),
    _by_hand(
        "close", frozenset({S.RESOLVED}), S.CLOSED, N_("Everything is done; only a person says so."), "case close"
    ),
    _by_hand("reopen", frozenset({S.RESOLVED}), S.IN_PROGRESS, N_("It was not solved after all."), "case reopen"),
    _by_itself("recover", RECOVERABLE, S.MONITORING, N_("The last of its faults is over.")),
    _by_itself("settle", frozenset({S.MONITORING}), S.RESOLVED, N_("Nothing came back in the quiet time.")),
    _by_itself("relapse", frozenset({S.MONITORING, S.RESOLVED}), S.NEW, N_("The fault is back; nobody was at work.")),
    _by_itself(
        "relapse at work", frozenset({S.MONITORING, S.RESOLVED}), S.IN_PROGRESS, N_("The fault is back; somebody was.")
    ),
)

POSSIBLE: Mapping[CaseState, tuple[Move, ...]] = {
    state: tuple(move for move in TABLE if move.by is By.PERSON and state in move.sources) for state in S
}


def refusal(case: Case, to: CaseState) -> str:
    """Why a person cannot bring the case into that state now, and what to do instead; empty: it is possible."""
    if case.merged_into:
        return f"{case.name} was merged: what goes on is NC-{case.merged_into:06d}"
    if case.state is S.RESOLVED and not case.live and to is not S.CLOSED:
        return f"{case.name} was resolved longer ago than its grace period: open a new case and link it to this one"
    if any(move.to is to for move in POSSIBLE[case.state]):
        return ""
    if case.state is to:
        return f"{case.name} is {_said(to)} already"
    if case.state is S.CLOSED:
        return f"{case.name} is closed for ever: open a new case and link it to this one"
    if to is S.CLOSED:
        return f"{case.name} is {_said(case.state)} and cannot become closed: resolve it first"
    if case.state is S.RESOLVED:
        return f"{case.name} is resolved and cannot become {_said(to)}: reopen it first"
    names = ", ".join(sorted({_said(move.to) for move in POSSIBLE[case.state]}))
    return f"{case.name} is {_said(case.state)} and cannot become {_said(to)}; possible from here: {names}"


def _said(state: CaseState) -> str:
    return state.replace("_", " ")


def move(case: Case, to: CaseState, actor: str, reason: str, now: datetime) -> tuple[Case, Entry]:
    """Raises RefusedError, which says what can be done instead."""
    if why := refusal(case, to):
        raise RefusedError(why)
    if not reason.strip():
        raise RefusedError(f'say why {case.name} becomes {_said(to)}: -m "…"')
    moved = replace(
        case,
        state=to,
        updated=now,
        resolved=now if to is S.RESOLVED else (case.resolved if to is S.CLOSED else None),
        closed=now if to is S.CLOSED else None,
        live=to is not S.CLOSED,
        assignee="" if to is S.NEW else case.assignee,
        reopened=case.reopened + (1 if case.state is S.RESOLVED and to is S.IN_PROGRESS else 0),
    )
    data = {"from": str(case.state), "to": str(to)}
    return moved, Entry(case=case.number, at=now, action=Action.STATE, text=reason, actor=actor, data=data)


def assign(case: Case, person: str, actor: str, now: datetime) -> tuple[Case, Entry]:
    if case.state is S.CLOSED or case.merged_into:
        raise RefusedError(f"{case.name} is over: nobody is assigned to it any more")
    state = S.ASSIGNED if case.state is S.NEW else case.state
    text = f"assigned to {person}"
    data = {"to": person} | ({"from_state": str(case.state), "to_state": str(state)} if state is not case.state else {})
    entry = Entry(case=case.number, at=now, action=Action.ASSIGNED, text=text, actor=actor, data=data)
    return replace(case, assignee=person, state=state, updated=now), entry


def acknowledge(case: Case, actor: str, until: datetime | None, reason: str, now: datetime) -> tuple[Case, Entry]:
    """Somebody knows of it: nobody is told of it again, until then or until it is over or grows worse."""
    if not case.live or case.state is S.RESOLVED:
        raise RefusedError(f"{case.name} is {_said(case.state)}: there is nothing to acknowledge")
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


# ---------------------------------------------------------------- as it is shown


def diagram(moves: Sequence[Move] = TABLE) -> str:
    """Mermaid's stateDiagram-v2. What all open states have in common is drawn once, on the group of them."""
    lines = ["stateDiagram-v2", "    [*] --> new", "    state open {"]
    inner = [each for each in S if each in OPEN]
    lines += [f"        {state}" for state in inner]
    lines += [f"        {a} --> {each.to}: {each.name}" for each in moves for a in _drawn(each) if each.to in OPEN]
    lines.append("    }")
    common = [each for each in moves if OPEN - {each.to} <= each.sources]
    lines += [f"    open --> {each.to}: {each.name}" for each in common]
    rest = [each for each in moves if each not in common]
    lines += [
        f"    {state} --> {each.to}: {each.name}"
        for each in rest
        for state in S
        if state in each.sources and not (state in OPEN and each.to in OPEN)
    ]
    return "\n".join([*lines, "    closed --> [*]"])


def _drawn(move: Move) -> list[CaseState]:
    """The open states that it is drawn from, one by one."""
    return [] if OPEN - {move.to} <= move.sources else [state for state in S if state in move.sources & OPEN]
