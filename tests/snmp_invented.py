"""A device that answers what a test invents, asked everything: the printed document of `netcase probe --json`."""

from collections.abc import Mapping
from typing import Any

from agent.inventory.device import Device, Method, Secret, SnmpAccess
from agent.observation import Tier
from collectors.collector import Collector
from collectors.probe import as_document
from collectors.snmp import ber
from collectors.snmp.session import parse_oid
from tests import snmp_agents as agents

Told = Mapping[str, Any]  # numbers, texts and octets by OID; a text that begins with "oid:" is an OBJECT IDENTIFIER


def _encoded(value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return ber.integer(value)
    if isinstance(value, str) and value.startswith("oid:"):
        return ber.tlv(6, ber.oid_body(parse_oid(value[4:])))
    return ber.tlv(4, value if isinstance(value, bytes) else value.encode())


async def document(object_id: str, told: Told, descr: str = "") -> dict[str, Any]:
    """What is told of a device of this sysObjectID that answers `told`, and of no interface."""
    system: Told = {"1.3.6.1.2.1.1.1.0": descr, "1.3.6.1.2.1.1.2.0": f"oid:{object_id}", "1.3.6.1.2.1.1.3.0": 1234}
    table = {parse_oid(oid): _encoded(value) for oid, value in ({**system, **told}).items()}
    collector = Collector(secret=lambda _: "public")
    try:
        async with agents.served(agents.Agent(table)) as port:
            access = SnmpAccess(port=port, community=Secret("env:X"))
            device = Device(
                name="d", address="127.0.0.1", customer="c", site="s", reachability=(Method.SNMP,), snmp=access
            )
            return as_document(
                "d", [await collector.poll(device, t) for t in (Tier.IDENTITY, Tier.STATUS, Tier.HEALTH)]
            )
    finally:
        await collector.close()


def states(told: dict[str, Any], kind: str) -> dict[str, str]:
    """State by name."""
    return {row["name"]: row["state"] for row in told["states"] if row["kind"] == kind}


def sensors(told: dict[str, Any], kind: str) -> dict[str, float]:
    """Value by name."""
    return {row["name"]: row["value"] for row in told["sensors"].get(kind, [])}
