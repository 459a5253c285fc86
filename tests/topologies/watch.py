"""An agent on a given topology, in memory: polls' batches through the rules, confirmation and root cause, settling as
the pipeline does, without SQL. Batches come in random order, and some polls never come.

A device that is polled while nothing about it changed is only marked as asked: `Watch` proves once that such a batch
says nothing.
"""

import heapq
import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache, cached_property

from agent.cases import opening
from agent.cases.case import Case, Severity
from agent.faults import confirmation, correlation, rules, suppression, waiting
from agent.faults.correlation import Problem
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.faults.rules import Scene
from agent.faults.suppression import Circumstances
from agent.inventory import topology
from agent.inventory.device import Device, Polling
from agent.inventory.inventory import Inventory, Link
from agent.inventory.topology import Topology
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from tests.story import START, device
from tests.topologies.graph import Failure, Graph

LOST = 0.05  # of the polls
LATE_S = 5.0  # a batch comes up to so much after its poll, so that it overtakes others
LONGEST = timedelta(minutes=6)
STEP = timedelta(seconds=5)
SOON = timedelta(seconds=1)
POLLING = Polling()

Key = tuple[FaultKind, Subject]


@dataclass
class Told:
    """What the agent made of a failure: the cases that it opened, and the problem that each came to in the end."""

    opened: list[str] = field(default_factory=list)
    cases: dict[int, Case] = field(default_factory=dict)

    @property
    def keys(self) -> list[str]:
        return sorted(case.problem for case in self.cases.values())


class Watch:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.inventory = inventory(graph)
        self.net: Topology = topology.build(self.inventory)
        self.book = book()
        for name in graph.nodes:
            scene = Scene(device=self.inventory.devices[name], batch=self.batch(name, frozenset(), START))
            assert not any(judged.bad for judged in rules.judge(scene, self.book))

    # ------------------------------------------------------------ the network's answers

    @cached_property
    def ports(self) -> dict[tuple[str, int], str]:
        """The interface's name, by node and link."""
        return ports(self.graph)

    @cached_property
    def by_key(self) -> dict[str, Failure]:
        """What a problem's key says is broken."""
        links = enumerate(self.inventory.links)
        nodes = {f"{FaultKind.DEVICE_UNREACHABLE}|{name}": name for name in self.graph.nodes}
        return {f"link|{link.key}": number for number, link in links} | nodes

    def batch(self, name: str, broken: frozenset[Failure], at: datetime, silent: bool = False) -> Batch:
        me = Subject(name)
        told = [Observation(me, Fact.ICMP_REACHABLE, not silent), Observation(me, Fact.SNMP_REACHABLE, not silent)]
        if not silent:
            told.append(Observation(me, Fact.UPTIME, (at - START).total_seconds() + 1e6))
            for link, there in self.graph.links_of[name]:
                port = Subject(name, ComponentKind.INTERFACE, self.ports[name, link])
                down = link in broken or there in broken
                told.append(Observation(port, Fact.ADMIN_STATUS, "up"))
                told.append(Observation(port, Fact.OPER_STATUS, "down" if down else "up"))
        return Batch(name, Tier.STATUS, at, tuple(told), frozenset({ComponentKind.INTERFACE}))

    # ------------------------------------------------------------ a failure

    def tell(self, broken: frozenset[Failure], seed: int) -> Told:
        return _Run(self, broken, random.Random(f"{self.graph.name} {sorted(map(str, broken))} {seed}")).run()

    def answer(self, told: Told) -> frozenset[Failure] | None:
        """What the agent says is broken; None where it says something that no single failure is."""
        if any(key not in self.by_key for key in told.keys):
            return None
        return frozenset(self.by_key[key] for key in told.keys)


