"""Believed faults become problems, problems become cases; suppression says why not.

All in the caller's transaction and of one moment: every open fault is looked at together (correlate first, suppress
after), each is told what explains it and what silences it, and what is left stands in a case. What is read and written
grows with what changed, not with what is broken: thousands of faults may be.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from agent.cases import opening
from agent.cases.case import Action, Case, Decision, Entry
from agent.cases.links import Links
from agent.faults import correlation, maintenance, suppression, waiting
from agent.faults.correlation import UMBRELLAS, Problem
from agent.faults.fault import Fault, FaultKind, FaultState, Reason
from agent.faults.rules import Book
from agent.faults.suppression import Circumstances, Suppression
from agent.inventory import windows
from agent.inventory.inventory import Inventory
from agent.inventory.topology import Topology
from agent.inventory.windows import Occurrence
from agent.observation import Tier
from agent.pipeline.casework import Casework, Weighed
from agent.ports import Transaction

RECHECK = timedelta(minutes=1)  # even without a change: the time of day is an input, too
OPENED_AT_ONCE = 100  # cases of troubles that cut nothing off; of thousands the rest have their turn after the polls


@dataclass(frozen=True, slots=True)
class Settled:
    """What a settling came to. Until `due` another one comes to the same, unless the store's mark has changed."""

    opened: tuple[Case, ...]
    due: datetime


@dataclass(frozen=True, slots=True)
class Rest:
    """A cache: the last settling of this process, so that one that has nothing to do costs next to nothing."""

    mark: int
    at: datetime
    due: datetime

    def lasts(self, tx: Transaction, now: datetime) -> bool:
        return self.at <= now < self.due and tx.mark() == self.mark


