"""SNMPv3 notifications, packed by the poller's own USM as a device would: whose are believed, and what is answered."""

import pytest

from agent.inventory.device import Secret, SnmpAccess
from collectors.snmp import ber, usm
from collectors.snmp.session import Target
from collectors.snmp.traps import message, reading, security
from collectors.snmp.traps.believed import Believed, believed
from collectors.snmp.traps.message import NotATrapError, Reason
from collectors.snmp.traps.security import Security

OURS, THEIRS = security.engine_id(b"ours-for-ever"), b"\x80\x00\x00\x09\x03switch"
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"


def user(name: str = "u", auth: bytes = b"authpass1", priv: bytes = b"") -> Target:
    return Target(
        address="",
        version="v3",
        user=name,
        auth_protocol="sha256" if auth else "",
        auth=auth,
        priv_protocol="aes128" if priv else "",
        priv=priv,
    )


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def engine(*users: Target, at: dict[str, Target] | None = None, clock: Clock | None = None) -> Security:
    by_name: dict[bytes, tuple[Target, ...]] = {}
    for one in users:
        by_name[one.user.encode()] = (*by_name.get(one.user.encode(), ()), one)
    known = Believed(frozenset(), by_name, {(address, u.user.encode()): u for address, u in (at or {}).items()})
    return Security(known, OURS, boots=50, clock=clock or Clock())


def pdu(tag: int = message.TRAP) -> bytes:
    oid = ber.tlv(0x06, ber.oid_body((1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)))
    value = ber.tlv(0x06, ber.oid_body((1, 3, 6, 1, 6, 3, 1, 1, 5, 3)))
    return message.pdu(tag, 4711, ber.tlv(0x30, ber.tlv(0x30, oid + value)))


def packed(
    by: Target, boots: int = 3, time: int = 100, engine_id: bytes = THEIRS, inner: bytes = b"", flags: int = 0
) -> bytes:
    return usm.pack(by, usm.Peer(engine_id, boots, time), 99, inner or pdu(), 0.0, flags=flags)


def inform(by: Target, boots: int = 50, time: int = 0, engine_id: bytes = OURS) -> bytes:
    return packed(by, boots, time, engine_id, pdu(message.INFORM), usm.REPORTABLE)


def refusal(datagram: bytes, by: Security, sender: str = "") -> NotATrapError:
    with pytest.raises(NotATrapError) as refused:
        reading.read(datagram, by, sender)
    return refused.value


@pytest.mark.parametrize("one", [user(auth=b""), user(), user(priv=b"privpass1")], ids=["no", "auth", "priv"])
def test_a_trap_is_believed_at_the_users_own_level(one):
    trap = reading.read(packed(one), engine(one))
    assert (trap.oid, trap.version, trap.user, trap.answer) == (LINK_DOWN, "v3", "u", b"")


def test_privacy_is_not_demanded_but_a_signature_is():
    both = user(priv=b"privpass1")
    assert reading.read(packed(user()), engine(both)).oid == LINK_DOWN
    assert refusal(packed(user(auth=b"")), engine(both)).reason is Reason.SECURITY_LEVEL
    assert refusal(packed(both), engine(user())).reason is Reason.SECURITY_LEVEL
    assert refusal(packed(user()), engine(user(auth=b""))).reason is Reason.SECURITY_LEVEL


def test_one_name_with_several_passwords_is_tried_with_the_senders_first(monkeypatch):
    users = [user(auth=b"password-%d" % n) for n in range(security.TRIES + 4)]
    beyond, within = users[-1], users[3]
    known = engine(*users, at={"192.0.2.9": beyond})
    assert reading.read(packed(within), known, "192.0.2.1").oid == LINK_DOWN
    assert reading.read(packed(beyond), known, "192.0.2.9").oid == LINK_DOWN
    assert refusal(packed(beyond), known, "192.0.2.1").reason is Reason.WRONG_KEY
    tried = []
    monkeypatch.setattr(usm, "authentic", lambda target, *_: tried.append(target) or False)
    refusal(packed(beyond), known, "192.0.2.9")
    assert tried[0] == beyond and len(tried) == security.TRIES


def test_what_is_older_than_the_window_is_refused_and_what_is_newer_moves_it():
    clock, one = Clock(), user()
    known = engine(one, clock=clock)
    assert reading.read(packed(one, 3, 1000), known)
    assert reading.read(packed(one, 3, 851), known), "within 150 s of the newest"
    assert refusal(packed(one, 3, 850), known).reason is Reason.NOT_IN_TIME_WINDOW
    clock.now += 100
    assert refusal(packed(one, 3, 900), known).reason is Reason.NOT_IN_TIME_WINDOW, "its clock went on"
    assert refusal(packed(one, 2, 5000), known).reason is Reason.NOT_IN_TIME_WINDOW, "an earlier boot"
    assert reading.read(packed(one, 4, 1), known), "a later boot"
    assert refusal(packed(one, 3, 9999), known).reason is Reason.NOT_IN_TIME_WINDOW


