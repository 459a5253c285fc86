"""Stories of maintenance: what is silent while it goes on, what is told when it is over, and what did not come back."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from agent import locale
from agent.cases.case import Case, CaseState, Severity
from agent.faults import leftovers, upkeep
from agent.faults.fault import FaultKind, Reason
from agent.inventory import windows
from agent.inventory.windows import FOREVER, Window
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from agent.storage.engine import SqlStore
from tests.acceptance.test_one_problem_one_case import campus as plain_campus
from tests.story import START, Network, Story

MINUTE = timedelta(minutes=1)
BEHIND_ACC1 = "link|acc1:to-dist1--dist1:to-acc1"  # a dead switch at the end of its only link looks like a cut
INTERFACE, NEIGHBOUR = ComponentKind.INTERFACE, ComponentKind.NEIGHBOUR


@dataclass
class Campus(Network):
    """Two cores, two distributions with BGP between them, access switches with desks, a branch behind a router."""

    desks: dict[str, str] = field(default_factory=lambda: dict.fromkeys(("desk1", "desk2", "desk3"), "up"))
    version: str = "17.6.5"
    modules: set[str] = field(default_factory=lambda: {"slot 1", "slot 2"})
    hidden: set[str] = field(default_factory=set)  # peers that the table of a router no longer has

    def _status(self, name: str, now: datetime) -> Iterable[Observation]:
        for o in super()._status(name, now):
            if f"{o.subject}" not in self.hidden:
                yield o
        if name == "acc1":
            for port, state in self.desks.items():
                yield Observation(Subject(name, INTERFACE, port), Fact.ADMIN_STATUS, "up")
                yield Observation(Subject(name, INTERFACE, port), Fact.OPER_STATUS, state)

    def _identity(self, name: str) -> Iterable[Observation]:
        yield from super()._identity(name)
        yield Observation(Subject(name), Fact.VERSION, self.version)
        if name == "acc1":
            yield Observation(Subject(name, INTERFACE, "to-dist1"), Fact.SPEED, 10**9)
            yield Observation(Subject(name, NEIGHBOUR, "desk3"), Fact.REMOTE_NAME, "phone")
            for module in sorted(self.modules):
                yield Observation(Subject(name, ComponentKind.MODULE, module), Fact.STATE, "ok")
                yield Observation(Subject(name, ComponentKind.MODULE, module), Fact.SERIAL, f"S-{module}")

    def poll(self, name: str, tier: Tier, now: datetime) -> Batch:
        """A table is told complete by the poll that asks for it only, as by a device."""
        batch = super().poll(name, tier, now)
        return replace(batch, complete=frozenset({o.subject.kind for o in batch.observations}))


def campus(*known: Window) -> Campus:
    return Campus(plain_campus(known).inventory)


def window(name: str = "swap", start: float = 10, minutes: float = 20, **named: object) -> Window:
    """`start` minutes after the story's beginning."""
    begins = START + start * MINUTE
    named = {key: frozenset(value) for key, value in named.items()}  # type: ignore[call-overload]
    return Window(name=name, starts=begins, ends=begins + minutes * MINUTE, **named)


def at(story: Story, minutes: float) -> Story:
    """On, until so many minutes after the beginning."""
    return story.run(seconds=(START + minutes * MINUTE - story.now).total_seconds())


def notes(story: Story, case: Case) -> list[str]:
    return [
        line.removeprefix("note: ")
        for line in story.timeline(case)
        if line.startswith("note: ") and "contract" not in line
    ]


def progress(story: Story, known: Window) -> upkeep.Progress:
    (each,) = windows.occurrences(known, known.starts, known.ends)
    with story.store.read() as tx:
        body = tx.document(upkeep.OCCURRENCE, upkeep.key(each))
    assert body is not None
    return upkeep.unpack(body)


def maintained(story: Story) -> list[Case]:
    """Without what the agent says of its own sleep."""
    return [case for case in story.cases() if case.kind is not FaultKind.STALE_COLLECTION]


def silenced(story: Story) -> set[str]:
    with story.store.read() as tx:
        return {str(f.subject) for f in tx.open_faults() if f.suppressed_as is Reason.MAINTENANCE}


# ---------------------------------------------------------------- what is silent


def test_a_root_in_maintenance_silences_its_symptoms_outside_and_is_a_case_when_the_window_ends(
    each_store: SqlStore,
) -> None:
    swap = window(devices=["dist1"], minutes=10)
    story = at(Story(each_store, campus(swap)), 12).kill("dist1")
    assert at(story, 19).cases() == []
    assert {"dist1", "acc1", "acc2", "core1/interface:to-dist1"} <= silenced(story)
    case = at(story, 20.5).only_case()
    assert case.problem == "device_unreachable|dist1"
    assert {"acc1", "acc2"} <= story.symptoms(case)
    assert notes(story, case) == ["still broken when maintenance swap ended at 2026-03-02 08:20:00 UTC"]


