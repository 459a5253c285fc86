"""Who is connected where (LLDP-MIB, the data files' tables) and which addresses stand on which interface (IP-MIB)."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_interface

from agent.observation import ComponentKind, Fact, Observation, Subject
from collectors.snmp import values
from collectors.snmp.labels import Columns
from collectors.snmp.session import Oid, parse_oid
from collectors.snmp.shapes import NeighbourTable
from collectors.snmp.walk import Value

# LLDP-MIB (IEEE 802.1AB): lldpRemTable, index time mark, local port number, remote index
_REM_CHASSIS = parse_oid("1.0.8802.1.1.2.1.4.1.1.5")
_REM_PORT_KIND = parse_oid("1.0.8802.1.1.2.1.4.1.1.6")
_REM_PORT = parse_oid("1.0.8802.1.1.2.1.4.1.1.7")
_REM_PORT_DESCR = parse_oid("1.0.8802.1.1.2.1.4.1.1.8")
_REM_NAME = parse_oid("1.0.8802.1.1.2.1.4.1.1.9")
_REM_DESCR = parse_oid("1.0.8802.1.1.2.1.4.1.1.10")
_REM_ADDRESS = parse_oid("1.0.8802.1.1.2.1.4.2.1.3")  # lldpRemManAddrIfSubtype; the address is in the index
_LOC_PORT_KIND = parse_oid("1.0.8802.1.1.2.1.3.7.1.2")
_LOC_PORT = parse_oid("1.0.8802.1.1.2.1.3.7.1.3")
_LOC_PORT_DESCR = parse_oid("1.0.8802.1.1.2.1.3.7.1.4")
LLDP = (_REM_CHASSIS, _REM_PORT_KIND, _REM_PORT, _REM_PORT_DESCR, _REM_NAME)
LLDP_MORE = (_LOC_PORT_KIND, _LOC_PORT, _LOC_PORT_DESCR, _REM_DESCR, _REM_ADDRESS)  # asked where there is a neighbour
LLDP_WITNESS = parse_oid("1.0.8802.1.1.2.1.2.2.0")  # lldpStatsRemTablesInserts
_MAC, _NAME, _LOCAL = 3, 5, 7  # LldpPortIdSubtype

_SERIAL = re.compile(r"\((?:[A-Z]{3}\w{8}|\w{11})\)$")  # NX-OS writes `name(serial)`

# IP-MIB (RFC 4293), and its deprecated table, which is still the one that most agents fill
_OLD_IF_INDEX = parse_oid("1.3.6.1.2.1.4.20.1.2")
_OLD_MASK = parse_oid("1.3.6.1.2.1.4.20.1.3")
_IF_INDEX = parse_oid("1.3.6.1.2.1.4.34.1.3")
_TYPE = parse_oid("1.3.6.1.2.1.4.34.1.4")
_PREFIX = parse_oid("1.3.6.1.2.1.4.34.1.5")
ADDRESSES = (_OLD_IF_INDEX, _OLD_MASK, _IF_INDEX, _TYPE, _PREFIX)
_UNICAST = 1


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What one device's table tells of one that is connected to it; `port` is our own, by ifName."""

    port: str
    protocol: str
    name: str = ""
    remote_port: str = ""
    address: str = ""
    platform: str = ""

    def is_also(self, other: "Neighbour") -> bool:
        """Whether both tables tell of the same device: by address, or by name without its domain."""
        same_name = self.name and _short(self.name) == _short(other.name)
        return self.port == other.port and bool(same_name or (self.address and self.address == other.address))


def neighbours(
    device: str, columns: Columns, interfaces: Mapping[int, str], tables: Iterable[NeighbourTable] = ()
) -> Iterator[Observation]:
    """What is known of each by local port, of LLDP-MIB's and of the data files' tables.

    A second neighbour on one port is named `port #2`.
    """
    told = list(_lldp(columns, interfaces))
    for other in (one for table in tables for one in _of(table, columns, interfaces)):
        twin = next((n for n, one in enumerate(told) if one.is_also(other)), None)
        if twin is None:
            told.append(other)
        else:
            one = told[twin]
            told[twin] = replace(one, address=one.address or other.address, platform=other.platform or one.platform)
    on_port: Counter[str] = Counter()
    for one in told:
        on_port[one.port] += 1
        name = one.port if on_port[one.port] == 1 else f"{one.port} #{on_port[one.port]}"
        subject = Subject(device, ComponentKind.NEIGHBOUR, name)
        for fact, word in (
            (Fact.REMOTE_NAME, one.name), (Fact.REMOTE_PORT, one.remote_port), (Fact.REMOTE_ADDRESS, one.address),
            (Fact.REMOTE_PLATFORM, one.platform), (Fact.PROTOCOL, one.protocol),
        ):  # fmt: skip
            if word:
                yield Observation(subject, fact, word)


