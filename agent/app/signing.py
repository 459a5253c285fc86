"""The key that links to the site are signed with, and the addresses that they begin with."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from agent import settings
from agent.cases.links import SHORTEST_KEY, Links
from agent.errors import StoreError, UsageError
from agent.settings import Settings

KEY_FILE, ADDRESS_FILE = "link.key", "addresses"


def links(folder: Path, environment: Mapping[str, str] = os.environ) -> Links | None:
    """As NETCASE_PUBLIC_URL and NETCASE_SITE_URL say, else as the agent was told that ran last on this folder; None
    where nobody said under which address anybody reaches the site.

    Raises UsageError, UnavailableError or StoreError when there is no key to be had.
    """
    public, site = _remembered(folder)
    public, site = settings.url("public_url", environment) or public, settings.url("site_url", environment) or site
    return _made(folder, public, site, environment)


def of_agent(chosen: Settings, folder: Path) -> Links | None:
    """The same, and other commands on this folder find out."""
    with contextlib.suppress(OSError):  # a folder that cannot be written is told of by the database
        (folder / ADDRESS_FILE).write_text(f"{chosen.public_url}\n{chosen.site_url}\n", encoding="utf-8")
    return _made(folder, chosen.public_url, chosen.site_url)


def _made(folder: Path, public: str, site: str, environment: Mapping[str, str] = os.environ) -> Links | None:
    return Links(_key(folder, environment), public, site) if public or site else None


def _remembered(folder: Path) -> tuple[str, str]:
    try:
        lines = (folder / ADDRESS_FILE).read_text(encoding="utf-8").split("\n")
        public, site = (settings.web_address(line, ADDRESS_FILE) if line else "" for line in lines[:2])
    except (OSError, ValueError, UsageError):
        return "", ""
    return public, site


def _key(folder: Path, environment: Mapping[str, str]) -> bytes:
    if reference := environment.get("NETCASE_LINK_KEY"):
        try:
            key = settings.secret(reference, environment).encode()
        except UsageError:
            raise UsageError("NETCASE_LINK_KEY holds no reference: write env:NAME or file:/path") from None
        if len(key) < SHORTEST_KEY:
            raise UsageError(
                f"the key that NETCASE_LINK_KEY names has {len(key)} bytes: write at least {SHORTEST_KEY}, "
                "as `openssl rand -hex 32` makes them"
            )
        return key
    return _own_key(folder / KEY_FILE)


def _own_key(file: Path) -> bytes:
    """Made at first need. Several programs may need it first: all have the one that was there first."""
    try:
        if not file.exists():
            _make(file)
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except OSError as error:
        raise StoreError(f"the key of signed links {file} cannot be made or read: {error.strerror}") from error
    except (ValueError, UnicodeDecodeError):
        key = b""
    if len(key) < SHORTEST_KEY:
        raise StoreError(f"the key of signed links {file} is damaged: remove it; links that were sent out stop working")
    return key


def _make(file: Path) -> None:
    """Whole or not at all, and readable by nobody else at any moment."""
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=".link-key-")  # 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(secrets.token_hex(SHORTEST_KEY) + "\n")
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        Path(draft).unlink()
