"""The mailbox in which people write to us: where it is, and whose mails are acted on."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

MEGABYTE = 1 << 20
HARMFUL = (
    *("ade", "app", "bat", "chm", "cmd", "com", "cpl", "dll", "exe", "hta", "img", "iso", "jar", "js", "jse", "lnk"),
    *("mde", "msc", "msi", "msp", "pif", "ps1", "reg", "scr", "sct", "vb", "vbe", "vbs", "vhd", "wsc", "wsf", "wsh"),
)


class Senders(StrEnum):
    """Whose mails open cases."""

    CONTACTS = "contacts"  # people of the inventory, at customers and of ours
    KNOWN_DOMAINS = "known_domains"  # whoever writes from a domain of such a person
    ANYONE = "anyone"


class Tls(StrEnum):
    IMPLICIT = "implicit"  # from the first byte
    STARTTLS = "starttls"
    NONE = "none"  # only on this machine


class Filing(StrEnum):
    """What is done to a mail on the server when it was taken."""

    SEEN = "seen"  # marked as read
    FOLDERS = "folders"  # and moved into a folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    host: str
    port: int = 993
    tls: Tls = Tls.IMPLICIT
    ca: str = ""  # file with certificates that are believed beside the machine's own
    username: str = ""
    password: str = ""  # a reference: env:NAME or file:/path
    address: str = ""  # under which people write to it; empty: the username, where it is an address
    folder: str = "INBOX"
    every: timedelta = timedelta(seconds=30)
    timeout: timedelta = timedelta(seconds=30)
    senders: Senders = Senders.CONTACTS
    trusted_authserv_id: str = ""
    filing: Filing = Filing.SEEN
    done: str = "netcase/done"
    refused: str = "netcase/refused"
    largest_mb: int = 25
    attachment_mb: int = 10
    attachments: int = 20
    refused_types: tuple[str, ...] = HARMFUL
    per_sender: int = 20  # mails of one sender that are acted on in an hour
    openings: int = 60  # cases that are opened in an hour

    @property
    def key(self) -> str:
        """What its mails are remembered by: the folder of a user on a server."""
        return f"{self.username}@{self.host}:{self.port}/{self.folder}"