def test_what_works_again_when_the_window_ends_is_no_case(store: SqlStore) -> None:
    story = at(Story(store, campus(window(devices=["dist1"], minutes=10))), 12).kill("dist1")
    at(story, 17).revive("dist1")
    assert at(story, 45).cases() == []


def test_a_root_outside_is_a_case_whatever_its_symptoms_inside_are(store: SqlStore) -> None:
    story = at(Story(store, campus(window(devices=["acc1"]))), 12).kill("dist1")
    assert at(story, 16).only_case().problem == "device_unreachable|dist1"


def test_a_component_is_maintained_and_the_rest_of_the_device_is_not(store: SqlStore) -> None:
    fibre = window(components=["core1/interface:to-dist1"], minutes=60)
    story = at(Story(store, campus(fibre)), 12).cut("core1", "dist1")
    assert at(story, 16).cases() == []
    assert silenced(story) == {"core1/interface:to-dist1", "dist1/interface:to-core1"}, "a link has two ends"
    story.cut("core1", "core2")
    assert at(story, 20).only_case().problem == "link|core1:to-core2--core2:to-core1"


def test_a_session_is_silent_when_its_other_end_is_maintained(store: SqlStore) -> None:
    network = campus(window(devices=["core2"], minutes=60))
    network.peers = {"core1": {"core2", "dist1"}, "core2": {"core1"}, "dist1": {"core1"}}
    story = at(Story(store, network), 12)
    network.bgp_dead.add("core2")
    assert at(story, 18).cases() == []
    network.bgp_dead.add("core1")  # which nobody works on
    network.bgp_dead.discard("core2")
    assert at(story, 24).only_case().kind is FaultKind.BGP_PEER_DOWN


def test_a_device_that_restarts_inside_a_window_is_no_case_not_even_when_that_is_over(store: SqlStore) -> None:
    story = at(Story(store, campus(window(devices=["acc1"], minutes=10))), 19.5)
    story.network.booted["acc1"] = story.now
    assert at(story, 40).cases() == []
    story.network.booted["acc1"] = story.now
    assert at(story, 44).only_case().kind is FaultKind.DEVICE_RESTARTED


def test_a_device_that_never_comes_back_from_its_restart_is_a_case_at_the_end(store: SqlStore) -> None:
    story = at(Story(store, campus(window(devices=["acc1"], minutes=10))), 11).kill("acc1")
    assert at(story, 19.9).cases() == []
    case = at(story, 21).only_case()
    assert (case.problem, case.opened <= START + 20 * MINUTE + timedelta(seconds=10)) == (
        BEHIND_ACC1,
        True,
    )


def test_of_overlapping_windows_the_last_one_ends_the_silence(store: SqlStore) -> None:
    first, second = window("first", 10, 10, devices=["dist1"]), window("second", 15, 20, sites=["hq"])
    story = at(Story(store, campus(first, second)), 11).kill("dist1")
    assert at(story, 34).cases() == []
    assert at(story, 36).only_case().problem == "device_unreachable|dist1"


def test_planned_work_that_takes_a_whole_site_with_it_is_told_when_it_lasts(store: SqlStore) -> None:
    story = at(Story(store, campus(window(devices=["core2", "core1"], minutes=60))), 12).cut("core2", "branch")
    assert at(story, 15).cases() == [], "so long a restart may take"
    case = at(story, 21).only_case()
    assert (case.severity, case.problem) == (Severity.P2, "link|branch:to-core2--core2:to-branch")
    assert notes(story, case) == ["maintenance swap takes down more than it names: site branch"]


def test_a_window_that_names_the_site_takes_it_along_in_silence(store: SqlStore) -> None:
    story = at(Story(store, campus(window(devices=["core2"], sites=["branch"], minutes=60))), 12).cut("core2", "branch")
    assert at(story, 40).cases() == []


# ---------------------------------------------------------------- windows that change


def test_a_window_that_is_added_after_the_case_leaves_it_and_tells_it(store: SqlStore) -> None:
    story = at(Story(store, campus()), 10).kill("dist1")
    at(story, 13)
    swap = window(start=14, devices=["dist1"], minutes=10)
    with store.begin() as tx:
        tx.save_window(swap)
    case = at(story, 20).only_case()
    assert case.state is CaseState.NEW
    until = "from now on nothing new is told of it: maintenance: swap until 2026-03-02T08:24+00:00"
    assert notes(story, case) == [until]
    case = at(story, 26).only_case()
    assert notes(story, case) == [until, "still broken when maintenance swap ended at 2026-03-02 08:24:00 UTC"]


