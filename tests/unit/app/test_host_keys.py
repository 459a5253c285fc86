"""A changed host key is a fault and a case, over when a login finds a known key or a person accepts the new one."""

from datetime import timedelta

import pytest

from agent.app import delivery
from agent.cases.case import CaseState, EvidenceState
from agent.cases.outcome import Outcome
from agent.faults.fault import FaultKind, FaultState
from agent.observation import Subject
from agent.pipeline import logins
from agent.ports import JobKind, Transcript
from agent.storage.engine import SqlStore
from tests.acceptance.test_one_problem_one_case import campus
from tests.story import START, Story

WHY = "The host key of 192.0.2.5 port 22 has changed"


@pytest.fixture
def story(store: SqlStore) -> Story:
    return Story(store, campus()).run(minutes=3)


def told(story: Story, outcome: Outcome, why: str = "") -> bool:
    return logins.told(story.store, "core1", outcome, why, story.now)


def faults(story: Story) -> list:
    with story.store.read() as tx:
        return [f for f in tx.faults(device="core1") if f.kind is FaultKind.HOST_KEY_CHANGED]


def test_a_changed_key_is_believed_at_once_and_opens_a_case_without_offering_a_password_again(story: Story) -> None:
    assert told(story, Outcome.HOST_KEY_CHANGED, WHY) and not told(story, Outcome.HOST_KEY_CHANGED, WHY)
    story.run(minutes=2)
    case = story.only_case()
    assert (case.kind, case.subject, case.severity) == (FaultKind.HOST_KEY_CHANGED, Subject("core1"), "P3")
    with story.store.read() as tx:
        assert tx.jobs(kind=JobKind.COLLECT, case=case.number) == ()
    assert [(fault.state, fault.reason, fault.case) for fault in faults(story)] == [
        (FaultState.CONFIRMED, WHY, case.number)
    ]


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.WRONG_PASSWORD, Outcome.NO_PROMPT])
def test_polls_do_not_end_it_a_login_past_the_key_does(story: Story, outcome: Outcome) -> None:
    told(story, Outcome.HOST_KEY_CHANGED, WHY)
    story.run(minutes=10)
    assert [fault.state for fault in faults(story)] == [FaultState.CONFIRMED]
    assert told(story, outcome)
    story.run(minutes=2)
    assert story.only_case().state is CaseState.MONITORING
    assert [fault.state for fault in faults(story)] == [FaultState.CLEARED]


@pytest.mark.parametrize(
    "outcome", [Outcome.UNREACHABLE, Outcome.JUMP_FAILED, Outcome.HOST_KEY_UNKNOWN, Outcome.NOT_ALLOWED]
)
def test_what_never_came_as_far_as_the_key_neither_begins_nor_ends_it(story: Story, outcome: Outcome) -> None:
    assert not told(story, outcome)
    told(story, Outcome.HOST_KEY_REVOKED, WHY)
    assert not told(story, outcome)
    assert [fault.state for fault in faults(story)] == [FaultState.CONFIRMED]


def test_of_a_visit_the_first_transcript_that_came_as_far_as_the_key_tells(story: Story) -> None:
    def transcript(outcome: Outcome) -> Transcript:
        return Transcript(
            topic="x", command="x", state=EvidenceState.FAILED, started=START + timedelta(hours=1), took_s=0,
            detail=WHY, outcome=outcome,
        )  # fmt: skip

    visit = [transcript(each) for each in (Outcome.NOT_ALLOWED, Outcome.HOST_KEY_CHANGED, Outcome.DONE)]
    delivery.tell_of_key(story.store, "core1", visit)
    assert [fault.state for fault in faults(story)] == [FaultState.CONFIRMED]
