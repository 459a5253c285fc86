"""BER for SNMP (X.690, as RFC 3417 §8 narrows it), written for speed: no objects, one pass, known OIDs by look-up.

Lenient where agents are known to be wrong and the meaning is clear (unsigned counters without their leading zero,
sign-extended ones, over-long lengths); everything else is `BadMessage`.
"""

from collections.abc import Sequence

from collectors.snmp.session import Cause, Oid, VarBind

GET, GETNEXT, RESPONSE, GETBULK, REPORT = 0xA0, 0xA1, 0xA2, 0xA5, 0xA8
MAX_SUB_IDENTIFIERS = 128  # RFC 2578 §3.5
_KNOWN_OIDS = 200_000  # OIDs remembered in each direction; the same ones come back at every poll

_decoded: dict[bytes, Oid] = {}
_asked: dict[Oid, bytes] = {}


class BadMessage(Exception):  # noqa: N818 - it is what the device sent, not an error of ours
    """What arrived is not a message. `cause` is GARBAGE or TRUNCATED; `request_id` where one could still be read."""

    def __init__(self, cause: Cause, detail: str, request_id: int | None = None) -> None:
        super().__init__(detail)
        self.cause = cause
        self.request_id = request_id


# ---------------------------------------------------------------- encoding


def tlv(tag: int, body: bytes) -> bytes:
    n = len(body)
    if n < 0x80:
        return bytes((tag, n)) + body
    if n < 0x100:
        return bytes((tag, 0x81, n)) + body
    if n < 0x10000:
        return bytes((tag, 0x82, n >> 8, n & 0xFF)) + body
    return bytes((tag, 0x84)) + n.to_bytes(4, "big") + body


