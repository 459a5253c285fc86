"""Stories of cases that a person puts together, and of what the agent makes of it afterwards."""

import pytest

from agent.cases.case import CaseState
from agent.pipeline import moving
from agent.storage.engine import SqlStore
from tests.acceptance.test_one_problem_one_case import campus
from tests.story import Story

WAYS = ["dist1/interface:to-acc1", "branch/interface:to-brsw"]  # leaves that died with their only link


@pytest.fixture
def story(store: SqlStore) -> Story:
    story = Story(store, campus()).run(minutes=3)
    story.kill("acc1").kill("brsw").run(minutes=4)
    assert [str(case.subject) for case in story.cases()] == WAYS
    return story


def merged(story: Story) -> Story:
    with story.store.begin() as tx:
        moving.merge(tx, 2, 1, "li", "one batch of power supplies", story.now)
    return story


def states(story: Story) -> list[CaseState]:
    return [case.state for case in story.cases()]


def test_a_duplicate_is_over_and_its_trouble_keeps_the_other_case_open(story: Story) -> None:
    merged(story).run(minutes=5)
    assert states(story) == [CaseState.NEW, CaseState.RESOLVED], "and no third case for what was merged"
    story.revive("acc1").run(minutes=15)
    assert states(story) == [CaseState.NEW, CaseState.RESOLVED], "brsw is still dead"
    story.revive("brsw").run(minutes=3)
    assert states(story) == [CaseState.MONITORING, CaseState.RESOLVED]


def test_what_was_merged_comes_back_into_the_case_that_goes_on(story: Story) -> None:
    merged(story).revive("brsw").run(minutes=15)
    story.kill("brsw").run(minutes=4)
    assert states(story) == [CaseState.NEW, CaseState.RESOLVED]
    story.restart_agent()
    story.run(minutes=4)
    assert states(story) == [CaseState.NEW, CaseState.RESOLVED]


def test_after_the_case_that_goes_on_is_over_each_trouble_is_its_own_again(story: Story) -> None:
    merged(story).revive("brsw").revive("acc1").run(minutes=15)
    with story.store.begin() as tx:
        moving.move(tx, 1, CaseState.CLOSED, "li", "replaced", story.now)
    story.kill("brsw").run(minutes=4)
    assert [str(case.subject) for case in story.cases()][2:] == WAYS[1:]


def test_a_case_is_watched_until_its_parts_are_done(story: Story) -> None:
    with story.store.begin() as tx:
        moving.adopt(tx, 2, 1, "li", "", story.now)
    story.revive("acc1").run(minutes=45)
    assert states(story) == [CaseState.MONITORING, CaseState.NEW]
    with story.store.begin() as tx:
        moving.move(tx, 2, CaseState.RESOLVED, "li", "replaced", story.now)
    story.run(minutes=1)
    assert states(story) == [CaseState.RESOLVED, CaseState.RESOLVED]
