"""SQLite's own ways: how a connection is set up, how a writer begins, what reaches the disk when.

https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous
"""

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from agent.errors import StoreError
from agent.storage import trouble

LOG_LIMIT = 64 * 1024 * 1024  # bytes; what the write-ahead log is cut to after a checkpoint


def check(path: str) -> None:
    """The file's place, before it is opened; a new file may be read by its owner only."""
    file = Path(path)
    if file.is_dir():
        raise StoreError(f"The database {path} is a directory: name a file in it, such as {path}/netcase.db")
    if not file.parent.is_dir():
        raise StoreError(f"The directory {file.parent} does not exist: create it, or name another")
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StoreError(
            f"The database {path} cannot be opened for writing ({error.strerror}): "
            "give the user that netcase runs as the right to write there, or name another"
        ) from error


def tune(engine: Engine, *, reading: bool) -> None:
    """Set up each connection; a writer's transaction takes the lock as it begins, so that it never has to give up."""

    def connected(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute(f"PRAGMA journal_size_limit={LOG_LIMIT}")
        cursor.execute("PRAGMA trusted_schema=OFF")
        if reading:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)


def prepare(engine: Engine, path: str) -> None:
    """Switch the file to a write-ahead log, which it then keeps.

    Two programs that do so at once on a new file disturb each other, and SQLite does not wait by itself here.
    """
    try:
        connection = engine.raw_connection()
        try:
            _switch(connection.cursor(), path)
        finally:
            connection.close()
    except sqlite3.Error as error:  # a raw connection's errors do not pass by the engine
        raise trouble.error(error, path) from error


def _switch(cursor: Any, path: str) -> None:
    for attempt in range(100):
        try:
            if cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0] == "wal":
                return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or attempt == 99:
                raise
            time.sleep(0.02)
    raise StoreError(f"The database {path} cannot be switched to a write-ahead log")


def sync(path: str) -> None:
    """Wait until what was committed is on the disk: the log's bytes, as `synchronous=FULL` does at each commit.

    Between the commit and this, a checkpoint may have moved the bytes to the database's file; it syncs both by itself.
    No lock of SQLite's lies on the log's file, so that closing it here releases none.
    """
    try:
        file = os.open(path + "-wal", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # the last connection was closed, which is a checkpoint
    try:
        os.fdatasync(file)
    except OSError as error:
        raise StoreError(
            f"The disk under the database {path} reports an error: check the disk and the system's log "
            f"({error.strerror})"
        ) from error
    finally:
        os.close(file)
