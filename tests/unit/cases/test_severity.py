"""Severity by consequence, on the networks where each consequence happens."""

import pytest

from agent.cases import severity
from agent.cases.case import Severity
from agent.faults import correlation
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory import topology
from agent.inventory.device import Device, Role
from agent.observation import ComponentKind, Subject
from tests.story import START, device, inventory


def decide(
    devices: list[Device], links: list[tuple[str, str]], *broken: tuple[FaultKind, Subject]
) -> tuple[Severity, str, tuple[str, ...]]:
    network = inventory(devices, links, [devices[0].name])
    net = topology.build(network)
    faults = [
        Fault(id=f"{k}|{s}", subject=s, kind=k, state=FaultState.CONFIRMED, began=START, reason="", confirmed=START)
        for k, s in broken
    ]
    (problem,) = correlation.problems(faults, net)
    down = {s.device for k, s in broken if k is FaultKind.DEVICE_UNREACHABLE}
    level, decision = severity.decide(problem, severity.blast(problem, network, net, down), "x", START)
    return level, decision.reasons[0], decision.would_change


def dead(name: str) -> tuple[FaultKind, Subject]:
    return FaultKind.DEVICE_UNREACHABLE, Subject(name)


def cut(here: str, there: str) -> tuple[FaultKind, Subject]:
    return FaultKind.INTERFACE_DOWN, Subject(here, ComponentKind.INTERFACE, f"to-{there}")


def test_a_customer_without_any_device_left_is_p1() -> None:
    devices = [device("isp", customer="isp", site="isp"), device("a"), device("b")]
    level, because, _ = decide(devices, [("isp", "a"), ("a", "b")], cut("isp", "a"), dead("a"), dead("b"))
    assert (level, because) == (Severity.P1, "every device of acme is lost: the whole system is paralysed")


def test_what_the_topology_cuts_off_counts_before_it_was_polled() -> None:
    devices = [device("isp", customer="isp", site="isp"), device("a"), device("b")]
    assert decide(devices, [("isp", "a"), ("a", "b")], dead("a"))[0] is Severity.P1


def test_a_whole_site_cut_off_is_p2() -> None:
    devices = [device("core"), device("x"), device("br", Role.BRANCH, site="branch")]
    level, because, _ = decide(devices, [("core", "x"), ("core", "br")], dead("br"))
    assert (level, because) == (Severity.P2, "the whole of site branch is cut off")


def test_a_backbone_device_that_nothing_stands_in_for_is_p2() -> None:
    devices = [device("core"), device("dist", Role.DISTRIBUTION), *(device(f"a{n}") for n in range(9))]
    level, because, _ = decide(devices, [("core", "dist")], dead("dist"))
    assert (level, because) == (Severity.P2, "dist carries others, and nothing stands in for it")


def test_a_backbone_device_with_a_redundant_mate_is_p3() -> None:
    devices = [device("top"), device("core1", Role.CORE, redundant_with=("core2",)), device("core2", Role.CORE)]
    links = [("top", "core1"), ("top", "core2"), ("core1", "core2")]
    level, because, would_change = decide([*devices, *(device(f"a{n}") for n in range(9))], links, dead("core1"))
    assert level is Severity.P3
    assert because == "core1 is lost, a redundant device stands in: redundancy lost"
    assert "P2 if core2 were lost as well" in would_change


@pytest.mark.parametrize(
    ("kind", "component", "expected"),
    [
        (FaultKind.INTERFACE_DOWN, ComponentKind.INTERFACE, Severity.P4),
        (FaultKind.POWER_SUPPLY_FAILED, ComponentKind.POWER_SUPPLY, Severity.P3),
        (FaultKind.INTERFACE_ERRORS, ComponentKind.INTERFACE, Severity.P4),
        (FaultKind.SNMP_AGENT_DEAD, ComponentKind.DEVICE, Severity.P4),
    ],
)
def test_what_cuts_nothing_off_is_decided_by_kind(
    kind: FaultKind, component: ComponentKind, expected: Severity
) -> None:
    subject = Subject("core", component, "1" if component is not ComponentKind.DEVICE else "")
    assert decide([device("core"), device("x")], [("core", "x")], (kind, subject))[0] is expected


def test_a_cut_link_with_another_way_left_is_p3() -> None:
    devices = [device("a"), device("b"), device("c")]
    assert decide(devices, [("a", "b"), ("b", "c"), ("a", "c")], cut("a", "b"))[0] is Severity.P3
