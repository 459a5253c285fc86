"""Root cause on small networks, and what must hold on any."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.faults import correlation
from agent.faults.correlation import Problem
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory import topology
from agent.inventory.device import Management
from agent.inventory.topology import Topology
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from tests.story import START, device, inventory

NAMES = "abcdef"


def net(links: str, attached: str = "a", aside: str = "") -> Topology:
    """`ab bc` are links a–b and b–c; `aside` are reached out-of-band."""
    devices = [
        device(n, management=Management.OUT_OF_BAND if n in aside else Management.IN_BAND) for n in sorted(set(NAMES))
    ]
    pairs = [(link[0], link[1]) for link in links.split()]
    return topology.build(inventory(devices, pairs, list(attached)))


def fault(kind: FaultKind, subject: Subject, second: int = 0) -> Fault:
    began = START + timedelta(seconds=second)
    return Fault(
        id=f"{kind}|{subject}",
        subject=subject,
        kind=kind,
        state=FaultState.CONFIRMED,
        began=began,
        reason="",
        confirmed=began,
    )


def dead(name: str, second: int = 0) -> Fault:
    return fault(FaultKind.DEVICE_UNREACHABLE, Subject(name), second)


def down(here: str, there: str, second: int = 0) -> Fault:
    return fault(FaultKind.INTERFACE_DOWN, Subject(here, ComponentKind.INTERFACE, f"to-{there}"), second)


def peer(here: str, address: str, second: int = 0) -> Fault:
    return fault(FaultKind.BGP_PEER_DOWN, Subject(here, ComponentKind.BGP_PEER, address), second)


def roots(faults: list[Fault], where: Topology) -> dict[str, int]:
    """Root subject → symptoms."""
    return {str(p.subject): len(p.symptoms) for p in correlation.problems(faults, where)}


def test_a_device_with_a_whole_way_to_it_is_itself_dead() -> None:
    assert roots([dead("b"), dead("c")], net("ab bc")) == {"b": 1}


def test_a_cut_only_link_explains_all_that_lies_behind_it() -> None:
    assert roots([down("a", "b"), dead("b"), dead("c")], net("ab bc")) == {"a/interface:to-b": 2}


def test_a_device_that_takes_two_links_with_it_is_dead() -> None:
    faults = [down("a", "c"), down("b", "c"), dead("c")]
    assert roots(faults, net("ab ac bc")) == {"c": 2}


def test_both_ends_of_a_link_are_one_problem() -> None:
    assert roots([down("a", "b"), down("b", "a", 3)], net("ab ac bc")) == {"a/interface:to-b": 1}


def test_a_dead_out_of_band_device_explains_its_neighbours_interfaces() -> None:
    assert roots([dead("b"), down("a", "b")], net("ab", aside="ab")) == {"b": 1}


def test_two_dead_devices_at_different_places_are_two_problems() -> None:
    assert roots([dead("b"), dead("d")], net("ab ac cd")) == {"b": 0, "d": 0}


def test_of_two_cuts_the_last_one_is_what_cut_off() -> None:
    faults = [down("a", "b"), down("c", "b", 60), dead("b", 61), dead("d", 62)]
    found = correlation.problems(faults, net("ab ac cb bd"))
    assert {str(p.subject) for p in found} == {"b"}  # two links at once: the device


def test_bgp_is_a_symptom_of_the_interface_it_runs_over() -> None:
    where = _with_addresses(net("ab"), {"a": "10.0.0.1/30", "b": "10.0.0.2/30"})
    assert roots([down("a", "b"), peer("a", "10.0.0.2"), peer("b", "10.0.0.1")], where) == {"a/interface:to-b": 2}


def test_bgp_sessions_with_one_router_in_common_are_that_routers_problem() -> None:
    where = _with_addresses(net("ab ac bc"), {n: f"10.9.0.{i}/32" for i, n in enumerate("abc")})
    assert roots([peer("b", "10.9.0.0"), peer("c", "10.9.0.0")], where) == {"a": 1}


def test_what_lies_behind_a_cut_is_no_witness_of_it() -> None:
    where = net("ab bc cd")
    (problem,) = correlation.problems([down("b", "c"), dead("c")], where)
    assert correlation.witnesses(problem, where) == {"a", "b", "c"}


def test_hot_because_the_fan_stands_still_is_one_problem() -> None:
    fan = fault(FaultKind.FAN_FAILED, Subject("b", ComponentKind.FAN, "1"))
    hot = fault(FaultKind.TEMPERATURE_HIGH, Subject("b", ComponentKind.TEMPERATURE, "in"), 30)
    assert roots([hot, fan], net("ab")) == {"b/fan:1": 1}


def _with_addresses(where: Topology, prefixes: dict[str, str]) -> Topology:
    def identity(name: str, prefix: str) -> Batch:
        other = next((n for n in prefixes if n != name), name)
        subject = Subject(name, ComponentKind.ADDRESS, prefix.partition("/")[0])
        port = "lo0" if prefix.endswith("/32") else f"to-{other}"
        return Batch(name, Tier.IDENTITY, START, (Observation(subject, Fact.ON_INTERFACE, port, prefix),))

    links = [(link.a, link.b) for link in where.links]
    network = inventory(where.devices.values(), links, where.attached_to)
    return topology.build(network, {name: identity(name, prefix) for name, prefix in prefixes.items()})


pairs = st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda pair: pair[0] < pair[1])


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Fault], Topology]:
    links = sorted(draw(st.sets(pairs, max_size=9)))
    where = net(" ".join(a + b for a, b in links), aside="".join(draw(st.sets(st.sampled_from(NAMES), max_size=2))))
    faults = {f.id: f for f in draw(st.lists(st.builds(dead, st.sampled_from(NAMES), st.integers(0, 9)), max_size=5))}
    if links:
        for a, b in draw(st.lists(st.sampled_from(links), max_size=5)):
            one = down(*draw(st.sampled_from([(a, b), (b, a)])), draw(st.integers(0, 9)))
            faults[one.id] = one
    for here, far in draw(st.lists(pairs, max_size=4)):
        one = peer(here, f"10.9.0.{far}", draw(st.integers(0, 9)))
        faults[one.id] = one
    return list(faults.values()), where


def _facts(problems: list[Problem]) -> set[tuple[str, str, frozenset[str]]]:
    return {(p.key, p.root.id, frozenset(s.fault.id for s in p.symptoms)) for p in problems}


@given(scenes())
def test_every_fault_stands_in_exactly_one_problem(scene: tuple[list[Fault], Topology]) -> None:
    faults, where = scene
    found = [fault.id for problem in correlation.problems(faults, where) for fault in problem.faults]
    assert sorted(found) == sorted(fault.id for fault in faults)


@given(scenes(), st.randoms(use_true_random=False))
def test_the_order_in_which_faults_come_does_not_matter(scene: tuple[list[Fault], Topology], chance: object) -> None:
    faults, where = scene
    shuffled = list(faults)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _facts(correlation.problems(shuffled, where)) == _facts(correlation.problems(faults, where))


@given(scenes())
def test_every_problem_says_why_and_no_two_share_a_key(scene: tuple[list[Fault], Topology]) -> None:
    found = correlation.problems(*scene)
    assert len({problem.key for problem in found}) == len(found)
    assert all(problem.because and all(s.because for s in problem.symptoms) for problem in found)
