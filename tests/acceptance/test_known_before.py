"""Stories of what was learned: the next fault of a kind shows what helped the last time."""

from dataclasses import replace
from typing import cast

import pytest

from agent.cases import faq, moves
from agent.cases.case import Action, Case, CaseState
from agent.cases.faq import Faq, FaqState, Written
from agent.cases.similar import Sort
from agent.inventory.device import Role
from agent.inventory.policies import Policies
from agent.observation import ComponentKind, Fact, Observation, Subject
from agent.pipeline import learning
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket
from agent.ports import Transaction
from agent.storage.engine import SqlStore
from tests.story import Network, Story, device, inventory

LEARNED = Written(
    title="Fan tray of a core switch stands still",
    symptom="The state of a fan is failed, the others run faster.",
    cause="A cable had slipped into the fan.",
    fix="Take the cable out and seat the fan tray again.",
)


def hall(policies: Policies | None = None) -> Network:
    devices = [
        device("core", Role.CORE, platform="cisco_xe"),
        device("twin", Role.CORE, platform="cisco_xe"),
        device("other", Role.CORE, platform="huawei_vrp"),
    ]
    return Network(inventory(devices, [("core", "twin"), ("core", "other")], ["core"], policies=policies))


@pytest.fixture
def story(each_store: SqlStore) -> Story:
    return Story(each_store, hall()).run(minutes=3)


def fan(story: Story, name: str, state: str) -> None:
    part = Subject(name, ComponentKind.FAN, "Fan 1")
    story.network.health[name] = [Observation(part, Fact.STATE, state, state)]


def fails(story: Story, name: str) -> Case:
    """A fan of the device fails; the case that is opened for it."""
    fan(story, name, "failed")
    before = {case.number for case in story.cases()}
    story.run(minutes=25)
    (case,) = (case for case in story.cases() if case.number not in before)
    return case


def is_closed(story: Story, case: Case, name: str) -> Case:
    fan(story, name, "ok")
    story.run(minutes=40)
    with story.store.begin() as tx:
        read = tx.case(case.number)
        assert read is not None
        assert read.state is CaseState.RESOLVED
        closed, entry = moves.move(read, CaseState.CLOSED, "li", "the fan tray was seated again", story.now)
        tx.save_case(closed)
        tx.log([entry])
    story.run(minutes=1)
    return closed


def learns(story: Story, case: Case) -> Faq:
    with story.store.begin() as tx:
        entry = learning.keep(tx, faq.first(LEARNED, learning.signed(tx, case), case, "li", story.now), "")
        tx.log([faq.written_entry(case, entry, "li", story.now)])
        return learning.keep(tx, faq.moved(entry, FaqState.PUBLISHED, "li", story.now), "")


def said(story: Story, case: Case) -> list[str]:
    with story.store.read() as tx:
        return [entry.text for entry in tx.timeline(case.number) if entry.action is Action.FAQ]


def test_the_next_fault_of_the_kind_shows_what_helped_and_what_helps_is_counted(story: Story) -> None:
    first = fails(story, "core")
    assert said(story, first) == []
    is_closed(story, first, "core")
    assert said(story, first) == [
        f"nothing is written down of how fan_failed is mended: netcase faq write {first.name}"
    ]
    entry = learns(story, first)
    second = fails(story, "twin")
    (seen,) = said(story, second)
    assert seen.startswith(f"seen before: {entry.name} – {LEARNED.title} [same kind and platform")
    assert f"; {first.name} – core/fan:Fan 1 [same kind and platform" in seen
    assert [each for each in story.told() if each.startswith("seen_before")] == ["seen_before li@example.net"]
    with story.store.begin() as tx:
        assert learning.helped(tx, second, entry, "li", story.now)
        assert not learning.helped(tx, second, entry, "li", story.now)
        hits = learning.alike(tx, second, tx.timeline(second.number))
        assert [(hit.candidate.name, hit.candidate.helped) for hit in hits] == [(entry.name, 1), (first.name, 0)]
        assert hits[1].candidate.answer == "the fan tray was seated again"
        (known,) = tx.faqs()
    assert (known.shown, known.helped) == (1, 1)
    is_closed(story, second, "twin")
    assert not any("nothing is written down" in text for text in said(story, second))


def test_a_fan_of_another_vendor_shows_the_entry_of_its_kind_only_to_who_looks(story: Story) -> None:
    first = fails(story, "core")
    is_closed(story, first, "core")
    entry = learns(story, first)
    other = fails(story, "other")
    with story.store.read() as tx:
        hits = learning.alike(tx, other, tx.timeline(other.number))
    reasons = {hit.candidate.name: hit.reason for hit in hits}
    assert reasons[entry.name].startswith("same kind")
    assert "platform" not in reasons[entry.name]


def test_a_draft_and_a_retired_entry_are_shown_on_no_case(story: Story) -> None:
    first = fails(story, "core")
    is_closed(story, first, "core")
    entry = learns(story, first)
    with story.store.begin() as tx:
        learning.keep(tx, faq.moved(entry, FaqState.RETIRED, "li", story.now), "wrong")
    second = fails(story, "twin")
    with story.store.read() as tx:
        hits = learning.alike(tx, second, tx.timeline(second.number))
        assert {hit.candidate.sort for hit in hits} == {Sort.CASE}
        assert entry.name in {hit.candidate.name for hit in learning.search(tx, "cable slipped into fan")}


def test_where_no_entry_is_wanted_nobody_is_asked_for_one(each_store: SqlStore) -> None:
    story = Story(each_store, hall(Policies(faq_wanted=()))).run(minutes=3)
    first = fails(story, "core")
    is_closed(story, first, "core")
    assert said(story, first) == []


def test_who_was_assigned_is_asked_for_the_entry_once(story: Story) -> None:
    first = fails(story, "core")
    with story.store.begin() as tx:
        read = tx.case(first.number)
        assert read is not None
        tx.save_case(replace(read, assignee="li"))
    is_closed(story, first, "core")
    story.restart_agent()
    story.run(minutes=2)
    assert [each for each in story.told() if each.startswith("faq_wanted")] == ["faq_wanted li@example.net"]


def test_a_case_that_did_not_change_is_not_looked_up_again(story: Story) -> None:
    first = fails(story, "core")

    class Watched:
        def __init__(self, inner: object) -> None:
            self.inner, self.asked = inner, 0

        def __getattr__(self, name: str) -> object:
            self.asked += name in {"candidates", "remember"}
            return getattr(self.inner, name)

    asked = []
    with story.store.begin() as tx:
        for _ in range(2):
            watched = Watched(tx)
            read = tx.case(first.number)
            assert read is not None
            learning.learn(
                Desk(cast("Transaction", watched), story.network.inventory, story.now),
                Docket(read, tx.timeline(read.number)),
            )
            asked.append(watched.asked)
    assert asked[-1] == 0


def test_an_agent_that_starts_again_shows_and_asks_nothing_twice(story: Story) -> None:
    first = fails(story, "core")
    is_closed(story, first, "core")
    learns(story, first)
    second = fails(story, "twin")
    before = said(story, first), said(story, second)
    story.restart_agent()
    story.run(minutes=5)
    assert (said(story, first), said(story, second)) == before
