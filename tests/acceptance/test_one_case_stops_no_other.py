"""What goes wrong with one case, or with one message, keeps nobody from being told of the others."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from agent.cases import closing
from agent.cases.case import Action, Case, CaseState, Severity
from agent.inventory.customers import Person
from agent.inventory.device import Role
from agent.inventory.teams import Team
from agent.pipeline import attending, gathering
from agent.pipeline.attending import Attendant
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket
from agent.storage.engine import SqlStore
from tests.story import Network, Story, device, inventory

MINUTE = timedelta(minutes=1)


@pytest.fixture
def story(each_store: SqlStore) -> Story:
    found = inventory([device("r1", role=Role.CORE), device("r2", role=Role.CORE, site="branch")], [], ["r1", "r2"])
    people = {key: Person(name=key, email=f"{key}@example.net") for key in ("ann", "bob")}
    team = Team(name="tac", on_call=("ann", "bob"))
    policies = replace(found.policies, keep_journal=timedelta(0))
    known = replace(found, people=people, teams={"tac": team}, policies=policies)
    return Story(each_store, Network(known)).kill("r1").kill("r2").run(minutes=3)


def paged(story: Story, case: int) -> list[str]:
    with story.store.read() as tx:
        return [e.data["level"] for e in tx.timeline(case) if e.action is Action.ESCALATED and "level" in e.data]


def broken(where: int) -> Attendant:
    def attend(desk: Desk, docket: Docket) -> datetime | None:
        if docket.case.number == where:
            desk.keep(replace(docket.case, title="half done"))
            desk.tx.log([replace(docket.log[0], text="x", data={"never": object()})])  # type: ignore[dict-item]
        return None

    return attend


def test_an_attendant_that_fails_at_a_case_stops_neither_the_others_nor_the_other_cases(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attending, "ATTENDANTS", (broken(1), *attending.ATTENDANTS))
    story.now += 16 * MINUTE
    with pytest.raises(ExceptionGroup) as told:
        story.pipeline.tend(story.now)
    (error,) = told.value.exceptions
    assert any("NC-" in note for note in error.__notes__), "it says which case it was"
    assert (paged(story, 1), paged(story, 2)) == (["1", "2"], ["1", "2"])
    with story.store.read() as tx:
        case = tx.case(1)
        assert case is not None
        assert case.title == "", "what failed is undone as a whole"
        assert 1 in {case.number for case in tx.to_attend(story.now + MINUTE)}, "it is looked at again"
        assert 1 not in {case.number for case in tx.to_attend(story.now + MINUTE / 2)}, "but not for ever at once"


def test_of_a_storm_the_most_severe_are_looked_at_first_and_all_in_their_turn(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Case] = []
    monkeypatch.setattr(attending, "ATTENDANTS", (lambda _desk, docket: seen.append(docket.case),))
    with story.store.begin() as tx:
        first = tx.live_cases()[0]
        for number in range(attending.AT_ONCE + 20):
            severity = Severity.P1 if number >= attending.AT_ONCE else Severity.P3
            tx.open_case(replace(first, problem=f"p{number}", severity=severity))
    story.pipeline.tend(story.now)
    assert len(seen) == attending.AT_ONCE
    assert {case.severity for case in seen[:20]} == {Severity.P1}
    story.pipeline.tend(story.now)
    assert len({case.number for case in seen}) == attending.AT_ONCE + 20


def test_a_case_that_cannot_move_on_stops_no_other(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    whole: Callable[..., tuple[Case, object]] = closing.tend

    def tend(case: Case, faults: object, *rest: object) -> tuple[Case, object]:
        if faults and case.number == 1:
            raise KeyError("r1")
        return whole(case, faults, *rest)

    monkeypatch.setattr(closing, "tend", tend)
    story.revive("r1").revive("r2")
    for _ in range(8):
        try:
            story.run(seconds=15)
        except ExceptionGroup:
            story.now += timedelta(seconds=1)
    with story.store.read() as tx:
        states = {case.number: case.state for case in tx.live_cases()}
    assert states[2] is CaseState.MONITORING
    assert states[1] is not CaseState.MONITORING


def test_one_persons_digest_that_cannot_be_put_together_stops_nobody_elses(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = gathering._tell

    def tell(tx: object, inventory: object, now: object, held: object, site: object) -> None:
        whole(tx, inventory, now, held, site)  # type: ignore[arg-type]
        if held[0].payload["to"] == "ann@example.net":  # type: ignore[index]
            raise ValueError("no such zone")

    monkeypatch.setattr(gathering, "_tell", tell)
    with story.store.begin() as tx:
        for job in tx.jobs():
            if job.kind == "notify" and job.payload["to"] == "ann@example.net":
                for to in ("ann@example.net", "bob@example.net"):
                    payload = {**job.payload, "to": to, "posted": story.now.isoformat()}
                    key = f"{job.key}/{to}/later"
                    tx.enqueue([replace(job, key=key, kind="notice", due=story.now, payload=payload, state="waiting")])  # type: ignore[arg-type]
    with pytest.raises(ExceptionGroup):
        story.pipeline.tend(story.now + MINUTE)
    with story.store.read() as tx:
        held = {job.payload["to"]: job.state for job in tx.jobs() if job.kind == "notice"}
    assert held == {"ann@example.net": "leased", "bob@example.net": "done"}
