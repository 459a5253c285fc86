"""Faults of one box, and how well the network serves."""

import pytest

from agent.faults import correlation
from agent.faults.fault import Fault, FaultKind
from agent.inventory import topology
from agent.inventory.topology import Topology
from agent.observation import ComponentKind, Subject
from tests.story import device, inventory
from tests.unit.faults.test_correlation import dead, down, fault, net, roots

K, C = FaultKind, ComponentKind


def part(kind: FaultKind, component: ComponentKind, name: str, second: int = 0, of: str = "b") -> Fault:
    return fault(kind, Subject(of, component, name), second)


def whole(kind: FaultKind, of: str = "b", second: int = 0) -> Fault:
    return fault(kind, Subject(of), second)


ONE_PROBLEM = {
    "a fan of a power supply": [
        part(K.POWER_SUPPLY_FAILED, C.POWER_SUPPLY, "PSU 1", 60),
        part(K.FAN_FAILED, C.FAN, "PSU 1 Fan"),
    ],
    "an alarm of the chassis": [
        part(K.FAN_FAILED, C.FAN, "Fan 2", 60),
        part(K.CHASSIS_ALARM, C.CHASSIS_ALARM, "major"),
    ],
    "the ports of a line card": [
        part(K.MODULE_FAILED, C.MODULE, "Linecard 3", 60),
        part(K.INTERFACE_DOWN, C.INTERFACE, "Te3/0/1"),
        part(K.INTERFACE_DOWN, C.INTERFACE, "Te3/0/2"),
    ],
    "a port whose optic failed": [
        part(K.MODULE_FAILED, C.MODULE, "Gi0/1 (SFP)", 60),
        part(K.INTERFACE_DOWN, C.INTERFACE, "Gi0/1"),
    ],
    "high and unusual": [part(K.CPU_HIGH, C.CPU, "1", 60), part(K.CPU_UNUSUAL, C.CPU, "1")],
    "full, filling and rising": [
        part(K.STORAGE_FULL, C.STORAGE, "/var", 60),
        part(K.STORAGE_FILLING, C.STORAGE, "/var"),
        part(K.RISING_FAST, C.STORAGE, "/var"),
    ],
    "a silent agent": [whole(K.SNMP_AGENT_DEAD), whole(K.STALE_COLLECTION, second=600)],
    "a device that is gone": [
        dead("b", 60),
        whole(K.SNMP_AGENT_DEAD),
        whole(K.STALE_COLLECTION),
        whole(K.PACKET_LOSS),
        whole(K.CLOCK_UNSYNCHRONISED),
    ],
    "a restart": [
        whole(K.DEVICE_RESTARTED, second=120),
        down("a", "b"),
        whole(K.CLOCK_UNSYNCHRONISED, second=180),
        whole(K.CONFIGURATION_CHANGED, second=121),
    ],
    "busy and slow": [part(K.CPU_HIGH, C.CPU, "1", 60), whole(K.LATENCY_HIGH), whole(K.LATENCY_UNUSUAL)],
}


@pytest.mark.parametrize("faults", ONE_PROBLEM.values(), ids=ONE_PROBLEM)
def test_what_belongs_together_is_one_problem_of_the_first_named(faults: list[Fault]) -> None:
    (problem,) = correlation.problems(faults, net("ab"))
    assert problem.root == faults[0]


TWO_PROBLEMS = {
    "a fan of another power supply": [
        part(K.POWER_SUPPLY_FAILED, C.POWER_SUPPLY, "PSU 1"),
        part(K.FAN_FAILED, C.FAN, "PSU 10 Fan"),
    ],
    "a port of another line card": [
        part(K.MODULE_FAILED, C.MODULE, "Linecard 3"),
        part(K.INTERFACE_DOWN, C.INTERFACE, "Te1/0/1"),
    ],
    "a port that went an hour before": [
        part(K.MODULE_FAILED, C.MODULE, "Linecard 3", 3600),
        part(K.INTERFACE_DOWN, C.INTERFACE, "Te3/0/1"),
    ],
    "two file systems": [
        part(K.STORAGE_FULL, C.STORAGE, "/var"),
        part(K.STORAGE_FILLING, C.STORAGE, "/opt"),
    ],
    "a link that was down long before the restart": [whole(K.DEVICE_RESTARTED, second=7200), down("a", "b")],
}


