"""Stories of one problem each: exactly one case, the right root, and it moves on by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.cases.case import CaseState, Severity
from agent.faults.fault import FaultKind
from agent.inventory.device import Management, Role
from agent.inventory.policies import Policies
from agent.inventory.windows import Window
from agent.observation import ComponentKind, Fact, Observation, Subject, Tier
from agent.pipeline import Pipeline
from agent.storage.engine import SqlStore
from tests.story import POLLING, START, Network, Story, device, inventory


def campus(windows: tuple[Window, ...] = (), policies: Policies | None = None) -> Network:
    """Two cores, two distributions, an access switch behind each, a branch with a switch behind its router."""
    devices = [
        device("core1", Role.CORE, redundant_with=("core2",)),
        device("core2", Role.CORE, redundant_with=("core1",)),
        device("dist1", Role.DISTRIBUTION),
        device("acc1", Role.ACCESS),
        device("acc2", Role.ACCESS),
        device("branch", Role.BRANCH, site="branch"),
        device("brsw", Role.ACCESS, site="branch"),
    ]
    links = [
        ("core1", "core2"),
        ("core1", "dist1"),
        ("core2", "dist1"),
        ("dist1", "acc1"),
        ("dist1", "acc2"),
        ("core2", "branch"),
        ("branch", "brsw"),
    ]
    return Network(inventory(devices, links, ["core1", "core2"], windows, policies))


@pytest.fixture
def story(store: object) -> Story:
    return Story(store, campus()).run(minutes=3)  # type: ignore[arg-type]


def test_a_healthy_network_has_no_case(story: Story) -> None:
    assert story.run(minutes=20).cases() == []
    assert story.told() == []


def test_a_cut_redundant_link_is_one_case_rooted_in_the_link(story: Story) -> None:
    story.cut("core1", "dist1").run(minutes=2)
    case = story.only_case()
    assert (case.kind, case.problem) == (FaultKind.INTERFACE_DOWN, "link|core1:to-dist1--dist1:to-core1")
    assert case.severity is Severity.P3
    assert len(story.symptoms(case)) == 1  # the other end


def test_a_cut_only_uplink_is_one_case_with_what_lies_behind_as_symptoms(story: Story) -> None:
    story.cut("core2", "branch").run(minutes=3)
    case = story.only_case()
    assert str(case.subject) == "core2/interface:to-branch"
    assert {"branch", "brsw"} <= story.symptoms(case)
    assert case.severity is Severity.P2  # the whole site is cut off


def test_a_dead_device_explains_its_neighbours_interfaces_and_what_lies_behind_it(story: Story) -> None:
    story.kill("dist1").run(minutes=3)
    case = story.only_case()
    assert (case.kind, str(case.subject)) == (FaultKind.DEVICE_UNREACHABLE, "dist1")
    assert story.symptoms(case) == {"acc1", "acc2", "core1/interface:to-dist1", "core2/interface:to-dist1"}


def test_a_hasty_settling_still_waits_until_a_silent_neighbour_is_believed(store: object) -> None:
    """Ports are believed down long before the device that they lead to is believed dead."""
    hasty = campus(policies=Policies(settle=timedelta(seconds=2)))
    story = Story(store, hasty).run(minutes=3).kill("dist1").run(minutes=3)  # type: ignore[arg-type]
    assert story.only_case().kind is FaultKind.DEVICE_UNREACHABLE


def test_mending_moves_the_case_on_without_another_word_until_it_is_resolved(story: Story) -> None:
    story.cut("core1", "dist1").run(minutes=2)
    told = story.told()
    story.mend("core1", "dist1").run(minutes=3)
    assert story.only_case().state is CaseState.MONITORING
    assert story.told() == told == ["opened li@example.net", "opened zhang@example.com"]
    story.run(minutes=10)
    assert story.only_case().state is CaseState.RESOLVED
    assert story.told() == sorted([*told, "resolved li@example.net", "resolved zhang@example.com"])


def test_a_relapse_within_grace_reopens_the_same_case(story: Story) -> None:
    story.cut("core1", "dist1").run(minutes=2)
    story.mend("core1", "dist1").run(minutes=15)
    story.cut("core1", "dist1").run(minutes=2)
    case = story.only_case()
    assert (case.state, case.reopened) == (CaseState.NEW, 1)
    assert "reopened li@example.net" in story.told()


def test_a_child_is_never_a_case_when_its_parent_recovers_first(story: Story) -> None:
    story.kill("dist1").run(minutes=3)
    story.network.dead.add("acc1")  # dies behind its dead parent
    story.revive("dist1").run(minutes=5)
    assert [case.problem for case in story.cases()] == ["device_unreachable|dist1"]
    story.revive("acc1").run(minutes=5)
    assert story.only_case().state is CaseState.MONITORING


def test_a_root_in_maintenance_keeps_its_symptoms_quiet_too(store: object) -> None:
    window = Window(name="swap", starts=START, ends=START + timedelta(minutes=30), devices=frozenset({"dist1"}))
    story = Story(store, campus((window,))).run(minutes=3)  # type: ignore[arg-type]
    story.kill("dist1").run(minutes=10)
    assert story.cases() == []
    with story.store.begin() as tx:
        assert all(fault.suppressed.startswith("maintenance: swap") for fault in tx.open_faults())


def test_what_is_still_down_when_a_window_ends_is_a_case(store: object) -> None:
    window = Window(name="swap", starts=START, ends=START + timedelta(minutes=10), devices=frozenset({"dist1"}))
    story = Story(store, campus((window,))).run(minutes=3)  # type: ignore[arg-type]
    story.kill("dist1").run(minutes=9)
    assert story.only_case().problem == "device_unreachable|dist1"


def test_a_dead_snmp_agent_is_told_from_a_dead_device(story: Story) -> None:
    story.network.deaf.add("acc1")
    story.run(minutes=3)
    case = story.only_case()
    assert (case.kind, case.severity) == (FaultKind.SNMP_AGENT_DEAD, Severity.P4)


def test_one_lost_poll_is_no_case_but_is_remembered_as_unconfirmed(story: Story) -> None:
    story.kill("acc2").poll("acc2", Tier.STATUS)
    story.network.dead.discard("acc2")
    assert story.run(minutes=5).cases() == []
    with story.store.begin() as tx:
        (fault,) = tx.faults(device="acc2")
    assert fault.suppressed == "unconfirmed: gone when looked at again"


def test_a_restart_is_one_case_at_most_and_ends_by_itself(story: Story) -> None:
    story.network.booted["acc1"] = story.now
    story.run(minutes=4)
    case = story.only_case()
    assert (case.kind, case.state) == (FaultKind.DEVICE_RESTARTED, CaseState.MONITORING)


def test_a_crashed_bgp_process_is_one_case_at_its_router(store: object) -> None:
    routers = [device(f"r{n}", Role.CORE, management=Management.OUT_OF_BAND, site=f"s{n}") for n in range(1, 5)]
    links = [("r1", "r2"), ("r2", "r3"), ("r3", "r4"), ("r4", "r1")]
    network = Network(inventory(routers, links, ["r1"]))
    network.peers = {a.name: {b.name for b in routers if b is not a} for a in routers}
    story = Story(store, network).run(minutes=3)  # type: ignore[arg-type]
    network.bgp_dead.add("r1")
    story.run(minutes=3)
    case = story.only_case()
    assert (case.kind, str(case.subject), case.symptoms) == (FaultKind.BGP_PEER_DOWN, "r1", 2)
    assert case.site == "s1", "the case is where the process crashed, not where it was seen first"
    assert case.severity is Severity.P2, "none of its sessions is left, as the other ends tell"
    network.bgp_dead.clear()
    assert story.run(minutes=3).only_case().state is CaseState.MONITORING


SICK = [
    (ComponentKind.CPU, Fact.USAGE, 97.0, FaultKind.CPU_HIGH),
    (ComponentKind.MEMORY, Fact.USED, 95.0, FaultKind.MEMORY_HIGH),
    (ComponentKind.TEMPERATURE, Fact.CELSIUS, 71.0, FaultKind.TEMPERATURE_HIGH),
    (ComponentKind.FAN, Fact.STATE, "failed", FaultKind.FAN_FAILED),
    (ComponentKind.POWER_SUPPLY, Fact.STATE, "failed", FaultKind.POWER_SUPPLY_FAILED),
]


@pytest.mark.parametrize(("component", "fact", "value", "kind"), SICK, ids=[str(kind) for *_, kind in SICK])
def test_each_kind_of_sick_hardware_is_one_case_that_ends(
    story: Story, component: ComponentKind, fact: Fact, value: float | str, kind: FaultKind
) -> None:
    subject = Subject("acc1", component, "1")
    story.network.health["acc1"] = [Observation(subject, fact, value)]
    case = story.run(minutes=10).only_case()
    assert case.kind is kind
    good = {Fact.USAGE: 5.0, Fact.USED: 5.0, Fact.CELSIUS: 20.0, Fact.STATE: "ok"}[fact]
    story.network.health["acc1"] = [Observation(subject, fact, good)]
    assert story.run(minutes=10).only_case().state is CaseState.MONITORING


def test_a_restart_of_the_agent_changes_nothing(story: Story) -> None:
    story.kill("dist1").run(seconds=70)
    for _ in range(10):
        story.restart_agent()
        story.run(seconds=13)
    case = story.only_case()
    assert story.symptoms(case) == {"acc1", "acc2", "core1/interface:to-dist1", "core2/interface:to-dist1"}
    assert story.told() == ["opened li@example.net", "opened zhang@example.com"]


@pytest.mark.parametrize("seed", range(8))
def test_the_order_of_polls_does_not_change_the_case(store: object, seed: int) -> None:
    story = Story(store, campus(), seed=seed).run(minutes=3)  # type: ignore[arg-type]
    story.kill("branch").run(minutes=4)
    case = story.only_case()
    assert "brsw" in story.symptoms(case)
    assert case.severity is Severity.P2


def test_sessions_of_a_router_that_restarted_are_given_time_and_then_are_a_case(store: SqlStore) -> None:
    routers = [device(f"r{n}", Role.CORE, management=Management.OUT_OF_BAND) for n in range(1, 5)]
    network = Network(inventory(routers, [("r1", "r2"), ("r2", "r3"), ("r3", "r4"), ("r4", "r1")], ["r1"]))
    network.peers = {a.name: {b.name for b in routers if b is not a} for a in routers}
    story = Story(store, network).run(minutes=3)
    story.kill("r4").run(minutes=3)
    story.revive("r4")
    network.bgp_dead.add("r4")  # its routing is not there yet
    story.run(seconds=90)
    assert [case.kind for case in story.cases()] == [FaultKind.DEVICE_UNREACHABLE]
    story.run(minutes=4)
    assert story.cases()[0].problem == "device_unreachable|r4"


def test_what_lies_behind_a_router_that_restarted_is_given_time_until_routing_is_back(story: Story) -> None:
    story.revive("dist1").network.astray.add("acc1")
    story.run(seconds=50)
    story.network.astray.clear()
    story.run(minutes=3)
    assert [str(case.subject) for case in story.cases()] == ["dist1"], "the restart"
    story.revive("dist1").network.astray.add("acc1")
    story.run(minutes=5)
    assert "acc1" in {str(case.subject) for case in story.cases()}, "not for ever"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("breakage", ["cut core1 dist1", "cut core2 branch", "kill dist1"])
def test_a_case_is_in_the_store_within_two_polling_intervals(store: SqlStore, breakage: str, seed: int) -> None:
    story = Story(store, campus(), seed=seed).run(minutes=4)
    broken, (what, *where) = story.now, breakage.split()
    (story.cut if what == "cut" else story.kill)(*where)
    story.run(minutes=3)
    assert story.only_case().opened - broken <= 2 * POLLING.status


def test_the_case_of_a_device_that_left_the_inventory_ends(story: Story) -> None:
    story.kill("acc1").run(minutes=3)
    left = replace(
        story.network.inventory, devices={n: d for n, d in story.network.inventory.devices.items() if n != "acc1"}
    )
    left = replace(left, links=tuple(link for link in left.links if "acc1" not in (link.a, link.b)))
    pipeline = Pipeline(story.store, left)
    pipeline.let_go(story.now)
    pipeline.settle(story.now)
    pipeline.observe(story.network.poll("dist1", Tier.STATUS, story.now))
    with story.store.read() as tx:
        assert [str(f.subject) for f in tx.open_faults()] in ([], ["dist1/interface:to-acc1"])


def test_show_tech_is_not_asked_twice_within_its_cool_down_and_the_case_says_so(story: Story) -> None:
    story.cut("core1", "dist1").run(minutes=2)
    story.network.deaf.add("core1")
    story.run(minutes=3)
    first, second = story.cases()
    assert "no show tech" not in " ".join(story.timeline(first))
    assert "evidence: no show tech from core1: it was asked less than 1:00:00 ago" in story.timeline(second)


def test_a_flapping_link_is_one_case_that_stays_until_it_has_held_still(story: Story) -> None:
    for _ in range(8):
        story.cut("core1", "dist1").run(seconds=85)
        story.mend("core1", "dist1").run(seconds=95)
    story.cut("core1", "dist1").run(seconds=85)
    case = story.only_case()
    assert case.state is CaseState.NEW
    with story.store.read() as tx:
        assert any("; flapping, " in fault.reason for fault in tx.faults(case=case.number) if fault.active)
    assert story.told() == ["opened li@example.net", "opened zhang@example.com"]
    story.mend("core1", "dist1").run(minutes=9)
    assert story.only_case().state is CaseState.NEW
    assert story.run(minutes=22).only_case().state is CaseState.RESOLVED  # its quiet time has passed meanwhile


def test_a_port_that_bounces_faster_than_a_case_settles_is_a_case_all_the_same(store: SqlStore) -> None:
    story = Story(store, campus(policies=Policies(settle=timedelta(seconds=60)))).run(minutes=3)
    for _ in range(30):
        story.cut("core1", "dist1").run(seconds=40)
        story.mend("core1", "dist1").run(seconds=40)
    assert story.only_case().kind is FaultKind.INTERFACE_DOWN


def test_troubles_that_were_there_before_all_went_dark_keep_their_cases(story: Story) -> None:
    story.kill("acc1").run(minutes=3)
    story.kill("brsw").run(minutes=35)
    before = {case.number for case in story.cases()}
    for name in story.network.inventory.devices:
        story.kill(name)
    story.run(minutes=4)
    (outage,) = (case for case in story.cases() if case.number not in before)
    assert outage.kind is FaultKind.MASS_OUTAGE
    for name in story.network.inventory.devices.keys() - {"acc1", "brsw"}:
        story.revive(name)
    story.run(minutes=5)
    assert {case.number for case in story.cases() if case.state is CaseState.NEW} == before


def test_a_relapse_of_a_root_that_was_found_later_reopens_the_same_case(story: Story) -> None:
    story.network.deaf.add("acc1")
    story.run(minutes=3)
    assert story.only_case().kind is FaultKind.SNMP_AGENT_DEAD
    story.kill("acc1").run(minutes=3)
    assert story.only_case().kind is FaultKind.INTERFACE_DOWN
    story.network.deaf.discard("acc1")
    story.revive("acc1").run(minutes=3)
    assert story.only_case().state is CaseState.MONITORING
    story.kill("acc1").run(minutes=3)
    assert story.only_case().state is CaseState.NEW
