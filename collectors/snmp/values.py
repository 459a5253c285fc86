"""From what stands on the wire to what a fact holds; None for what must not be believed.

A sentinel (-866597556 °C, 0xFFFFFFFF %) is not a reading: agents give them where there is nothing to read.
"""

import math
import re
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address

from collectors import text as texts
from collectors.snmp.session import Oid, dotted
from collectors.snmp.walk import Value

LONGEST = 255  # characters of a text that is kept (SnmpAdminString); a sysDescr may be longer
SENTINELS = frozenset({-2147483648, 2147483647, -866597556, -999, -9999, 65535, 4294967295, 0x7FFFFFFFFFFFFFFF})


def text(value: Value | None, longest: int = LONGEST) -> str:
    """Readable text, bounded, without control characters, and without those that hide or turn what stands beside them.

    One line, but for what may be longer than a name: a sysDescr keeps its lines. Devices in China write GB 18030 as
    often as UTF-8.
    """
    if value is None:
        return ""
    if not isinstance(value, bytes):
        return dotted(value) if isinstance(value, tuple) else str(value)
    return _decoded(value[: longest * 4], longest)


@lru_cache(maxsize=65_536)
def _decoded(value: bytes, longest: int) -> str:
    """Names come again at every poll."""
    value = value.split(b"\x00", 1)[0]
    try:
        decoded = value.decode("utf-8")
    except UnicodeDecodeError:
        try:
            decoded = value.decode("gb18030")
        except UnicodeDecodeError:
            decoded = value.decode("latin-1")
    return texts.one_line(decoded.strip(), longest) if longest <= LONGEST else texts.lines(decoded).strip()[:longest]


def number(value: Value | None) -> float | None:
    """A number; digits in a string count too (some MIBs write readings as text)."""
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, bytes):
        found = re.match(rb"\s*([+-]?\d{1,12}(?:\.\d{1,6})?)", value)
        return float(found[1]) if found else None
    return None


def mac(value: Value | None) -> str:
    """`aa:bb:cc:dd:ee:ff`; empty for what is not six octets."""
    return value.hex(":") if isinstance(value, bytes) and len(value) == 6 else ""


def date(value: Value | None) -> str:
    """ISO 8601 of a DateAndTime (RFC 2579); without a zone where the device tells none."""
    if not isinstance(value, bytes) or len(value) not in (8, 11):
        return ""
    year, (month, day, hour, minute, second) = int.from_bytes(value[:2], "big"), value[2:7]
    if not (
        1970 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second <= 60
    ):
        return ""
    zone = ""
    if len(value) == 11 and value[8:9] in b"+-" and value[9] <= 14 and value[10] < 60:
        zone = f"{chr(value[8])}{value[9]:02}:{value[10]:02}"
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{min(second, 59):02}{zone}"


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UNSAID = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", "utc", "gmt", "z"}
_ISO = re.compile(r"(?a)(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?))?(?: ?UTC|Z)?")
_CLOCK = re.compile(r"(?a)\d{1,2}:\d\d(?::\d\d)?")


def expiry(value: Value | None) -> str:
    """The end of a licence as ISO 8601 in UTC: from a DateAndTime, seconds since 1970, or a date that is written out.

    A date without a zone is taken as UTC: a licence's day is what counts. Empty for what is no date ("n/a", 0).
    """
    if isinstance(value, int):
        return datetime.fromtimestamp(value, UTC).isoformat() if 0 < value < 2**33 else ""
    told = date(value) or _written(text(value, 64) if isinstance(value, bytes) else "")
    try:
        end = datetime.fromisoformat(told)
        return (end if end.tzinfo else end.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return ""


def _written(words: str) -> str:
    """ISO 8601 of "Sat Jul 26 01:00:00 2025", "26-Jul-2025", "2025-07-26 01:00": whether or not there is such a day."""
    if found := _ISO.fullmatch(words.strip()):
        return f"{found[1]}T{found[2] or '00:00'}"
    year = month = day = 0
    clock = "00:00"
    for word in re.split(r"[\s,-]+", words.strip().lower()):
        if word[:3] in _MONTHS and word.isalpha():
            month = _MONTHS.index(word[:3]) + 1
        elif _CLOCK.fullmatch(word):
            clock = word.rjust(8 if word.count(":") == 2 else 5, "0")
        elif word.isdecimal() and word.isascii() and len(word) in (1, 2, 4):
            year, day = (int(word), day) if len(word) == 4 else (year, int(word))
        elif word[:3] not in _UNSAID:
            return ""
    return f"{year:04}-{month:02}-{day:02}T{clock}"


def address(octets: Oid | bytes) -> str:
    """An IPv4 or IPv6 address from its octets; empty for anything else."""
    try:
        return str(ip_address(bytes(octets))) if len(octets) in (4, 16) else ""
    except ValueError:
        return ""


def last_address(index: Oid) -> str:
    """The address that an index ends in: its type stands before it, with or without its length between."""
    for kind, length in ((1, 4), (2, 16)):
        for before in (length + 2, length + 1):
            if (
                len(index) >= before
                and index[-before] == kind
                and (before == length + 1 or index[1 - before] == length)
            ):
                return address(index[-length:])
    return ""


def inet_index(index: Oid) -> str:
    """The address in an InetAddressType, InetAddress index (RFC 4001): type.length.octets, or type.octets."""
    if len(index) < 5:
        return ""
    if len(index) >= 2 + index[1] and index[1] in (4, 16):
        return address(index[2 : 2 + index[1]])
    return address(index[1:5] if index[0] == 1 else index[1:17])
