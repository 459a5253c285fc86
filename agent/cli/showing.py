"""How things are printed: tables for people, JSON for programs. Device texts are stripped of control characters."""

import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from agent.cases.case import Case
from agent.observation import Subject

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

SHORT = 24  # columns: what comes first in a row is never broken, unless it is longer
STYLES = {"P1": "bold white on red", "P2": "bold red", "P3": "yellow", "P4": "cyan", "down": "red", "up": "green"}


def console() -> "Console":
    """A terminal's own width; into a pipe or a file lines may be long."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else 200)


def plain(value: Any) -> Any:
    """Anything of ours as JSON knows it."""
    if isinstance(value, Case):
        return {"name": value.name} | {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Subject):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(plain(item) for item in value)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [plain(item) for item in value]
    return value


def dumps(value: Any) -> str:
    return json.dumps(plain(value), ensure_ascii=False, indent=2)


def as_json(value: Any) -> None:
    print(dumps(value))


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], empty: str) -> None:
    from rich import box
    from rich.table import Table

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    texts = [[cell(value) for value in row] for row in rows]
    for place, column in enumerate(columns):
        widest = max((text.cell_len for row in texts for text in row[place : place + 1]), default=0)
        whole = place < 2 and widest <= SHORT
        shown.add_column(column, overflow="fold", no_wrap=whole, min_width=widest if whole else None)
    for row in texts:
        shown.add_row(*row)
    console().print(shown if texts else empty)


def cell(value: Any) -> "Text":
    from rich.text import Text

    text = clean("–" if value in (None, "") else str(value))
    return Text(text, style=STYLES.get(text, ""))


def clean(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else "�" for c in text)


def line(text: str, style: str = "") -> None:
    from rich.text import Text

    console().print(Text(clean(text), style=style))
