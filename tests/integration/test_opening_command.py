"""`netcase case open`, `attach`, `contract`, `netcase contract check`, `netcase contracts`: what a clerk sees."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agent.cli import cli, opening
from agent.errors import RefusedError, UsageError

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., Result]
HOSTILE = "\x1b[31mred\x07 \u202e<b>\nsecond line"


@pytest.fixture
def netcase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NETCASE_INVENTORY", str(ROOT / "inventory.yaml"))
    monkeypatch.setenv("NETCASE_DATA", str(tmp_path / "data"))

    def run(*words: str, said: str = "") -> Result:
        return CliRunner().invoke(cli, [*words], input=said, env={"LANG": "en_US.UTF-8", "COLUMNS": "200"})

    assert run("db", "upgrade").exit_code == 0
    return run


def opened(netcase: Run, *words: str) -> dict[str, object]:
    result = netcase("case", "open", *words, "--as", "li-na", "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    return dict(json.loads(result.stdout))


def test_a_clerk_opens_a_case_and_reads_what_became_of_it(netcase: Run) -> None:
    words = ("--title", "No telephone", "--severity", "P2", "--contract", "c-2026-001", "--device", "bj-core-1")
    result = netcase("case", "open", *words, "--reporter", "Chen", "--phone", "+86 21 5550")
    assert result.stdout.splitlines()[:2] == [
        "NC-000001 is open, P2: No telephone",
        "Contract C-2026-001: valid: contract C-2026-001 covers bj-core-1 until 2030-12-31",
    ]
    shown = netcase("case", "show", "1").stdout
    assert "NC-000001  P2  new  reported trouble  No telephone" in shown
    assert "Reported by: Chen, +86 21 5550 (hotline)" in shown
    assert "Contract: C-2026-001 (valid)" in shown
    listed = netcase("cases").stdout
    assert "No telephone" in listed and "reported trouble" in listed
    assert "because: Chen says so" in netcase("explain", "NC-000001").stdout


def test_the_same_in_chinese(netcase: Run) -> None:
    result = netcase("case", "open", "--title", "电话不通", "--contract", "C-2024-007", "--lang", "zh_CN")
    assert result.stdout.splitlines()[:2] == [
        "NC-000001 已开单，P3：电话不通",
        "服务合同 C-2024-007：已到期：合同 C-2024-007 已于 2026-03-31 到期",
    ]


def test_json_tells_the_case_and_its_contract(netcase: Run) -> None:
    found = opened(netcase, "--title", "x", "--request", "--serial", "abc 1")
    assert found["contract"] == {
        "status": "unknown",
        "because": "no device and no contract is known with the serial number ABC1",
    }
    assert {"severity": "P4", "serial": "ABC1", "origin": "hotline", "kind": "reported"}.items() <= found[
        "case"
    ].items()  # type: ignore[attr-defined]


def test_what_cannot_be_taken_opens_nothing_and_says_what_to_write(netcase: Run) -> None:
    for words, said in (
        (("--title", ""), "--title: say in a few words what is wrong"),
        (("--title", "x", "--device", "bj-core1"), "no device is called bj-core1 (did you mean bj-core-"),
        (("--title", "x", "--customer", "nobody"), "--customer: no customer is called nobody"),
        (("--title", "x", "--email", "a b@c"), "--email: write an e-mail address as name@example.net"),
        (("--title", "x", "--origin", "fax"), "a fax is a scan: name its file with --attach scan.pdf"),
        (("--title", "x", "--attach", "gone.pdf"), "gone.pdf is no file: write the path of one"),
    ):
        result = netcase("case", "open", *words)
        assert isinstance(result.exception, UsageError), words
        assert said in str(result.exception)
    assert json.loads(netcase("cases", "--json").stdout) == []


def test_a_fax_is_a_scan_by_its_first_bytes(netcase: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.pdf").write_bytes(b"MZ no scan at all")
    result = netcase("case", "open", "--title", "Fax", "--origin", "fax", "--attach", "letter.pdf")
    assert isinstance(result.exception, RefusedError)
    assert str(result.exception) == "letter.pdf is no scan: attach the fax as PDF, TIFF, PNG or JPEG"
    (tmp_path / "scan.tif").write_bytes(b"II*\0" + b"\0" * 100)
    assert opened(netcase, "--title", "Fax", "--origin", "fax", "--attach", "scan.tif")
    (row,) = json.loads(netcase("case", "show", "1", "--json").stdout)["evidence"]
    assert (row["command"], row["tier"], row["topic"], row["bytes"]) == ("scan.tif", "upload", "tiff", 104)


def test_files_are_attached_and_come_out_as_they_went_in(netcase: Run, tmp_path: Path) -> None:
    opened(netcase, "--title", "x")
    (tmp_path / "图纸 1.PDF").write_bytes(b"%PDF-1.4 drawing")
    (tmp_path / "empty").write_bytes(b"")
    result = netcase("case", "attach", "NC-000001", "图纸 1.PDF", "--as", "li-na")
    assert result.stdout.strip() == "图纸 1.PDF is attached to NC-000001 (16 bytes)"
    refused = netcase("case", "attach", "1", "empty")
    assert str(refused.exception) == "empty is empty: attach the file itself"
    assert netcase("case", "evidence", "1", "-o", "out").exit_code == 0
    (name,) = [path for path in (tmp_path / "out").iterdir() if path.suffix == ".pdf"]
    assert name.name == "upload-1.pdf"
    assert name.read_bytes() == b"%PDF-1.4 drawing"


def test_the_same_key_gives_the_same_case(netcase: Run) -> None:
    numbers = [opened(netcase, "--title", "x", "--key", "4711")["case"]["number"] for _ in range(2)]  # type: ignore[index]
    assert numbers == [1, 1]


def test_the_contract_of_a_case_is_corrected(netcase: Run) -> None:
    opened(netcase, "--title", "x", "--contract", "typo")
    result = netcase("case", "contract", "1", "c-2026-001", "--as", "li-na")
    assert result.stdout.strip() == (
        "NC-000001 is under contract C-2026-001: valid: contract C-2026-001 covers harbour-bank until 2030-12-31"
    )
    wrong = netcase("case", "contract", "1", "nope")
    assert isinstance(wrong.exception, RefusedError)
    assert str(wrong.exception) == "no contract has the number nope: `netcase contracts` lists them"
    last = json.loads(netcase("case", "show", "1", "--json").stdout)["timeline"][-1]
    assert (last["action"], last["actor"]) == ("contract", "li-na")


def test_a_contract_is_checked_and_the_exit_code_says_what_came_of_it(netcase: Run) -> None:
    good = netcase("contract", "check", "--device", "bj-core-1")
    assert (good.exit_code, good.stdout.strip()) == (
        0,
        "Contract C-2026-001: valid: contract C-2026-001 covers bj-core-1 until 2030-12-31",
    )
    bad = netcase("contract", "check", "--number", "C-2024-007", "--json")
    assert (bad.exit_code, json.loads(bad.stdout)["status"]) == (1, "expired")
    assert isinstance(netcase("contract", "check").exception, UsageError)


def test_contracts_are_listed_by_when_they_end(netcase: Run) -> None:
    found = json.loads(netcase("contracts", "--json").stdout)
    assert [each["number"] for each in found][:1] == ["C-2024-007"]
    assert [each["ends"] for each in found] == sorted(each["ends"] for each in found)
    assert "ending soon" in netcase("contracts", "--soon", "3660").stdout
    assert {
        each["customer"] for each in json.loads(netcase("contracts", "--customer", "harbour-bank", "--json").stdout)
    } == {"harbour-bank"}


def test_a_hostile_title_is_one_plain_line_in_the_terminal(netcase: Run) -> None:
    opened(netcase, "--title", HOSTILE, "--reporter", HOSTILE, "--serial", HOSTILE, "--contract", HOSTILE)
    for words in (("cases",), ("case", "show", "1"), ("explain", "NC-000001"), ("status",)):
        result = netcase(*words)
        assert result.exit_code == 0, (words, result.exception)
        assert "\x1b[31m" not in result.stdout and "\x07" not in result.stdout and "\u202e" not in result.stdout
        assert "\nsecond line" not in result.stdout


def test_on_a_terminal_what_is_missing_is_asked_for(netcase: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_may_ask", lambda: True)
    answers = "No telephone\nChen\nchen@example.com\nC-2026-001\n\nbj-core-1\nsince nine\np1\n"
    result = netcase("case", "open", said=answers)
    assert result.exit_code == 0, result.output
    assert "NC-000001 is open, P1: No telephone" in result.stdout
    case = json.loads(netcase("case", "show", "1", "--json").stdout)
    assert (case["case"]["reporter_address"], case["reported"]) == ("chen@example.com", "since nine")
