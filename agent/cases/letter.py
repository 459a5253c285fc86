"""A mail that came in: as it was read, bounded and decoded, and as it is remembered. All of it is hostile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What became of a mail."""

    OPENED = "opened"  # it opened a case
    REPLY = "reply"  # it was written onto a case
    AUTOMATIC = "automatic"  # a machine wrote it: kept, not acted on
    BOUNCE = "bounce"  # a mail of ours came back
    LIST = "list"  # from a mailing list
    LOOP = "loop"  # our own
    FLOOD = "flood"  # too many of one sender
    UNCLEAR = "unclear"  # a person has to look
    REFUSED = "refused"  # from somebody who may not write here
    ASSIGNED = "assigned"  # a person put it onto a case


ACTED = frozenset({Verdict.OPENED, Verdict.REPLY})
WAITING = frozenset({Verdict.FLOOD, Verdict.UNCLEAR})  # for a person to look at


class Trust(StrEnum):
    """What our own receiving server found out about the sender (RFC 8601)."""

    PROVEN = "proven"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """`refused` says why its content is only in the original; empty: `content` is all of it."""

    name: str  # a name fit for a file
    size: int  # bytes
    content: bytes = field(default=b"", repr=False)
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """`identity` is the same for the same mail wherever it turns up again; Message-IDs stand without their brackets.

    `whole` False: only its header was read, for `because`.
    """

    identity: str
    bytes: int
    message_id: str = ""
    answers: tuple[str, ...] = ()  # In-Reply-To, then References, the nearest first
    sender: str = ""  # in lower case; empty where From names nobody, or several
    sender_name: str = ""
    reply_to: str = ""
    to: tuple[str, ...] = ()
    subject: str = ""
    date: datetime | None = None
    text: str = ""  # the body, without what it quotes
    body: str = ""  # with it: what is forwarded may be all that is said
    attachments: tuple[Attachment, ...] = ()
    more_attachments: int = 0  # beyond the limit: only in the original
    headers: Mapping[str, str] = field(default_factory=dict)  # those that decide, by their names in lower case
    authentication: tuple[str, ...] = ()  # Authentication-Results, the topmost first
    whole: bool = True
    because: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it lies. UIDs of another UIDVALIDITY are other mails (RFC 9051 §2.3.1.1)."""

    mailbox: str
    validity: int
    uid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A mail as it is remembered. `sha256` names the whole original among the evidence; empty: it was never read."""

    identity: str
    thread: str  # the hash of its Message-ID; empty without one
    at: datetime  # taken
    sent: datetime | None
    sender: str
    sender_name: str
    title: str  # its subject
    verdict: Verdict
    reason: str
    trust: Trust
    case: int
    bytes: int
    sha256: str
    by: str = ""  # who put it onto the case, where a person did
    id: int = 0
