"""E-mail by SMTP (RFC 5321), with STARTTLS (RFC 3207) and login (RFC 4954)."""

import contextlib
import mimetypes
import re
import smtplib
import ssl
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from ipaddress import ip_address
from pathlib import Path

from agent.cases import threads
from agent.channels.journal import Journal, Past
from agent.errors import DeliveryError, NetcaseError
from agent.inventory.policies import Smtp
from agent.notifications.notification import Notification

ATTACHMENT_LIMIT = 15 * 1024 * 1024  # bytes of one mail; many servers refuse more than 20 MB after base64
_POLICY = SMTP.clone(cte_type="7bit")  # so that no server needs 8BITMIME
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
REPEATED = "X-Netcase-Repeated"  # on a mail that may have arrived before a crash, under the same Message-ID
_GO_ON = 354
_LINE_ENDS = re.compile(rb"\r\n|\r|\n")
_FIRST_DOT = re.compile(rb"^\.", re.MULTILINE)
_IMPLICIT_TLS_PORT = 465  # RFC 8314 §3.3


class EmailChannel:
    """Sends one notification as one mail to one address. `secret` turns the password's reference into the password.

    A 5xx answer about the message is permanent. Everything that somebody can put right while the mail waits is
    not: connection, certificate, login, 4xx answers.
    """

    name = "email"

    def __init__(
        self,
        smtp: Smtp,
        secret: Callable[[str], str],
        *,
        context: ssl.SSLContext | None = None,
        timeout_s: float = 30.0,
        longest_s: float = 60.0,
        journal: Journal | None = None,
    ) -> None:
        self._smtp = smtp
        self._journal = journal
        self._secret = secret
        self._context = context
        self._timeout_s = timeout_s
        self._longest_s = longest_s  # with what ends it no more than a job's lease: else it is sent beside

    def send(self, notification: Notification) -> str:
        """Deliver, blocking for seconds; returns the server's answer to the message. Raises DeliveryError."""
        past = self._journal.of(notification.key) if self._journal else Past()
        if past.said is not None:
            return f"{past.said} (before)"
        mail = compose(notification, self._smtp.sender)
        if past.doubt:
            mail[REPEATED] = "perhaps"
        client: smtplib.SMTP | None = None
        began = time.monotonic()
        try:
            client = self._connect()
            self._protect(client)
            _announce(client, self._smtp.sender, notification.to)
            return self._hand_over(client, notification.key, mail.as_bytes(), began)
        except smtplib.SMTPResponseException as error:
            raise DeliveryError(f"{self._where}: {error.smtp_code} {_line(error.smtp_error)}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"{self._where}: {_line(str(error)) or type(error).__name__}") from error
        finally:
            if client is not None:
                _leave(client)

    def _hand_over(self, client: smtplib.SMTP, key: str, mail: bytes, began: float) -> str:
        """The server has nothing before the dot that ends the message (RFC 5321 §4.1.1.4), and has all when it says
        250: only between these two is there a doubt, and the journal knows of it."""
        code, said = client.docmd("DATA")
        if code != _GO_ON:
            return _accepted("the message", code, said)
        client.send(_dotted(mail))
        if time.monotonic() - began > self._longest_s:
            client.close()  # a farewell would be one more line of the message
            raise DeliveryError(f"{self._where}: took longer than {self._longest_s:g} s until it had the message")
        if self._journal:
            self._journal.ending(key)
        client.send(b".\r\n")
        code, said = client.getreply()
        if self._journal and code // 100 != 2:
            self._journal.refused(key)
        answer = _accepted("the message", code, said)
        if self._journal:
            self._journal.taken(key, answer)
        return answer

    @property
    def _where(self) -> str:
        return f"mail server {self._smtp.host}:{self._smtp.port}"

    def _connect(self) -> smtplib.SMTP:
        host, port = self._smtp.host, self._smtp.port
        if port == _IMPLICIT_TLS_PORT:
            return smtplib.SMTP_SSL(host, port, timeout=self._timeout_s, context=self._tls())
        return smtplib.SMTP(host, port, timeout=self._timeout_s)

    def _protect(self, client: smtplib.SMTP) -> None:
        encrypted = self._smtp.port == _IMPLICIT_TLS_PORT
        if self._smtp.starttls and not encrypted:
            client.starttls(context=self._tls())
            encrypted = True
        if self._smtp.username:
            self._log_in(client, encrypted)

    def _log_in(self, client: smtplib.SMTP, encrypted: bool) -> None:
        if not encrypted and not _is_loopback(self._smtp.host):
            raise DeliveryError(f"{self._where}: a password is only sent encrypted: set `starttls: true`")
        try:
            password = self._secret(self._smtp.password)
        except NetcaseError as error:
            raise DeliveryError(f"{self._where}: no password: {error}") from error
        try:
            client.login(self._smtp.username, password)
        except smtplib.SMTPAuthenticationError as error:
            # The server's sentence is left out: a server may quote what it was sent.
            raise DeliveryError(
                f"{self._where}: refused the login of {self._smtp.username} ({error.smtp_code})"
            ) from None
        except (UnicodeEncodeError, ValueError):
            raise DeliveryError(f"{self._where}: the password holds characters that SMTP cannot carry") from None

    def _tls(self) -> ssl.SSLContext:
        return self._context or ssl.create_default_context()


def message_id(key: str, sender: str) -> str:
    """The same for the same notification however often it is sent, so that a repeat is recognised as one."""
    return f"<{threads.local_part(key)}@{sender.rpartition('@')[2]}>"


def compose(notification: Notification, sender: str) -> EmailMessage:
    """The mail (RFC 5322). Raises DeliveryError (permanent) for an address that is none."""
    for address in (sender, notification.to):
        if not _ADDRESS.fullmatch(address) or ".." in address:
            raise DeliveryError(f"{_line(address)!r} is not an e-mail address", permanent=True)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = sender
    mail["To"] = notification.to
    mail["Subject"] = _line(notification.subject)
    mail["Date"] = formatdate()
    mail["Message-ID"] = message_id(notification.key, sender)
    if notification.answers:
        mail["In-Reply-To"] = mail["References"] = message_id(notification.answers, sender)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    files, missing = _attachments(notification.attachments)
    mail.set_content("\n".join([_text(notification.text), *missing]))
    if notification.html:
        mail.add_alternative(_text(notification.html), subtype="html")
    for name, content in files:
        maintype, _, subtype = (mimetypes.guess_type(name)[0] or "application/octet-stream").partition("/")
        mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    mail["Content-Language"] = "zh-CN" if notification.language == "zh_CN" else "en"
    return mail


def _attachments(paths: tuple[str, ...]) -> tuple[list[tuple[str, bytes]], list[str]]:
    """(name, content) of each file, and a line for each that cannot be sent: the message goes out all the same."""
    files: list[tuple[str, bytes]] = []
    missing: list[str] = []
    room = ATTACHMENT_LIMIT
    for path in map(Path, paths):
        name = _line(path.name)
        try:
            size = path.stat().st_size
            if size > room:
                missing.append(f"[{name}: {size} bytes, too large for a mail]")
                continue
            content = path.read_bytes()
        except OSError as error:
            missing.append(f"[{name}: {error.strerror}]")
            continue
        room -= len(content)
        files.append((name, content))
    return files, missing


def _announce(client: smtplib.SMTP, sender: str, to: str) -> None:
    client.ehlo_or_helo_if_needed()
    _accepted("the sender", *client.mail(sender))
    _accepted(f"the recipient {to}", *client.rcpt(to))


def _dotted(mail: bytes) -> bytes:
    """Lines end as the network wants them, none begins with a lone dot (RFC 5321 §4.5.2), and the last one is whole."""
    lines = _LINE_ENDS.sub(b"\r\n", mail)
    whole = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return _FIRST_DOT.sub(b"..", whole)


def _accepted(what: str, code: int, said: bytes) -> str:
    answer = f"{code} {_line(said)}"
    if code // 100 != 2:
        raise DeliveryError(f"the mail server refused {what}: {answer}", permanent=code // 100 == 5)
    return answer


def _leave(client: smtplib.SMTP) -> None:
    """Whatever happens to QUIT, a message that was accepted stays accepted."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        client.quit()
    client.close()


def _line(text: str | bytes) -> str:
    """One line of at most 500 characters, without control characters: fit for a header, a log, a sentence."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    text = text.encode("utf-8", "replace").decode()
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:500]


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
