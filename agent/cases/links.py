"""Signed links: whoever holds one may answer one question about one case, and nothing else.

A link carries what it is for, the case, an opaque digest of the person that it was sent to, and when it expires, signed
with HMAC-SHA256 (RFC 2104). Nothing is kept of it, so any node that has the key can read it; and the key cannot be told
from it. It may stand in a mail as it is: base64url without padding (RFC 4648 §5), one word, no personal data.
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from agent.errors import RefusedError

PATH = "/answer/"  # where the site reads them
SHORTEST_KEY = 32  # bytes
LONGEST = 400  # characters of a token
_MAC, _PERSON = 32, 9  # bytes
_VERSION = "1"
_ABOUT = re.compile(r"[A-Za-z0-9_-]{0,40}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{60,400}")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_FIELDS = 6


class Purpose(StrEnum):
    """What a link lets its holder answer."""

    CONFIRM = "confirm"  # the fix works, or does not
    CONSENT = "consent"  # a change to a running network may be made, or may not
    SURVEY = "survey"
    RMA = "rma"  # a failed part may be replaced


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a link says, once its signature is found to be ours. `person` is a digest: `Links.is_for` knows whose."""

    purpose: Purpose
    case: int
    person: str
    expires: datetime
    about: str = ""  # which of several of the kind: the change, the RMA, the time it was resolved


class ExpiredError(RefusedError):
    """The link is ours, and its time is over."""


class Links:
    """`base` is the address under which customers reach the site; empty: they do not. `site` is the one under which our
    own people do; missing: the same."""

    def __init__(self, key: bytes, base: str = "", site: str | None = None) -> None:
        if len(key) < SHORTEST_KEY:
            raise ValueError(f"the key has {len(key)} bytes, fewer than {SHORTEST_KEY}")
        self._key, self.base = key, base.rstrip("/")
        self.site = self.base if site is None else site.rstrip("/")

    def __repr__(self) -> str:
        return f"Links(base={self.base!r})"

    def url(self, purpose: Purpose, case_number: int, person: str, expires: datetime, about: str = "") -> str:
        """The address to follow; empty where the site has none that people elsewhere could reach.

        `person` is whatever is known of the recipient, such as the e-mail address.
        """
        if not self.base:
            return ""
        return self.base + PATH + self.token(purpose, case_number, person, expires, about)

    def token(self, purpose: Purpose, case_number: int, person: str, expires: datetime, about: str = "") -> str:
        if not (_ABOUT.fullmatch(about) and case_number > 0):
            raise ValueError(f"a link about {about!r} of case {case_number} cannot be made")
        fields = (_VERSION, purpose, str(case_number), self.digest(case_number, person), str(_whole(expires)), about)
        body = ":".join(fields).encode("ascii")
        return _encoded(body + self._mac(b"link", body))

    def read(self, token: str, now: datetime) -> Ticket:
        """Raises RefusedError for what is not ours, ExpiredError for what was. `token` may be anything at all."""
        raw = _decoded(token)
        body, mac = raw[:-_MAC], raw[-_MAC:]
        if not raw or not hmac.compare_digest(mac, self._mac(b"link", body)):
            raise RefusedError("this link is not one of ours: it was shortened or changed on its way")
        ticket = _ticket(body)
        if now >= ticket.expires:
            raise ExpiredError(f"this link expired at {ticket.expires:%Y-%m-%d %H:%M} UTC")
        return ticket

    def digest(self, case_number: int, person: str) -> str:
        """Opaque, and another one on every case: links of two cases do not show that they went to the same person."""
        told = f"{case_number}:{person.strip().casefold()}".encode("utf-8", "replace")
        return _encoded(self._mac(b"person", told)[:_PERSON])

    def is_for(self, ticket: Ticket, person: str) -> bool:
        return hmac.compare_digest(ticket.person.encode(), self.digest(ticket.case, person).encode())

    def _mac(self, use: bytes, body: bytes) -> bytes:
        return hmac.digest(self._key, b"netcase " + use + b"\0" + body, hashlib.sha256)


def _ticket(body: bytes) -> Ticket:
    """Of a body that we signed; another version of the program may have."""
    fields = body.decode("ascii").split(":")
    if len(fields) != _FIELDS or fields[0] != _VERSION or fields[1] not in list(Purpose):
        raise RefusedError("this link was made by another version of netcase: ask for a new one")
    _, purpose, number, person, expires, about = fields
    if not (_NUMBER.fullmatch(number) and _NUMBER.fullmatch(expires)):
        raise RefusedError("this link was made by another version of netcase: ask for a new one")
    return Ticket(
        purpose=Purpose(purpose),
        case=int(number),
        person=person,
        expires=datetime.fromtimestamp(int(expires), UTC),
        about=about,
    )


def _whole(moment: datetime) -> int:
    return int(moment.timestamp())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decoded(token: str) -> bytes:
    """Empty for what no link of ours looks like; one token and no other stands for the same bytes."""
    if not _TOKEN.fullmatch(token):
        return b""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if _encoded(raw) == token else b""
