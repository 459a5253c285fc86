"""Which evidence a fault asks for: from which devices, which topics, quick or slow.

Topics are words that every platform's command set knows (`collectors/ssh/data`); parameters fill them in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.faults.correlation import Problem
from agent.faults.fault import Fault, FaultKind
from agent.inventory.inventory import Inventory
from agent.inventory.topology import Topology, near_end, other

Topic = tuple[str, Mapping[str, str]]

ALWAYS: tuple[str, ...] = ("version", "log")
BY_KIND: Mapping[FaultKind, tuple[str, ...]] = {
    FaultKind.DEVICE_UNREACHABLE: ("interfaces", "neighbours", "routes"),  # asked of the neighbours
    FaultKind.SNMP_AGENT_DEAD: ("cpu", "memory", "uptime"),
    FaultKind.INTERFACE_DOWN: ("interfaces", "neighbours"),
    FaultKind.INTERFACE_ERRORS: ("interfaces",),
    FaultKind.CPU_HIGH: ("cpu", "interfaces"),
    FaultKind.MEMORY_HIGH: ("memory", "cpu"),
    FaultKind.TEMPERATURE_HIGH: ("environment",),
    FaultKind.FAN_FAILED: ("environment",),
    FaultKind.POWER_SUPPLY_FAILED: ("environment",),
    FaultKind.BGP_PEER_DOWN: ("bgp", "routes", "interfaces"),
    FaultKind.DEVICE_RESTARTED: ("uptime", "environment"),
}


@dataclass(frozen=True, slots=True)
class Collect:
    """One visit to one device."""

    device: str
    tier: str  # quick, tech
    topics: tuple[Topic, ...]


def plan(problem: Problem, inventory: Inventory, topology: Topology, down: Iterable[str]) -> list[Collect]:
    """From the root's device and from every other end that still answers; `show tech` from the root's device."""
    silent = frozenset(down)
    visits: dict[str, list[Topic]] = {}
    for device, extra in _asked(problem, topology):
        if device in inventory.devices and inventory.devices[device].ssh is not None and device not in silent:
            topics = visits.setdefault(device, [(t, {}) for t in (*ALWAYS, *BY_KIND[problem.kind])])
            topics += [topic for topic in extra if topic not in topics]
    collects = [Collect(device, "quick", tuple(topics)) for device, topics in visits.items()]
    slow = problem.subject.device if problem.subject.device in visits else next(iter(visits), "")
    if slow:
        collects.append(Collect(slow, "tech", (("tech", {}),)))
    return collects


def _asked(problem: Problem, topology: Topology) -> Iterable[tuple[str, list[Topic]]]:
    """(device, topics with parameters), the root's own device first."""
    here = problem.subject.device
    yield here, [_interface(fault.subject.name) for fault in problem.faults if _down_here(fault, here)]
    if problem.kind is FaultKind.DEVICE_UNREACHABLE:
        for link in topology.links_of(here):
            near = other(link, here)
            yield near, [_interface(near_end(link, near))] if near_end(link, near) else []
    elif problem.kind is FaultKind.INTERFACE_DOWN:
        if cable := topology.link_at(here, problem.subject.name):
            far = other(cable, here)
            yield far, [_interface(near_end(cable, far))] if near_end(cable, far) else []
    elif problem.kind is FaultKind.BGP_PEER_DOWN:
        for fault in problem.faults:
            if fault.kind is FaultKind.BGP_PEER_DOWN:
                yield fault.subject.device, [("bgp_peer", {"peer": fault.subject.name})]
                if home := topology.homes.get(fault.subject.name):
                    yield home.device, []


def _interface(name: str) -> Topic:
    return ("interface", {"interface": name})


def _down_here(fault: Fault, device: str) -> bool:
    return fault.subject.device == device and fault.kind in {FaultKind.INTERFACE_DOWN, FaultKind.INTERFACE_ERRORS}
