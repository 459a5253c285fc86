"""`netcase oncall …`, and what `case show` says of escalation."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agent.app import compose
from agent.cases.case import Action, Case, CaseKind, CaseState, Entry, Severity
from agent.cli import cli
from agent.errors import RefusedError, UsageError
from agent.inventory.parse import parse
from agent.observation import Subject
from agent.pipeline import Pipeline
from agent.storage.engine import open_store

INVENTORY = """
people:
  ann: {name: Ann Lee, email: ann@example.net}
  bob: {name: 鲍勃, email: bob@example.net}
  mute: {name: Mute, channels: [console]}
teams:
  tac:
    timezone: Asia/Shanghai
    roles: {project_lead: bob}
    levels:
      - rotation: {people: [bob, ann], hand_over: "mon 09:00", starts: 2026-01-05}
      - weekend: {people: [bob]}
  night: {on_call: [bob]}
customers: {acme: {team: tac}}
sites: {hq: {customer: acme}}
devices: {r1: {address: 192.0.2.1, site: hq, reachability: [icmp]}}
"""
NOW = datetime.fromisoformat("2026-11-24T04:00:00+00:00")  # Tuesday noon in Shanghai
MINUTE = timedelta(minutes=1)
Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(compose, "now", lambda: NOW)
    (tmp_path / "inventory.yaml").write_text(INVENTORY)
    return tmp_path


@pytest.fixture
def data(folder: Path) -> Path:
    """… of an agent that ran before."""
    open_store(f"sqlite:///{folder / 'netcase.db'}").close()
    return folder


@pytest.fixture
def run(folder: Path) -> Run:
    def running(*words: str) -> Result:
        where = [] if words[0] == "cancel" else ["-i", str(folder / "inventory.yaml")]
        return CliRunner().invoke(cli, ["oncall", *words, *where, "--data", str(folder)])

    return running


def lines(result: Result) -> list[str]:
    return [" ".join(line.split()) for line in result.output.splitlines() if line.strip()]


def shifts(run: Run, *words: str) -> list[tuple[str, str, str]]:
    found = json.loads(run("show", "--json", *words).output)
    return [(each["starts"][:16], each["person"], each["reason"]) for each in found if each["level"] == 1]


def test_the_rota_is_shown_before_the_agent_ever_ran(run: Run) -> None:
    shown = run("show", "--team", "tac", "--to", "+7d", "--lang", "en")
    assert shown.exit_code == 0, shown.output
    assert "tac 1 Tue 2026-11-24 12:00 CST Mon 2026-11-30 09:00 CST 鲍勃 rotation –" in lines(shown)
    assert "tac 2 Sat 2026-11-28 09:00 CST Mon 2026-11-30 09:00 CST 鲍勃 week-end –" in lines(shown)
    assert "nobody is on call" in shown.output
    assert "轮班" in run("show", "--lang", "zh_CN").output


def test_gaps_are_listed_and_the_exit_code_says_that_there_are_some(run: Run) -> None:
    found = run("gaps", "--team", "tac", "--lang", "en")
    assert found.exit_code == 1
    assert "tac 2 Tue 2026-11-24 12:00 CST Sat 2026-11-28 09:00 CST nobody is on call" in lines(found)
    plain = json.loads(run("gaps", "--json").output)
    assert {(gap["team"], gap["level"], gap["why"]) for gap in plain} == {("tac", 2, "nobody")}
    whole = run("gaps", "--team", "night", "--days", "30", "--lang", "en")
    assert (whole.exit_code, lines(whole)) == (0, ["Somebody can be called at any time for 30 d."])


def test_a_dry_run_says_who_is_called_after_how_many_minutes(run: Run) -> None:
    shown = run("dry-run", "--team", "tac", "--days", "30", "--lang", "en")
    assert shown.exit_code == 0, shown.output
    assert "+0 鲍勃 +0 鲍勃 +0 鲍勃 +0 鲍勃" in lines(shown)[2]
    assert "+15 nobody is on call" in shown.output
    (first, *_) = json.loads(run("dry-run", "--team", "tac", "--json").output)
    assert [(call["after"], call["person"], call["hole"]) for call in first["calls"]["P1"]] == [
        (0.0, "bob", None),
        (900.0, "", "nobody"),
    ]


def test_somebody_stands_in_until_that_is_cancelled(data: Path, run: Run) -> None:
    before = shifts(run, "--team", "tac")
    words = ("override", "tac", "--person", "ann", "--from", "2026-11-25 08:00", "--to", "+2d", "-m", "ill")
    made = run(*words, "--as", "ann", "--lang", "en")
    assert lines(made) == [
        "#1: Ann Lee is on call for tac, level 1, from Wed 2026-11-25 08:00 CST until Thu 2026-11-26 12:00 CST"
    ]
    assert ("2026-11-25T00:00", "ann", "override") in shifts(run, "--team", "tac")
    assert "1 override tac 1 Ann Lee" in " ".join(lines(run("changes", "--lang", "en")))
    assert lines(run("cancel", "1", "--lang", "zh_CN")) == ["#1 已取消"]
    assert shifts(run, "--team", "tac") == before
    assert isinstance(run("cancel", "1").exception, UsageError)
    assert json.loads(run("changes", "--json").output)[0]["cancelled_by"]


def test_two_swap_and_swap_back(data: Path, run: Run) -> None:
    before = shifts(run, "--team", "tac", "--to", "+30d")
    words = ("swap", "tac", "--first", "2026-12-01 10:00", "--second", "2026-12-08 10:00", "-m", "wedding")
    assert len(lines(run(*words))) == 2
    swapped = shifts(run, "--team", "tac", "--to", "+30d")
    assert ("2026-11-30T01:00", "bob", "swap") in swapped and ("2026-12-07T01:00", "ann", "swap") in swapped
    assert run(*words).exit_code == 0
    assert shifts(run, "--team", "tac", "--to", "+30d") == before


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (("override", "day", "--person", "ann", "--to", "+1d", "-m", "x"), UsageError, "there is no team day"),
        (("override", "tac", "--person", "eve", "--to", "+1d", "-m", "x"), RefusedError, "there is no person eve"),
        (
            ("override", "tac", "--person", "ann", "--to", "2026-11-01", "-m", "x"),
            RefusedError,
            "over before it begins",
        ),
        (("override", "tac", "--person", "ann", "--to", "+1d"), UsageError, "say why: -m"),
        (("override", "tac", "--person", "ann", "--to", "+1d", "-m", "a\nb"), UsageError, "cannot be shown"),
        (("swap", "tac", "--first", "now", "--second", "+1h", "-m", "x"), RefusedError, "bob has both of these shifts"),
        (("show", "--team", "day"), UsageError, "there is no team day in the inventory; there are night, tac"),
        (("show", "--to", "2020-01-01"), UsageError, "the period ends before it begins"),
        (("cancel", "7"), UsageError, "there is no change 7: `netcase oncall changes` lists them"),
    ],
)
def test_what_makes_no_sense_is_refused(data: Path, run: Run, words: tuple[str, ...], error: type, said: str) -> None:
    refused = run(*words)
    assert isinstance(refused.exception, error), refused.output
    assert said in str(refused.exception)


def test_the_shifts_are_written_for_a_calendar_program(run: Run, tmp_path: Path) -> None:
    assert run("ics", "tac", "--days", "10", "-o", str(tmp_path / "tac.ics")).exit_code == 0
    text = (tmp_path / "tac.ics").read_bytes().decode()
    assert "SUMMARY:tac L1: 鲍勃\r\n" in text and "DTEND:20261130T010000Z\r\n" in text


def test_a_case_shows_whom_it_has_reached_and_will_reach(data: Path) -> None:
    store = open_store(f"sqlite:///{data / 'netcase.db'}")
    inventory = parse(INVENTORY, "x", lambda _name: None)
    opened = NOW - 40 * MINUTE
    with store.begin() as tx:
        case = Case(
            problem="x", kind=CaseKind.REPORTED, subject=Subject("r1"), severity=Severity.P2, state=CaseState.NEW,
            opened=opened, updated=opened, root="", customer="acme", site="hq", title="no dial tone",
        )  # fmt: skip
        made = tx.open_case(case)
        tx.log([Entry(case=made.number, at=opened, action=Action.OPENED, text="reported")])
    Pipeline(store, inventory).tend(NOW)
    store.close()
    words = ["case", "show", str(made.number), "--data", str(data), "-i", str(data / "inventory.yaml"), "--lang", "en"]
    shown = lines(CliRunner().invoke(cli, words))
    assert "On call, level 1 at the opening 2026-11-24 03:20Z 鲍勃 e-mail waiting –" in shown
    assert "On call, level 2 not taken up for 15 min 2026-11-24 03:35Z nobody to tell – – –" in shown
    assert "project lead not restored for 2 h 2026-11-24 05:20Z 鲍勃 – to come –" in shown
    plain = json.loads(CliRunner().invoke(cli, [*words, "--json"]).output)["escalation"]
    assert [each["target"] for each in plain][:2] == ["On call, level 1", "On call, level 2"]
