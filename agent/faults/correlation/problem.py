"""What root cause comes to: problems, and what of the network a problem concerns."""

from dataclasses import dataclass

from agent.faults.fault import Fault, FaultKind
from agent.inventory.topology import Topology
from agent.observation import Subject

SESSIONS = frozenset({FaultKind.BGP_PEER_DOWN, FaultKind.OSPF_NEIGHBOUR_DOWN, FaultKind.BFD_SESSION_DOWN})
UMBRELLAS = frozenset({FaultKind.SITE_DOWN, FaultKind.MASS_OUTAGE})


@dataclass(frozen=True, slots=True)
class Symptom:
    fault: Fault
    because: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to repair. `key` is the same however often it is worked out while the same thing is broken."""

    key: str
    kind: FaultKind
    subject: Subject
    root: Fault
    because: str  # why this is the root
    symptoms: tuple[Symptom, ...] = ()

    @property
    def faults(self) -> tuple[Fault, ...]:
        return (self.root, *(symptom.fault for symptom in self.symptoms))


def broken(problem: Problem, topology: Topology) -> tuple[frozenset[str], frozenset[str]]:
    """The devices and the links (keys) that do not work in a problem."""
    dead = (fault.subject.device for fault in problem.faults if fault.kind is FaultKind.DEVICE_UNREACHABLE)
    links = (
        topology.link_at(fault.subject.device, fault.subject.name)
        for fault in problem.faults
        if fault.kind is FaultKind.INTERFACE_DOWN
    )
    return frozenset(dead), frozenset(link.key for link in links if link)


def ends(problem: Problem, topology: Topology) -> frozenset[str]:
    """The devices between which something is broken; the root's own where it is a device."""
    found = {problem.root.subject.device}
    if link := topology.link_at(problem.root.subject.device, problem.root.subject.name):
        found |= {link.a, link.b}
    for fault in problem.faults:
        if fault.kind in SESSIONS and (far := peer(fault, topology)) in topology.devices:
            found |= {fault.subject.device, far}
    return frozenset(found)


def witnesses(problem: Problem, topology: Topology) -> frozenset[str]:
    """The devices that may still change the picture: both ends of what is broken, and their neighbours that something
    leads to yet. What lies behind the trouble can only say that it is gone."""
    lost = topology.lost_by(*broken(problem, topology))
    both = ends(problem, topology)
    around = {near for end in both for near in topology.neighbours(end)}
    answering = (n for n in around if (n in topology.whole and n not in lost) or topology.past_the_network(n))
    return frozenset(answering) | both


def address(fault: Fault) -> str:
    """The other end of a routing session: the first word of its name. OSPFv3 (`10.255.0.2 if7`) and OSPF over links
    without addresses say more."""
    return fault.subject.name.partition(" ")[0]


def peer(fault: Fault, topology: Topology) -> str:
    """The device at the other end of a session, or the address where that is in nobody's inventory."""
    home = topology.homes.get(address(fault))
    return home.device if home else address(fault)
