"""`netcase demo --once`, and the commands that a newcomer tries beside it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str, cwd: Path, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    given = {k: v for k, v in os.environ.items() if not k.startswith("NETCASE_")}
    return subprocess.run(
        [sys.executable, "-m", "agent", *words],
        cwd=cwd, capture_output=True, text=True, timeout=240, check=False,
        env={**given, "PYTHONPATH": str(ROOT), **(environment or {})},
    )  # fmt: skip


@pytest.mark.timeout(300)
def test_the_demonstration_shows_one_fault_become_one_case_and_leaves_everything_to_look_at(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    done = run("demo", "--once", "--folder", str(folder), "-i", str(ROOT / "inventory.yaml"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["ok"], len(told["cases"]), told["second_notifications"]) == (True, 1, 0)
    (case,) = told["cases"]
    assert (case["kind"], case["severity"], case["state"]) == ("interface_down", "P2", "monitoring")
    assert {"sh-rt-1"} <= set(told["symptoms"])
    assert all(Path(path).is_file() for path in told["reports"])
    assert {"show_version", "case"} <= {p.stem.removeprefix("bj-core-1-") for p in (folder / case["name"]).iterdir()}

    lines = (folder / "env").read_text("utf-8").splitlines()
    environment = dict(line.removeprefix("export ").split("=", 1) for line in lines)
    environment = {name: value.strip("'") for name, value in environment.items()}
    for words in (["check"], ["status"], ["cases"], ["explain", case["name"]], ["case", "show", "1"], ["events"]):
        assert run(*words, cwd=tmp_path, environment=environment).returncode == 0
    explained = run("explain", "1", "--json", cwd=tmp_path, environment=environment)
    outcomes = {d["what"]: d["outcome"] for d in json.loads(explained.stdout)["decisions"]}
    assert outcomes["severity"] == "P2"


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    done = run("demo", "--once", "--folder", str(tmp_path), "-i", str(ROOT / "inventory.yaml"), cwd=tmp_path)
    assert done.returncode == 3
    assert "--folder" in done.stderr
    assert (tmp_path / "precious").exists()
