"""What a case asks of whom, and in which order."""

from ipaddress import ip_address

import pytest

from agent.cases import playbook
from agent.faults.correlation import Problem, Symptom
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory import topology
from agent.observation import ComponentKind, Subject
from collectors.ssh import commands
from tests.story import START, device, inventory


def broken(kind: FaultKind, subject: Subject) -> Fault:
    return Fault(id=f"{kind}|{subject}", subject=subject, kind=kind, state=FaultState.CONFIRMED, began=START, reason="")


def problem(kind: FaultKind, subject: Subject, *symptoms: tuple[FaultKind, Subject]) -> Problem:
    root = broken(kind, subject)
    late = tuple(Symptom(broken(*symptom), "because") for symptom in symptoms)
    return Problem(root.key, kind, subject, root, "because", late)


def plan(found: Problem, *silent: str) -> dict[tuple[str, str], list[str]]:
    """{(device, tier): topics, with the part in brackets}"""
    network = inventory([device("a"), device("b"), device("c")], [("a", "b"), ("b", "c")], ["a"])
    return {
        (visit.device, visit.tier): [" ".join([topic, *parameters.values()]) for topic, parameters in visit.topics]
        for visit in playbook.plan(found, network, topology.build(network), silent)
    }


def interface(here: str, name: str) -> Subject:
    return Subject(here, ComponentKind.INTERFACE, name)


def test_the_log_comes_first_then_the_broken_part_then_what_explains_it() -> None:
    visits = plan(problem(FaultKind.INTERFACE_DOWN, interface("a", "to-b")))
    asked = ["interfaces", "transceivers", "neighbours", "version"]
    assert visits == {
        ("a", "quick"): ["log", "interface to-b", *asked],
        ("b", "quick"): ["log", "interface to-a", *asked],
        ("a", "tech"): ["tech"],
    }


def test_a_silent_device_is_asked_about_at_its_neighbours() -> None:
    visits = plan(problem(FaultKind.DEVICE_UNREACHABLE, Subject("b")), "b")
    assert set(visits) == {("a", "quick"), ("c", "quick"), ("a", "tech")}
    assert visits["c", "quick"][:2] == ["log", "interface to-b"]


def test_a_peer_is_asked_for_by_its_address() -> None:
    peer = Subject("a", ComponentKind.BGP_PEER, str(ip_address("10.0.0.2")))
    assert plan(problem(FaultKind.BGP_PEER_DOWN, peer))["a", "quick"][:3] == ["log", "bgp_peer 10.0.0.2", "bgp"]


def test_a_line_card_full_of_dead_ports_does_not_ask_for_each_of_them() -> None:
    ports = [(FaultKind.INTERFACE_DOWN, interface("a", f"Gi1/{n}")) for n in range(48)]
    asked = plan(problem(FaultKind.INTERFACE_DOWN, interface("a", "to-b"), *ports))["a", "quick"]
    assert sum(topic.startswith("interface ") for topic in asked) == playbook.PARTS_LIMIT
    assert asked[1] == "interface to-b" and "interfaces" in asked


def test_nothing_is_asked_of_a_device_without_ssh_or_that_is_silent() -> None:
    assert plan(problem(FaultKind.CPU_HIGH, Subject("a", ComponentKind.CPU, "1")), "a") == {}


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_of_fault_asks_for_something(kind: FaultKind) -> None:
    assert playbook.topics(kind, ComponentKind.DEVICE)


@pytest.mark.parametrize("component", ComponentKind)
def test_every_kind_of_part_asks_for_something_and_for_nothing_twice(component: ComponentKind) -> None:
    asked = playbook.BY_COMPONENT[component]
    assert asked and len(set(asked)) == len(asked)


def asked_anywhere() -> set[str]:
    lists = [playbook.FIRST, playbook.LAST, *playbook.BY_KIND.values(), *playbook.BY_COMPONENT.values()]
    return {topic for topics in lists for topic in topics} | {"interface", "bgp_peer", playbook.TECH}


@pytest.mark.parametrize("platform", sorted(commands.platforms()))
@pytest.mark.parametrize("topic", sorted(asked_anywhere()))
def test_every_platform_answers_every_topic_or_says_why_not(platform: str, topic: str) -> None:
    known = commands.platforms()[platform]
    assert (topic in known.topics) != (topic in known.none), f"{platform} says nothing of {topic}"
    assert topic in known.topics or known.none[topic].endswith(".")
    assert not {"log", "version", "interfaces", "interface", "tech"} & set(known.none), "these no platform may lack"


def test_a_site_that_went_dark_is_asked_about_at_its_neighbours_and_a_large_outage_at_a_few() -> None:
    names = [f"s{n}" for n in range(40)]
    network = inventory([device(n) for n in (*names, *(f"n{n}" for n in range(40)))], [], [])
    links = [(f"n{n}", f"s{n}") for n in range(40)]
    network = inventory(network.devices.values(), links, ["n0"])
    silent = [(FaultKind.DEVICE_UNREACHABLE, Subject(name)) for name in names]
    root = broken(*silent[0])
    late = tuple(Symptom(broken(*each), "because") for each in silent[1:])
    found = Problem("mass|network", FaultKind.MASS_OUTAGE, Subject("s0"), root, "because", late)
    visits = playbook.plan(found, network, topology.build(network), names)
    assert [visit.device for visit in visits if visit.tier == "quick"] == [f"n{n}" for n in range(12)]
    assert sum(visit.tier == "tech" for visit in visits) == 1
