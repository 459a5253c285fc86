"""What pages and metrics show of escalation and of who is on call."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from agent.cases.case import Case, CaseKind, Severity
from agent.inventory.customers import Person
from agent.inventory.inventory import Inventory
from agent.inventory.teams import Level, Team, Weekend
from agent.metrics import Metrics
from agent.observation import Subject
from agent.pipeline import Pipeline
from agent.storage.engine import SqlStore, open_store
from agent.web import metrics_page, site
from agent.web.snapshot import snapshot
from tests.unit.cases.slas import HOUR, MINUTE, case_of, inventory_of, utc
from tests.web.conftest import Files, reports

NOW = utc("2026-03-02T12:00")  # a Monday


def network() -> Inventory:
    found = inventory_of()
    levels = (Level(always="ann"), Level(weekend=Weekend(people=("ann",))))
    team = Team(name="tac", levels=levels, roles={"project_lead": "lead"})
    people = {key: Person(name=f"{key} <b>", email=f"{key}@example.net") for key in ("ann", "lead")}
    return replace(
        found, people=people, teams={"tac": team}, customers={"acme": replace(found.customers["acme"], team="tac")}
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'netcase.db'}")
    yield opened
    opened.close()


@pytest.fixture
def case(store: SqlStore) -> Case:
    made = replace(case_of(NOW, Severity.P2), number=0, title="no dial tone", subject=Subject(""))
    with store.begin() as tx:
        made = tx.open_case(made)
    for minutes in (0, 15, 61):
        Pipeline(store, network()).tend(NOW + minutes * MINUTE)
    return made


def page(store: SqlStore, folder: Path, number: int, language: str, *, api: bool = False) -> str:
    now, metrics = NOW + 61 * MINUTE, Metrics(CollectorRegistry(), "0")
    files = Files(folder / f"files-{language}")
    app = site.create(store, network(), files, metrics, lambda: now, reports, allow_hosts=["testserver"])
    with TestClient(app) as client:
        text: str = client.get(f"{'/api/v1' if api else ''}/cases/{number}", params={"lang": language}).text
    return " ".join(text.split())


def test_the_page_of_a_case_has_a_line_for_each_step_told_and_to_come(
    store: SqlStore, case: Case, tmp_path: Path
) -> None:
    shown = page(store, tmp_path, case.number, "en")
    assert '<h2 id="escalation">Escalation</h2>' in shown
    for words in ("On call, level 1", "at the opening", "not taken up for 15 min", "not touched for 1 h", "to come"):
        assert words in shown
    assert "ann &lt;b&gt;" in shown and "ann <b>" not in shown
    assert "nobody to tell" in shown, "level 2 has nobody on a Monday"
    told = page(store, tmp_path, case.number, "zh_CN")
    for words in ("第 1 级值班", "工单创建时", "15 分钟 无人受理", "1 小时 无人更新", "未到时间", "无人可通知"):
        assert words in told


def test_the_api_tells_the_steps_of_a_case(store: SqlStore, case: Case, tmp_path: Path) -> None:
    steps = json.loads(page(store, tmp_path, case.number, "en", api=True))["escalation"]
    first, second = steps[:2]
    assert (first["step"], first["why"], first["who"], first["how"], first["delivered"], first["read"]) == (
        "On call, level 1", "at the opening", "ann <b>", ["email"], "waiting", None,
    )  # fmt: skip
    assert (second["who"], second["told"] is not None, steps[-1]["told"]) == ("", True, None)


def test_a_gap_of_the_rota_has_a_page_that_names_what_it_is(store: SqlStore, tmp_path: Path) -> None:
    Pipeline(store, network()).tend(NOW)
    with store.read() as tx:
        (gap,) = [each for each in tx.live_cases() if each.kind is CaseKind.ON_CALL_GAP]
    shown = page(store, tmp_path, gap.number, "zh_CN")
    assert "tac L2" in shown and "无人值班：tac 第 2 级" in shown


def test_the_metrics_say_how_long_and_from_when_on_nobody_can_be_called(store: SqlStore) -> None:
    with store.read() as tx:
        text = "".join(map(str, metrics_page.gauges(snapshot(tx, network(), NOW))))
    missing = (timedelta(days=7) - 48 * HOUR).total_seconds()
    assert 'netcase_oncall_gap_seconds{team="tac",level="1"} 0.0\n' in text
    assert f'netcase_oncall_gap_seconds{{team="tac",level="2"}} {missing}\n' in text
    assert 'netcase_oncall_gap_begins_seconds{team="tac",level="2"} 0.0\n' in text
    assert 'netcase_oncall_gap_begins_seconds{team="tac",level="1"}' not in text
