"""What a poll makes of what a device answers."""

import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.inventory.device import Device, Method, Secret, SnmpAccess
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from collectors.collector import Collector
from collectors.probe import as_document
from collectors.snmp import ber, identity, neighbours, poll, profiles, rows, sensors, values
from collectors.snmp.session import parse_oid
from tests import snmp_agents as agents

Ask = Callable[[agents.Agent, Tier], AbstractAsyncContextManager[Batch]]


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    one = Collector(secret=lambda _: "public")
    yield one
    await one.close()


def device(port: int, platform: str = "") -> Device:
    access = SnmpAccess(port=port, community=Secret("env:X"))
    reachability = (Method.SNMP,)
    return Device(
        name="d", address="127.0.0.1", customer="c", site="s", platform=platform, reachability=reachability, snmp=access
    )


async def ask(collector: Collector, agent: agents.Agent, tier: Tier) -> Batch:
    async with agents.served(agent) as port:
        return await collector.poll(device(port), tier)


def found(batch: Batch, fact: Fact) -> dict[str, object]:
    return {o.subject.name: o.value for o in batch.observations if o.fact is fact}


def oid(text: str) -> tuple[int, ...]:
    return parse_oid(text)


async def test_a_status_poll_tells_states_by_interface_name(collector: Collector) -> None:
    table = agents.switch(3)
    table[(*agents.IF_ENTRY, 8, 2)] = ber.integer(2)
    batch = await ask(collector, agents.Agent(table), Tier.STATUS)
    assert found(batch, Fact.OPER_STATUS) == {"ge1": "up", "ge2": "down", "ge3": "up"}
    assert found(batch, Fact.UPTIME) == {"": 1234.56}
    assert ComponentKind.INTERFACE in batch.complete


async def test_a_table_that_is_missing_is_not_complete_and_an_empty_one_is(collector: Collector) -> None:
    batch = await ask(collector, agents.Agent(), Tier.STATUS)
    assert ComponentKind.BGP_PEER not in batch.complete
    table = agents.switch()
    table[oid("1.3.6.1.2.1.15.2.0")] = ber.integer(65001)  # bgpLocalAs: BGP runs, without a peer
    batch = await ask(collector, agents.Agent(table), Tier.STATUS)
    assert ComponentKind.BGP_PEER in batch.complete


async def test_interfaces_without_ifname_are_named_by_ifdescr_and_never_twice(collector: Collector) -> None:
    table = agents.switch(4)
    del table[(*agents.IFX_ENTRY, 1, 2)]
    table[(*agents.IFX_ENTRY, 1, 3)] = table[(*agents.IFX_ENTRY, 1, 4)] = ber.tlv(4, b"same")
    agent = agents.Agent(table)
    names = [set(found(await ask(collector, agent, tier), fact)) for tier, fact in (
        (Tier.STATUS, Fact.OPER_STATUS), (Tier.HEALTH, Fact.IN_OCTETS), (Tier.IDENTITY, Fact.IF_INDEX)
    )]  # fmt: skip
    assert names == [{"ge1", "port 2", "same #3", "same #4"}] * 3


async def test_counters_are_64_bit_and_32_bit_where_a_port_has_no_others(collector: Collector) -> None:
    table = agents.switch(3)
    del table[(*agents.IFX_ENTRY, 6, 2)]
    table[(*agents.IF_ENTRY, 10, 2)] = ber.integer(4711, 0x41)
    batch = await ask(collector, agents.Agent(table), Tier.HEALTH)
    assert found(batch, Fact.IN_OCTETS) == {"ge1": 1 << 33, "ge2": 4711, "ge3": 3 << 33}


