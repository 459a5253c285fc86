"""Who is on call, as it goes on: hand-overs, changes, and times without anybody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from agent.cases import oncall
from agent.cases.case import Case, CaseKind, CaseState, Severity
from agent.cases.oncall import Duty
from agent.inventory.customers import Person
from agent.inventory.device import Role
from agent.inventory.inventory import Inventory
from agent.inventory.teams import Level, Rotation, Team, Weekend
from agent.notifications import handover
from agent.ports import JobKind
from agent.storage.engine import SqlStore
from tests.story import START, Network, Story, device, inventory

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEKLY = Level(rotation=Rotation(people=("li", "wang"), hand_over="mon 09:00"))  # START is a Monday, 08:00
FROM = "2026-03-02 10:00"


def house(*levels: Level, **policies: object) -> Inventory:
    found = inventory([device("r1", role=Role.CORE)], [], ["r1"])
    people = {key: Person(name=key.title(), email=f"{key}@example.net") for key in ("li", "wang", "boss")}
    team = Team(name="tac", levels=levels, roles={"project_lead": "boss"})
    policies = {"keep_journal": timedelta(0), **policies}
    changed = replace(found.policies, **policies)
    return replace(found, people=people, teams={"tac": team}, policies=changed)


def told(story: Story, occasion: str) -> list[str]:
    with story.store.read() as tx:
        jobs = tx.jobs(kind=JobKind.NOTIFY)
        return [f"{job.payload['to']}: {job.payload['subject']}" for job in jobs if job.payload["occasion"] == occasion]


def changed(story: Story, make: Callable[[oncall.Roster], Duty]) -> Duty:
    with story.store.begin() as tx:
        return tx.add_duty(make(handover.roster(story.network.inventory, tx.duties(story.now - 99 * DAY))))


def gap(story: Story) -> Case:
    (case,) = [each for each in story.cases() if each.kind is CaseKind.ON_CALL_GAP]
    return case


@pytest.fixture
def begin(store: SqlStore) -> Callable[..., Story]:
    def story(*levels: Level, **policies: object) -> Story:
        return Story(store, Network(house(*levels, **policies)))

    return story


def test_whoever_comes_on_duty_is_told_once_with_the_cases_that_are_open(begin: Callable[..., Story]) -> None:
    story = begin(WEEKLY)
    story.kill("r1").run(minutes=50)
    assert told(story, "handover") == []
    story.run(minutes=11)
    (message,) = told(story, "handover")
    after = {"wang@example.net": "li@example.net", "li@example.net": "wang@example.net"}
    on_duty_before = next(
        line.split()[1] for line in story.told() if line.startswith("opened ") and "zhang" not in line
    )
    assert message.startswith(f"{after[on_duty_before]}: [netcase] You are on call now: tac, level 1, until")
    with story.store.read() as tx:
        (job,) = [job for job in tx.jobs(kind=JobKind.NOTIFY) if job.payload["occasion"] == "handover"]
    assert "NC-000001" in job.payload["text"] and "You take over from" in job.payload["text"]
    story.restart_agent()
    story.run(minutes=5)
    assert len(told(story, "handover")) == 1, "a restart tells nothing again"


def test_an_override_decides_who_is_told_of_a_case(begin: Callable[..., Story]) -> None:
    story = begin(WEEKLY)
    start, end = story.now, story.now + HOUR
    changed(story, lambda r: oncall.override(r, "tac", 1, "boss", start, end, why="ill", actor="li", now=start))
    story.kill("r1").run(minutes=4)
    assert "opened boss@example.net" in story.told()


def test_a_time_without_anybody_opens_a_case_that_the_project_lead_hears_of_and_that_ends_when_it_is_filled(
    begin: Callable[..., Story],
) -> None:
    story = begin(Level(weekend=Weekend(people=("li",), begins="mon 07:00", ends="mon 10:00")), oncall_gap_ahead=DAY)
    story.run(minutes=1)
    case = gap(story)
    assert (case.severity, case.state, case.subject.device, case.title) == (Severity.P3, CaseState.NEW, "", "tac L1")
    assert told(story, "on_call_gap") == [
        f"boss@example.net: [NC-000001] Nobody can be called: tac, level 1, from {FROM} until 2026-03-09 07:00 UTC"
    ]
    story.restart_agent()
    story.run(minutes=2)
    assert len(told(story, "on_call_gap")) == 1
    until = story.now + 3 * DAY
    duty = changed(
        story, lambda r: oncall.override(r, "tac", 1, "wang", story.now, until, why="gap", actor="boss", now=story.now)
    )
    story.run(minutes=2)
    assert gap(story).state is CaseState.RESOLVED
    assert story.timeline(case)[-1] == "state: somebody is on call again"
    with story.store.begin() as tx:
        tx.cancel_duty(duty.id, story.now, "boss")
    story.run(minutes=2)
    assert gap(story).state is CaseState.NEW, "the same case is open again"
    assert len(told(story, "on_call_gap")) == 2


def test_a_gap_that_a_person_resolved_is_not_told_again(begin: Callable[..., Story]) -> None:
    story = begin(Level(), oncall_gap_ahead=DAY)
    story.run(minutes=1)
    with story.store.begin() as tx:
        tx.save_case(replace(gap(story), state=CaseState.RESOLVED, resolved=story.now, updated=story.now))
    story.run(minutes=5)
    assert gap(story).state is CaseState.RESOLVED
    assert len(told(story, "on_call_gap")) == 1


def test_a_rota_that_is_whole_opens_nothing(begin: Callable[..., Story]) -> None:
    story = begin(WEEKLY, Level(always="boss"))
    story.run(minutes=3)
    assert story.cases() == []
    assert START.weekday() == 0
