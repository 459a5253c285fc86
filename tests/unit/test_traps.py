"""Traps, made byte by byte with pysnmp's encoder: what they are called, whom they are about, and what is no trap."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto.api import PROTOCOL_MODULES, SNMP_VERSION_1, SNMP_VERSION_2C

from agent.observation import ComponentKind, Subject, SyslogSeverity
from collectors.snmp import ber
from collectors.snmp.traps import message, naming, reading
from collectors.snmp.traps.believed import Believed
from collectors.snmp.traps.message import NotATrapError, Reason
from collectors.snmp.traps.security import Security
from collectors.snmp.traps.table import table

EVERYBODY = Security(Believed(), b"\x80\x00\x7e\xd9\x05mine")
NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
V2 = PROTOCOL_MODULES[SNMP_VERSION_2C]
V1 = PROTOCOL_MODULES[SNMP_VERSION_1]
MIB = re.compile(r"[A-Z][A-Za-z0-9-]*::[a-zA-Z][A-Za-z0-9-]*")
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"


def v2c(oid: str, *varbinds, community: str = "public", pdu=None) -> bytes:
    pdu = V2.SNMPv2TrapPDU() if pdu is None else pdu
    V2.apiPDU.set_defaults(pdu)
    rows = [("1.3.6.1.2.1.1.3.0", V2.TimeTicks(1)), ("1.3.6.1.6.3.1.1.4.1.0", V2.ObjectIdentifier(oid)), *varbinds]
    V2.apiPDU.set_varbinds(pdu, [(V2.ObjectIdentifier(name), value) for name, value in rows])
    return _message(V2, pdu, community)


def v1(enterprise: str, generic: int, specific: int, *varbinds) -> bytes:
    pdu = V1.TrapPDU()
    V1.apiTrapPDU.set_defaults(pdu)
    V1.apiTrapPDU.set_enterprise(pdu, enterprise)
    V1.apiTrapPDU.set_generic_trap(pdu, generic)
    V1.apiTrapPDU.set_specific_trap(pdu, specific)
    V1.apiTrapPDU.set_agent_address(pdu, "10.9.9.9")
    V1.apiTrapPDU.set_varbinds(pdu, [(V1.ObjectIdentifier(name), value) for name, value in varbinds])
    return _message(V1, pdu, "public")


def _message(module, pdu, community: str) -> bytes:
    message = module.Message()
    module.apiMessage.set_defaults(message)
    module.apiMessage.set_community(message, community)
    module.apiMessage.set_pdu(message, pdu)
    return encoder.encode(message)


def read(datagram: bytes, communities: frozenset[bytes] | None = None):
    return reading.read(datagram, Security(Believed(communities), EVERYBODY.engine_id))


def heard(datagram: bytes, device: str = "d1"):
    return naming.event(read(datagram), NOW, "192.0.2.1", {"192.0.2.1": device}.get)


def test_a_link_that_went_down_is_named_by_its_ifname():
    event = heard(
        v2c(
            LINK_DOWN,
            ("1.3.6.1.2.1.2.2.1.1.7", V2.Integer32(7)),
            ("1.3.6.1.2.1.2.2.1.7.7", V2.Integer32(1)),
            ("1.3.6.1.2.1.2.2.1.8.7", V2.Integer32(2)),
            ("1.3.6.1.2.1.31.1.1.1.1.7", V2.OctetString("Gi0/7")),
            ("1.3.6.1.2.1.2.2.1.2.7", V2.OctetString("GigabitEthernet0/7")),
        )
    )
    assert (event.name, event.severity) == ("link_down", SyslogSeverity.ERROR)
    assert event.subject == Subject("d1", ComponentKind.INTERFACE, "Gi0/7")
    assert (event.mnemonic, event.data["ifIndex"], event.data["ifOperStatus"]) == (LINK_DOWN, "7", "down")
    assert event.text.startswith("IF-MIB::linkDown ifIndex=7")


def test_a_link_without_a_name_is_told_by_its_index():
    event = heard(v2c(LINK_DOWN, ("1.3.6.1.2.1.2.2.1.8.12", V2.Integer32(2))))
    assert event.data["ifIndex"] == "12"
    assert event.subject == Subject("d1", ComponentKind.INTERFACE, "ifIndex 12")


@pytest.mark.parametrize(
    ("oid", "column", "peer", "name"),
    [
        ("1.3.6.1.2.1.15.0.2", "1.3.6.1.2.1.15.3.1.14.10.0.0.9", "10.0.0.9", "bgp_down"),
        ("1.3.6.1.2.1.15.7.2", "1.3.6.1.2.1.15.3.1.2.10.0.0.9", "10.0.0.9", "bgp_down"),
        ("1.3.6.1.2.1.15.7.1", "1.3.6.1.2.1.15.3.1.2.10.0.0.9", "10.0.0.9", "bgp_up"),
        ("1.3.6.1.4.1.9.9.187.0.6", "1.3.6.1.4.1.9.9.187.1.2.5.1.3.1.4.10.0.0.9", "10.0.0.9", "bgp_down"),
        (
            "1.3.6.1.4.1.30065.4.1.0.2",
            "1.3.6.1.4.1.30065.4.1.1.2.1.13.1.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.1.4",
            "2001:db8::104",
            "bgp_down",
        ),
        (
            "1.3.6.1.4.1.2636.5.1.1.1.0.2",
            "1.3.6.1.4.1.2636.5.1.1.2.1.1.1.2.0.1.10.0.0.1.1.10.0.0.9",
            "10.0.0.9",
            "bgp_down",
        ),
    ],
)
def test_a_bgp_peer_is_found_in_the_index_of_every_vendors_table(oid, column, peer, name):
    event = heard(v2c(oid, (column, V2.Integer32(1))))
    assert (event.name, event.subject) == (name, Subject("d1", ComponentKind.BGP_PEER, peer))


@pytest.mark.parametrize(("state", "name"), [(1, "fan_ok"), (3, "fan_failed")])
def test_a_trap_that_tells_both_ways_is_named_by_its_state(state, name):
    event = heard(v2c("1.3.6.1.4.1.9.9.13.3.0.8", ("1.3.6.1.4.1.9.9.13.1.4.1.3.1", V2.Integer32(state))))
    assert event.name == name


def test_an_unknown_trap_is_kept_under_its_oid():
    event = heard(v2c("1.3.6.1.4.1.99999.0.7", ("1.3.6.1.4.1.99999.1.1.0", V2.OctetString(b"\x00\xff\x01"))))
    assert (event.name, event.mnemonic, event.subject) == ("", "1.3.6.1.4.1.99999.0.7", None)
    assert event.data == {"1.3.6.1.4.1.99999.1.1.0": "00ff01"}


def test_v1_traps_are_translated_and_keep_their_agents_address():
    cold = heard(v1("1.3.6.1.4.1.8072.3.2.10", 0, 0))
    assert (cold.name, cold.mnemonic, cold.data["agent"]) == ("restart", "1.3.6.1.6.3.1.1.5.1", "10.9.9.9")
    bgp = heard(v1("1.3.6.1.2.1.15.7", 6, 2, ("1.3.6.1.2.1.15.3.1.2.10.0.0.9", V1.Integer(1))))
    assert (bgp.name, bgp.subject) == ("bgp_down", Subject("d1", ComponentKind.BGP_PEER, "10.0.0.9"))


def test_a_strangers_trap_has_no_subject():
    trap = read(v2c(LINK_DOWN, ("1.3.6.1.2.1.31.1.1.1.1.7", V2.OctetString("Gi0/7"))))
    event = naming.event(trap, NOW, "192.0.2.1", lambda _: "")
    assert event.device == "" and event.sender == "192.0.2.1"
    assert event.subject is None and event.data["ifName"] == "Gi0/7"


def test_the_device_is_the_senders_or_else_the_agents_behind_it():
    names = {"192.0.2.1": "proxy", "10.9.9.9": "behind"}
    first = read(v1("1.3.6.1.4.1.8072.3.2.10", 0, 0))
    second = read(v2c(LINK_DOWN, ("1.3.6.1.6.3.18.1.3.0", V2.IpAddress("10.9.9.9"))))
    for trap in (first, second):
        from_proxy = naming.event(trap, NOW, "192.0.2.1", lambda address: names.get(address, ""))
        from_stranger = naming.event(trap, NOW, "192.0.2.77", lambda address: names.get(address, ""))
        assert (from_proxy.device, from_stranger.device) == ("proxy", "behind")
        assert (from_stranger.sender, from_stranger.data["agent"]) == ("192.0.2.77", "10.9.9.9")


def test_only_known_communities_are_believed():
    assert read(v2c(LINK_DOWN, community="ours"), frozenset({b"other", b"ours"})).oid == LINK_DOWN
    with pytest.raises(NotATrapError) as refused:
        read(v2c(LINK_DOWN, community="theirs"), frozenset({b"ours"}))
    assert refused.value.reason is Reason.WRONG_COMMUNITY


def test_an_inform_is_answered_with_its_own_request():
    datagram = v2c(LINK_DOWN, ("1.3.6.1.2.1.31.1.1.1.1.7", V2.OctetString("Gi0/7")), pdu=V2.InformRequestPDU())
    asked, _ = decoder.decode(datagram, asn1Spec=V2.Message())
    answer, rest = decoder.decode(read(datagram).answer, asn1Spec=V2.Message())
    asked, answered = V2.apiMessage.get_pdu(asked), V2.apiMessage.get_pdu(answer)
    assert rest == b"" and answered.tagSet == V2.ResponsePDU.tagSet
    assert V2.apiPDU.get_request_id(answered) == V2.apiPDU.get_request_id(asked)
    assert V2.apiPDU.get_varbinds(answered) == V2.apiPDU.get_varbinds(asked)
    assert not read(v2c(LINK_DOWN)).answer


@pytest.mark.parametrize("pdu", [V2.GetRequestPDU(), V2.ResponsePDU(), V2.SetRequestPDU()])
def test_other_messages_are_no_traps(pdu):
    with pytest.raises(NotATrapError):
        read(v2c(LINK_DOWN, pdu=pdu))


VALUES = st.one_of(
    st.integers(-(2**31), 2**31 - 1).map(V2.Integer32),
    st.binary(max_size=40).map(V2.OctetString),
    st.integers(0, 2**32 - 1).map(V2.Counter32),
    st.integers(0, 2**32 - 1).map(V2.Gauge32),
    st.integers(0, 2**32 - 1).map(V2.TimeTicks),
    st.integers(0, 2**64 - 1).map(V2.Counter64),
    st.ip_addresses(v=4).map(lambda address: V2.IpAddress(str(address))),
    st.lists(st.integers(0, 2**32 - 1), max_size=20).map(lambda tail: V2.ObjectIdentifier((1, 3, *tail))),
)
NAMES = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=30).map(lambda tail: (1, 3, 6, 1, *tail))


@given(st.lists(st.tuples(NAMES, VALUES), max_size=10))
def test_what_pysnmp_encodes_is_read_as_it_was_meant(bindings):
    trap = read(v2c(LINK_DOWN, *bindings))
    assert [name for name, _ in trap.varbinds] == [".".join(map(str, name)) for name, _ in bindings]
    for (_, told), (_, value) in zip(trap.varbinds, bindings, strict=True):
        if isinstance(value, V2.OctetString) and not isinstance(value, V2.IpAddress):
            assert told.isprintable()
        else:
            assert told == value.prettyPrint()


def test_what_is_too_much_of_a_trap_is_left_out_and_counted():
    rows = [(f"1.3.6.1.4.1.99999.1.{n}", V2.OctetString("x" * 1000)) for n in range(100)]
    trap = read(v2c(LINK_DOWN, *rows))
    event = naming.event(trap, NOW, "192.0.2.1", lambda _: "d1")
    assert len(trap.varbinds) == message.VARBIND_LIMIT - 2 and trap.left_out == 38  # two: sysUpTime and snmpTrapOID
    assert {len(value) for _, value in trap.varbinds} == {message.VALUE_LIMIT}
    assert event.data["left_out"] == "38" and len(event.text) == naming.TEXT_LIMIT


def test_hidden_and_control_characters_do_not_come_through():
    rows = [("1.3.6.1.2.1.31.1.1.1.1.7", V2.OctetString("Gi0/7\u202e\x1b[2J\n<b>".encode()))]
    name = heard(v2c(LINK_DOWN, *rows)).data["ifName"]
    assert name.isprintable() and "\u202e" not in name


@given(st.binary(max_size=600))
def test_nonsense_is_no_trap_and_nothing_worse(raw):
    with pytest.raises(NotATrapError):
        read(raw)


def test_lengths_that_take_more_octets_than_they_must_are_read():
    name = ber.oid_body((1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0))
    value = b"\x06\x82\x00\x0a" + ber.oid_body((1, 3, 6, 1, 6, 3, 1, 1, 5, 3))
    long_name = b"\x06\x81" + bytes([len(name)]) + name + value.replace(b"\x82\x00\x0a", b"\x82\x00\x09")
    binding = b"\x30\x82\x00" + bytes([len(long_name)]) + long_name
    pdu = message.pdu(message.TRAP, 1, ber.tlv(0x30, binding))
    assert read(ber.message(1, b"public", pdu)).oid == LINK_DOWN


def test_a_length_beyond_all_memory_is_refused():
    with pytest.raises(NotATrapError):
        read(bytes([0x30, 0x10, 0x02, 0x88, 0x80, *range(12)]))


# ---------------------------------------------------------------- the data


def test_every_entry_of_the_table_is_whole():
    known = table()
    columns = {column.name: column for column in known.columns.values()}
    assert len(known.traps) > 60
    for oid, kind in (*known.traps.items(), *known.families.items()):
        assert all(part.isdigit() for part in oid.split(".")) and MIB.fullmatch(kind.mib), oid
        assert bool(kind.state) == bool(kind.when), oid
        if kind.state:
            assert kind.state in columns, f"{oid}: {kind.state} is no varbind"
            words = set(columns[kind.state].words.values())
            assert not words or set(kind.when) <= words, f"{oid}: {set(kind.when) - words} are no words of {kind.state}"
    for oid, column in known.columns.items():
        assert all(part.isdigit() for part in oid.split(".")), oid
        assert {column.names, column.address} - {"", "part"} <= set(ComponentKind), oid


def test_every_name_is_used_and_told_in_the_reference():
    known = table()
    used = {
        told.name
        for kind in (*known.traps.values(), *known.families.values())
        for told in (kind.told, *kind.when.values())
    } - {""}
    assert used == set(known.names)
    page = (Path(__file__).resolve().parents[2] / "docs/reference/traps.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE))
    told = {
        name: f"{entry.severity} | {entry.about or 'device'} | {entry.means}" for name, entry in known.names.items()
    }
    assert {name: row for name, row in rows.items() if name in told} == told
