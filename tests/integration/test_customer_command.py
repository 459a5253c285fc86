"""`netcase case confirmed|rejected|consent|survey|callback`, `netcase surveys`: what is written down, and refused."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agent.cases.case import Action, Case, CaseState, Severity
from agent.cli import cli
from agent.errors import RefusedError, UsageError
from agent.faults.fault import FaultKind
from agent.observation import Subject
from agent.storage.engine import open_store

INVENTORY = """
version: 1
customers:
  acme: {title: Acme Bank, team: tac, contacts: [{name: Zhang Wei, email: zhang@acme.example}]}
sites: {hq: {customer: acme}}
people: {li: {name: Li Na, email: li@example.net}}
teams: {tac: {on_call: [li]}}
credentials: {v2c: {kind: snmp_v2c, community: "env:C"}}
defaults: {site: hq, snmp: v2c}
devices: {core1: {address: 192.0.2.1}}
"""
Run = Callable[..., Result]
WHEN = "2099-11-23T22:00+08:00/2099-11-24T02:00+08:00"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "inventory.yaml").write_text(INVENTORY)
    monkeypatch.setenv("NETCASE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("NETCASE_INVENTORY", str(tmp_path / "inventory.yaml"))
    monkeypatch.setenv("NETCASE_PUBLIC_URL", "https://cases.example.net")
    (tmp_path / "data").mkdir()
    now = datetime.now(UTC)
    store = open_store(f"sqlite:///{tmp_path}/data/netcase.db")
    with store.begin() as tx:
        tx.open_case(
            Case(
                problem="p",
                kind=FaultKind.FAN_FAILED,
                subject=Subject("core1"),
                severity=Severity.P2,
                state=CaseState.IN_PROGRESS,
                opened=now - timedelta(hours=3),
                updated=now,
                root="",
                customer="acme",
                site="hq",
                assignee="li",
            )
        )
    store.close()
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    def run(*arguments: str, ok: bool = True) -> Result:
        result = CliRunner().invoke(cli, list(arguments))
        if ok:
            assert result.exit_code == 0, (result.output, result.exception)
        return result

    return run


def refused(run: Run, *arguments: str) -> str:
    """What the person reads."""
    result = run(*arguments, ok=False)
    assert isinstance(result.exception, RefusedError | UsageError), result.output
    return str(result.exception)


def mails(folder: Path) -> list[tuple[str, str]]:
    store = open_store(f"sqlite:///{folder}/data/netcase.db")
    with store.read() as tx:
        found = [(job.payload["occasion"], job.payload["text"]) for job in tx.jobs()]
    store.close()
    return found


def resolved(run: Run) -> None:
    run("case", "resolve", "1", "-m", "fan swapped", "--as", "li")


def closed(run: Run) -> None:
    resolved(run)
    run("case", "close", "1", "-m", "done", "--as", "li")


def test_a_fix_is_confirmed_by_telephone_once(run: Run, folder: Path) -> None:
    assert "not resolved" in refused(run, "case", "confirmed", "1", "--by", "Zhang Wei")
    resolved(run)
    said = run("case", "confirmed", "1", "--by", "Zhang Wei", "--how", "phone", "--as", "li").output
    assert said == "NC-000001: Zhang Wei confirms the fix; close it with: netcase case close NC-000001 -m …\n"
    assert "was confirmed already, by Zhang Wei" in refused(run, "case", "rejected", "1", "--by", "X", "-m", "no")
    shown = json.loads(run("case", "show", "1", "--json").output)["customer"]["confirmation"]
    assert (shown["answer"], shown["by"], shown["how"]) == ("confirmed", "Zhang Wei", "phone")
    assert [occasion for occasion, _ in mails(folder)] == ["confirmed"]


def test_a_rejected_fix_says_why_and_by_whom(run: Run) -> None:
    resolved(run)
    assert "--by NAME" in refused(run, "case", "rejected", "1", "-m", "no")
    assert "say what does not work" in refused(run, "case", "rejected", "1", "--by", "Zhang Wei")
    said = run("case", "rejected", "1", "--by", "Zhang Wei", "-m", "still loud", "--lang", "zh_CN").output
    assert said == "NC-000001：Zhang Wei 认为尚未修复；工单现为处理中\n"


def test_a_change_is_asked_for_recorded_from_paper_and_holds_up_the_case_until_then(run: Run, folder: Path) -> None:
    said = run("case", "consent", "ask", "1", "--change", "swap the fan tray", "--window", WHEN, "--as", "li").output
    assert said == "NC-000001: the customer is asked about change 1, until 2099-11-23 18:00 UTC\n"
    (mail,) = [text for occasion, text in mails(folder) if occasion == "consent"]
    assert "https://cases.example.net/answer/" in mail
    assert "has not consented" in refused(run, "case", "resolve", "1", "-m", "done")
    assert "--document" in refused(run, "case", "consent", "record", "1", "--by", "Zhang Wei")
    assert "in writing" in refused(run, "case", "consent", "record", "1", "--by", "Z", "--how", "phone")
    (folder / "scan.pdf").write_bytes(b"%PDF-1.4 signed")
    given = ("case", "consent", "record", "1", "--by", "Zhang Wei", "--document", str(folder / "scan.pdf"))
    assert run(*given, "-m", "at night").output == "NC-000001: change 1: given by Zhang Wei\n"
    assert "answered already" in refused(run, *given)
    assert "from 2099-11-23 14:00 UTC on" in refused(run, "case", "resolve", "1", "-m", "done")
    shown = json.loads(run("case", "consent", "show", "1", "--json").output)
    (change,) = shown["changes"]
    assert (change["standing"], change["by"], change["how"]) == ("given", "Zhang Wei", "paper")
    evidence = json.loads(run("case", "show", "1", "--json").output)["evidence"]
    assert [str(each["id"]) for each in evidence] == [change["document"]]
    run("case", "consent", "withdraw", "1", "-m", "not needed")
    resolved(run)


def test_a_document_that_cannot_be_read_leaves_the_case_as_it_was(run: Run, folder: Path) -> None:
    run("case", "consent", "ask", "1", "--change", "x")
    result = run("case", "consent", "record", "1", "--by", "Z", "--document", str(folder / "no.pdf"), ok=False)
    assert result.exit_code != 0
    assert json.loads(run("case", "consent", "show", "1", "--json").output)["changes"][0]["standing"] == "asked"


def test_a_window_that_is_none_is_refused_with_how_to_write_one(run: Run) -> None:
    assert "2026-11-21T22:00+08:00/" in refused(run, "case", "consent", "ask", "1", "--change", "x", "--window", "soon")
    assert "over already" in refused(
        run, "case", "consent", "ask", "1", "--change", "x", "--window", "2020-01-01T00:00/2020-01-01T01:00"
    )


def test_a_survey_is_taken_by_telephone_and_a_low_score_is_called_back(run: Run, folder: Path) -> None:
    taken = ("case", "survey", "1", "--answers", "5,4,5,2", "--by", "Zhang Wei", "--as", "li")
    assert "not closed" in refused(run, *taken)
    closed(run)
    assert "has 3 figures" in refused(run, "case", "survey", "1", "--answers", "5,4,5", "--by", "Zhang Wei")
    assert "from 1 to 5" in refused(run, "case", "survey", "1", "--answers", "5,4,5,6", "--by", "Zhang Wei")
    assert run(*taken).output.startswith("NC-000001: answered by Zhang Wei; call back until ")
    assert "answered already" in refused(run, *taken)
    assert [each["case"] for each in json.loads(run("surveys", "--owed", "--json").output)] == [1]
    assert "what came out" in refused(run, "case", "callback", "1")
    run("case", "callback", "1", "-m", "apologised", "--as", "li")
    assert "called back already, by li" in refused(run, "case", "callback", "1", "-m", "again")
    assert json.loads(run("surveys", "--owed", "--json").output) == []
    found = json.loads(run("case", "survey", "1", "--json").output)
    assert (found["result"], found["called_by"], found["said"]) == (2, "li", "apologised")
    assert "call_back" in [occasion for occasion, _ in mails(folder)]


def test_what_is_shown_is_shown_in_chinese(run: Run) -> None:
    closed(run)
    run("case", "survey", "1", "--answers", "5,4,5,2", "--by", "Zhang Wei")
    shown = run("case", "show", "1", "--lang", "zh_CN").output
    assert "您对处理结果是否满意？  2" in shown
    assert "Zhang Wei 答复了满意度调查：响应 5，技术 4，态度 5，结果 2" in shown


def test_a_case_that_nobody_knows_is_told(run: Run) -> None:
    for command in (("confirmed", "--by", "Z"), ("callback", "-m", "x"), ("survey",), ("consent", "show")):
        name, *options = command if command[0] != "consent" else ("consent", "show")
        words = ("case", "consent", "show", "9") if name == "consent" else ("case", name, "9", *options)
        assert "there is no case 9" in refused(run, *words)


def test_what_is_recorded_for_the_customer_is_the_act_of_ours(run: Run, folder: Path) -> None:
    resolved(run)
    run("case", "confirmed", "1", "--by", "Zhang Wei", "--as", "li")
    store = open_store(f"sqlite:///{folder}/data/netcase.db")
    with store.read() as tx:
        (entry,) = [e for e in tx.timeline(1) if e.action is Action.CUSTOMER]
    store.close()
    assert (entry.actor, entry.data["by"], entry.data["side"]) == ("li", "Zhang Wei", "")