def test_a_window_that_is_ended_early_lets_what_is_broken_be_told_at_once(each_store: SqlStore) -> None:
    story = at(Story(each_store, campus()), 5)
    swap = window(devices=["acc1"], minutes=60)
    with each_store.begin() as tx:
        tx.save_window(swap)
    at(story, 12).kill("acc1")
    assert at(story, 20).cases() == []
    now = windows.at(swap, story.now)
    assert now
    with each_store.begin() as tx:
        tx.save_window(windows.ending(now, story.now))
    assert story.run(seconds=10).only_case().problem == BEHIND_ACC1


def test_a_recurring_window_keeps_its_hour_over_a_change_of_clocks(store: SqlStore) -> None:
    """Berlin's clocks go forward in the night of 29 March: 02:30 is then what they call 03:30, 01:30 UTC."""
    nightly = Window(
        name="nightly", starts=datetime(2026, 1, 1, tzinfo=UTC), ends=FOREVER, every="daily 02:30",
        lasts=30 * MINUTE, timezone="Europe/Berlin", devices=frozenset({"acc1"}),
    )  # fmt: skip
    story = Story(store, campus(nightly), now=datetime(2026, 3, 29, 1, 20, tzinfo=UTC)).run(minutes=12).kill("acc1")
    assert story.run(minutes=20).cases() == [], "01:32 to 01:52"
    case = story.run(minutes=9).only_case()
    assert case.problem == BEHIND_ACC1
    story.revive("acc1").run(minutes=5)
    later = Story(store, story.network, now=datetime(2026, 3, 30, 0, 20, tzinfo=UTC)).run(minutes=12).kill("acc1")
    assert case.number == maintained(later.run(minutes=20))[0].number, "the night after it is 00:30 UTC"


def test_a_clock_that_jumps_neither_loses_nor_doubles_anything(store: SqlStore) -> None:
    swap = window(devices=["acc1"], minutes=20)
    story = at(Story(store, campus(swap)), 15)
    story.network.desks["desk1"] = "down"  # type: ignore[attr-defined]
    taken = progress(story, swap).taken
    story.now -= timedelta(minutes=8)
    story.run(minutes=2)
    assert progress(story, swap).taken == taken
    story.now += timedelta(hours=1)
    case = story.run(minutes=12).only_case()
    assert case.kind is FaultKind.MAINTENANCE_LEFTOVER
    story.now -= timedelta(minutes=50)
    assert story.run(minutes=30).only_case().number == case.number


# ---------------------------------------------------------------- before and after


def test_a_port_that_no_rule_watches_and_that_did_not_come_back_is_a_case(each_store: SqlStore) -> None:
    swap = window(devices=["acc1"], minutes=10)
    story = at(Story(each_store, campus(swap)), 12).kill("acc1")
    at(story, 16).revive("acc1")
    story.network.desks["desk2"] = "down"  # type: ignore[attr-defined]
    story.network.version = "17.9.4"  # type: ignore[attr-defined]
    assert at(story, 21).cases() == [], "it gets time to come back"
    case = at(story, 27).only_case()
    assert (case.kind, str(case.subject), case.severity) == (FaultKind.MAINTENANCE_LEFTOVER, "acc1", Severity.P3)
    with each_store.read() as tx:
        (fault,) = tx.faults(case=case.number)
        body = tx.document(upkeep.PICTURE, f"{swap.starts:%Y-%m-%dT%H:%M:%SZ} swap|acc1")
    assert fault.reason == "did not come back after maintenance swap: desk2 (interface) was up, is down"
    assert body is not None
    changes = upkeep.unpack_changes(body["changes"])
    assert [(c.subject, c.what, c.before, c.after, c.turn) for c in changes] == [
        ("acc1/interface:desk2", "state", "up", "down", leftovers.Turn.LEFT),
        ("acc1", "version", "17.6.5", "17.9.4", leftovers.Turn.CHANGED),
    ]
    found = progress(story, swap)
    assert (found.left, found.changed, found.done is not None) == ({"acc1": 1}, 1, True)


