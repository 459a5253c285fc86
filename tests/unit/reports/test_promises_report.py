"""The report on a month's promises: by contract, customer and severity, and what was broken."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from agent.cases.case import Action, CaseState, Entry, Severity
from agent.storage.engine import SqlStore, open_store
from reports import catalogue, document
from reports.document import Document
from reports.render import html
from tests.unit.cases.slas import DAY, HOUR, MINUTE, case_of, inventory_of, utc

MARCH = date(2026, 3, 15)
OPENED = utc("2026-03-10T12:00")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path}/netcase.db")
    yield opened
    opened.close()


def opens(store: SqlStore, problem: str, severity: Severity, answered: timedelta, resolved: timedelta) -> None:
    case = replace(case_of(OPENED, severity), problem=problem, number=0)
    with store.begin() as tx:
        number = tx.open_case(case).number
        told = [
            Entry(case=number, at=OPENED, action=Action.SEVERITY, text="", data={"to": str(severity)}),
            Entry(case=number, at=OPENED + answered, action=Action.NOTE, text="", actor="li"),
            Entry(
                case=number,
                at=OPENED + resolved,
                action=Action.STATE,
                text="",
                actor="li",
                data={"from": "new", "to": str(CaseState.RESOLVED)},
            ),
        ]
        tx.log(told)


def made(store: SqlStore, day: date = MARCH, now: str = "2026-04-02T00:00") -> Document:
    with store.read() as tx:
        return catalogue.report("promises").build(tx, inventory_of(), day, utc(now))


def cells(found: Document, key: str) -> list[tuple[object, ...]]:
    (section,) = (each for each in found.sections if each.key == key)
    return [row.cells for table in section.tables for row in table.rows]


def test_promises_are_told_by_contract_customer_and_severity(store):
    opens(store, "kept", Severity.P2, 5 * MINUTE, 30 * MINUTE)
    opens(store, "late", Severity.P1, 20 * MINUTE, 3 * HOUR)
    found = made(store)
    assert cells(found, "contract") == [("C-1", 2, 50.0, 0.0, 50.0, 75.0)]
    assert cells(found, "customer") == [("acme", 2, 50.0, 0.0, 50.0, 75.0)]
    assert [row[0] for row in cells(found, "severity")] == ["P1", "P2"]
    assert [figure.value for figure in found.headline] == [2, 50.0, 0.0, 50.0, 75.0]


def test_what_was_broken_is_named_the_most_severe_and_the_latest_first(store):
    opens(store, "late", Severity.P1, 20 * MINUTE, 3 * HOUR)
    assert [row[2:] for row in cells(made(store), "missed")] == [
        ("on_site", 7200.0),
        ("restore", 3600.0),
        ("response", 300.0),
    ]


def test_a_month_that_is_over_does_not_change_with_what_comes_after(store):
    opens(store, "late", Severity.P4, DAY, 40 * DAY)
    assert cells(made(store), "missed") == cells(made(store, now="2026-08-01T00:00"), "missed")


def test_a_month_without_cases_says_so_in_both_languages(store):
    found = made(store, date(2026, 2, 1))
    assert {section.empty.text for section in found.sections[:3]} == {"No case was opened in this month."}
    assert "本月没有开立工单。" in html.render(found, "zh_CN")
    assert document.from_json(document.to_json(found)) == found


def test_a_month_to_come_promises_nothing(store):
    assert made(store, date(2027, 1, 1)).sections == ()
