"""From octets to a notification: the PDUs of traps and informs, with everything in them as bounded, safe text.

A v1 trap is translated by RFC 3584 §3.1. Lenient where a device is wrong and the meaning is clear; everything else is
refused. Nothing here keeps more than a bounded amount of what a sender chose.
"""

from dataclasses import dataclass
from enum import StrEnum

from collectors import text as texts
from collectors.snmp import ber
from collectors.snmp.session import Cause

VARBIND_LIMIT = 64  # varbinds read of a trap
VALUE_LIMIT = 256  # characters kept of a value

TRAP_V1, INFORM, TRAP = 0xA4, 0xA6, 0xA7
ADDRESS = "1.3.6.1.6.3.18.1.3.0"  # snmpTrapAddress.0 (RFC 3584 §3.1): the agent behind a proxy
ENTERPRISE = "1.3.6.1.6.3.1.1.4.3.0"  # snmpTrapEnterprise.0
_TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"  # snmpTrapOID.0
_UPTIME = "1.3.6.1.2.1.1.3.0"  # sysUpTime.0
_GENERIC = "1.3.6.1.6.3.1.1.5"  # snmpTraps (RFC 3418)
_ENTERPRISE_SPECIFIC = 6

_KNOWN_OIDS, _SHORT = 20_000, 48  # OIDs remembered, and the octets of the longest that is
_known: dict[bytes, str] = {}
_NUMBERS = {0x41: 0xFFFFFFFF, 0x42: 0xFFFFFFFF, 0x43: 0xFFFFFFFF, 0x46: 0xFFFFFFFFFFFFFFFF}  # Counter32 … Counter64


class Reason(StrEnum):
    """Why a datagram is not believed. The v3 ones are RFC 3414's."""

    NOT_SNMP = "not_snmp"
    NOT_A_TRAP = "not_a_trap"
    WRONG_COMMUNITY = "wrong_community"
    UNKNOWN_USER = "unknown_user"
    SECURITY_LEVEL = "security_level"
    WRONG_KEY = "wrong_key"
    NOT_IN_TIME_WINDOW = "not_in_time_window"
    CANNOT_DECRYPT = "cannot_decrypt"
    UNKNOWN_ENGINE = "unknown_engine"


class NotATrapError(ValueError):
    """The datagram is no trap that is believed. `answer` is what its sender is to be told, if anything.

    `usual` is a step of the v3 handshake: it is answered, and is no fault of the sender's.
    """

    def __init__(self, reason: Reason, detail: str, answer: bytes = b"", *, usual: bool = False) -> None:
        super().__init__(detail)
        self.reason, self.answer, self.usual = reason, answer, usual


@dataclass(frozen=True, slots=True)
class Trap:
    """`varbinds` are (OID, value as text) without sysUpTime and snmpTrapOID; `answer` is what an inform waits for."""

    oid: str
    varbinds: tuple[tuple[str, str], ...]
    agent: str = ""  # the agent's own address: a v1 trap's agent-addr, or snmpTrapAddress
    version: str = ""  # v1 v2c v3
    user: str = ""  # of v3
    left_out: int = 0  # varbinds beyond the limit
    answer: bytes = b""
    request: bytes = b""  # an inform's request-id and bindings: the same when it is sent again, whatever hides them


@dataclass(frozen=True, slots=True)
class Notification:
    """A PDU read. `response` is the PDU that an inform waits for: its own request-id and bindings (RFC 3416 §4.2.7)."""

    trap: Trap
    response: bytes = b""


def notification(data: bytes, i: int, end: int) -> Notification:
    """The PDU at `i`. Raises NotATrapError, ber.BadMessage or IndexError."""
    tag, i, stop = ber.header(data, i)
    if stop > end:
        raise ber.BadMessage(Cause.TRUNCATED, "half a PDU")
    if tag == TRAP_V1:
        return _first(data, i, stop)
    if tag != TRAP and tag != INFORM:
        raise NotATrapError(Reason.NOT_A_TRAP, f"a PDU of tag {tag:#x}")
    request_id, i = ber.number(data, i, stop)
    _, i = ber.number(data, i, stop)
    _, i = ber.number(data, i, stop)
    start, last = ber.element(data, i, stop, 0x30)
    found, left_out = varbinds(data, start, last)
    named = next((value for oid, value in found if oid == _TRAP_OID), "")
    if not named:
        raise NotATrapError(Reason.NOT_A_TRAP, "a trap without snmpTrapOID")
    agent = next((value for oid, value in found if oid == ADDRESS), "")
    told = tuple(pair for pair in found if pair[0] not in (_TRAP_OID, _UPTIME))
    trap = Trap(named, told, agent, left_out=left_out)
    if tag == TRAP:
        return Notification(trap)
    return Notification(trap, pdu(ber.RESPONSE, request_id, data[i:last]))


