"""Which evidence a fault asks for: from which devices, which topics in which order, quick or slow.

Topics are words that every platform's command set knows, or says why it has no command for (`collectors/ssh/data`);
parameters fill them in. First what is gone soonest (the log), then the broken part, then what explains it, and what
the device is last: when a connection breaks off, the beginning is there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.faults.correlation.problem import SESSIONS, UMBRELLAS, Problem
from agent.faults.fault import FaultKind
from agent.inventory.inventory import Inventory
from agent.inventory.topology import Topology, near_end, other
from agent.observation import ComponentKind

Topic = tuple[str, Mapping[str, str]]

FIRST: tuple[str, ...] = ("log",)
LAST: tuple[str, ...] = ("version",)
PARTS_LIMIT = 12  # interfaces or peers asked for by name; where more are broken, the tables of all of them tell
DEVICES_LIMIT = 12  # devices asked for one problem; of an outage of thousands the others say the same
BY_KIND: Mapping[FaultKind, tuple[str, ...]] = {
    FaultKind.DEVICE_UNREACHABLE: ("interfaces", "neighbours", "routes"),  # asked of the neighbours
    FaultKind.SNMP_AGENT_DEAD: ("snmp", "cpu", "memory", "uptime"),
    FaultKind.INTERFACE_DOWN: ("interfaces", "transceivers", "neighbours"),
    FaultKind.INTERFACE_ERRORS: ("interfaces", "transceivers"),
    FaultKind.CPU_HIGH: ("cpu", "memory", "interfaces"),
    FaultKind.MEMORY_HIGH: ("memory", "cpu", "routes"),
    FaultKind.TEMPERATURE_HIGH: ("environment", "alarms", "inventory"),
    FaultKind.FAN_FAILED: ("environment", "alarms", "inventory"),
    FaultKind.POWER_SUPPLY_FAILED: ("environment", "alarms", "inventory"),
    FaultKind.BGP_PEER_DOWN: ("bgp", "routes", "interfaces"),
    FaultKind.DEVICE_RESTARTED: ("restart", "uptime", "environment", "redundancy", "configuration_saved"),
    FaultKind.MAINTENANCE_LEFTOVER: ("interfaces", "neighbours", "modules", "restart"),
    FaultKind.HOST_KEY_CHANGED: ("inventory", "restart", "uptime"),  # another device, or the same one set up anew
    FaultKind.LATENCY_HIGH: ("interfaces", "routes", "cpu"),
    FaultKind.PACKET_LOSS: ("interfaces", "routes", "cpu"),
    FaultKind.STALE_COLLECTION: ("snmp", "cpu", "memory", "uptime"),
    FaultKind.CLOCK_UNSYNCHRONISED: ("clock", "routes"),
    FaultKind.CONFIGURATION_CHANGED: ("configuration_changes", "configuration_saved", "uptime"),
    FaultKind.LICENCE_EXPIRING: ("licences", "clock"),
    FaultKind.CERTIFICATE_EXPIRING: ("clock", "licences"),
    FaultKind.SYSLOG_PATTERN: ("alarms", "interfaces", "cpu"),
    FaultKind.INTERFACE_DISCARDS: ("interfaces", "lag", "cpu"),
    FaultKind.INTERFACE_SATURATED: ("interfaces", "lag", "routes"),
    FaultKind.SPEED_CHANGED: ("interfaces", "transceivers", "neighbours", "lag"),
    FaultKind.DUPLEX_CHANGED: ("interfaces", "neighbours"),
    FaultKind.OPTICAL_POWER: ("transceivers", "interfaces", "alarms"),
    FaultKind.LAG_MEMBER_DOWN: ("lag", "interfaces", "transceivers", "neighbours"),
    FaultKind.STORAGE_FULL: ("storage", "memory"),
    FaultKind.MODULE_FAILED: ("modules", "alarms", "inventory", "environment", "interfaces"),
    FaultKind.STACK_DEGRADED: ("stack", "redundancy", "modules", "inventory", "interfaces"),
    FaultKind.REDUNDANCY_LOST: ("redundancy", "modules", "alarms", "restart"),
    FaultKind.FAILOVER: ("redundancy", "modules", "alarms", "restart"),
    FaultKind.CHASSIS_ALARM: ("alarms", "environment", "modules", "inventory"),
    FaultKind.SENSOR_OUT_OF_RANGE: ("environment", "alarms", "transceivers"),
    FaultKind.OSPF_NEIGHBOUR_DOWN: ("ospf", "routes", "interfaces", "neighbours"),
    FaultKind.BFD_SESSION_DOWN: ("bfd", "routes", "interfaces", "neighbours"),
    FaultKind.CPU_UNUSUAL: ("cpu", "memory", "interfaces"),
    FaultKind.MEMORY_UNUSUAL: ("memory", "cpu", "routes"),
    FaultKind.TRAFFIC_UNUSUAL: ("interfaces", "lag", "routes"),
    FaultKind.LATENCY_UNUSUAL: ("interfaces", "routes", "cpu"),
    FaultKind.STORAGE_FILLING: ("storage", "memory"),
    FaultKind.MEMORY_FILLING: ("memory", "cpu", "routes"),
    FaultKind.INTERFACE_FILLING: ("interfaces", "lag", "routes"),
    FaultKind.SITE_DOWN: ("interfaces", "neighbours", "routes"),  # asked of the neighbours
    FaultKind.MASS_OUTAGE: ("interfaces", "neighbours", "routes"),
}
# Kinds of faults that are not named above: what is asked follows from the part that is broken.
BY_COMPONENT: Mapping[ComponentKind, tuple[str, ...]] = {
    ComponentKind.DEVICE: ("cpu", "memory", "interfaces"),
    ComponentKind.INTERFACE: ("interfaces", "transceivers", "neighbours"),
    ComponentKind.CPU: ("cpu", "memory", "interfaces"),
    ComponentKind.MEMORY: ("memory", "cpu", "routes"),
    ComponentKind.STORAGE: ("storage", "memory"),
    ComponentKind.TEMPERATURE: ("environment", "alarms", "inventory"),
    ComponentKind.FAN: ("environment", "alarms", "inventory"),
    ComponentKind.POWER_SUPPLY: ("environment", "alarms", "inventory"),
    ComponentKind.SENSOR: ("environment", "alarms", "transceivers"),
    ComponentKind.CHASSIS_ALARM: ("alarms", "environment", "modules", "inventory"),
    ComponentKind.MODULE: ("modules", "alarms", "inventory", "environment", "interfaces"),
    ComponentKind.STACK: ("stack", "redundancy", "modules", "inventory", "interfaces"),
    ComponentKind.REDUNDANCY: ("redundancy", "modules", "alarms", "restart"),
    ComponentKind.BGP_PEER: ("bgp", "routes", "interfaces"),
    ComponentKind.OSPF_NEIGHBOUR: ("ospf", "neighbours", "routes", "interfaces"),
    ComponentKind.BFD_SESSION: ("bfd", "routes", "interfaces"),
    ComponentKind.LICENCE: ("licences", "clock"),
    ComponentKind.CERTIFICATE: ("clock", "licences"),
    ComponentKind.RULE: ("alarms", "interfaces", "cpu"),
    ComponentKind.NEIGHBOUR: ("neighbours", "interfaces"),
    ComponentKind.ADDRESS: ("interfaces", "routes"),
}
TECH = "tech"


REPORTED: tuple[str, ...] = ("alarms", "interfaces", "neighbours", "routes", "cpu", "memory", "environment", "uptime")
"""What a person's word of a device asks for: nobody knows yet which part it is."""


