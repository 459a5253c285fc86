"""Stories of promises: who is warned before one is broken, and who is told when it is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.cases import milestones, moves, sla
from agent.cases.case import Action, Case, CaseState, Entry, Severity
from agent.inventory.customers import Person
from agent.inventory.inventory import Inventory
from agent.inventory.promises import Sla, within
from agent.inventory.teams import Team
from agent.storage.engine import SqlStore
from tests import story as stories
from tests.story import Network, Story

SHORT = {"P2": Sla(response=within(minutes=10), restore=within(minutes=30)), "P3": Sla(restore=within(minutes=60))}
MINUTE = timedelta(minutes=1)


def inventory(sla_of_all: dict[str, Sla] | None = None) -> Inventory:
    plain = stories.inventory([stories.device("core"), stories.device("acc1")], [("core", "acc1")], ["core"])
    short = SHORT["P2"]
    return replace(
        plain,
        people={
            "li": Person(name="Li Na", email="li@example.net", channels=("email",)),
            "lead": Person(name="Wang Lei", email="lead@example.net", channels=("email",)),
        },
        teams={"tac": Team(name="tac", on_call=("li",), roles={"project_lead": "lead"})},
        policies=replace(plain.policies, sla=sla_of_all or dict.fromkeys(("P1", "P2", "P3", "P4"), short)),
    )


@pytest.fixture
def story(store: SqlStore) -> Story:
    return Story(store, Network(inventory())).run(minutes=3)


def broken(story: Story) -> Case:
    story.kill("acc1").run(minutes=5)
    return story.only_case()


def told(story: Story) -> list[str]:
    return [line for line in story.told() if line.startswith("sla_")]


def warned(story: Story) -> list[tuple[str, str]]:
    with story.store.read() as tx:
        timeline = tx.timeline(story.only_case().number)
    return [(entry.data["clock"], entry.data["what"]) for entry in timeline if entry.action is Action.WARNED]


def acts(story: Story, entry: Entry, case: Case | None = None) -> None:
    with story.store.begin() as tx:
        if case:
            tx.save_case(case)
        tx.log([entry])


def note(story: Story) -> None:
    text, number = "looked at", story.only_case().number
    acts(story, Entry(case=number, at=story.now, action=Action.NOTE, text=text, actor="li"))


def test_whoever_is_on_call_is_warned_before_a_promise_is_broken_and_the_project_lead_told_when_it_is(each_store):
    story = Story(each_store, Network(inventory())).run(minutes=3)
    case = broken(story)
    story.run(seconds=(case.opened + 9 * MINUTE - story.now).total_seconds())
    assert told(story) == ["sla_warning li@example.net"]
    story.run(minutes=2)
    assert told(story) == ["sla_breach lead@example.net", "sla_breach li@example.net", "sla_warning li@example.net"]
    assert warned(story) == [("response", "warning"), ("response", "breach")]
    story.restart_agent()
    story.run(minutes=5)
    assert warned(story) == [("response", "warning"), ("response", "breach")]


def test_nobody_is_warned_of_what_is_done(story):
    broken(story)
    note(story)
    story.run(minutes=8)
    assert told(story) == []


def test_a_case_that_is_over_warns_nobody(story):
    case = broken(story)
    note(story)
    story.revive("acc1").run(minutes=20)
    assert story.only_case().state is CaseState.RESOLVED
    story.run(minutes=40)
    assert warned(story) == []
    with story.store.read() as tx:
        clocks = sla.clocks(story.only_case(), tx.timeline(case.number), story.network.inventory, story.now)
    assert clocks.restore.state is sla.State.MET


def test_waiting_for_the_customer_puts_the_warning_off_and_a_new_time_warns_anew(story):
    case = broken(story)
    note(story)
    story.run(seconds=(case.opened + 25 * MINUTE - story.now).total_seconds())
    assert warned(story) == [("restore", "warning")]
    moved, entry = moves.move(story.only_case(), CaseState.WAITING_FOR_CUSTOMER, "li", "no key to the room", story.now)
    acts(story, entry, moved)
    story.run(minutes=30)
    assert warned(story) == [("restore", "warning")]
    moved, entry = moves.move(story.only_case(), CaseState.IN_PROGRESS, "li", "the key is there", story.now)
    acts(story, entry, moved)
    story.run(minutes=1)
    assert warned(story) == [("restore", "warning")] * 2
    story.run(minutes=6)
    assert warned(story)[-1] == ("restore", "breach")


def test_a_service_that_works_another_way_round_breaks_no_promise(story):
    broken(story)
    with story.store.read() as tx:
        case, log = story.only_case(), tx.timeline(story.only_case().number)
    acts(story, milestones.restored(case, log, "li", "over the other uplink", story.now))
    story.run(minutes=60)
    assert warned(story) == []


def test_a_contract_that_is_corrected_corrects_the_clocks(story):
    broken(story)
    note(story)
    story.run(minutes=15)
    story.network.inventory = inventory(dict.fromkeys(("P1", "P2", "P3", "P4"), SHORT["P3"]))
    story.restart_agent()
    story.pipeline.let_go(story.now)
    story.run(minutes=25)
    assert warned(story) == []
    story.run(minutes=10)
    assert warned(story) == [("restore", "warning")]


def test_a_warning_is_told_in_the_reader_s_language_with_the_time_on_the_site_s_clock(story):
    case = broken(story)
    story.run(seconds=(case.opened + 9 * MINUTE - story.now).total_seconds())
    with story.store.read() as tx:
        (mail,) = (job.payload for job in tx.jobs() if job.payload.get("occasion") == "sla_warning")
    assert mail["subject"].startswith("[NC-000001] Due in 2 min: response, P")
    due = case.opened + 10 * MINUTE
    assert f"Due: {due:%Y-%m-%d %H:%M} (UTC)" in mail["text"]


def test_a_state_that_nobody_keeps_current_is_told_to_the_engineer_and_left_to_escalation(store):
    only = dict.fromkeys(("P1", "P2", "P3", "P4"), Sla(update=within(minutes=10)))
    story = Story(store, Network(inventory(only))).run(minutes=3)
    case = broken(story)
    story.run(seconds=(case.opened + 11 * MINUTE - story.now).total_seconds())
    assert told(story) == ["sla_breach li@example.net", "sla_warning li@example.net"]


def test_what_a_person_lowered_stays_lowered_while_it_grows_no_worse(store):
    plain = stories.inventory(
        [stories.device(name) for name in ("core", "acc1", "acc2", "acc3", "acc4", "acc5")],
        [("core", f"acc{n}") for n in range(1, 6)],
        ["core"],
    )
    story = Story(store, Network(plain)).run(minutes=3)
    case = broken(story)
    lowered, entry = milestones.weighed(case, Severity.P4, "li", "nobody works there", story.now)
    acts(story, entry, lowered)
    story.run(minutes=12)
    assert case.severity < Severity.P4
    assert story.only_case().severity is Severity.P4
