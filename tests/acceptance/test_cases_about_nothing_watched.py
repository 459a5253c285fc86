"""A case that no fault made, about no device that anybody watches, goes wherever the others go."""

from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from agent.app import reporting
from agent.cases import ledger
from agent.cases.case import Action, Case, CaseKind, CaseState, Origin, Severity
from agent.cases.intake import Form
from agent.inventory.inventory import Inventory
from agent.metrics import Metrics
from agent.observation import Subject
from agent.pipeline import Pipeline, moving
from agent.pipeline.desk import Desk
from agent.pipeline.intake import open_case
from agent.ports import JobKind, Store
from agent.web.metrics_page import MetricsPage
from reports import catalogue
from tests.acceptance.test_opening import network
from tests.story import START, Network, Story

HOSTILE = "<script>alert(1)</script>\n\x1b[31m{{7*7}} %s {0} '\";--"
HOUR = timedelta(hours=1)


@pytest.fixture
def inventory() -> Inventory:
    return network()


@pytest.fixture
def reported(store: Store, inventory: Inventory) -> Case:
    form = Form(
        origin=Origin.EMAIL, title=HOSTILE, text=HOSTILE, severity=Severity.P1, reporter=HOSTILE, contract=HOSTILE
    )
    with store.begin() as tx:
        return open_case(Desk(tx, inventory, START), form)


@pytest.fixture
def gap(store: Store) -> Case:
    with store.begin() as tx:
        return tx.open_case(
            Case(
                problem="gap|tac|1",
                kind=CaseKind.ON_CALL_GAP,
                subject=Subject(""),
                severity=Severity.P3,
                state=CaseState.NEW,
                opened=START,
                updated=START,
                root="",
                title="Nobody is on call",
            )
        )


@pytest.mark.parametrize("name", sorted(catalogue.REPORTS))
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_report_tells_of_it_in_every_language(
    store: Store, inventory: Inventory, reported: Case, gap: Case, name: str, language: str
) -> None:
    Story(store, Network(inventory)).run(minutes=5)
    made = reporting.build(store, inventory, name, START.date(), START + 20 * HOUR)
    for form in reporting.FORMATS:
        said = reporting.render(made, language, form)
        assert "<script>alert" not in said or form == "json"
        assert "\x1b" not in said


def test_the_daily_report_says_what_it_is_about(store: Store, inventory: Inventory, gap: Case) -> None:
    Story(store, Network(inventory)).run(minutes=5)
    made = reporting.build(store, inventory, "daily", START.date(), START + 20 * HOUR)
    assert "Nobody is on call" in reporting.render(made, "en", "html")


def test_metrics_count_it(store: Store, inventory: Inventory, reported: Case, gap: Case) -> None:
    page = MetricsPage(Metrics(CollectorRegistry(), "0"), store, inventory, lambda: START + HOUR).page().decode()
    assert list(text_string_to_metric_families(page))
    assert 'netcase_open_cases{severity="P1"} 1' in page


def test_writing_it_down_is_not_the_first_act_of_a_person(store: Store, reported: Case) -> None:
    with store.read() as tx:
        log = tx.timeline(reported.number)
        found = ledger.of(reported, (), log)
    assert log[0].actor != ledger.US
    assert (found.acted, found.detected, found.steps) == (None, None, {})


def test_mails_of_it_are_bounded_lines(store: Store, reported: Case) -> None:
    with store.read() as tx:
        mails = [job.payload for job in tx.jobs(kind=JobKind.NOTIFY)]
    assert mails
    for mail in mails:
        assert "\n" not in mail["subject"] and "\x1b" not in mail["text"] + mail["subject"]
        assert "<script>alert" not in mail["html"]


def test_time_and_people_move_it_as_any_other(store: Store, inventory: Inventory, reported: Case, gap: Case) -> None:
    pipeline = Pipeline(store, inventory)
    pipeline.settle(START + HOUR)
    pipeline.tend(START + HOUR)
    with store.begin() as tx:
        moving.move(tx, reported.number, CaseState.IN_PROGRESS, "li", "begun", START + HOUR)
        moving.move(tx, reported.number, CaseState.RESOLVED, "li", "a cable", START + 2 * HOUR)
    grace = inventory.policies.grace
    pipeline.tend(START + 2 * HOUR + grace)
    with store.read() as tx:
        after = tx.case(reported.number)
        still = tx.case(gap.number)
    assert after is not None and (after.state, after.live) == (CaseState.RESOLVED, False)
    assert still is not None and still.live


def test_faults_join_no_case_that_a_person_opened(store: Store, inventory: Inventory) -> None:
    with store.begin() as tx:
        mine = open_case(Desk(tx, inventory, START), Form(origin=Origin.HOTLINE, title="slow", device="edge"))
    story = Story(store, Network(inventory)).run(minutes=3)
    story.cut("core", "edge").run(minutes=5)
    with store.read() as tx:
        automatic = [case for case in tx.cases() if case.number != mine.number]
        log = tx.timeline(mine.number)
    assert len(automatic) == 1
    assert not [entry for entry in log if entry.action in (Action.ROOT, Action.SYMPTOM)]


def test_a_device_that_left_the_inventory_leaves_its_reported_case_alone(store: Store, inventory: Inventory) -> None:
    with store.begin() as tx:
        case = open_case(Desk(tx, inventory, START), Form(origin=Origin.HOTLINE, title="slow", device="edge"))
    left = replace(inventory, devices={n: d for n, d in inventory.devices.items() if n != "edge"})
    pipeline = Pipeline(store, left)
    pipeline.let_go(START + HOUR)
    pipeline.settle(START + HOUR)
    pipeline.tend(START + HOUR)
    with store.read() as tx:
        assert tx.case(case.number) is not None
