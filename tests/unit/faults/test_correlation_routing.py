"""Routing sessions by layer: what takes which down, and whose problem the rest is."""

from dataclasses import replace

from agent.faults import correlation
from agent.faults.fault import Fault, FaultKind
from agent.inventory import topology
from agent.inventory.topology import Topology
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from tests.story import START, device, inventory
from tests.unit.faults.test_correlation import dead, down, fault, roots

K = FaultKind
COMPONENT = {
    K.BGP_PEER_DOWN: ComponentKind.BGP_PEER,
    K.OSPF_NEIGHBOUR_DOWN: ComponentKind.OSPF_NEIGHBOUR,
    K.BFD_SESSION_DOWN: ComponentKind.BFD_SESSION,
}


def net(links: str) -> Topology:
    """Each link a /30 of its own, each device a loopback 10.9.0.N, reached past the network."""
    names = sorted({name for link in links.split() for name in link})
    told: dict[str, list[Observation]] = {name: [] for name in names}
    for number, name in enumerate(names):
        told[name].append(at(name, f"10.9.0.{number}", "lo0", f"10.9.0.{number}/32"))
    for a, b in links.split():
        for here, there in ((a, b), (b, a)):
            told[here].append(at(here, facing(there, here), f"to-{there}", f"{facing(there, here)}/30"))
    identities = {name: Batch(name, Tier.IDENTITY, START, tuple(said)) for name, said in told.items()}
    devices = [replace(device(name), address=f"192.0.2.{n}") for n, name in enumerate(names)]
    return topology.build(inventory(devices, [(a, b) for a, b in links.split()], [names[0]]), identities)


def at(name: str, address: str, interface: str, prefix: str) -> Observation:
    return Observation(Subject(name, ComponentKind.ADDRESS, address), Fact.ON_INTERFACE, interface, prefix)


def facing(there: str, here: str) -> str:
    """The address of `here` on its link to `there`."""
    low, high = sorted((ord(here) - 97, ord(there) - 97))
    return f"10.{low}.{high}.{1 if here < there else 2}"


def ospf(here: str, there: str, second: int = 0) -> Fault:
    return session(K.OSPF_NEIGHBOUR_DOWN, here, facing(here, there), second)


def bfd(here: str, there: str, second: int = 0) -> Fault:
    return session(K.BFD_SESSION_DOWN, here, facing(here, there), second)


def bgp(here: str, there: str, second: int = 0) -> Fault:
    return session(K.BGP_PEER_DOWN, here, facing(here, there), second)


def ibgp(here: str, there: str, second: int = 0) -> Fault:
    return session(K.BGP_PEER_DOWN, here, f"10.9.0.{ord(there) - 97}", second)


def session(kind: FaultKind, here: str, address: str, second: int) -> Fault:
    return fault(kind, Subject(here, COMPONENT[kind], address), second)


TRIANGLE = net("ab ac bc")
CHAIN = net("ab bc cd")


def test_an_interface_takes_down_all_that_runs_over_it() -> None:
    faults = [bgp("a", "b"), ospf("a", "b", 1), ospf("b", "a", 2), bfd("b", "a", 3), down("a", "b", 9)]
    assert roots(faults, TRIANGLE) == {"a/interface:to-b": 4}


def test_both_ends_of_one_adjacency_are_one_problem() -> None:
    (problem,) = correlation.problems([ospf("a", "b", 4), ospf("b", "a")], TRIANGLE)
    assert (problem.key, problem.root) == ("ospf_neighbour_down|a--b", ospf("b", "a"))


def test_of_ospfv3_and_of_unnumbered_links_the_address_stands_first() -> None:
    for name in ("10.9.0.1 if7", f"10.9.0.1 #{'10.9.0.1.7'}"):
        (problem,) = correlation.problems([session(K.OSPF_NEIGHBOUR_DOWN, "a", name, 0), ospf("b", "a")], TRIANGLE)
        assert problem.key == "ospf_neighbour_down|a--b"


def test_a_router_that_lost_several_neighbours_is_the_problem() -> None:
    (problem,) = correlation.problems([ospf("a", "c"), ospf("b", "c")], TRIANGLE)
    assert (problem.key, str(problem.subject)) == ("ospf_neighbour_down|c", "c")
    assert problem.because == "2 OSPF neighbours are lost, and c is an end of each"


def test_what_runs_beside_a_lost_bfd_session_is_its_symptom_when_nothing_lower_is_known() -> None:
    assert roots([bgp("a", "b"), ospf("a", "b", 1), bfd("b", "a", 9)], TRIANGLE) == {"b/bfd_session:10.0.1.1": 2}
    assert roots([bgp("a", "b"), bfd("a", "c")], TRIANGLE) == {"a/bgp_peer:10.0.1.2": 0, "a/bfd_session:10.0.2.2": 0}


def test_bgp_falls_with_the_ospf_path_that_it_needs() -> None:
    stuck = [ospf("b", "c", 5), ospf("c", "b", 6)]
    assert roots([*stuck, ibgp("a", "d"), ibgp("d", "a")], CHAIN) == {"b/ospf_neighbour:10.1.2.2": 3}
    ring = net("ab bc cd da")
    assert len(correlation.problems([*stuck, ibgp("a", "d")], ring)) == 2, "another path is left"


def test_sessions_fall_with_the_device_or_the_cut_that_parts_them() -> None:
    assert roots([dead("c"), ospf("b", "c"), ospf("d", "c")], CHAIN) == {"c": 2}
    assert roots([down("b", "c"), ibgp("a", "d")], CHAIN) == {"b/interface:to-c": 1}


def test_what_parted_two_routers_is_told_from_where_they_are_cut_off() -> None:
    """Not by whatever else broke last in a large network."""
    where = net("ab bc be ef af ag")
    faults = [down("b", "c"), down("e", "f", 500), ibgp("a", "c", 3)]
    assert roots(faults, where) == {"b/interface:to-c": 1, "e/interface:to-f": 0}


def test_a_restart_takes_its_sessions_down_and_no_older_ones() -> None:
    restart = fault(K.DEVICE_RESTARTED, Subject("c"), 3600)
    assert roots([restart, ospf("b", "c", 3580), bgp("d", "c", 3610), bgp("a", "b")], CHAIN) == {
        "c": 2,
        "a/bgp_peer:10.0.1.2": 0,
    }


def test_the_longest_network_says_which_interface_leads_to_an_address() -> None:
    wide = at("a", "10.0.0.9", "wide", "10.0.0.0/8")
    told = {"a": Batch("a", Tier.IDENTITY, START, (wide, at("a", "10.0.1.1", "narrow", "10.0.1.0/30")))}
    where = topology.build(inventory([device("a")], [], "a"), told)
    assert where.interface_towards("a", "10.0.1.2") == "narrow"
    assert where.interface_towards("a", "10.200.0.1") == "wide"
    assert where.interface_towards("a", "no address") == where.interface_towards("a", "192.0.2.1") == ""


def test_sessions_with_a_router_that_ospf_lost_are_its_symptoms_though_a_wire_without_ospf_leads_to_it() -> None:
    lost = [ospf("a", "b"), ospf("b", "a"), ospf("a", "c"), ospf("c", "a")]
    sessions = [ibgp("d", "a", 4), ibgp("a", "d", 5), ibgp("b", "a", 6)]
    assert roots([*lost, *sessions], net("ab ac bd cd ae be")) == {"a": 6}
    wired = bgp("e", "a", 7)
    assert len(roots([*lost, wired], net("ab ac bd cd ae be"))) == 2
