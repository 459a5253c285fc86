"""The demonstration network as a whole: boxes, the wires between them, and what follows from what is broken.

Nothing here does IO. After any change `settle(now)` works out ports, BGP sessions and who can still be reached, and
returns what happened, so that the devices can say so in syslog and traps.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address

from agent.demo import state
from agent.demo.hardware import VIRTUAL, hardware
from agent.demo.state import Adjacency, Box, Peer, Port
from agent.inventory.device import Management, Role
from agent.inventory.inventory import Inventory, Link


class Happens(StrEnum):
    LINK_DOWN = "link_down"
    LINK_UP = "link_up"
    BGP_DOWN = "bgp_down"
    BGP_UP = "bgp_up"
    RESTART = "restart"
    HOT = "temperature_high"
    COOL = "temperature_normal"
    FAN_FAILED = "fan_failed"
    FAN_OK = "fan_ok"
    POWER_FAILED = "power_failed"
    POWER_OK = "power_ok"
    CPU_HIGH = "cpu_high"
    CPU_NORMAL = "cpu_normal"
    MEMORY_HIGH = "memory_high"
    MEMORY_NORMAL = "memory_normal"
    ROUTINE = "routine"  # what a healthy device says now and then


@dataclass(frozen=True, slots=True)
class Happening:
    device: str
    what: Happens
    subject: str = ""  # the port, the peer's address, the fan, …


@dataclass(slots=True)
class Wire:
    a: str
    a_port: str
    b: str
    b_port: str
    cut: bool = False

    @property
    def ends(self) -> tuple[tuple[str, str], tuple[str, str]]:
        return (self.a, self.a_port), (self.b, self.b_port)

    def joins(self, one: str, other: str) -> bool:
        return {one, other} == {self.a, self.b}


@dataclass(slots=True)
class Fabric:
    boxes: dict[str, Box]
    wires: list[Wire]
    attached: tuple[str, ...]
    out_of_band: frozenset[str] = field(default_factory=frozenset)

    def settle(self, now: float) -> list[Happening]:
        happened: list[Happening] = []
        for box in self.boxes.values():
            for port in box.ports.values():
                happened += self._settle_port(box, port, now)
        for box in self.boxes.values():
            for peer in box.peers.values():
                happened += self._settle_peer(box, peer, now)
            for adjacency in box.adjacencies.values():
                self._settle_adjacency(box, adjacency, now)
        reached = self.reached()
        for box in self.boxes.values():
            box.reachable = box.name in reached
        return happened

    def reached(self, without: str = "", cut: Wire | None = None) -> set[str]:
        """The devices that the agent can reach; `without` and `cut` ask how it would be if those failed."""
        alive = {name for name, box in self.boxes.items() if box.powered and name != without}
        todo = [name for name in self.attached or tuple(alive) if name in alive]
        reached = set(todo)
        while todo:
            here = todo.pop()
            for wire in self.wires:
                if here in (wire.a, wire.b) and wire is not cut and self.carries(wire):
                    there = wire.b if here == wire.a else wire.a
                    if there in alive and there not in reached:
                        reached.add(there)
                        todo.append(there)
        return reached | (self.out_of_band & alive)

    def carries(self, wire: Wire) -> bool:
        ports = [self.boxes[device].ports[port] for device, port in wire.ends]
        powered = all(self.boxes[device].powered for device, _ in wire.ends)
        return powered and not wire.cut and all(port.admin and not port.held_down for port in ports)

    def wire_at(self, device: str, port: str) -> Wire | None:
        return next((wire for wire in self.wires if (device, port) in wire.ends), None)

    def _settle_port(self, box: Box, port: Port, now: float) -> list[Happening]:
        wire = self.wire_at(box.name, port.parent or port.name)
        lit = self.carries(wire) if wire else port.admin and not port.held_down
        was, up = port.up, box.powered and lit
        port.run(up, now)
        if was == up or not box.powered or port.parent:
            return []
        return [Happening(box.name, Happens.LINK_UP if up else Happens.LINK_DOWN, port.name)]

    def _settle_peer(self, box: Box, peer: Peer, now: float) -> list[Happening]:
        other = self.boxes[peer.device].peers.get(peer.local)
        crashed = peer.crashed or bool(other and other.crashed)
        up = box.powered and box.ports[peer.port].up and not crashed
        was, peer.up = peer.up, up
        if was == up:
            return []
        peer.changed = now
        peer.flaps += up
        return [Happening(box.name, Happens.BGP_UP if up else Happens.BGP_DOWN, peer.address)] if box.powered else []

    def _settle_adjacency(self, box: Box, adjacency: Adjacency, now: float) -> None:
        up = box.powered and box.ports[adjacency.port].up
        if up != adjacency.up:
            adjacency.up, adjacency.changed = up, now


def fabric(inventory: Inventory, now: float) -> Fabric:
    """Build every device of the inventory and wire them; all is up and nothing has happened yet."""
    boxes = {
        device.name: state.box(
            device.name, device.address, device.site, hardware(device.name, device.platform), order, now
        )
        for order, device in enumerate(inventory.devices.values(), start=1)
    }
    wires = [_wire(boxes, link, now) for link in inventory.links]
    for box in boxes.values():
        _hosts(box)
    for number, wire in enumerate(wires):
        _connect(boxes, wire, number, now)
    out_of_band = frozenset(d.name for d in inventory.devices.values() if d.management is Management.OUT_OF_BAND)
    whole = Fabric(boxes, wires, inventory.attached_to, out_of_band)
    whole.settle(now)
    for box in boxes.values():
        _age(box, now)
    return whole


def _wire(boxes: dict[str, Box], link: Link, now: float) -> Wire:
    ends = []
    for device, name in ((link.a, link.a_interface), (link.b, link.b_interface)):
        box = boxes[device]
        free = (port.name for port in box.ports.values() if port.physical and not port.neighbour)
        port = box.ports.get(name or next(free, f"port{len(box.ports) + 1}"))
        ends.append(port or state.add_port(box, name or f"port{len(box.ports) + 1}", now))
    a, b = ends
    a.neighbour, b.neighbour = (link.b, b.name), (link.a, a.name)
    a.speed = b.speed = min(a.speed, b.speed)
    for end, other in ((a, link.b), (b, link.a)):
        end.admin, end.alias, end.load = True, f"to {other} {end.neighbour[1] if end.neighbour else ''}", 0.08
    return Wire(link.a, a.name, link.b, b.name)


def _hosts(box: Box) -> None:
    free = [port for port in box.ports.values() if port.physical and not port.neighbour]
    for position, port in enumerate(free):
        port.admin = position < box.hardware.hosts
        if port.admin:
            port.alias, port.load = f"host {box.name}-{position + 1:02d}", 0.01 + position * 0.004


def _connect(boxes: dict[str, Box], wire: Wire, number: int, now: float) -> None:
    """Give the two ends their addresses, and a BGP session where both speak it."""
    network = IPv4Address("10.255.0.0") + 4 * number
    addressed = []
    for offset, (device, name) in enumerate(wire.ends, start=1):
        box = boxes[device]
        port = box.ports[name]
        if box.family == "juniper":  # addresses stand on the unit, not on the port
            unit = state.add_port(box, f"{name}.0", now, VIRTUAL, port.speed, name)
            unit.alias, unit.load, port = port.alias, port.load, unit
        port.address = str(network + offset)
        addressed.append((box, port))
    (a, a_port), (b, b_port) = addressed
    if a.hardware.ospf and b.hardware.ospf:
        a.adjacencies[b_port.address] = Adjacency(b_port.address, b.name, a_port.name)
        b.adjacencies[a_port.address] = Adjacency(a_port.address, a.name, b_port.name)
    if a.asn and b.asn:
        internal = a.asn == b.asn
        a.peers[b_port.address] = Peer(b_port.address, a_port.address, b.asn, b.name, a_port.name, internal)
        b.peers[a_port.address] = Peer(a_port.address, b_port.address, a.asn, a.name, b_port.name, internal)


def _age(box: Box, now: float) -> None:
    """The network has run for a while: counters are high and nothing changed lately."""
    for port in box.ports.values():
        port.changed = box.booted + 45
        busy_s = now - box.booted if port.up else 0.0
        port.in_octets.total, port.out_octets.total = port.in_octets.rate * busy_s, port.out_octets.rate * busy_s
        port.in_errors.total = float(state.number(box.name + port.name) % 40) if port.up and port.physical else 0.0
    for peer in box.peers.values():
        peer.changed, peer.flaps = box.booted + 90, 1
    for adjacency in box.adjacencies.values():
        adjacency.changed = box.booted + 70


def quiet_port(whole: Fabric, device: str) -> str:
    """A port with a host on it, so that breaking it isolates nobody; else any that is up."""
    ports = [port for port in whole.boxes[device].ports.values() if port.physical and port.admin]
    return next((port.name for port in ports if not port.neighbour), ports[0].name)


def busiest(inventory: Inventory) -> str:
    """A device worth breaking: a distribution one, else a core, else the first."""
    roles = (Role.DISTRIBUTION, Role.CORE, Role.BRANCH)
    named = [device.name for role in roles for device in inventory.devices.values() if device.role is role]
    return (named or list(inventory.devices))[0]
