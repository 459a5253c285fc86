import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from agent.cases.case import Case
from agent.metrics import Metrics
from agent.ports import Store
from agent.storage.engine import SqlStore, open_store
from agent.web import site
from tests.web import network


class Files:
    """Evidence in one folder by content hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()

    def put(self, path: Path) -> tuple[str, int]:
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        path.rename(self._folder / sha256)
        return sha256, len(content)

    def path(self, sha256: str) -> Path:
        return self._folder / sha256


def reports(name: str, key: str, language: str, form: str) -> bytes:
    """Stands for the reports, which are made elsewhere: says what it was asked for."""
    return f"<p style='color:red'>{name} {key} {language} {form}</p>".encode()


@dataclass(frozen=True)
class Site:
    """The site reads and never writes, so that all tests share one that is empty and one that tells the story."""

    store: SqlStore
    files: Files
    app: FastAPI
    case: Case | None


def _site(folder: Path, *, full: bool) -> Iterator[Site]:
    store, files, inventory = (
        open_store(f"sqlite:///{folder}/netcase.db"),
        Files(folder / "evidence"),
        network.inventory(),
    )
    case = network.fill(store, files, folder) if full else None
    metrics = Metrics(CollectorRegistry(), "0.1.0")
    hosts = ["noc.example.net"]
    yield Site(
        store,
        files,
        site.create(store, inventory, files, metrics, lambda: network.NOW, reports, allow_hosts=hosts),
        case,
    )
    store.close()


@pytest.fixture(scope="session")
def full_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from _site(tmp_path_factory.mktemp("full"), full=True)


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from _site(tmp_path_factory.mktemp("empty"), full=False)


@pytest.fixture
def case(full_site: Site) -> Case:
    """A test that asks for it gets the site on which the story is told."""
    assert full_site.case
    return full_site.case


@pytest.fixture
def shown(request: pytest.FixtureRequest) -> Site:
    return request.getfixturevalue("full_site" if "case" in request.fixturenames else "empty_site")


@pytest.fixture
def store(shown: Site) -> Store:
    return shown.store


@pytest.fixture
def files(shown: Site) -> Files:
    return shown.files


@pytest.fixture
def client(shown: Site) -> TestClient:
    return TestClient(shown.app, base_url="http://localhost", raise_server_exceptions=False)
