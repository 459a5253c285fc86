"""BER for SNMP (X.690, as RFC 3417 §8 narrows it), written for speed: no objects, one pass, names left as they are.

Lenient where agents are known to be wrong and the meaning is clear (unsigned counters without their leading zero,
sign-extended ones, over-long lengths); everything else is `BadMessage`. A datagram bounds what can come of it: its
bindings take seven octets each at least, and no value is longer than the datagram.
"""

from collections.abc import Sequence
from functools import lru_cache

from collectors.snmp import table
from collectors.snmp.session import Answer, Cause, Name, Oid, Raw

GET, GETNEXT, RESPONSE, GETBULK, REPORT = 0xA0, 0xA1, 0xA2, 0xA5, 0xA8
MAX_SUB_IDENTIFIERS = 128  # RFC 2578 §3.5
_KNOWN_OIDS = 200_000  # OIDs remembered in each direction; the same ones come back at every poll

_NO_ERROR = b"\x02\x01\x00\x02\x01\x00"  # error-status and error-index

_indices: dict[bytes, Oid] = {}
_names: dict[Oid, Name] = {}


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


def name(oid: Oid) -> Name:
    known = _names.get(oid)
    if known is None:
        if len(_names) >= _KNOWN_OIDS:
            _names.clear()
        known = _names[oid] = oid_body(oid)
    return known


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


def pdu(tag: int, request_id: int, first: int, second: int, names: Sequence[Name]) -> bytes:
    """`first` and `second` are error-status and error-index, or GETBULK's non-repeaters and max-repetitions."""
    return tlv(tag, integer(request_id) + rest_of_pdu(first, second, tuple(names)))


@lru_cache(maxsize=4096)
def rest_of_pdu(first: int, second: int, names: tuple[Name, ...]) -> bytes:
    """All behind the request-id. The same questions come back at every poll."""
    return integer(first) + integer(second) + questions(names)


def questions(names: Sequence[Name]) -> bytes:
    """The bindings of a request: each name with NULL."""
    bindings = [
        b"0%c\x06%c%b\x05\x00" % (len(n) + 4, len(n), n) if len(n) < 0x7C else tlv(0x30, tlv(0x06, n) + b"\x05\x00")
        for n in names
    ]
    return tlv(0x30, b"".join(bindings))


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


