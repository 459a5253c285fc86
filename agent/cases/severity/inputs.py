"""What severity is decided from: what a problem takes away, and what is left."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from agent.cases.case import Severity
from agent.faults import correlation
from agent.faults.correlation import Problem
from agent.faults.fault import FaultKind
from agent.inventory import holidays
from agent.inventory.device import Device, Role
from agent.inventory.inventory import Inventory
from agent.inventory.policies import Consequence
from agent.inventory.topology import Topology
from agent.observation import ComponentKind, Subject

PARTS: Mapping[FaultKind, ComponentKind] = {  # of which a device has several, so that one may stand in for another
    FaultKind.POWER_SUPPLY_FAILED: ComponentKind.POWER_SUPPLY,
    FaultKind.FAN_FAILED: ComponentKind.FAN,
    FaultKind.BGP_PEER_DOWN: ComponentKind.BGP_PEER,
    FaultKind.OSPF_NEIGHBOUR_DOWN: ComponentKind.OSPF_NEIGHBOUR,
    FaultKind.LAG_MEMBER_DOWN: ComponentKind.INTERFACE,
}
IN_ORDER = frozenset({"ok", "up"})


class Port(StrEnum):
    """What an interface that is down carries."""

    NONE = "none"  # the problem is no interface
    EDGE = "edge"  # no link between devices
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Parts:
    """Of the sort that failed, how many the device has and how many of them are in order."""

    kind: ComponentKind
    left: int
    total: int
    outside: bool = False  # BGP sessions with routers that are not ours: the way out


@dataclass(frozen=True, slots=True, kw_only=True)
class Landscape:
    """What does not change from one problem to the next."""

    devices: Mapping[str, Device]
    sites: Mapping[str, frozenset[str]]
    customers: Mapping[str, frozenset[str]]
    policy: Consequence


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """`lost` is what the problem takes away, `gone` that and whatever else does not answer, for whatever reason."""

    land: Landscape
    kind: FaultKind
    by_kind: Severity  # where nothing is cut off
    device: Device  # where the trouble is
    lost: frozenset[str]
    gone: frozenset[str]
    witnessed: bool = False  # it does not answer us, and its neighbours' sessions with it stand
    port: Port = Port.NONE
    parts: Parts | None = None
    covered: bool = True  # the contract's hours
    spare: frozenset[str] = frozenset()  # devices for which something stands in, whatever the inventory says
    roles: Mapping[str, Role] = field(default_factory=dict)  # other roles than the inventory's

    @cached_property
    def taken(self) -> Mapping[str, int]:
        """Lost devices by customer."""
        return Counter(self.land.devices[name].customer for name in self.lost)

    def owned(self, customer: str) -> int:
        return len(self.land.customers[customer])

    @cached_property
    def worst(self) -> str:
        """The customer who lost the largest share of his devices; the device's own where nobody lost any."""
        share = {name: lost / self.owned(name) for name, lost in self.taken.items()}
        return max(sorted(share), key=lambda name: share[name], default=self.device.customer)

    @cached_property
    def dark(self) -> tuple[str, ...]:
        """Sites of which nothing is left."""
        touched = {self.land.devices[name].site for name in self.lost}
        return tuple(sorted(site for site in touched if self.land.sites[site] <= self.gone))

    @cached_property
    def spared(self) -> tuple[str, ...]:
        """Lost devices that something stands in for."""
        return tuple(sorted(name for name in self.lost if self._stood_in_for(name)))

    @cached_property
    def bare(self) -> tuple[str, ...]:
        """Lost devices that nothing stands in for."""
        return tuple(sorted(self.lost - set(self.spared)))

    @cached_property
    def doubled(self) -> tuple[str, ...]:
        """Lost devices whose stand-ins are lost, too."""
        return tuple(name for name in self.bare if self.land.devices[name].redundant_with)

    def _stood_in_for(self, name: str) -> bool:
        mates = self.land.devices[name].redundant_with
        return name in self.spare or any(mate not in self.gone for mate in mates)

    def role(self, name: str) -> Role:
        return self.roles.get(name) or self.land.devices[name].role

    def loss(self, name: str) -> Severity:
        """What it means to lose this device with nothing in its place, by its role and by the hour."""
        role, policy = self.role(name), self.land.policy
        if not self.covered and role in policy.out_of_hours:
            return Severity(policy.out_of_hours[role])
        return Severity(policy.roles.get(role, Severity.P3))


def gather(
    problem: Problem,
    inventory: Inventory,
    net: Topology,
    down: Iterable[str],
    now: datetime,
    by_kind: str,
    states: Mapping[Subject, str],
    witnessed: bool = False,
) -> Inputs:
    """`down` are all devices that do not answer at the moment, `states` the present ones of the problem's device.

    Lost is what was seen not to answer and, by the topology, what nothing leads to any more. Of a device that its
    neighbours still speak with (`witnessed`) only our way to it is lost.
    """
    device = inventory.devices[problem.subject.device]
    policy = inventory.policies.severity
    silent = {f.subject.device for f in problem.faults if f.kind is FaultKind.DEVICE_UNREACHABLE}
    lost = frozenset() if witnessed else frozenset(silent | unreached(problem, net))
    return Inputs(
        land=Landscape(devices=inventory.devices, sites=net.sites, customers=net.customers, policy=policy),
        kind=problem.kind,
        by_kind=Severity(policy.kinds.get(problem.kind, by_kind)),
        device=device,
        lost=lost,
        gone=lost | frozenset(down),
        witnessed=witnessed,
        port=_port(problem, net),
        parts=_parts(problem, net, states),
        covered=in_hours(inventory, device, now),
    )


