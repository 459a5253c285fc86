"""The clocks of the cases that are open, for lists and metrics."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from agent.cases import sla
from agent.cases.case import Case, CaseKind, CaseState, Severity
from agent.cases.sla import Clock, Kind
from agent.inventory.inventory import Inventory
from agent.ports import Transaction

BREACHED, AT_RISK = "breached", "at_risk"
_OVER = frozenset({CaseState.RESOLVED, CaseState.CLOSED})


def next_due(tx: Transaction, cases: Iterable[Case], inventory: Inventory, now: datetime) -> dict[int, Clock]:
    """By the number of the case: what is due next of those that somebody works on."""
    found = {}
    for case in cases:
        if case.live and case.state not in _OVER:
            clock = sla.clocks(case, tx.timeline(case.number), inventory, now).next
            if clock is not None:
                found[case.number] = clock
    return found


Counts = Mapping[tuple[str, Kind, Severity], int]


def counts(tx: Transaction, inventory: Inventory, now: datetime) -> Counts:
    """Clocks of open cases that are late, and those of which most of the time is gone; every kind and severity."""
    found: Counter[tuple[str, Kind, Severity]] = Counter()
    for case in tx.live_cases():
        if case.state in _OVER or case.merged_into or case.kind is CaseKind.ON_CALL_GAP:
            continue
        clocks = sla.clocks(case, tx.timeline(case.number), inventory, now)
        found.update((BREACHED, clock.kind, case.severity) for clock in clocks.breached)
        found.update((AT_RISK, clock.kind, case.severity) for clock in clocks.at_risk(now))
    return {(what, kind, s): found[what, kind, s] for what in (BREACHED, AT_RISK) for kind in Kind for s in Severity}
