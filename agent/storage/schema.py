"""Brings a database to the schema that this program knows, with Alembic, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, inspect, select

from agent.errors import StoreError
from agent.storage.part import MIGRATING
from agent.storage.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(writers: Engine, readers: Engine, where: str) -> None:
    """In one transaction, so that it is done whole or not at all; one process does it, others wait for that.

    Raises StoreError for a schema newer than this program, and for a database with tables that are not ours.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    with readers.connect() as connection:  # so that a look waits for no writer
        if _present(connection, script, where) == script.get_current_head():
            return
    with _alone(writers) as connection:
        _present(connection, script, where)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _present(connection: Connection, script: ScriptDirectory, where: str) -> str | None:
    """The revision that the database is at; None for an empty one."""
    revision = MigrationContext.configure(connection).get_current_revision()
    known = {each.revision for each in script.walk_revisions()}
    if revision is not None and revision not in known:
        raise StoreError(
            f"The database {where} was written by a newer netcase (its schema is {revision}): "
            "run that version, or restore a backup made with this one"
        )
    if revision is None:
        strange = sorted(set(inspect(connection).get_table_names()) & set(metadata.tables))
        if strange:
            raise StoreError(
                f"The database {where} holds a table {strange[0]} that netcase did not make: name an empty database"
            )
    return revision


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:  # on SQLite this takes the writer's lock
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
        yield connection
