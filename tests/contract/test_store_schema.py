"""The schema that the migrations make, on both databases."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine.url import make_url

from agent.storage import schema
from agent.storage.engine import open_store
from agent.storage.tables import metadata

ROOT = Path(__file__).parents[2]


@pytest.fixture
def migrated(fresh_url: str) -> Iterator[Connection]:
    open_store(fresh_url).close()
    yield from _connected(fresh_url)


def _connected(url: str) -> Iterator[Connection]:
    drivers = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
    found = make_url(url)
    engine = create_engine(found.set(drivername=drivers[found.get_backend_name()]))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _indexes(connection: Connection) -> set[str]:
    """Every index as the database tells it, conditions included."""
    if connection.dialect.name == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    else:
        query = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename != 'alembic_version'"
    return {" ".join(str(row[0]).split()) for row in connection.execute(text(query))}


def _is_compared(_thing: object, name: str | None, _kind: str, _reflected: bool, _other: object) -> bool:
    """Not the index of SQLite's FTS5, which is a table with tables of its own, nor PostgreSQL's of the same name."""
    return not str(name).startswith("texts_by_word")


def test_the_search_has_its_index(migrated: Connection) -> None:
    if migrated.dialect.name == "sqlite":
        made = migrated.execute(text("SELECT sql FROM sqlite_master WHERE name = 'texts_by_word'")).scalar_one()
        assert "USING fts5" in made
    else:
        assert any("texts_by_word ON public.texts USING gin" in line for line in _indexes(migrated))


def test_the_migrations_make_the_tables_that_the_code_knows(migrated: Connection) -> None:
    opts = {"compare_type": True, "compare_server_default": True, "include_object": _is_compared}
    context = MigrationContext.configure(migrated, opts=opts)
    assert compare_metadata(context, metadata) == []


def test_the_migrations_make_every_index_with_its_condition(migrated: Connection) -> None:
    made = _indexes(migrated)
    migrated.execute(text("DROP TABLE alembic_version"))
    metadata.drop_all(migrated)
    assert _indexes(migrated) == set()
    metadata.create_all(migrated)
    assert _indexes(migrated) == made
    assert sum("UNIQUE INDEX one_" in line for line in made) >= 4


def test_opening_twice_and_at_once_is_fine(fresh_url: str) -> None:
    first = open_store(fresh_url)
    second = open_store(fresh_url)
    with first.begin() as tx:
        assert tx.live_cases() == ()
        with second.read() as other:
            assert other.live_cases() == ()
        open_store(fresh_url).close()
    first.close()
    second.close()


def test_several_programs_may_open_a_fresh_database_at_once(fresh_url: str) -> None:
    program = (
        "import sys\n"
        "from agent.storage.engine import open_store\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "store = open_store(sys.argv[1])\n"
        "with store.begin() as tx:\n    print(len(tx.live_cases()))\n"
        "store.close()\n"
    )
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", program, fresh_url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for each in programs:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in programs:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    for each in programs:
        told, trouble = each.communicate(timeout=60)
        assert (each.returncode, told) == (0, "0\n"), trouble


def test_there_is_one_line_of_migrations_and_they_are_numbered() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    assert len(script.get_heads()) == 1
    known = [each.revision for each in script.walk_revisions()]
    assert tuple(reversed(known)) == schema.revisions()
    assert schema.revisions() == tuple(f"{number:04d}" for number in range(1, len(known) + 1))


def test_a_database_that_is_up_to_date_is_opened_without_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/netcase.db"
    open_store(url).close()
    program = (
        "import sys\n"
        "from agent.storage.engine import open_store\n"
        "open_store(sys.argv[1]).close()\n"
        "print([name for name in sys.modules if name.startswith('alembic')])\n"
    )
    command = [sys.executable, "-c", program, url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
