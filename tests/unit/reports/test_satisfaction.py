"""What customers answered in a week, gathered."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from agent.cases.case import Case, CaseState, Severity
from agent.cases.survey import Standing, Survey
from agent.faults.fault import FaultKind
from agent.inventory.customers import Customer, Person
from agent.inventory.inventory import Inventory
from agent.observation import Subject
from agent.storage.engine import SqlStore, open_store
from reports import document, satisfaction
from reports.document import Document, Tone
from reports.render import html

SUNDAY = date(2026, 3, 8)
NOW = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
KNOWN = Inventory(
    customers={"acme": Customer(name="acme", title="Acme Bank"), "orient": Customer(name="orient")},
    people={"li": Person(name="Li Na")},
)
GOOD = {"response": 5, "skill": 5, "attitude": 5, "result": 4}
BAD = {"response": 4, "skill": 4, "attitude": 5, "result": 1}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'netcase.db'}")
    yield opened
    opened.close()


def survey(store: SqlStore, **more: object) -> Survey:
    case = Case(
        problem=f"p{len(more)}{more}",
        kind=FaultKind.FAN_FAILED,
        subject=Subject("core1"),
        severity=Severity.P3,
        state=CaseState.CLOSED,
        opened=NOW - 9 * DAY,
        updated=NOW,
        root="",
        live=False,
    )
    asked = NOW - 5 * DAY
    with store.begin() as tx:
        made = Survey(
            case=tx.open_case(case).number,
            customer="acme",
            engineer="li",
            standing=Standing.ASKED,
            asked=asked,
            until=asked + 14 * DAY,
        )
        made = replace(made, **more)  # type: ignore[arg-type]
        tx.save_survey(made)
    return made


def answered(store: SqlStore, scores: dict[str, int], **more: object) -> Survey:
    values = {"standing": Standing.ANSWERED, "answered": NOW - 4 * DAY, "by": "Zhang", "how": "link", **scores, **more}
    return survey(store, **values)


def build(store: SqlStore, day: date = SUNDAY, now: datetime = NOW) -> Document:
    with store.read() as tx:
        return satisfaction.build(tx, KNOWN, day, now)


def figures(made: Document) -> dict[str, object]:
    return {figure.key: figure.value for figure in made.headline}


def rows(made: Document, section: str) -> list[tuple[object, ...]]:
    return [row.cells for row in made.section(section).tables[0].rows]


def test_who_did_not_answer_is_counted_and_is_in_no_average(store: SqlStore) -> None:
    answered(store, GOOD)
    answered(store, BAD, call_back=NOW - 3 * DAY)
    survey(store, until=NOW - 2 * DAY, standing=Standing.NO_ANSWER)
    survey(store)
    made = build(store)
    assert figures(made) == {"answered": 2, "mean": 4.12, "low": 1, "owed": 1}
    assert (made.headline[0].of, made.headline[0].note.values) == (3, {"n": 1})
    assert len(rows(made, "silent")) == 1
    means = [row[1] for row in rows(made, "questions")]
    assert means == [4.5, 4.5, 5, 2.5]


def test_averages_are_told_by_engineer_and_by_customer(store: SqlStore) -> None:
    answered(store, GOOD)
    answered(store, BAD, customer="orient", engineer="")
    made = build(store)
    assert rows(made, "engineers") == [("Li Na", 1, 5, 5, 5, 4, 4.75), ("–", 1, 4, 4, 5, 1, 3.5)]
    assert [row[0] for row in rows(made, "customers")] == ["Acme Bank", "orient"]


def test_a_call_that_is_owed_stays_until_it_is_made_and_is_shown_in_the_week_in_which_it_was(store: SqlStore) -> None:
    old = answered(store, BAD, answered=NOW - 40 * DAY, call_back=NOW - 39 * DAY, until=NOW - 30 * DAY)
    assert [row[3] for row in rows(build(store), "calls")] == ["overdue"]
    with store.begin() as tx:
        tx.save_survey(replace(old, called_back=NOW - 2 * DAY, called_by="wang", said="apologised"))
    assert [row[3] for row in rows(build(store), "calls")] == ["done"]
    later = build(store, SUNDAY + 7 * DAY, NOW + 7 * DAY)
    assert rows(later, "calls") == []
    assert later.headline[3].tone is Tone.GOOD


def test_a_week_without_answers_has_no_mean(store: SqlStore) -> None:
    made = build(store)
    assert figures(made) == {"answered": 0, "mean": None, "low": 0, "owed": 0}
    assert made.section("questions").tables[0].rows == ()


def test_what_customers_write_is_escaped_in_both_languages(store: SqlStore) -> None:
    answered(store, BAD, comment="<script>alert(1)</script>", call_back=NOW)
    made = build(store)
    assert document.from_json(document.to_json(made)) == made
    for language, title in (("en", "Customer satisfaction"), ("zh_CN", "客户满意度")):
        page = html.render(made, language)
        assert title in page
        assert "<script>" not in page
        assert "&lt;script&gt;" in page


def test_a_week_to_come_says_nothing(store: SqlStore) -> None:
    made = build(store, SUNDAY + 14 * DAY)
    assert (made.phase, made.headline, made.sections) == ("future", (), ())
