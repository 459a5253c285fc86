"""Opens the database and hands out transactions on it, to any number of threads.

What survives what. When `begin()` has returned, `kill -9` loses nothing of it, on either database. A power failure
loses nothing that was decided (faults, cases, states, jobs, windows, documents): such a transaction waits for the
disk. One that only brought measurements (samples, events, coverage) does not; of those the last seconds may be lost,
and the database stays whole. On SQLite that is `synchronous=NORMAL` and a sync of the write-ahead log after the
commits that matter; on PostgreSQL `synchronous_commit` is off for the others.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from agent.errors import StoreError
from agent.storage import schema, sqlite, trouble
from agent.storage.transaction import SqlTransaction

WAIT = timedelta(seconds=30)  # for another writer, for a connection

_KINDS = "sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE"


def open_store(url: str, *, wait: timedelta = WAIT, lasting: bool = True) -> "SqlStore":
    """Open the database and bring its schema up to date.

    `url` is `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`. `wait` is how long to wait for another
    program that holds the database for writing. One that is not `lasting` waits for no disk: it is
    thrown away. Raises StoreError with a sentence that says what to do.
    """
    found = _url(url)
    if found.get_backend_name() == "sqlite":
        store = _sqlite(found, wait)
    else:
        store = _postgres(found, wait)
    store.lasting = lasting
    try:
        with store.translated():
            store.prepare()
    except BaseException:
        store.close()
        raise
    return store


class SqlStore:
    """Implements `ports.Store`. Thread-safe; a transaction belongs to the thread that began it."""

    def __init__(self, url: URL, writers: Engine, readers: Engine) -> None:
        self.url = url
        self.name = trouble.name(url)
        self._writers = writers
        self._readers = readers
        self._on_sqlite = url.get_backend_name() == "sqlite"
        self._here = threading.local()
        self.lasting = True

    def prepare(self) -> None:
        if self._on_sqlite:
            sqlite.prepare(self._writers, str(self.url.database))
        schema.upgrade(self._writers, self._readers, self.name)

    def begin(self) -> AbstractContextManager[SqlTransaction]:
        """Commits on leaving, rolls back when an exception leaves. Raises StoreError.

        On SQLite writers follow each other. Raises RuntimeError inside another `begin()` of the same thread, which
        would wait for itself.
        """
        return self._begin()

    def read(self) -> AbstractContextManager[SqlTransaction]:
        """A transaction that only reads: one moment of the database, and waits for no writer. Raises StoreError."""
        return self._read()

    @contextmanager
    def _begin(self) -> Iterator[SqlTransaction]:
        if getattr(self._here, "writing", False):
            raise RuntimeError("begin() inside begin(): hand the transaction on")
        self._here.writing = True
        try:
            with self.translated():
                with self._writers.begin() as connection:
                    transaction = SqlTransaction(connection)
                    yield transaction
                    if not self._on_sqlite and not transaction.durable:
                        connection.execute(text("SET LOCAL synchronous_commit TO off"))
                if self._on_sqlite and transaction.durable and self.lasting:
                    sqlite.sync(str(self.url.database))
        finally:
            self._here.writing = False

    @contextmanager
    def _read(self) -> Iterator[SqlTransaction]:
        with self.translated(), self._readers.begin() as connection:
            yield SqlTransaction(connection, writing=False)

    def close(self) -> None:
        self._writers.dispose()
        self._readers.dispose()

    @contextmanager
    def translated(self) -> Iterator[None]:
        """What the engine's own event does not see: a pool that ran out, a value that no column takes."""
        try:
            yield
        except SQLAlchemyError as error:
            raise StoreError(f"The database {self.name} cannot be used: {str(error).splitlines()[0]}") from error


def _url(url: str) -> URL:
    try:
        found = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StoreError(f"That is no address of a database: write {_KINDS}") from error
    if found.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return found.set(drivername="postgresql+psycopg")
    if found.drivername != "sqlite":
        raise StoreError(f"netcase does not keep its data in {found.drivername}: write {_KINDS}")
    if found.database in (None, "", ":memory:"):
        raise StoreError("netcase keeps its data in a file: write sqlite:///PATH")
    return found


def _sqlite(url: URL, wait: timedelta) -> SqlStore:
    sqlite.check(str(url.database))
    arguments = {"timeout": wait.total_seconds()}
    writers = create_engine(
        url, connect_args=arguments, pool_size=1, max_overflow=0, pool_timeout=2 * wait.total_seconds()
    )
    readers = create_engine(url, connect_args=arguments, pool_size=8, max_overflow=56)
    sqlite.tune(writers, reading=False)
    sqlite.tune(readers, reading=True)
    return _store(url, writers, readers)


def _postgres(url: URL, wait: timedelta) -> SqlStore:
    arguments: dict[str, Any] = {
        "application_name": "netcase",
        "connect_timeout": max(2, min(10, round(wait.total_seconds()))),
        "options": f"-c lock_timeout={round(wait.total_seconds() * 1000)}",
    }
    arguments = {key: value for key, value in arguments.items() if key not in url.query}
    try:
        writers = create_engine(url, connect_args=arguments, pool_size=8, max_overflow=24, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs the extra `postgres`: pip install 'netcase[postgres]'") from error
    readers = writers.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return _store(url, writers, readers)


def _store(url: URL, writers: Engine, readers: Engine) -> SqlStore:
    trouble.translate(writers, url)
    if readers.pool is not writers.pool:
        trouble.translate(readers, url)
    return SqlStore(url, writers, readers)
