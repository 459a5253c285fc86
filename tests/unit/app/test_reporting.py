"""The daily report is issued once a day, written in every language, and mailed."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from agent.app.reporting import Reporter
from agent.errors import UsageError
from agent.inventory.customers import Language
from agent.inventory.policies import DailyReport, Policies, Smtp
from agent.ports import JobKind
from agent.storage.engine import SqlStore
from tests.acceptance.test_one_problem_one_case import campus
from tests.story import START, Story

POLICY = DailyReport(
    at=time(7, 30), timezone="Asia/Shanghai", languages=(Language.EN, Language.ZH_CN), to=("noc@example.net",)
)
MORNING = datetime(2026, 3, 2, 23, 31, tzinfo=UTC)  # 07:31 on the third in Shanghai


def reporter(store: SqlStore, folder: Path, now: datetime = MORNING) -> Reporter:
    network = campus()
    network.inventory = replace(
        network.inventory, policies=Policies(daily_report=POLICY, smtp=Smtp(host="127.0.0.1", port=25))
    )
    Story(store, network).run(minutes=3).cut("core1", "dist1").run(minutes=2)
    return Reporter(store, network.inventory, folder, lambda: now)


def mails(store: SqlStore) -> list[str]:
    with store.begin() as tx:
        return sorted(job.key for job in tx.jobs(kind=JobKind.NOTIFY) if job.key.startswith("report/"))


def test_yesterdays_report_is_issued_once_however_often_it_is_asked_for(store: SqlStore, tmp_path: Path) -> None:
    made = reporter(store, tmp_path)
    assert [made.overdue(), made.issue(), made.issue(), made.overdue()] == [True, True, False, False]
    assert mails(store) == [f"report/daily/2026-03-02/{lang}/noc@example.net" for lang in ("en", "zh_CN")]
    assert {path.name for path in tmp_path.glob("daily*")} == {
        f"daily-2026-03-02.{lang}.{form}" for lang in ("en", "zh_CN") for form in ("html", "json")
    }
    assert "NC-000001" in (tmp_path / "daily-2026-03-02.en.html").read_text("utf-8")
    assert "健康日报" in (tmp_path / "daily-2026-03-02.zh_CN.html").read_text("utf-8")


def test_before_its_hour_a_report_is_not_overdue(store: SqlStore, tmp_path: Path) -> None:
    assert reporter(store, tmp_path, MORNING - timedelta(minutes=2)).overdue() is False


def test_the_day_is_the_one_of_the_inventorys_clock(store: SqlStore, tmp_path: Path) -> None:
    assert reporter(store, tmp_path).yesterday() == date(2026, 3, 2)
    assert reporter(store, tmp_path, START).today() == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("name", "day", "form"),
    [
        ("weekly", "2026-03-02", "html"),
        ("daily", "x", "html"),
        ("daily", "2026-03-02", "pdf"),
        ("inspection", "none", "html"),
    ],
)
def test_what_there_is_not_is_refused_with_a_sentence(
    store: SqlStore, tmp_path: Path, name: str, day: str, form: str
) -> None:
    with pytest.raises(UsageError):
        reporter(store, tmp_path).read(name, day, "en", form)
