"""Severity by consequence, on the networks where each consequence happens."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cases import severity
from agent.cases.case import Severity
from agent.cases.severity import change, consequence
from agent.cases.severity.inputs import Inputs, Landscape, Parts, Port
from agent.faults import correlation, rules
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory import topology
from agent.inventory.device import Device, Role
from agent.inventory.hours import ALWAYS, Hours
from agent.inventory.policies import Consequence, Policies
from agent.observation import ComponentKind, Subject
from tests.story import START, device, inventory


def decide(
    devices: list[Device],
    links: list[tuple[str, str]],
    *broken: tuple[FaultKind, Subject],
    policy: Consequence | None = None,
    states: Mapping[Subject, str] | None = None,
    coverage: Hours = ALWAYS,
) -> tuple[Severity, str, tuple[str, ...]]:
    network = inventory(devices, links, [devices[0].name], policies=Policies(severity=policy or Consequence()))
    contracts = {"C-1": replace(network.contracts["C-1"], coverage=coverage)}
    network = replace(network, contracts=contracts)
    net = topology.build(network)
    faults = [
        Fault(id=f"{k}|{s}", subject=s, kind=k, state=FaultState.CONFIRMED, began=START, reason="", confirmed=START)
        for k, s in broken
    ]
    (problem,) = correlation.problems(faults, net)
    down = {s.device for k, s in broken if k is FaultKind.DEVICE_UNREACHABLE}
    by_kind = rules.shipped().severity(problem.kind)
    weighing = severity.of(problem, network, net, down, START, by_kind, states or {})
    return weighing.severity, weighing.decision.reasons[0], weighing.decision.would_change


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


# ---------------------------------------------------------------- what is left


def part(name: str, kind: ComponentKind = ComponentKind.POWER_SUPPLY, here: str = "core") -> Subject:
    return Subject(here, kind, name)


def test_one_of_two_power_supplies_is_redundancy_lost_and_the_last_is_the_device() -> None:
    devices = [device("core", Role.CORE), device("x")]
    states = {part("1"): "failed", part("2"): "ok"}
    failed = (FaultKind.POWER_SUPPLY_FAILED, part("1"))
    level, because, changes = decide(devices, [("core", "x")], failed, states=states)
    assert (level, because) == (Severity.P3, "power supply: 1 of 2 of core are left: redundancy lost")
    assert "P2 if the others of core failed, too (power supply)" in changes
    level, because, changes = decide(devices, [("core", "x")], failed, states={**states, part("2"): "failed"})
    assert (level, because) == (Severity.P2, "power supply: none of 2 of core is left")
    assert "P3 if another one of core were in order (power supply)" in changes


def test_the_last_session_with_a_provider_is_p2_and_one_of_two_is_not() -> None:
    devices = [device("edge", Role.EDGE), device("x")]
    one, two = (part(f"198.51.100.{n}", ComponentKind.BGP_PEER, "edge") for n in (1, 2))
    down = (FaultKind.BGP_PEER_DOWN, one)
    assert decide(devices, [("edge", "x")], down, states={one: "down", two: "up"})[0] is Severity.P3
    level, because, _ = decide(devices, [("edge", "x")], down, states={one: "down"})
    assert (level, because) == (Severity.P2, "bgp peer: none of 1 of edge is left")


def test_both_of_a_redundant_pair_are_p2_and_each_alone_p3() -> None:
    devices = [
        device("top"),
        device("a", Role.ACCESS, redundant_with=("b",)),
        device("b", Role.ACCESS, redundant_with=("a",)),
        *(device(f"x{n}") for n in range(9)),
    ]
    links = [("top", "s"), ("s", "a"), ("s", "b")]
    devices.append(device("s"))
    assert decide(devices, links, dead("a"))[0] is Severity.P3
    level, because, _ = decide(devices, links, dead("s"))
    assert level is Severity.P2
    assert because == "a, b is lost, and so is what stands in for it"


# ---------------------------------------------------------------- what an operator says


def test_an_operator_says_what_a_role_a_kind_and_a_large_share_are_worth() -> None:
    devices = [device("core"), *(device(f"a{n}", Role.SERVER) for n in range(9))]
    links = [("core", f"a{n}") for n in range(9)]
    assert decide(devices, links, dead("a1"))[0] is Severity.P3
    assert decide(devices, links, dead("a1"), policy=Consequence(roles={"server": "P2"}))[0] is Severity.P2
    hot = (FaultKind.SNMP_AGENT_DEAD, Subject("a1"))
    assert decide(devices, links, hot, policy=Consequence(kinds={"snmp_agent_dead": "P2"}))[0] is Severity.P2


def test_outside_the_hours_of_its_contract_a_device_is_worth_what_the_policy_says_and_by_default_the_same() -> None:
    devices = [device("core"), *(device(f"a{n}", Role.ACCESS) for n in range(9))]
    links = [("core", f"a{n}") for n in range(9)]
    later = Hours(days=("tue",), start=time(9), end=time(17))  # the story begins on a Monday
    assert decide(devices, links, dead("a1"), coverage=later)[0] is Severity.P3
    asleep = Consequence(out_of_hours={"access": "P4"})
    level, because, changes = decide(devices, links, dead("a1"), coverage=later, policy=asleep)
    assert (level, because) == (Severity.P4, "a1 is lost outside the hours of its contract")
    assert "P3 if it were within the hours of the contract" in changes
    assert decide(devices, links, dead("a1"), policy=asleep)[0] is Severity.P3


# ---------------------------------------------------------------- properties

NAMES = [f"d{n}" for n in range(6)]
ROLES = [Role.CORE, Role.DISTRIBUTION, Role.BRANCH, Role.ACCESS, Role.SERVER, Role.OTHER]


@st.composite
def situations(draw: st.DrawFn) -> Inputs:
    devices = {}
    for name in NAMES:
        site, customer = draw(st.sampled_from(["hq", "branch"])), draw(st.sampled_from(["acme", "bolt"]))
        mates = tuple(sorted(draw(st.sets(st.sampled_from([n for n in NAMES if n != name]), max_size=1))))
        role = draw(st.sampled_from(ROLES))
        devices[name] = device(name, role, site, customer, redundant_with=mates)
    land = Landscape(
        devices=devices,
        sites={s: frozenset(n for n, d in devices.items() if d.site == s) for s in ("hq", "branch")},
        customers={c: frozenset(n for n, d in devices.items() if d.customer == c) for c in ("acme", "bolt")},
        policy=Consequence(out_of_hours=draw(st.sampled_from([{}, {"access": "P4"}]))),
    )
    lost = frozenset(draw(st.sets(st.sampled_from(NAMES))))
    kind = draw(st.sampled_from([k for k in FaultKind if k is not FaultKind.MASS_OUTAGE]))
    parts = st.none() | st.builds(Parts, st.just(ComponentKind.POWER_SUPPLY), st.integers(0, 2), st.integers(2, 3))
    return Inputs(
        land=land,
        kind=kind,
        by_kind=draw(st.sampled_from([Severity.P3, Severity.P4])),
        device=devices[draw(st.sampled_from(NAMES))],
        lost=lost,
        gone=lost | frozenset(draw(st.sets(st.sampled_from(NAMES)))),
        port=draw(st.sampled_from(Port)) if kind is FaultKind.INTERFACE_DOWN else Port.NONE,
        parts=draw(parts),
        covered=draw(st.booleans()),
    )


def alone(more: frozenset[str]) -> frozenset[str]:
    """Nothing lies behind anything."""
    return more


def changes(inputs: Inputs) -> list[tuple[Severity, change.Change]]:
    return list(change.would_change(inputs, consequence.level(inputs)[0], alone))


@given(situations())
def test_whatever_is_said_to_change_the_severity_does_so_as_it_is_said(inputs: Inputs) -> None:
    now = consequence.level(inputs)[0]
    for then, found in changes(inputs):
        assert consequence.level(found.inputs)[0] is then is not now
        changed = {
            f
            for f in ("lost", "spare", "parts", "port", "roles", "covered")
            if getattr(inputs, f) != getattr(found.inputs, f)
        }
        assert len(changed) == 1, "one input alone"


@given(situations(), st.sets(st.sampled_from(NAMES)))
def test_severity_never_falls_when_more_is_lost(inputs: Inputs, more: set[str]) -> None:
    worse = replace(inputs, lost=inputs.lost | more, gone=inputs.gone | more)
    before, after = consequence.level(inputs)[0], consequence.level(worse)[0]
    if inputs.lost or not more:
        assert after <= before
    else:
        assert after <= max(before, Severity.P3) or not inputs.covered


@given(situations(), st.booleans(), st.integers(0, 2))
def test_every_input_that_would_change_it_alone_is_named(inputs: Inputs, covered: bool, left: int) -> None:
    now = consequence.level(inputs)[0]
    named = {found.what for _, found in changes(inputs)}
    if consequence.level(replace(inputs, covered=covered))[0] is not now:
        assert "hours" in named
    if inputs.parts and consequence.level(replace(inputs, parts=replace(inputs.parts, left=left)))[0] is not now:
        assert "parts" in named
    if consequence.level(replace(inputs, spare=inputs.lost))[0] is not now:
        assert "redundancy" in named
    for role in Role:
        names = inputs.bare or (inputs.device.name,)
        if consequence.level(replace(inputs, roles=dict.fromkeys(names, role)))[0] is not now:
            assert "role" in named
    for who in {inputs.device.customer, *inputs.taken}:
        more = inputs.lost | inputs.land.customers[who]
        if inputs.owned(who) > 1 and consequence.level(replace(inputs, lost=more, gone=more))[0] is not now:
            assert "lost" in named