def test_an_old_message_cannot_walk_the_clock_back():
    known = engine(user())
    for time in (1000, 900, 860):
        assert reading.read(packed(user(), 3, time), known)
    assert refusal(packed(user(), 3, 800), known).reason is Reason.NOT_IN_TIME_WINDOW


def test_what_is_not_authentic_teaches_no_clock():
    known = engine(user())
    refusal(packed(user(auth=b"wrongpass1"), 2**31 - 1, 2**31 - 1), known)
    assert known._engines == {} and reading.read(packed(user(), 3, 10), known)


def test_an_inform_discovers_us_learns_the_time_and_is_answered():
    one, known = user(priv=b"privpass1"), engine(user(priv=b"privpass1"))
    first = refusal(usm.discovery(7, 8), known)
    told = usm.unpack(first.answer)
    assert first.usual and told.engine_id == OURS and told.boots == 50 and told.id == 7
    assert report_of(first.answer) == usm.UNKNOWN_ENGINE_ID
    second = refusal(inform(one, boots=0), known)
    assert second.usual and usm.authentic(one, usm.unpack(second.answer), second.answer)
    assert report_of(second.answer) == usm.NOT_IN_TIME_WINDOW
    trap = reading.read(inform(one), known)
    answer = usm.unpack(trap.answer)
    assert usm.authentic(one, answer, trap.answer) and answer.flags == usm.AUTH | usm.PRIV and answer.id == 99
    body, i, end = usm.scoped_pdu(one, answer)
    assert body[i] == ber.RESPONSE and body[i:end] == pdu(ber.RESPONSE)


def report_of(datagram: bytes) -> int:
    """The number of the usmStats counter in a report that is not encrypted."""
    body, i, _ = usm.scoped_pdu(user(auth=b""), usm.unpack(datagram))
    assert body[i] == ber.REPORT and not usm.unpack(datagram).flags & (usm.PRIV | usm.REPORTABLE)
    prefix = ber.oid_body((1, 3, 6, 1, 6, 3, 15, 1, 1))
    return body[body.index(prefix) + len(prefix)]


@pytest.mark.parametrize(
    ("by", "reason", "number"),
    [
        (user("stranger"), Reason.UNKNOWN_USER, 3),
        (user(auth=b"wrongpass1"), Reason.WRONG_KEY, 5),
        (user(auth=b""), Reason.SECURITY_LEVEL, 1),
        (user(priv=b"wrongpriv1"), Reason.CANNOT_DECRYPT, 6),
    ],
)
def test_an_inform_that_is_not_believed_gets_the_report_that_says_why(by, reason, number):
    refused = refusal(inform(by), engine(user(priv=b"privpass1")))
    assert (refused.reason, report_of(refused.answer), refused.usual) == (reason, number, False)


def test_a_trap_never_gets_a_report():
    for by in (user("stranger"), user(auth=b"wrongpass1"), user(auth=b"")):
        assert refusal(packed(by), engine(user())).answer == b""


def test_an_inform_to_an_engine_that_we_were_is_told_who_we_are_now():
    refused = refusal(inform(user(), engine_id=security.engine_id(b"before")), engine(user()))
    assert refused.usual and report_of(refused.answer) == usm.UNKNOWN_ENGINE_ID
    assert usm.unpack(refused.answer).engine_id == OURS


def test_no_secret_is_shown():
    shown = repr(engine(user(priv=b"privpass1"), at={"192.0.2.9": user()}))
    assert "authpass1" not in shown and "privpass1" not in shown
    assert "s3cret" not in repr(Believed(frozenset({b"s3cret"})))


def test_the_inventory_tells_who_is_believed():
    revealed = {"env:C": "public", "env:A": "authpass1"}
    v2c = SnmpAccess(community=Secret("env:C"))
    v3 = SnmpAccess(version="v3", user="u", auth_protocol="sha256", auth=Secret("env:A"))
    known = believed([("192.0.2.1", v2c), ("192.0.2.2", v3), ("192.0.2.3", v3)], lambda s: revealed[str(s)])
    assert known.community(b"public") and not known.community(b"private")
    assert known.users == {b"u": (user(),)} and known.candidates(b"u", "192.0.2.3") == [user()]
    assert believed([], lambda _: "").community(b"anything"), "nobody is named"
    assert not believed([("", v3)], lambda s: revealed[str(s)]).community(b"anything"), "only v3 users are"
