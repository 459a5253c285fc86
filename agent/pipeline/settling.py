"""Believed faults become problems, problems become cases; suppression says why not.

All in the caller's transaction and of one moment: every open fault is looked at together (correlate first, suppress
after), each is saved with what explains it and what silences it, and what is left stands in a case.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from agent.cases import opening
from agent.cases.case import Case, Decision
from agent.faults import confirmation, correlation, flapping, suppression
from agent.faults.correlation import Problem
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory.inventory import Inventory
from agent.inventory.topology import Topology
from agent.pipeline.casework import Casework
from agent.ports import Transaction

# Faults that change what leads where, so that the devices around them have something to say of it.
CUTS = frozenset({FaultKind.DEVICE_UNREACHABLE, FaultKind.INTERFACE_DOWN, FaultKind.BGP_PEER_DOWN})

HOUR = timedelta(hours=1)


class Settling:
    def __init__(self, tx: Transaction, inventory: Inventory, net: Topology, now: datetime) -> None:
        self._tx, self._inventory, self._net, self._now = tx, inventory, net, now

    def settle(self, every: Iterable[Fault]) -> list[Case]:
        """`every` fault that is open, suspect ones too. Returns the cases that were opened."""
        every = tuple(every)
        faults = [fault for fault in every if fault.active]
        opened: list[Case] = []
        if not faults:
            return opened
        tx, now = self._tx, self._now
        suspects = {f.subject.device for f in every if f.state is FaultState.SUSPECT and f.kind in CUTS}
        windows = tx.windows()
        live = {case.number: case for case in tx.live_cases()}
        down = {f.subject.device for f in faults if f.kind is FaultKind.DEVICE_UNREACHABLE}
        work = Casework(tx, self._inventory, self._net, down, now)
        recent = tx.faults(start=now - suppression.COMES_BACK)
        for problem in correlation.problems(faults, self._net):
            reason = suppression.reason(problem, self._inventory, windows, now)
            problem = self._explained(problem, reason)
            unclear = self._unclear(problem, suspects)
            if reason or suppression.settling(problem, self._inventory.policies.settle, unclear, now):
                continue
            if suppression.coming_back(problem, correlation.ends(problem, self._net), recent, now):
                continue
            if problem.root.recovering and not flapping.is_flapping(problem.root):
                continue  # on its way out: nothing new is begun for it
            if case := opening.owner(problem, live.values()):
                live[case.number] = work.join(case, problem)
            elif case := work.open(problem):
                live[case.number] = case
                opened.append(case)
        return opened

    def _unclear(self, problem: Problem, suspects: set[str]) -> timedelta:
        """How long it takes to know what the devices around the trouble say of it; zero when that is known.

        It is not known while one is suspect, or was not asked since.
        """
        if problem.kind not in CUTS or problem.root.case:
            return timedelta(0)
        around = correlation.witnesses(problem, self._net)
        since = min(fault.began for fault in problem.faults)
        if not around & suspects and all(self._asked_since(name, since) for name in around):
            return timedelta(0)
        devices, policies = self._inventory.devices, self._inventory.policies
        return max(confirmation.time_to_believe(devices[name], policies) for name in around)

    def _asked_since(self, name: str, since: datetime) -> bool:
        seen = self._tx.coverage("reachability", since - HOUR, self._now + HOUR, name).get(name, [])
        return any(span.end >= since for span in seen)

    def _explained(self, problem: Problem, reason: str) -> Problem:
        """Saves with each fault what explains it and what silences it, and the record of it, when that changed."""
        told = {symptom.fault.id: symptom.because for symptom in problem.symptoms}
        updated = {}
        for fault in problem.faults:
            cause = "" if fault.id == problem.root.id else problem.root.id
            if (cause, reason) == (fault.cause, fault.suppressed) and fault.because:
                updated[fault.id] = fault
                continue
            because = told.get(fault.id, problem.because)
            alone = None if cause else (self._now if fault.cause else fault.alone_since)
            after = replace(fault, cause=cause, because=because, suppressed=reason, alone_since=alone)
            updated[fault.id] = after
            self._tx.save_faults([after])
            what, outcome = (
                ("root_cause", cause or "root") if reason == fault.suppressed else ("suppression", reason or "none")
            )
            inputs = {"fault": str(fault.kind), "problem": problem.key}
            about = str(fault.subject)
            decision = Decision(
                about=about, at=self._now, what=what, outcome=outcome, reasons=(because,), inputs=inputs
            )
            self._tx.record([decision])
        symptoms = tuple(replace(symptom, fault=updated[symptom.fault.id]) for symptom in problem.symptoms)
        return replace(problem, root=updated[problem.root.id], symptoms=symptoms)