def test_what_is_left_over_is_one_case_however_much_it_is_and_ends_when_all_is_back(store: SqlStore) -> None:
    network = campus(window(devices=["acc1"], minutes=10))
    story = at(Story(store, network), 12)
    network.desks |= {"desk1": "down", "desk2": "down"}
    network.modules.discard("slot 2")
    case = at(story, 28).only_case()
    with store.read() as tx:
        (fault,) = tx.faults(case=case.number)
    assert fault.reason == (
        "did not come back after maintenance swap: desk1 (interface) was up, is down; desk2 (interface) was up, "
        "is down; slot 2 (module) was ok, is gone"
    )
    assert "未恢复" in locale.reword(fault.reason, "zh_CN")
    network.desks |= {"desk1": "up", "desk2": "up"}
    at(story, 35)
    story.poll("acc1", Tier.IDENTITY)
    with store.read() as tx:
        assert not [f for f in tx.faults(case=case.number) if f.cleared], "a module is still missing"
    network.modules.add("slot 2")
    story.poll("acc1", Tier.IDENTITY)
    assert at(story, 39).only_case().state is CaseState.MONITORING


def test_what_a_rule_sees_stands_in_its_own_case_and_is_not_told_twice(store: SqlStore) -> None:
    story = at(Story(store, campus(window(devices=["dist1"], minutes=10))), 12).cut("dist1", "acc1")
    assert at(story, 35).only_case().kind is not FaultKind.MAINTENANCE_LEFTOVER


def test_a_person_who_resolves_it_says_that_it_is_well_so(store: SqlStore) -> None:
    story = at(Story(store, campus(window(devices=["acc1"], minutes=10))), 12)
    story.network.desks["desk1"] = "down"  # type: ignore[attr-defined]
    case = at(story, 28).only_case()
    with store.begin() as tx:
        tx.save_case(replace(case, state=CaseState.RESOLVED, resolved=story.now))
    at(story, 31)
    with store.read() as tx:
        assert all(fault.cleared for fault in tx.faults(case=case.number))
    assert story.run(minutes=10).only_case().number == case.number


def test_a_port_of_a_neighbour_that_faces_what_is_maintained_is_looked_at_too(store: SqlStore) -> None:
    swap = window(devices=["acc1"], minutes=10)
    at(Story(store, campus(swap)), 11)
    with store.read() as tx:
        body = tx.document(upkeep.PICTURE, f"{swap.starts:%Y-%m-%dT%H:%M:%SZ} swap|acc1")
    assert body is not None
    assert "dist1/interface:to-acc1" in body["before"]
    assert "dist1/interface:to-acc2" not in body["before"]


def test_a_restart_of_the_agent_inside_a_window_loses_nothing(store: SqlStore) -> None:
    story = at(Story(store, campus(window(devices=["acc1"], minutes=10))), 12)
    story.network.desks["desk1"] = "down"  # type: ignore[attr-defined]
    for _ in range(16):
        story.restart_agent()
        story.run(minutes=1)
    assert story.only_case().kind is FaultKind.MAINTENANCE_LEFTOVER


def test_a_window_that_began_while_the_agent_was_down_is_compared_with_what_was_last_known(store: SqlStore) -> None:
    network = campus(window(devices=["acc1"], minutes=10))
    at(Story(store, network), 4)
    network.desks["desk1"] = "down"
    later = at(Story(store, network, now=START + 17 * MINUTE), 30)
    (case,) = maintained(later)
    assert case.kind is FaultKind.MAINTENANCE_LEFTOVER
    with store.read() as tx:
        (fault,) = tx.faults(case=case.number)
    assert fault.reason == "did not come back after maintenance swap: desk1 (interface) was up, is down"


def test_the_comparison_waits_for_a_second_window_on_the_same_device(store: SqlStore) -> None:
    story = at(Story(store, campus(window("a", 10, 5, devices=["acc1"]), window("b", 12, 20, devices=["acc1"]))), 13)
    story.network.desks["desk1"] = "down"  # type: ignore[attr-defined]
    assert at(story, 31).cases() == []
    assert at(story, 42).only_case().kind is FaultKind.MAINTENANCE_LEFTOVER


def test_a_device_that_is_late_is_compared_when_it_is_back(store: SqlStore) -> None:
    swap = window(devices=["acc1"], minutes=10)
    story = at(Story(store, campus(swap)), 12).kill("acc1")
    at(story, 40)
    assert list(progress(story, swap).waiting) == ["acc1"]
    story.revive("acc1")
    story.network.desks["desk1"] = "down"  # type: ignore[attr-defined]
    assert [case.kind for case in maintained(at(story, 52))] == [
        FaultKind.INTERFACE_DOWN,
        FaultKind.MAINTENANCE_LEFTOVER,
    ]
