"""What can be broken, and mended again. Each changes the state of the fabric; the caller then settles it.

cut A B         the cable between two devices          hot DEVICE      a sensor over its limit
power DEVICE    no electricity                         fan DEVICE      a fan stands still
crash DEVICE PEER   the routing session to PEER        psu DEVICE      a power supply has failed
agent DEVICE    SNMP is dead, the rest answers         cpu, memory DEVICE   97 %, 95 %
flap DEVICE PORT    down and up again                  errors DEVICE PORT   one received frame in twenty is broken
reboot DEVICE   off and on again                       duplex DEVICE PORT   the port runs in half duplex
disk DEVICE     the flash is nearly full               optics DEVICE PORT   little light arrives at a fibre port
ntp DEVICE      its clock follows nobody               config DEVICE   somebody changes the configuration
ospf A B        the two no longer agree on their MTU
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agent.demo import fabric as topology
from agent.demo.fabric import Fabric, Happening, Happens
from agent.demo.mibs.cisco import OPTICAL
from agent.demo.state import Box, Peer, Port
from agent.errors import UsageError
from agent.inventory.device import Role
from agent.inventory.inventory import Inventory

Change = Callable[[Fabric, tuple[str, ...], bool, float], list[Happening]]


@dataclass(frozen=True, slots=True)
class Breakage:
    name: str
    arguments: tuple[str, ...]
    change: Change  # broken (True) or mended (False); returns what settling does not find by itself
    default: Callable[[Fabric, Inventory], tuple[str, ...]]


def apply(whole: Fabric, what: str, arguments: tuple[str, ...], broken: bool, now: float) -> list[Happening]:
    """Break (or mend) and settle. UsageError when there is no such breakage, device, link, port or peer."""
    kind = named(what)
    wanted = len(kind.arguments)
    if len(arguments) != wanted:
        raise UsageError(f"`{what}` takes {' '.join(kind.arguments)}, not {len(arguments)} arguments")
    happened = kind.change(whole, arguments, broken, now)
    return happened + whole.settle(now)


def default(whole: Fabric, inventory: Inventory, what: str) -> tuple[str, ...]:
    """Arguments that show the breakage well in this network."""
    return named(what).default(whole, inventory)


def named(what: str) -> Breakage:
    if what not in BREAKAGES:
        raise UsageError(f"there is no breakage {what!r}; there are: {', '.join(BREAKAGES)}")
    return BREAKAGES[what]


def _box(whole: Fabric, name: str) -> Box:
    if name not in whole.boxes:
        raise UsageError(f"there is no device {name!r}; there are: {', '.join(whole.boxes)}")
    return whole.boxes[name]


def _port(whole: Fabric, device: str, name: str) -> Port:
    ports = _box(whole, device).ports
    if name not in ports:
        raise UsageError(f"{device} has no port {name!r}; it has: {', '.join(ports)}")
    return ports[name]


def _peer(whole: Fabric, device: str, name: str) -> Peer:
    """By the peer's address or the peer device's name."""
    for peer in _box(whole, device).peers.values():
        if name in (peer.address, peer.device):
            return peer
    raise UsageError(f"{device} has no BGP peer {name!r}")


def _cut(whole: Fabric, arguments: tuple[str, ...], broken: bool, _now: float) -> list[Happening]:
    a, b = (_box(whole, name).name for name in arguments)
    wires = [wire for wire in whole.wires if wire.joins(a, b)]
    if not wires:
        raise UsageError(f"there is no link between {a} and {b}")
    for wire in wires:
        wire.cut = broken
    return []


def _power(whole: Fabric, arguments: tuple[str, ...], broken: bool, now: float) -> list[Happening]:
    box = _box(whole, arguments[0])
    if broken or box.powered:
        box.powered = not broken
        return []
    box.powered, box.booted = True, now
    for port in box.ports.values():
        port.zero(now)
    return [Happening(box.name, Happens.RESTART)]


def _crash(whole: Fabric, arguments: tuple[str, ...], broken: bool, _now: float) -> list[Happening]:
    _peer(whole, arguments[0], arguments[1]).crashed = broken
    return []


def _agent(whole: Fabric, arguments: tuple[str, ...], broken: bool, _now: float) -> list[Happening]:
    _box(whole, arguments[0]).agent_dead = broken
    return []


def _hot(whole: Fabric, arguments: tuple[str, ...], broken: bool, _now: float) -> list[Happening]:
    box = _box(whole, arguments[0])
    box.hot = broken
    return [Happening(box.name, Happens.HOT if broken else Happens.COOL, box.hardware.sensors[0].name)]


def _fan(whole: Fabric, arguments: tuple[str, ...], broken: bool, _now: float) -> list[Happening]:
    box = _box(whole, arguments[0])
    box.dead_fans = {box.hardware.fans[0]} if broken else set()
    return [Happening(box.name, Happens.FAN_FAILED if broken else Happens.FAN_OK, box.hardware.fans[0])]


def _supply(whole: Fabric, arguments: tuple[str, ...], broken: bool, _now: float) -> list[Happening]:
    box = _box(whole, arguments[0])
    last = box.hardware.power_supplies[-1]
    box.dead_supplies = {last} if broken else set()
    return [Happening(box.name, Happens.POWER_FAILED if broken else Happens.POWER_OK, last)]


def _cpu(whole: Fabric, arguments: tuple[str, ...], broken: bool, _now: float) -> list[Happening]:
    box = _box(whole, arguments[0])
    box.busy = broken
    return [Happening(box.name, Happens.CPU_HIGH if broken else Happens.CPU_NORMAL)]


def _memory(whole: Fabric, arguments: tuple[str, ...], broken: bool, _now: float) -> list[Happening]:
    box = _box(whole, arguments[0])
    box.leaking = broken
    return [Happening(box.name, Happens.MEMORY_HIGH if broken else Happens.MEMORY_NORMAL)]


def _flap(whole: Fabric, arguments: tuple[str, ...], broken: bool, _now: float) -> list[Happening]:
    _port(whole, *arguments).held_down = broken
    return []


def _errors(whole: Fabric, arguments: tuple[str, ...], broken: bool, _now: float) -> list[Happening]:
    _port(whole, *arguments).corrupt = broken
    return []


def _duplex(whole: Fabric, arguments: tuple[str, ...], broken: bool, _now: float) -> list[Happening]:
    _port(whole, *arguments).half = broken
    return []


def _optics(whole: Fabric, arguments: tuple[str, ...], broken: bool, _now: float) -> list[Happening]:
    port = _port(whole, *arguments)
    if arguments not in _fibres(whole):
        raise UsageError(f"{' '.join(arguments)} tells no light; those that do: {_listed(_fibres(whole))}")
    port.dim = broken
    return []


def _ospf(whole: Fabric, arguments: tuple[str, ...], broken: bool, _now: float) -> list[Happening]:
    a, b = (_box(whole, name) for name in arguments)
    ends = [it for box, other in ((a, b), (b, a)) for it in box.adjacencies.values() if it.device == other.name]
    if not ends:
        raise UsageError(f"{a.name} and {b.name} are no OSPF neighbours; those that are: {_listed(_pairs(whole))}")
    for end in ends:
        end.stuck = broken
    return []


def _pairs(whole: Fabric) -> list[tuple[str, ...]]:
    return [(box.name, it.device) for box in whole.boxes.values() for it in box.adjacencies.values()]


def _disk(whole: Fabric, arguments: tuple[str, ...], broken: bool, _now: float) -> list[Happening]:
    _telling(whole, arguments[0], "flash", "cisco", "arista").full = broken
    return []


def _ntp(whole: Fabric, arguments: tuple[str, ...], broken: bool, _now: float) -> list[Happening]:
    _telling(whole, arguments[0], "NTP", "cisco").lost_time = broken
    return []


def _config(whole: Fabric, arguments: tuple[str, ...], _broken: bool, now: float) -> list[Happening]:
    """Mending it is a change too."""
    _box(whole, arguments[0]).touched = now
    return []


def _telling(whole: Fabric, name: str, what: str, *families: str) -> Box:
    box = _box(whole, name)
    if box.family not in families:
        able = [(it.name,) for it in whole.boxes.values() if it.family in families]
        raise UsageError(f"{name} tells nothing of its {what}; those that do: {_listed(able)}")
    return box


def _listed(those: Iterable[tuple[str, ...]]) -> str:
    return ", ".join(map(" ".join, those)) or "none here"


def _fibres(whole: Fabric) -> list[tuple[str, ...]]:
    return [
        (box.name, port.name)
        for box in whole.boxes.values()
        for port in box.ports.values()
        if box.family == "cisco" and port.physical and port.neighbour and port.speed >= OPTICAL
    ]


def _branch_link(whole: Fabric, _inventory: Inventory) -> tuple[str, ...]:
    """The first link that alone carries at least two devices."""
    for wire in whole.wires:
        if len(whole.boxes) - len(whole.reached(cut=wire)) >= 2:
            return wire.a, wire.b
    return (whole.wires[0].a, whole.wires[0].b) if whole.wires else ()


def _branch_device(whole: Fabric, inventory: Inventory) -> tuple[str, ...]:
    """The first device that at least two others stand behind."""
    for name in whole.boxes:
        if name not in whole.attached and len(whole.boxes) - len(whole.reached(without=name)) >= 3:
            return (name,)
    return (topology.busiest(inventory),)


def _outside_peer(whole: Fabric, _inventory: Inventory) -> tuple[str, ...]:
    peers = [(box.name, peer.device, peer.internal) for box in whole.boxes.values() for peer in box.peers.values()]
    if not peers:
        raise UsageError("no two linked devices of this network speak BGP")
    first = min(peers, key=lambda peer: peer[2])
    return first[:2]


def _device(_whole: Fabric, inventory: Inventory) -> tuple[str, ...]:
    return (topology.busiest(inventory),)


def _core(_whole: Fabric, inventory: Inventory) -> tuple[str, ...]:
    return (next((it.name for it in inventory.devices.values() if it.role is Role.CORE), topology.busiest(inventory)),)


def _device_and_port(whole: Fabric, inventory: Inventory) -> tuple[str, ...]:
    device = topology.busiest(inventory)
    return device, topology.quiet_port(whole, device)


def _fibre(whole: Fabric, _inventory: Inventory) -> tuple[str, ...]:
    if fibres := _fibres(whole):
        return fibres[0]
    raise UsageError("no port of this network tells how much light it receives")


def _pair(whole: Fabric, _inventory: Inventory) -> tuple[str, ...]:
    if pairs := _pairs(whole):
        return pairs[0]
    raise UsageError("no two linked devices of this network speak OSPF")


def _cisco(whole: Fabric, _inventory: Inventory) -> tuple[str, ...]:
    for box in whole.boxes.values():
        if box.family == "cisco":
            return (box.name,)
    raise UsageError("no device of this network tells of its NTP and its flash")


BREAKAGES = {
    it.name: it
    for it in (
        Breakage("cut", ("A", "B"), _cut, _branch_link),
        Breakage("power", ("DEVICE",), _power, _branch_device),
        Breakage("crash", ("DEVICE", "PEER"), _crash, _outside_peer),
        Breakage("bgp", ("DEVICE", "PEER"), _crash, _outside_peer),
        Breakage("agent", ("DEVICE",), _agent, _device),
        Breakage("hot", ("DEVICE",), _hot, _device),
        Breakage("flap", ("DEVICE", "PORT"), _flap, _device_and_port),
        Breakage("fan", ("DEVICE",), _fan, _device),
        Breakage("psu", ("DEVICE",), _supply, _device),
        Breakage("cpu", ("DEVICE",), _cpu, _core),
        Breakage("memory", ("DEVICE",), _memory, _core),
        Breakage("errors", ("DEVICE", "PORT"), _errors, _device_and_port),
        Breakage("reboot", ("DEVICE",), _power, _branch_device),
        Breakage("duplex", ("DEVICE", "PORT"), _duplex, _device_and_port),
        Breakage("optics", ("DEVICE", "PORT"), _optics, _fibre),
        Breakage("ospf", ("A", "B"), _ospf, _pair),
        Breakage("disk", ("DEVICE",), _disk, _cisco),
        Breakage("ntp", ("DEVICE",), _ntp, _cisco),
        Breakage("config", ("DEVICE",), _config, _device),
    )
}
