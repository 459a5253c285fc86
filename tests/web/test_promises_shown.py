"""What pages, API and metrics show of promises."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from agent.cases.case import Action, Case, CaseKind, CaseState, Entry, Severity
from agent.inventory.inventory import Inventory
from agent.metrics import Metrics
from agent.observation import Subject
from agent.storage.engine import SqlStore, open_store
from agent.web import promises, site
from tests.unit.cases.slas import HOUR, MINUTE, case_of, inventory_of, utc
from tests.web.conftest import Files, reports

NOW = utc("2026-03-02T12:00")
NETWORK: Inventory = inventory_of()


def opens(store: SqlStore, problem: str, ago: timedelta, severity: Severity) -> Case:
    case = replace(case_of(NOW - ago, severity), problem=problem, number=0, kind=CaseKind.REPORTED, title=problem)
    with store.begin() as tx:
        made = tx.open_case(replace(case, subject=Subject("")))
        data = {"to": str(severity)}
        tx.log([Entry(case=made.number, at=made.opened, action=Action.SEVERITY, text="", data=data)])
    return made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """One case is late with everything, of one most of the time to answer is gone, one waits, one is over."""
    opened = open_store(f"sqlite:///{tmp_path / 'netcase.db'}")
    opens(opened, "late", 5 * HOUR, Severity.P2)
    opens(opened, "at risk", 13 * MINUTE, Severity.P1)
    for name, state in (("waits", CaseState.WAITING_FOR_CUSTOMER), ("over", CaseState.RESOLVED)):
        case = opens(opened, name, 50 * HOUR, Severity.P3)
        at = case.opened + MINUTE
        data = {"from": "new", "to": str(state)}
        with opened.begin() as tx:
            tx.save_case(replace(case, state=state, resolved=at if name == "over" else None))
            tx.log([Entry(case=case.number, at=at, action=Action.STATE, text="", actor="li", data=data)])
    yield opened
    opened.close()


@pytest.fixture
def client(store: SqlStore, tmp_path: Path) -> TestClient:
    metrics = Metrics(CollectorRegistry(), "1")
    app = site.create(store, NETWORK, Files(tmp_path / "evidence"), metrics, lambda: NOW, reports)
    return TestClient(app, base_url="http://127.0.0.1")


def test_a_case_s_page_shows_each_promise_with_its_state(client: TestClient) -> None:
    page = client.get("/cases/1").text
    assert "Promises" in page
    assert page.count(">missed</span>") == 4
    assert 'class="down">2026-03-02 11:00' in page.replace("\n", "")
    assert "未达标" in client.get("/cases/1?lang=zh_CN").text


def test_a_case_that_waits_has_nothing_due(client: TestClient) -> None:
    page = client.get("/cases/3").text
    assert page.count(">paused</span>") == 3  # the answer was given
    assert "Restore by" not in page


def test_the_list_of_cases_says_what_is_due_next(client: TestClient) -> None:
    page = client.get("/cases").text
    assert "Next due" in page
    assert page.count('datetime="2026-03-02T12:02:00+00:00"') == 1  # 15 minutes after the P1 was opened


def test_the_api_tells_clocks_in_seconds(client: TestClient) -> None:
    clocks = {clock["kind"]: clock for clock in client.get("/api/v1/cases/1").json()["clocks"]}
    assert clocks["restore"]["remaining"] == -3600.0
    assert (clocks["restore"]["promise"], clocks["restore"]["state"]) == ("4h", "missed")
    assert clocks["on_site"]["reason"] == "P2 since 2 Mar 07:00: 1 h around the clock"


def test_metrics_count_broken_promises_and_those_at_risk(client: TestClient) -> None:
    lines = client.get("/metrics").text.splitlines()
    assert 'netcase_clocks_breached{kind="restore",severity="P2"} 1.0' in lines
    assert 'netcase_clocks_at_risk{kind="response",severity="P1"} 1.0' in lines
    broken = [line for line in lines if line.startswith("netcase_clocks_breached{") and not line.endswith(" 0.0")]
    assert len(broken) == 4


def test_every_kind_and_severity_is_counted_also_where_there_is_none(store: SqlStore) -> None:
    with store.read() as tx:
        assert len(promises.counts(tx, NETWORK, NOW)) == 2 * 4 * 4
