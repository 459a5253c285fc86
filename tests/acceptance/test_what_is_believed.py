"""Stories of belief: what is seen is suspected, looked at again, believed; and clocks that are set back meanwhile."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from agent.cases.case import CaseState
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory.policies import Confirmation, Policies
from agent.observation import ComponentKind, Fact, Observation, Subject, Tier
from agent.storage.engine import SqlStore
from tests.acceptance.test_one_problem_one_case import campus
from tests.story import START, Story

SECOND = timedelta(seconds=1)


@pytest.fixture
def story(store: SqlStore) -> Story:
    return Story(store, campus()).run(minutes=3)


def faults(story: Story, device: str) -> list[Fault]:
    with story.store.read() as tx:
        return list(tx.faults(device=device))


def shaky(story: Story, name: str, row: str) -> Iterator[Fault | None]:
    """One poll of a device a letter, 15 s apart: b does not answer, g does."""
    for letter in row:
        (story.network.dead.add if letter == "b" else story.network.dead.discard)(name)
        story.poll(name, Tier.STATUS)
        story.now += 15 * SECOND
        with story.store.read() as tx:
            yield next((f for f in tx.open_faults(name) if f.kind is FaultKind.DEVICE_UNREACHABLE), None)


def some_of(count: int, of: int, hold: timedelta = timedelta(0)) -> Policies:
    rule = Confirmation(count=count, of=of, hold=hold)
    return Policies(confirmation={FaultKind.DEVICE_UNREACHABLE: rule})


def test_three_lost_answers_of_five_are_believed_though_never_two_in_a_row(store: SqlStore) -> None:
    story = Story(store, campus(policies=some_of(3, 5))).run(minutes=2)
    states = [fault.state if fault else None for fault in shaky(story, "acc1", "bgbgb")]
    assert states == [FaultState.SUSPECT] * 4 + [FaultState.CONFIRMED]


def test_what_can_no_longer_be_believed_is_kept_as_unconfirmed(store: SqlStore) -> None:
    story = Story(store, campus(policies=some_of(3, 5))).run(minutes=2)
    assert [fault is not None for fault in shaky(story, "acc1", "bggg")] == [True, True, True, False]
    (fault,) = faults(story, "acc1")
    assert (fault.confirmed, fault.suppressed) == (None, "unconfirmed: gone when looked at again")
    assert story.cases() == []


def test_a_suspect_is_asked_again_at_once_and_not_at_every_look_after_that(store: SqlStore) -> None:
    story = Story(store, campus(policies=some_of(3, 5))).run(minutes=2)
    told = []
    for letter in "bgb":
        (story.network.dead.add if letter == "b" else story.network.dead.discard)("acc1")
        told.append(story.pipeline.observe(story.network.poll("acc1", Tier.STATUS, story.now)))
        story.now += 15 * SECOND
    assert [("acc1", Tier.STATUS) in outcome.at_once for outcome in told] == [True, False, False]
    assert all(("acc1", Tier.STATUS) in outcome.in_doubt for outcome in told)


def set_back(story: Story, by: timedelta) -> None:
    """The agent's own clock: the devices have been up as long as they have, and what is due stays as far away."""
    booted = story.network.booted
    for name in story.network.inventory.devices:
        booted[name] = booted.get(name, START - timedelta(days=9)) - by
    story.now -= by
    story._due = {again: due - by for again, due in story._due.items()}


def whole(story: Story) -> bool:
    with story.store.read() as tx:
        every = tx.faults()
    return all(f.cleared is None or f.cleared >= max(f.began, f.confirmed or f.began) for f in every)


@pytest.mark.parametrize("seconds", [59.5, 3600.5])
def test_a_clock_set_back_between_suspicion_and_belief_neither_loses_nor_doubles_the_case(
    story: Story, seconds: float
) -> None:
    story.kill("dist1").run(seconds=62)
    set_back(story, timedelta(seconds=seconds))
    story.run(minutes=6)
    case = story.only_case()
    assert (case.kind, str(case.subject)) == (FaultKind.DEVICE_UNREACHABLE, "dist1")
    assert whole(story)


def test_a_clock_set_back_while_it_recovers_ends_nothing_before_it_began(story: Story) -> None:
    story.kill("dist1").run(minutes=3)
    story.revive("dist1").run(seconds=20)
    set_back(story, timedelta(minutes=30, milliseconds=500))
    story.run(minutes=6)
    case = story.only_case()
    assert case.state in {CaseState.MONITORING, CaseState.RESOLVED}
    assert whole(story)
    assert case.recovered is not None and case.began is not None and case.recovered >= case.began


def test_a_fault_that_begins_after_the_clock_was_set_back_is_a_case_as_any_other(story: Story) -> None:
    story.kill("acc1").run(minutes=3)
    story.revive("acc1").run(minutes=3)
    set_back(story, timedelta(minutes=10, milliseconds=500))
    story.run(minutes=1)
    story.kill("acc2").run(minutes=4)
    assert len(story.cases()) == 2
    assert whole(story)


def test_what_was_believed_before_the_clock_was_set_back_need_not_wait_for_that_time(story: Story) -> None:
    busy = Observation(Subject("core1", ComponentKind.CPU, "1"), Fact.USAGE, 99.0)
    story.network.health["core1"] = [busy]
    while not any(fault.active for fault in faults(story, "core1")):
        story.run(seconds=1)
    assert story.cases() == []
    set_back(story, timedelta(minutes=60, milliseconds=500))
    story.run(minutes=1)
    assert story.only_case().kind is FaultKind.CPU_HIGH
