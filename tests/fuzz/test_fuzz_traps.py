"""The trap decoder against what nobody sends on purpose: random octets, and real messages with some of them changed.

v3 messages are damaged before they are signed and encrypted as well, so that what lies behind the keys is met, too.
NETCASE_FUZZ_INPUTS says how many inputs (2,000); the long run is 100,000 and more.
"""

import os
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.snmp import ber, usm
from collectors.snmp.session import Target
from collectors.snmp.traps import message, naming, reading, security
from collectors.snmp.traps import table as tables
from collectors.snmp.traps.believed import Believed
from collectors.snmp.traps.message import NotATrapError
from collectors.snmp.traps.refusals import KINDS, Refusals
from collectors.snmp.traps.security import Security
from collectors.snmp.traps.table import table

INPUTS = int(os.environ.get("NETCASE_FUZZ_INPUTS", "2000"))
NOW = datetime(2026, 11, 22, tzinfo=UTC)
OURS, THEIRS = security.engine_id(b"ours"), b"\x80\x00\x00\x00\x01their"
OID = (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)
NOBODY = Target(address="", version="v3", user="nobody")
SIGNER = Target(address="", version="v3", user="signer", auth_protocol="sha1", auth=b"authpass1")
HIDER = Target(
    address="", version="v3", user="hider", auth_protocol="sha1", auth=b"authpass1", priv_protocol="aes128",
    priv=b"privpass1",
)  # fmt: skip
USERS = {user.user.encode(): (user,) for user in (NOBODY, SIGNER, HIDER)}


def fresh() -> Security:
    return Security(Believed(frozenset({b"public"}), USERS), OURS, boots=9, clock=lambda: 5.0)


def binding(name: tuple[int, ...], tag: int, body: bytes) -> bytes:
    return ber.tlv(0x30, ber.tlv(0x06, ber.oid_body(name)) + ber.tlv(tag, body))


def pdu(tag: int, *more: bytes) -> bytes:
    rows = [
        binding((1, 3, 6, 1, 2, 1, 1, 3, 0), 0x43, b"\x01\x02"),
        binding(OID, 0x06, ber.oid_body((1, 3, 6, 1, 6, 3, 1, 1, 5, 3))),
        binding((1, 3, 6, 1, 2, 1, 2, 2, 1, 7, 7), 0x02, b"\x01"),
        binding((1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 7), 0x04, b"Gi0/7"),
        *more,
    ]
    return message.pdu(tag, 77, ber.tlv(0x30, b"".join(rows)))


def first(specific: int) -> bytes:
    head = ber.tlv(0x06, ber.oid_body((1, 3, 6, 1, 4, 1, 9))) + ber.tlv(0x40, b"\x0a\x09\x09\x09")
    body = head + ber.integer(6) + ber.integer(specific) + ber.tlv(0x43, b"\x05")
    return ber.tlv(message.TRAP_V1, body + ber.tlv(0x30, binding((1, 3, 6, 1, 2, 1, 1, 5, 0), 0x04, b"r1")))


def v3(user: Target, inner: bytes, engine: bytes = THEIRS, flags: int = 0) -> bytes:
    return usm.pack(user, usm.Peer(engine, 9, 5), 1234, inner, 0.0, flags=flags)


INNER = [pdu(message.TRAP), pdu(message.INFORM), first(0)]
VALID = [
    ber.message(0, b"public", first(0)),
    ber.message(1, b"public", pdu(message.TRAP)),
    ber.message(1, b"public", pdu(message.INFORM)),
    *(v3(user, pdu(message.TRAP)) for user in (NOBODY, SIGNER, HIDER)),
    *(v3(user, pdu(message.INFORM), OURS, usm.REPORTABLE) for user in (NOBODY, SIGNER, HIDER)),
    usm.discovery(5, 6),
]


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Octets changed, cut out, doubled, or put in; sometimes the length's own."""
    data = bytearray(draw(whole))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data)))
        kind = draw(st.integers(0, 4))
        if kind == 0 and at < len(data):
            data[at] = draw(st.sampled_from((0, 1, 0x30, 0x7F, 0x80, 0x81, 0x82, 0x84, 0x88, 0xFF)))
        elif kind == 1 and at < len(data):
            data[at] = draw(st.integers(0, 255))
        elif kind == 2:
            del data[at : at + draw(st.integers(1, 12))]
        elif kind == 3:
            data[at:at] = draw(st.binary(max_size=12))
        else:
            data[at:at] = data[max(0, at - 16) : at]
    return bytes(data)


