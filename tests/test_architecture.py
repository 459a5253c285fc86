"""The house holds itself to its own rules: who may import whom, what lies where, who reads the clock."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("agent", "collectors", "reports")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

TOP_LEVEL = {
    *{"agent", "collectors", "reports", "inventory.yaml", "tests", "pyproject.toml"},
    *{"README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "docs", ".ci", "requirements.lock"},
    ".gitignore",
}
READS_THE_CLOCK = ("collectors/", "agent/channels/", "agent/demo/", "agent/app/")
CLOCKS = {
    *{("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")},
    *{("time", "time"), ("time", "time_ns")},
}
DEAR = ("apscheduler", "cryptography", "fastapi", "jinja2", "netmiko", "paramiko", "pydantic", "pysnmp", "sqlalchemy")
LONGEST = 450  # lines; the aim is about 100, and a long file that reads well beats three read together
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "manager", "common", "base", "misc"}


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_import_contract_is_kept():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache", "--config", "pyproject.toml"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_contract_makes_an_exception():
    for contract in CONTRACTS:
        assert not {"ignore_imports", "unmatched_ignore_imports_alerting"} & set(contract), contract["name"]


def test_every_module_of_the_agent_has_its_floor():
    (floors,) = (contract for contract in CONTRACTS if contract["type"] == "layers")
    assert floors["exhaustive"] is True
    listed = {name.strip() for layer in floors["layers"] for name in layer.replace(":", "|").split("|")}
    there = {
        path.stem for path in (ROOT / "agent").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert there - {"__init__", *floors["exhaustive_ignores"]} == listed


@pytest.mark.parametrize("module", ["asyncio", "logging", "os", "pathlib", "random", "socket", "sqlalchemy", "time"])
def test_what_decides_is_forbidden_to_import(module):
    (contract,) = (contract for contract in CONTRACTS if contract["name"].startswith("Decisions do no IO"))
    assert module in contract["forbidden_modules"]
    assert {f"agent.{name}" for name in ("cases", "faults", "inspection", "inventory", "notifications")} <= set(
        contract["source_modules"]
    )


def test_the_top_level_is_the_one_that_was_drawn():
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a git clone: what belongs to the project cannot be told from what was made")
    assert {line.partition("/")[0] for line in done.stdout.splitlines()} <= TOP_LEVEL
    assert all((ROOT / name).exists() for name in TOP_LEVEL)


def test_the_clock_is_read_at_the_edges_only():
    readers = [
        f"{named(path)}:{call.lineno}"
        for path in sources()
        if not named(path).startswith(READS_THE_CLOCK)
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Attribute) and (ast.unparse(call.value).rpartition(".")[2], call.attr) in CLOCKS
    ]
    assert readers == [], "take `now` as an argument, or a clock as a parameter"


def test_no_file_is_longer_than_one_can_read():
    lengths = {named(path): len(path.read_text().splitlines()) for path in sources()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_no_module_has_a_name_that_says_nothing():
    assert [named(path) for path in sources() if path.stem in NAMES_THAT_SAY_NOTHING] == []


def test_test_files_have_names_of_their_own():
    """pytest's importlib mode allows twins; xdist's reports and readers do not."""
    stems = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(stems) == sorted(set(stems))


def test_asking_for_help_waits_for_nothing_dear():
    """A second of imports, before every command that a person types, is a second too many."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "agent", "--help"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "typer" in imported
    assert imported.isdisjoint(DEAR), "import it in the function that needs it"
