"""Opens what an agent needs, in an order in which the first thing that is missing is told.

What is dear to import is imported where it is used: `netcase --help` shall not wait for a database driver.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent import settings
from agent.errors import StoreError
from agent.inventory.device import Secret
from agent.inventory.inventory import Inventory
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.storage.engine import SqlStore
    from agent.storage.evidence import FileEvidence


def now() -> datetime:
    return datetime.now(UTC)


def reveal(reference: Secret) -> str:
    return settings.secret(str(reference))


def own_platforms(environment: Mapping[str, str] = os.environ) -> None:
    """The operator's data files of devices that netcase does not know. Raises UsageError, which names the file."""
    if folder := environment.get("NETCASE_PLATFORMS"):
        from collectors.snmp import profiles

        profiles.add(Path(folder).expanduser())


def own_rules(environment: Mapping[str, str] = os.environ) -> None:
    """The operator's rules, laid over the shipped ones. Raises InventoryError with every problem, or UsageError."""
    if file := environment.get("NETCASE_RULES"):
        from agent.faults import rules

        path = Path(file).expanduser()
        rules.use(rules.parse(settings.read_text(path), str(path)))


def read_inventory(path: Path, *, secrets: bool = True) -> Inventory:
    """Raises InventoryError with every problem, or UsageError when the file cannot be read.

    Without `secrets` it is not a problem that one is not set here: who only looks asks no device.
    """
    from agent.inventory import parse

    if not secrets:
        return parse.parse(settings.read_text(path), str(path), lambda _: "not asked for", lambda _: True)
    return parse.parse(settings.read_text(path), str(path), os.environ.get, settings.readable)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered."""

    store: "SqlStore"
    evidence: "FileEvidence"
    folder: Path


@contextlib.contextmanager
def memory(chosen: Settings) -> Iterator[Memory]:
    """The store and the evidence; several programs may have them open at once."""
    from agent.storage.engine import open_store
    from agent.storage.evidence import FileEvidence

    try:
        chosen.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(
            f"the data folder {chosen.data} cannot be made: {error.strerror}; choose another with --data"
        ) from error
    store = open_store(chosen.database_url)
    try:
        yield Memory(store, FileEvidence(chosen.data / "evidence"), chosen.data)
    finally:
        store.close()


@contextlib.contextmanager
def alone(chosen: Settings) -> Iterator[None]:
    """One agent at a time in a data folder, for as long as its process lives."""
    try:
        chosen.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(chosen.data / "agent.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"{chosen.data} cannot be written: {error.strerror}; choose another with --data") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise StoreError(
            f"another agent is running on {chosen.data}: stop it, or give this one a folder of its own with --data"
        ) from error
    try:
        yield
    finally:
        os.close(handle)
