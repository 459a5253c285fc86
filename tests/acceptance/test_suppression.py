"""Stories of what is no case: each reason in turn, until when it holds, and that nothing disappears."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from agent.faults import ledger, rules, suppression
from agent.faults.fault import Fault, FaultKind, FaultState, Reason
from agent.faults.ledger import Line
from agent.inventory.windows import Window
from agent.observation import ComponentKind, Subject, Tier
from agent.pipeline import Pipeline
from agent.ports import Store
from tests.acceptance.test_one_problem_one_case import campus
from tests.story import START, Story

DAY = timedelta(days=1)


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store, campus()).run(minutes=3)


def listed(story: Story) -> list[Line]:
    """The ledger as `netcase faults --suppressed` lists it."""
    with story.store.read() as tx:
        return list(ledger.lines(tx.faults(start=story.now - DAY)))


def why(story: Story, subject: str) -> set[Reason]:
    return {line.why.word for line in listed(story) if str(line.fault.subject) == subject}


def decisions(story: Story, subject: str) -> list[str]:
    """What was recorded of its suppression, oldest first."""
    with story.store.read() as tx:
        return [d.outcome for d in reversed(tx.decisions(subject)) if d.what == "suppression"]


def until(story: Story, subject: str, word: Reason, seconds: int = 90) -> Line:
    """Runs until the ledger says so."""
    for _ in range(seconds):
        for line in listed(story):
            if str(line.fault.subject) == subject and line.why.word is word:
                return line
        story.run(seconds=1)
    raise AssertionError(f"{subject} was never {word}: {listed(story)}")


def test_a_healthy_network_has_an_empty_ledger(story: Story) -> None:
    assert listed(story) == []


def test_a_suspicion_is_unconfirmed_while_it_is_asked_and_when_it_came_to_nothing(story: Story) -> None:
    story.kill("acc2").poll("acc2", Tier.STATUS)
    (line,) = listed(story)
    assert (line.why.word, line.fault.state) == (Reason.UNCONFIRMED, FaultState.SUSPECT)
    story.network.dead.discard("acc2")
    story.run(minutes=5)
    (line,) = listed(story)
    assert (line.why.word, line.fault.state) == (Reason.UNCONFIRMED, FaultState.CLEARED)
    assert line.why.sentence == "unconfirmed: gone when looked at again"


def test_a_believed_fault_settles_until_a_time_that_is_told_and_is_then_a_case(story: Story) -> None:
    story.cut("core1", "dist1")
    line = until(story, "core1/interface:to-dist1", Reason.SETTLING)
    assert story.cases() == []
    story.run(minutes=3)
    case = story.only_case()
    assert line.why.until is None or case.opened <= line.why.until + timedelta(seconds=5)
    assert Reason.SETTLING not in why(story, "core1/interface:to-dist1")
    root = next(f for f in open_faults(story) if f.id == case.root)
    assert ledger.standing(root) is None
    assert decisions(story, str(root.subject))[-1] == "none"


def open_faults(story: Story) -> tuple[Fault, ...]:
    with story.store.read() as tx:
        return tx.open_faults()


def test_a_symptom_says_what_explains_it_and_names_the_case_of_its_cause(story: Story) -> None:
    story.kill("dist1").run(minutes=3)
    case = story.only_case()
    symptoms = {str(line.fault.subject): line for line in listed(story) if line.why.word is Reason.SYMPTOM}
    assert {"acc1", "acc2"} <= set(symptoms)
    assert symptoms["acc1"].why.sentence.startswith("behind ")
    assert {line.fault.case for line in symptoms.values()} == {case.number}
    assert {line.fault.cause for line in symptoms.values()} == {case.root}


def test_maintenance_holds_until_its_end_and_what_the_root_explains_is_silent_with_it(store: Store) -> None:
    window = Window(name="swap", starts=START, ends=START + timedelta(minutes=10), devices=frozenset({"dist1"}))
    story = Story(store, campus((window,))).run(minutes=3)
    story.kill("dist1").run(minutes=4)
    held = {line for line in listed(story) if line.fault.active}
    assert {line.why.word for line in held} == {Reason.MAINTENANCE}
    assert {line.why.until for line in held} == {window.ends}
    assert {"dist1", "acc1", "acc2"} <= {str(line.fault.subject) for line in held}
    story.run(minutes=5)
    assert str(story.only_case().subject) == "dist1"
    assert why(story, "acc1") == {Reason.SYMPTOM}


def test_what_a_person_acknowledges_is_no_case_until_it_is_over(story: Story) -> None:
    story.cut("core1", "dist1")
    until(story, "core1/interface:to-dist1", Reason.SETTLING)
    with story.store.begin() as tx:
        tx.save_faults([suppression.acknowledged(f, "li", "the cable is being moved") for f in tx.open_faults()])
    story.run(minutes=20)
    assert story.cases() == []
    (line,) = (line for line in listed(story) if not line.fault.cause)
    assert (line.why.word, line.why.sentence) == (Reason.ACKNOWLEDGED, "acknowledged: li: the cable is being moved")
    story.mend("core1", "dist1").run(minutes=5).cut("core1", "dist1").run(minutes=3)
    assert story.only_case().problem == "link|core1:to-dist1--dist1:to-core1"


def test_a_rule_that_opens_no_case_is_told_as_the_reason(story: Story) -> None:
    book = rules.parse("device_restarted: {case: false}", "rules.yaml")
    story.pipeline = Pipeline(story.store, story.network.inventory, book)
    story.network.booted["acc1"] = story.now
    story.run(minutes=1)
    assert story.cases() == []
    assert why(story, "acc1") == {Reason.NO_CASE}
    story.run(minutes=30)
    assert story.cases() == []


def test_sessions_of_a_restarted_device_come_back_and_are_no_case(store: Store) -> None:
    network = campus()
    network.peers = {"core1": {"dist1"}, "dist1": {"core1"}}
    story = Story(store, network).run(minutes=3)
    story.revive("dist1").network.bgp_dead.add("dist1")  # it restarted between two polls
    told = {word for _ in range(30) for word in _reasons(story.run(seconds=5), FaultKind.BGP_PEER_DOWN)}
    assert told <= {Reason.UNCONFIRMED, Reason.RESTARTING, Reason.SETTLING, Reason.SYMPTOM}
    assert told & {Reason.RESTARTING, Reason.SYMPTOM}


def _reasons(story: Story, kind: FaultKind) -> set[Reason]:
    return {line.why.word for line in listed(story) if line.fault.kind is kind}


def test_what_is_seen_in_order_before_a_case_was_due_is_recovering_then_over(store: Store) -> None:
    story = Story(store, campus()).run(minutes=3).cut("core1", "dist1")
    until(story, "core1/interface:to-dist1", Reason.SETTLING)
    story.mend("core1", "dist1").run(minutes=5)
    assert story.cases() == []
    over = [line for line in listed(story) if line.fault.confirmed]
    assert over
    assert {line.fault.state for line in over} == {FaultState.CLEARED}
    assert {line.why.word for line in over} <= {Reason.OVER, Reason.RECOVERING, Reason.SETTLING, Reason.SYMPTOM}


def test_the_faults_of_a_device_that_left_the_inventory_are_told_as_such(story: Story) -> None:
    story.network.deaf.add("acc1")
    until(story, "acc1", Reason.SETTLING)
    left = {name: device for name, device in story.network.inventory.devices.items() if name != "acc1"}
    links = tuple(link for link in story.network.inventory.links if "acc1" not in (link.a, link.b))
    Pipeline(story.store, replace(story.network.inventory, devices=left, links=links)).let_go(story.now)
    (line,) = (line for line in listed(story) if str(line.fault.subject) == "acc1")
    assert (line.why.word, line.since) == (Reason.LEFT_INVENTORY, story.now)


def test_a_flapping_subject_that_is_back_says_so_while_it_is_asked() -> None:
    port = Subject("core1", ComponentKind.INTERFACE, "to-dist1")
    seen = {"id": "f", "subject": port, "kind": FaultKind.INTERFACE_DOWN, "began": START, "reason": "oper down"}
    found = ledger.standing(Fault(**seen, state=FaultState.SUSPECT, flapping=True))
    assert found
    assert found.word is Reason.FLAPPING


@pytest.mark.parametrize("seed", range(4))
def test_at_every_settling_of_any_history_every_fault_has_a_case_or_a_reason(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    start, end = START + timedelta(minutes=5), START + timedelta(minutes=9)
    window = Window(name="swap", starts=start, ends=end, devices=frozenset({"dist1"}))
    story = Story(store, campus((window,)), seed=seed).run(minutes=2)
    links = [(link.a, link.b) for link in story.network.inventory.links]
    for _ in range(20):
        move, link = chance.randrange(6), chance.choice(links)
        if move < 2:
            story.cut(*link)
        elif move == 2:
            story.mend(*link)
        elif move == 3:
            story.kill(link[1])
        elif move == 4:
            story.revive(link[1])
        else:
            story.restart_agent()
        story.run(seconds=chance.choice((5, 20, 45)))
        _every_fault_is_accounted_for(story)
    for name in list(story.network.dead):
        story.revive(name)
    story.network.cuts.clear()
    story.run(minutes=4)
    _every_fault_is_accounted_for(story)


def _every_fault_is_accounted_for(story: Story) -> None:
    with story.store.read() as tx:
        faults, cases = tx.faults(), {case.number for case in tx.cases()}
    ledgered = {line.fault.id for line in ledger.lines(faults)}
    for fault in faults:
        assert fault.case in cases or fault.id in ledgered, fault
        if fault.active and not fault.case:
            standing = ledger.standing(fault)
            assert standing
            assert standing.sentence, fault


def test_what_nobody_sees_recover_to_the_end_does_not_silence_what_breaks_behind_it(story: Story) -> None:
    port, at = Subject("core2", ComponentKind.INTERFACE, "to-branch"), story.now
    link = Fault(
        id=f"interface_down|{port}@{at.isoformat()}",
        subject=port,
        kind=FaultKind.INTERFACE_DOWN,
        state=FaultState.CONFIRMED,
        began=at,
        confirmed=at,
        recovering=at,
        good=1,
        reason="oper down, admin up",
    )
    with story.store.begin() as tx:
        tx.save_faults([link])
    story.network.deaf.add("core2")
    story.run(minutes=5)
    assert str(port) not in {str(case.subject) for case in story.cases()}
    story.kill("branch").run(minutes=3)
    assert str(port) in {str(case.subject) for case in story.cases()}
