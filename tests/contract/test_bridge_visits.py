"""A case that stands in another system too, end to end: attendant, outbox, visit, and a real HTTP server."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter

from agent.app.bridging import Bridging
from agent.app.messenger import MOST_ATTEMPTS
from agent.cases.case import Action, Case, CaseKind, CaseState, Entry, Severity
from agent.cases.mirror import Mirror, MirrorState
from agent.channels import bridges
from agent.errors import RefusedError
from agent.inventory.bridges import LEVELS, STATES, BridgeKind, BridgeSetup, Wins
from agent.inventory.device import Secret
from agent.inventory.inventory import Inventory
from agent.observation import Subject
from agent.pipeline import attending, mirroring, moving
from agent.ports import Job, JobKind, JobState
from agent.storage.engine import SqlStore
from tests import bridge_servers
from tests.bridge_servers import TOKEN, Rest

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LEASE = timedelta(minutes=15)


class Killed(BaseException):
    """As kill -9: nothing of ours runs after it."""


@dataclass
class World:
    store: SqlStore
    product: Rest
    setup: BridgeSetup
    now: datetime = NOON
    kill_at: int = 0  # the step at which everything ends; 0: never
    steps: int = 0
    counter: Counter = field(init=False)

    def __post_init__(self) -> None:
        self.counter = Counter("visits", "x", ["bridge", "outcome"], registry=CollectorRegistry())

    @property
    def inventory(self) -> Inventory:
        return Inventory(bridges={"desk": self.setup})

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.kill_at:
            raise Killed

    def opens(self, problem: str = "p", **other: Any) -> Case:
        plain = Case(
            problem=problem,
            kind=CaseKind.REPORTED,
            subject=Subject("core-1"),
            severity=Severity.P2,
            state=CaseState.NEW,
            opened=self.now,
            updated=self.now,
            root="",
            customer="bank",
            title="the network is slow",
        )
        with self.store.begin() as tx:
            return tx.open_case(replace(plain, **other))

    def notes(self, case: Case, text: str) -> None:
        with self.store.begin() as tx:
            tx.log([Entry(case=case.number, at=self.now, action=Action.NOTE, text=text, actor="li-na")])

    def moves(self, case: Case, to: CaseState, why: str) -> None:
        with self.store.begin() as tx:
            moving.move(tx, case.number, to, "li-na", why, self.now)

    def looks(self) -> None:
        with self.store.begin() as tx:
            attending.attend(tx, self.inventory, self.now)

    def visits(self) -> int:
        """What is due is done, as the agent does; how many visits that were."""
        bridge = bridges.made(self.setup, lambda _: TOKEN)
        watched = Bridging(
            _Stepping(self.store, self.step),  # type: ignore[arg-type]
            {"desk": self.setup},
            {"desk": _Stepping(bridge, self.step)},  # type: ignore[dict-item]
            lambda: self.now,
            self.counter,
        )
        self.looks()
        with self.store.begin() as tx:
            jobs = tx.lease(JobKind.BRIDGE, self.now, LEASE, "me")
        for job in jobs:
            watched.visit(job)
        return len(jobs)

    def goes_on(self, *, minutes: float) -> None:
        self.now += minutes * MINUTE

    def mirror(self, case: Case) -> Mirror:
        with self.store.read() as tx:
            found = tx.mirror(case.number, "desk")
        assert found is not None
        return found

    def case(self, case: Case) -> Case:
        with self.store.read() as tx:
            found = tx.case(case.number)
        assert found is not None
        return found

    def said(self, case: Case) -> list[str]:
        with self.store.read() as tx:
            return [f"{e.actor}: {e.text}" for e in tx.timeline(case.number) if e.action is Action.BRIDGE]

    def jobs(self) -> tuple[Job, ...]:
        with self.store.read() as tx:
            return tx.jobs(kind=JobKind.BRIDGE)

    def only_ticket(self) -> str:
        (theirs,) = self.product.tickets
        return theirs


class _Stepping:
    """Every call of it is a step, before which and after which everything may end."""

    def __init__(self, inner: Any, step: Callable[[], None]) -> None:
        self._inner, self._step = inner, step

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def called(*args: Any, **kwargs: Any) -> Any:
            self._step()
            done = found(*args, **kwargs)
            if not hasattr(done, "__enter__"):
                self._step()
            return done

        return called


@pytest.fixture
def world(store: SqlStore) -> Iterator[World]:
    product = Rest()
    with bridge_servers.served(product) as url:
        setup = BridgeSetup(
            name="desk",
            kind=BridgeKind.REST,
            url=url,
            token=Secret("env:TOKEN"),
            customers=("bank",),
            states=STATES[BridgeKind.REST],
            levels=LEVELS[BridgeKind.REST],
            timeout=timedelta(seconds=1),
        )
        yield World(store, product, setup)


def test_a_case_goes_there_and_is_in_step(world: World) -> None:
    case = world.opens()
    world.looks()
    assert world.mirror(case).state is MirrorState.PENDING
    assert world.visits() == 1
    mirror = world.mirror(case)
    assert (mirror.state, mirror.theirs, mirror.name) == (MirrorState.IN_STEP, world.only_ticket(), f"D{mirror.theirs}")
    assert world.product.tickets[mirror.theirs]["title"] == "NC-000001 P2 the network is slow"
    assert world.said(case) == [f"netcase: ticket {mirror.theirs} of desk was made"]
    assert world.visits() == 0
    assert [job.state for job in world.jobs()] == [JobState.DONE]


def test_a_case_of_another_customer_stays_here(world: World) -> None:
    world.opens(customer="factory")
    assert world.visits() == 0
    assert world.product.tickets == {}


def test_notes_states_and_the_end_follow(world: World) -> None:
    case = world.opens()
    world.visits()
    world.notes(case, "looked at it")
    world.moves(case, CaseState.RESOLVED, "a new fan")
    world.visits()
    theirs = world.only_ticket()
    assert (world.product.state(theirs), world.product.tickets[theirs]["closing"]) == ("resolved", "a new fan")
    world.moves(case, CaseState.CLOSED, "the customer says so")
    world.visits()
    assert world.product.state(theirs) == "closed"
    assert [text.partition("] ")[2].partition(" UTC ")[2] for text in world.product.texts(theirs)] == [
        "li-na: looked at it",
        "li-na: resolved: a new fan",
        "li-na: closed: the customer says so",
    ]
    world.goes_on(minutes=600)
    assert world.visits() == 0


def test_what_people_there_do_comes_back_once_and_is_followed(world: World) -> None:
    case = world.opens()
    world.visits()
    theirs = world.only_ticket()
    world.product.write(theirs, "Ann\x1b[31m", "the carrier\nis at it")
    world.product.set_state(theirs, "in_progress")
    for _ in range(3):
        world.goes_on(minutes=6)
        world.visits()
    assert world.case(case).state is CaseState.IN_PROGRESS
    assert world.said(case)[1:] == ["Ann [31m (desk): the carrier is at it"]
    assert world.product.texts(theirs) == ["the carrier\nis at it"]
    with world.store.read() as tx:
        (moved,) = [e for e in tx.timeline(case.number) if e.action is Action.STATE]
    assert (moved.actor, moved.text) == ("(desk)", "bridge desk says in_progress")


@pytest.mark.parametrize(("wins", "state"), [(Wins.OURS, "resolved"), (Wins.THEIRS, "with_vendor")])
def test_where_both_changed_one_stands_by_policy_and_both_sides_are_the_same(
    world: World, wins: Wins, state: str
) -> None:
    world.setup = replace(world.setup, wins=wins)
    case = world.opens(state=CaseState.IN_PROGRESS)
    world.visits()
    theirs = world.only_ticket()
    world.product.set_state(theirs, "with_vendor")
    if wins is Wins.OURS:
        world.moves(case, CaseState.RESOLVED, "done")
    else:
        world.moves(case, CaseState.WAITING_FOR_CUSTOMER, "they must look")
    world.visits()
    assert world.case(case).state == state
    assert world.product.state(theirs) == state
    told = any("ours stands" in text for text in world.said(case))
    assert told is (wins is Wins.OURS)


def test_what_cannot_be_followed_is_told_and_ours_is_written_there_again(world: World) -> None:
    case = world.opens(state=CaseState.RESOLVED)
    world.visits()
    theirs = world.only_ticket()
    world.product.set_state(theirs, "with_vendor")
    world.goes_on(minutes=6)
    world.visits()
    assert world.case(case).state is CaseState.RESOLVED
    assert "which is not followed" in world.said(case)[-1]
    assert world.product.state(theirs) == "resolved"


def test_a_state_that_only_they_know_is_left_to_them(world: World) -> None:
    case = world.opens()
    world.visits()
    theirs = world.only_ticket()
    world.product.set_state(theirs, "waits for the carrier")
    for _ in range(3):
        world.goes_on(minutes=6)
        world.visits()
    assert world.product.state(theirs) == "waits for the carrier"
    assert sum("has no meaning here" in text for text in world.said(case)) == 1


def test_a_server_in_trouble_is_asked_again_and_the_case_shows_that_it_waits(world: World) -> None:
    case = world.opens()
    world.product.faults = [503, "drop", 429]
    for _ in range(3):
        world.visits()
        assert world.mirror(case).state is MirrorState.PENDING
        assert world.mirror(case).said
        world.goes_on(minutes=3)
    world.visits()
    assert (world.mirror(case).state, world.mirror(case).said) == (MirrorState.IN_STEP, "")
    assert len(world.product.tickets) == 1


def test_what_is_refused_is_failed_until_the_case_changes_or_a_person_asks(world: World) -> None:
    case = world.opens()
    world.product.faults = [422]
    world.visits()
    assert world.mirror(case).state is MirrorState.FAILED
    assert "bridge desk was not told: bridge desk answered 422" in world.said(case)[0]
    world.goes_on(minutes=600)
    assert world.visits() == 0
    with world.store.begin() as tx:
        mirroring.retry(tx, case, world.setup, world.now)
    with pytest.raises(RefusedError, match="on its way to desk already"), world.store.begin() as tx:
        mirroring.retry(tx, case, world.setup, world.now)
    world.visits()
    assert world.mirror(case).state is MirrorState.IN_STEP
    assert world.said(case)[-1] == "netcase: bridge desk is in step again"


def test_a_server_that_is_never_there_is_given_up_in_the_end(world: World) -> None:
    case = world.opens()
    world.product.faults = [500] * (MOST_ATTEMPTS + 5)
    for _ in range(MOST_ATTEMPTS):
        assert world.visits() == 1
        world.goes_on(minutes=61)
    assert world.mirror(case).state is MirrorState.FAILED
    assert world.visits() == 0


def test_more_notes_than_one_visit_tells_are_told_by_the_next(world: World) -> None:
    case = world.opens()
    for number in range(60):
        world.goes_on(minutes=0.01)
        world.notes(case, f"note {number}")
    while world.visits():
        pass
    texts = world.product.texts(world.only_ticket())
    assert [text.rpartition(" ")[2] for text in texts] == [str(number) for number in range(60)]
    assert world.mirror(case).state is MirrorState.IN_STEP


@pytest.mark.parametrize("kill_at", range(1, 24))
def test_wherever_a_visit_is_killed_there_is_one_ticket_and_each_note_stands_there_once(
    world: World, kill_at: int
) -> None:
    case = world.opens()
    world.notes(case, "first")
    world.notes(case, "second")
    world.kill_at = kill_at
    for _ in range(5):
        with suppress(Killed):
            world.visits()
        world.goes_on(minutes=20)  # the lease runs out
    world.notes(case, "third")
    with suppress(Killed):
        world.visits()
    world.goes_on(minutes=20)
    world.visits()
    assert world.steps >= kill_at
    theirs = world.only_ticket()
    texts = [text.rpartition(" ")[2] for text in world.product.texts(theirs)]
    assert sorted(texts) == ["first", "second", "third"]
    assert world.mirror(case).state is MirrorState.IN_STEP
    assert sum("of desk was" in text for text in world.said(case)) == 1


@pytest.mark.parametrize("lost", range(8))
def test_whichever_answer_is_lost_there_is_one_ticket_and_each_note_stands_there_once(world: World, lost: int) -> None:
    case = world.opens()
    for text in ("first", "second", "third"):
        world.notes(case, text)
    world.product.faults = [*([""] * lost), "lost"]
    for _ in range(3):
        world.visits()
        world.goes_on(minutes=3)
    texts = [text.rpartition(" ")[2] for text in world.product.texts(world.only_ticket())]
    assert texts == ["first", "second", "third"]
    assert world.mirror(case).state is MirrorState.IN_STEP


def test_an_answer_that_was_lost_makes_no_second_ticket(world: World) -> None:
    case = world.opens()
    world.product.faults = ["", "lost"]  # found nothing, and then the answer to the ticket that was made is lost
    world.visits()
    assert world.mirror(case).theirs == ""
    world.goes_on(minutes=3)
    world.visits()
    assert world.said(case) == [f"netcase: ticket {world.only_ticket()} of desk was found again"]


def test_mirrors_are_counted_by_bridge_and_state(world: World, tmp_path: Path) -> None:
    world.opens("a")
    world.opens("b")
    world.product.faults = ["", "", "", "", 422]
    world.visits()
    with world.store.read() as tx:
        counts = tx.mirror_counts()
        failed = tx.mirrors(bridge="desk", state=MirrorState.FAILED)
    assert sum(counts.values()) == 2
    assert counts.get(("desk", MirrorState.FAILED), 0) == len(failed)
