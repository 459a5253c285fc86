"""What a poll tells beside counters and health: duplex, aggregates, BFD, roles, configurations, licences."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.observation import Batch, ComponentKind, Fact, Tier
from collectors.snmp import aggregates, values
from collectors.snmp.session import Oid
from collectors.snmp.walk import Column
from tests.snmp_invented import Told, batches, document, states

ANY = "1.3.6.1.4.1.99999.1"
IOS = "1.3.6.1.4.1.9.1.1208", "Cisco IOS Software, C2960S Software, Version 15.2(2a)E1"
JUNOS = "1.3.6.1.4.1.2636.1.1.1.2.29"
VRP = "1.3.6.1.4.1.2011.2.239.1"
COMWARE = "1.3.6.1.4.1.25506.11.1.1"
NAME, TYPE, STACK = "1.3.6.1.2.1.31.1.1.1.1", "1.3.6.1.2.1.2.2.1.3", "1.3.6.1.2.1.31.1.2.1.3"
PORT = "1.2.840.10006.300.43.1.2.1.1"


def interfaces(**types: int) -> dict[str, Any]:
    """Interfaces by name, numbered from 1, with their IANAifType."""
    told: dict[str, Any] = {}
    for index, (name, kind) in enumerate(types.items(), 1):
        told |= {f"{NAME}.{index}": name, f"{TYPE}.{index}": kind}
    return told


def port(index: int, key: int, selected: int, attached: int) -> dict[str, Any]:
    return {f"{PORT}.4.{index}": key, f"{PORT}.12.{index}": selected, f"{PORT}.13.{index}": attached}


def facts(batch: Batch, *wanted: Fact) -> dict[tuple[str, Fact], Any]:
    return {(o.subject.name, o.fact): o.value for o in batch.observations if o.fact in wanted}


async def health(*tellings: Told, object_id: str = ANY) -> list[Batch]:
    return await batches(object_id, tellings, [Tier.HEALTH] * len(tellings))


# ---------------------------------------------------------------- speed and duplex


async def test_speed_and_duplex_come_with_the_counters() -> None:
    told = interfaces(ge1=6, ge2=6, ge3=6) | {f"1.3.6.1.2.1.2.2.1.5.{n}": 2**32 - 1 for n in (1, 2)}
    told |= {
        "1.3.6.1.2.1.2.2.1.5.3": 1_544_000,
        "1.3.6.1.2.1.31.1.1.1.15.1": 10_000,
        "1.3.6.1.2.1.31.1.1.1.15.2": 40_000,
    }
    told |= {f"1.3.6.1.2.1.10.7.2.1.19.{n}": state for n, state in ((1, 3), (2, 2), (3, 1))}
    [first, second] = await health(told, told)
    for batch in (first, second):
        assert facts(batch, Fact.SPEED, Fact.DUPLEX) == {
            ("ge1", Fact.SPEED): 10**10,
            ("ge2", Fact.SPEED): 4 * 10**10,
            ("ge3", Fact.SPEED): 1_544_000,
            ("ge1", Fact.DUPLEX): "full",
            ("ge2", Fact.DUPLEX): "half",
        }


# ---------------------------------------------------------------- aggregates


async def test_members_of_an_aggregate_are_told_with_whether_they_are_attached() -> None:
    told = interfaces(ge1=6, ge2=6, ge3=6, ae0=161)
    good = told | port(1, 7, 4, 4) | port(2, 7, 4, 4) | port(3, 0, 0, 3)
    lost = told | port(1, 7, 4, 4) | port(2, 7, 4, 0) | port(3, 0, 0, 3)
    [before, after] = await health(good, lost)
    member = {("ge1", Fact.LAG): "ae0", ("ge2", Fact.LAG): "ae0", ("ge1", Fact.LAG_STATE): "attached"}
    assert facts(before, Fact.LAG, Fact.LAG_STATE) == {**member, ("ge2", Fact.LAG_STATE): "attached"}
    assert facts(after, Fact.LAG, Fact.LAG_STATE) == {**member, ("ge2", Fact.LAG_STATE): "detached"}


async def test_a_port_that_selects_nothing_any_more_stays_a_member_while_it_is_configured_as_one() -> None:
    told = interfaces(ge1=6, ae0=161)
    tellings = [told | port(1, 7, 2, 2), told | port(1, 7, 0, 0), told | port(1, 1, 0, 0), told | port(1, 7, 0, 0)]
    polled = [facts(batch, Fact.LAG, Fact.LAG_STATE) for batch in await health(*tellings)]
    assert polled[1] == {("ge1", Fact.LAG): "ae0", ("ge1", Fact.LAG_STATE): "detached"}
    assert polled[2] == polled[3] == {}, "the operator took it out"


async def test_a_spare_that_never_was_attached_is_not_called_detached() -> None:
    told = interfaces(ge1=6, ae0=161) | port(1, 7, 2, 0)
    [batch] = await health(told)
    assert facts(batch, Fact.LAG, Fact.LAG_STATE) == {("ge1", Fact.LAG): "ae0"}


async def test_where_the_standard_is_not_spoken_the_stack_of_interfaces_tells_the_members() -> None:
    told = interfaces(ge1=6, ge2=6, ae0=161, vlan=136) | {"1.3.6.1.2.1.31.1.1.1.1.5": "ae0.7", f"{TYPE}.5": 135}
    told |= {f"{STACK}.{higher}.{lower}": 1 for higher, lower in ((3, 1), (3, 2), (4, 3), (5, 3), (0, 4), (3, 5))}
    [batch] = await batches(ANY, [told], [Tier.IDENTITY])
    assert facts(batch, Fact.LAG, Fact.LAG_STATE) == {("ge1", Fact.LAG): "ae0", ("ge2", Fact.LAG): "ae0"}


async def test_a_port_channel_of_cisco_is_known_by_its_name_or_by_pagp() -> None:
    told = interfaces(Gi1=6, Gi2=6, Po1=53, Vl7=53) | {f"{STACK}.3.1": 1, f"{STACK}.4.2": 1}
    told |= {f"1.3.6.1.4.1.9.9.98.1.1.1.1.8.{port}": group for port, group in ((2, 3), (3, 3))}
    [batch] = await batches(IOS[0], [told], [Tier.IDENTITY], IOS[1])
    assert facts(batch, Fact.LAG) == {("Gi1", Fact.LAG): "Po1", ("Gi2", Fact.LAG): "Po1"}


async def test_a_member_of_an_interface_that_nobody_knows_is_none() -> None:
    told = interfaces(ge1=6) | port(1, 7, 99, 99) | port(2, 7, -1, 2**31 - 1)
    [batch] = await health(told)
    assert facts(batch, Fact.LAG, Fact.LAG_STATE) == {}


numbers = st.integers(-(2**31), 2**32) | st.binary(max_size=3)
indices = st.lists(st.integers(0, 9), min_size=1, max_size=3).map(tuple)
asked = (*aggregates.PORTS, *aggregates.others(cisco=True), aggregates.TYPES)
tables = st.fixed_dictionaries({oid: st.dictionaries(indices, numbers, max_size=9) for oid in asked})


@given(tables, tables, st.dictionaries(st.integers(0, 9), st.text(max_size=4)))
def test_whatever_stands_in_the_tables_members_and_their_aggregates_are_interfaces(
    first: dict[Oid, Any], second: dict[Oid, Any], names: dict[int, str]
) -> None:
    once: set[str] = set()
    before: dict[int, aggregates.Member] = {}
    for rows in (first, second):
        columns = {oid: Column(oid, told, complete=True) for oid, told in rows.items()}
        before, attached = aggregates.members(columns, before)
        found = [*aggregates.observations("d", before, attached, names, once)]
        found += aggregates.plain("d", aggregates.stacked(columns, names), names)
        assert {o.subject.name for o in found} <= set(names.values())
        assert {str(o.value) for o in found if o.fact is Fact.LAG} <= set(names.values())
        assert attached <= set(before)


# ---------------------------------------------------------------- BFD

PEER = bytes((10, 0, 0, 9))
BFD: dict[str, tuple[str, str, str, int, int]] = {  # sysObjectID, state, address, up, down
    "any": (ANY, "1.3.6.1.2.1.222.1.2.1.11", "1.3.6.1.2.1.222.1.2.1.22", 4, 2),
    "cisco": (IOS[0], "1.3.6.1.4.1.9.10.137.1.2.1.6", "1.3.6.1.4.1.9.10.137.1.2.1.14", 4, 2),
    "juniper": (JUNOS, "1.3.6.1.4.1.2636.5.3.1.1.2.1.6", "1.3.6.1.4.1.2636.5.3.1.1.2.1.14", 4, 2),
    "huawei": (VRP, "1.3.6.1.4.1.2011.5.25.38.2.3.1.17", "1.3.6.1.4.1.2011.5.25.38.2.3.1.5", 3, 1),
    "comware": (COMWARE, "1.3.6.1.4.1.25506.2.72.1.3.1.12", "1.3.6.1.4.1.25506.2.72.1.3.1.10", 3, 1),
}


@pytest.mark.parametrize("vendor", sorted(BFD))
async def test_bfd_sessions_go_by_their_peers_address(vendor: str) -> None:
    object_id, state, address, up, down = BFD[vendor]
    told = {f"{state}.5": up, f"{address}.5": PEER, f"{state}.6": down, f"{address}.6": bytes(15) + b"\x01"}
    [batch] = await batches(object_id, [told], [Tier.STATUS], IOS[1] if vendor == "cisco" else "")
    assert facts(batch, Fact.BFD_STATE) == {("10.0.0.9", Fact.BFD_STATE): "up", ("::1", Fact.BFD_STATE): "down"}
    assert ComponentKind.BFD_SESSION in batch.complete


async def test_a_device_without_bfd_is_asked_again_with_its_identity_only() -> None:
    state, address = BFD["any"][1:3]
    late = {f"{state}.5": 4, f"{address}.5": PEER}
    tiers = [Tier.STATUS, Tier.STATUS, Tier.IDENTITY, Tier.STATUS, Tier.STATUS, Tier.STATUS]
    polled = await batches(ANY, [{}, late, late, late, {}, late], tiers)
    assert [bool(facts(batch, Fact.BFD_STATE)) for batch in polled] == [False, False, False, True, False, True]


# ---------------------------------------------------------------- roles

HSRP, VRRP, VRRP3 = "1.3.6.1.4.1.9.9.106.1.2.1.1.15", "1.3.6.1.2.1.68.1.3.1", "1.3.6.1.2.1.207.1.1.1.1.6"


def told_of(document: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {row["name"]: (row["state"], row.get("role")) for row in document["states"] if row["kind"] == "redundancy"}


async def test_groups_of_vrrp_tell_their_state_and_their_role() -> None:
    told = interfaces(Vlan7=136, Vlan8=136)
    told |= {f"{VRRP}.3.1.{group}": state for group, state in ((1, 3), (2, 2), (3, 1), (4, 1))}
    told |= {f"{VRRP}.4.1.{group}": admin for group, admin in ((1, 1), (2, 1), (3, 1), (4, 2))}
    told |= {f"{VRRP3}.2.9.1": 3, f"{VRRP3}.2.9.2": 2}
    assert told_of(await document(ANY, told)) == {
        "Vlan7 VRRP 1": ("ok", "active"),
        "Vlan7 VRRP 2": ("ok", "standby"),
        "Vlan7 VRRP 3": ("absent", None),
        "Vlan7 VRRP 4": ("absent", None),
        "Vlan8 VRRP 9 #2.9.1": ("ok", "active"),
        "Vlan8 VRRP 9 #2.9.2": ("ok", "standby"),
    }


async def test_a_group_of_hsrp_tells_its_state_and_its_role() -> None:
    told = interfaces(Vl7=53) | {f"{HSRP}.1.{group}": group for group in range(1, 7)}
    assert told_of(await document(IOS[0], told, IOS[1])) == {
        "Vl7 HSRP 1": ("absent", None),
        "Vl7 HSRP 2": ("failed", None),
        "Vl7 HSRP 3": ("ok", "listen"),
        "Vl7 HSRP 4": ("unknown", None),
        "Vl7 HSRP 5": ("ok", "standby"),
        "Vl7 HSRP 6": ("ok", "active"),
    }


ROLES: dict[str, tuple[str, str, dict[str, Any], dict[str, str]]] = {
    "supervisors": (*IOS, {f"1.3.6.1.4.1.9.9.176.1.1.{n}.0": s for n, s in ((2, 14), (4, 9))},
                    {"this supervisor": "active", "peer supervisor": "standby"}),
    "failover": ("1.3.6.1.4.1.9.1.1902", "Cisco Adaptive Security Appliance Version 9.8(2)",
                 {f"1.3.6.1.4.1.9.9.147.1.2.1.1.1.3.{n}": s for n, s in ((6, 9), (7, 10))}
                 | {f"1.3.6.1.4.1.9.9.147.1.2.1.1.1.2.{n}": f"unit {n}" for n in (6, 7)},
                 {"unit 6": "active", "unit 7": "standby"}),
    "palo alto": ("1.3.6.1.4.1.25461.2.3.1", "", {"1.3.6.1.4.1.25461.2.1.2.1.11.0": "passive",
                                                   "1.3.6.1.4.1.25461.2.1.2.1.12.0": "active"},
                  {"HA local state": "standby", "HA peer state": "active"}),
    "routing engines": (JUNOS, "", {f"1.3.6.1.4.1.2636.3.1.14.1.{c}.9.{n}": v
                                    for n in (1, 2) for c, v in ((5, f"Routing Engine {n}"), (7, n + 1))},
                        {"Routing Engine 1": "active", "Routing Engine 2": "standby"}),
}  # fmt: skip


@pytest.mark.parametrize("pair", sorted(ROLES))
async def test_pairs_tell_who_is_active(pair: str) -> None:
    object_id, descr, told, expected = ROLES[pair]
    assert {name: role for name, (_, role) in told_of(await document(object_id, told, descr)).items()} == expected


async def test_members_of_a_stack_tell_their_roles() -> None:
    told = {f"1.3.6.1.2.1.47.1.1.1.1.7.{n}": f"Switch {n}" for n in (1, 2, 3)}
    told |= {f"1.3.6.1.2.1.47.1.1.1.1.5.{n}": 3 for n in (1, 2, 3)}
    table = "1.3.6.1.4.1.9.9.500.1.2.1.1"
    told |= {f"{table}.6.{n}": 4 for n in (1, 2, 3)} | {f"{table}.3.{n}": role for n, role in ((1, 1), (2, 4), (3, 2))}
    found = await document(IOS[0], told, IOS[1])
    assert [row["role"] for row in found["states"] if row["kind"] == "stack"] == ["active", "standby", "member"]
    assert set(states(found, "stack").values()) == {"ok"}


# ---------------------------------------------------------------- configurations

CONFIGURATIONS: dict[str, tuple[str, str, str, str]] = {
    "cisco": (*IOS, "1.3.6.1.4.1.9.9.43.1.1.1.0", "1.3.6.1.4.1.9.9.43.1.1.3.0"),
    "juniper": (JUNOS, "", "1.3.6.1.4.1.2636.3.18.1.2.0", ""),
    "huawei": (VRP, "", "1.3.6.1.4.1.2011.6.10.1.1.1.0", "1.3.6.1.4.1.2011.6.10.1.1.2.0"),
    "comware": (COMWARE, "", "1.3.6.1.4.1.25506.2.4.1.1.1.0", "1.3.6.1.4.1.25506.2.4.1.1.2.0"),
    "arista": ("1.3.6.1.4.1.30065.1.3011", "", "1.3.6.1.4.1.30065.3.9.1.1.1.0", ""),
}


@pytest.mark.parametrize("vendor", sorted(CONFIGURATIONS))
async def test_when_a_configuration_changed_and_was_saved_is_told_in_seconds_of_uptime(vendor: str) -> None:
    object_id, descr, changed, saved = CONFIGURATIONS[vendor]
    [batch] = await batches(object_id, [{changed: 4250} | ({saved: 100} if saved else {})], [Tier.STATUS], descr)
    expected = {("", Fact.CONFIG_CHANGED): 42.5} | ({("", Fact.CONFIG_SAVED): 1.0} if saved else {})
    assert facts(batch, Fact.CONFIG_CHANGED, Fact.CONFIG_SAVED) == expected


# ---------------------------------------------------------------- licences

CONTRACT = "1.3.6.1.4.1.12356.101.4.6.3.1.2.1"


async def test_contracts_of_a_firewall_end_on_a_day() -> None:
    told = {f"{CONTRACT}.1.1": "FortiCare Support", f"{CONTRACT}.2.1": "Sat Jul 26 01:00:00 2031"}
    told |= {f"{CONTRACT}.1.2": "Web Filtering", f"{CONTRACT}.2.2": "n/a"}
    [batch] = await batches("1.3.6.1.4.1.12356.101.1.1", [told], [Tier.IDENTITY])
    assert [(o.subject.kind, o.subject.name, o.value) for o in batch.observations if o.fact is Fact.EXPIRES] == [
        (ComponentKind.LICENCE, "FortiCare Support", "2031-07-26T01:00:00+00:00")
    ]


async def test_smart_licences_end_at_a_second() -> None:
    told = {"1.3.6.1.4.1.9.9.831.0.6.3.0": 1_900_000_000, "1.3.6.1.4.1.9.9.831.0.7.1.0": 0}
    [batch] = await batches(IOS[0], [told], [Tier.IDENTITY], IOS[1])
    ends = [o for o in batch.observations if o.fact is Fact.EXPIRES]
    assert [(o.subject.name, o.value) for o in ends] == [("Smart Licensing registration", "2030-03-17T17:46:40+00:00")]


@pytest.mark.parametrize(
    ("raw", "ends"),
    [
        (b"Fri Jan  1 00:00:00 2027", "2027-01-01T00:00:00+00:00"),
        (b"26 Jul 2031", "2031-07-26T00:00:00+00:00"),
        (b"July 4, 2031", "2031-07-04T00:00:00+00:00"),
        (b"2031-07-26T01:00:00Z", "2031-07-26T01:00:00+00:00"),
        (b"\x07\xf3\x02\x03\x04\x05\x06\x00+\x02\x00", "2035-02-03T02:05:06+00:00"),
        (b"Feb 31 2031", ""),
        (b"perpetual", ""),
        (b"2031", ""),
        (b"1 " * 400, ""),
        (2**63, ""),
        (-1, ""),
    ],
)
def test_the_end_of_a_licence_is_read_however_it_is_written(raw: bytes | int, ends: str) -> None:
    assert values.expiry(raw) == ends
