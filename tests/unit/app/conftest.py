"""The store that delivery and reports work on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.storage.engine import SqlStore, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'netcase.db'}")
    yield opened
    opened.close()
