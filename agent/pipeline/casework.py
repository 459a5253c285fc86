"""Cases as the flow makes them: opened, joined, raised, told of, with evidence on its way. All in the caller's
transaction, so that a case, what is told of it and what is asked for it are kept together or not at all."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from agent.cases import closing, moves, opening, playbook, severity
from agent.cases.case import Action, Case, CaseState, Decision, Entry, Severity
from agent.cases.links import Links
from agent.cases.playbook import Collect
from agent.cases.severity import Weighing
from agent.errors import CollisionError
from agent.faults import rules, suppression
from agent.faults.correlation import Problem
from agent.faults.fault import Fault, FaultKind
from agent.faults.rules import Book
from agent.inventory.inventory import Inventory
from agent.inventory.topology import Topology
from agent.notifications.policy import Occasion
from agent.observation import Tier
from agent.pipeline import announcing, contracts, moving
from agent.pipeline.desk import Desk
from agent.pipeline.visits import ask_device
from agent.ports import Transaction

Weighed = dict[tuple[int, str], int]
"""By case and problem: what severity was last decided from, in short. A cache: without it that is done once more."""
MOST_WEIGHED = 20_000
WEIGH_AGAIN = 300  # seconds; severity goes by the time, too


class Casework:
    """`net` is the topology and `down` the devices that do not answer, at the moment of deciding.

    Faults are gathered (`keep`) and saved together (`finish`): thousands may change at once.
    """

    def __init__(
        self,
        tx: Transaction,
        inventory: Inventory,
        net: Topology,
        down: set[str],
        now: datetime,
        weighed: Weighed | None = None,
        book: Book | None = None,
        links: Links | None = None,
    ) -> None:
        self._links = links
        self._tx, self._inventory, self._net, self._down, self._now = tx, inventory, net, down, now
        self._book = book or rules.in_force()
        self._weighed = {} if weighed is None else weighed
        self._around = hash((frozenset(down), id(net)))
        self._changed: dict[str, Fault] = {}

    def keep(self, faults: Iterable[Fault]) -> None:
        """To be saved in the end; of one fault the last is."""
        self._changed.update((fault.id, fault) for fault in faults)

    def finish(self) -> None:
        """Raises CollisionError when another process saved a fault of the same key."""
        self._tx.save_faults(self._changed.values())
        self._changed.clear()
        if len(self._weighed) > MOST_WEIGHED:
            self._weighed.clear()

    def open(self, problem: Problem) -> Case | None:
        """None when another process opened it in this very moment: it is theirs, and ours at the next settling."""
        weighing = self._severity(problem)
        level, decision = weighing.severity, weighing.decision
        try:
            case = self._tx.open_case(opening.case_for(problem, level, self._inventory, self._now))
        except CollisionError:
            return None
        decision = replace(decision, about=case.name)
        self._tx.record([decision, opening.root_cause_decision(case, problem, self._now)])
        self._tx.log(opening.first_entries(case, problem, decision, self._now))
        contracts.found(Desk(self._tx, self._inventory, self._now, self._links), case)
        self.keep(replace(fault, case=case.number) for fault in problem.faults)
        self._weighed[case.number, problem.key] = self._weight(case, problem)
        self._tell(Occasion.OPENED, case, problem.faults, decision.reasons)
        self._ask_for_evidence(case, problem)
        return case

    def join(self, case: Case, problem: Problem, *, leads: bool = True) -> Case:
        """A live case takes in what belongs to it: new symptoms, another root, a relapse, a wider blast.

        `leads`: of several problems of one case only one says what its root is.
        """
        newcomers = [fault for fault in problem.faults if fault.case != case.number]
        if newcomers or (leads and (case.root, case.kind) != (problem.root.id, problem.kind)):
            case = self._mine(case)
        entries = []
        if newcomers and case.state in opening.QUIET_STATES:
            told_over = case.resolved is not None
            case, entry = closing.relapse(case, self._now)
            entries.append(entry)
            if told_over and not moves.is_acknowledged(case, self._now):
                self._tell(Occasion.REOPENED, case, problem.faults, (problem.root.reason,))
        known = (case.root, case.kind) == (problem.root.id, problem.kind)
        if (
            leads
            and not known
            and not self._is_leftover(case, problem)
            and problem.kind is not FaultKind.DEVICE_RESTARTED
        ):
            case = replace(case, root=problem.root.id, kind=problem.kind, subject=problem.subject)
            text = f"root cause is now {problem.kind} {problem.subject}: {problem.because}"
            data = {"fault": problem.root.id}
            entries.append(Entry(case=case.number, at=self._now, action=Action.ROOT, text=text, data=data))
        fresh = {fault.id for fault in newcomers}
        new = [symptom for symptom in problem.symptoms if symptom.fault.id in fresh]
        entries += opening.symptom_entries(case, new, self._now)
        if entries or newcomers:
            members = self._tx.members(case.number) + len(newcomers)
            self.keep(replace(fault, case=case.number) for fault in newcomers)
            case = replace(case, symptoms=members - 1, updated=self._now)
            self._tx.save_case(case)
            self._tx.log(entries)
            self._tx.record([opening.root_cause_decision(case, problem, self._now)])
        if newcomers:
            self._ask_newcomers(case, problem)
        return self._raised(case, problem, leads)

    def _mine(self, case: Case) -> Case:
        """As it is now, and nobody else's until the transaction is over: it is saved as a whole. CollisionError where
        it has ended since it was read: all is decided anew."""
        found = self._tx.case(case.number)
        if found is None or not found.live:
            raise CollisionError(f"{case.name} was ended by somebody else just now")
        return found

    def _is_leftover(self, case: Case, problem: Problem) -> bool:
        """A symptom that outlives its cause: it says what the case is about only when it does not go by itself."""
        root = problem.root
        if root.case != case.number or root.alone_since is None:
            return False
        return self._now - root.alone_since < suppression.COMES_BACK

    def merge(self, case: Case, into: Case) -> None:
        """Nothing is left to it: what it was about turned out to be part of an older case's trouble."""
        case = self._mine(case)
        text = f"the same trouble as {into.name}, which goes on"
        data = {"from": str(case.state), "to": str(CaseState.RESOLVED), "into": into.name}
        over = replace(case, state=CaseState.RESOLVED, resolved=self._now, updated=self._now, live=False)
        self._tx.save_case(replace(over, merged_into=into.number))
        moving.inherit(self._tx, case.number, into.number, self._now)
        told = Entry(
            case=into.number, at=self._now, action=Action.NOTE, text=f"{case.name} turned out to be part of it"
        )
        self._tx.log([Entry(case=case.number, at=self._now, action=Action.STATE, text=text, data=data), told])

    def _raised(self, case: Case, problem: Problem, leads: bool) -> Case:
        """Severity follows the blast upwards; a person takes it down again."""
        key, weight = (case.number, problem.key), self._weight(case, problem)
        if self._weighed.get(key) == weight:
            return case
        self._weighed[key] = weight
        weighing = self._severity(problem)
        level = weighing.severity
        if not leads and not severity.worse(level, case.severity):
            return case
        told = next((d.outcome for d in self._tx.decisions(case.name) if d.what == "severity"), str(case.severity))
        lowered = severity.worse(Severity(told), case.severity)  # by a person, whose word holds until it grows worse
        if severity.worse(level, Severity(told) if lowered else case.severity):
            return self._raise(case, problem, level, weighing.decision)
        if not leads:
            return case
        if told != level:  # how it is now, for whoever would lower it
            decision = replace(weighing.decision, about=case.name)
            self._tx.record([decision])
            self._tx.log([opening.weighed_entry(case, level, decision, self._now)])
        return case

    def _raise(self, case: Case, problem: Problem, level: Severity, decision: Decision) -> Case:
        """It is news to whoever knows of the problem already."""
        decided_from, case = case.severity, self._mine(case)
        if case.severity is not decided_from:
            raise CollisionError(f"somebody else said just now how severe {case.name} is")
        raised = replace(moves.unacknowledged(case), severity=level, updated=self._now)
        self._tx.save_case(raised)
        self._tx.record([replace(decision, about=case.name)])
        text = f"raised from {case.severity} to {level}: {'; '.join(decision.reasons)}"
        data = {"from": str(case.severity), "to": str(level)}
        self._tx.log([Entry(case=case.number, at=self._now, action=Action.SEVERITY, text=text, data=data)])
        self._tell(Occasion.RAISED, raised, problem.faults, decision.reasons)
        return raised

    def _severity(self, problem: Problem) -> Weighing:
        device = self._inventory.devices[problem.subject.device]
        rule = self._book.behind(problem.kind, problem.subject, device)
        by_kind = rule.severity if rule else Severity.P3
        states = self._tx.states(device.name) if problem.kind in severity.PARTS else {}
        witnessed = self._is_witnessed(problem)
        return severity.of(problem, self._inventory, self._net, self._down, self._now, by_kind, states, witnessed)

    def _is_witnessed(self, problem: Problem) -> bool:
        """Whether a neighbour that was asked since still has a session with the device that does not answer us."""
        if not severity.may_be_witnessed(problem, self._net):
            return False
        silent, began = problem.root.subject.device, problem.root.began
        return any(
            self._tx.seen(near).get(Tier.STATUS, began) > began
            and severity.speaks_with(self._tx.states(near), silent, self._net)
            for near in self._net.neighbours(silent)
        )

    def _weight(self, case: Case, problem: Problem) -> int:
        """All that severity is decided from, in short; each case is looked at again at a time of its own."""
        again = int(self._now.timestamp() + case.number) // WEIGH_AGAIN
        return hash((problem.root.id, frozenset(fault.id for fault in problem.faults), self._around, again))

    def _tell(self, occasion: Occasion, case: Case, faults: Iterable[Fault], reasons: Iterable[str]) -> None:
        desk = Desk(self._tx, self._inventory, self._now, self._links)
        announcing.announce(desk, occasion, case, faults, reasons)

    def _ask_for_evidence(self, case: Case, problem: Problem) -> None:
        """Rows first, so that the case shows what is on its way; `show tech` only after its cool-down."""
        visits = self._visits(problem)
        if not visits:
            self._note_evidence(case, "no evidence: none of the devices concerned can be read over SSH")
        for visit in visits:
            if visit.tier == "quick" or self._may_ask_tech(visit.device):
                ask_device(self._tx, case, visit, self._now)
            else:
                pause = self._inventory.policies.tech_cooldown
                text = f"no show tech from {visit.device}: it was asked less than {pause} ago"
                self._note_evidence(case, text)

    def _ask_newcomers(self, case: Case, problem: Problem) -> None:
        """A device that nobody thought of when the case was opened has something to say, too."""
        heard = {evidence.device for evidence in self._tx.evidence(case.number)}
        more = [v for v in self._visits(problem) if v.device not in heard and v.tier == "quick"]
        for visit in more[: max(0, playbook.DEVICES_LIMIT - len(heard))]:
            ask_device(self._tx, case, visit, self._now)

    def _visits(self, problem: Problem) -> list[Collect]:
        silent = self._down | severity.cut_off(problem, self._net)
        return playbook.plan(problem, self._inventory, self._net, silent)

    def _note_evidence(self, case: Case, text: str) -> None:
        self._tx.log([Entry(case=case.number, at=self._now, action=Action.EVIDENCE, text=text)])

    def _may_ask_tech(self, device: str) -> bool:
        last = self._tx.last_collected(device, "tech")
        return last is None or self._now - last >= self._inventory.policies.tech_cooldown

    def resolved(self, case: Case, faults: Iterable[Fault], reason: str) -> None:
        self._tell(Occasion.RESOLVED, case, faults, (reason,))
