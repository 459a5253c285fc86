"""The store of a story."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.storage.engine import SqlStore, open_store
from tests.contract.conftest import _empty, _postgres, postgres_server  # noqa: F401 - pytest finds fixtures by their names


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'netcase.db'}")
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def each_store(request: pytest.FixtureRequest) -> Iterator[SqlStore]:
    """The same on each kind of database, for stories in which the store itself has a part."""
    if request.param == "sqlite":
        yield request.getfixturevalue("store")
    else:
        opened = request.getfixturevalue("_postgres")
        yield opened
        _empty(opened)