USER = st.sampled_from((NOBODY, SIGNER, HIDER))
INPUT = st.one_of(
    st.binary(max_size=400),
    damaged(st.sampled_from(VALID)),
    st.builds(v3, USER, damaged(st.sampled_from(INNER))),
    st.builds(v3, USER, damaged(st.sampled_from(INNER)), st.just(OURS), st.sampled_from((0, usm.REPORTABLE))),
    damaged(st.sampled_from(INNER)).map(lambda inner: ber.message(1, b"public", inner)),
)  # fmt: skip


def heard(datagram: bytes, engine: Security) -> None:
    """What is read is bounded and can be shown; all else is refused, and nothing worse."""
    try:
        trap = reading.read(datagram, engine, "192.0.2.1")
    except NotATrapError as refusal:
        refused = refusal.answer
    else:
        shown(trap, len(datagram))
        return
    assert len(refused) < 300


def shown(trap: message.Trap, length: int) -> None:
    event = naming.event(trap, NOW, "192.0.2.1", lambda address: "d1" if address == "192.0.2.1" else "")
    assert len(trap.varbinds) <= message.VARBIND_LIMIT
    assert all(len(value) <= message.VALUE_LIMIT or value.replace(".", "").isdigit() for value in event.data.values())
    assert event.text.isprintable() and len(event.text) <= naming.TEXT_LIMIT
    assert len(event.mnemonic) < 11 * ber.MAX_SUB_IDENTIFIERS
    assert len(trap.answer) <= length + 200


@pytest.mark.timeout(120 + INPUTS // 50)
@settings(max_examples=INPUTS, deadline=None, suppress_health_check=list(HealthCheck))
@given(INPUT)
def test_whatever_arrives_is_read_or_refused(datagram: bytes) -> None:
    heard(datagram, fresh())


def test_what_the_fuzz_starts_from_is_read() -> None:
    engine = fresh()
    for datagram in VALID[:-1]:
        assert reading.read(datagram, engine).oid.startswith("1.3.6.1.")
    with pytest.raises(NotATrapError) as discovery:
        reading.read(VALID[-1], engine)
    assert discovery.value.usual and discovery.value.answer


def test_no_number_of_different_names_engines_and_senders_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message, "_KNOWN_OIDS", 500)
    monkeypatch.setattr(tables, "_REMEMBERED", 500)
    monkeypatch.setattr(security, "ENGINES", 100)
    engine, refusals, known = fresh(), Refusals(), table()
    message._known.clear()
    known._found.clear()
    for number in range(1200):
        oid = binding((1, 3, 6, 1, 4, 1, 99999, number), 0x02, b"\x01")
        heard(ber.message(1, b"public", pdu(message.TRAP, oid)), engine)
        refusals.add(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", message.Reason.NOT_SNMP, 0.0)
    for number in range(security.ENGINES + 50):
        heard(v3(SIGNER, pdu(message.TRAP), b"\x80\x00\x00\x00\x05" + number.to_bytes(8, "big")), engine)
    assert len(message._known) <= message._KNOWN_OIDS
    assert len(known._found) <= tables._REMEMBERED
    assert len(engine._engines) == security.ENGINES
    assert len(refusals.counts()) == KINDS + 1 and sum(refusals.counts().values()) == 1200
