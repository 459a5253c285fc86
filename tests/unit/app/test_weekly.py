"""The weekly reports are issued once a week, and what was slept through is made up for."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from agent.app.reporting import Reporter
from agent.app.weekly import Weekly, due
from agent.inventory.customers import Language, Person
from agent.inventory.policies import Policies, Smtp, WeeklyReports
from agent.inventory.teams import Team
from agent.ports import JobKind
from agent.storage.engine import SqlStore
from tests.acceptance.test_one_problem_one_case import campus
from tests.story import Story

MONDAY = datetime(2026, 3, 9, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai
POLICY = WeeklyReports(timezone="Asia/Shanghai", languages=(Language.EN, Language.ZH_CN), to=("board@example.net",))


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (MONDAY, date(2026, 3, 8)),
        (MONDAY - timedelta(minutes=31), date(2026, 3, 1)),
        (MONDAY - timedelta(minutes=30), date(2026, 3, 8)),
        (MONDAY + timedelta(days=6), date(2026, 3, 8)),
        (MONDAY + timedelta(days=7), date(2026, 3, 15)),
    ],
)
def test_the_week_that_is_due_ended_the_day_before_the_weekday(now: datetime, last: date) -> None:
    assert due(POLICY, now)[0] == last


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Shanghai"])
def test_it_is_due_at_its_hour_when_the_clock_is_changed_too(zone: str) -> None:
    policy = WeeklyReports(weekday=6, at=time(2, 30), timezone=zone)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    ends = {due(policy, start + timedelta(hours=hour))[0] for hour in range(24 * 7 * 40)}
    assert all(day.weekday() == 5 for day in ends)
    assert len(ends) in {40, 41}


def weekly(store: SqlStore, folder: Path, now: datetime = MONDAY) -> Weekly:
    network = campus()
    known = replace(
        network.inventory,
        policies=Policies(weekly_reports=POLICY, smtp=Smtp(host="127.0.0.1", port=25)),
        people={
            **network.inventory.people,
            "liu": Person(name="Liu Yang", email="liu@example.net", language=Language.ZH_CN),
        },
        teams={"tac": Team(name="tac", on_call=("li",), roles={"general_manager": "liu"})},
    )
    network.inventory = known
    Story(store, network).run(minutes=3).cut("core1", "dist1").run(minutes=2)
    reporter = Reporter(store, known, folder, lambda: now)
    return Weekly(store, known, reporter, lambda: now)


def mails(store: SqlStore) -> list[str]:
    with store.begin() as tx:
        return sorted(job.key for job in tx.jobs(kind=JobKind.NOTIFY) if job.key.startswith("report/"))


def test_both_reports_are_issued_once_and_mailed_to_the_general_manager_and_whoever_is_named(
    store: SqlStore, tmp_path: Path
) -> None:
    made = weekly(store, tmp_path)
    assert [made.issue(), made.issue()] == [["tracking", "satisfaction"], []]
    assert mails(store) == sorted(
        f"report/{name}/2026-03-08/{to}"
        for name in ("tracking", "satisfaction")
        for to in ("zh_CN/liu@example.net", "en/board@example.net", "zh_CN/board@example.net")
    )
    text = (tmp_path / "tracking-2026-03-08.en.html").read_text("utf-8")
    assert "NC-000001" in text
    assert "每周工单跟踪" in (tmp_path / "tracking-2026-03-08.zh_CN.html").read_text("utf-8")


def test_what_was_slept_through_for_days_is_made_up_for_and_for_longer_is_not(store: SqlStore, tmp_path: Path) -> None:
    assert weekly(store, tmp_path, MONDAY + timedelta(days=4)).issue() == []
    assert weekly(store, tmp_path, MONDAY + timedelta(days=2)).issue() == ["tracking", "satisfaction"]


def test_before_the_first_case_there_is_nothing_to_report(store: SqlStore, tmp_path: Path) -> None:
    known = campus().inventory
    reporter = Reporter(store, known, tmp_path, lambda: MONDAY)
    assert Weekly(store, known, reporter, lambda: MONDAY).issue() == []
