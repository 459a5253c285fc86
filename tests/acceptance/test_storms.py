"""Storms: hundreds of faults at once are one case, nothing that is written grows with them, and it moves on as one."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.cases.case import Action, Case, CaseState
from agent.faults import ledger
from agent.faults.fault import Fault, FaultKind, FaultState, Reason
from agent.inventory.device import Role
from agent.observation import ComponentKind, Fact, Observation, Subject, Tier
from agent.pipeline import Pipeline
from agent.pipeline.settling import OPENED_AT_ONCE
from agent.ports import JobKind, Store
from agent.storage.engine import open_store
from tests.acceptance.test_one_problem_one_case import campus
from tests.story import START, Network, Story, device, inventory


class Tree(Network):
    """core – left and right; behind each the same number of switches, every tenth of them with nine behind it.

    Who answers is told from the way up: to search the whole network at each poll takes minutes for hundreds.
    """

    def __init__(self, count: int) -> None:
        above = {"core": "", "left": "core", "right": "core"}
        for number in range((count - 3) // 2):
            for half in ("left", "right"):
                above[f"{half}-{number:03d}"] = f"{half}-{number - number % 10:03d}" if number % 10 else half
        devices = [device(name, Role.ACCESS if "-" in name else Role.CORE, site=name.split("-")[0]) for name in above]
        super().__init__(inventory(devices, [(up, name) for name, up in above.items() if up], ["core"]))
        self.above = above
        self.below: dict[str, list[str]] = {name: [] for name in above}
        for name, up in above.items():
            if up:
                self.below[up].append(name)

    def answers(self, name: str) -> bool:
        while name:
            if name in self.dead or frozenset((name, self.above[name])) in self.cuts:
                return False
            name = self.above[name]
        return True

    def _status(self, name: str, now: datetime) -> Iterable[Observation]:
        yield Observation(Subject(name), Fact.UPTIME, (now - START).total_seconds() + 1e6)
        for far in (*self.below[name], self.above[name]):
            if far:
                up = far not in self.dead and frozenset((name, far)) not in self.cuts
                port = Subject(name, ComponentKind.INTERFACE, f"to-{far}")
                yield Observation(port, Fact.ADMIN_STATUS, "up")
                yield Observation(port, Fact.OPER_STATUS, "up" if up else "down")


class Storm(Story):
    """Polls a round at a time."""

    network: Tree

    def round(self, names: Iterable[str], seconds: int = 15) -> "Storm":
        """Each of them is asked once within so many seconds, and it is settled three times."""
        asked = list(names)
        for number, name in enumerate(asked):
            at = self.now + timedelta(seconds=seconds * number / len(asked))
            self.pipeline.observe(self.network.poll(name, Tier.STATUS, at))
            if number % max(1, len(asked) // 3) == 0:
                self.pipeline.settle(at)
        return self.pause(seconds)

    def pause(self, seconds: float) -> "Storm":
        self.now += timedelta(seconds=seconds)
        self.pipeline.settle(self.now)
        self.pipeline.tend(self.now)
        return self

    def members(self, case: Case) -> tuple[Fault, ...]:
        with self.store.read() as tx:
            return tx.faults(case=case.number)


@pytest.fixture
def storm(store: Store) -> Storm:
    return Storm(store, Tree(160))


def left(storm: Storm) -> list[str]:
    return [name for name in storm.network.above if name.startswith("left")]


def dark(storm: Storm) -> Case:
    """One cable takes half of the network away."""
    storm.cut("core", "left")
    for _ in range(3):
        storm.round(["core", "right", *left(storm)])
    return storm.pause(30).only_case()


def test_half_of_the_network_dark_behind_one_cable_is_one_case_and_little_is_written(store: Store) -> None:
    storm = Storm(store, Tree(600))
    case = dark(storm)
    members = storm.members(case)
    assert (str(case.subject), case.symptoms + 1) == ("core/interface:to-left", len(members))
    assert {f.subject.device for f in members if f.kind is FaultKind.DEVICE_UNREACHABLE} == set(left(storm))
    assert all(f.cause == case.root and f.because for f in members if f.id != case.root)
    with storm.store.read() as tx:
        timeline, jobs, record = tx.timeline(case.number), tx.jobs(case=case.number), tx.decisions(case.name)
        told = {line.fault.id: line.why.word for line in ledger.lines(tx.open_faults())}
    named = [entry.text for entry in timeline if entry.action is Action.SYMPTOM]
    assert 20 < len(named) < 25
    assert f"more: netcase faults --case {case.name}" in named[-1]
    assert len(timeline) < 60
    assert sum(job.kind is JobKind.NOTIFY for job in jobs) <= 4
    assert sum(job.kind is JobKind.COLLECT for job in jobs) <= 4
    assert all(len(job.payload.get("text", "")) < 8000 for job in jobs)
    assert max(len(decision.reasons) for decision in record) <= 25
    assert set(told.values()) == {Reason.SYMPTOM}
    assert len(told) == len(members) - 1


def test_it_moves_on_as_one_case_when_the_cable_is_mended(storm: Storm) -> None:
    dark(storm)
    storm.mend("core", "left")
    for _ in range(3):
        storm.round(["core", *left(storm)])
    assert storm.only_case().state is CaseState.MONITORING
    storm.pause(601)
    assert storm.only_case().state is CaseState.RESOLVED


def test_settling_again_changes_nothing_in_this_process_or_in_another(storm: Storm) -> None:
    case = dark(storm)
    before = (storm.members(case), storm.timeline(case), storm.told())
    storm.pause(5)
    storm.restart_agent()
    storm.pause(5).pause(90)
    assert (storm.members(case), storm.timeline(case), storm.told()) == before


def test_many_devices_dark_without_a_common_cause_are_one_case_from_the_first_to_the_last(storm: Storm) -> None:
    gone = [
        name for name in storm.network.above if name.startswith("right-") and int(name[-3:]) % 10 and name[-1] < "5"
    ]
    near = ["right", *sorted({storm.network.above[name] for name in gone})]
    for name in gone:
        storm.kill(name)
    for _ in range(3):
        storm.round([*gone, *near])
    case = storm.pause(140).only_case()
    assert case.kind is FaultKind.MASS_OUTAGE
    for some in (gone[: len(gone) // 2], gone[len(gone) // 2 : -2], gone[-2:]):
        for name in some:
            storm.network.dead.discard(name)
        for _ in range(3):
            storm.round([*gone, *near])
        assert storm.only_case().kind is FaultKind.MASS_OUTAGE
    assert storm.only_case().state is CaseState.MONITORING


def test_a_storm_over_cases_that_stand_already_is_taken_in_by_the_oldest(storm: Storm) -> None:
    gone = [f"right-{tens:02d}{ones}" for tens in range(7) for ones in range(1, 6)]
    for some in (gone[:2], gone[2:]):
        for name in some:
            storm.kill(name)
        near = ["right", *sorted({storm.network.above[name] for name in some})]
        for _ in range(3):
            storm.round([*some, *near])
        storm.pause(25)
    storm.pause(140)
    live = [case for case in storm.cases() if case.live]
    assert [case.kind for case in live] == [FaultKind.MASS_OUTAGE]
    over = [case for case in storm.cases() if not case.live]
    assert all(f"state: the same trouble as {live[0].name}, which goes on" in storm.timeline(case) for case in over)


# ---------------------------------------------------------------- order of arrival

BREAKAGES = ("cut core1 dist1", "cut core2 branch", "kill dist1", "kill branch")


def outcome(breakage: str, order: list[int]) -> set[tuple[object, ...]]:
    """The cases that come of it when the polls of each round arrive in this order: problem, severity, members.

    Which end of a cut link is named first is left out: the one that was seen down first is.
    """
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'netcase.db'}")
        try:
            return _cases_of(Story(store, campus()), breakage, order)
        finally:
            store.close()


def _cases_of(story: Story, breakage: str, order: list[int]) -> set[tuple[object, ...]]:
    names = list(story.network.inventory.devices)
    _rounds(story, names, 1)
    what, *where = breakage.split()
    (story.cut if what == "cut" else story.kill)(*where)
    _rounds(story, [names[place] for place in order], 6)
    with story.store.read() as tx:
        members = {case.number: frozenset(str(f.subject) for f in tx.faults(case=case.number)) for case in tx.cases()}
    return {(case.problem, case.kind, case.severity, members[case.number]) for case in story.cases()}


def _rounds(story: Story, names: list[str], times: int) -> None:
    for _ in range(times):
        for second in range(15):
            at = story.now + timedelta(seconds=second)
            for name in names[second : second + 1]:
                story.pipeline.observe(story.network.poll(name, Tier.STATUS, at))
            if second % 5 == 0:
                story.pipeline.settle(at)
        story.now += timedelta(seconds=15)


@pytest.mark.parametrize("breakage", BREAKAGES)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(7)))
def test_the_order_in_which_polls_arrive_within_the_settle_time_does_not_change_the_cases(
    breakage: str, order: list[int]
) -> None:
    assert outcome(breakage, order) == outcome(breakage, list(range(7)))


def test_one_small_trouble_of_every_device_leaves_polls_their_turn_and_nothing_is_forgotten(store: Store) -> None:
    names = [f"acc{number}" for number in range(OPENED_AT_ONCE + 20)]
    links = [(f"acc{number // 2}", name) for number, name in enumerate(names) if number]
    pipeline = Pipeline(store, inventory([device(name, Role.ACCESS) for name in names], links, ["acc0"]))
    clocks = [
        Fault(
            id=f"clock_unsynchronised|{name}@{START.isoformat()}",
            subject=Subject(name),
            kind=FaultKind.CLOCK_UNSYNCHRONISED,
            state=FaultState.CONFIRMED,
            began=START,
            confirmed=START,
            reason="unsynchronised",
        )
        for name in names
    ]
    with store.begin() as tx:
        tx.save_faults(clocks)
    at = START + timedelta(minutes=5)
    opened = [len(pipeline.settle(at + timedelta(seconds=5 * turn))) for turn in range(3)]
    assert opened == [OPENED_AT_ONCE, 20, 0]
    with store.read() as tx:
        assert all(fault.case for fault in tx.open_faults())
