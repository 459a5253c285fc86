"""How our mails are called, so that an answer to one finds its case. A name proves nothing about who answers: it stands
in the mails of all who were told, and who knows how we make our keys can make it."""

import re
from hashlib import sha256

_CASE = re.compile(r"NC-(\d{1,9})(?=/)")
_OURS = re.compile(r"nc-(\d{1,9})\.[0-9a-f]{32}@", re.IGNORECASE)


def local_part(key: str) -> str:
    """What stands before the @ of the Message-ID of the message with that key, the same however often it is sent."""
    digest = sha256(key.encode("utf-8", "replace")).hexdigest()[:32]
    case = _CASE.match(key)
    return f"nc-{case[1]}.{digest}" if case else digest


def case_of(message_id: str) -> int:
    """The number of the case that a Message-ID of ours names; 0 for one that is not made as ours are."""
    found = _OURS.match(message_id)
    return int(found[1]) if found else 0