async def test_an_interface_on_which_bgp_and_lldp_stand_is_named_alike_everywhere(collector: Collector) -> None:
    table = agents.switch(2)
    lldp, local = "1.0.8802.1.1.2.1.4.1.1", "1.0.8802.1.1.2.1.3.7.1"
    for column, value in ((5, b"\0\1\2\3\4\5"), (7, b"Gi1/0/48"), (8, b""), (9, b"core-1")):
        table[oid(f"{lldp}.{column}.0.17.1")] = ber.tlv(4, value)
    table[oid(f"{lldp}.6.0.17.1")] = ber.integer(5)
    table[oid(f"{local}.2.17")] = ber.integer(5)
    table[oid(f"{local}.3.17")] = ber.tlv(4, b"ge2")
    table[oid(f"{local}.4.17")] = ber.tlv(4, b"second port")
    table[oid("1.3.6.1.2.1.4.20.1.2.10.1.2.3")] = ber.integer(2)
    table[oid("1.3.6.1.2.1.4.20.1.3.10.1.2.3")] = ber.tlv(0x40, bytes((255, 255, 255, 252)))
    batch = await ask(collector, agents.Agent(table), Tier.IDENTITY)
    assert {ComponentKind.NEIGHBOUR, ComponentKind.ADDRESS, ComponentKind.INTERFACE} <= batch.complete
    assert found(batch, Fact.REMOTE_NAME) == {"ge2": "core-1"} and found(batch, Fact.REMOTE_PORT) == {"ge2": "Gi1/0/48"}
    [address] = [o for o in batch.observations if o.fact is Fact.ON_INTERFACE]
    assert (address.subject.name, address.value, address.detail) == ("10.1.2.3", "ge2", "10.1.2.0/30")


async def test_sensors_are_scaled_and_sentinels_refused(collector: Collector) -> None:
    table = agents.switch(1)
    entries = {
        1: (8, 9, 1, 415, 1),
        2: (8, 9, 0, -866597556, 1),
        3: (10, 9, 0, 7200, 1),
        4: (8, 9, 0, 40, 3),
        5: (4, 8, 0, 3300, 1),
    }
    for index, told in entries.items():
        table[oid(f"1.3.6.1.2.1.47.1.1.1.1.7.{index}")] = ber.tlv(4, f"sensor {index}".encode())
        for column, value in enumerate(told, 1):
            table[oid(f"1.3.6.1.2.1.99.1.1.1.{column}.{index}")] = ber.integer(value)
    batch = await ask(collector, agents.Agent(table), Tier.HEALTH)
    assert ComponentKind.TEMPERATURE in batch.complete
    assert found(batch, Fact.CELSIUS) == {"sensor 1": 41.5}
    assert found(batch, Fact.SENSOR_VALUE) == {"sensor 3": 7200.0, "sensor 5": 3.3}


async def test_what_the_inventory_calls_the_platform_wins(collector: Collector) -> None:
    table = agents.switch(1)
    table[oid("1.3.6.1.4.1.9.9.109.1.1.1.1.8.1")] = ber.integer(37, 0x42)
    async with agents.served(agents.Agent(table)) as port:
        unknown = await collector.poll(device(port), Tier.HEALTH)
        named = await collector.poll(replace(device(port, "cisco_ios"), name="e"), Tier.HEALTH)
    assert found(unknown, Fact.USAGE) == {} and found(named, Fact.USAGE) == {"CPU 1": 37.0}


async def test_a_table_that_appears_after_a_restart_is_found(collector: Collector) -> None:
    agent = agents.Agent()
    async with agents.served(agent) as port:
        assert found(await collector.poll(device(port), Tier.HEALTH), Fact.USAGE) == {}
        agent.table[oid("1.3.6.1.2.1.25.3.3.1.2.7")] = ber.integer(55)
        agent.table[oid("1.3.6.1.2.1.1.3.0")] = ber.integer(100, 0x43)
        agent.oids = sorted(agent.table)
        assert found(await collector.poll(device(port), Tier.HEALTH), Fact.USAGE) == {"Processor 7": 55.0}


def nonsense(seed: int, platform: str) -> agents.Table:
    """Every column that the platform is asked for, with values of any type at indices of any length."""
    dice = random.Random(seed)
    made = agents.switch(3)
    own = next(p for p in profiles.everything().values() if p.platform == platform)
    columns = {c for p in (own, profiles.everything()["rfc"]) for t in p.tables for c in t.columns}
    columns |= {c for t in (*own.sensors, *profiles.everything()["rfc"].sensors) for c in sensors.oids(t)}
    columns |= {c for t in (*own.neighbours, *profiles.everything()["rfc"].neighbours) for c in t.columns}
    columns |= {*neighbours.LLDP, *neighbours.LLDP_MORE, *neighbours.ADDRESSES, *identity.EVERYTHING}
    for column in columns:
        for _ in range(3):
            index = tuple(
                dice.choice((0, 1, 2, 4, 16, 255, 2**32 - 1)) for _ in range(dice.choice((1, 1, 2, 3, 5, 18)))
            )
            made[(*column, *index)] = dice.choice(NONSENSE)
    for name in list(made):
        if dice.random() < 0.2:
            made[name] = dice.choice(NONSENSE)
    return made