def _lldp(columns: Columns, interfaces: Mapping[int, str]) -> Iterator[Neighbour]:
    addresses: dict[Oid, str] = {}
    for index in sorted(_rows(columns, _REM_ADDRESS), key=lambda index: _worth(values.address(index[5:]))):
        addresses[index[:3]] = values.address(index[5:])
    for index in sorted(set(_rows(columns, _REM_CHASSIS)) | set(_rows(columns, _REM_NAME))):
        if len(index) == 3:
            yield Neighbour(
                port=_local_port(index[1], columns, interfaces),
                protocol="lldp",
                name=values.text(_rows(columns, _REM_NAME).get(index)),
                remote_port=_remote_port(index, columns),
                address=addresses.get(index, ""),
                platform=values.text(_rows(columns, _REM_DESCR).get(index)),
            )


def _worth(address: str) -> int:
    """A neighbour may tell several: one that can be asked from elsewhere is worth more than one of the cable only."""
    if not address:
        return 0  # a MAC address, say
    parsed = ip_address(address)
    if parsed.is_link_local or parsed.is_loopback or parsed.is_unspecified:
        return 1
    return 3 if parsed.version == 4 else 2


def _of(table: NeighbourTable, columns: Columns, interfaces: Mapping[int, str]) -> Iterator[Neighbour]:
    def word(oid: Oid | None, index: Oid) -> str:
        return values.text(_rows(columns, oid).get(index)) if oid else ""

    for index in sorted(_rows(columns, table.names)):
        if len(index) <= table.interface:
            continue
        address = _rows(columns, table.addresses).get(index) if table.addresses else None
        kind = _rows(columns, table.port_kinds).get(index) if table.port_kinds else _NAME
        yield Neighbour(
            port=interfaces.get(index[table.interface], f"port {index[table.interface]}"),
            protocol=table.protocol,
            name=_SERIAL.sub("", word(table.names, index)),
            remote_port=_port(kind, _rows(columns, table.ports).get(index), word(table.port_descrs, index)),
            address=values.address(address) if isinstance(address, bytes) and any(address) else "",
            platform=word(table.platforms, index),
        )


def _rows(columns: Columns, oid: Oid) -> Mapping[Oid, Value]:
    return columns[oid].rows if oid in columns else {}


def _short(name: str) -> str:
    return name.partition(".")[0].lower()


def _local_port(number: int, columns: Columns, interfaces: Mapping[int, str]) -> str:
    """lldpLocPortNum is the ifIndex at many agents and a number of its own at others."""
    names = set(interfaces.values())
    at = (number,)
    port, descr = (values.text(columns[oid].rows.get(at)) for oid in (_LOC_PORT, _LOC_PORT_DESCR))
    for candidate in (port, descr):
        if candidate in names:
            return candidate
    if columns[_LOC_PORT_KIND].rows.get(at) == _LOCAL and port.isdigit() and int(port) in interfaces:
        return interfaces[int(port)]
    return interfaces.get(number) or descr or port or f"port {number}"


def _remote_port(index: Oid, columns: Columns) -> str:
    kind, raw = columns[_REM_PORT_KIND].rows.get(index), columns[_REM_PORT].rows.get(index)
    return _port(kind, raw, values.text(columns[_REM_PORT_DESCR].rows.get(index)))


def _port(kind: Value | None, raw: Value | None, descr: str) -> str:
    """LldpPortId by its subtype; a bare number or MAC address tells less than the description."""
    if kind == _NAME:
        return values.text(raw) or descr
    if kind == _MAC:
        return descr or values.mac(raw)
    port = values.text(raw)
    return descr if descr and (not port or port.isdigit()) else port


def addresses(device: str, columns: Columns, interfaces: Mapping[int, str]) -> Iterator[Observation]:
    """on_interface by address, the network in `detail`."""
    seen: set[str] = set()
    for index, at in columns[_OLD_IF_INDEX].rows.items():
        mask = columns[_OLD_MASK].rows.get(index)
        length = int.from_bytes(mask, "big").bit_count() if isinstance(mask, bytes) and len(mask) == 4 else 32
        address = values.address(index) if len(index) == 4 else ""
        yield from _address(device, address, length, at, interfaces, seen)
    for index, at in columns[_IF_INDEX].rows.items():
        if columns[_TYPE].rows.get(index, _UNICAST) == _UNICAST and index[0] in (1, 2):
            prefix = columns[_PREFIX].rows.get(index)
            known = isinstance(prefix, tuple) and len(prefix) > 12  # a pointer to ipAddressPrefixTable; 0.0 is none
            length = prefix[-1] if known and isinstance(prefix, tuple) else (32 if index[0] == 1 else 128)
            yield from _address(device, values.inet_index(index), length, at, interfaces, seen)


def _address(
    device: str, address: str, length: int, at: object, interfaces: Mapping[int, str], seen: set[str]
) -> Iterator[Observation]:
    name = interfaces.get(at) if isinstance(at, int) else None
    if not address or address in seen or name is None:
        return
    seen.add(address)
    try:
        network = str(ip_interface(f"{address}/{length}").network)
    except ValueError:
        network = ""
    yield Observation(Subject(device, ComponentKind.ADDRESS, address), Fact.ON_INTERFACE, name, network)
