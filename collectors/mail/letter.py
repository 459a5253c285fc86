"""From the bytes of a mail to a `Letter`: bounded, decoded, and fit to be decided on. Never fails, fetches nothing."""

import hashlib
import quopri
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from agent.cases import attachments, quoting
from agent.cases.letter import Attachment, Letter
from collectors.mail import charsets, html, mime
from collectors.mail.mime import FIELD, Fields, Piece, first

LONGEST_SUBJECT = 300
LONGEST_TEXT = 20_000  # characters of the body that are kept
TEXT_BYTES = 2 << 20  # bytes of a body's part that are looked at
MOST_REFERENCES = 50
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_WORD = re.compile(r"=\?([A-Za-z0-9_.:*-]{1,60})\?([bBqQ])\?([^?\s]{0,2000})\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?)")
_ID = re.compile(r"<([^<>\s]{1,250})>")
_DECIDES = (
    "auto-submitted",
    "precedence",
    "list-id",
    "list-post",
    "list-unsubscribe",
    "x-auto-response-suppress",
    "x-autoreply",
    "x-autorespond",
    "x-loop",
    "return-path",
    "content-type",
    "sender",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much of a mail is taken; what is beyond stays in the original."""

    attachment: int = 10 << 20  # bytes of one
    attachments: int = 20
    refused: frozenset[str] = frozenset()  # endings of names, without the dot


def decode(raw: bytes, bounds: Bounds) -> Letter:
    head = mime.fields(raw)
    parts = list(mime.pieces(raw))
    body, rest = _body(parts)
    files = [_attachment(part, place, bounds) for place, part in enumerate(rest[: bounds.attachments], 1)]
    return _letter(
        head,
        raw,
        answers=(*_answers(head), *_returned(head, parts)),
        text=_bounded(quoting.own_words(body)),
        body=_bounded(body),
        attachments=tuple(files),
        more_attachments=max(0, len(rest) - bounds.attachments),
    )


def header_only(raw: bytes, size: int, because: str) -> Letter:
    """Of a mail whose body was not read; `size` is the whole mail's."""
    head = mime.fields(raw)
    return _letter(head, raw, size=size, answers=_answers(head), whole=False, because=because)


def _letter(head: Fields, raw: bytes, size: int | None = None, **more: object) -> Letter:
    name, address = _from(head)
    ids = _ID.findall(first(head, "message-id"))
    message_id = ids[0] if ids else ""
    return Letter(
        identity=_identity(head, raw, message_id),
        bytes=len(raw) if size is None else size,
        message_id=message_id,
        sender=address,
        sender_name=name,
        reply_to=_only_address(first(head, "reply-to")),
        to=tuple(_ADDRESS.findall(first(head, "to") + " " + first(head, "cc"))[:50]),
        subject=_line(unfolded(first(head, "subject")), LONGEST_SUBJECT),
        date=_date(first(head, "date")),
        headers={key: _line(head[key][0], 300) for key in _DECIDES if key in head},
        authentication=tuple(_line(value, 2_000) for value in head.get("authentication-results", ())[:20]),
        **more,  # type: ignore[arg-type]
    )


# ---------------------------------------------------------------- header


def _identity(head: Fields, raw: bytes, message_id: str) -> str:
    """Of who wrote what when, and not of the way that it came: a second delivery differs in its Received lines only.

    The Message-ID alone would let a stranger who knows one keep another's mail away, and some programs give it twice.
    """
    said = [message_id, *(first(head, key) for key in ("from", "date", "subject", "content-type"))]
    digest = hashlib.sha256("\0".join(said).encode("utf-8", "replace"))
    digest.update(b"\0" + hashlib.sha256(mime.split(raw)[1].replace(b"\r\n", b"\n").rstrip()).digest())
    return digest.hexdigest()


def unfolded(field: str) -> str:
    """With its encoded words (RFC 2047) read, each alone: what they hold cannot grow."""
    joined = _BETWEEN_WORDS.sub(r"\1\2", field)
    parts: list[str] = []
    held, charset, place = b"", "", 0
    for found in _WORD.finditer(joined):
        between = joined[place : found.start()]
        said = found[1].partition("*")[0].lower()
        if held and (between or said != charset):  # a character may be split over two words of one set
            parts.append(charsets.text(held, charset))
            held = b""
        parts.append(between)
        held, charset, place = held + _word(found[2], found[3]), said, found.end()
    if held:
        parts.append(charsets.text(held, charset))
    return "".join([*parts, joined[place:]])


def _word(coding: str, content: str) -> bytes:
    raw = content.encode("ascii", "replace")
    if coding in "bB":
        return mime.unbase64(raw)
    return quopri.decodestring(raw.replace(b"_", b" "))


def _from(head: Fields) -> tuple[str, str]:
    """(name, address): the address is empty where there is none, or more than one, or it cannot be read safely."""
    said = head.get("from", ())
    field = said[0] if len(said) == 1 else ""
    address = _only_address(field)
    name = _line(unfolded(field.rpartition("<")[0] if "<" in field else "").strip().strip("\"'"), 100)
    return ("" if _ADDRESS.search(name) else name), address


def _only_address(field: str) -> str:
    """Of `Name <a@b>` and `a@b`. A quoted name is taken away first: it may hold an address of somebody else."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', " ", field)
    bare = re.sub(r"\((?:[^()\\]|\\.)*\)", " ", bare)
    angled = re.findall(r"<([^<>]*)>", bare)
    if len(angled) > 1 or bare.count("<") != bare.count(">") or bare.count("<") > 1:
        return ""
    if angled and bare.partition(">")[2].strip():
        return ""  # several addresses, or one that goes on behind its end
    found = (angled[0] if angled else bare).strip()
    return found.lower() if _ADDRESS.fullmatch(found) and ".." not in found else ""


def _answers(head: Fields) -> tuple[str, ...]:
    replied = _ID.findall(first(head, "in-reply-to"))
    refers = _ID.findall(first(head, "references"))[::-1]
    return tuple(dict.fromkeys([*replied, *refers]))[:MOST_REFERENCES]


def _returned(head: Fields, parts: Iterable[Piece]) -> tuple[str, ...]:
    """Of a mail server's report (RFC 3462): the Message-IDs of the mails that it is about."""
    if mime.kind(head) != "multipart/report":
        return ()
    about = (part for part in parts if part.type in ("message/rfc822", "text/rfc822-headers"))
    return tuple(found for part in about for found in _ID.findall(first(mime.fields(part.content), "message-id")))[:5]


def _date(field: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(field[:100])
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _line(text: str, longest: int) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:longest]


# ---------------------------------------------------------------- body


def _body(parts: list[Piece]) -> tuple[str, list[Piece]]:
    """What the person wrote, and the parts that are files.

    The first plain text with anything in it, else the first HTML; other texts that stand inline are files too, but for
    the second form of the one that was chosen.
    """
    texts = [part for part in parts if part.type in ("text/plain", "text/html") and not part.is_attached]
    said: tuple[Piece | None, str] = (None, "")
    for wanted in ("text/plain", "text/html"):
        for part in texts:
            if not said[1] and part.type == wanted and not part.name:
                said = (part, _text(part))
    chosen, body = said
    if chosen is None:
        return "", [part for part in parts if _is_file(part)]
    other = {"text/plain": "text/html", "text/html": "text/plain"}[chosen.type]
    second = next((part for part in texts if part.type == other and not part.name), None)
    return body, [part for part in parts if part is not chosen and part is not second and _is_file(part)]


def _is_file(part: Piece) -> bool:
    return part.is_attached or bool(part.name) or bool(part.content.strip())


def _text(part: Piece) -> str:
    content = charsets.text(mime.decoded(part, TEXT_BYTES), part.charset)
    text = html.text(content) if part.type == "text/html" else content
    return _bounded(text, 4 * LONGEST_TEXT)


def _bounded(text: str, longest: int = LONGEST_TEXT) -> str:
    """Lines of printable characters."""
    lines = text[: 4 * longest].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    clean = ("".join(c if c.isprintable() or c == "\t" else " " for c in line).rstrip() for line in lines)
    joined = re.sub(r"\n{4,}", "\n\n\n", "\n".join(clean)).strip()
    return joined if len(joined) <= longest else joined[: longest - 1] + "…"


# ---------------------------------------------------------------- attachments


def _attachment(part: Piece, place: int, bounds: Bounds) -> Attachment:
    name = file_name(part.name, part.type, place)
    length = mime.size(part)
    if ending := _refused(name, bounds.refused):
        return Attachment(name=name, size=length, refused=f"files that end in .{ending} are not taken")
    if length > bounds.attachment:
        return Attachment(name=name, size=length, refused=f"{length} bytes, more than {bounds.attachment}")
    content = mime.decoded(part, bounds.attachment)
    return Attachment(name=name, size=len(content), content=content)


def _refused(name: str, endings: Iterable[str]) -> str:
    """Any of a name's endings counts: `invoice.exe.txt` is no text to everybody."""
    return next((word for word in name.lower().split(".")[1:] if word in endings), "")


_ENDINGS = {
    "message/rfc822": "eml",
    "text/plain": "txt",
    "text/html": "html",
    "text/calendar": "ics",
    "image/png": "png",
}


def file_name(said: str, type_: str, place: int) -> str:
    text = unfolded(said[:FIELD])
    return attachments.name(text) if text.strip(" ./\\") else f"part-{place}.{_ENDINGS.get(type_, 'bin')}"
