"""A folder on an IMAP server (RFC 9051, RFC 3501): what lies in it by UID, and what is done to a mail that was taken.

Nothing is ever deleted. Bodies are fetched with PEEK, so that a mail counts as read only when it was taken.
"""

import contextlib
import ssl
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from imapclient import SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError

from agent.errors import MailboxError, NetcaseError
from agent.inventory.mailbox import Filing, Mailbox, Tls

HEADER = 64 * 1024  # bytes of a header that are fetched
WINDOW = 5_000  # mails that are listed at once: one line of an answer has a limit
_BROKEN = (
    IMAPClientError,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
)  # also what the library stumbles over


@dataclass(frozen=True, slots=True)
class Lying:
    """A mail in the folder; `arrived` as the server tells it."""

    uid: int
    size: int
    arrived: datetime | None


class Folder:
    """Open from `with opened(…)`. Every method raises MailboxError."""

    def __init__(self, client: IMAPClient, mailbox: Mailbox) -> None:
        self._client, self._mailbox = client, mailbox
        self.where = f"mailbox {mailbox.username} on {mailbox.host}:{mailbox.port}"
        with self._translated():
            found = client.select_folder(mailbox.folder)
            self.validity = int(found[b"UIDVALIDITY"])
            self.count = int(found[b"EXISTS"])
            self._moves = client.has_capability("MOVE")
        self._made: set[str] = set()

    def after(self, uid: int) -> list[int]:
        """UIDs above it, lowest first. From the end, for they rise with the places in the folder."""
        found: set[int] = set()
        top = self.count
        with self._translated():
            while top > 0:
                low = max(1, top - WINDOW + 1)
                listed = [int(each) for each in self._client.search([f"{low}:{top}"])]
                found |= {each for each in listed if each > uid}
                if not listed or min(listed) <= uid:
                    break
                top = low - 1
        return sorted(found)

    def lying(self, uids: Collection[int]) -> dict[int, Lying]:
        """Those that are still there."""
        with self._translated():
            told = self._client.fetch(list(uids), ["RFC822.SIZE", "INTERNALDATE"])
            return {
                int(uid): Lying(int(uid), int(item[b"RFC822.SIZE"]), _utc(item.get(b"INTERNALDATE")))
                for uid, item in told.items()
                if b"RFC822.SIZE" in item
            }

    def mail(self, uid: int, limit: int) -> bytes:
        """At most `limit` bytes of it, whatever size the server told before."""
        return self._fetch(uid, f"BODY.PEEK[]<0.{limit}>")

    def header(self, uid: int) -> bytes:
        return self._fetch(uid, f"BODY.PEEK[HEADER]<0.{HEADER}>")

    def _fetch(self, uid: int, what: str) -> bytes:
        with self._translated():
            told = self._client.fetch([uid], [what]).get(uid, {})
            found = next((value for key, value in told.items() if bytes(key).startswith(b"BODY[")), None)
        if not isinstance(found, bytes):
            raise MailboxError(f"{self.where}: the mail with UID {uid} is not handed out")
        return found

    def put_away(self, uids: Collection[int], *, acted: bool) -> None:
        """Mark them as read and, where that is wanted and the server can (RFC 6851), move them."""
        if not uids:
            return
        with self._translated():
            self._client.add_flags(list(uids), [SEEN], silent=True)
            if self._mailbox.filing is Filing.FOLDERS and self._moves:
                self._client.move(list(uids), self._folder(self._mailbox.done if acted else self._mailbox.refused))

    @property
    def can_file(self) -> bool:
        """Whether mails can be put away as it is wanted."""
        return self._mailbox.filing is not Filing.FOLDERS or bool(self._moves)

    def _folder(self, said: str) -> str:
        """As this server writes it, made where it is missing."""
        prefix, separator = "", "/"
        if self._client.has_capability("NAMESPACE") and (personal := self._client.namespace().personal):
            prefix, separator = (str(part or "") for part in personal[0])
        name = prefix + said.replace("/", separator or "/")
        if name not in self._made:
            if not self._client.folder_exists(name):
                self._client.create_folder(name)
            self._made.add(name)
        return name

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except _BROKEN as error:
            raise MailboxError(f"{self.where}: {_said(error)}") from error


@contextlib.contextmanager
def opened(mailbox: Mailbox, secret: Callable[[str], str], context: ssl.SSLContext | None = None) -> Iterator[Folder]:
    """Connects, encrypts, logs in, selects; logs out in the end. Raises MailboxError."""
    client = _connected(mailbox, context or _tls(mailbox))
    try:
        _log_in(client, mailbox, secret)
        yield Folder(client, mailbox)
    finally:
        with contextlib.suppress(*_BROKEN):
            client.logout()
        with contextlib.suppress(*_BROKEN):
            client.shutdown()


def _tls(mailbox: Mailbox) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if mailbox.ca:
        try:
            context.load_verify_locations(mailbox.ca)
        except (OSError, ssl.SSLError) as error:
            raise MailboxError(f"the certificates in {mailbox.ca} cannot be read: {_said(error)}") from error
    return context


def _connected(mailbox: Mailbox, context: ssl.SSLContext) -> IMAPClient:
    where = f"mail server {mailbox.host}:{mailbox.port}"
    client = None
    try:
        client = IMAPClient(
            mailbox.host,
            port=mailbox.port,
            ssl=mailbox.tls is Tls.IMPLICIT,
            ssl_context=context if mailbox.tls is Tls.IMPLICIT else None,
            timeout=mailbox.timeout.total_seconds(),
        )
        if mailbox.tls is Tls.STARTTLS:
            client.starttls(context)
    except _BROKEN as error:
        if client is not None:
            with contextlib.suppress(*_BROKEN):
                client.shutdown()
        raise MailboxError(f"{where}: {_said(error)}") from error
    return client


def _log_in(client: IMAPClient, mailbox: Mailbox, secret: Callable[[str], str]) -> None:
    where = f"mail server {mailbox.host}:{mailbox.port}"
    try:
        password = secret(mailbox.password)
    except NetcaseError as error:
        raise MailboxError(f"{where}: no password: {error}") from error
    try:
        if not (mailbox.username + password).isascii() and client.has_capability("AUTH=PLAIN"):
            client.plain_login(mailbox.username, password)  # LOGIN carries ASCII only, PLAIN carries UTF-8 (RFC 4616)
        else:
            client.login(mailbox.username, password)
    except IMAPClientError:  # the server's sentence is left out: it may quote what it was sent
        raise MailboxError(f"{where}: refused the login of {mailbox.username}") from None
    except (OSError, EOFError, LookupError, TypeError) as error:
        raise MailboxError(f"{where}: {type(error).__name__} at the login") from None
    except ValueError:
        raise MailboxError(f"{where}: the password holds characters that IMAP cannot carry") from None


def _utc(at: Any) -> datetime | None:
    """IMAPClient hands out the time of this machine's zone, without saying so."""
    return at.astimezone(UTC) if isinstance(at, datetime) else None


def _said(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]
