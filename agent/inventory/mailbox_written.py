"""policies.mailbox of inventory.yaml, as it is written."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from agent.inventory.fields import Address, Email, Interval, Port, Reference, Text
from agent.inventory.mailbox import Filing, Mailbox, Senders, Tls
from agent.inventory.problems import Problems, shown
from agent.inventory.section import Section

Ending = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,12}$")]


class WrittenMailbox(Section):
    host: Address
    """The IMAP server."""
    port: Port | None = None
    """Its port; left out: 993, or 143 where `tls` is not implicit."""
    tls: Tls = Tls.IMPLICIT
    """Encrypted from the first byte, by STARTTLS, or not at all, which only a server on this machine may be."""
    ca: Text = ""
    """File with the certificates (PEM) that are believed, where the machine's own do not know the server's."""
    username: Text
    """Name to log in with."""
    password: Reference
    """Password to log in with, by reference."""
    address: Email | None = None
    """The address that people write to, where the username is none."""
    folder: Text = "INBOX"
    """The folder that is read."""
    every: Interval | None = None
    """How often it is looked into."""
    timeout: Interval | None = None
    """How long an answer of the server is waited for."""
    senders: Senders = Senders.CONTACTS
    """Whose mails open cases: people of the inventory, all who write from their domains, or anyone."""
    trusted_authserv_id: Text = ""
    """The name under which your own mail server writes Authentication-Results; without it no sender is proven."""
    filing: Filing = Filing.SEEN
    """What is done to a mail that was taken: marked as read, or also moved into a folder. None is ever deleted."""
    done: Text = "netcase/done"
    """Folder for mails that were acted on."""
    refused: Text = "netcase/refused"
    """Folder for all others."""
    largest_mb: Annotated[int, Field(ge=1, le=100)] = 25
    """Of a larger mail only the header is read."""
    attachment_mb: Annotated[int, Field(ge=1, le=100)] = 10
    """A larger attachment stays in the original mail."""
    attachments: Annotated[int, Field(ge=0, le=100)] = 20
    """So many of a mail are put onto the case; more stay in the original."""
    refused_types: list[Ending] | None = None
    """Endings of attachments that stay in the original; left out: what Windows would run."""
    per_sender: Annotated[int, Field(ge=1, le=10_000)] = 20
    """So many mails of one sender are acted on within an hour; more wait for a person."""
    openings: Annotated[int, Field(ge=1, le=10_000)] = 60
    """So many cases are opened by mail within an hour; what would open more waits for a person."""


def check(written: WrittenMailbox | None, file_readable: Callable[[str], bool] | None, problems: Problems) -> None:
    if written is None:
        return
    at = ("policies", "mailbox")
    if written.tls is Tls.NONE and not _is_here(written.host):
        advice = "Write tls: implicit or tls: starttls"
        problems.add((*at, "tls"), "a password is sent unencrypted only to this machine", advice)
    if written.ca and file_readable is not None and not file_readable(written.ca):
        advice = "Create it, and let the user that runs the agent read it"
        problems.add((*at, "ca"), f"the file {shown(written.ca, 200)} is missing or cannot be read", advice)
    if written.filing is Filing.FOLDERS and written.folder in (written.done, written.refused):
        advice = "Write other folders under done: and refused:"
        problems.add((*at, "folder"), "mails cannot be moved into the folder that they are read from", advice)


def _is_here(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def mailbox(said: Mapping[str, Any]) -> Mailbox:
    """`said`: what was written, without what was left to its default."""
    given = dict(said)
    if "refused_types" in given:
        given["refused_types"] = tuple(ending.lower() for ending in given["refused_types"])
    if "port" not in given and given.get("tls", Tls.IMPLICIT) is not Tls.IMPLICIT:
        given["port"] = 143
    made = Mailbox(**given)
    return made if made.address or "@" not in made.username else replace(made, address=made.username)
