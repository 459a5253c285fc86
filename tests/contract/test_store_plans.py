"""What is asked again and again reads what is open, and not all that ever was: faults and cases stay for ever."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from agent.faults.fault import FaultKind
from agent.observation import ComponentKind
from agent.storage.engine import open_store
from tests.story import START


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        found.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "question",
    [
        lambda tx: tx.open_faults(),
        lambda tx: tx.open_faults("r1"),
        lambda tx: tx.open_faults(component=ComponentKind.RULE),
        lambda tx: tx.explained_by(["f1", "f2"]),
        lambda tx: tx.faults(start=START, kind=FaultKind.DEVICE_RESTARTED),
        lambda tx: tx.faults(start=START, device="r1"),
        lambda tx: tx.live_cases(),
        lambda tx: tx.mark(),
        lambda tx: tx.recovered(),
    ],
)
def test_settling_does_not_read_what_is_over(tmp_path: Path, question: Any) -> None:
    path = tmp_path / "plans.db"
    store = open_store(f"sqlite:///{path}")
    with asked() as questions, store.read() as tx:
        question(tx)
    store.close()
    questions = [each for each in questions if "FROM faults" in each[0] or "FROM cases" in each[0]]
    assert questions
    with sqlite3.connect(path) as database:
        for statement, parameters in questions:
            plan = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            scans = [step for step in plan if step.startswith(("SCAN faults", "SCAN cases"))]
            few = ("open_faults_of_", "one_open_fault_of_a_key", "one_live_case_of_a_problem")
            assert all(any(index in scan for index in few) for scan in scans), plan
