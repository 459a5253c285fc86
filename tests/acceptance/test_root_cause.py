"""Stories of root causes: late evidence, polls in the wrong order, sites, pairs, routing. Never a case too many."""

from datetime import timedelta

import pytest

from agent.cases.case import Case, CaseState
from agent.faults.fault import FaultKind
from agent.inventory.device import Management, Role
from agent.observation import Tier
from agent.storage.engine import SqlStore
from tests.acceptance.test_one_problem_one_case import campus
from tests.story import Network, Story, device, inventory


@pytest.fixture
def story(store: SqlStore) -> Story:
    return Story(store, campus()).run(minutes=3)


def problems(story: Story) -> list[str]:
    return [case.problem for case in story.cases()]


def root(story: Story, case: Case) -> str:
    """What the case is about in the end, after all evidence."""
    with story.store.read() as tx:
        (fault,) = [fault for fault in tx.faults() if fault.id == case.root]
    return f"{fault.kind} {fault.subject}"


# ---------------------------------------------------------------- in the wrong order


def test_a_trap_before_the_poll_and_one_after_make_no_case_more(story: Story) -> None:
    story.cut("core1", "dist1").trap("core1", "link_down", "to-dist1").run(seconds=75)
    case = story.only_case()
    story.trap("dist1", "link_down", "to-core1").run(minutes=2)
    assert problems(story) == ["link|core1:to-dist1--dist1:to-core1"]
    assert story.only_case().number == case.number


def test_a_child_polled_before_its_parent_is_no_case(story: Story) -> None:
    story.kill("dist1")
    for child in ("acc1", "acc2"):
        story.poll(child, Tier.STATUS)
    story.run(minutes=4)
    assert problems(story) == ["device_unreachable|dist1"]


@pytest.mark.parametrize("seed", range(3))
def test_lost_polls_change_nothing(store: SqlStore, seed: int) -> None:
    story = Story(store, campus(), seed=seed, loses=0.05).run(minutes=3)
    story.kill("dist1").run(minutes=5)
    assert problems(story) == ["device_unreachable|dist1"]


def test_a_port_that_is_seen_late_to_be_down_takes_the_case_over(story: Story) -> None:
    """The router at the near end is slow to answer: the site behind it is believed dead long before."""
    story.slow["core2"] = 290.0
    story.cut("core2", "branch").run(minutes=4)
    (first,) = story.cases()
    assert first.problem == "site|branch"
    story.slow.clear()
    story.run(minutes=8)
    case = story.only_case()
    assert (case.number, root(story, case)) == (first.number, "interface_down core2/interface:to-branch")
    assert {"branch", "brsw"} <= story.symptoms(case)


def test_a_device_that_is_slow_to_die_is_waited_for(store: SqlStore) -> None:
    """Under load its ports are believed down long before the device that lost its power is."""
    routers = [device(f"r{n}", Role.CORE, management=Management.OUT_OF_BAND) for n in range(1, 7)]
    links = [("r1", "r2"), ("r2", "r3"), ("r3", "r4"), ("r4", "r5"), ("r5", "r6"), ("r4", "r1")]
    story = Story(store, Network(inventory(routers, links, ["r1"]))).run(minutes=3)
    story.slow["r4"] = 35.0
    story.kill("r4").run(minutes=6)
    case = story.only_case()
    assert (case.problem, case.symptoms) == ("device_unreachable|r4", 3)


def test_a_fault_that_begins_while_the_agent_is_away_is_one_case(story: Story) -> None:
    story.kill("dist1").run(seconds=20)
    story.restart_agent()
    story.now += timedelta(minutes=4)  # nobody watches
    story.run(minutes=4)
    assert problems(story) == ["device_unreachable|dist1"]


def test_a_clock_that_is_set_back_opens_nothing_twice(story: Story) -> None:
    story.kill("dist1").run(minutes=3)
    story.set_clock(back=timedelta(minutes=2)).run(minutes=5)
    assert problems(story) == ["device_unreachable|dist1"]
    story.revive("dist1").run(minutes=5)
    assert story.only_case().state in {CaseState.MONITORING, CaseState.RESOLVED}
    assert problems(story) == ["device_unreachable|dist1"]


# ---------------------------------------------------------------- pairs and sites


