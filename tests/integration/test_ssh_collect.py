"""`netcase collect`, `hostkeys` and `case evidence`, as a person runs them, against a scripted device."""

import asyncio
import hashlib
import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.app import compose
from agent.cases.case import Case, CaseState, Evidence, EvidenceState, Severity
from agent.cases.outcome import Outcome
from agent.cli import cli
from agent.errors import NetcaseError, RefusedError, UsageError
from agent.faults.fault import FaultKind
from agent.observation import Subject
from agent.settings import Settings
from tests.integration import scripted_device as scripted
from tests.integration.scripted_device import Device, Script

ANSWERS = {
    "show version": "Cisco IOS\nenable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0\n",
    "show logging": "line\n",
    "show interface": "Gi0/1 is up\n",
    "show environment all": "ok\n",
    "show lldp neighbors": "none\n",
    "show cdp neighbors": "none\n",
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch) -> None:
    for name in [name for name in os.environ if name.startswith("NETCASE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    for name, value in {"P": scripted.PASSWORD, "LANG": "en", "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)


async def netcase(*words: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error. In a thread, so that the device can answer meanwhile."""
    result = await asyncio.to_thread(CliRunner().invoke, cli, words)
    code, err = result.exit_code, result.stderr
    if isinstance(result.exception, NetcaseError):  # as agent.cli.main words it
        code, err = 2 if isinstance(result.exception, UsageError) else 3, str(result.exception)
        code = 1 if isinstance(result.exception, RefusedError) else code
    else:
        assert result.exception is None or isinstance(result.exception, SystemExit)
    assert scripted.PASSWORD not in result.stdout + err
    return code, result.stdout, err


def inventory(folder: Path, port: int, host_keys: str = "strict") -> None:
    (folder / "inventory.yaml").write_text(f"""
customers: {{acme: {{}}}}
sites: {{bj: {{customer: acme}}}}
credentials:
  shell: {{kind: ssh, username: {scripted.USER}, password: "env:P", host_keys: {host_keys}, port: {port}}}
devices:
  sw1: {{address: 127.0.0.1, site: bj, ssh: shell, platform: cisco_ios}}
""")


async def test_collect_leaves_files_and_a_manifest_that_agrees_with_them(tmp_path):
    async with Device(Script(answers=ANSWERS)) as device:
        inventory(tmp_path, device.port, "accept_new")
        code, out, err = await netcase("collect", "sw1", "-o", "out", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told == json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (told["case"], told["totals"]["files"], told["totals"]["secrets_removed"]) == (None, 5, 1)
    for file in told["files"]:
        held = (tmp_path / "out" / file["name"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(held), hashlib.sha256(held).hexdigest())
        assert (file["outcome"], file["seconds_from_fault"], file["device"]) == ("done", None, "sw1")
    assert [file["topic"] for file in told["files"]] == ["version", "log", "interfaces", "environment", "neighbours"]
    assert (tmp_path / "netcase-data" / "known_hosts").read_text().startswith(f"[127.0.0.1]:{device.port} ssh-ed25519 ")


async def test_a_changed_key_is_a_fault_until_a_person_accepts_the_new_one(tmp_path):
    with compose.memory(Settings(data=tmp_path / "netcase-data")):
        pass  # an agent ran here before
    async with Device(Script(answers=ANSWERS)) as device, Device(Script()) as other:
        inventory(tmp_path, device.port)
        (tmp_path / "netcase-data" / "known_hosts").write_text(
            other.known_hosts_line().replace(str(other.port), str(device.port))
        )
        code, _, err = await netcase("collect", "sw1")
        assert code == 3 and "nothing could be read from sw1" in err
        (file, *_) = json.loads((tmp_path / "evidence-sw1" / "manifest.json").read_text())["files"]
        assert (file["outcome"], file["name"]) == ("host_key_changed", None) and "SHA256:" in file["detail"]
        assert device.script.heard == []
        assert [fault["kind"] for fault in await faults()] == ["host_key_changed"]

        code, out, _ = await netcase("hostkeys", "show", "sw1", "--json")
        shown = json.loads(out)
        assert (code, shown["verdict"], len(shown["known"])) == (1, "changed", 1)
        assert (await netcase("hostkeys", "accept", "sw1"))[0] == 2  # nobody to ask
        code, _, err = await netcase("hostkeys", "accept", "sw1", "--fingerprint", "SHA256:another")
        assert code == 1 and "nothing was accepted" in err
        assert [fault["kind"] for fault in await faults()] == ["host_key_changed"]
        right = shown["shown"]["fingerprint"]
        assert (await netcase("hostkeys", "accept", "sw1", "--fingerprint", right))[0] == 0
        assert await faults() == []
        assert (await netcase("hostkeys", "show", "sw1"))[0] == 0
        assert (await netcase("collect", "sw1"))[0] == 0


async def faults() -> list[dict]:
    return json.loads((await netcase("faults", "--json"))[1])


async def test_an_unknown_name_is_told_and_a_silent_device_too(tmp_path):
    async with Device(Script()) as device:
        inventory(tmp_path, device.port)
    code, _, err = await netcase("hostkeys", "show", "sw2")
    assert code == 2 and "neither a device nor a jump host" in err
    code, _, err = await netcase("hostkeys", "show", "sw1")
    assert code == 3 and "refused the connection" in err


@pytest.fixture
def case(here, tmp_path) -> Case:
    """A case with a file, one that failed, and one whose file was damaged on the disk."""
    now = compose.now()
    with compose.memory(Settings(data=tmp_path / "netcase-data")) as memory, memory.store.begin() as tx:
        made = tx.open_case(
            Case(
                problem="p", kind=FaultKind.CPU_HIGH, subject=Subject("sw1"), severity=Severity.P3,
                state=CaseState.NEW, opened=now, updated=now, began=now - timedelta(seconds=20), root="f",
            )
        )  # fmt: skip
        row = Evidence(
            case=made.number, device="sw1", topic="version", command="show version", tier="quick",
            state=EvidenceState.DONE, at=now, outcome=Outcome.DONE, secrets_removed=1,
        )  # fmt: skip
        for topic in ("version", "log"):
            (tmp_path / topic).write_text(f"{topic} of sw1\n")
            sha256, size = memory.evidence.put(tmp_path / topic)
            tx.save_evidence(replace(row, topic=topic, command=f"show {topic}", sha256=sha256, bytes=size))
        memory.evidence.path(sha256).write_text("something else\n")
        detail = "127.0.0.1 port 22 refused the connection."
        failed = replace(row, topic="bgp", state=EvidenceState.FAILED, outcome=Outcome.CONNECTION_REFUSED)
        tx.save_evidence(replace(failed, detail=detail))
    return made


async def test_a_cases_evidence_is_copied_out_and_what_was_damaged_is_left_out_and_told(tmp_path, case):
    code, out, err = await netcase("case", "evidence", case.name, "--json")
    assert code == 1 and "show log" in err and "missing or damaged" in err
    told = json.loads(out)
    assert told == json.loads((tmp_path / case.name / "manifest.json").read_text())
    assert [(file["name"], file["outcome"]) for file in told["files"]] == [
        ("sw1-version.txt", "done"),
        (None, "done"),
        (None, "connection_refused"),
    ]
    assert told["files"][0]["seconds_from_fault"] == 20.0 and told["case"] == case.name
    assert (tmp_path / case.name / "sw1-version.txt").read_text() == "version of sw1\n"
    assert sorted(path.name for path in (tmp_path / case.name).iterdir()) == ["manifest.json", "sw1-version.txt"]
    assert (tmp_path / case.name / "manifest.json").stat().st_mode & 0o77 == 0


async def test_the_case_shows_how_each_command_ended_in_the_readers_language(tmp_path, case):
    _, out, _ = await netcase("case", "show", case.name, "--lang", "en")
    assert "connection refused" in out and "127.0.0.1 port 22 refused the connection." in out
    _, out, _ = await netcase("case", "show", case.name, "--lang", "zh_CN")
    assert "连接被拒" in out and "127.0.0.1 端口 22 拒绝连接。" in out


async def test_a_case_that_is_not_there_is_told(tmp_path, case):
    code, _, err = await netcase("case", "evidence", "NC-000099")
    assert code == 2 and "there is no case" in err
