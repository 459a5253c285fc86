"""Who is connected where, from LLDP-MIB and from the data files' tables."""

from agent.observation import Fact
from collectors.snmp import neighbours, profiles
from collectors.snmp.session import Oid, parse_oid
from collectors.snmp.walk import Column, Value

LLDP = parse_oid("1.0.8802.1.1.2.1.4.1.1")
MANAGEMENT = parse_oid("1.0.8802.1.1.2.1.4.2.1.3")
CDP = parse_oid("1.3.6.1.4.1.9.9.23.1.2.1.1")
INTERFACES = {10: "Gi0/1", 11: "Gi0/2"}
TABLES = profiles.everything()["rfc"].neighbours


def columns(rows: dict[Oid, Value]) -> dict[Oid, Column]:
    """Every column that is asked, with the values at (column, index)."""
    asked = {*neighbours.LLDP, *neighbours.LLDP_MORE, *(oid for table in TABLES for oid in table.columns)}
    found = {oid: Column(oid, complete=True) for oid in asked}
    for oid, value in rows.items():
        column = next(prefix for prefix in asked if oid[: len(prefix)] == prefix)
        found[column].rows[oid[len(column) :]] = value
    return found


def told(rows: dict[Oid, Value]) -> dict[str, dict[Fact, object]]:
    found: dict[str, dict[Fact, object]] = {}
    for o in neighbours.neighbours("sw", columns(rows), INTERFACES, TABLES):
        found.setdefault(o.subject.name, {})[o.fact] = o.value
    return found


def lldp(number: int, name: bytes, port: bytes, address: Oid = ()) -> dict[Oid, Value]:
    at = (0, number, 1)
    rows: dict[Oid, Value] = {
        (*LLDP, 5, *at): b"\x00\x11\x22\x33\x44\x55", (*LLDP, 6, *at): 5, (*LLDP, 7, *at): port,
        (*LLDP, 9, *at): name, (*LLDP, 10, *at): b"Some OS 1.2",
    }  # fmt: skip
    return rows | ({(*MANAGEMENT, *at, 1, 4, *address): 2} if address else {})


def cdp(index: int, name: bytes, port: bytes, address: bytes = b"") -> dict[Oid, Value]:
    rows: dict[Oid, Value] = {
        (*CDP, 6, index, 1): name, (*CDP, 7, index, 1): port, (*CDP, 8, index, 1): b"cisco WS-C3750",
    }  # fmt: skip
    return rows | ({(*CDP, 4, index, 1): address} if address else {})


def test_lldp_tells_name_port_address_and_platform() -> None:
    assert told(lldp(10, b"core-1", b"Eth1/1", (192, 0, 2, 7))) == {
        "Gi0/1": {
            Fact.REMOTE_NAME: "core-1", Fact.REMOTE_PORT: "Eth1/1", Fact.REMOTE_ADDRESS: "192.0.2.7",
            Fact.REMOTE_PLATFORM: "Some OS 1.2", Fact.PROTOCOL: "lldp",
        }
    }  # fmt: skip


def test_a_neighbour_that_speaks_both_protocols_is_one() -> None:
    rows = lldp(10, b"core-1.example.net", b"Eth1/1") | cdp(10, b"core-1(FOC1234ABCD)", b"Ethernet1/1", b"\xc0\0\2\7")
    assert told(rows) == {
        "Gi0/1": {
            Fact.REMOTE_NAME: "core-1.example.net", Fact.REMOTE_PORT: "Eth1/1", Fact.REMOTE_ADDRESS: "192.0.2.7",
            Fact.REMOTE_PLATFORM: "cisco WS-C3750", Fact.PROTOCOL: "lldp",
        }
    }  # fmt: skip


def test_two_neighbours_behind_one_port_are_two() -> None:
    found = told(lldp(10, b"phone", b"1") | cdp(10, b"switch", b"Gi0/48"))
    assert {name: facts[Fact.REMOTE_NAME] for name, facts in found.items()} == {"Gi0/1": "phone", "Gi0/1 #2": "switch"}


def test_cdp_alone_names_the_port_by_ifindex() -> None:
    assert told(cdp(11, b"edge-2", b"Gi0/3"))["Gi0/2"][Fact.PROTOCOL] == "cdp"
    assert set(told(cdp(99, b"edge-2", b"Gi0/3"))) == {"port 99"}


def test_an_address_of_zeros_is_none() -> None:
    assert Fact.REMOTE_ADDRESS not in told(cdp(11, b"edge-2", b"Gi0/3", bytes(4)))["Gi0/2"]


def test_of_several_addresses_the_one_that_can_be_asked_is_told() -> None:
    link_local = (0xFE, 0x80, *(0 for _ in range(13)), 5)
    several = {(*MANAGEMENT, 0, 10, 1, 2, 16, *link_local): 2, (*MANAGEMENT, 0, 10, 1, 6, 6, 2, 0, 0, 0, 0, 5): 2}
    rows = lldp(10, b"core-1", b"Eth1/1", (192, 0, 2, 7)) | several
    assert told(rows)["Gi0/1"][Fact.REMOTE_ADDRESS] == "192.0.2.7"
    assert told(lldp(10, b"core-1", b"Eth1/1") | several)["Gi0/1"][Fact.REMOTE_ADDRESS] == "fe80::5"
