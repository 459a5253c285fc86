"""The User-based Security Model of SNMPv3: keys, digests, ciphers, and the message around a scoped PDU.

RFC 3414 (MD5, SHA-1, DES), RFC 3826 (AES-128), RFC 7860 (SHA-2). AES-192 and AES-256 follow
draft-blumenthal-aes-usm-04 as net-snmp does; `3des`, and `aes192c` and `aes256c` as Cisco's agents have them, extend
the key after draft-reeder-snmpv3-usm-3desede-00.
"""

import hashlib
import hmac
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.modes import CBC

from collectors.snmp import ber
from collectors.snmp.session import Cause, Oid, SnmpError, Target

try:  # moved in cryptography 49
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
except ImportError:  # pragma: no cover
    from cryptography.hazmat.primitives.ciphers.modes import CFB

DIGESTS = {  # name: (hashlib's name, octets kept of the MAC)
    "md5": ("md5", 12),
    "sha1": ("sha1", 12),
    "sha224": ("sha224", 16),
    "sha256": ("sha256", 24),
    "sha384": ("sha384", 32),
    "sha512": ("sha512", 48),
}
CIPHERS = {  # octets of key; DES and 3DES: with those of the initial vector
    "des": 16, "3des": 32, "aes128": 16, "aes192": 24, "aes256": 32, "aes192c": 24, "aes256c": 32,
}  # fmt: skip
_REEDER = ("3des", "aes192c", "aes256c")
AUTH, PRIV, REPORTABLE = 1, 2, 4
MAX_SIZE = 65_507
WINDOW_S = 150  # RFC 3414 §2.2.3
_MEGABYTE = 1_048_576

_STATS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1)  # usmStats
NOT_IN_TIME_WINDOW, UNKNOWN_ENGINE_ID, DECRYPTION_ERROR = 2, 4, 6
REPORTS = {
    1: "unsupported security level",
    NOT_IN_TIME_WINDOW: "not in time window",
    3: "unknown user name",
    UNKNOWN_ENGINE_ID: "unknown engine ID",
    5: "wrong digest: the authentication password or protocol is wrong",
    DECRYPTION_ERROR: "decryption error: the privacy password or protocol is wrong",
}