NONSENSE = (
    ber.integer(-1), ber.integer(2**31 - 1), ber.integer(0), ber.integer(8), ber.tlv(2, b""), ber.integer(2**70),
    ber.tlv(4, b""), ber.tlv(4, b"\xff\x00\xfe"), ber.tlv(4, b"x" * 300),
    ber.tlv(4, b"{0.__class__}"), ber.tlv(4, b"99999999999"),
    ber.tlv(6, ber.oid_body((0, 0))), ber.tlv(6, ber.oid_body((1, 3, 6, 1, 2, 1, 4, 32, 1, 5, 1, 2, 3, 4, 999))),
    ber.tlv(0x40, b"\x0a\0\0\1"), ber.tlv(0x40, b""), ber.tlv(0x41, b"\xff" * 8), ber.tlv(0x46, b"\xff" * 8),
    b"\x05\x00",
    ber.tlv(0x44, b"\x9f\x78\x04\x7f\x80\x00\x00"), ber.tlv(0x44, b"\x9f\x78\x04\x7f\xc0\x00\x00"), ber.tlv(0x44, b"?"),
)  # fmt: skip


@pytest.mark.parametrize("platform", ["cisco_ios", "huawei_vrp", "hp_comware", "juniper_junos", "arista_eos", "linux"])
async def test_values_of_every_wrong_type_are_survived(collector: Collector, platform: str) -> None:
    for seed in range(4):
        async with agents.served(agents.Agent(nonsense(seed, platform))) as port:
            for tier in (Tier.IDENTITY, Tier.STATUS, Tier.HEALTH):
                batch = await collector.poll(replace(device(port, platform), name=f"d{seed}"), tier)
                assert not {"timeout", "garbage"} & set(batch.failures)
                assert all(len(str(o.value)) <= 1024 for o in batch.observations)
                assert all(isinstance(o.value, str) or abs(o.value) <= 2**64 for o in batch.observations)
                json.dumps(as_document(f"d{seed}", [batch]), allow_nan=False)


def test_uptime_goes_on_past_497_days_where_the_engine_tells() -> None:
    days = 86400
    assert poll.uptime(1000, 600 * days) == 10.0  # they do not fit: an engine that counts otherwise
    assert poll.uptime(round((600 * days % 42949672.96) * 100), 600 * days) == pytest.approx(600 * days, abs=1)
    assert poll.uptime(1000, None) == 10.0
    assert poll.uptime(None, 5) is None


def test_text_of_a_device_is_bounded_and_holds_no_control_characters() -> None:
    assert values.text(b"a\x1b[31mb\x07" + b"c" * 5000) == "a [31mb " + "c" * 247
    assert values.text("北京出口".encode("gb18030")) == "北京出口"
    assert values.text("北京出口".encode()) == "北京出口"
    assert values.text(b"abc\x00\x00") == "abc"
    assert values.text(b"\xff\xfe\xff") != ""


def test_dates_of_a_device_are_iso_or_nothing() -> None:
    assert values.date(bytes((7, 234, 11, 22, 2, 30, 5, 0, ord("+"), 8, 0))) == "2026-11-22T02:30:05+08:00"
    assert values.date(bytes((7, 234, 13, 40, 2, 30, 5, 0))) == "" and values.date(b"x") == ""


def test_addresses_at_the_end_of_an_index_are_read_with_and_without_their_length() -> None:
    assert values.last_address(oid("9.1.10.1.1.2.1.10.1.1.1")) == "10.1.1.1"
    assert values.last_address(oid("32.1.1.1.4.192.168.189.96")) == "192.168.189.96"
    assert values.last_address((1, 2, 16, 0x20, 1, *(0,) * 13, 1)) == "2001::1"
    assert values.last_address((1,)) == ""


