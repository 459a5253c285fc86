"""Stories: a small network that can be broken in simulated time, watched by the real pipeline on a real store.

    story.at("00:01:00").cut("core1", "acc1")
    story.run(minutes=2)
    story.expect_cases(...)

The network answers as devices would (reachability through the topology, interface and BGP states, uptime); polls come
at each device's interval, and again at once when the pipeline asks for it. Time is an argument, so nothing waits.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from agent.cases.case import Case
from agent.inventory.customers import Contact, Contract, Customer, Person, Site
from agent.inventory.device import Device, Management, Polling, Role, SnmpAccess, SshAccess
from agent.inventory.inventory import Inventory, Link
from agent.inventory.policies import Policies
from agent.inventory.teams import Team
from agent.inventory.windows import Window
from agent.observation import (
    Batch,
    ComponentKind,
    Event,
    Fact,
    Observation,
    Source,
    Subject,
    SyslogSeverity,
    Tier,
)
from agent.pipeline import Pipeline
from agent.ports import JobKind, Store

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
POLLING = Polling(status=timedelta(seconds=60), health=timedelta(seconds=300), recheck=timedelta(seconds=15))


def device(name: str, role: Role = Role.OTHER, site: str = "hq", customer: str = "acme", **more: object) -> Device:
    settings: dict[str, object] = {
        "snmp": SnmpAccess(),
        "ssh": SshAccess(username="netops"),
        "polling": POLLING,
        "contract": "C-1",
    }
    return Device(
        name=name, address=f"192.0.2.{len(name)}", customer=customer, site=site, role=role, **{**settings, **more}
    )  # type: ignore[arg-type]


def inventory(
    devices: Iterable[Device],
    links: Iterable[tuple[str, str]],
    attached_to: Iterable[str],
    windows: tuple[Window, ...] = (),
    policies: Policies | None = None,
) -> Inventory:
    """Interfaces are named after the device they lead to."""
    every = {each.name: each for each in devices}
    return Inventory(
        devices=every,
        links=tuple(Link(a, f"to-{b}", b, f"to-{a}") for a, b in links),
        attached_to=tuple(attached_to),
        windows=windows,
        policies=policies or Policies(),
        customers={
            name: Customer(
                name=name, title=name.title(), team="tac", contacts=(Contact(name="Zhang", email="zhang@example.com"),)
            )
            for name in {each.customer for each in every.values()}
        },
        sites={each.site: Site(name=each.site, customer=each.customer) for each in every.values()},
        contracts={
            "C-1": Contract(number="C-1", customer="acme", starts=START.date(), ends=START.date().replace(year=2027))
        },
        people={"li": Person(name="Li Na", email="li@example.net", channels=("email",))},
        teams={"tac": Team(name="tac", on_call=("li",))},
    )


@dataclass
class Network:
    """The truth."""

    inventory: Inventory
    dead: set[str] = field(default_factory=set)
    cuts: set[frozenset[str]] = field(default_factory=set)
    deaf: set[str] = field(default_factory=set)  # SNMP agent dead, pings
    astray: set[str] = field(default_factory=set)  # alive, with all its links, and there is no route to it
    peers: dict[str, set[str]] = field(default_factory=dict)  # BGP: device → devices
    bgp_dead: set[str] = field(default_factory=set)
    booted: dict[str, datetime] = field(default_factory=dict)
    behind: timedelta = timedelta(0)  # the agent's clock was set back so far: the devices' uptimes were not
    health: dict[str, list[Observation]] = field(default_factory=dict)
    ospf: dict[str, set[str]] = field(default_factory=dict)  # device → devices, over the links between them
    ospf_dead: set[str] = field(default_factory=set)  # their OSPF process hangs
    ospf_stuck: set[frozenset[str]] = field(default_factory=set)  # pairs that hear each other and come no further
    bgp_lost: set[frozenset[str]] = field(default_factory=set)  # pairs whose session is down, for whatever reason

    def answers(self, name: str) -> bool:
        if name in self.dead or name in self.astray:
            return False
        if self.inventory.devices[name].management is Management.OUT_OF_BAND:
            return True
        seen = {n for n in self.inventory.attached_to if n not in self.dead}
        queue = list(seen)
        while queue:
            here = queue.pop()
            for link in self.inventory.links:
                if here not in (link.a, link.b) or frozenset((link.a, link.b)) in self.cuts:
                    continue
                there = link.b if link.a == here else link.a
                if there not in seen and there not in self.dead:
                    seen.add(there)
                    queue.append(there)
        return name in seen

    def poll(self, name: str, tier: Tier, now: datetime) -> Batch:
        me, alive = Subject(name), self.answers(name)
        heard = alive and name not in self.deaf
        told = [Observation(me, Fact.ICMP_REACHABLE, alive)] if tier is Tier.STATUS else []
        told.append(Observation(me, Fact.SNMP_REACHABLE, heard, "" if heard else "timeout"))
        if not heard:
            return Batch(name, tier, now, tuple(told), failures=("timeout",))
        if tier is Tier.STATUS:
            told += self._status(name, now)
        elif tier is Tier.HEALTH:
            told += self.health.get(name, [])
        else:
            told += self._identity(name)
        return Batch(name, tier, now, tuple(told), frozenset(ComponentKind))

    def _status(self, name: str, now: datetime) -> Iterable[Observation]:
        up_for = (now + self.behind - self.booted.get(name, START - timedelta(days=9))).total_seconds()
        yield Observation(Subject(name), Fact.UPTIME, up_for)
        for link in self.inventory.links:
            if name in (link.a, link.b):
                far = link.b if link.a == name else link.a
                up = far not in self.dead and frozenset((link.a, link.b)) not in self.cuts
                port = Subject(name, ComponentKind.INTERFACE, f"to-{far}")
                yield Observation(port, Fact.ADMIN_STATUS, "up")
                yield Observation(port, Fact.OPER_STATUS, "up" if up else "down")
        for far in self.ospf.get(name, ()):
            neighbour = Subject(name, ComponentKind.OSPF_NEIGHBOUR, _address(far))
            yield Observation(neighbour, Fact.OSPF_STATE, self._ospf_state(name, far))
        if name in self.bgp_dead:
            return  # its table died with the process
        for far in self.peers.get(name, ()):
            up = (
                far not in self.dead
                and far not in self.bgp_dead
                and not {frozenset((name, far))} & (self.cuts | self.bgp_lost)
            )
            peer = Subject(name, ComponentKind.BGP_PEER, _address(far))
            yield Observation(peer, Fact.BGP_STATE, "established" if up else "active")

    def _ospf_state(self, name: str, far: str) -> str:
        pair = frozenset((name, far))
        if far in self.dead or pair in self.cuts or self.ospf_dead & pair:
            return "down"
        return "exchangeStart" if pair in self.ospf_stuck else "full"

    def _identity(self, name: str) -> Iterable[Observation]:
        yield Observation(Subject(name), Fact.SYS_NAME, name)
        yield Observation(
            Subject(name, ComponentKind.ADDRESS, _address(name)), Fact.ON_INTERFACE, "lo0", f"{_address(name)}/32"
        )


def _address(name: str) -> str:
    number = sum(ord(c) * 7**i for i, c in enumerate(name)) % 65000
    return f"10.255.{number // 256}.{number % 256}"


@dataclass
class Story:
    store: Store
    network: Network
    now: datetime = START
    seed: int = 1
    slow: dict[str, float] = field(default_factory=dict)  # seconds that a poll of a device takes
    loses: float = 0.0  # the share of polls that never come to anything
    pipeline: Pipeline = field(init=False)

    def __post_init__(self) -> None:
        self.pipeline = Pipeline(self.store, self.network.inventory)
        self._random = random.Random(self.seed)
        self._due: dict[tuple[str, Tier], datetime] = {}
        self._coming: list[tuple[datetime, Batch]] = []
        for name in self.network.inventory.devices:
            for tier in Tier:
                self._due[name, tier] = self.now + timedelta(seconds=self._random.uniform(0, 30))

    def restart_agent(self) -> None:
        """As after kill -9: everything that was only in memory is gone."""
        self.pipeline = Pipeline(self.store, self.network.inventory)

    def run(self, *, seconds: float = 0, minutes: float = 0) -> "Story":
        until, step = self.now + timedelta(seconds=seconds, minutes=minutes), timedelta(seconds=1)
        while self.now < until:
            for at, batch in [each for each in self._coming if each[0] <= self.now]:
                self._coming.remove((at, batch))
                self._arrived(batch)
            for (name, tier), due in sorted(self._due.items(), key=lambda item: (item[1], item[0])):
                if due <= self.now:
                    self.poll(name, tier)
            if self.now.second % 5 == 0:
                self.pipeline.settle(self.now)
            if self.now.second % 15 == 0:
                self.pipeline.tend(self.now)
                self._ask(self.pipeline.maintain(self.now))
            self.now += step
        return self

    def poll(self, name: str, tier: Tier) -> None:
        batch = self.network.poll(name, tier, self.now)
        if self.loses and self._random.random() < self.loses:
            self._due[name, tier] = self.now + self._interval(name, tier)
        elif takes := self.slow.get(name):
            self._coming.append((self.now + timedelta(seconds=takes), batch))
            self._due[name, tier] = self.now + timedelta(days=1)
        else:
            self._arrived(batch)

    def _arrived(self, batch: Batch) -> None:
        asked = batch.device, batch.tier
        outcome = self.pipeline.observe(batch)
        recheck = self.network.inventory.devices[batch.device].polling.recheck
        self._due[asked] = self.now + (recheck if asked in outcome.in_doubt else self._interval(*asked))
        self._ask(outcome.at_once)

    def _interval(self, name: str, tier: Tier) -> timedelta:
        polling = self.network.inventory.devices[name].polling
        return {Tier.STATUS: polling.status, Tier.HEALTH: polling.health, Tier.IDENTITY: polling.identity}[tier]

    def _ask(self, again: Iterable[tuple[str, Tier]]) -> None:
        under_way = {(batch.device, batch.tier) for _, batch in self._coming}
        for each in again:
            if each not in under_way:
                self._due[each] = min(self._due[each], self.now + timedelta(seconds=1))

    def trap(self, name: str, what: str, port: str) -> "Story":
        """A trap of a device comes in: `link_down` of a port."""
        subject = Subject(name, ComponentKind.INTERFACE, port)
        event = Event(name, name, Source.TRAP, self.now, SyslogSeverity.ERROR, what, name=what, subject=subject)
        self._ask(self.pipeline.hear([event]))
        return self

    def set_clock(self, back: timedelta) -> "Story":
        """The machine's clock is set back; what waits, waits as long as before."""
        self.now -= back
        self.network.behind += back
        self._due = {asked: due - back for asked, due in self._due.items()}
        return self

    # ------------------------------------------------------------ breaking and mending

    def cut(self, a: str, b: str) -> "Story":
        self.network.cuts.add(frozenset((a, b)))
        return self

    def mend(self, a: str, b: str) -> "Story":
        self.network.cuts.discard(frozenset((a, b)))
        return self

    def kill(self, name: str) -> "Story":
        self.network.dead.add(name)
        return self

    def revive(self, name: str) -> "Story":
        self.network.dead.discard(name)
        self.network.booted[name] = self.now + self.network.behind
        return self

    # ------------------------------------------------------------ asking

    def cases(self) -> list[Case]:
        with self.store.read() as tx:
            return sorted(tx.cases(), key=lambda case: case.number)

    def only_case(self) -> Case:
        cases = self.cases()
        assert len(cases) == 1, [f"{case.name} {case.problem} {case.state}" for case in cases]
        return cases[0]

    def symptoms(self, case: Case) -> set[str]:
        with self.store.read() as tx:
            return {str(f.subject) for f in tx.faults(case=case.number) if f.id != case.root and f.confirmed}

    def told(self) -> list[str]:
        """What the outbox was given to tell, as occasion → recipient."""
        with self.store.read() as tx:
            return sorted(f"{job.payload['occasion']} {job.payload['to']}" for job in tx.jobs(kind=JobKind.NOTIFY))

    def timeline(self, case: Case) -> list[str]:
        with self.store.read() as tx:
            return [f"{entry.action}: {entry.text}" for entry in tx.timeline(case.number)]
