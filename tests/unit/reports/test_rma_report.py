"""The monthly RMA list: what was replaced, what is owed, what runs low; made on the first of the month, once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from agent.app.monthly import Monthly
from agent.app.reporting import Reporter
from agent.cases.case import Case, CaseKind, CaseState, Severity
from agent.cases.rma import Rma, RmaState
from agent.cases.spares import Spare
from agent.inventory.customers import Customer, Language, Site
from agent.inventory.inventory import Inventory
from agent.inventory.policies import DailyReport, Policies, Smtp
from agent.inventory.vendors import Minimum, Replacing
from agent.observation import Subject
from agent.ports import JobKind
from agent.storage.engine import SqlStore, open_store
from reports import catalogue, document, rma
from reports.render import html

NOW = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
DAY = timedelta(days=1)


def network() -> Inventory:
    replacing = Replacing(minimum_stock=(Minimum(part="PSU", location="headquarters", least=2),))
    report = DailyReport(timezone="Asia/Shanghai", languages=(Language.EN, Language.ZH_CN), to=("boss@example.net",))
    return Inventory(
        customers={"acme": Customer(name="acme", title="Acme 极致")},
        sites={"hq": Site(name="hq", customer="acme", title="Head office", timezone="Asia/Shanghai")},
        policies=Policies(rma=replacing, daily_report=report, smtp=Smtp(host="127.0.0.1")),
    )


def an_rma(**more: object) -> Rma:
    base = Rma(
        case=1, device="sw1", part="PSU", serial_out="OLD1", fault="dead", site="hq", requested=NOW, requested_by="li"
    )
    return replace(base, **more)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path):  # type: ignore[no-untyped-def]
    opened = open_store(f"sqlite:///{tmp_path}/netcase.db")
    with opened.begin() as tx:
        tx.open_case(
            Case(
                problem="p",
                kind=CaseKind.REPORTED,
                subject=Subject("sw1"),
                severity=Severity.P3,
                state=CaseState.NEW,
                opened=NOW - 90 * DAY,
                updated=NOW,
                root="",
                customer="acme",
            )
        )
    yield opened
    opened.close()


def kept(store: SqlStore, *rmas: Rma) -> None:
    with store.begin() as tx:
        for each in rmas:
            found = tx.open_rma(replace(each, state=RmaState.REQUESTED))
            tx.save_rma(replace(each, number=found.number), RmaState.REQUESTED)
        tx.save_spares([Spare(serial="S1", part="PSU", location="headquarters", changed=NOW)])


def cells(made: document.Document, section: str) -> list[tuple[object, ...]]:
    return [row.cells for table in made.section(section).tables for row in table.rows]


def build(store: SqlStore, day: date, now: datetime = NOW) -> document.Document:
    with store.read() as tx:
        return rma.build(tx, network(), day, now)


HEALTHY = an_rma(
    state=RmaState.HEALTHY,
    serial_in="NEW1",
    source="site",
    requested=datetime(2026, 10, 30, tzinfo=UTC),
    installed=datetime(2026, 11, 2, 4, tzinfo=UTC),
    return_due=datetime(2026, 11, 16, 16, tzinfo=UTC),
)
CLOSED_BEFORE = an_rma(
    state=RmaState.CLOSED,
    serial_out="OLD2",
    requested=datetime(2026, 9, 1, tzinfo=UTC),
    closed=datetime(2026, 10, 2, tzinfo=UTC),
)
CLOSED_AFTER = an_rma(
    state=RmaState.CLOSED,
    serial_out="OLD3",
    requested=datetime(2026, 11, 20, tzinfo=UTC),
    closed=datetime(2026, 12, 1, tzinfo=UTC),
)
LATER = an_rma(serial_out="OLD4", requested=datetime(2026, 11, 30, 16, tzinfo=UTC))  # 1 December in Shanghai


def test_every_rma_that_was_open_in_the_month_is_listed_as_it_stood_at_its_end(store: SqlStore) -> None:
    kept(store, HEALTHY, CLOSED_BEFORE, CLOSED_AFTER, LATER)
    made = build(store, date(2026, 11, 7))
    assert cells(made, "rmas") == [
        (
            "RMA-000001",
            "NC-000001",
            "installed",
            "Acme 极致",
            "sw1",
            "PSU",
            "OLD1",
            "NEW1",
            "site",
            "2026-10-30",
            "2026-11-02",
            None,
        ),
        ("RMA-000003", "NC-000001", "requested", "Acme 极致", "sw1", "PSU", "OLD3", "", "", "2026-11-20", None, None),
    ]
    figures = {figure.key: figure.value for figure in made.headline}
    assert figures == {"requested": 1, "installed": 1, "open": 2, "late": 1, "low": 1}


def test_failed_parts_that_should_have_gone_back_are_listed_with_how_late_they_are(store: SqlStore) -> None:
    kept(store, HEALTHY, replace(HEALTHY, serial_out="OLD9", returned=datetime(2026, 11, 10, tzinfo=UTC)))
    (late,) = cells(build(store, date(2026, 11, 30)), "late")
    assert late[:4] == ("RMA-000001", "NC-000001", "OLD1", "PSU")
    assert late[5:] == ("2026-11-16", 14 * 86400.0)


def test_a_month_without_any_and_one_to_come_say_so(store: SqlStore) -> None:
    assert build(store, date(2026, 3, 1)).section("rmas").empty.text == "Nothing was replaced in this month."
    assert build(store, date(2027, 3, 1)).phase == "future"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_it_is_rendered_and_survives_json(store: SqlStore, language: str) -> None:
    kept(store, HEALTHY, replace(CLOSED_AFTER, serial_out="<script>"))
    made = build(store, date(2026, 11, 30))
    assert document.from_json(document.to_json(made)) == made
    page = html.render(made, language)
    assert "OLD1" in page
    assert "<script>" not in page.replace("<script>\n", "")
    assert {"en": "Failed parts that should have gone back", "zh_CN": "应寄回而未寄回的故障件"}[language] in page


def test_the_catalogue_knows_it() -> None:
    assert catalogue.report("rma").build is rma.build


def monthly(store: SqlStore, folder: Path, now: datetime) -> Monthly:
    inventory = network()
    return Monthly(store, inventory, Reporter(store, inventory, folder, lambda: now), folder, lambda: now)


def test_it_is_made_once_on_the_first_of_the_month_kept_written_and_mailed(store: SqlStore, tmp_path: Path) -> None:
    kept(store, HEALTHY)
    folder = tmp_path / "reports"
    early = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)  # 07:00 on the first in Shanghai, before the hour
    assert monthly(store, folder, early).issue() == []
    assert monthly(store, folder, early - DAY).issue() == ["rma"]  # October's, as after a month without the agent
    assert monthly(store, folder, early - DAY).issue() == []
    assert monthly(store, folder, NOW).issue() == ["rma"]
    assert monthly(store, folder, NOW + 20 * DAY).issue() == []
    with store.read() as tx:
        assert sorted(key for key, _ in tx.documents("rma")) == ["2026-10", "2026-11"]
        mails = [job.payload for job in tx.jobs(kind=JobKind.NOTIFY)]
    assert {(mail["to"], mail["subject"]) for mail in mails if "2026-11" in mail["subject"]} == {
        ("boss@example.net", "Monthly RMA list 2026-11"),
        ("boss@example.net", "RMA 月报 2026-11"),
    }
    assert (folder / "rma-2026-11.zh_CN.html").exists()


def test_a_new_agent_writes_no_list_of_the_time_before_it(store: SqlStore, tmp_path: Path) -> None:
    assert monthly(store, tmp_path / "reports", NOW).issue() == []
    kept(store, LATER)
    assert monthly(store, tmp_path / "reports", NOW + 31 * DAY).issue() == ["rma"]
    assert monthly(store, tmp_path / "reports", NOW + 62 * DAY).issue() == ["rma"]  # from then on empty ones, too
