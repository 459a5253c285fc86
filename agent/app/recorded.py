"""A case or a fault as it was at a moment that is over, told from what is known of it now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from agent.cases.case import Action, Case, CaseState, Entry, Severity
from agent.faults.fault import Fault, FaultState
from agent.notifications import wire
from agent.notifications.policy import Occasion
from agent.ports import JobKind, Transaction


def case_then(tx: Transaction, case: Case, then: datetime) -> tuple[Case, Sequence[Entry]]:
    """The case as its timeline tells it of the moment, and that timeline up to there."""
    entries = tx.timeline(case.number)
    before, after = [e for e in entries if e.at < then], [e for e in entries if e.at >= then]
    if not after:
        return case, before
    state, resolved = CaseState.NEW, None
    for entry in before:
        if entry.action in (Action.STATE, Action.RELAPSED) and entry.data.get("to"):
            state = CaseState(entry.data["to"])
            resolved = entry.at if state is CaseState.RESOLVED else resolved if state is CaseState.CLOSED else None
        elif entry.action is Action.ASSIGNED and state is CaseState.NEW:
            state = CaseState.ASSIGNED
    raised = next((e.data["from"] for e in after if e.action is Action.SEVERITY and e.data.get("from")), None)
    earlier = replace(
        case,
        state=state,
        severity=Severity(raised) if raised else case.severity,
        updated=before[-1].at if before else case.opened,
        live=state is not CaseState.CLOSED,
        resolved=resolved,
        closed=case.closed if state is CaseState.CLOSED else None,
        recovered=case.recovered if state in (CaseState.MONITORING, CaseState.RESOLVED, CaseState.CLOSED) else None,
        reopened=sum(e.action is Action.RELAPSED and e.data.get("from") == CaseState.RESOLVED for e in before),
        acknowledged=case.acknowledged if case.acknowledged and case.acknowledged < then else None,
    )
    return _with_root(tx, earlier, before, after), before


def _with_root(tx: Transaction, case: Case, before: Sequence[Entry], after: Sequence[Entry]) -> Case:
    roots = [entry.data.get("fault", "") for entry in before if entry.action is Action.ROOT]
    if not roots or not any(entry.action is Action.ROOT for entry in after):
        return case
    found = tx.faults(ids=roots[-1:])
    return replace(case, root=roots[-1], kind=found[0].kind, subject=found[0].subject) if found else case


def fault_then(fault: Fault, then: datetime) -> Fault | None:
    """None where it was not believed yet: the polls that follow tell it anew."""
    if fault.cleared is not None and fault.cleared < then:
        return fault
    if fault.confirmed is None or fault.confirmed >= then:
        return None
    return replace(
        fault, state=FaultState.CONFIRMED, cleared=None, recovering=None, good=0, suppressed="", suppressed_as=None
    )


OF_THE_PROBLEM = frozenset({Occasion.OPENED, Occasion.RAISED, Occasion.REOPENED})
"""What the rules bring about. Evidence, clocks and people's answers are not played again, and who is told that it is
over depends on who was told before."""


def notifications_then(tx: Transaction, case: int, start: datetime, end: datetime) -> int:
    """How many messages were decided in [start, end) that tell of the problem itself."""
    told = (job for job in tx.jobs(kind=JobKind.NOTIFY, case=case) if wire.occasion(job.payload) in OF_THE_PROBLEM)
    return sum(start <= job.due < end for job in told)
