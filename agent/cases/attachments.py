"""Files that people hand in: what they may be, and under which name they are kept. Their names are never trusted."""

import re
from collections.abc import Iterable

from agent.cases.case import Evidence

TIER = "upload"
MAIL = "mail"  # the topic of a mail as it came, with all that it quotes
LARGEST = 20 * 1024 * 1024  # bytes of one file
MOST = 50  # files of one case
LONGEST_NAME = 120
TOO_MANY = f"a case has at most {MOST} attachments: put several files into one archive"
SCANS = ("pdf", "tiff", "png", "jpeg")  # what a fax comes as
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"PK\x03\x04", "zip"),  # and what office programs write
    (b"\x1f\x8b", "gzip"),
    (b"\xd4\xc3\xb2\xa1", "pcap"),
    (b"\xa1\xb2\xc3\xd4", "pcap"),
    (b"\x0a\x0d\x0d\x0a", "pcapng"),
)


def kind(head: bytes) -> str:
    """What the first bytes of a file say that it is, whatever it is called: a word, or `text`, or `file`."""
    for magic, word in _MAGIC:
        if head.startswith(magic):
            return word
    return "text" if head and b"\0" not in head[:1024] else "file"


def name(given: str) -> str:
    """The last part of a path, on one bounded line, without what a file system or a terminal would read."""
    last = re.split(r"[\\/]", given)[-1]
    flat = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in last).strip(" .")
    stem, dot, suffix = flat.rpartition(".")
    if len(flat) > LONGEST_NAME:
        flat = f"{stem[: LONGEST_NAME - 12]}{dot}{suffix[:10]}" if dot else flat[:LONGEST_NAME]
    return flat or "file"


def refusal(given: str, size: int, head: bytes, present: Iterable[Evidence], *, scan: bool = False) -> str:
    """Why a file is not taken, and what can be done; empty when it is."""
    said = name(given)
    if not size:
        return f"{said} is empty: attach the file itself"
    if size > LARGEST:
        return f"{said} is larger than {LARGEST >> 20} MiB: pack it, or cut it into parts"
    if scan and kind(head) not in SCANS:
        return f"{said} is no scan: attach the fax as PDF, TIFF, PNG or JPEG"
    if sum(row.tier == TIER for row in present) >= MOST:
        return TOO_MANY
    return ""