def oid_of(name: Name) -> Oid:
    parts = index_of(name)
    if not parts:
        raise BadMessage(Cause.GARBAGE, "not an object identifier")
    first = parts[0]
    head = (first // 40, first % 40) if first < 80 else (2, first - 80)
    return (*head, *parts[1:])


def index_of(tail: bytes) -> Oid:
    """The sub-identifiers in the end of a name."""
    known = _indices.get(tail)
    if known is not None:
        return known
    parts: list[int] = []
    value = 0
    for octet in tail:
        value = (value << 7) | (octet & 0x7F)
        if octet < 0x80:
            parts.append(value)
            value = 0
        elif value >= 1 << 25:
            raise BadMessage(Cause.GARBAGE, "a sub-identifier over 32 bits")
    if (tail and tail[-1] & 0x80) or len(parts) >= MAX_SUB_IDENTIFIERS:
        raise BadMessage(Cause.GARBAGE, "not an object identifier")
    if len(_indices) >= _KNOWN_OIDS:
        _indices.clear()
    index = _indices[tail] = tuple(parts)
    return index


def varbinds(data: bytes, i: int, end: int) -> tuple[list[Name], list[int], list[Raw]]:
    """(names, tags, values) of the bindings in [i, end). Written flat: this is where a poller spends its time."""
    names: list[Name] = []
    tags: list[int] = []
    values: list[Raw] = []
    from_bytes = int.from_bytes
    while i < end:
        stop, n = i + 2 + data[i + 1], data[i + 3]
        at = i + 4 + n  # of the value's tag, where every length is one octet, as nearly all are
        if n > 0x7F or stop > i + 129 or data[i + 2] != 0x06 or data[i] != 0x30 or data[at + 1] != stop - at - 2:
            start, n, at, stop = _binding(data, i, end)
            names.append(data[start:n])
            tag = data[at]
            at = header(data, at)[1]
        else:
            names.append(data[i + 4 : at])
            tag = data[at]
            at += 2
        tags.append(tag)
        if stop > end:
            raise BadMessage(Cause.TRUNCATED, "a binding ends after what holds it")
        if tag == 0x02:
            if stop - at == 1 and data[at] < 0x80:
                values.append(data[at])
            elif stop - at <= 9:
                values.append(from_bytes(data[at:stop], "big", signed=True))
            else:
                raise BadMessage(Cause.GARBAGE, "an integer beyond all types")
        elif tag == 0x46:
            values.append(from_bytes(data[at:stop], "big") & 0xFFFFFFFFFFFFFFFF)
        elif tag == 0x41 or tag == 0x42 or tag == 0x43:
            values.append(from_bytes(data[at:stop], "big") & 0xFFFFFFFF)
        elif tag == 0x04 or tag == 0x40 or tag == 0x44:
            values.append(data[at:stop])
        elif tag == 0x06:
            values.append(oid_of(data[at:stop]) if at < stop else (0, 0))
        elif tag == 0x05 or 0x80 <= tag <= 0x82:
            values.append(None)
        elif tag == 0x47:  # UInteger32 (RFC 1442), obsolete and still met
            values.append(from_bytes(data[at:stop], "big") & 0xFFFFFFFF)
        elif tag == 0x45 or tag == 0x03:  # NsapAddress and BIT STRING, of the same age
            values.append(data[at:stop])
        else:
            raise BadMessage(Cause.GARBAGE, f"a value of unknown tag {tag:#x}")
        i = stop
    return names, tags, values


def _binding(data: bytes, i: int, end: int) -> tuple[int, int, int, int]:
    """(where the name starts, where it ends, where the value's header is, where all ends), whatever the lengths."""
    i, stop = element(data, i, end, 0x30)
    start, ends = element(data, i, stop, 0x06)
    _, _, last = header(data, ends)
    if last != stop:
        raise BadMessage(Cause.GARBAGE, "a value that does not fill its binding")
    return start, ends, ends, stop


def response(data: bytes, i: int, end: int, columns: Sequence[Name] = ()) -> tuple[int, int, Answer]:
    """(PDU tag, request-id, answer) of the PDU at `i`; read by rows of the columns as far as they go."""
    request_id = None
    try:
        tag, i, stop = header(data, i)
        if data[i] == 0x02 and data[i + 1] == 4 and i + 6 <= len(data):  # as we write them
            request_id = int.from_bytes(data[i + 2 : i + 6], "big", signed=True)
            i += 6
        else:
            request_id, i = number(data, i, len(data))
        if stop > end:
            raise BadMessage(Cause.TRUNCATED, "half a PDU")
        status = index = 0
        if data.startswith(_NO_ERROR, i):
            i += len(_NO_ERROR)
        else:
            status, i = number(data, i, stop)
            index, i = number(data, i, stop)
        i, stop = element(data, i, stop, 0x30)
        rows = None
        if columns:
            rows, i = table.rows(data, i, stop, columns)
        names, tags, values = varbinds(data, i, stop)
        if columns and rows is None:
            table.learn(columns, names, tags)
        return tag, request_id, Answer(status, index, names, tags, values, rows, len(data))
    except IndexError:
        raise BadMessage(Cause.TRUNCATED, "it stops in the middle", request_id) from None
    except BadMessage as bad:
        raise BadMessage(bad.cause, str(bad), request_id) from None


def identify(data: bytes) -> tuple[int, int, int]:
    """(version on the wire, request-id or msgID, where the PDU starts; 0 for v3) of any message, read no further.

    So that what nobody waits for costs nothing, however long it is. Also of a datagram that stops early, as long as
    it goes so far.
    """
    try:
        tag, i, _ = header(data, 0)
        if tag != 0x30:
            raise BadMessage(Cause.GARBAGE, "not a sequence")
        version, i = number(data, i, len(data))
        if version == 3:
            tag, i, _ = header(data, i)
            if tag != 0x30:
                raise BadMessage(Cause.GARBAGE, "a v3 message without its header")
            return 3, number(data, i, len(data))[0], 0
        if version not in (0, 1):
            raise BadMessage(Cause.GARBAGE, f"a version {version}")
        at = element(data, i, len(data), 0x04)[1]
        i = header(data, at)[1]
        if data[i] == 0x02 and data[i + 1] == 4 and i + 6 <= len(data):  # as we write them
            return version, int.from_bytes(data[i + 2 : i + 6], "big", signed=True), at
        return version, number(data, i, len(data))[0], at
    except IndexError:
        raise BadMessage(Cause.GARBAGE, "too short for a message") from None


def community_message(data: bytes) -> tuple[bytes, int, int, Answer]:
    """(community, PDU tag, request-id, answer) of a v1 or v2c message."""
    version, request_id, at = identify(data)
    if version == 3:
        raise BadMessage(Cause.GARBAGE, "a v3 message")
    _, i, stop = header(data, 0)
    if stop > len(data):
        raise BadMessage(Cause.TRUNCATED, "a datagram shorter than its own length", request_id)
    community, _ = octets(data, number(data, i, stop)[1], stop)
    return community, *response(data, at, stop)
