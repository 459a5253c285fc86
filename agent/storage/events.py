"""Syslog messages and traps. Whatever a sender says is cut to a bounded length."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select

from agent.observation import Event, Source, Subject, SyslogSeverity
from agent.storage import tables
from agent.storage.part import Part, made_of

TEXT, WORD, DATA = 4096, 255, 64  # characters, characters, entries

_e = tables.events.c
_SEVERITIES = tuple(SyslogSeverity)


class Events(Part):
    def keep_events(self, events: Iterable[Event]) -> None:
        rows = [_row(event) for event in events]
        if rows:
            self._connection.execute(insert(tables.events), rows)

    def events(
        self,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        device: str | None = None,
        source: Source | None = None,
        severity: SyslogSeverity | None = None,
        names: Sequence[str] | None = None,
        limit: int = 1000,
    ) -> tuple[Event, ...]:
        """Those that arrived in [start, end), newest first; `severity` means that severe or worse."""
        query = select(tables.events).order_by(_e.arrived.desc(), _e.id.desc()).limit(limit)
        if start is not None:
            query = query.where(_e.arrived >= start)
        if end is not None:
            query = query.where(_e.arrived < end)
        if device is not None:
            query = query.where(_e.device == device)
        if source is not None:
            query = query.where(_e.source == source)
        if severity is not None:
            query = query.where(_e.severity <= severity.level)
        if names is not None:
            query = query.where(_e.name.in_(list(names)))
        return tuple(_event(row) for row in self._connection.execute(query))

    def event_counts(self, start: datetime, end: datetime) -> dict[tuple[str, str], int]:
        """Syslog messages in [start, end) by (device or sender, severity's word), in that order."""
        who = func.coalesce(func.nullif(_e.device, ""), _e.sender)
        query = (
            select(who, _e.severity, func.count())
            .where(_e.source == Source.SYSLOG, _e.arrived >= start, _e.arrived < end)
            .group_by(who, _e.severity)
        )
        rows = sorted(tuple(row) for row in self._connection.execute(query))
        return {(name, _SEVERITIES[level].value): count for name, level, count in rows}


def _row(event: Event) -> dict[str, Any]:
    return {
        "device": event.device[:WORD],
        "sender": event.sender[:WORD],
        "source": event.source,
        "arrived": event.arrived,
        "severity": event.severity.level,
        "text": event.text[:TEXT],
        "facility": event.facility[:WORD],
        "mnemonic": event.mnemonic[:WORD],
        "name": event.name[:WORD],
        "subject": None if event.subject is None else str(event.subject)[: 2 * WORD],
        "stamped": event.stamped,
        "data": {str(key)[:WORD]: str(value)[:WORD] for key, value in list(event.data.items())[:DATA]},
    }


def _event(row: Row[Any]) -> Event:
    subject = None if row.subject is None else Subject.parse(row.subject)
    event: Event = made_of(Event, row, subject=subject, severity=_SEVERITIES[row.severity])
    return event
