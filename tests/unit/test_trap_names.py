"""Vendors' traps, as their MIBs have them: named by the value that decides, about the part that they name."""

from datetime import UTC, datetime

import pytest

from agent.observation import Event
from collectors.snmp.traps import naming
from collectors.snmp.traps.message import Trap

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ENTERPRISES = "1.3.6.1.4.1"
CISCO, HUAWEI, H3C, JUNIPER = (f"{ENTERPRISES}.{number}" for number in (9, 2011, 25506, 2636))


def heard(oid: str, *varbinds: tuple[str, str], agent: str = "") -> Event:
    return naming.event(Trap(oid, varbinds, agent), NOW, "192.0.2.1", {"192.0.2.1": "d1"}.get)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("oid", "column", "value", "name", "severity"),
    [
        ("1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.7.7", "1", "link_down", "error"),
        ("1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.7.7", "2", "link_admin_down", "notice"),
        ("1.3.6.1.2.1.14.16.2.2", "1.3.6.1.2.1.14.10.1.6.10.0.0.9.0", "8", "ospf_up", "notice"),
        ("1.3.6.1.2.1.14.16.2.2", "1.3.6.1.2.1.14.10.1.6.10.0.0.9.0", "1", "ospf_down", "error"),
        ("1.3.6.1.2.1.14.16.2.2", "1.3.6.1.2.1.14.10.1.6.10.0.0.9.0", "5", "ospf_down", "warning"),
        (f"{CISCO}.9.13.3.0.9", f"{CISCO}.9.13.1.5.1.3.1", "1", "power_ok", "notice"),
        (f"{CISCO}.9.13.3.0.9", f"{CISCO}.9.13.1.5.1.3.1", "3", "power_failed", "error"),
        (f"{CISCO}.9.13.3.0.7", f"{CISCO}.9.13.1.3.1.6.1", "2", "temperature_high", "warning"),
        (f"{CISCO}.9.13.3.0.7", f"{CISCO}.9.13.1.3.1.6.1", "3", "temperature_high", "critical"),
        (f"{CISCO}.9.117.2.0.1", f"{CISCO}.9.117.1.2.1.1.2.1000", "2", "module_ok", "notice"),
        (f"{CISCO}.9.117.2.0.1", f"{CISCO}.9.117.1.2.1.1.2.1000", "7", "module_failed", "error"),
        (f"{CISCO}.9.117.2.0.1", f"{CISCO}.9.117.1.2.1.1.2.1000", "5", "hardware_changed", "warning"),
        (f"{CISCO}.9.117.2.0.2", f"{CISCO}.9.117.1.1.2.1.2.470", "2", "power_ok", "notice"),
        (f"{CISCO}.9.117.2.0.2", f"{CISCO}.9.117.1.1.2.1.2.470", "8", "power_failed", "error"),
        (f"{CISCO}.9.187.0.7", f"{CISCO}.9.187.1.2.5.1.3.1.4.10.0.0.9", "6", "bgp_up", "notice"),
        (f"{CISCO}.9.187.0.7", f"{CISCO}.9.187.1.2.5.1.3.1.4.10.0.0.9", "1", "bgp_down", "error"),
        (f"{CISCO}.9.176.2.0.2", f"{CISCO}.9.176.1.1.4.0", "9", "redundancy_ok", "notice"),
        (f"{CISCO}.9.176.2.0.2", f"{CISCO}.9.176.1.1.4.0", "2", "redundancy_lost", "error"),
        (f"{ENTERPRISES}.11.2.14.12.1.0.5", f"{ENTERPRISES}.11.2.14.11.1.7.2.1.4.9", "15", "fan_failed", "error"),
        (f"{ENTERPRISES}.11.2.14.12.1.0.5", f"{ENTERPRISES}.11.2.14.11.1.7.2.1.4.9", "3", "alarm", "warning"),
        (f"{ENTERPRISES}.11.2.14.12.1.0.3", f"{ENTERPRISES}.11.2.14.11.1.2.6.1.4.1", "4", "alarm_cleared", "notice"),
        (f"{ENTERPRISES}.1991.0.5", f"{ENTERPRISES}.1991.1.2.4.7.1.1.8.1", "8", "ospf_up", "notice"),
        (f"{HUAWEI}.5.25.129.2.16.1", f"{HUAWEI}.5.25.129.1.1.0", "4", "alarm", "error"),
        (f"{HUAWEI}.5.25.129.2.16.2", f"{HUAWEI}.5.25.129.1.1.0", "1", "alarm_cleared", "notice"),
        (f"{ENTERPRISES}.25461.2.1.3.2.0.1500", f"{ENTERPRISES}.25461.2.1.3.1.303.0", "critical", "", "critical"),
        (f"{ENTERPRISES}.25461.2.1.3.2.0.1500", f"{ENTERPRISES}.25461.2.1.3.1.303.0", "3", "", "warning"),
    ],
)
def test_the_value_decides(oid, column, value, name, severity):
    event = heard(oid, (column, value))
    assert (event.name, str(event.severity)) == (name, severity)


