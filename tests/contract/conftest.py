"""The store under test: every test here runs on SQLite and on PostgreSQL.

PostgreSQL is the server of $NETCASE_TEST_POSTGRES, where each test process makes a database of its own and drops it.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from agent.storage.engine import SqlStore, open_store
from agent.storage.tables import metadata

POSTGRES = os.environ.get("NETCASE_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """A URL with the right to create databases."""
    try:
        with psycopg.connect(POSTGRES, connect_timeout=5):
            return POSTGRES
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL server to test on (set NETCASE_TEST_POSTGRES; Debian package postgresql): {error}")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh and empty database."""
    yield from _database(postgres_server)


@pytest.fixture(scope="session")
def _postgres(postgres_server: str) -> Iterator[SqlStore]:
    for url in _database(postgres_server):
        store = open_store(url)
        yield store
        store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that is new and empty, on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/netcase.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """An empty store, on each kind of database."""
    if request.param == "sqlite":
        opened = open_store(f"sqlite:///{tmp_path}/netcase.db")
        yield opened
        opened.close()
    else:
        opened = request.getfixturevalue("_postgres")
        yield opened
        _empty(opened)


def _database(server: str) -> Iterator[str]:
    name = f"netcase_test_{os.getpid()}_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _empty(store: SqlStore) -> None:
    tables = sql.SQL(", ").join(sql.Identifier(name) for name in metadata.tables)
    with psycopg.connect(store.url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(tables))
