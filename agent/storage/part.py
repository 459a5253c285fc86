"""What the parts of a transaction share: its connection, and how a row is written once or written over."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from agent.observation import Subject

# PostgreSQL's advisory locks: one number each for what may be done by one transaction at a time
ALL_FAULTS, LEASING, MIGRATING = 0x6E63_0001, 0x6E63_0002, 0x6E63_0003
ONE_DEVICE = 0x6E63  # with the hash of its name


class Part:
    """`durable`: something was written that a power failure must not undo; the store then waits for the disk."""

    def __init__(self, connection: Connection, *, writing: bool = True) -> None:
        self._connection = connection
        self._writing = writing
        self.durable = False
        self._bodies: dict[int, tuple[Any, Any]] = {}  # polls that were read or written here, with their columns
        self._turn = ""  # whose: none, some devices', all's

    @contextmanager
    def apart(self) -> Iterator[None]:
        with self._connection.begin_nested():
            yield

    @property
    def _on_postgres(self) -> bool:
        return self._connection.dialect.name == "postgresql"

    def _take_turns(self, device: str | None) -> None:
        """Wait for other writing transactions about the device (None: about any). SQLite has one writer anyway.

        Who has his turn for one device and then looks at all only looks: to wait for all as well, while others hold
        one and want all, would wait for ever.
        """
        if not (self._writing and self._on_postgres) or self._turn == "all" or (device is None and self._turn):
            return
        if device is None:
            self._turn = "all"
            self._connection.execute(select(func.pg_advisory_xact_lock(ALL_FAULTS)))
        else:
            self._turn = "some"
            one = func.pg_advisory_xact_lock(ONE_DEVICE, func.hashtext(device))
            self._connection.execute(select(func.pg_advisory_xact_lock_shared(ALL_FAULTS), one))

    def _upsert(self, table: Table, rows: Iterable[Mapping[str, Any]], *, unless_newer: str = "") -> None:
        """Insert, or write over the row with the same primary key, unless that one is later by the named column.

        CollisionError for any other unique key.
        """
        batch = list(rows)
        if batch:
            self._connection.execute(_upsert(table, self._connection.dialect.name, unless_newer), _one_or_many(batch))

    def _insert_new(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """Insert those that break no unique key, leave the others out."""
        batch = list(rows)
        if batch:
            self._connection.execute(_insert_new(table, self._connection.dialect.name), _one_or_many(batch))


def _one_or_many(rows: list[Mapping[str, Any]]) -> Any:
    """A single row goes as one statement, which costs PostgreSQL half of what a batch of one does."""
    return rows[0] if len(rows) == 1 else rows


@lru_cache
def _upsert(table: Table, dialect: str, unless_newer: str) -> Insert:
    keys = [column.name for column in table.primary_key]
    rest = [column.name for column in table.columns if column.name not in keys]
    into = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    new = into.excluded
    where = table.c[unless_newer] <= new[unless_newer] if unless_newer else None
    return into.on_conflict_do_update(index_elements=keys, set_={each: new[each] for each in rest}, where=where)


@lru_cache
def _insert_new(table: Table, dialect: str) -> Insert:
    into = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return into.on_conflict_do_nothing()


def subject_columns(subject: Subject) -> dict[str, str]:
    return {"device": subject.device, "component": subject.kind, "component_name": subject.name}


def subject_of(row: Row[Any]) -> Subject:
    return Subject(row.device, row.component, row.component_name)


def columns_of(thing: Any, *, but: Iterable[str] = ()) -> dict[str, Any]:
    """A dataclass's fields as a row of the same names; `subject` spread over its columns, `case` as `case_number`."""
    row = {name: getattr(thing, name) for name in _fields(type(thing)) if name not in but}
    if "subject" in row:
        row |= subject_columns(row.pop("subject"))
    if "case" in row:
        row["case_number"] = row.pop("case") or None
    return row


def made_of(what: type[Any], row: Row[Any], **others: Any) -> Any:
    """The inverse of `columns_of`; `others` are taken as they are given."""
    found = row._mapping
    values: dict[str, Any] = {}
    for name in _fields(what):
        if name in others:
            values[name] = others[name]
        elif name == "subject":
            values["subject"] = subject_of(row)
        elif name == "case":
            values["case"] = found["case_number"] or 0
        else:
            values[name] = found[name]
    return what(**values)


_KNOWN: dict[type[Any], tuple[str, ...]] = {}


def _fields(what: type[Any]) -> tuple[str, ...]:
    if what not in _KNOWN:
        _KNOWN[what] = tuple(field.name for field in fields(what))
    return _KNOWN[what]
