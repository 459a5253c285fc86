"""`netcase sla`, `case arrived|restored` and what `cases`, `case show` and `check` say of promises."""

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
from agent.observation import Subject
from agent.storage.engine import SqlStore, open_store

INVENTORY = """
customers: {acme: {title: Acme}}
sites: {hq: {customer: acme, timezone: Asia/Shanghai}}
calendars: {works: {country: CN, add: [2026-12-24]}}
contracts: {C-1: {customer: acme, starts: 2026-01-01, ends: 2099-12-31, holidays: works}}
defaults: {contract: C-1, reachability: [icmp]}
devices: {r1: {address: 192.0.2.1, site: hq}}
"""
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOW = datetime.fromisoformat("2026-11-22T04:00:00+00:00")
Run = Callable[..., Result]


def opens(store: SqlStore, title: str, ago: timedelta, severity: Severity = Severity.P2) -> Case:
    case = Case(
        problem=title,
        kind=CaseKind.REPORTED,
        subject=Subject("r1"),
        severity=severity,
        state=CaseState.NEW,
        opened=NOW - ago,
        updated=NOW - ago,
        root="",
        customer="acme",
        site="hq",
        contract="C-1",
        contract_status="valid",
        title=title,
    )
    with store.begin() as tx:
        made = tx.open_case(case)
        data = {"to": str(severity)}
        tx.log([Entry(case=made.number, at=made.opened, action=Action.OPENED, text="reported")])
        tx.log([Entry(case=made.number, at=made.opened, action=Action.SEVERITY, text=str(severity), data=data)])
    return made


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An agent's folder with two cases: one that is late with everything, one that was opened just now."""
    monkeypatch.setattr(compose, "now", lambda: NOW)
    (tmp_path / "inventory.yaml").write_text(INVENTORY)
    store = open_store(f"sqlite:///{tmp_path / 'netcase.db'}")
    opens(store, "late", 5 * HOUR)
    opens(store, "fresh", 5 * MINUTE, Severity.P3)
    store.close()
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    def running(*words: str) -> Result:
        where = (
            ["-i", str(folder / "inventory.yaml")]
            if words[:2] not in (("case", "arrived"), ("case", "restored"))
            else []
        )
        data = ["--data", str(folder)] if words[:2] != ("sla", "calendar") and words[0] != "check" else []
        return CliRunner().invoke(cli, [*words, *where, *data])

    return running


def told(result: Result) -> object:
    return json.loads(result.output)


def test_the_clocks_of_a_case_are_shown_with_the_time_at_its_site(run):
    shown = run("sla", "show", "2", "--lang", "en")
    assert shown.exit_code == 0, shown.output
    lines = [" ".join(line.split()) for line in shown.output.splitlines()]
    assert lines[0] == "NC-000002 P3 new"
    assert "Restore running 2026-11-23 11:55 23 h 55 min P3 since 22 Nov 11:55: 1 d around the clock" in lines
    assert "Times are those of Asia/Shanghai." in lines


def test_a_late_clock_is_shown_in_chinese_and_makes_the_command_fail(run):
    shown = run("sla", "show", "NC-000001", "--lang", "zh_CN")
    assert shown.exit_code == 1
    assert "恢复" in shown.output and "未达标" in shown.output and "-1 小时" in shown.output


def test_programs_get_times_and_seconds(run):
    clock = told(run("sla", "show", "2", "--json"))["clocks"]["restore"]
    assert clock["due"] == "2026-11-23T03:55:00+00:00"
    assert (clock["promise"], clock["remaining"], clock["state"]) == ("24h", 86_100.0, "counting")


def test_open_cases_are_listed_by_what_is_most_urgent(run):
    listed = run("sla", "open", "--json")
    assert listed.exit_code == 1
    assert [each["case"] for each in told(listed)] == ["NC-000001", "NC-000002"]
    rows = run("sla", "open", "--lang", "en").output
    assert "Response" in rows and "-4 h 45 min" in rows


