"""The availability report: hours, failures, sites, links, and how fast we were."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from agent.cases.case import Action, Case, CaseState, Entry, Severity
from agent.faults.availability import Span
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory.hours import OFFICE
from agent.inventory.inventory import Inventory, Link
from agent.observation import ComponentKind, Subject
from agent.ports import Store
from reports import availability
from reports.document import Document, from_json, to_json
from tests.fakes_reports import MIDNIGHT, MORNING, ZONE, at, inventory, story

DAY = MIDNIGHT.astimezone(ZoneInfo(ZONE)).date()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = story(tmp_path_factory.mktemp("store"))
    port = Subject("bj-core-1", ComponentKind.INTERFACE, "Gi0/2")
    with made.begin() as tx:
        for hours, state in ((-24, "up"), (5, "down"), (5.5, "up")):
            tx.change(port, state, at(hours))
        _answered_case(tx)
    return made


def _answered_case(tx) -> None:
    root = Fault(
        id="cut",
        subject=Subject("sz-acc-1"),
        kind=FaultKind.DEVICE_UNREACHABLE,
        state=FaultState.CONFIRMED,
        began=at(3),
        last_good=at(3) - timedelta(minutes=1),
        confirmed=at(3) + timedelta(minutes=1),
        reason="no answer",
    )
    case = Case(
        problem="cut",
        kind=root.kind,
        subject=root.subject,
        severity=Severity.P2,
        state=CaseState.NEW,
        opened=at(3) + timedelta(minutes=2),
        updated=at(3),
        root="cut",
        customer="forge",
        began=root.began,
    )
    number = tx.open_case(case).number
    tx.save_faults([replace(root, case=number)])
    tx.log([Entry(case=number, at=at(3.5), action=Action.NOTE, text="on it", actor="li")])


def known() -> Inventory:
    made = inventory()
    made.contracts["C-2"] = replace(made.contracts["C-2"], coverage=OFFICE)
    return replace(made, links=(Link("bj-core-1", "Gi0/2", "bj-core-2", "Gi0/2"),))


@pytest.fixture(scope="module")
def report(store: Store) -> Document:
    with store.read() as tx:
        return availability.of_day(tx, known(), DAY, MORNING)


def rows(report: Document, section: str, table: str) -> list[dict[str, object]]:
    found = next(each for each in report.section(section).tables if each.key == table)
    return [dict(zip((c.key for c in found.columns), row.cells, strict=True)) for row in found.rows]


def test_hours_are_told_where_a_contract_does_not_cover_all_of_them(report, store):
    found = {row["device"]: row for row in rows(report, "availability", "devices")}
    assert (found["sh-rt-1"]["hours"], found["sh-rt-1"]["verdict"]) == ("7x24", "missed")
    assert found["sz-rt-1"]["hours"] == "5x8"
    with store.read() as tx:
        plain = availability.of_day(tx, inventory(), DAY, MORNING)
    assert "hours" not in rows(plain, "availability", "devices")[0]


def test_outside_its_hours_a_device_has_neither_met_nor_missed_its_target(report):
    """The day is a Saturday."""
    found = {row["device"]: row for row in rows(report, "availability", "devices")}
    assert found["sz-rt-1"]["verdict"] == ""
    assert found["sz-rt-1"]["availability"] == pytest.approx(100 * 21 / 23)


def test_devices_that_failed_have_mean_times_and_no_other_stands_there(report):
    found = {row["device"]: row for row in rows(report, "availability", "failures")}
    assert set(found) == {"sh-rt-1", "sz-rt-1", "bj-core-2"}
    assert found["sh-rt-1"] == {
        "device": "sh-rt-1",
        "outages": 1,
        "longest": 7200.0,
        "mttr": 7200.0,
        "mtbf": 21 * 3600.0,
    }


def test_a_site_has_its_mean_and_what_of_it_could_be_reached(report):
    found = {row["site"]: row for row in rows(report, "places", "sites")}
    assert found["Shanghai branch"]["availability"] == pytest.approx((100 + 100 * 21 / 23) / 2)
    assert (found["Shanghai branch"]["reachable"], found["Shanghai branch"]["dark"]) == (100.0, 0.0)


def test_links_that_were_down_are_listed(report):
    (link,) = rows(report, "places", "links")
    assert (link["link"], link["down"], link["outages"]) == ("bj-core-1:Gi0/2 – bj-core-2:Gi0/2", 1800.0, 1)


def test_how_fast_we_were_is_told_by_step_and_by_customer(report):
    steps = {row["step"].text: row for row in rows(report, "speed", "steps")}
    assert steps["Detected, after it truly began"]["worst"] == 60.0
    assert steps["First act of a person, after the case was opened"]["median"] == 28 * 60.0
    customers = {row["customer"]: row for row in rows(report, "speed", "customers")}
    assert (customers["North Forge"]["detection"], customers["North Forge"]["answer"]) == (60.0, 28 * 60.0)


def test_it_comes_back_from_json_the_same(report):
    assert from_json(to_json(report)) == report


def test_a_period_without_a_case_says_so(store):
    with store.read() as tx:
        quiet = availability.build(tx, known(), Span(at(-40), at(-35)), MORNING)
    assert quiet.phase == "unwatched" or quiet.section("speed").tables == ()
