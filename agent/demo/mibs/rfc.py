"""What every device answers: SNMPv2-MIB, IF-MIB, EtherLike-MIB, IP-MIB, BGP4-MIB, OSPF-MIB, LLDP-MIB, ENTITY-MIB,
HOST-RESOURCES-MIB, and, in a MIB of each vendor's, when its configuration changed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network

from agent.demo.fabric import Fabric
from agent.demo.hardware import ETHERNET
from agent.demo.mibs.table import Cell, Oid, Tag, Value, column, oid
from agent.demo.state import Box, Flow, Peer, Port

_SYSTEM = oid("1.3.6.1.2.1.1")
_IF, _IFX = oid("1.3.6.1.2.1.2.2.1"), oid("1.3.6.1.2.1.31.1.1.1")
_IP_ADDR, _IP_ADDRESS = oid("1.3.6.1.2.1.4.20.1"), oid("1.3.6.1.2.1.4.34.1")
_BGP = oid("1.3.6.1.2.1.15")
_DUPLEX = oid("1.3.6.1.2.1.10.7.2.1.19")  # dot3StatsDuplexStatus
_OSPF = oid("1.3.6.1.2.1.14")
_LLDP = oid("1.0.8802.1.1.2.1")
_ENTITY = oid("1.3.6.1.2.1.47.1.1.1.1")
_HR = oid("1.3.6.1.2.1.25")
_FRAME = 600  # octets, of the usual packet

CHASSIS, CONTAINER, POWER_SUPPLY, FAN, SENSOR, MODULE, PORT = 3, 5, 6, 7, 8, 9, 10  # entPhysicalClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A row of entPhysicalTable."""

    index: int
    name: str
    kind: int
    descr: str = ""
    parent: int = 0
    serial: str = ""
    model: str = ""
    software: str = ""
    maker: str = ""


def system(box: Box) -> Iterator[Cell]:
    yield (*_SYSTEM, 1, 0), Tag.STRING, box.hardware.description
    yield (*_SYSTEM, 2, 0), Tag.OBJECT_ID, oid(box.hardware.object_id)
    yield (*_SYSTEM, 3, 0), Tag.TICKS, lambda now: int(box.uptime(now) * 100) % 2**32
    yield (*_SYSTEM, 4, 0), Tag.STRING, "noc@example.net"
    yield (*_SYSTEM, 5, 0), Tag.STRING, box.name
    yield (*_SYSTEM, 6, 0), Tag.STRING, box.site
    yield (*_SYSTEM, 7, 0), Tag.INTEGER, 6 if box.asn else 2


def interfaces(box: Box) -> Iterator[Cell]:
    ports = list(box.ports.values())
    yield oid("1.3.6.1.2.1.2.1.0"), Tag.INTEGER, len(ports)
    for number, tag, of in _if_columns(box):
        yield from column(_IF, number, tag, ((port.index, of(port)) for port in ports))
    for number, tag, of in _ifx_columns():
        yield from column(_IFX, number, tag, ((port.index, of(port)) for port in ports))
    for port in ports:
        if port.physical:  # unknown while it is down
            yield (*_DUPLEX, port.index), Tag.INTEGER, 1 if not port.up else 2 if port.half else 3


def _last_change(box: Box, port: Port) -> int:
    """TimeTicks since the restart; 0 when it changed before."""
    return int(max(0.0, port.changed - box.booted) * 100) % 2**32


_Columns = list[tuple[int, Tag, Callable[[Port], Value]]]


def _if_columns(box: Box) -> _Columns:
    return [
        (1, Tag.INTEGER, lambda p: p.index),
        (2, Tag.STRING, lambda p: p.descr),
        (3, Tag.INTEGER, lambda p: p.type),
        (4, Tag.INTEGER, lambda p: 1500 if p.physical else 1514),
        (5, Tag.GAUGE, lambda p: min(p.speed, 2**32 - 1)),
        (6, Tag.STRING, lambda p: p.mac if p.physical else b""),
        (7, Tag.INTEGER, lambda p: 1 if p.admin else 2),
        (8, Tag.INTEGER, lambda p: 1 if p.up else 7 if p.parent else 2),  # a unit: lowerLayerDown
        (9, Tag.TICKS, lambda p: _last_change(box, p)),
        (10, Tag.COUNTER, lambda p: _counter(p.in_octets, 1, 32)),
        (11, Tag.COUNTER, lambda p: _counter(p.in_octets, _FRAME, 32)),
        (13, Tag.COUNTER, lambda _: 0),
        (14, Tag.COUNTER, lambda p: _counter(p.in_errors, 1, 32)),
        (15, Tag.COUNTER, lambda _: 0),
        (16, Tag.COUNTER, lambda p: _counter(p.out_octets, 1, 32)),
        (17, Tag.COUNTER, lambda p: _counter(p.out_octets, _FRAME, 32)),
        (19, Tag.COUNTER, lambda _: 0),
        (20, Tag.COUNTER, lambda _: 0),
    ]