def integer(value: int, tag: int = 0x02) -> bytes:
    return tlv(tag, value.to_bytes((value + (value < 0)).bit_length() // 8 + 1, "big", signed=True))


def oid_body(oid: Oid) -> bytes:
    if len(oid) < 2:
        oid = (*oid, *(0, 0)[len(oid) :])
    out = bytearray()
    for part in (oid[0] * 40 + oid[1], *oid[2:]):
        if part < 0x80:
            out.append(part)
            continue
        septets = [part & 0x7F]
        part >>= 7
        while part:
            septets.append(0x80 | (part & 0x7F))
            part >>= 7
        out += bytes(reversed(septets))
    return bytes(out)


def _question(oid: Oid) -> bytes:
    """A varbind that asks: the OID with NULL."""
    known = _asked.get(oid)
    if known is None:
        if len(_asked) >= _KNOWN_OIDS:
            _asked.clear()
        known = _asked[oid] = tlv(0x30, tlv(0x06, oid_body(oid)) + b"\x05\x00")
    return known


def pdu(tag: int, request_id: int, first: int, second: int, oids: Sequence[Oid]) -> bytes:
    """`first` and `second` are error-status and error-index, or GETBULK's non-repeaters and max-repetitions."""
    varbinds = tlv(0x30, b"".join([_question(oid) for oid in oids]))
    return tlv(tag, integer(request_id) + integer(first) + integer(second) + varbinds)


def message(version: int, community: bytes, body: bytes) -> bytes:
    """`version` on the wire: 0 is v1, 1 is v2c."""
    return tlv(0x30, bytes((2, 1, version)) + tlv(4, community) + body)


# ---------------------------------------------------------------- decoding


def header(data: bytes, i: int) -> tuple[int, int, int]:
    """(tag, where the contents start, where they end) of the element at `i`."""
    tag, n = data[i], data[i + 1]
    i += 2
    if n & 0x80:
        k = n & 0x7F
        if not 0 < k <= 4:
            raise BadMessage(Cause.GARBAGE, "a length of no use")
        n = int.from_bytes(data[i : i + k], "big")
        i += k
    return tag, i, i + n


def element(data: bytes, i: int, end: int, tag: int) -> tuple[int, int]:
    """(start, end) of the contents of the element at `i`, which must have the tag and lie within `end`."""
    found, start, stop = header(data, i)
    if found != tag:
        raise BadMessage(Cause.GARBAGE, f"tag {found:#x} where {tag:#x} belongs")
    if stop > end:
        raise BadMessage(Cause.TRUNCATED, "an element ends after what holds it")
    return start, stop


def whole(data: bytes) -> tuple[int, int]:
    """(start, end) of the message's contents. TRUNCATED when the datagram stops before its own length."""
    try:
        return element(data, 0, len(data), 0x30)
    except IndexError:
        raise BadMessage(Cause.GARBAGE, "shorter than a header") from None


def number(data: bytes, i: int, end: int) -> tuple[int, int]:
    """(value, where it ends) of the INTEGER at `i`."""
    start, stop = element(data, i, end, 0x02)
    return int.from_bytes(data[start:stop], "big", signed=True), stop


def octets(data: bytes, i: int, end: int) -> tuple[bytes, int]:
    start, stop = element(data, i, end, 0x04)
    return data[start:stop], stop


def oid_of(body: bytes) -> Oid:
    known = _decoded.get(body)
    if known is not None:
        return known
    parts: list[int] = []
    value = 0
    for octet in body:
        value = (value << 7) | (octet & 0x7F)
        if octet < 0x80:
            parts.append(value)
            value = 0
        elif value > 0xFFFFFFFF:
            raise BadMessage(Cause.GARBAGE, "a sub-identifier over 32 bits")
    if not parts or body[-1] & 0x80 or len(parts) >= MAX_SUB_IDENTIFIERS:
        raise BadMessage(Cause.GARBAGE, "not an object identifier")
    first = parts[0]
    head = (first // 40, first % 40) if first < 80 else (2, first - 80)
    if len(_decoded) >= _KNOWN_OIDS:
        _decoded.clear()
    oid = _decoded[body] = (*head, *parts[1:])
    return oid


def varbinds(data: bytes, i: int, end: int) -> list[VarBind]:
    """The variable bindings in [i, end). Written flat: this is where a poller spends its time."""
    out: list[VarBind] = []
    append, known, from_bytes = out.append, _decoded.get, int.from_bytes
    while i < end:
        if data[i] != 0x30:
            raise BadMessage(Cause.GARBAGE, "a variable binding that is no sequence")
        n = data[i + 1]
        i += 2
        if n & 0x80:
            _, i, stop = header(data, i - 2)
        else:
            stop = i + n
        if stop > end or data[i] != 0x06:
            raise BadMessage(Cause.GARBAGE, "a variable binding without a name")
        n = data[i + 1]
        i += 2
        if n & 0x80:
            _, i, n = header(data, i - 2)
            n -= i
        body = data[i : i + n]
        oid = known(body) or oid_of(body)
        i += n
        tag, n = data[i], data[i + 1]
        i += 2
        if n & 0x80:
            _, i, n = header(data, i - 2)
            n -= i
        if i + n != stop:
            raise BadMessage(Cause.GARBAGE, "a value that does not fill its binding")
        if tag == 0x41 or tag == 0x42 or tag == 0x43:
            append((oid, tag, from_bytes(data[i:stop], "big") & 0xFFFFFFFF))
        elif tag == 0x02:
            append((oid, tag, from_bytes(data[i:stop], "big", signed=True)))
        elif tag == 0x04 or tag == 0x40 or tag == 0x44:
            append((oid, tag, data[i:stop]))
        elif tag == 0x46:
            append((oid, tag, from_bytes(data[i:stop], "big") & 0xFFFFFFFFFFFFFFFF))
        elif tag == 0x06:
            append((oid, tag, oid_of(data[i:stop]) if n else (0, 0)))
        elif tag == 0x05 or 0x80 <= tag <= 0x82:
            append((oid, tag, None))
        else:
            raise BadMessage(Cause.GARBAGE, f"a value of unknown tag {tag:#x}")
        i = stop
    return out


def response(data: bytes, i: int, end: int) -> tuple[int, int, int, int, list[VarBind]]:
    """(PDU tag, request-id, error-status, error-index, bindings) of the PDU at `i`."""
    request_id = None
    try:
        tag, i, stop = header(data, i)
        request_id, i = number(data, i, end)
        status, i = number(data, i, end)
        index, i = number(data, i, end)
        start, last = element(data, i, end, 0x30)
        if stop > end:
            raise BadMessage(Cause.TRUNCATED, "half a PDU")
        return tag, request_id, status, index, varbinds(data, start, last)
    except IndexError:
        raise BadMessage(Cause.TRUNCATED, "it stops in the middle", request_id) from None
    except BadMessage as bad:
        raise BadMessage(bad.cause, str(bad), request_id) from None


def community_message(data: bytes) -> tuple[bytes, int, int, int, int, list[VarBind]]:
    """(community, PDU tag, request-id, error-status, error-index, bindings) of a v1 or v2c message.

    A datagram that stops early is read as far as its request-id, so that the request it answers is known.
    """
    try:
        _, i, stop = header(data, 0)
        if data[0] != 0x30:
            raise BadMessage(Cause.GARBAGE, "not a sequence")
        cut = stop > len(data)
        _, i = number(data, i, len(data))
        community, i = octets(data, i, len(data))
        if cut:
            _, at, _ = header(data, i)
            raise BadMessage(Cause.TRUNCATED, "a datagram shorter than its own length", number(data, at, len(data))[0])
        return community, *response(data, i, stop)
    except IndexError:
        raise BadMessage(Cause.GARBAGE, "too short for a message") from None
