"""Brings a database to the schema that this program knows, with Alembic, in this process.

Alembic itself is imported when there is something to do, which is once in a release: it takes longer to import than
most commands take to run.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, func, inspect, select, text

from agent.errors import StoreError
from agent.storage.part import MIGRATING
from agent.storage.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"


def revisions() -> tuple[str, ...]:
    """Those that this program knows, oldest first: the numbers that the files' names begin with."""
    return tuple(sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9][0-9][0-9][0-9]_*.py")))


def upgrade(writers: Engine, readers: Engine, where: str) -> None:
    """In one transaction, so that it is done whole or not at all; one process does it, others wait for that.

    Raises StoreError for a schema newer than this program, and for a database with tables that are not ours.
    """
    head = revisions()[-1]
    with readers.connect() as connection:  # so that a look waits for no writer
        if _present(connection, where) == head:
            return
    with _alone(writers) as connection:
        if _present(connection, where) != head:  # nor did another meanwhile
            _migrate(connection)


def _present(connection: Connection, where: str) -> str | None:
    """The revision that the database is at; None for an empty one."""
    names = set(inspect(connection).get_table_names())
    if "alembic_version" in names:
        revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if revision is not None and revision not in revisions():
            raise StoreError(
                f"The database {where} was written by a newer netcase (its schema is {revision}): "
                "run that version, or restore a backup made with this one"
            )
        return revision
    strange = sorted(names & set(metadata.tables))
    if strange:
        raise StoreError(
            f"The database {where} holds a table {strange[0]} that netcase did not make: name an empty database"
        )
    return None


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:  # on SQLite this takes the writer's lock
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
        yield connection
