"""A mail taken apart into its parts (RFC 5322, RFC 2045, RFC 2046), however broken it is.

A splitter of our own: the standard library's parser goes down with the depth that a sender chooses, and looks at every
line once for each boundary around it. This one goes at most DEEPEST down, finds at most MOST parts, and looks at
each byte at most once a level. Header blocks are small, and are left to the standard library.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

from collectors.mail import charsets

DEEPEST = 8
MOST = 200
HEADER = 64 * 1024  # bytes of a header block that are looked at
FIELD = 8_000  # characters of a header field that are looked at
_PARAMETERS = 1_500  # characters of a field with parameters: the standard library takes its time over them
_PARSER = BytesHeaderParser(policy=compat32)
_BLANK = re.compile(rb"\r?\n\r?\n")
Fields = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part that holds no others. `content` is still encoded."""

    fields: Fields
    content: bytes

    @property
    def type(self) -> str:
        """One that should hold others and names no boundary is text."""
        found = kind(self.fields)
        return "text/plain" if found.startswith("multipart/") else found

    @property
    def charset(self) -> str:
        return _parameter(self.fields, "content-type", "charset")

    @property
    def coding(self) -> str:
        return first(self.fields, "content-transfer-encoding").strip().lower()

    @property
    def name(self) -> str:
        """As the sender has it: hostile, and its encoded words still to be read."""
        found = _parameter(self.fields, "content-disposition", "filename")
        return found or _parameter(self.fields, "content-type", "name")

    @property
    def is_attached(self) -> bool:
        return first(self.fields, "content-disposition").strip().lower().startswith("attachment")


def fields(raw: bytes) -> Fields:
    """The header of a mail by names in lower case, each field on one bounded line and decoded as far as it is bytes."""
    return _fields(split(raw)[0])


def first(header: Fields, name: str) -> str:
    return header.get(name, ("",))[0]


def pieces(raw: bytes) -> Iterator[Piece]:
    """The parts of a mail, in their order; mails inside it are whole parts."""
    return _pieces(*split(raw), DEEPEST, [MOST])


def kind(header: Fields) -> str:
    """`text/plain` where the header says nothing that can be read."""
    found = first(header, "content-type").partition(";")[0].strip().lower()
    return found if found.count("/") == 1 and not found.startswith("/") and not found.endswith("/") else "text/plain"


def decoded(piece: Piece, limit: int) -> bytes:
    """Its content, of which at most `limit` bytes; what is no proper base64 is read as far as it is."""
    if piece.coding == "base64":
        return unbase64(piece.content[: limit * 3 // 2 + 1024])[:limit]
    if piece.coding == "quoted-printable":
        return quopri.decodestring(piece.content[: limit * 3])[:limit]
    return piece.content[:limit]


def size(piece: Piece) -> int:
    """About how many bytes its content has when it is decoded."""
    return len(piece.content) * 3 // 4 if piece.coding == "base64" else len(piece.content)


def unbase64(content: bytes) -> bytes:
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", content)
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    try:
        return base64.b64decode(kept + b"=" * (-len(kept) % 4))
    except binascii.Error:
        return b""


def split(raw: bytes) -> tuple[bytes, bytes]:
    """Header and body. A part may begin with the empty line at once."""
    if raw.startswith((b"\n", b"\r\n")):
        return b"", raw[raw.index(b"\n") + 1 :]
    found = _BLANK.search(raw)
    return (raw, b"") if found is None else (raw[: found.start()], raw[found.end() :])


def _fields(head: bytes) -> Fields:
    found: dict[str, list[str]] = {}
    for name, value in _PARSER.parsebytes(head[:HEADER]).raw_items():
        found.setdefault(name.lower(), []).append(_line(str(value)[:FIELD]))
    return {name: tuple(values) for name, values in found.items()}


def _line(value: str) -> str:
    """compat32 hands out what is no ASCII as lone surrogates."""
    if not value.isascii():
        value = charsets.text(value.encode("utf-8", "surrogateescape"))
    return " ".join(value.split())


def _pieces(head: bytes, body: bytes, deeper: int, room: list[int]) -> Iterator[Piece]:
    room[0] -= 1
    header = _fields(head)
    boundary = _parameter(header, "content-type", "boundary").rstrip() if kind(header).startswith("multipart/") else ""
    if not boundary or not deeper:
        yield Piece(header, body)
        return
    for part in _parts(body, boundary.encode("utf-8", "replace")[:200]):
        if room[0] <= 0:
            return
        yield from _pieces(*split(part), deeper - 1, room)


def _parts(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """Between the delimiter lines (RFC 2046 §5.1.1); the last may lack its end."""
    start: int | None = None
    place = 0
    while (found := body.find(b"--" + boundary, place)) >= 0:
        place = found + len(boundary) + 2
        ends = body.startswith(b"--", place)
        line_end = _line_end(body, place + 2 if ends else place)
        if line_end < 0 or (found and body[found - 1] != 0x0A):
            continue  # a line that only begins like it, or has it in its middle
        if start is not None:
            yield body[start : _before(body, found, start)]
        if ends:
            return
        start = place = line_end
        place = max(place - 1, found + 1)
    if start is not None:
        yield body[start:]


def _line_end(body: bytes, place: int) -> int:
    """Past the line break that comes next but for blanks; -1 where something else stands there."""
    while body[place : place + 1] in (b" ", b"\t"):
        place += 1
    if place >= len(body):
        return place
    if body.startswith(b"\r\n", place):
        return place + 2
    return place + 1 if body.startswith(b"\n", place) else -1


def _before(body: bytes, delimiter: int, start: int) -> int:
    """The line break before a delimiter is the delimiter's."""
    if body.startswith(b"\r\n", max(delimiter - 2, 0)):
        return max(delimiter - 2, start)
    return max(delimiter - 1, start)


def _parameter(header: Fields, field: str, name: str) -> str:
    """RFC 2045 and RFC 2231."""
    made = Message()
    made["content-type"] = first(header, field)[:_PARAMETERS]
    try:
        found = made.get_param(name, "", "content-type")
    except (ValueError, TypeError, LookupError, AttributeError):  # what the standard library stumbles over
        return ""
    if isinstance(found, tuple):
        charset, _, value = found
        return charsets.text(value.encode("latin-1", "replace"), charset or "")
    return found or ""
