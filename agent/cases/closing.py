"""Moves a case on by itself: recovery, a quiet time, resolution, the end of its grace. Only a person closes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from agent.cases import moves
from agent.cases.case import Action, Case, CaseState, Entry
from agent.faults.fault import Fault, FaultState
from agent.inventory.policies import Policies


def waits(case: Case, policies: Policies, now: datetime) -> bool:
    """Whether it would move on now if its faults were over: only then they need to be looked at."""
    if case.state is CaseState.MONITORING:
        return case.recovered is not None and now - case.recovered >= policies.quiet
    return case.state in moves.RECOVERABLE


def tend(case: Case, faults: Iterable[Fault], policies: Policies, now: datetime) -> tuple[Case, Entry | None]:
    """The case as it should be now, and the line for its timeline; the very same case when nothing is due."""
    faults = tuple(faults)
    over = bool(faults) and all(fault.state is FaultState.CLEARED for fault in faults)
    if over and case.state in moves.RECOVERABLE and _is_news(case, faults):
        return _recovered(case, faults, now)
    if over and case.state is CaseState.MONITORING and case.recovered and now - case.recovered >= policies.quiet:
        text = f"no relapse for {policies.quiet}: resolved, the customer is asked to confirm"
        known = case if case.acknowledged_until else moves.unacknowledged(case)
        return _moved(replace(known, resolved=now), CaseState.RESOLVED, text, now)
    if case.state is CaseState.RESOLVED and case.resolved and now - case.resolved >= policies.grace:
        return replace(case, live=False), None
    return case, None


def _is_news(case: Case, faults: tuple[Fault, ...]) -> bool:
    """Whether anything was over since the case knew of a recovery: who took the case up again after it, or rejected the
    fix, decides when that is over."""
    return case.recovered is None or any(fault.cleared and fault.cleared > case.recovered for fault in faults)


def _recovered(case: Case, faults: tuple[Fault, ...], now: datetime) -> tuple[Case, Entry]:
    when = max(fault.cleared for fault in faults if fault.cleared)
    text = f"recovered at {when:%Y-%m-%d %H:%M:%S} UTC, watched from now on"
    return _moved(replace(case, recovered=when), CaseState.MONITORING, text, now)


def relapse(case: Case, now: datetime) -> tuple[Case, Entry]:
    """The fault is back within the grace period: the same case opens again."""
    told = case.state is CaseState.RESOLVED
    again = replace(case, recovered=None, resolved=None, reopened=case.reopened + (1 if told else 0))
    state = CaseState.IN_PROGRESS if case.assignee else CaseState.NEW
    return _moved(again, state, "the fault is back", now, Action.RELAPSED)


def _moved(case: Case, state: CaseState, text: str, now: datetime, action: Action = Action.STATE) -> tuple[Case, Entry]:
    entry = Entry(case=case.number, at=now, action=action, text=text, data={"from": case.state, "to": state})
    return replace(case, state=state, updated=now), entry