@pytest.mark.parametrize("faults", TWO_PROBLEMS.values(), ids=TWO_PROBLEMS)
def test_what_does_not_plainly_belong_together_is_two(faults: list[Fault]) -> None:
    assert len(correlation.problems(faults, net("ab"))) == 2


def test_a_changed_configuration_is_a_hint_and_hides_nothing() -> None:
    change = whole(K.CONFIGURATION_CHANGED)
    found = correlation.problems([change, dead("b", 300)], net("ab"))
    assert [problem.root.kind for problem in found] == [K.CONFIGURATION_CHANGED, K.DEVICE_UNREACHABLE]
    assert found[1].because.endswith("; the configuration of b was changed at 08:00:00 UTC")
    late = correlation.problems([change, dead("b", 3600)], net("ab"))
    assert "configuration" not in late[1].because


def pair() -> Topology:
    mates = [device("a"), device("b", redundant_with=("c",)), device("c", redundant_with=("b",))]
    return topology.build(inventory(mates, [("a", "b"), ("a", "c")], "a"))


def test_lost_redundancy_is_told_once_and_by_the_mate_that_is_gone() -> None:
    group = [part(K.REDUNDANCY_LOST, C.REDUNDANCY, "HSRP 1", n, of) for n, of in enumerate("bc")]
    assert roots(group, pair()) == {"b/redundancy:HSRP 1": 1}
    assert roots([dead("c", 60), group[0]], pair()) == {"c": 1}


# ---------------------------------------------------------------- delay and loss


def test_a_pair_that_changes_roles_is_one_problem_however_many_groups_there_are() -> None:
    groups = [part(K.FAILOVER, C.REDUNDANCY, f"HSRP {n}", n, of) for of in "bc" for n in range(3)]
    (problem,) = correlation.problems(groups, pair())
    assert len(problem.symptoms) == 5


def test_a_standby_takes_over_because_the_mate_is_gone_or_a_port_fell() -> None:
    takes = part(K.FAILOVER, C.REDUNDANCY, "HSRP 1", 20, "c")
    for cause in (whole(K.DEVICE_UNREACHABLE, "b"), part(K.INTERFACE_DOWN, C.INTERFACE, "uplink", 0, "c")):
        (problem,) = correlation.problems([cause, takes], pair())
        assert problem.root is cause


def test_loss_behind_a_full_link_is_its_symptom_where_no_other_way_leads() -> None:
    full = fault(K.INTERFACE_SATURATED, Subject("a", C.INTERFACE, "to-b"), 600)
    losses = [whole(K.PACKET_LOSS, of) for of in "bc"]
    assert roots([full, *losses], net("ab bc")) == {"a/interface:to-b": 2}
    assert roots([full, *losses], net("ab bc ad db")) == {"a/interface:to-b": 0, "b": 1}


def test_of_several_behind_one_bad_hop_the_nearest_is_the_root() -> None:
    losses = [whole(K.PACKET_LOSS, of, second) for of, second in (("b", 9), ("c", 5), ("d", 0))]
    assert roots(losses, net("ab bc bd")) == {"b": 2}


def test_a_busy_hop_explains_the_delay_of_what_lies_behind() -> None:
    assert roots([part(K.CPU_HIGH, C.CPU, "1"), whole(K.LATENCY_HIGH, "c")], net("ab bc")) == {"b/cpu:1": 1}


def test_who_is_reached_past_the_network_does_not_suffer_from_it() -> None:
    full = fault(K.INTERFACE_SATURATED, Subject("a", C.INTERFACE, "to-b"))
    assert len(correlation.problems([full, whole(K.PACKET_LOSS)], net("ab", aside="b"))) == 2
