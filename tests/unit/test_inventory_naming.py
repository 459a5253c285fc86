"""What an interface is called."""

from datetime import UTC, datetime

import pytest

from agent.inventory.naming import interfaces
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
