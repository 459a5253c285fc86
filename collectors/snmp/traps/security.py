"""SNMPv3 notifications (RFC 3414). Of a trap the sender is the authoritative engine; of an inform, we are.

So there are two kinds of clock: of each engine that has sent something authentic we remember how late it is there, and
refuse what is older by more than the window; and we have one of our own, told to whoever asks for it (discovery), that
an inform is held against. Only who asks for a report gets one, which a trap never does.

A user who has a key must use it. Privacy is not asked for: what it hides is the device's, and nothing is kept from us.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from collectors.snmp import ber, usm
from collectors.snmp.session import Oid, Target
from collectors.snmp.traps import message
from collectors.snmp.traps.believed import Believed
from collectors.snmp.traps.message import NotATrapError, Reason, Trap

ENGINES = 10_000  # engines whose clock is remembered
TRIES = 16  # credentials of one user name that are tried on a message
LONGEST = 32  # octets of an engine ID, and of a user name (RFC 3411)
_ENTERPRISE = 32473  # the one for documentation (RFC 5612): we have none of our own
_MINUTE = 60

_STATS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1)  # usmStats
_REPORTS = {
    Reason.SECURITY_LEVEL: 1,
    Reason.NOT_IN_TIME_WINDOW: usm.NOT_IN_TIME_WINDOW,
    Reason.UNKNOWN_USER: 3,
    Reason.UNKNOWN_ENGINE: usm.UNKNOWN_ENGINE_ID,
    Reason.WRONG_KEY: 5,
    Reason.CANNOT_DECRYPT: 6,
}
_NOBODY = Target(address="", version="v3")


def engine_id(octets: bytes) -> bytes:
    """The snmpEngineID that holds these octets, at most 27 of them (RFC 3411 §5, format 5)."""
    return (0x80000000 | _ENTERPRISE).to_bytes(4, "big") + b"\x05" + octets[:27]


def _minutes() -> int:
    return int(time.time()) // _MINUTE


@dataclass(slots=True)
class Security:
    """`engine_id` is ours. Boots are minutes since 1970, so that a later start has later ones and none need be kept."""

    believed: Believed
    engine_id: bytes
    boots: int = field(default_factory=_minutes)
    clock: Callable[[], float] = time.monotonic
    _ours: usm.Peer = field(init=False)
    _engines: "OrderedDict[bytes, usm.Peer]" = field(default_factory=OrderedDict)
    _reported: dict[Reason, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ours = usm.Peer(self.engine_id, self.boots, 0, self.clock())

    def open(self, data: bytes, sender: str) -> Trap:
        """The trap in a v3 message. Raises NotATrapError, ber.BadMessage or IndexError."""
        found = usm.unpack(data)
        _bounded(found)
        try:
            return self._open(found, data, sender, ours=found.engine_id == self.engine_id)
        except NotATrapError as refused:
            if refused.answer or refused.reason not in _REPORTS or not found.flags & usm.REPORTABLE:
                raise
            if found.engine_id == self.engine_id:
                raise self._reporting(refused, found) from None
            # An inform that knows another engine by our address, or none: it asks again when it is told ours.
            stranger = NotATrapError(Reason.UNKNOWN_ENGINE, "an inform to another engine", usual=True)
            raise self._reporting(stranger, found) from None

    def _open(self, found: usm.Message, data: bytes, sender: str, *, ours: bool) -> Trap:
        if not found.engine_id:
            raise NotATrapError(Reason.UNKNOWN_ENGINE, "no engine ID")
        user = self._user(found, data, sender)
        if found.flags & usm.AUTH:
            self._in_time(found, user, ours=ours)
        try:
            body, i, end = usm.scoped_pdu(user, found)
            read = message.notification(body, i, end)
        except (ber.BadMessage, IndexError):
            if not found.flags & usm.PRIV:
                raise
            raise NotATrapError(Reason.CANNOT_DECRYPT, "what was decrypted is no message") from None
        if read.response and not ours:
            raise NotATrapError(Reason.UNKNOWN_ENGINE, "an inform to another engine")
        answer = self._pack(user, found, read.response, body[ber.header(body, 0)[1] : i]) if read.response else b""
        return replace(read.trap, version="v3", user=user.user, answer=answer, request=read.response)

    def _user(self, found: usm.Message, data: bytes, sender: str) -> Target:
        named = self.believed.candidates(found.user, sender)
        if not named:
            raise NotATrapError(Reason.UNKNOWN_USER, "a user that the inventory does not name")
        signed, hidden = bool(found.flags & usm.AUTH), bool(found.flags & usm.PRIV)
        able = [u for u in named if bool(u.auth_protocol) == signed and (u.priv_protocol or not hidden)]
        if not able:
            raise NotATrapError(Reason.SECURITY_LEVEL, "not at the user's security level")
        for user in able[:TRIES]:
            if not signed or usm.authentic(user, found, data):
                return user if hidden else replace(user, priv_protocol="", priv=b"")
        raise NotATrapError(Reason.WRONG_KEY, "a digest that is not the user's")

    def _in_time(self, found: usm.Message, user: Target, *, ours: bool) -> None:
        """RFC 3414 §3.2 step 7. Only what is authentic comes here."""
        now = self.clock()
        if ours:
            if found.boots != self.boots or abs(found.time - self._ours.now(now)) > usm.WINDOW_S:
                late = NotATrapError(Reason.NOT_IN_TIME_WINDOW, "not our time", usual=found.boots == 0)
                raise self._reporting(late, found, user) if found.flags & usm.REPORTABLE else late
            return
        engine = self._engines.get(found.engine_id)
        if engine is None:
            engine = self._engines[found.engine_id] = usm.Peer(found.engine_id)
            engine.learn(found.boots, found.time, now)
        elif not engine.timely(found.boots, found.time, now):
            raise NotATrapError(Reason.NOT_IN_TIME_WINDOW, "older than what came before")
        elif found.boots > engine.boots or found.time > engine.time:
            engine.learn(found.boots, found.time, now)
        self._engines.move_to_end(found.engine_id)
        if len(self._engines) > ENGINES:
            self._engines.popitem(last=False)

    # ------------------------------------------------------------ answers

    def _pack(self, user: Target, found: usm.Message, pdu: bytes, context: bytes = b"") -> bytes:
        return usm.pack(user, self._ours, found.id, pdu, self.clock(), flags=0, context=context)

    def _reporting(self, refused: NotATrapError, found: usm.Message, user: Target = _NOBODY) -> NotATrapError:
        """The same refusal, with the report that tells the sender; only what is not in time is told authenticated."""
        count = self._reported[refused.reason] = self._reported.get(refused.reason, 0) + 1
        name = ber.tlv(0x06, ber.oid_body((*_STATS, _REPORTS[refused.reason], 0)))
        binding = ber.tlv(0x30, name + ber.integer(count & 0xFFFFFFFF, 0x41))
        report = message.pdu(ber.REPORT, _request_id(found), ber.tlv(0x30, binding))
        signer = replace(user, priv_protocol="", priv=b"") if user.auth_protocol else _NOBODY
        usual = refused.usual or not found.engine_id
        return NotATrapError(refused.reason, str(refused), self._pack(signer, found, report), usual=usual)


def _bounded(found: usm.Message) -> None:
    if max(len(found.engine_id), len(found.user)) > LONGEST or min(found.boots, found.time) < 0:
        raise NotATrapError(Reason.NOT_SNMP, "a v3 header out of bounds")
    if found.flags & usm.PRIV and not found.flags & usm.AUTH:
        raise NotATrapError(Reason.NOT_SNMP, "privacy without authentication")


def _request_id(found: usm.Message) -> int:
    """Of the question, where it can be read (RFC 3412 §7.1 3c): a report repeats it."""
    try:
        if not found.flags & usm.PRIV:
            body, i, end = usm.scoped_pdu(_NOBODY, found)
            _, i, _ = ber.header(body, i)
            return ber.number(body, i, end)[0] & 0x7FFFFFFF
    except (ber.BadMessage, IndexError):
        pass
    return 0
