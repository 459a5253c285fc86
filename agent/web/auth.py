"""Who may write: people with a key of their own, shown as a Bearer token by programs and kept as a session by browsers.

Only hashes of the keys are held. A session is signed with a hash of the person's own key, so that it outlives a restart
of the agent, and ends when the key is changed. Whoever guesses is slowed down.
"""

import base64
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from starlette.requests import HTTPConnection

from agent.errors import UsageError
from agent.web.limiting import Limit

COOKIE = "netcase_session"
LASTS = timedelta(hours=12)
SHORTEST_KEY = 20  # characters; `openssl rand -hex 32` gives 64
LONGEST_KEY = 4096
MOST_WRONG = 10  # keys of one address …
MOST_WRONG_AT_ALL = 200  # … and of all
WITHIN = timedelta(minutes=5)
FORM_FIELD = "form_token"


@dataclass(frozen=True, slots=True)
class _Key:
    looked_up: bytes
    signs: bytes


class Keys:
    """`keys` by person. Raises UsageError for one that could be guessed, or that two people share."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys: dict[str, _Key] = {}
        for person, key in keys.items():
            if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
                raise UsageError(
                    f"people.{person}.token: the key has {len(key)} characters; "
                    f"write {SHORTEST_KEY} at least, such as `openssl rand -hex 32` prints"
                )
            made = _Key(_looked_up(key), hmac.digest(key.encode(), b"netcase session", "sha256"))
            for other, its in self._keys.items():
                if hmac.compare_digest(its.looked_up, made.looked_up):
                    raise UsageError(f"people.{person}.token is the key of {other} too: give each a key of their own")
            self._keys[person] = made

    def __bool__(self) -> bool:
        return bool(self._keys)

    def whose(self, key: str) -> str:
        """The person whose key it is; empty for nobody's. Takes as long for one as for the other."""
        given, found = _looked_up(key[:LONGEST_KEY]), ""
        for person, known in self._keys.items():
            if hmac.compare_digest(known.looked_up, given):
                found = person
        return found

    def session(self, person: str, now: datetime) -> str:
        """What the browser keeps: who, until when, and our signature."""
        said = f"{_packed(person)}.{int((now + LASTS).timestamp())}.{secrets.token_urlsafe(9)}"
        return f"{said}.{self._signed(person, said)}"

    def person(self, session: str, now: datetime) -> str:
        """Whose session it is; empty when it is nobody's, is over, or was not signed by us."""
        said, _, signature = session[:1000].rpartition(".")
        parts = said.split(".")
        if len(parts) != 3 or not parts[1].isascii() or not parts[1].isdigit() or len(parts[1]) > 12:
            return ""
        person = _unpacked(parts[0])
        if person not in self._keys or not _same(signature, self._signed(person, said)):
            return ""
        return person if datetime.fromtimestamp(int(parts[1]), UTC) > now else ""

    def form_token(self, session: str, now: datetime) -> str:
        """Stands in every form of a session: another site's form does not have it."""
        person = self.person(session, now)
        return self._signed(person, f"form {session}") if person else ""

    def is_form_of(self, session: str, token: str, now: datetime) -> bool:
        known = self.form_token(session, now)
        return bool(known) and _same(token, known)

    def _signed(self, person: str, said: str) -> str:
        digest = hmac.digest(self._keys[person].signs, said.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Guesses:
    """Wrong keys of the last minutes: of an address, and of all together."""

    _own: Limit = field(default_factory=lambda: Limit(MOST_WRONG, WITHIN))
    _all: Limit = field(default_factory=lambda: Limit(MOST_WRONG_AT_ALL, WITHIN))

    def too_many(self, address: str, now: datetime) -> bool:
        return self._own.is_over(address, now) or self._all.is_over("", now)

    def count(self, address: str, now: datetime) -> None:
        self._own.count(address, now)
        self._all.count("", now)


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether there is a key at all, who somebody is, and how often they guessed."""

    keys: Keys = field(default_factory=lambda: Keys({}))
    guesses: Guesses = field(default_factory=Guesses)

    def bearer(self, request: HTTPConnection, now: datetime) -> str:
        """The person whose key a program shows; empty for nobody."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            return ""
        return self.known(request, key.strip(), now)

    def known(self, request: HTTPConnection, key: str, now: datetime) -> str:
        """The person whose key it is, unless too many wrong ones came from there."""
        address = request.client.host if request.client else ""
        if self.guesses.too_many(address, now):
            return ""
        person = self.keys.whose(key)
        if not person:
            self.guesses.count(address, now)
        return person

    def shut_to(self, request: HTTPConnection, now: datetime) -> bool:
        return self.guesses.too_many(request.client.host if request.client else "", now)

    def visitor(self, request: HTTPConnection, now: datetime) -> str:
        """The person who is signed in with this browser; empty for nobody."""
        return self.keys.person(request.cookies.get(COOKIE, ""), now)

    def form_token(self, request: HTTPConnection, now: datetime) -> str:
        return self.keys.form_token(request.cookies.get(COOKIE, ""), now)


def _looked_up(key: str) -> bytes:
    return sha256(b"netcase key " + key.encode(errors="surrogateescape")).digest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))


def _packed(person: str) -> str:
    return base64.urlsafe_b64encode(person.encode()).decode().rstrip("=")


def _unpacked(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (ValueError, UnicodeError):
        return ""
