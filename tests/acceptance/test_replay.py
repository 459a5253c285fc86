"""A recorded day, replayed: the same cases as live; under other rules, the difference and nothing else."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from agent.app.past import Past
from agent.app.replay import TOLERANCE, Replayed, replay
from agent.cases import moves
from agent.cases.case import CaseState
from agent.cases.comparison import Difference, Sort, Told, differences
from agent.cases.outcome import Outcome
from agent.faults import rules
from agent.faults.rules import Book
from agent.inventory.device import Polling, Role
from agent.inventory.policies import Policies
from agent.inventory.windows import Window
from agent.observation import ComponentKind, Event, Fact, Observation, Source, Subject, SyslogSeverity, Tier
from agent.pipeline import logins
from agent.storage.engine import SqlStore, open_store
from tests.contract.conftest import _empty
from tests.story import START, Network, Story, device, inventory

pytestmark = pytest.mark.timeout(600)  # a day is simulated twice, and replayed

RARELY = Polling(status=timedelta(minutes=20), health=timedelta(minutes=40), recheck=timedelta(seconds=30))
HOT = Subject("core1", ComponentKind.CPU, "1")


@dataclass
class Day(Story):
    """In steps of some seconds, so that a day takes seconds; settles as the live agent does, not to the second."""

    step: timedelta = timedelta(seconds=60)
    busy: datetime = START

    def until(self, hours: float) -> "Day":
        chance = random.Random(self.now.isoformat())
        while self.now < START + timedelta(hours=hours):
            due = sorted((due, name, tier) for (name, tier), due in self._due.items() if due <= self.now)
            for _, name, tier in due:
                self.poll(name, tier)
            if due:
                self.busy = self.now + timedelta(minutes=12)
            if self.now < self.busy:
                self.settle(self.now + timedelta(seconds=chance.uniform(0, 4)))
            self.now += self.step
        return self

    def poll(self, name: str, tier: Tier) -> None:
        """What changed is settled at once."""
        with self.store.read() as tx:
            before = tx.mark()
        super().poll(name, tier)
        with self.store.read() as tx:
            changed = tx.mark() != before
        if changed:
            self.settle(self.now)

    def settle(self, now: datetime) -> None:
        self.pipeline.settle(now)
        self.pipeline.tend(now)
        self.pipeline.maintain(now)

    def said(self, name: str, what: str, subject: Subject | None = None) -> "Day":
        event = Event(
            name, "192.0.2.9", Source.SYSLOG, self.now, SyslogSeverity.ERROR, what, name=what, subject=subject
        )
        self.pipeline.hear([event])
        return self

    def logged_in(self, name: str, outcome: Outcome) -> "Day":
        logins.told(self.store, name, outcome, "another key", self.now)
        self.busy = self.now + timedelta(minutes=12)
        return self

    def cpu(self, percent: float) -> "Day":
        self.network.health["core1"] = [Observation(HOT, Fact.USAGE, percent)]
        return self


def campus(policies: Policies | None = None) -> Network:
    """Two cores, a distribution with two access switches, a branch with a switch behind its router, BGP between."""
    roles = {"core1": Role.CORE, "core2": Role.CORE, "dist1": Role.DISTRIBUTION, "branch": Role.BRANCH}
    names = ("core1", "core2", "dist1", "acc1", "acc2", "branch", "brsw")
    devices = [
        device(
            name,
            roles.get(name, Role.ACCESS),
            site="branch" if name in ("branch", "brsw") else "hq",
            polling=RARELY,
            redundant_with={"core1": ("core2",), "core2": ("core1",)}.get(name, ()),
        )
        for name in names
    ]
    links = [("core1", "core2"), ("core1", "dist1"), ("core2", "dist1"), ("dist1", "acc1"), ("dist1", "acc2")]
    links += [("core2", "branch"), ("branch", "brsw")]
    network = Network(inventory(devices, links, ["core1", "core2"], policies=policies))
    network.peers = {"core1": {"core2"}, "core2": {"core1", "branch"}, "branch": {"core2"}}
    network.health["core1"] = [Observation(HOT, Fact.USAGE, 20.0)]
    return network


def a_day(store: SqlStore, *, whole: bool = True) -> Day:
    """Faults of many kinds, what people did about them, and an agent that was restarted."""
    day = Day(store, campus()).until(0.5)
    day.cut("core1", "dist1").until(1).mend("core1", "dist1").until(1.5)
    day.kill("branch").until(2)
    _by_hand(day, CaseState.IN_PROGRESS)
    day.until(2.25).revive("branch").until(2.75).cpu(97.0).until(3.75).cpu(30.0).until(4.5)
    day.network.deaf.add("acc2")
    day.until(5)
    day.network.deaf.discard("acc2")
    day.restart_agent()
    day.until(5.5)
    window = Window(name="swap", starts=day.now, ends=day.now + timedelta(hours=2), devices=frozenset({"acc1"}))
    _save(store, window)
    day.kill("acc1").until(6)
    _save(store, replace(window, ends=day.now))  # earlier than planned, and it is still down
    day.until(6.5).revive("acc1").until(7)
    day.logged_in("core2", Outcome.HOST_KEY_CHANGED).until(7.25).logged_in("core2", Outcome.DONE)
    day.network.bgp_dead.add("branch")
    day.until(7.75)
    day.network.bgp_dead.discard("branch")
    for quarter in range(6):
        (day.mend if quarter % 2 else day.cut)("core2", "branch").until(8.25 + quarter / 4)
    day.said("core1", "link_down", Subject("core1", ComponentKind.INTERFACE, "to-core2"))
    if not whole:
        return day.until(11)
    return day.until(23.25).cut("dist1", "acc2").until(24)


def _save(store: SqlStore, window: Window) -> None:
    with store.begin() as tx:
        tx.save_window(window)


def _by_hand(day: Day, to: CaseState) -> None:
    with day.store.begin() as tx:
        case = tx.live_cases()[-1]
        after, entry = moves.move(case, to, "li", "looking into it", day.now)
        tx.save_case(after)
        tx.log([entry])


def past(day: Day, start: float = 0, end: float = 24) -> Past:
    assert isinstance(day.store, SqlStore)
    hours = timedelta(hours=1)
    return Past(day.store, day.network.inventory, START + start * hours, START + end * hours)


def same(one: list[Told], other: list[Told]) -> list[Difference]:
    return differences(one, other, TOLERANCE)


def changed(text: str) -> Book:
    return rules.parse(text, "rules.yaml")


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('day')}/netcase.db")
    yield a_day(store)
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def recorded(request: pytest.FixtureRequest) -> Iterator[Day]:
    """The day on each kind of database; on PostgreSQL up to where it is quiet for long, because it takes its time."""
    if request.param == "sqlite":
        yield request.getfixturevalue("day")
    else:
        store = request.getfixturevalue("_postgres")
        yield a_day(store, whole=False)
        _empty(store)


def test_a_recorded_day_replayed_gives_the_same_cases_as_live(recorded: Day) -> None:
    hours = (recorded.now - START) / timedelta(hours=1)
    live = past(recorded, 0, hours).cases()
    assert {told.kind for told in live} >= {
        *{"interface_down", "cpu_high", "snmp_agent_dead", "host_key_changed", "bgp_peer_down"}
    }
    replayed = replay(past(recorded, 0, hours), rules.shipped())
    assert same(live, replayed.cases) == []
    assert (replayed.lost, replayed.left) == (0, [])


@pytest.fixture(scope="module")
def some_hours(day: Day) -> tuple[Past, Replayed]:
    """A part of the day, and it replayed with the rules that were in force."""
    part = past(day, 1.75, 4.5)
    return part, replay(part, rules.shipped())


def test_a_part_of_the_day_begins_with_what_was_known(day: Day, some_hours: tuple[Past, Replayed]) -> None:
    part, replayed = some_hours
    assert same(part.cases(), replayed.cases) == []
    later = past(day, 5.25, 9.9)
    assert same(later.cases(), replay(later, rules.shipped()).cases) == []


def test_the_same_hours_replayed_again_are_the_same(some_hours: tuple[Past, Replayed]) -> None:
    part, replayed = some_hours
    assert replay(part, rules.shipped()) == replayed


def test_a_rule_that_is_switched_off_takes_its_case_away_and_no_other(some_hours: tuple[Past, Replayed]) -> None:
    part, before = some_hours
    after = replay(part, changed("cpu_high: {enabled: false}"))
    (gone,) = same(before.cases, after.cases)
    assert (gone.sort, gone.before and gone.before.kind) == (Sort.ONLY_BEFORE, "cpu_high")


def test_a_lower_limit_opens_the_case_earlier(some_hours: tuple[Past, Replayed]) -> None:
    part, before = some_hours
    after = replay(part, changed("cpu_high: {raise_at: 15, clear_at: 10}"))
    (other,) = same(before.cases, after.cases)
    assert (other.sort, list(other.changed)) == (Sort.CHANGED, ["opened"])
    was, would_be = other.changed["opened"]
    assert would_be < was  # type: ignore[operator]


def test_what_a_person_did_to_a_case_that_is_not_opened_is_told(day: Day) -> None:
    blind = changed("device_unreachable: {enabled: false}\ninterface_down: {enabled: false}")
    after = replay(past(day, 1.25, 2.25), blind)
    assert [line.partition(": ")[2] for line in after.left] == ["state NC-000002"]


def test_the_journal_knows_from_when_to_when_it_tells(day: Day) -> None:
    with day.store.read() as tx:
        first, last = tx.journalled()  # type: ignore[attr-defined]
    assert first - START <= timedelta(minutes=1)
    assert START + timedelta(hours=24) - last < timedelta(minutes=21)