def _ifx_columns() -> _Columns:
    return [
        (1, Tag.STRING, lambda p: p.name),
        (2, Tag.COUNTER, lambda p: _counter(p.in_octets, _FRAME * 50, 32)),
        (3, Tag.COUNTER, lambda p: _counter(p.in_octets, _FRAME * 200, 32)),
        (6, Tag.COUNTER64, lambda p: _counter(p.in_octets, 1, 64)),
        (7, Tag.COUNTER64, lambda p: _counter(p.in_octets, _FRAME, 64)),
        (8, Tag.COUNTER64, lambda p: _counter(p.in_octets, _FRAME * 50, 64)),
        (9, Tag.COUNTER64, lambda p: _counter(p.in_octets, _FRAME * 200, 64)),
        (10, Tag.COUNTER64, lambda p: _counter(p.out_octets, 1, 64)),
        (11, Tag.COUNTER64, lambda p: _counter(p.out_octets, _FRAME, 64)),
        (12, Tag.COUNTER64, lambda p: _counter(p.out_octets, _FRAME * 50, 64)),
        (13, Tag.COUNTER64, lambda p: _counter(p.out_octets, _FRAME * 200, 64)),
        (14, Tag.INTEGER, lambda _: 1),
        (15, Tag.GAUGE, lambda p: p.speed // 1_000_000),
        (16, Tag.INTEGER, lambda _: 2),
        (17, Tag.INTEGER, lambda p: 1 if p.type == ETHERNET else 2),
        (18, Tag.STRING, lambda p: p.alias),
        (19, Tag.TICKS, lambda _: 0),
    ]


def _counter(flow: Flow, unit: int, bits: int) -> Callable[[float], int]:
    """The flow in units of so many octets, wrapping as the counter does."""
    return lambda now: flow.read(now) // unit % 2**bits


def addresses(box: Box) -> Iterator[Cell]:
    for port in box.ports.values():
        if not port.address:
            continue
        index = tuple(IPv4Address(port.address).packed)
        network = IPv4Network(f"{port.address}/{port.prefix}", strict=False)
        yield (*_IP_ADDR, 1, *index), Tag.ADDRESS, port.address
        yield (*_IP_ADDR, 2, *index), Tag.INTEGER, port.index
        yield (*_IP_ADDR, 3, *index), Tag.ADDRESS, str(network.netmask)
        yield (*_IP_ADDR, 4, *index), Tag.INTEGER, 1
        if box.family in ("arista", "juniper"):
            prefix = (*oid("1.3.6.1.2.1.4.32.1.5"), port.index, 1, 4, *network.network_address.packed, port.prefix)
            yield (*_IP_ADDRESS, 3, 1, 4, *index), Tag.INTEGER, port.index
            yield (*_IP_ADDRESS, 4, 1, 4, *index), Tag.INTEGER, 1
            yield (*_IP_ADDRESS, 5, 1, 4, *index), Tag.OBJECT_ID, prefix


def bgp(box: Box, whole: Fabric) -> Iterator[Cell]:
    """BGP4-MIB (RFC 4273); a device that does not speak BGP has none of it."""
    if not box.asn:
        return
    yield (*_BGP, 1, 0), Tag.STRING, b"\x10"
    yield (*_BGP, 2, 0), Tag.INTEGER, box.asn
    yield (*_BGP, 4, 0), Tag.ADDRESS, box.router_id
    for peer in box.peers.values():
        index = tuple(IPv4Address(peer.address).packed)
        for number, tag, value in _peer_columns(peer, whole.boxes[peer.device].router_id):
            yield (*_BGP, 3, 1, number, *index), tag, value


def _peer_columns(peer: Peer, router_id: str) -> list[tuple[int, Tag, Value]]:
    def messages(now: float) -> int:
        return int(max(0.0, now - peer.changed) // 30 + 12)

    return [
        (1, Tag.ADDRESS, router_id if peer.up else "0.0.0.0"),
        (2, Tag.INTEGER, 6 if peer.up else 3),  # established, active
        (3, Tag.INTEGER, 2),  # start
        (4, Tag.INTEGER, 4),
        (5, Tag.ADDRESS, peer.local),
        (6, Tag.INTEGER, 179),
        (7, Tag.ADDRESS, peer.address),
        (8, Tag.INTEGER, 41952),
        (9, Tag.INTEGER, peer.asn),
        (10, Tag.COUNTER, 214),
        (11, Tag.COUNTER, 87),
        (12, Tag.COUNTER, messages),
        (13, Tag.COUNTER, messages),
        (14, Tag.STRING, b"\x00\x00" if peer.up else b"\x04\x00"),  # hold timer expired
        (15, Tag.COUNTER, peer.flaps),
        (16, Tag.GAUGE, lambda now: int(max(0.0, now - peer.changed))),
        (18, Tag.INTEGER, 90),
        (19, Tag.INTEGER, 30),
        (24, Tag.GAUGE, lambda now: int(max(0.0, now - peer.changed))),
    ]


def ospf(box: Box, whole: Fabric) -> Iterator[Cell]:
    """OSPF-MIB (RFC 4750): a neighbour that is not heard has no row. Two that cannot agree stay in exchangeStart."""
    if not box.hardware.ospf:
        return
    yield (*_OSPF, 1, 1, 0), Tag.ADDRESS, box.router_id
    yield (*_OSPF, 1, 2, 0), Tag.INTEGER, 1  # enabled
    for it in box.adjacencies.values():
        if it.up:
            index = (*IPv4Address(it.address).packed, 0)
            yield (*_OSPF, 10, 1, 1, *index), Tag.ADDRESS, it.address
            yield (*_OSPF, 10, 1, 2, *index), Tag.INTEGER, 0
            yield (*_OSPF, 10, 1, 3, *index), Tag.ADDRESS, whole.boxes[it.device].router_id
            yield (*_OSPF, 10, 1, 6, *index), Tag.INTEGER, 5 if it.stuck else 8


def lldp(box: Box, whole: Fabric) -> Iterator[Cell]:
    """LLDP-MIB (IEEE 802.1AB). What is on a dead link is forgotten at once, as devices do."""
    yield (*_LLDP, 3, 1, 0), Tag.INTEGER, 4  # macAddress
    yield (*_LLDP, 3, 2, 0), Tag.STRING, box.mac
    yield (*_LLDP, 3, 3, 0), Tag.STRING, box.name
    yield (*_LLDP, 3, 4, 0), Tag.STRING, box.hardware.description
    for port in box.ports.values():
        if not port.physical:
            continue
        local = lldp_number(box, port)
        subtype, name = lldp_port_id(box, port)
        yield (*_LLDP, 3, 7, 1, 2, local), Tag.INTEGER, subtype
        yield (*_LLDP, 3, 7, 1, 3, local), Tag.STRING, name
        yield (*_LLDP, 3, 7, 1, 4, local), Tag.STRING, port.name if subtype == 7 else port.alias or port.descr
        if port.neighbour and port.up:
            yield from _remote(local, whole.boxes[port.neighbour[0]], port.neighbour[1])


def _remote(local: int, other: Box, port_name: str) -> Iterator[Cell]:
    there = other.ports[port_name]
    subtype, name = lldp_port_id(other, there)
    capabilities = b"\x28\x00" if other.asn else b"\x20\x00"  # bridge, router
    index = (0, local, 1)
    for number, tag, value in (
        (4, Tag.INTEGER, 4),
        (5, Tag.STRING, other.mac),
        (6, Tag.INTEGER, subtype),
        (7, Tag.STRING, name),
        (8, Tag.STRING, there.name if subtype == 7 else there.descr),
        (9, Tag.STRING, other.name),
        (10, Tag.STRING, other.hardware.description),
        (11, Tag.STRING, capabilities),
        (12, Tag.STRING, capabilities),
    ):
        yield (*_LLDP, 4, 1, 1, number, *index), tag, value


def lldp_number(box: Box, port: Port) -> int:
    """lldpLocPortNum is the ifIndex with some vendors, a count of their own with others."""
    return port.number if box.family in ("huawei", "comware") else port.index


def lldp_port_id(box: Box, port: Port) -> tuple[int, str]:
    """(subtype, ID): interfaceName, but Junos sends its ifIndex as `local`."""
    return (7, str(port.index)) if box.family == "juniper" else (5, port.name)


def entities(rows: Iterable[Entity]) -> Iterator[Cell]:
    """ENTITY-MIB (RFC 6933)."""
    for row in rows:
        for number, tag, value in (
            (2, Tag.STRING, row.descr or row.name),
            (3, Tag.OBJECT_ID, (0, 0)),
            (4, Tag.INTEGER, row.parent),
            (5, Tag.INTEGER, row.kind),
            (6, Tag.INTEGER, -1 if row.kind == CHASSIS else 1),
            (7, Tag.STRING, row.name),
            (8, Tag.STRING, ""),
            (9, Tag.STRING, ""),
            (10, Tag.STRING, row.software),
            (11, Tag.STRING, row.serial),
            (12, Tag.STRING, row.maker),
            (13, Tag.STRING, row.model),
            (16, Tag.INTEGER, 1 if row.kind in (POWER_SUPPLY, FAN, MODULE) else 2),
        ):
            yield (*_ENTITY, number, row.index), tag, value


_CHANGED = {  # the running configuration, then where it was written to last; TimeTicks
    "cisco": ("1.3.6.1.4.1.9.9.43.1.1.1.0", "1.3.6.1.4.1.9.9.43.1.1.3.0"),
    "juniper": ("1.3.6.1.4.1.2636.3.18.1.2.0", ""),
    "huawei": ("1.3.6.1.4.1.2011.6.10.1.1.1.0", "1.3.6.1.4.1.2011.6.10.1.1.2.0"),
    "comware": ("1.3.6.1.4.1.25506.2.4.1.1.1.0", "1.3.6.1.4.1.25506.2.4.1.1.2.0"),
    "arista": ("1.3.6.1.4.1.30065.3.9.1.1.1.0", ""),
}


def configuration(box: Box) -> Iterator[Cell]:
    """CISCO-, HUAWEI-, HH3C-, ARISTA-CONFIG-MAN-MIB, JUNIPER-CFGMGMT-MIB."""
    changed, saved = _CHANGED[box.family]
    yield oid(changed), Tag.TICKS, box.configured
    if saved:
        yield oid(saved), Tag.TICKS, 0


def host_clock(box: Box) -> Iterator[Cell]:
    """HOST-RESOURCES-MIB (RFC 2790): hrSystemUptime, hrSystemDate."""
    yield (*_HR, 1, 1, 0), Tag.TICKS, lambda now: int(box.uptime(now) * 100) % 2**32
    yield (*_HR, 1, 2, 0), Tag.STRING, lambda now: date_and_time(box.clock(now))


def date_and_time(at: float) -> bytes:
    """DateAndTime (RFC 2579), in UTC."""
    it = datetime.fromtimestamp(at, UTC)
    return it.year.to_bytes(2, "big") + bytes(
        (it.month, it.day, it.hour, it.minute, it.second, it.microsecond // 100_000)
    ) + b"+\x00\x00"  # fmt: skip


def storage(rows: Iterable[tuple[int, str, str, int, int, Value]]) -> Iterator[Cell]:
    """hrStorageTable: (index, type's last digits, description, unit, size, used), the last two in units."""
    entry = (*_HR, 2, 3, 1)
    for index, kind, descr, unit, size, used in rows:
        yield (*entry, 1, index), Tag.INTEGER, index
        yield (*entry, 2, index), Tag.OBJECT_ID, (*_HR, 2, 1, *oid(kind))
        yield (*entry, 3, index), Tag.STRING, descr
        yield (*entry, 4, index), Tag.INTEGER, unit
        yield (*entry, 5, index), Tag.INTEGER, size
        yield (*entry, 6, index), Tag.INTEGER, used
        yield (*entry, 7, index), Tag.COUNTER, 0


def processors(loads: Iterable[tuple[int, Callable[[float], int]]]) -> Iterator[Cell]:
    """hrProcessorTable."""
    for index, load in loads:
        yield (*_HR, 3, 3, 1, 1, index), Tag.OBJECT_ID, (0, 0)
        yield (*_HR, 3, 3, 1, 2, index), Tag.INTEGER, load


def sensor(
    index: int, kind: int, scale: int, precision: int, value: Callable[[float], int], unit: str
) -> Iterator[Cell]:
    """A row of entPhySensorTable (RFC 3433). Kind 8 celsius, 10 rpm; scale 9 units."""
    entry: Oid = oid("1.3.6.1.2.1.99.1.1.1")
    yield (*entry, 1, index), Tag.INTEGER, kind
    yield (*entry, 2, index), Tag.INTEGER, scale
    yield (*entry, 3, index), Tag.INTEGER, precision
    yield (*entry, 4, index), Tag.INTEGER, value
    yield (*entry, 5, index), Tag.INTEGER, 1
    yield (*entry, 6, index), Tag.STRING, unit
