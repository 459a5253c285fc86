"""Cables, aggregates and what runs over them: many signs, one trouble."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from agent.faults import correlation
from agent.faults.correlation import Problem
from agent.faults.fault import Fault, FaultKind
from agent.inventory import topology
from agent.inventory.inventory import Link
from agent.inventory.topology import Topology
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from tests.story import START, device, inventory
from tests.unit.faults.test_correlation import dead, down, fault, net, roots

K = FaultKind


def port(kind: FaultKind, here: str, there: str, second: int = 0) -> Fault:
    return fault(kind, Subject(here, ComponentKind.INTERFACE, f"to-{there}"), second)


def only(faults: Iterable[Fault], where: Topology) -> Problem:
    (problem,) = correlation.problems(faults, where)
    return problem


def test_errors_on_a_link_that_then_goes_down_are_one_problem_with_it() -> None:
    problem = only([port(K.INTERFACE_ERRORS, "a", "b"), down("b", "a", 300)], net("ab ac bc"))
    assert (problem.key, problem.root.kind) == ("link|a:to-b--b:to-a", K.INTERFACE_DOWN)


def test_light_that_was_poor_before_is_the_root_of_a_link_that_goes_down() -> None:
    light = fault(K.OPTICAL_POWER, Subject("a", ComponentKind.SENSOR, "to-b Rx power"))
    problem = only([light, down("b", "a", 300), down("a", "b", 301)], net("ab ac bc"))
    assert (problem.key, problem.kind, problem.root) == ("link|a:to-b--b:to-a", K.INTERFACE_DOWN, light)
    assert problem.because == "its light was out of its limits before"


def test_light_that_fell_with_the_link_is_its_symptom() -> None:
    light = fault(K.OPTICAL_POWER, Subject("a", ComponentKind.SENSOR, "to-b Rx power"), 30)
    assert only([down("a", "b"), light], net("ab ac bc")).root.kind is K.INTERFACE_DOWN


def test_a_sensor_names_its_port_by_its_number_too() -> None:
    devices = [device(n) for n in "ab"]
    network = replace(inventory(devices, [], "a"), links=(Link("a", "xe-0/1", "b", "xe-0/2"),))
    light = fault(K.OPTICAL_POWER, Subject("a", ComponentKind.SENSOR, "power Rx 0/1 (dBm)"))
    errors = fault(K.INTERFACE_ERRORS, Subject("b", ComponentKind.INTERFACE, "xe-0/2"))
    assert only([light, errors], topology.build(network)).root == light


def test_light_at_both_ends_is_one_problem() -> None:
    ends = [
        fault(K.OPTICAL_POWER, Subject(here, ComponentKind.SENSOR, f"to-{there} Rx"), second)
        for here, there, second in (("a", "b", 9), ("b", "a", 3))
    ]
    assert roots(ends, net("ab")) == {"b/sensor:to-a Rx": 1}


def test_a_full_link_drops_packets_and_is_one_problem() -> None:
    faults = [port(K.INTERFACE_DISCARDS, "a", "b"), port(K.INTERFACE_SATURATED, "b", "a", 60)]
    assert only([*faults, port(K.TRAFFIC_UNUSUAL, "a", "b")], net("ab")).kind is K.INTERFACE_SATURATED


def test_half_duplex_explains_the_errors_of_both_ends() -> None:
    faults = [
        port(K.DUPLEX_CHANGED, "a", "b", 90),
        port(K.INTERFACE_ERRORS, "a", "b"),
        port(K.INTERFACE_ERRORS, "b", "a"),
    ]
    assert only(faults, net("ab")).kind is K.DUPLEX_CHANGED


def test_a_link_that_went_while_its_device_still_answered_is_a_problem_of_its_own() -> None:
    gone = replace(dead("d", 600), last_good=START + timedelta(seconds=590))
    faults = [down("b", "d"), down("c", "d", 595), gone]
    assert roots(faults, net("ab ac bd cd")) == {"b/interface:to-d": 0, "c/interface:to-d": 1}


def test_both_of_a_redundant_pair_dead_are_two_problems() -> None:
    assert roots([dead("b"), dead("c")], net("ab ac bd cd", aside="bc")) == {"b": 0, "c": 0}


# ---------------------------------------------------------------- aggregates


def bundle(cables: bool) -> Topology:
    """a and b hang together by an aggregate of two members; the inventory knows the cables, or only the aggregate."""
    names = ("m1", "m2") if cables else ("Po1",)
    links = tuple(Link("a", name, "b", name) for name in names)
    told = {
        name: Batch(
            name,
            Tier.IDENTITY,
            START,
            tuple(Observation(Subject(name, ComponentKind.INTERFACE, m), Fact.LAG, "Po1") for m in ("m1", "m2")),
        )
        for name in "ab"
    }
    return topology.build(replace(inventory([device("a"), device("b")], [], "ab"), links=links), told)


def member(here: str, name: str, second: int = 0, kind: FaultKind = K.INTERFACE_DOWN) -> Fault:
    return fault(kind, Subject(here, ComponentKind.INTERFACE, name), second)


def test_a_member_that_is_down_is_a_problem_of_its_own_seen_from_both_ends() -> None:
    for cables in (True, False):
        faults = [member("a", "m1"), member("b", "m1", 2), member("a", "m1", 60, K.LAG_MEMBER_DOWN)]
        assert roots(faults, bundle(cables)) == {"a/interface:m1": 2}


def test_an_aggregate_whose_members_are_all_down_is_one_problem() -> None:
    for cables in (True, False):
        faults = [
            member(end, name, n) for n, (end, name) in enumerate((e, m) for m in ("m1", "m2", "Po1") for e in "ab")
        ]
        for order in (faults, faults[::-1]):
            assert roots(order, bundle(cables)) == {"a/interface:m1": 5}


def test_an_aggregate_that_is_down_while_a_member_works_stands_for_itself() -> None:
    faults = [member("a", "m1"), member("a", "Po1", 1)]
    assert roots(faults, bundle(cables=True)) == {"a/interface:m1": 0, "a/interface:Po1": 0}


def test_members_that_went_hours_apart_are_two_problems() -> None:
    faults = [member("a", "m1"), member("a", "m2", 7200), member("a", "Po1", 7201)]
    assert roots(faults, bundle(cables=True)) == {"a/interface:m1": 0, "a/interface:m2": 1}
