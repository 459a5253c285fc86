"""Case tracking of a week."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from agent.cases.case import Action, Case, CaseKind, CaseState, Entry, Severity
from agent.faults.fault import FaultKind
from agent.inventory.customers import Contract, Customer
from agent.inventory.inventory import Inventory
from agent.observation import Subject
from agent.storage.engine import SqlStore, open_store
from reports import document, tracking
from reports.document import Document
from reports.render import html

SUNDAY = date(2026, 3, 8)
NOW = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
KNOWN = Inventory(
    customers={"acme": Customer(name="acme", title="Acme Bank")},
    contracts={"C-1": Contract(number="C-1", customer="acme", starts=date(2026, 1, 1), ends=date(2026, 12, 31))},
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'netcase.db'}")
    yield opened
    opened.close()


def case(store: SqlStore, opened: datetime, **more: object) -> Case:
    made = Case(
        problem=f"{opened}{more}",
        kind=FaultKind.FAN_FAILED,
        subject=Subject("core1"),
        severity=Severity.P3,
        state=CaseState.IN_PROGRESS,
        opened=opened,
        updated=opened,
        root="",
        customer="acme",
        contract="C-1",
        contract_status="valid",
    )
    with store.begin() as tx:
        return tx.open_case(replace(made, **more))  # type: ignore[arg-type]


def closed(at: datetime) -> dict[str, object]:
    return {"state": CaseState.CLOSED, "resolved": at - HOUR, "closed": at, "live": False, "updated": at}


def build(store: SqlStore, day: date = SUNDAY, now: datetime = NOW) -> Document:
    with store.read() as tx:
        return tracking.build(tx, KNOWN, day, now)


def figures(made: Document) -> dict[str, object]:
    return {figure.key: figure.value for figure in made.headline}


def rows(made: Document, section: str, table: int = 0) -> list[tuple[object, ...]]:
    return [row.cells for row in made.section(section).tables[table].rows]


def test_what_came_went_and_stays_adds_up(store: SqlStore) -> None:
    case(store, NOW - 20 * DAY, severity=Severity.P2)
    case(store, NOW - 20 * DAY, **closed(NOW - 3 * DAY))
    case(store, NOW - 20 * DAY, **{**closed(NOW - 3 * DAY), "resolved": NOW - 15 * DAY})  # closed long after
    case(store, NOW - 20 * DAY, **closed(NOW - 12 * DAY))
    case(store, NOW - 3 * DAY, severity=Severity.P1)
    case(store, NOW - 2 * HOUR)  # after the week
    made = build(store)
    found = figures(made)
    assert (found["opened"], found["resolved"], found["closed"]) == (1, 1, 2)
    flow = {row[0]: row[1:] for row in rows(made, "flow")}
    assert flow["P1"] == (0, 1, 0, 0, 1)
    assert flow["P2"] == (1, 0, 0, 0, 1)
    assert flow["P3"][:4] == (1, 0, 1, 2)


def test_open_cases_are_told_by_state_and_by_age(store: SqlStore) -> None:
    case(store, NOW - 9 * DAY, severity=Severity.P2)
    case(store, NOW - 2 * DAY)
    case(store, NOW - 5 * DAY, state=CaseState.WITH_VENDOR)
    made = build(store)
    assert [(row[0], row[5]) for row in rows(made, "open")] == [("in_progress", 2), ("with_vendor", 1)]
    ages = [(row[0].text, row[5]) for row in rows(made, "open", 1)]  # type: ignore[attr-defined]
    assert ages == [("1 to 3 days", 1), ("3 to 7 days", 1), ("over 7 days", 1)]
    assert [row[0] for row in rows(made, "open", 2)] == ["NC-000001", "NC-000003", "NC-000002"]


def test_promises_that_were_missed_and_escalations_are_listed(store: SqlStore) -> None:
    late = case(store, NOW - 4 * DAY, severity=Severity.P2)
    with store.begin() as tx:
        tx.log([Entry(case=late.number, at=NOW - 3 * DAY, action=Action.ESCALATED, text="technical manager told")])
        tx.log([Entry(case=late.number, at=NOW - HOUR, action=Action.ESCALATED, text="after the week")])
    made = build(store)
    assert figures(made)["escalated"] == 1
    assert figures(made)["restored"] == 0
    assert {row[2] for row in rows(made, "promises", 1)} >= {"restore"}
    assert rows(made, "promises")[-1][1] == 1


def test_merged_cases_and_gaps_in_the_rota_are_not_counted(store: SqlStore) -> None:
    one = case(store, NOW - 3 * DAY)
    case(store, NOW - 3 * DAY, severity=Severity.P2, merged_into=one.number)
    case(store, NOW - 3 * DAY, severity=Severity.P4, kind=CaseKind.ON_CALL_GAP)
    assert figures(build(store))["opened"] == 1


def test_it_is_rendered_in_both_languages_and_comes_back_from_json(store: SqlStore) -> None:
    case(store, NOW - 3 * DAY, title="<b>no telephone</b>", kind=CaseKind.REPORTED)
    made = build(store)
    assert document.from_json(document.to_json(made)) == made
    for language, title in (("en", "Weekly case tracking"), ("zh_CN", "每周工单跟踪")):
        page = html.render(made, language)
        assert title in page
        assert "<b>no telephone" not in page


def test_a_week_without_cases_says_so(store: SqlStore) -> None:
    made = build(store)
    assert figures(made) == {
        "opened": 0, "resolved": 0, "closed": 0, "open": 0, "restored": None, "escalated": 0, "rmas": 0
    }  # fmt: skip
    assert build(store, SUNDAY + 14 * DAY).phase == "future"