@lru_cache(maxsize=1024)
def password_key(password: bytes, digest: str) -> bytes:
    """RFC 3414 A.2: the digest of the password repeated to one megabyte."""
    if not password:
        raise SnmpError(Cause.WRONG_CREDENTIALS, "an empty password")
    repeated = password * (_MEGABYTE // len(password) + 1)
    return hashlib.new(digest, repeated[:_MEGABYTE], usedforsecurity=False).digest()


@lru_cache(maxsize=16384)
def localized_key(password: bytes, digest: str, engine_id: bytes) -> bytes:
    key = password_key(password, digest)
    return hashlib.new(digest, key + engine_id + key, usedforsecurity=False).digest()


@lru_cache(maxsize=16384)
def privacy_key(password: bytes, digest: str, engine_id: bytes, cipher: str) -> bytes:
    """The localised key, made as long as the cipher needs."""
    key, length = localized_key(password, digest, engine_id), CIPHERS[cipher]
    while len(key) < length:
        if cipher in _REEDER:
            key += localized_key(key, digest, engine_id)
        else:
            key += hashlib.new(digest, key, usedforsecurity=False).digest()
    return key[:length]


def mac(key: bytes, digest: str, length: int, message: bytes) -> bytes:
    return hmac.digest(key, message, digest)[:length]


def _cipher(name: str, key: bytes, salt: bytes, boots: int, time: int) -> Cipher[CBC | CFB]:
    if name.endswith("des"):
        size = len(key) - 8
        mixed = int.from_bytes(key[size:], "big") ^ int.from_bytes(salt, "big")
        return Cipher(TripleDES(key[:size] * (24 // size)), CBC(mixed.to_bytes(8, "big")))
    vector = boots.to_bytes(4, "big") + time.to_bytes(4, "big") + salt
    return Cipher(_aes(key), CFB(vector))


@lru_cache(maxsize=16384)
def _aes(key: bytes) -> algorithms.AES:
    return algorithms.AES(key)


def encrypt(name: str, key: bytes, salt: bytes, boots: int, time: int, plain: bytes) -> bytes:
    if name.endswith("des"):
        plain += bytes(-len(plain) % 8)
    encryptor = _cipher(name, key, salt, boots, time).encryptor()
    return encryptor.update(plain) + encryptor.finalize()


def decrypt(name: str, key: bytes, salt: bytes, boots: int, time: int, secret: bytes) -> bytes:
    """Raises ValueError for what cannot be a cipher text."""
    if len(salt) != 8 or (name.endswith("des") and len(secret) % 8):
        raise ValueError("not a cipher text of this kind")
    decryptor = _cipher(name, key, salt, boots, time).decryptor()
    return decryptor.update(secret) + decryptor.finalize()


@dataclass(slots=True)
class Peer:
    """What is known of one authoritative engine: an address's. Times in seconds; `read_at` by our own clock."""

    engine_id: bytes = b""
    boots: int = 0
    time: int = 0
    read_at: float = 0.0
    proven: bool = False  # it has answered with all that the target asks: user, authentication, privacy

    def now(self, clock: float) -> int:
        return min(self.time + int(clock - self.read_at), 0x7FFFFFFF)

    def learn(self, boots: int, time: int, clock: float) -> None:
        self.boots, self.time, self.read_at = boots, time, clock

    def timely(self, boots: int, time: int, clock: float) -> bool:
        """RFC 3414 §3.2 7b: not older than what was seen, by more than the window."""
        return boots > self.boots or (boots == self.boots and time > self.now(clock) - WINDOW_S)


@dataclass(frozen=True, slots=True)
class Message:
    """A v3 message taken apart, not yet believed."""

    id: int
    flags: int
    engine_id: bytes
    boots: int
    time: int
    user: bytes
    mac: bytes
    mac_at: int  # where the MAC stands in the datagram
    salt: bytes
    body: bytes  # a scoped PDU, or an OCTET STRING that hides one


def _salt_source() -> Callable[[], int]:
    value = int.from_bytes(os.urandom(8), "big")

    def following() -> int:
        nonlocal value
        value = (value + 1) & 0xFFFFFFFFFFFFFFFF
        return value

    return following


_next_salt = _salt_source()


def pack(
    target: Target,
    peer: Peer,
    message_id: int,
    pdu: bytes,
    clock: float,
    *,
    flags: int = REPORTABLE,
    context: bytes = b"",
) -> bytes:
    """The datagram that carries the PDU to the peer, authenticated and encrypted as the target says.

    An answer has no flags, and the context of its question: contextEngineID and contextName, encoded.
    """
    boots, time = peer.boots, peer.now(clock)
    scoped = ber.tlv(0x30, (context or ber.tlv(4, peer.engine_id) + ber.tlv(4, target.context.encode())) + pdu)
    salt = b""
    digest, length = DIGESTS.get(target.auth_protocol, ("", 0))
    if digest:
        flags |= AUTH
    if digest and target.priv_protocol:
        flags |= PRIV
        number = _next_salt()
        if target.priv_protocol.endswith("des"):
            salt = (boots & 0xFFFFFFFF).to_bytes(4, "big") + (number & 0xFFFFFFFF).to_bytes(4, "big")
        else:
            salt = number.to_bytes(8, "big")
        key = privacy_key(target.priv, digest, peer.engine_id, target.priv_protocol)
        scoped = ber.tlv(4, encrypt(target.priv_protocol, key, salt, boots, time, scoped))
    message, at = _frame(
        message_id, flags, peer.engine_id, boots, time, target.user.encode(), bytes(length), salt, scoped
    )
    if not digest:
        return message
    code = mac(localized_key(target.auth, digest, peer.engine_id), digest, length, message)
    return message[:at] + code + message[at + length :]


def discovery(message_id: int, request_id: int) -> bytes:
    """RFC 3414 §4: an empty question to an unknown engine, answered with a report."""
    scoped = ber.tlv(0x30, b"\x04\x00\x04\x00" + ber.pdu(ber.GET, request_id, 0, 0, ()))
    return _frame(message_id, REPORTABLE, b"", 0, 0, b"", b"", b"", scoped)[0]


def _frame(
    message_id: int,
    flags: int,
    engine_id: bytes,
    boots: int,
    time: int,
    user: bytes,
    code: bytes,
    salt: bytes,
    body: bytes,
) -> tuple[bytes, int]:
    """(the datagram, where its MAC stands)."""
    parameters, at = _parameters(engine_id, boots, time, user, len(code), len(salt))
    head = b"%b\x02\x03\x00\xff\xe3\x04\x01%c\x02\x01\x03" % (ber.integer(message_id), flags)  # of MAX_SIZE
    inner = b"\x02\x01\x030%c%b%b%b%b" % (len(head), head, parameters, salt, body)
    message = ber.tlv(0x30, inner)
    return message, len(message) - len(inner) + 5 + len(head) + at


@lru_cache(maxsize=4096)
def _parameters(engine_id: bytes, boots: int, time: int, user: bytes, mac: int, salt: int) -> tuple[bytes, int]:
    """(msgSecurityParameters up to the salt, where the MAC stands in them): the same ones for a second."""
    before = ber.tlv(4, engine_id) + ber.integer(boots) + ber.integer(time) + ber.tlv(4, user)
    fields = before + ber.tlv(4, bytes(mac)) + ber.tlv(4, bytes(salt))
    whole = ber.tlv(4, ber.tlv(0x30, fields))
    return whole[: len(whole) - salt], len(whole) - salt - 2 - mac


def _sized(*sizes: int) -> bytes:
    return b"|".join(re.escape(bytes((n,))) + b".{%d}" % n for n in sizes)


_NUMBER = b"(" + _sized(1, 2, 3, 4) + b")"
_USUAL = re.compile(  # a message as nearly all agents write it: RFC 3412 §6, RFC 3414 §2.4
    b"0(?:[\x00-\x7f]|\x81.|\x82..)\x02\x01\x03"
    + b"0(.)(\x02%b\x02%b\x04\x01(.)\x02\x01\x03)" % (_NUMBER, _NUMBER)
    + b"\x04(?:\x81)?(.)(0(?:\x81)?(.)(\x04(%b)\x02%b\x02%b\x04(%b)\x04(%b)\x04(%b)))"
    % (_sized(*range(33)), _NUMBER, _NUMBER, _sized(*range(33)), _sized(0, 12, 16, 24, 32, 48), _sized(0, 8)),
    re.DOTALL,
)


def unpack(data: bytes) -> Message:
    """Raises ber.BadMessage."""
    found = _USUAL.match(data)
    if found is None:
        return _unpack(data)
    size, head, number, _, flags, outer, parameters, inner, fields, engine_id, boots, time, user, code, salt = (
        found.groups()
    )
    _, end = ber.whole(data)
    sizes = bytes((len(head), len(parameters) & 0xFF, len(fields) & 0xFF))
    clock = _signed(boots), _signed(time)
    if sizes != size + outer + inner or max(clock) > 0x7FFFFFFF:
        return _unpack(data)
    mac_at = found.start(14) + 1
    return Message(
        _signed(number), flags[0], engine_id[1:], *clock, user[1:], code[1:], mac_at, salt[1:], data[found.end() : end]
    )


def _signed(encoded: bytes) -> int:
    return int.from_bytes(encoded[1:], "big", signed=True)


def _unpack(data: bytes) -> Message:
    """Whatever the lengths."""
    try:
        i, end = ber.whole(data)
        _, i = ber.number(data, i, end)
        h, i = ber.element(data, i, end, 0x30)
        message_id, h = ber.number(data, h, i)
        _, h = ber.number(data, h, i)
        flags, h = ber.octets(data, h, i)
        p, i = ber.element(data, i, end, 0x04)
        p, stop = ber.element(data, p, i, 0x30)
        engine_id, p = ber.octets(data, p, stop)
        boots, p = ber.number(data, p, stop)
        time, p = ber.number(data, p, stop)
        user, p = ber.octets(data, p, stop)
        mac_at, after = ber.element(data, p, stop, 0x04)
        salt, _ = ber.octets(data, after, stop)
        if max(boots, time) > 0x7FFFFFFF:
            raise ber.BadMessage(Cause.GARBAGE, "a clock past its end")
        return Message(
            message_id, flags[0], engine_id, boots, time, user, data[mac_at:after], mac_at, salt, data[i:end]
        )
    except IndexError:
        raise ber.BadMessage(Cause.GARBAGE, "too short for a v3 message") from None


def authentic(target: Target, message: Message, data: bytes) -> bool:
    """Whether the MAC is ours to believe. False where the target has no authentication."""
    digest, length = DIGESTS.get(target.auth_protocol, ("", 0))
    if not digest or not message.flags & AUTH or len(message.mac) != length:
        return False
    blank = data[: message.mac_at] + bytes(length) + data[message.mac_at + length :]
    key = localized_key(target.auth, digest, message.engine_id)
    return hmac.compare_digest(mac(key, digest, length, blank), message.mac)


def check(target: Target, peer: Peer, message: Message, believed: bool, clock: float) -> None:
    """Whether a response is what was asked for (RFC 3414 §3.2). Raises ber.BadMessage."""
    if target.auth_protocol and not believed:
        raise ber.BadMessage(Cause.GARBAGE, "an answer whose digest is wrong")
    if target.priv_protocol and not message.flags & PRIV:
        raise ber.BadMessage(Cause.GARBAGE, "an answer in the clear where privacy was asked")
    timely = not believed or peer.timely(message.boots, message.time, clock)
    if message.engine_id != peer.engine_id or not timely:
        raise ber.BadMessage(Cause.GARBAGE, "an answer from another engine or another time")


def scoped_pdu(target: Target, message: Message) -> tuple[bytes, int, int]:
    """(octets, start, end) of the PDU inside. Raises ber.BadMessage."""
    body = message.body
    try:
        if message.flags & PRIV:
            if not target.priv_protocol:
                raise ber.BadMessage(Cause.GARBAGE, "a hidden PDU where none was asked for")
            digest = DIGESTS[target.auth_protocol][0]
            key = privacy_key(target.priv, digest, message.engine_id, target.priv_protocol)
            start, end = ber.element(body, 0, len(body), 0x04)
            secret = body[start:end]
            body = decrypt(target.priv_protocol, key, message.salt, message.boots, message.time, secret)
        i, end = ber.element(body, 0, len(body), 0x30)
        _, i = ber.octets(body, i, end)
        _, i = ber.octets(body, i, end)
    except (KeyError, ValueError, OverflowError, IndexError) as error:
        raise ber.BadMessage(Cause.GARBAGE, f"a scoped PDU that cannot be read ({type(error).__name__})") from None
    return body, i, end


def report_of(oid: Oid) -> int:
    """The number of the usmStats counter that a report names; 0 for any other."""
    return oid[len(_STATS)] if oid[: len(_STATS)] == _STATS and len(oid) > len(_STATS) else 0