def pdu(tag: int, request_id: int, bindings: bytes) -> bytes:
    """One that tells of no error."""
    return ber.tlv(tag, ber.integer(request_id) + b"\x02\x01\x00\x02\x01\x00" + bindings)


def _first(data: bytes, i: int, stop: int) -> Notification:
    start, i = ber.element(data, i, stop, 0x06)
    enterprise = oid_text(data[start:i])
    start, i = ber.element(data, i, stop, 0x40)
    agent = ".".join(map(str, data[start:i])) if i - start == 4 else ""
    generic, i = ber.number(data, i, stop)
    specific, i = ber.number(data, i, stop)
    _, i = ber.element(data, i, stop, 0x43)
    start, last = ber.element(data, i, stop, 0x30)
    found, left_out = varbinds(data, start, last)
    if 0 <= generic < _ENTERPRISE_SPECIFIC:
        oid = f"{_GENERIC}.{generic + 1}"
        found.append((ENTERPRISE, enterprise))
    else:
        oid = f"{enterprise}.0.{specific}"
    return Notification(Trap(oid, tuple(found), agent, left_out=left_out))


def varbinds(data: bytes, i: int, end: int) -> tuple[list[tuple[str, str]], int]:
    """((OID, value as text) of the first ones, how many there are beyond)."""
    out: list[tuple[str, str]] = []
    left_out = 0
    known = _known.get
    while i < end:
        stop, n = i + 2 + data[i + 1], data[i + 3]
        at = i + 4 + n  # of the value's tag, where every length is one octet, as nearly all are
        one = n < 0x80 and at + 2 <= stop <= min(end, i + 129) and data[i] == 0x30 and data[i + 2] == 0x06
        if not one or data[at + 1] != stop - at - 2:
            name, tag, value, stop = _binding(data, i, end)
        else:
            name, tag, value = data[i + 4 : at], data[at], data[at + 2 : stop]
        if len(out) < VARBIND_LIMIT:
            out.append((known(name) or oid_text(name), value_text(tag, value)))
        else:
            left_out += 1
        i = stop
    return out, left_out


def _binding(data: bytes, i: int, end: int) -> tuple[bytes, int, bytes, int]:
    """(name, tag and octets of the value, where all ends), whatever the lengths."""
    i, stop = ber.element(data, i, end, 0x30)
    start, i = ber.element(data, i, stop, 0x06)
    tag, at, last = ber.header(data, i)
    if last != stop:
        raise ber.BadMessage(Cause.GARBAGE, "a value that does not fill its binding")
    return data[start:i], tag, data[at:last], stop


def oid_text(body: bytes) -> str:
    """Dotted. Those that come again are remembered, if they are short, and not too many."""
    found = _known.get(body)
    if found is not None:
        return found
    parts: list[int] = []
    value = 0
    for octet in body:
        value = (value << 7) | (octet & 0x7F)
        if octet < 0x80:
            parts.append(value)
            value = 0
        elif value > 0xFFFFFFFF:
            raise ber.BadMessage(Cause.GARBAGE, "a sub-identifier over 32 bits")
    if not parts or body[-1] & 0x80 or len(parts) >= ber.MAX_SUB_IDENTIFIERS:
        raise ber.BadMessage(Cause.GARBAGE, "not an object identifier")
    first = parts[0]
    parts[:1] = (first // 40, first % 40) if first < 80 else (2, first - 80)
    dotted = ".".join(map(str, parts))
    if len(body) <= _SHORT:
        if len(_known) >= _KNOWN_OIDS:
            _known.clear()
        _known[body] = dotted
    return dotted


def value_text(tag: int, body: bytes) -> str:
    """What stands in a value, as one bounded line; hexadecimal where it is no text."""
    if tag == 0x04:
        return _string(body)
    if tag == 0x02 and 0 < len(body) <= 8:
        return str(int.from_bytes(body, "big", signed=True))
    if tag in _NUMBERS and 0 < len(body) <= 9:
        return str(int.from_bytes(body, "big") & _NUMBERS[tag])
    if tag == 0x06:
        return oid_text(body) if body else "0.0"
    if tag == 0x40 and len(body) == 4:
        return ".".join(map(str, body))
    return body[: VALUE_LIMIT // 2].hex()


def _string(body: bytes) -> str:
    if body.isascii():
        text = body[: VALUE_LIMIT + 1].decode("ascii")
        if text.isprintable():
            return text[:VALUE_LIMIT].strip()
    body = body[: VALUE_LIMIT * 4]
    text = texts.decode(body.rstrip(b"\x00"))
    if all(char.isprintable() or char in "\r\n\t" for char in text):
        return texts.one_line(text, VALUE_LIMIT)
    return body[: VALUE_LIMIT // 2].hex()
