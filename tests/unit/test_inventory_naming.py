"""What an interface is called."""

from datetime import UTC, datetime

import pytest

from agent.inventory.naming import interfaces, ospf_neighbour
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier

SWITCH = {
    "Gi0/1": ("GigabitEthernet0/1", 10101),
    "Gi0/10": ("GigabitEthernet0/10", 10110),
    "Te0/1": ("TenGigabitEthernet0/1", 10201),
    "Po1": ("Port-channel1", 5001),
    "Vl10": ("Vlan10", 10),
    "Ethernet1": ("Ethernet1", 1),
    "ge-0/0/1": ("ge-0/0/1", 501),
    "ge-0/0/1.0": ("ge-0/0/1.0", 502),
}


def identity() -> Batch:
    seen = []
    for name, (descr, index) in SWITCH.items():
        subject = Subject("sw", ComponentKind.INTERFACE, name)
        seen += [Observation(subject, Fact.DESCR, descr), Observation(subject, Fact.IF_INDEX, index)]
    return Batch("sw", Tier.IDENTITY, datetime(2026, 1, 1, tzinfo=UTC), tuple(seen))


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Gi0/1", "Gi0/1"),
        ("GigabitEthernet0/1", "Gi0/1"),
        ("GigabitEthernet 0/1", "Gi0/1"),
        ("gig0/1", "Gi0/1"),
        ("TenGigabitEthernet0/1", "Te0/1"),
        ("TenGigE0/1", "Te0/1"),
        ("port-channel1", "Po1"),
        ("Et1", "Ethernet1"),
        ("ge-0/0/1.0", "ge-0/0/1.0"),
        ("Serial0/1", "Serial0/1"),
        ("uplink to the core", "uplink to the core"),
        ("", ""),
    ],
)
def test_an_interface_has_one_name_whatever_a_log_line_calls_it(said: str, name: str) -> None:
    assert interfaces(identity()).named(said) == name


def test_an_ifindex_names_the_interface_that_a_trap_does_not() -> None:
    assert interfaces(identity()).named("", "5001") == "Po1"
    assert interfaces(identity()).named("", "7") == ""


def test_what_could_be_two_interfaces_is_none() -> None:
    assert interfaces(identity()).named("e1") == "Ethernet1"
    assert interfaces(identity()).named("G0/1") == "Gi0/1"
    assert interfaces(identity()).named("0/1") == "0/1"


def test_of_a_device_that_was_never_asked_every_name_stays() -> None:
    assert interfaces(None).named("GigabitEthernet0/1") == "GigabitEthernet0/1"


def test_an_ifdescr_that_two_interfaces_have_is_none_and_the_ifindex_decides() -> None:
    told = [
        Observation(Subject("sw", ComponentKind.INTERFACE, name), fact, value)
        for name, index in (("eth0", 1), ("eth1", 2), ("eth2", 3))
        for fact, value in ((Fact.DESCR, "Intel Corporation 82574L"), (Fact.IF_INDEX, index))
    ]
    known = interfaces(Batch("sw", Tier.IDENTITY, datetime(2026, 1, 1, tzinfo=UTC), tuple(told)))
    assert known.named("Intel Corporation 82574L") == "Intel Corporation 82574L"
    assert known.named("Intel Corporation 82574L", "2") == "eth1"


def test_an_ospf_neighbour_is_its_address_where_one_has_the_router_id() -> None:
    def status(*addresses: str) -> Batch:
        told = [
            Observation(Subject("r", ComponentKind.OSPF_NEIGHBOUR, each), Fact.ROUTER_ID, "10.255.0.2")
            for each in addresses
        ]
        return Batch("r", Tier.STATUS, datetime(2026, 1, 1, tzinfo=UTC), tuple(told))

    assert ospf_neighbour(status("10.0.12.2"), "10.255.0.2") == "10.0.12.2"
    assert ospf_neighbour(status("10.0.12.2"), "10.0.12.2") == "10.0.12.2"
    assert ospf_neighbour(status("10.0.12.2", "10.0.13.2"), "10.255.0.2") == "10.255.0.2"
    assert ospf_neighbour(None, "10.255.0.2") == "10.255.0.2"
