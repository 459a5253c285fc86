"""Traps as another product's tests hold them, as text with a severity: ours agree where we know the trap."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.observation import Event, SyslogSeverity
from collectors.snmp.traps import naming
from collectors.snmp.traps.message import Trap
from collectors.snmp.traps.table import table

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SAID = {  # theirs: the levels that are no other opinion
    "Error": {"alert", "critical", "error"},
    "Warning": {"error", "warning"},
    "Notice": {"warning", "notice"},
    "Info": {"notice", "info"},
    "Ok": {"notice", "info"},
}
WORDS = {"exstart": "exchangeStart"}
# Theirs is the level of an operator's mistake; ours knows that the interface was shut on purpose.
OTHERWISE = {"IF-MIB::linkDown": "notice", "FORTINET-FORTIGATE-MIB::fgTrapVpnTunDown": "warning"}


def rows(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "traps_text.jsonl").read_text().splitlines()]


def heard(row: dict) -> Event | None:
    """As an event, when the trap's object is in our table; varbinds by name, with the words that stand there."""
    known = table()
    by_object = {kind.mib.partition("::")[2]: oid for oid, kind in known.traps.items()}
    columns = {column.name: oid for oid, column in known.columns.items()}
    oid = by_object.get(row["trap"].partition("::")[2])
    if oid is None:
        return None
    varbinds = []
    for name, value in row["varbinds"]:
        column, _, index = name.partition("::")[2].partition(".")
        if column in columns:
            index = index if re.fullmatch(r"[\d.]+", index) else "192.0.2.9"  # a placeholder of their tests
            varbinds.append((f"{columns[column]}.{index}", WORDS.get(value, value)))
    return naming.event(Trap(oid, tuple(varbinds)), NOW, "192.0.2.1", lambda _: "d1")


def test_the_severity_agrees_with_another_products_for_every_trap_that_we_know(conformance: Path) -> None:
    judged, other = 0, []
    for row in rows(conformance):
        event = heard(row)
        if event is None or row["severity"] is None:
            continue
        judged += 1
        allowed = SAID[row["severity"]] | {OTHERWISE.get(row["trap"], "")}
        if event.severity not in allowed:
            other.append((row["test"], row["trap"], row["severity"], str(event.severity)))
    assert other == []
    assert judged >= 60


@pytest.mark.parametrize(
    ("trap", "names"),
    [
        ("BGP4-MIB::bgpBackwardTransition", {"bgp_down"}),
        ("BGP4-MIB::bgpEstablished", {"bgp_up"}),
        ("BGP4-V2-MIB-JUNIPER::jnxBgpM2BackwardTransition", {"bgp_down"}),
        ("IF-MIB::linkUp", {"link_up"}),
        ("IF-MIB::linkDown", {"link_admin_down"}),
        ("CISCO-IF-EXTENSION-MIB::cieLinkDown", {"link_down"}),
        ("OSPF-TRAP-MIB::ospfNbrStateChange", {"ospf_down", "ospf_up"}),
        ("SNMPv2-MIB::coldStart", {"restart"}),
        ("SNMPv2-MIB::authenticationFailure", {"auth_failed"}),
        ("JUNIPER-MIB::jnxPowerSupplyFailure", {"power_failed"}),
        ("JUNIPER-MIB::jnxPowerSupplyOK", {"power_ok"}),
        ("JUNIPER-DOM-MIB::jnxDomAlarmSet", {"optics_alarm"}),
        ("JUNIPER-CFGMGMT-MIB::jnxCmCfgChange", {"config_changed"}),
        ("FORTINET-FORTIGATE-MIB::fgTrapVpnTunDown", {"tunnel_down"}),
        ("HP-ICF-FAULT-FINDER-MIB::hpicfFaultFinderTrap", {"alarm", "link_error"}),
        ("FOUNDRY-SN-TRAP-MIB::snTrapUserLogin", {"login"}),
        ("UPS-MIB::upsTrapOnBattery", {"battery_alarm"}),
    ],
)
def test_what_happened_is_named_alike(conformance: Path, trap: str, names: set[str]) -> None:
    told = {event.name for row in rows(conformance) if row["trap"] == trap and (event := heard(row))}
    assert told == names


def test_a_part_that_a_given_trap_names_is_its_subject(conformance: Path) -> None:
    (power,) = [heard(row) for row in rows(conformance) if row["trap"] == "JUNIPER-MIB::jnxPowerSupplyFailure"]
    assert power is not None and str(power.subject) == "d1/power_supply:PEM 3"
    assert power.severity is SyslogSeverity.ERROR
