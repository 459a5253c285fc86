"""A case that nobody takes up, and one that is not over."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from agent.cases import moves
from agent.cases.case import Action, CaseState, Entry
from agent.inventory.customers import Person
from agent.inventory.device import Role
from agent.inventory.inventory import Inventory
from agent.inventory.teams import Level, Team
from agent.pipeline import ladder
from agent.ports import Job, JobKind
from agent.storage.engine import SqlStore
from tests.story import Network, Story, device, inventory

ROLES = ("project_lead", "technical_manager", "technical_director", "general_manager")
MINUTE = timedelta(minutes=1)


def house() -> Inventory:
    found = inventory([device("r1", role=Role.CORE)], [], ["r1"])
    people = {key: Person(name=key, email=f"{key}@example.net") for key in ("ann", "bob", "cid", *ROLES)}
    team = Team(name="tac", on_call=("ann", "bob", "cid"), roles={role: role for role in ROLES})
    policies = replace(found.policies, keep_journal=timedelta(0))
    return replace(found, people=people, teams={"tac": team}, policies=policies)


@pytest.fixture
def story(each_store: SqlStore) -> Story:
    return Story(each_store, Network(house())).kill("r1").run(minutes=3)


def jump(story: Story, minutes: float) -> Story:
    """Time passes and only what time does to cases is done: a day is a long story."""
    story.now += minutes * MINUTE
    story.pipeline.tend(story.now)
    return story


def escalated(story: Story) -> list[str]:
    with story.store.read() as tx:
        log = tx.timeline(1)
    return [f"{e.data['trigger']} {e.data.get('level') or e.data['post']}" for e in log if e.action is Action.ESCALATED]


def messages(story: Story) -> list[str]:
    wanted = ("paged ", "escalated ")
    return [each for each in story.told() if each.startswith(wanted)]


def note(story: Story, actor: str = "ann") -> None:
    with story.store.begin() as tx:
        tx.log([Entry(case=1, at=story.now, action=Action.NOTE, text="at it", actor=actor)])


def test_a_p2_pages_level_by_level_until_somebody_takes_it_up(story: Story) -> None:
    case = story.only_case()
    assert case.severity == "P2"
    assert escalated(story) == ["paging 1"]
    assert messages(story) == [], "the message of the opening is the page: nobody is told the same twice"
    jump(story, 15)
    assert messages(story) == ["paged bob@example.net"]
    jump(story, 1)
    with story.store.begin() as tx:
        known, entry = moves.acknowledge(case, "bob", None, "on it", story.now)
        tx.save_case(known)
        tx.log([entry])
    jump(story, 30)
    assert messages(story) == ["paged bob@example.net"], "level 3 sleeps on"


def test_each_post_of_the_matrix_hears_of_it_in_its_hour_and_a_restart_tells_nobody_twice(story: Story) -> None:
    opened = story.only_case().opened
    for _ in range(25 * 2):
        note(story)
        story.restart_agent()
        jump(story, 30)
        jump(story, 0)
    with story.store.read() as tx:
        told = [e for e in tx.timeline(1) if e.data.get("trigger") == "elapsed"]
        jobs = tx.jobs(kind=JobKind.NOTIFY, case=1)
    assert [(e.data["post"], datetime.fromisoformat(e.data["due"]) - opened) for e in told] == [
        (role, timedelta(hours=hours)) for role, hours in zip(ROLES, (2, 4, 12, 24), strict=True)
    ]
    assert [job.payload["to"] for job in jobs if job.payload["occasion"] == "escalated"] == [
        f"{role}@example.net" for role in ROLES
    ]


def test_a_case_that_nobody_touches_reaches_the_next_post_sooner(story: Story) -> None:
    note(story)
    jump(story, 61)
    assert escalated(story)[-1] == "stale project_lead"
    assert story.timeline(story.only_case())[-1] == (
        "escalated: project lead told: project_lead by email; nobody touched it for 1 h"
    )


def test_it_stops_when_the_service_works_again(story: Story) -> None:
    note(story)
    story.revive("r1").run(minutes=16)
    assert story.only_case().state is CaseState.RESOLVED
    jump(story, 300)
    assert messages(story) == []


def test_what_an_acknowledgement_held_back_is_told_when_it_lapses(story: Story) -> None:
    with story.store.begin() as tx:
        until = story.now + timedelta(hours=5)
        known, entry = moves.acknowledge(story.only_case(), "ann", until, "night", story.now)
        tx.save_case(known)
        tx.log([entry])
    jump(story, 299)
    assert [each for each in messages(story) if each.startswith("escalated")] == []
    jump(story, 1)
    assert set(messages(story)) >= {"escalated project_lead@example.net", "paged ann@example.net"}
    assert "escalated technical_manager@example.net" in messages(story)


def test_the_case_shows_who_was_told_how_whether_it_arrived_and_whether_it_was_read(story: Story) -> None:
    jump(story, 15)
    with story.store.begin() as tx:
        for job in tx.lease(JobKind.NOTIFY, story.now, MINUTE, "me", 20):
            _deliver(tx, job, story.now)
    jump(story, 2)
    note(story, "bob")
    case = story.only_case()
    with story.store.read() as tx:
        rungs = ladder.rungs(tx, story.network.inventory, case, tx.timeline(1), story.now)
    first, second, *coming = [(each.who, each.delivered, each.read) for each in rungs]
    assert (first, second) == (("ann", "done", None), ("bob", "failed", story.now))
    assert ("project_lead", "", None) in coming
    assert all(each.told is None and each.due > story.now for each in rungs[2:])


def _deliver(tx: object, job: Job, now: datetime) -> None:
    if job.payload["to"] == "bob@example.net":
        tx.fail(job, now, "550 no such user")  # type: ignore[attr-defined]
    else:
        tx.finish(job, now, "250 ok")  # type: ignore[attr-defined]


def test_a_post_that_nobody_holds_falls_to_whoever_is_on_call(each_store: SqlStore) -> None:
    inventory_ = replace(house(), teams={"tac": Team(name="tac", on_call=("ann",))})
    story = Story(each_store, Network(inventory_)).kill("r1").run(minutes=3)
    note(story)
    jump(story, 59)
    note(story)
    jump(story, 61)
    assert messages(story) == ["escalated ann@example.net"] * 2  # for the matrix, and as nobody touched it since
    assert escalated(story)[-2:] == ["elapsed project_lead", "stale technical_manager"]


def test_where_nobody_is_at_all_the_timeline_says_so(each_store: SqlStore) -> None:
    inventory_ = replace(house(), teams={"tac": Team(name="tac", on_call=())})
    story = Story(each_store, Network(inventory_)).kill("r1").run(minutes=3)
    jump(story, 121)
    lines = [line for line in story.timeline(story.only_case()) if "there is nobody to tell" in line]
    assert lines == [
        "escalated: project lead: there is nobody to tell; nobody touched it for 1 h",
        "escalated: project lead: there is nobody to tell; not restored for 2 h",
    ]


@pytest.mark.parametrize(
    ("team", "reached"),
    [
        (Team(name="tac", levels=(Level(), Level(always="bob"))), "bob"),
        (Team(name="tac", levels=(Level(), Level()), roles={"project_lead": "project_lead"}), "project_lead"),
        (Team(name="tac", roles={"technical_manager": "technical_manager"}), "technical_manager"),
    ],
    ids=["the next level", "no level has anybody", "a team without levels"],
)
def test_where_nobody_is_on_duty_somebody_else_hears_of_the_opening_at_once(
    each_store: SqlStore, team: Team, reached: str
) -> None:
    story = Story(each_store, Network(replace(house(), teams={"tac": team}))).kill("r1").run(minutes=3)
    assert any(f"opened {reached}@example.net" in each for each in story.told())
