"""Traps, made byte by byte with pysnmp's encoder: what they are called, whom they are about, and what is no trap."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import encoder
from pysnmp.proto.api import PROTOCOL_MODULES, SNMP_VERSION_1, SNMP_VERSION_2C

from agent.observation import ComponentKind, Subject, SyslogSeverity
from collectors.snmp import traps
from collectors.snmp.traps import NotATrapError

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
V2 = PROTOCOL_MODULES[SNMP_VERSION_2C]
V1 = PROTOCOL_MODULES[SNMP_VERSION_1]
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


def heard(datagram: bytes, device: str = "d1"):
    return traps.event(traps.read(datagram), NOW, "192.0.2.1", device)


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
    assert event.data["ifIndex"] == "12" and event.subject == Subject("d1")


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
    event = heard(v2c(LINK_DOWN, ("1.3.6.1.2.1.31.1.1.1.1.7", V2.OctetString("Gi0/7"))), device="")
    assert event.subject is None and event.data["ifName"] == "Gi0/7"


def test_only_known_communities_are_believed():
    assert traps.read(v2c(LINK_DOWN, community="ours"), frozenset({"other", "ours"})).oid == LINK_DOWN
    with pytest.raises(NotATrapError):
        traps.read(v2c(LINK_DOWN, community="theirs"), frozenset({"ours"}))


def test_an_inform_is_answered_with_its_own_request():
    datagram = v2c(LINK_DOWN, pdu=V2.InformRequestPDU())
    answer = traps.read(datagram).answer
    assert b"\xa2" in answer and b"\xa6" in datagram and not traps.read(v2c(LINK_DOWN)).answer


@pytest.mark.parametrize("pdu", [V2.GetRequestPDU(), V2.ResponsePDU(), V2.SetRequestPDU()])
def test_other_messages_are_no_traps(pdu):
    with pytest.raises(NotATrapError):
        traps.read(v2c(LINK_DOWN, pdu=pdu))


@given(st.binary(max_size=600))
def test_nonsense_is_no_trap_and_nothing_worse(raw):
    with pytest.raises(NotATrapError):
        traps.read(raw)


@given(st.data())
def test_a_damaged_trap_is_read_or_refused(data):
    datagram = bytearray(v2c(LINK_DOWN, ("1.3.6.1.2.1.31.1.1.1.1.7", V2.OctetString("Gi0/7"))))
    for _ in range(data.draw(st.integers(1, 4))):
        datagram[data.draw(st.integers(0, len(datagram) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(NotATrapError):
        heard(bytes(datagram))


def test_a_length_beyond_all_memory_is_refused():
    with pytest.raises(NotATrapError):
        heard(bytes([0x30, 0x10, 0x02, 0x88, 0x80, *range(12)]))


def test_every_entry_of_the_table_is_whole():
    known = traps._known()
    columns = {column.name for column in known.columns.values()}
    assert len(known.traps) > 60
    for oid, kind in known.traps.items():
        assert all(part.isdigit() for part in oid.split(".")) and "::" in kind.mib
        assert not kind.state or (kind.state in columns and kind.ok and kind.ok_name)