class _Run:
    def __init__(self, watch: Watch, broken: frozenset[Failure], chance: random.Random) -> None:
        self.watch, self.broken, self.chance = watch, broken, chance
        self.silent, down = watch.graph.picture(broken)
        self.touched = self.silent | {node for node, _ in down}
        self.queue: list[tuple[datetime, datetime, str]] = []  # when its batch comes, when it is polled, who
        self.due: dict[str, datetime] = {}
        self.faults: dict[str, dict[Key, Fault]] = {}
        self.case_of: dict[str, int] = {}
        self.asked: dict[str, datetime] = {}
        self.previous: dict[str, Batch] = {}
        self.told = Told()
        self.changed = self.held = False

    def run(self) -> Told:
        net = self.watch.net
        around = {near for name in self.touched for near in net.neighbours(name)}
        for name in sorted(self.touched | around):
            self.previous[name] = self.watch.batch(name, frozenset(), START - POLLING.status)
            self._ask(name, START + timedelta(seconds=self.chance.uniform(0, POLLING.status.total_seconds())))
        settle = START
        while self.queue and self.queue[0][0] < START + LONGEST:
            now, at, name = heapq.heappop(self.queue)
            while settle < now:
                self._settle(settle)
                settle += STEP
            if self.due[name] == at:
                self._poll(name, at, now)
        return self.told

    def _ask(self, name: str, at: datetime) -> None:
        """A batch comes after its poll; what was planned before is forgotten."""
        self.due[name] = at
        heapq.heappush(self.queue, (at + timedelta(seconds=self.chance.uniform(0, LATE_S)), at, name))

    def _poll(self, name: str, at: datetime, now: datetime) -> None:
        polling = self.watch.inventory.devices[name].polling
        mine = self.faults.setdefault(name, {})
        fresh = False
        if self.chance.random() >= LOST:
            self.asked[name] = at
            fresh = name in self.touched and self._observe(name, at, mine)
        doubt = any(confirmation.in_doubt(fault) for fault in mine.values())
        self._ask(name, now + SOON if fresh else at + (polling.recheck if doubt else polling.status))
        if fresh:
            for near in self.watch.net.neighbours(name) & self.due.keys():
                if self.due[near] > now + SOON:
                    self._ask(near, now + SOON)

    def _observe(self, name: str, at: datetime, mine: dict[Key, Fault]) -> bool:
        """Whether something is seen for the first time: then the device and those around it are asked at once."""
        fresh = False
        watch, book = self.watch, self.watch.book
        batch = watch.batch(name, self.broken, at, name in self.silent)
        known: Device = watch.inventory.devices[name]
        scene = Scene(
            device=known,
            batch=batch,
            previous=self.previous[name],
            open=dict(mine),
            linked=watch.net.linked_interfaces(name),
        )
        for judged in confirmation.verdicts(rules.judge(scene, book)):
            key = (judged.kind, judged.subject)
            before, believe = mine.get(key), book.believe(judged.kind, known)
            after = confirmation.advance(before, judged, batch.at, believe, self.previous[name].at)
            if after is not None and after is not before:
                self.changed = True
                mine[key] = after
                fresh |= confirmation.is_new(after)
        if name not in self.silent:
            self.previous[name] = batch
        return fresh

    # ------------------------------------------------------------ settling

    def _settle(self, now: datetime) -> None:
        if not self.changed and not self.held:
            return
        every = [fault for mine in self.faults.values() for fault in mine.values()]
        active = [fault for fault in every if fault.active]
        self.changed = self.held = False
        suspects = frozenset(f.subject.device for f in every if f.state is FaultState.SUSPECT)
        standing = frozenset(fault.id for fault in active)
        for problem in correlation.problems(active, self.watch.net):
            self._take(problem, suspects, standing, now)

    def _take(self, problem: Problem, suspects: frozenset[str], standing: frozenset[str], now: datetime) -> None:
        watch, told = self.watch, self.told
        problem = self._with_cases(problem)
        case = opening.owner(problem, told.cases.values(), standing)
        if case is None:
            unclear = waiting.unclear(problem, watch.net, suspects, self.asked, watch.inventory)
            known = Circumstances(settle=watch.inventory.policies.settle, unclear=unclear)
            if suppression.reason(problem, known, now):
                self.held = True
                return
            told.opened.append(problem.key)
            fresh = opening.case_for(problem, Severity.P3, watch.inventory, now)
            case = replace(fresh, number=len(told.opened))
        leads = case.root in {fault.id for fault in problem.faults} or case.root not in standing
        if leads:
            case = replace(case, problem=problem.key, kind=problem.kind, root=problem.root.id)
        told.cases[case.number] = case
        self.case_of |= {fault.id: case.number for fault in problem.faults}
        for number in set(told.cases) - set(self.case_of.values()):
            del told.cases[number]  # all its faults belong to an older one

    def _with_cases(self, problem: Problem) -> Problem:
        root = replace(problem.root, case=self.case_of.get(problem.root.id, 0))
        symptoms = tuple(
            replace(each, fault=replace(each.fault, case=self.case_of.get(each.fault.id, 0)))
            for each in problem.symptoms
        )
        return replace(problem, root=root, symptoms=symptoms)


@cache
def book() -> rules.Book:
    return rules.shipped()


def ports(graph: Graph) -> dict[tuple[str, int], str]:
    """Interfaces are named after the node they lead to; of parallel links the later ones have a number."""
    taken: dict[tuple[str, str], int] = {}
    found = {}
    for number, (a, b) in enumerate(graph.links):
        times = taken[min(a, b), max(a, b)] = taken.get((min(a, b), max(a, b)), 0) + 1
        suffix = f"-{times}" if times > 1 else ""
        found[a, number], found[b, number] = f"to-{b}{suffix}", f"to-{a}{suffix}"
    return found


def inventory(graph: Graph) -> Inventory:
    """Every node is a device at a site of its own."""
    names = ports(graph)
    return Inventory(
        devices={name: device(name, site=name, polling=POLLING) for name in graph.nodes},
        links=tuple(Link(a, names[a, number], b, names[b, number]) for number, (a, b) in enumerate(graph.links)),
        attached_to=graph.entries,
    )