class Settling:
    """`weighed` is kept from one settling to the next; empty is as good."""

    def __init__(
        self,
        tx: Transaction,
        inventory: Inventory,
        book: Book,
        net: Topology,
        now: datetime,
        weighed: Weighed,
        links: Links | None = None,
    ) -> None:
        self._links = links
        self._tx, self._inventory, self._book, self._net, self._now = tx, inventory, book, net, now
        self._weighed = weighed
        self._due = now + RECHECK
        self._decisions: list[Decision] = []
        self._room = OPENED_AT_ONCE

    def settle(self, every: Iterable[Fault]) -> Settled:
        """`every` fault that is open, suspect ones too."""
        every = tuple(every)
        self._faults = [fault for fault in every if fault.active]
        if not self._faults:
            return Settled((), self._due)
        self._suspects = {f.subject.device for f in every if f.state is FaultState.SUSPECT and f.kind in waiting.CUTS}
        down = {fault.subject.device for fault in self._faults if fault.kind is FaultKind.DEVICE_UNREACHABLE}
        self._work = Casework(
            self._tx, self._inventory, self._net, down, self._now, self._weighed, self._book, self._links
        )
        self._windows = windows.known(self._inventory.windows, self._tx.windows())
        self._live = {case.number: case for case in self._tx.live_cases()}
        self._holders = {**self._tx.taken_over(), **{case.problem: case.number for case in self._live.values()}}
        self._rooted = {opening.root_key(case): case.number for case in reversed(self._live.values())}
        self._left = Counter(fault.case for fault in self._faults)
        opened = [case for problem in correlation.problems(self._faults, self._net) if (case := self._take(problem))]
        self._work.finish()
        self._tx.record(self._decisions)
        return Settled(tuple(opened), self._due)

    def _take(self, problem: Problem) -> Case | None:
        """A case that was opened for the problem, if one was."""
        held, before = self._held(problem), problem.root
        problem = self._explained(problem, held)
        self._note_maintenance(problem, before, held)
        if held:
            return None
        if case := self._owner(problem):
            self._live[case.number] = joined = self._work.join(case, problem, leads=self._leads(case, problem))
            self._merge(problem, joined)
            return None
        if self._room <= 0 and problem.kind not in waiting.CUTS | UMBRELLAS:
            self._due = self._now
            return None
        case = self._work.open(problem)
        if case:
            self._room -= 1
            self._note_outlived(problem, case)
            self._live[case.number] = case
            self._holders[case.problem] = case.number
        return case

    def _owner(self, problem: Problem) -> Case | None:
        numbers = {fault.case for fault in problem.faults} | {self._holders.get(problem.key, 0)}
        numbers |= {self._rooted.get(fault.key, 0) for fault in problem.faults}
        live = (self._live[number] for number in numbers if number in self._live)
        return opening.owner(problem, live, self._open) or self._live.get(self._holders.get(problem.key, 0))

    def _leads(self, case: Case, problem: Problem) -> bool:
        """Whether it says what the case is about: of several problems of one case the one that has its root, and
        where that is over, the first. What is left of a large outage while it recovers does not: it was large."""
        if case.kind in UMBRELLAS and problem.kind not in UMBRELLAS:
            return 2 * sum(fault.case == case.number for fault in problem.faults) > case.symptoms
        return any(fault.id == case.root for fault in problem.faults) or case.root not in self._open

    def _merge(self, problem: Problem, into: Case) -> None:
        """Cases all of whose faults turned out to belong to an older one are over: that one goes on."""
        for number, count in Counter(fault.case for fault in problem.faults).items():
            if number not in {0, into.number} and number in self._live:
                self._left[number] -= count
                if not self._left[number]:
                    self._work.merge(self._live.pop(number), into)

    # ------------------------------------------------------------ why not

    def _held(self, problem: Problem) -> Suppression | None:
        unclear, planned = self._unclear(problem), self._planned(problem)
        known = Circumstances(
            planned=planned if planned and not self._beyond(problem, planned) else None,
            settle=self._inventory.policies.settle,
            unclear=unclear,
            restarted=self._restarted_at(problem),
            opens=self._opens(problem),
            recovery=self._recovery(problem.root) if problem.root.recovering else None,
        )
        held = suppression.reason(problem, known, self._now)
        if held and held.word is Reason.SETTLING and unclear:
            self._due = self._now  # as soon as the last of them was asked
        elif held and held.until:
            self._due = min(self._due, held.until)
        return held

    # ------------------------------------------------------------ maintenance

    def _planned(self, problem: Problem) -> Occurrence | None:
        return maintenance.silencing(problem, self._windows, self._net, self._now) if self._windows else None

    def _beyond(self, problem: Problem, planned: Occurrence) -> tuple[str, ...]:
        return maintenance.beyond(problem, planned, self._inventory, self._net, self._now)

    def _note_maintenance(self, problem: Problem, before: Fault, held: Suppression | None) -> None:
        """A case that was there first is told when maintenance begins to silence its root, and when it ends."""
        planned = held is not None and held.word is Reason.MAINTENANCE
        if before.case not in self._live or planned == (before.suppressed_as is Reason.MAINTENANCE):
            return
        if held and planned:
            self._note(before.case, f"from now on nothing new is told of it: {held.sentence}")
        elif problem.root.recovering is None:
            self._note(before.case, self._why_again(problem))

    def _note_outlived(self, problem: Problem, case: Case) -> None:
        if self._windows and (why := self._why_again(problem, opened=True)):
            self._note(case.number, why)

    def _why_again(self, problem: Problem, *, opened: bool = False) -> str:
        """Why maintenance silences it no longer; of a case that was just opened nothing where it never did."""
        if planned := self._planned(problem):
            return maintenance.more_than_named(planned, self._beyond(problem, planned))
        over = maintenance.outlived(problem, self._windows, self._net, self._now)
        if over:
            return f"still broken when maintenance {over.name} ended at {over.ends:%Y-%m-%d %H:%M:%S} UTC"
        return "" if opened else "maintenance no longer names it, and it is still broken"

    def _note(self, case: int, text: str) -> None:
        self._tx.log([Entry(case=case, at=self._now, action=Action.NOTE, text=text)])

    def _opens(self, problem: Problem) -> bool:
        """What is silent with a root that opens no case would be silent for as long as that lasts, which may be for
        ever: it is a case. What happens in a moment is over by itself, and the rest is looked at again then."""
        if self._opens_case(problem.root):
            return True
        return problem.root.kind not in maintenance.MOMENTARY and any(
            self._opens_case(symptom.fault) for symptom in problem.symptoms
        )

    def _opens_case(self, fault: Fault) -> bool:
        rule = self._book.behind(fault.kind, fault.subject, self._inventory.devices[fault.subject.device])
        return rule is None or rule.case

    def _recovery(self, root: Fault) -> timedelta:
        """A poll that sees it at its turn, so often as is needed to believe it, twice over."""
        device = self._inventory.devices[root.subject.device]
        rule, polling = self._book.behind(root.kind, root.subject, device), device.polling
        if rule is None or rule.tier is None:
            return 2 * polling.health
        turn = {Tier.STATUS: polling.status, Tier.HEALTH: polling.health, Tier.IDENTITY: polling.identity}[rule.tier]
        return 2 * max(rule.over.hold, rule.over.polls * turn)

    def _unclear(self, problem: Problem) -> timedelta:
        if problem.root.case:
            return timedelta(0)
        return waiting.unclear(problem, self._net, self._suspects, self._sights, self._inventory)

    @cached_property
    def _open(self) -> frozenset[str]:
        return frozenset(fault.id for fault in self._faults)

    @cached_property
    def _sights(self) -> dict[str, datetime]:
        """When each device was last asked, of those that were since the oldest fault without a case began."""
        since = min(fault.began for fault in self._faults if not fault.case)
        return self._tx.sights("reachability", since)

    @cached_property
    def _restarts(self) -> tuple[Fault, ...]:
        return self._tx.faults(start=self._now - suppression.COMES_BACK, kind=FaultKind.DEVICE_RESTARTED)

    def _restarted_at(self, problem: Problem) -> tuple[Fault, ...]:
        if not self._restarts:
            return ()
        if problem.kind in suppression.ON_THE_WAY:
            silent = problem.root.subject.device
            return tuple(f for f in self._restarts if f.subject.device != silent and self._is_behind(silent, f))
        ends = correlation.ends(problem, self._net) if problem.kind in suppression.ROUTING else frozenset()
        return tuple(fault for fault in self._restarts if fault.subject.device in ends)

    def _is_behind(self, name: str, restart: Fault) -> bool:
        return name in self._net.lost_by(frozenset({restart.subject.device}), frozenset())

    # ------------------------------------------------------------ what explains, what silences

    def _explained(self, problem: Problem, held: Suppression | None) -> Problem:
        """Each fault with what explains it and what silences it; what changed is saved, and recorded."""
        because = {symptom.fault.id: symptom.because for symptom in problem.symptoms}
        after, changed = {}, []
        for fault in problem.faults:
            cause = "" if fault.id == problem.root.id else problem.root.id
            told = self._told(fault, cause, because.get(fault.id, problem.because), held)
            after[fault.id] = told
            if told is not fault:
                changed.append((fault, told))
        if not changed:
            return problem
        self._work.keep(told for _, told in changed)
        self._record(problem, changed)
        symptoms = tuple(replace(symptom, fault=after[symptom.fault.id]) for symptom in problem.symptoms)
        return replace(problem, root=after[problem.root.id], symptoms=symptoms)

    def _told(self, fault: Fault, cause: str, because: str, held: Suppression | None) -> Fault:
        """The very same fault where nothing is new. What stands in a case is silenced by maintenance only."""
        silent = held if held and (held.word is Reason.MAINTENANCE or not fault.case) else None
        words = (silent.sentence, silent.word, silent.until) if silent else ("", None, None)
        if (cause, because) == (fault.cause, fault.because) and words == (
            fault.suppressed,
            fault.suppressed_as,
            fault.suppressed_until,
        ):
            return fault
        alone = None if cause else (self._now if fault.cause else fault.alone_since)
        return replace(
            fault,
            cause=cause,
            because=because,
            alone_since=alone,
            suppressed=words[0],
            suppressed_as=words[1],
            suppressed_since=self._since(fault, silent),
            suppressed_until=words[2],
        )

    def _since(self, fault: Fault, silent: Suppression | None) -> datetime | None:
        if silent is None:
            return None
        return fault.suppressed_since if silent.word is fault.suppressed_as else self._now

    def _record(self, problem: Problem, changed: list[tuple[Fault, Fault]]) -> None:
        """A decision for the root and for the first others by name; of the rest, how many they are."""
        changed = [pair for pair in changed if _decided(*pair)]
        changed.sort(key=lambda pair: (pair[1].id != problem.root.id, pair[1].subject, pair[1].kind))
        for before, after in changed[: opening.NAMED]:
            for what, outcome in _decided(before, after):
                inputs = {"fault": str(after.kind), "problem": problem.key}
                self._decide(str(after.subject), what, outcome, (after.because,), inputs)
        if left := len(changed[opening.NAMED :]):
            reasons = (f"the same of {left} more faults",)
            self._decide(str(problem.subject), "root_cause", problem.root.id, reasons, {"problem": problem.key})

    def _decide(self, about: str, what: str, outcome: str, reasons: tuple[str, ...], inputs: dict[str, str]) -> None:
        decision = Decision(about=about, at=self._now, what=what, outcome=outcome, reasons=reasons, inputs=inputs)
        self._decisions.append(decision)


def _decided(before: Fault, after: Fault) -> list[tuple[str, str]]:
    """(what, outcome) of what is new of a fault. Another sentence for the same cause is none."""
    found = []
    if before.cause != after.cause or not before.because:
        found.append(("root_cause", after.cause or "root"))
    if before.suppressed != after.suppressed:
        found.append(("suppression", after.suppressed or "none"))
    return found
