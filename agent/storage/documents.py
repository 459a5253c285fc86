"""Finished reports and inspections, and the maintenance windows added at run time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from agent.inventory.windows import Window
from agent.storage import tables
from agent.storage.part import Part, columns_of, made_of

_SELECTORS = ("devices", "sites", "customers", "tags")


class Documents(Part):
    def windows(self) -> tuple[Window, ...]:
        """Those added at run time, earliest first; the inventory's are beside them."""
        rows = self._connection.execute(select(tables.windows).order_by(tables.windows.c.starts)).all()
        found = [made_of(Window, row, **{each: frozenset(row._mapping[each]) for each in _SELECTORS}) for row in rows]
        return tuple(sorted(found, key=lambda window: (window.starts, window.name)))

    def save_window(self, window: Window) -> None:
        """Insert or update by name."""
        self.durable = True
        self._upsert(tables.windows, [columns_of(window)])

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
