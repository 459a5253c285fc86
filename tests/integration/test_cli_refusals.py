"""What a person sees when something is wrong: a sentence that says what to do, the right exit code, no traceback."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from agent.demo import environment

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = str(ROOT / "inventory.yaml")


def netcase(*words: str, cwd: Path, secrets: bool = True, stop_after: float = 30) -> subprocess.CompletedProcess[str]:
    given = {k: v for k, v in os.environ.items() if not k.startswith("NETCASE_")}
    done = subprocess.run(
        [sys.executable, "-m", "agent", *words],
        cwd=cwd, capture_output=True, text=True, timeout=stop_after, check=False,
        env={**given, "PYTHONPATH": str(ROOT), **(environment.CREDENTIALS if secrets else {})},
    )  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr
    return done


BAD = {
    "unknown key": ("devices:", "devicess:", "devicess"),
    "wrong type": ("settle: 2s", "settle: soon", "policies.settle"),
    "unknown site": ("site: tianjin, group: branch", "site: tianjjn, group: branch", "tianjin"),
    "tabs": ("\n  sh-rt-1: {", "\n\tsh-rt-1: {", "tab"),
    "a cycle in parents": ("address: 127.0.1.9,", "parents: [tj-sw-1], address: 127.0.1.9,", ""),
}


@pytest.mark.parametrize(("old", "new", "named"), BAD.values(), ids=list(BAD))
@pytest.mark.parametrize("command", ["check", "run"])
def test_a_bad_inventory_is_told_with_its_line_and_nothing_is_started(
    tmp_path: Path, command: str, old: str, new: str, named: str
) -> None:
    text = Path(INVENTORY).read_text("utf-8")
    assert old in text
    bad = text.replace(old, new, 1)
    if "parents" in new:
        bad = bad.replace("address: 127.0.1.10,", "parents: [tj-rt-1], address: 127.0.1.10,", 1)
    path = tmp_path / "inventory.yaml"
    path.write_text(bad, "utf-8")
    done = netcase(command, "-i", str(path), cwd=tmp_path)
    assert done.returncode == 2
    assert f"{path}:" in done.stderr
    assert named in done.stderr
    assert not (tmp_path / "netcase-data").exists()


def test_ten_megabytes_of_nonsense_are_refused_in_a_few_lines(tmp_path: Path) -> None:
    path = tmp_path / "inventory.yaml"
    path.write_bytes(os.urandom(5_000_000).hex().encode())
    done = netcase("check", "-i", str(path), cwd=tmp_path, stop_after=60)
    assert done.returncode == 2
    assert len(done.stderr) < 20_000


def test_every_missing_environment_variable_is_named_at_once(tmp_path: Path) -> None:
    done = netcase("check", "-i", INVENTORY, cwd=tmp_path, secrets=False)
    assert done.returncode == 2
    for name in environment.CREDENTIALS:
        assert f"export {name}=" in done.stderr


@pytest.mark.parametrize("command", ["status", "devices", "availability", "report daily --format json -o -"])
def test_who_only_looks_needs_no_secret_of_any_device(tmp_path: Path, command: str) -> None:
    assert netcase("db", "upgrade", cwd=tmp_path, secrets=False).returncode == 0
    done = netcase(*command.split(), "-i", INVENTORY, cwd=tmp_path, secrets=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_inventory_that_is_in_order_says_so(tmp_path: Path) -> None:
    done = netcase("check", "-i", INVENTORY, cwd=tmp_path)
    assert (done.returncode, "14 devices" in done.stdout) == (0, True)


def test_a_taken_port_is_named_with_the_option_that_changes_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = netcase("run", "-i", INVENTORY, "--web", f"127.0.0.1:{port}", cwd=tmp_path)
    assert done.returncode == 3
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--web" in done.stderr


@pytest.mark.parametrize("option", ["--syslog", "--traps"])
def test_a_taken_listening_port_is_named(tmp_path: Path, option: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        done = netcase("run", "-i", INVENTORY, "--web", "127.0.0.1:0", option, f"127.0.0.1:{port}", cwd=tmp_path)
    assert done.returncode == 3
    assert str(port) in done.stderr


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "netcase.db").write_bytes(b"this is no database" * 1000)
    for words in (["run", "-i", INVENTORY], ["cases"]):
        done = netcase(*words, "--data", "data", cwd=tmp_path)
        assert done.returncode == 3
        assert "netcase.db" in done.stderr


def test_a_database_server_that_does_not_answer_is_told_without_the_password(tmp_path: Path) -> None:
    url = "postgresql://netcase:very-secret@127.0.0.1:1/netcase"
    done = netcase("cases", "--database", url, cwd=tmp_path, stop_after=90)
    assert done.returncode == 3
    assert "very-secret" not in done.stdout + done.stderr


def test_asking_before_anything_ran_says_what_to_run(tmp_path: Path) -> None:
    done = netcase("cases", cwd=tmp_path)
    assert (done.returncode, "netcase run" in done.stderr) == (3, True)


def test_a_second_agent_on_the_same_data_is_refused(tmp_path: Path) -> None:
    import fcntl

    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "agent.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = netcase("run", "-i", INVENTORY, "--data", "data", cwd=tmp_path)
    assert (done.returncode, "another agent" in done.stderr) == (3, True)


@pytest.mark.parametrize(
    "words",
    [
        ["report", "weekly", "-i", INVENTORY],
        ["report", "daily", "--date", "yesterday", "-i", INVENTORY],
        ["availability", "--by", "planet", "-i", INVENTORY],
        ["inspect", "--devices", "nobody", "-i", INVENTORY],
        ["explain", "NC-000099"],
        ["case", "show", "12"],
        ["cases", "--lang", "tlh"],
        ["cases", "--from", "soon"],
        ["maintenance", "add", "x", "--from", "1h", "--to", "2h", "--device", "bj-core-1", "-i", INVENTORY],
        ["maintenance", "end", "x"],
        ["nonsense"],
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_a_wrong_word_is_answered_with_a_sentence_and_exit_2(tmp_path: Path, words: list[str]) -> None:
    netcase("db", "upgrade", cwd=tmp_path)
    done = netcase(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip()