def two_of_each() -> Network:
    """Two distributions for one access switch; a site with two routers and a switch."""
    devices = [
        *(device(name, Role.CORE) for name in ("core1", "core2")),
        device("dist1", Role.DISTRIBUTION, redundant_with=("dist2",)),
        device("dist2", Role.DISTRIBUTION, redundant_with=("dist1",)),
        device("acc", Role.ACCESS),
        *(device(name, Role.BRANCH, site="branch") for name in ("bra", "brb")),
        device("brsw", Role.ACCESS, site="branch"),
    ]
    links = [("core1", "core2"), ("core1", "dist1"), ("core2", "dist1"), ("core1", "dist2"), ("core2", "dist2")]
    links += [("dist1", "acc"), ("dist2", "acc"), ("core1", "bra"), ("core2", "brb"), ("bra", "brsw"), ("brb", "brsw")]
    return Network(inventory(devices, links, ["core1", "core2"]))


def test_both_of_a_redundant_pair_are_two_cases_and_what_they_carried_is_none(store: SqlStore) -> None:
    story = Story(store, two_of_each()).run(minutes=3)
    story.kill("dist1").run(minutes=3)
    story.kill("dist2").run(minutes=4)
    assert problems(story) == ["device_unreachable|dist1", "device_unreachable|dist2"]


def test_a_site_without_power_is_one_case_also_while_it_comes_back(store: SqlStore) -> None:
    story = Story(store, two_of_each()).run(minutes=3)
    for name in ("bra", "brb", "brsw"):
        story.kill(name)
    story.run(minutes=4)
    case = story.only_case()
    assert (case.problem, case.kind, str(case.subject)) == ("site|branch", FaultKind.SITE_DOWN, "bra")
    assert {"brb", "brsw", "core1/interface:to-bra", "core2/interface:to-brb"} <= story.symptoms(case)
    story.revive("bra").run(minutes=5)
    assert problems(story) == ["site|branch"]
    story.revive("brb").revive("brsw").run(minutes=6)
    assert problems(story) == ["site|branch"]
    assert story.only_case().state is CaseState.MONITORING


def test_the_loss_of_everything_is_one_case(story: Story) -> None:
    for name in story.network.inventory.devices:
        story.kill(name)
    case = story.run(minutes=5).only_case()
    assert (case.problem, case.kind) == ("mass|network", FaultKind.MASS_OUTAGE)
    for name in story.network.inventory.devices:
        story.revive(name)
    assert story.run(minutes=6).only_case().state is CaseState.MONITORING


# ---------------------------------------------------------------- routing


def ring(store: SqlStore) -> Story:
    routers = [device(f"r{n}", Role.CORE, management=Management.OUT_OF_BAND) for n in range(1, 5)]
    links = [("r1", "r2"), ("r2", "r3"), ("r3", "r4"), ("r4", "r1")]
    network = Network(inventory(routers, links, ["r1"]))
    network.ospf = {a: {b for pair in links if a in pair for b in pair if b != a} for a in network.inventory.devices}
    return Story(store, network).run(minutes=3)


def test_an_adjacency_that_is_stuck_is_one_case(store: SqlStore) -> None:
    story = ring(store)
    story.network.ospf_stuck.add(frozenset(("r2", "r3")))
    case = story.run(minutes=4).only_case()
    assert (case.problem, case.kind) == ("ospf_neighbour_down|r2--r3", FaultKind.OSPF_NEIGHBOUR_DOWN)
    assert len(story.symptoms(case)) == 1


def test_neighbours_lost_with_their_link_are_its_symptoms(store: SqlStore) -> None:
    story = ring(store).cut("r2", "r3").run(minutes=4)
    case = story.only_case()
    assert case.problem == "link|r2:to-r3--r3:to-r2"
    assert len(story.symptoms(case)) == 3


def test_a_router_whose_ospf_hangs_is_one_case_and_takes_its_bgp_along(store: SqlStore) -> None:
    story = ring(store)
    story.network.peers = {"r1": {"r3"}, "r3": {"r1"}}
    story.run(minutes=2)
    story.network.ospf_dead.add("r3")
    story.network.bgp_lost.add(frozenset(("r1", "r3")))
    case = story.run(minutes=5).only_case()
    assert (case.problem, str(case.subject)) == ("ospf_neighbour_down|r3", "r3")
    assert len(story.symptoms(case)) == 5