@dataclass(frozen=True, slots=True)
class Collect:
    """One visit to one device."""

    device: str
    tier: str  # quick, tech
    topics: tuple[Topic, ...]


def topics(kind: FaultKind, component: ComponentKind) -> tuple[str, ...]:
    """What a fault of this kind, of this part, asks for beside the parts by name, in order."""
    return BY_KIND.get(kind) or BY_COMPONENT.get(component, ())


def plan(problem: Problem, inventory: Inventory, topology: Topology, down: Iterable[str]) -> list[Collect]:
    """From the root's device and from every other end that still answers; `show tech` from the root's device."""
    stranger = {f.subject.device for f in problem.faults if f.kind is FaultKind.HOST_KEY_CHANGED}  # tell it no password
    silent = frozenset(down) | stranger
    parts: dict[str, list[Topic]] = {}
    for device, named in _asked(problem, topology):
        if len(parts) >= DEVICES_LIMIT and device not in parts:
            continue
        if device in inventory.devices and inventory.devices[device].ssh is not None and device not in silent:
            known = parts.setdefault(device, [])
            known += [part for part in named if part not in known]
    collects = [Collect(device, "quick", _ordered(problem, named)) for device, named in parts.items()]
    slow = problem.subject.device if problem.subject.device in parts else next(iter(parts), "")
    if slow:
        collects.append(Collect(slow, "tech", ((TECH, {}),)))
    return collects


def reported(device: str) -> Collect:
    """From a device of which a person says that something is wrong."""
    return Collect(device, "quick", tuple(_plain((*FIRST, *REPORTED, *LAST))))


def _ordered(problem: Problem, named: list[Topic]) -> tuple[Topic, ...]:
    general = topics(problem.kind, problem.subject.kind)
    return (*_plain(FIRST), *named[:PARTS_LIMIT], *_plain(general), *_plain(LAST))


def _plain(names: Iterable[str]) -> Iterable[Topic]:
    return ((name, {}) for name in names)


def _asked(problem: Problem, topology: Topology) -> Iterable[tuple[str, list[Topic]]]:
    """(device, topics with parameters), the root's own device first."""
    here = problem.subject.device
    broken = [fault.subject for fault in problem.faults]
    yield (
        here,
        [_interface(part.name) for part in broken if (part.device, part.kind) == (here, ComponentKind.INTERFACE)],
    )
    if problem.kind in _SILENCE:
        for name in dict.fromkeys((here, *(part.device for part in broken if part.kind is ComponentKind.DEVICE))):
            for link in topology.links_of(name) if problem.kind in UMBRELLAS or name == here else ():
                near = other(link, name)
                yield near, [_interface(near_end(link, near))] if near_end(link, near) else []
    elif problem.subject.kind is ComponentKind.INTERFACE:
        if cable := topology.link_at(here, problem.subject.name):
            far = other(cable, here)
            yield far, [_interface(near_end(cable, far))] if near_end(cable, far) else []
    elif problem.kind in SESSIONS or problem.subject.kind in _SESSIONS:
        for part in broken:  # the subject may be the router that all of them lost
            if part.kind in _SESSIONS:
                yield part.device, _session(part.kind, part.name)
                if home := topology.homes.get(part.name.partition(" ")[0]):
                    yield home.device, []


_SILENCE = UMBRELLAS | {FaultKind.DEVICE_UNREACHABLE}  # asked about at its neighbours
_SESSIONS = frozenset(  # named by the other end's address
    {ComponentKind.BGP_PEER, ComponentKind.OSPF_NEIGHBOUR, ComponentKind.BFD_SESSION}
)


def _session(kind: ComponentKind, address: str) -> list[Topic]:
    return [("bgp_peer", {"peer": address})] if kind is ComponentKind.BGP_PEER else []


def _interface(name: str) -> Topic:
    return ("interface", {"interface": name})
