"""Who is connected where (LLDP-MIB) and which addresses stand on which interface (IP-MIB): tables that join others."""

from collections import Counter
from collections.abc import Iterator, Mapping
from ipaddress import ip_interface

from agent.observation import ComponentKind, Fact, Observation, Subject
from collectors.snmp import values
from collectors.snmp.rows import Columns
from collectors.snmp.session import Oid, parse_oid

# LLDP-MIB (IEEE 802.1AB): lldpRemTable, index time mark, local port number, remote index
_REM_CHASSIS = parse_oid("1.0.8802.1.1.2.1.4.1.1.5")
_REM_PORT_KIND = parse_oid("1.0.8802.1.1.2.1.4.1.1.6")
_REM_PORT = parse_oid("1.0.8802.1.1.2.1.4.1.1.7")
_REM_PORT_DESCR = parse_oid("1.0.8802.1.1.2.1.4.1.1.8")
_REM_NAME = parse_oid("1.0.8802.1.1.2.1.4.1.1.9")
_LOC_PORT_KIND = parse_oid("1.0.8802.1.1.2.1.3.7.1.2")
_LOC_PORT = parse_oid("1.0.8802.1.1.2.1.3.7.1.3")
_LOC_PORT_DESCR = parse_oid("1.0.8802.1.1.2.1.3.7.1.4")
LLDP = (_REM_CHASSIS, _REM_PORT_KIND, _REM_PORT, _REM_PORT_DESCR, _REM_NAME)
LLDP_LOCAL = (_LOC_PORT_KIND, _LOC_PORT, _LOC_PORT_DESCR)
LLDP_WITNESS = parse_oid("1.0.8802.1.1.2.1.2.2.0")  # lldpStatsRemTablesInserts
_MAC, _NAME, _LOCAL = 3, 5, 7  # LldpPortIdSubtype

# IP-MIB (RFC 4293), and its deprecated table, which is still the one that most agents fill
_OLD_IF_INDEX = parse_oid("1.3.6.1.2.1.4.20.1.2")
_OLD_MASK = parse_oid("1.3.6.1.2.1.4.20.1.3")
_IF_INDEX = parse_oid("1.3.6.1.2.1.4.34.1.3")
_TYPE = parse_oid("1.3.6.1.2.1.4.34.1.4")
_PREFIX = parse_oid("1.3.6.1.2.1.4.34.1.5")
ADDRESSES = (_OLD_IF_INDEX, _OLD_MASK, _IF_INDEX, _TYPE, _PREFIX)
_UNICAST = 1


def neighbours(device: str, columns: Columns, interfaces: Mapping[int, str]) -> Iterator[Observation]:
    """remote_name and remote_port by local port. A second neighbour on one port is named `port #2`."""
    on_port: Counter[str] = Counter()
    for index in sorted(set(columns[_REM_CHASSIS].rows) | set(columns[_REM_NAME].rows)):
        if len(index) != 3:
            continue
        port = _local_port(index[1], columns, interfaces)
        on_port[port] += 1
        name = port if on_port[port] == 1 else f"{port} #{on_port[port]}"
        subject = Subject(device, ComponentKind.NEIGHBOUR, name)
        if remote := values.text(columns[_REM_NAME].rows.get(index)):
            yield Observation(subject, Fact.REMOTE_NAME, remote)
        if port_there := _remote_port(index, columns):
            yield Observation(subject, Fact.REMOTE_PORT, port_there)


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
    descr = values.text(columns[_REM_PORT_DESCR].rows.get(index))
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
