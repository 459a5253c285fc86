"""Finished reports and inspections, and the maintenance windows added at run time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from agent.inventory.windows import Window
from agent.storage import tables
from agent.storage.journal import Journal
from agent.storage.part import columns_of, made_of

_SELECTORS = ("devices", "sites", "customers", "tags", "components")


class Documents(Journal):
    def windows(self) -> tuple[Window, ...]:
        """Those added at run time, earliest first; the inventory's are beside them."""
        rows = self._connection.execute(select(tables.windows).order_by(tables.windows.c.starts)).all()
        return tuple(sorted((_window(row) for row in rows), key=lambda window: (window.starts, window.name)))

    def save_window(self, window: Window) -> None:
        """Insert or update by name. The journal tells what it was before, so that any past moment can be told again."""
        self.durable = True
        before = next((each for each in self.windows() if each.name == window.name), None)
        self.note("window", {"before": before and written(before), "after": written(window)})
        changes = [[starts.isoformat(), ends.isoformat()] for starts, ends in window.changes]
        row = columns_of(window) | {"lasts": window.lasts.total_seconds(), "changes": changes}
        self._upsert(tables.windows, [row])

    def save_document(self, kind: str, key: str, at: datetime, body: Mapping[str, Any]) -> None:
        """A finished report or inspection as JSON, by kind and key; written over when it is made again."""
        self.durable = True
        self._upsert(tables.documents, [{"kind": kind, "key": key, "at": at, "body": dict(body)}])

    def document(self, kind: str, key: str) -> Mapping[str, Any] | None:
        d = tables.documents.c
        found: Mapping[str, Any] | None = self._connection.execute(
            select(d.body).where(d.kind == kind, d.key == key)
        ).scalar()
        return found

    def documents(self, kind: str, limit: int = 100) -> tuple[tuple[str, datetime], ...]:
        """(key, at), newest first."""
        d = tables.documents.c
        query = select(d.key, d.at).where(d.kind == kind).order_by(d.at.desc(), d.key.desc()).limit(limit)
        return tuple((row.key, row.at) for row in self._connection.execute(query))


def written(window: Window) -> dict[str, Any]:
    """As JSON knows it."""
    times = {"starts": window.starts.isoformat(), "ends": window.ends.isoformat()}
    changes = [[starts.isoformat(), ends.isoformat()] for starts, ends in window.changes]
    named = {each: sorted(getattr(window, each)) for each in _SELECTORS}
    return {**columns_of(window), **times, **named, "lasts": window.lasts.total_seconds(), "changes": changes}


def read_window(body: Mapping[str, Any]) -> Window:
    """The inverse of `written`."""
    times = {each: datetime.fromisoformat(body[each]) for each in ("starts", "ends")}
    changes = tuple((datetime.fromisoformat(starts), datetime.fromisoformat(ends)) for starts, ends in body["changes"])
    named = {each: frozenset(body[each]) for each in _SELECTORS}
    return Window(**{**body, **times, **named, "lasts": timedelta(seconds=body["lasts"]), "changes": changes})


def _window(row: Row[Any]) -> Window:
    named: dict[str, Any] = {each: frozenset(row._mapping[each]) for each in _SELECTORS}
    changes = tuple((datetime.fromisoformat(starts), datetime.fromisoformat(ends)) for starts, ends in row.changes)
    window: Window = made_of(Window, row, **named, lasts=timedelta(seconds=row.lasts), changes=changes)
    return window
