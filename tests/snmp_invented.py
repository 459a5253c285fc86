"""A device that answers what a test invents, asked everything: the printed document of `netcase probe --json`."""

from collections.abc import Mapping, Sequence
from typing import Any

from agent.inventory.device import Device, Method, Secret, SnmpAccess
from agent.observation import Batch, Tier
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
    polled = await batches(object_id, [told] * 3, (Tier.IDENTITY, Tier.STATUS, Tier.HEALTH), descr)
    return as_document("d", polled)


async def batches(object_id: str, tellings: Sequence[Told], tiers: Sequence[Tier], descr: str = "") -> list[Batch]:
    """One device polled once for each telling, which replaces the one before."""
    system: Told = {"1.3.6.1.2.1.1.1.0": descr, "1.3.6.1.2.1.1.2.0": f"oid:{object_id}", "1.3.6.1.2.1.1.3.0": 1234}
    tables = [{parse_oid(oid): _encoded(value) for oid, value in {**system, **told}.items()} for told in tellings]
    collector, polled = Collector(secret=lambda _: "public"), []
    try:
        agent = agents.Agent(tables[0])
        async with agents.served(agent) as port:
            access = SnmpAccess(port=port, community=Secret("env:X"))
            device = Device(
                name="d", address="127.0.0.1", customer="c", site="s", reachability=(Method.SNMP,), snmp=access
            )
            for table, tier in zip(tables, tiers, strict=True):
                agent.replace(table)
                polled.append(await collector.poll(device, tier))
    finally:
        await collector.close()
    return polled


def states(told: dict[str, Any], kind: str) -> dict[str, str]:
    """State by name."""
    return {row["name"]: row["state"] for row in told["states"] if row["kind"] == kind}


def sensors(told: dict[str, Any], kind: str) -> dict[str, float]:
    """Value by name."""
    return {row["name"]: row["value"] for row in told["sensors"].get(kind, [])}