# ---------------------------------------------------------------- the data files


def test_every_data_file_is_in_the_form() -> None:
    everything = profiles.everything()
    rfc = everything["rfc"]
    assert {"rfc", "cisco_ios", "cisco_xe", "huawei_vrp", "hp_comware", "juniper_junos", "arista_eos", "linux"} <= set(
        everything
    )
    for profile in everything.values():
        names = [table.name for table in profile.tables]
        assert len(names) == len(set(names)), profile.name
        kinds = {kind.value for kind in ComponentKind}
        known = set(names) | kinds | {t.name for t in (*profile.sensors, *rfc.tables, *rfc.sensors)}
        assert all(set(table.unless) <= known for table in profile.tables), profile.name


@pytest.mark.parametrize(
    ("object_id", "descr", "platform"),
    [
        ("1.3.6.1.4.1.9.1.1208", "Cisco IOS Software, C2960S Software, Version 15.2(2a)E1", "cisco_ios"),
        ("1.3.6.1.4.1.9.1.2494", "Cisco IOS Software [Fuji], Software (CAT9K_IOSXE), Version 16.9", "cisco_xe"),
        ("1.3.6.1.4.1.2011.2.23.1", "Huawei Versatile Routing Platform Software VRP (R) software", "huawei_vrp"),
        ("1.3.6.1.4.1.25506.11.1.24", "H3C Comware Platform Software, Software Version 5.20", "hp_comware"),
        ("1.3.6.1.4.1.2636.1.1.1.2.29", "Juniper Networks, Inc. mx240, kernel JUNOS 20.1R1", "juniper_junos"),
        ("1.3.6.1.4.1.30065.1.3011", "Arista Networks EOS version 4.30.1F", "arista_eos"),
        ("1.3.6.1.4.1.8072.3.2.10", "Linux box 6.1.0 #1 SMP x86_64", "linux"),
    ],
)  # fmt: skip
def test_a_platform_is_told_by_its_object_id_and_description(object_id: str, descr: str, platform: str) -> None:
    profile = profiles.identify(parse_oid(object_id), descr)
    assert profile is not None and profile.platform == platform


def test_a_device_of_no_known_platform_still_has_a_vendor() -> None:
    assert profiles.identify(parse_oid("1.3.6.1.4.1.3902.1"), "x") is None
    assert profiles.vendor_of(parse_oid("1.3.6.1.4.1.3902.1")) == "zte"


def test_a_misspelt_key_in_a_data_file_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown key wehre"):
        profiles.parse("x", {"tables": [{"name": "t", "kind": "fan", "wehre": {}}]})


def test_a_state_that_the_data_file_does_not_know_is_unknown_and_keeps_the_devices_word() -> None:
    [fans] = [t for t in profiles.everything()["cisco_ios"].tables if t.name == "cisco_fans"]
    reading = fans.facts[Fact.STATE]
    assert rows.convert(reading, 1, 1.0) == ("ok", "normal")
    assert rows.convert(reading, 99, 1.0) == ("unknown", "99")


# ---------------------------------------------------------------- one device as a document


def test_a_device_as_a_document_holds_what_every_tier_told() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    fan = Subject("d", ComponentKind.FAN, "Fan 1")
    port = Subject("d", ComponentKind.INTERFACE, "ge1 #7")
    status = Batch(
        "d",
        Tier.STATUS,
        at,
        (Observation(port, Fact.OPER_STATUS, "up"), Observation(fan, Fact.STATE, "failed", "down")),
    )
    identity = Batch(
        "d", Tier.IDENTITY, at, (Observation(port, Fact.IF_INDEX, 7), Observation(Subject("d"), Fact.MODEL, "X1"))
    )
    document = as_document("d", [identity, status])
    assert document["interfaces"] == [{"name": "ge1", "ifIndex": 7, "oper": "up"}]
    assert document["states"] == [{"kind": "fan", "name": "Fan 1", "ok": False, "state": "failed", "word": "down"}]
    assert document["device"]["hardware"] == "X1"
