"""Opens a case for a problem, or lets a live case take the problem in."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from agent.cases import contract
from agent.cases.case import Action, Case, CaseState, Decision, Entry, Severity
from agent.cases.contract import Claim, Finding
from agent.faults.correlation import UMBRELLAS, Problem, Symptom
from agent.faults.fault import Fault, FaultKind
from agent.inventory.inventory import Inventory

NAMED = 20  # symptoms that a case's log, and the record of a decision, tell by name; the others are counted
QUIET_STATES = frozenset({CaseState.MONITORING, CaseState.RESOLVED})


def contract_of(device: str, inventory: Inventory, now: datetime) -> Finding:
    """An invalid contract never silences a fault: the case opens and is marked."""
    return contract.look_up(Claim(device=device), inventory, {}, now)


def case_for(problem: Problem, severity: Severity, inventory: Inventory, now: datetime) -> Case:
    device = inventory.devices[problem.subject.device]
    return Case(
        problem=problem.key,
        kind=problem.kind,
        subject=problem.subject,
        severity=severity,
        state=CaseState.NEW,
        opened=now,
        updated=now,
        root=problem.root.id,
        customer=device.customer,
        site=device.site,
        contract=device.contract,
        contract_status=contract_of(device.name, inventory, now).status,
        began=problem.root.began,
        symptoms=len(problem.symptoms),
    )


def owner(problem: Problem, live: Iterable[Case], standing: Collection[str] = ()) -> Case | None:
    """The live case that the problem belongs to, of several the oldest; `standing` are the ids of the active faults.

    It holds the problem's key, or had the same root; or the problem explains its root now; or its own root is over, or
    was one of an umbrella, and the problem is what is left of it. While its root stands, a mere symptom that another
    problem explains now takes that problem into no case: two troubles that touch the same device are two.
    """
    mine = [case for case in live if _belongs(problem, case, standing)]
    return min(mine, key=lambda case: case.number, default=None)


def _belongs(problem: Problem, case: Case, standing: Collection[str]) -> bool:
    if case.problem == problem.key or any(fault.id == case.root for fault in problem.faults):
        return True
    if case.kind not in UMBRELLAS and _is_root_again(problem, case):
        return True
    left = case.kind in UMBRELLAS or case.root not in standing
    return left and any(fault.case == case.number for fault in problem.faults)


def _is_root_again(problem: Problem, case: Case) -> bool:
    """The key is that of the problem that the case was opened for; its root may have become another since. A link is
    the same at both ends."""
    before = root_key(case)
    if problem.root.key == before:
        return True
    link = problem.kind is FaultKind.INTERFACE_DOWN and problem.key.startswith("link|")
    return link and any(fault.key == before for fault in problem.faults)


def root_key(case: Case) -> str:
    """The key of the fault that is its root, or was."""
    return case.root.rpartition("@")[0]


def first_entries(case: Case, problem: Problem, decision: Decision, now: datetime) -> list[Entry]:
    """The timeline's first lines."""
    root = problem.root
    entries = [
        Entry(
            case=case.number,
            at=now,
            action=Action.OPENED,
            text=f"{problem.kind}: {problem.subject}: {root.reason}; began {root.began:%Y-%m-%d %H:%M:%S} UTC",
            data={"fault": root.id, "reason": root.reason},
        ),
        Entry(case=case.number, at=now, action=Action.ROOT, text=problem.because, data={"fault": problem.root.id}),
        Entry(
            case=case.number,
            at=now,
            action=Action.SEVERITY,
            text=f"{case.severity}: {'; '.join(decision.reasons)}",
            data={"to": case.severity},
        ),
    ]
    entries += symptom_entries(replace(case, symptoms=0), problem.symptoms, now)
    return entries


def symptom_entries(case: Case, new: Iterable[Symptom], now: datetime) -> list[Entry]:
    """A line for each of the first symptoms of a case, by name, and one for all others: thousands may come."""
    named = sorted(new, key=lambda symptom: (symptom.fault.subject, symptom.fault.kind))
    room = max(0, NAMED - case.symptoms)
    entries = [symptom_entry(case, symptom.fault, symptom.because, now) for symptom in named[:room]]
    if left := len(named[room:]):
        text = f"and {left} more: netcase faults --case {case.name}"
        entries.append(Entry(case=case.number, at=now, action=Action.SYMPTOM, text=text, data={"more": str(left)}))
    return entries


def symptom_entry(case: Case, fault: Fault, because: str, now: datetime) -> Entry:
    return Entry(
        case=case.number,
        at=now,
        action=Action.SYMPTOM,
        text=f"{fault.kind}: {fault.subject}: {because}",
        data={"fault": fault.id, "because": because},
    )


def root_cause_decision(case: Case, problem: Problem, now: datetime) -> Decision:
    named = sorted(problem.symptoms, key=lambda symptom: (symptom.fault.subject, symptom.fault.kind))
    symptoms = [f"{s.fault.kind} {s.fault.subject}: {s.because}" for s in named[:NAMED]]
    if left := len(named[NAMED:]):
        symptoms.append(f"and {left} more: netcase faults --case {case.name}")
    return Decision(
        about=case.name,
        at=now,
        what="root_cause",
        outcome=f"{problem.root.kind} {problem.root.subject}",
        reasons=(problem.because, *symptoms),
        inputs={"faults": str(len(problem.faults)), "problem": problem.key},
    )


def weighed_entry(case: Case, severity: Severity, decision: Decision, now: datetime) -> Entry:
    """The consequences are others than they were, and the severity is left to a person."""
    text = f"its consequences are those of {severity} now: {'; '.join(decision.reasons)}"
    data = {"severity": str(case.severity), "weighed": str(severity)}
    return Entry(case=case.number, at=now, action=Action.SEVERITY, text=text, data=data)
