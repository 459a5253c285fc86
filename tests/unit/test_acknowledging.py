"""`netcase acknowledge` and `netcase faults --suppressed` on a database of their own."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.cli import cli
from agent.errors import UsageError
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.observation import ComponentKind, Subject
from agent.storage.engine import open_store

PORT = Subject("acc1", ComponentKind.INTERFACE, "Gi1/0/3")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    store = open_store(f"sqlite:///{tmp_path / 'netcase.db'}")
    began = datetime.now(UTC) - timedelta(minutes=5)
    fault = Fault(
        id="f1",
        subject=PORT,
        kind=FaultKind.INTERFACE_DOWN,
        state=FaultState.CONFIRMED,
        began=began,
        confirmed=began,
        reason="oper down, admin up",
    )
    with store.begin() as tx:
        tx.save_faults([fault])
    store.close()
    return tmp_path


def run(data: Path, *words: str) -> str:
    done = CliRunner().invoke(cli, [*words, "--data", str(data)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_what_is_acknowledged_is_kept_with_the_fault_and_on_record(data: Path) -> None:
    said = run(data, "acknowledge", str(PORT), "--why", "the customer moves house", "--by", "Li Na")
    assert "Li Na: the customer moves house" in said
    (fault,) = json.loads(run(data, "faults", "--json"))
    assert fault["acknowledged"] == "Li Na: the customer moves house"
    assert "acknowledged: Li Na" in run(data, "explain", "acc1", "--lang", "en")


def test_it_can_be_taken_back(data: Path) -> None:
    run(data, "acknowledge", "acc1", "--why", "known")
    run(data, "acknowledge", "acc1", "--undo")
    (fault,) = json.loads(run(data, "faults", "--json"))
    assert fault["acknowledged"] == ""


def test_what_is_not_broken_or_not_explained_is_refused(data: Path) -> None:
    for words in (["acknowledge", "acc2", "--why", "known"], ["acknowledge", "acc1"]):
        with pytest.raises(UsageError):
            run(data, *words)


def test_the_ledger_is_told_with_reason_and_since_for_people_and_for_programs(data: Path) -> None:
    (line,) = json.loads(run(data, "faults", "--suppressed", "--json"))
    assert line["why"]["word"] == "settling"
    assert line["since"] == line["confirmed"]
    assert "收敛等待" in run(data, "faults", "--suppressed", "--lang", "zh_CN")
    assert json.loads(run(data, "faults", "--reason", "maintenance", "--json")) == []