def test_the_list_of_cases_names_what_is_due_next(run):
    cases = told(run("cases", "--json"))
    assert [case["next_due"] for case in cases] == ["2026-11-22T05:55:00+00:00", "2026-11-21T23:15:00+00:00"]
    assert "2026-11-22 05:55:00Z" in run("cases", "--lang", "en").output


def test_a_case_is_shown_with_its_clocks(run):
    assert told(run("case", "show", "1", "--json"))["clocks"]["response"]["state"] == "missed"
    assert "Restore" in run("case", "show", "1", "--lang", "en").output


def test_arriving_and_restoring_stand_on_the_case_and_meet_its_clocks(run):
    assert run("case", "arrived", "2", "--as", "li", "-m", "rack 4").output == "NC-000002: on site\n"
    assert (
        run("case", "restored", "2", "--as", "li", "-m", "other uplink").output
        == "NC-000002: the service works again\n"
    )
    clocks = told(run("sla", "show", "2", "--json"))["clocks"]
    assert {kind: clock["state"] for kind, clock in clocks.items()} == {
        "response": "met",
        "on_site": "met",
        "restore": "met",
        "update": "over",
    }
    undone = run("case", "restored", "2", "--undo", "--as", "li", "-m", "it flaps")
    assert undone.output == "NC-000002: the service does not work after all\n"
    assert told(run("sla", "show", "2", "--json"))["clocks"]["restore"]["state"] == "counting"


def test_what_was_restored_is_not_restored_again(run):
    run("case", "restored", "2", "-m", "other uplink")
    again = run("case", "restored", "2", "-m", "other uplink")
    assert isinstance(again.exception, RefusedError)


def test_compliance_counts_what_was_kept_and_names_what_was_not(run):
    found = told(run("sla", "compliance", "--json", "--by", "severity"))
    assert [(record["name"], record["cases"]) for record in found["records"]] == [("P2", 1), ("P3", 1), (None, 2)]
    assert found["records"][0]["kept"]["restore"] == {"met": 0, "missed": 1, "percent": 0.0}
    assert {miss["kind"] for miss in found["records"][0]["missed"]} == {"response", "on_site", "restore"}
    printed = run("sla", "compliance", "--lang", "en").output
    assert "0.0 % (0/1)" in printed and "NC-000001 P2, restore: 1 h late" in printed


def test_a_period_without_cases_has_kept_every_promise_that_there_was(run):
    found = told(run("sla", "compliance", "--json", "--from", "2026-01-01", "--to", "2026-02-01"))
    assert [record["cases"] for record in found["records"]] == [0]


def test_a_calendar_is_told_day_by_day(run):
    days = {
        row["day"]: row["what"] for row in told(run("sla", "calendar", "works", "--year", "2026", "--json"))["days"]
    }
    assert (days["2026-10-10"], days["2026-10-06"], days["2026-12-24"]) == ("makeup_day", "holiday", "holiday")
    assert "调休上班日" in run("sla", "calendar", "CN", "--year", "2026", "--lang", "zh_CN").output


def test_a_calendar_that_is_none_is_refused(run):
    assert isinstance(run("sla", "calendar", "Mars").exception, UsageError)


def test_check_warns_of_make_up_days_that_are_not_decreed_yet(run, monkeypatch):
    monkeypatch.setattr(compose, "now", lambda: datetime.fromisoformat("2079-06-01T00:00:00+00:00"))
    checked = run("check")
    assert checked.exit_code == 0
    assert "in order" in checked.output
    monkeypatch.setattr("agent.inventory.holidays._decrees", lambda code: frozenset({2078}))
    warned = run("check").output
    assert "works: the make-up working days of 2079 are not known, only those until 2078" in " ".join(warned.split())
    assert told(run("check", "--json"))["warnings"]


def test_a_person_says_how_severe_it_is(run, folder):
    said = CliRunner().invoke(cli, ["case", "severity", "2", "P4", "-m", "nobody is there", "--data", str(folder)])
    assert said.output == "NC-000002 is P4\n"
    assert told(run("sla", "show", "2", "--json"))["clocks"]["restore"]["promise"] == "5wd"
