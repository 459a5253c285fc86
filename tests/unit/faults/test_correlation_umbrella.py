"""Many troubles at once: a site that lost its power, the agent's own connection, a storm."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.faults import correlation, waiting
from agent.faults.correlation import Problem, umbrella
from agent.faults.fault import Fault, FaultKind
from agent.inventory import topology
from agent.inventory.device import Management
from agent.inventory.topology import Topology
from tests.story import device, inventory
from tests.unit.faults.test_correlation import dead, down

K = FaultKind


def branches(count: int = 30, aside: bool = False) -> Topology:
    """Two cores; branches of two routers, one on each core, and a switch behind both."""
    how = Management.OUT_OF_BAND if aside else Management.IN_BAND
    devices = [device("core1"), device("core2"), device("nms")]
    links = [("nms", "core1"), ("nms", "core2"), ("core1", "core2")]
    for n in range(count):
        devices += [device(f"{part}{n}", site=f"site{n}", management=how) for part in ("ra", "rb", "sw")]
        links += [("core1", f"ra{n}"), ("core2", f"rb{n}"), (f"ra{n}", f"sw{n}"), (f"rb{n}", f"sw{n}")]
    return topology.build(inventory(devices, links, ["nms"]))


def dark(site: int, second: int = 0) -> list[Fault]:
    faults = [dead(f"{part}{site}", second + n) for n, part in enumerate(("ra", "rb", "sw"))]
    return [*faults, down("core1", f"ra{site}", second), down("core2", f"rb{site}", second)]


def keys(faults: list[Fault], where: Topology) -> list[str]:
    return sorted(problem.key for problem in correlation.problems(faults, where))


def test_a_site_all_of_whose_devices_fell_silent_is_one_problem() -> None:
    (problem,) = correlation.problems(dark(3), branches())
    assert (problem.key, problem.kind, str(problem.subject)) == ("site|site3", K.SITE_DOWN, "ra3")
    assert problem.root == dead("ra3")
    assert problem.because == "all 3 devices of site3 fell silent at once, and nothing outside explains it"
    assert len(problem.symptoms) == 4


def test_a_site_is_silent_where_its_devices_are_reached_past_the_network_too() -> None:
    assert keys(dark(3)[:3], branches(aside=True)) == ["site|site3"]


def test_a_site_behind_one_cut_cable_or_a_dead_device_outside_has_kept_its_power() -> None:
    devices = [device("nms"), device("core"), *(device(f"b{n}", site="branch") for n in range(3))]
    where = topology.build(inventory(devices, [("nms", "core"), ("core", "b0"), ("b0", "b1"), ("b1", "b2")], ["nms"]))
    silent = [dead(f"b{n}") for n in range(3)]
    assert keys([*silent, down("core", "b0")], where) == ["link|b0:to-core--core:to-b0"]
    assert keys([*silent, dead("core"), down("nms", "core")], where) == ["link|core:to-nms--nms:to-core"]


def test_a_site_of_which_one_device_answers_has_kept_its_power() -> None:
    assert "site|site3" not in keys([fault for fault in dark(3) if fault.subject.device != "rb3"], branches())


def test_devices_of_a_site_that_died_an_hour_apart_are_not_one_event() -> None:
    faults = [dead("ra3"), dead("rb3", 3600), dead("sw3", 3601)]
    assert "site|site3" not in keys(faults, branches(aside=True))


def test_the_loss_of_everything_is_the_agents_own_connection() -> None:
    where = branches(4)
    (problem,) = correlation.problems([dead(name, n) for n, name in enumerate(where.devices)], where)
    assert (problem.key, problem.kind, problem.root.subject.device) == ("mass|network", K.MASS_OUTAGE, "nms")


def test_many_roots_at_once_are_one_problem_and_older_ones_are_not_in_it() -> None:
    where = branches(40)
    faults = [down(f"ra{n}", f"sw{n}", 3600 + 2 * n) for n in range(25)] + [dead("sw39")]
    assert keys(faults, where) == ["device_unreachable|sw39", "mass|network"]
    assert len(correlation.problems(faults[:19], where)) == 19


def test_many_links_of_one_device_wait_for_a_word_of_that_device() -> None:
    devices = [device("nms"), device("hub"), *(device(f"s{n}") for n in range(30))]
    links = [("nms", "hub"), *((f"s{n}", "hub") for n in range(30)), *((f"s{n}", "nms") for n in range(30))]
    network = inventory(devices, links, ["nms"])
    where = topology.build(network)
    (problem,) = correlation.problems([down(f"s{n}", "hub", n) for n in range(30)], where)
    later = {name: problem.faults[-1].began + timedelta(minutes=1) for name in where.devices}
    assert waiting.unclear(problem, where, {"hub"}, later, network) > timedelta(minutes=2)
    assert waiting.unclear(problem, where, set(), later, network) == timedelta(0), "it answers: its links went"


def test_a_storm_waits_for_the_device_that_may_explain_all_of_it() -> None:
    devices = [device("nms"), device("hub"), *(device(f"s{n}") for n in range(40)), device("x"), device("y")]
    links = [("nms", "hub"), *(("hub", f"s{n}") for n in range(40))]
    network = inventory(devices, links, ["nms"])
    where = topology.build(network)
    faults = [dead(f"s{n}", n) for n in range(40)]
    (problem,) = correlation.problems(faults, where)
    assert problem.kind is K.MASS_OUTAGE
    later = {name: faults[-1].began + timedelta(minutes=1) for name in where.devices}
    assert waiting.unclear(problem, where, {"hub"}, later, network) > timedelta(minutes=2)
    assert waiting.unclear(problem, where, {"y"}, later, network) == timedelta(0)
    assert waiting.unclear(problem, where, set(), {"nms": later["nms"]}, network) > timedelta(minutes=1)
    (found,) = correlation.problems([*faults, dead("hub", 60)], where)
    assert (found.key, len(found.symptoms)) == ("device_unreachable|hub", 40)


@given(st.integers(20, 39), st.integers(0, 38))
def test_a_storm_keeps_its_key_while_it_grows(many: int, fewer: int) -> None:
    where = branches(40)
    storm: list[Problem] = correlation.problems([down(f"ra{n}", f"sw{n}", n) for n in range(many)], where)
    assert [problem.key for problem in storm] == ["mass|network"]
    left = correlation.problems(
        [down(f"ra{n}", f"sw{n}", n) for n in range(min(fewer, umbrella.STORM_ROOTS - 1))], where
    )
    assert "mass|network" not in [problem.key for problem in left]
