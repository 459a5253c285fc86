"""The options that many commands share, and what they stand for."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from agent import locale, settings
from agent.app import compose
from agent.app.compose import Memory
from agent.errors import StoreError, UsageError
from agent.inventory import inventory as inventories
from agent.inventory.windows import FOREVER
from agent.settings import Settings

Inventory = Annotated[Path | None, typer.Option("-i", "--inventory", help="The inventory; default inventory.yaml.")]
Data = Annotated[Path | None, typer.Option("--data", help="Folder for database, evidence, reports; netcase-data.")]
Database = Annotated[
    str | None, typer.Option("--database", help="postgresql://… instead of SQLite in the data folder.")
]
PublicUrl = Annotated[
    str | None, typer.Option("--public-url", help="Address under which customers reach their pages; https://…")
]
SiteUrl = Annotated[str | None, typer.Option("--site-url", help="Address of the web page in mails to us; http://…")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Lang = Annotated[str | None, typer.Option("--lang", help="en or zh_CN; default from LANG.")]
From = Annotated[str | None, typer.Option("--from", help="ISO time, or as 24h or 7d: so long ago.")]
To = Annotated[str | None, typer.Option("--to", help="ISO time; default now.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most so many.")]


def chosen(
    inventory: Path | None = None, data: Path | None = None, database: str | None = None, **ports: str | None
) -> Settings:
    return settings.read({"inventory": inventory, "data": data, "database": database, **ports})


def network(inventory: Path | None) -> inventories.Inventory:
    """For commands that only look at what is known: they need no secret of any device."""
    return compose.read_inventory(chosen(inventory).inventory, secrets=False)


@contextmanager
def existing(data: Path | None, database: str | None) -> Iterator[Memory]:
    """The store of an agent that ran before. Raises StoreError when there is none."""
    found = chosen(data=data, database=database)
    if not found.database and not (found.data / "netcase.db").exists():
        raise StoreError(f"there is no netcase data in {found.data}: start `netcase run`, or say where with --data")
    with compose.memory(found) as memory:
        yield memory


def language(asked: str | None) -> str:
    if asked is not None and asked not in locale.LANGUAGES:
        raise UsageError(f"--lang {asked} is not known: write one of {', '.join(locale.LANGUAGES)}")
    return asked or locale.match((os.environ.get("LC_ALL") or os.environ.get("LANG") or "en").replace("_", "-"))


def when(text: str | None) -> datetime | None:
    """None where nothing was given."""
    return moment(text, compose.now()) if text is not None else None


def moment(text: str | None, otherwise: datetime) -> datetime:
    """`2026-11-21T08:00+08:00` (UTC without a zone), or `24h`, `7d`, `30m` ago."""
    if text is None:
        return otherwise
    units = {"m": "minutes", "h": "hours", "d": "days"}
    try:
        if _is_length(text):
            found = compose.now() - timedelta(**{units[text[-1]]: int(text[:-1])})
        else:
            found = datetime.fromisoformat(text)
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise UsageError(f"{text!r} is no time: write 2026-11-21T08:00 or 24h") from None
    if not _EARLIEST <= found.year < FOREVER.year:
        raise UsageError(f"{text!r} is too far away: write a year from {_EARLIEST} to {FOREVER.year - 1}")
    return found


_EARLIEST = 1970


def _is_length(text: str) -> bool:
    return text[-1:] in {"m", "h", "d"} and text[:-1].isascii() and text[:-1].isdigit()


def actor(who: str | None) -> str:
    """Who does it: as given, else the user who is logged in."""
    return who or getpass.getuser()


def seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


def ahead(text: str, now: datetime) -> datetime:
    """The same forwards: `4h` is four hours from now."""
    found = moment(text, now)
    return now + (now - found) if _is_length(text) else found