def may_be_witnessed(problem: Problem, net: Topology) -> bool:
    """One device that we reach past the network is silent, and nobody has told of a lost link or session with it."""
    root = problem.root
    alone = problem.kind is FaultKind.DEVICE_UNREACHABLE and net.past_the_network(root.subject.device)
    return alone and all(fault.subject.device == root.subject.device for fault in problem.faults)


def speaks_with(states: Mapping[Subject, str], device: str, net: Topology) -> bool:
    """Whether a neighbour, of which these are the present states, has a session with the device that stands."""
    sessions = (subject for subject, state in states.items() if subject.kind in _SESSIONS and state == "up")
    return any((home := net.homes.get(_address(each))) is not None and home.device == device for each in sessions)


_SESSIONS = frozenset({ComponentKind.BGP_PEER, ComponentKind.OSPF_NEIGHBOUR, ComponentKind.BFD_SESSION})


def unreached(problem: Problem, net: Topology) -> frozenset[str]:
    """The devices that nothing leads to any more when what is broken in this problem is broken."""
    return net.lost_by(*correlation.broken(problem, net))


def cut_off(problem: Problem, net: Topology) -> frozenset[str]:
    """Of these the ones that the agent cannot ask, either: the others answer past the network."""
    return frozenset(name for name in unreached(problem, net) if not net.past_the_network(name))


def in_hours(inventory: Inventory, device: Device, now: datetime) -> bool:
    contract = inventory.contracts.get(device.contract)
    if contract is None or contract.coverage.always:
        return True
    zone, calendar = contract.timezone or _zone(inventory, device), inventory.calendar(contract)
    spans = holidays.served(contract.coverage, zone, calendar, now, now + timedelta(seconds=1))
    return any(opens <= now < closes for opens, closes in spans)


def _zone(inventory: Inventory, device: Device) -> str:
    site = inventory.sites.get(device.site)
    return site.timezone if site else "UTC"


def _port(problem: Problem, net: Topology) -> Port:
    root = problem.root.subject
    if problem.kind is not FaultKind.INTERFACE_DOWN:
        return Port.NONE
    return Port.LINK if problem.key.startswith("link|") or net.link_at(root.device, root.name) else Port.EDGE


def _parts(problem: Problem, net: Topology, states: Mapping[Subject, str]) -> Parts | None:
    kind = PARTS.get(problem.kind)
    broken = {
        f.subject for f in problem.faults if f.kind is problem.kind and f.subject.device == problem.subject.device
    }
    if kind is not None:
        broken |= _told_by_others(problem, kind, net, states)
    if kind is None or not broken:
        return None
    every = _of_a_sort(problem, broken, net, states)
    outside = _outside(broken, net) if kind is ComponentKind.BGP_PEER else frozenset()
    if outside:
        every = {subject for subject in every if net.homes.get(_address(subject)) is None}
    left = sum(1 for subject in every - broken if states.get(subject) in IN_ORDER)
    return Parts(kind, left, len(every | broken), bool(outside))


def _told_by_others(
    problem: Problem, kind: ComponentKind, net: Topology, states: Mapping[Subject, str]
) -> set[Subject]:
    """The device's sessions that only their other ends tell of: a daemon that died tells nothing of its own. Of several
    sessions with the same device all, or none."""
    device = problem.subject.device
    lost = Counter(
        fault.subject.device
        for fault in problem.faults
        if fault.kind is problem.kind and _home(net, fault.subject) == device
    )
    own: dict[str, set[Subject]] = {}
    for subject in states:
        if subject.kind is kind and (far := _home(net, subject)):
            own.setdefault(far, set()).add(subject)
    return {subject for far, told in lost.items() if len(own.get(far, ())) <= told for subject in own.get(far, ())}


def _of_a_sort(
    problem: Problem, broken: Collection[Subject], net: Topology, states: Mapping[Subject, str]
) -> set[Subject]:
    """All that the device has of what failed: of an aggregate its members, of other parts all."""
    kind, device = PARTS[problem.kind], problem.subject.device
    if problem.kind is not FaultKind.LAG_MEMBER_DOWN:
        return {subject for subject in states if subject.kind is kind and subject.name}
    bundles = {bundle for subject in broken if (bundle := net.bundles.get((device, subject.name)))}
    members = {name for bundle in bundles for name in net.members.get((device, bundle), ())}
    return {Subject(device, kind, name) for name in members}


def _outside(broken: Iterable[Subject], net: Topology) -> frozenset[Subject]:
    return frozenset(subject for subject in broken if net.homes.get(_address(subject)) is None)


def _home(net: Topology, session: Subject) -> str:
    """The device at the far end of a session; empty where that is none of ours."""
    home = net.homes.get(_address(session))
    return home.device if home else ""


def _address(subject: Subject) -> str:
    return subject.name.partition(" ")[0]