@pytest.mark.parametrize(
    ("oid", "varbinds", "subject"),
    [
        (f"{HUAWEI}.5.25.219.2.6.3", [("1.3.6.1.2.1.47.1.1.1.1.7.67", "FAN 0/1")], "d1/fan:FAN 0/1"),
        (f"{HUAWEI}.5.25.219.2.5.7", [("1.3.6.1.2.1.47.1.1.1.1.7.68", "PWR2")], "d1/power_supply:PWR2"),
        (f"{HUAWEI}.5.25.129.2.17.1", [("1.3.6.1.2.1.47.1.1.1.1.7.6", "GE0/0/6")], "d1/interface:GE0/0/6"),
        (f"{H3C}.2.6.2.0.8", [(f"{H3C}.2.6.1.1.1.1.12.212", "88")], "d1/temperature:entPhysicalIndex 212"),
        (f"{JUNIPER}.4.1.9", [(f"{JUNIPER}.3.1.15.1.5.7.1.0.0", "FPC 0")], "d1/module:FPC 0"),
        (f"{JUNIPER}.4.18.0.1", [("1.3.6.1.2.1.2.2.1.2.520", "xe-0/0/1")], "d1/interface:xe-0/0/1"),
        (f"{CISCO}.9.13.3.0.8", [(f"{CISCO}.9.13.1.4.1.2.1", "Fan 1")], "d1/fan:Fan 1"),
        (f"{ENTERPRISES}.6527.3.1.3.2.1.0.9", [(f"{ENTERPRISES}.6527.3.1.2.2.6.11.0", "card-3")], "d1/module:card-3"),
        ("1.3.6.1.2.1.14.16.2.2", [("1.3.6.1.2.1.14.10.1.1.10.0.0.9.0", "10.0.0.9")], "d1/ospf_neighbour:10.0.0.9"),
        ("1.3.6.1.6.3.1.1.5.4", [("1.3.6.1.2.1.2.2.1.1.12", "12")], "d1/interface:ifIndex 12"),
        (f"{CISCO}.9.548.0.2", [(f"{CISCO}.9.548.1.3.1.1.2.10.0", "5")], "d1/interface:ifIndex 10"),
        ("1.3.6.1.6.3.1.1.5.1", [], "d1"),
        (f"{ENTERPRISES}.12356.101.2.0.401", [(f"{ENTERPRISES}.12356.100.1.1.1.0", "FGT60F")], "d1"),
    ],
)  # fmt: skip
def test_the_part_that_is_named_is_the_subject(oid, varbinds, subject):
    assert str(heard(oid, *varbinds).subject) == subject


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (f"{ENTERPRISES}.318.0.5", "battery_alarm"),  # as v1, translated
        (f"{ENTERPRISES}.318.5", "battery_alarm"),  # as some agents say it in v2c
        ("1.3.6.1.2.1.33.2.0.1", "battery_alarm"),  # UPS-MIB has no 0; a v1 trap's translation has one
        ("1.3.6.1.2.1.15.7.0.2", "bgp_down"),
    ],
)
def test_a_zero_more_or_less_before_the_last_number_is_the_same_trap(sent, name):
    assert heard(sent).name == name


def test_a_family_gives_its_severity_and_keeps_the_oid():
    event = heard(f"{HUAWEI}.5.25.129.2.16.1", (f"{HUAWEI}.5.25.129.1.1.0", "3"))
    assert event.mnemonic == f"{HUAWEI}.5.25.129.2.16.1" and event.text.startswith(event.mnemonic)
    assert event.data["hwBaseTrapSeverity"] == "critical"
