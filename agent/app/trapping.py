"""Traps, as the agent listens for them: whose are believed, and who we are to those that send informs."""

import os
from collections.abc import Callable
from pathlib import Path

from agent.app import compose
from agent.errors import StoreError
from agent.inventory.inventory import Inventory
from agent.metrics import Metrics
from agent.settings import Endpoint
from collectors.snmp.traps import believed, security
from collectors.snmp.traps.listener import TrapListener
from collectors.snmp.traps.message import Reason

_FILE, _OCTETS = "engine-id", 12


def listener(
    at: Endpoint,
    inventory: Inventory,
    folder: Path,
    device_of: Callable[[str], str],
    ready: Callable[[], bool],
    metrics: Metrics,
) -> TrapListener:
    """Raises StoreError when the engine ID cannot be kept."""
    polled = [(device.address, device.snmp) for device in inventory.devices.values() if device.snmp]
    known = believed.believed([*polled, *(("", access) for access in inventory.snmp)], compose.reveal)

    def counted(reason: Reason) -> None:
        metrics.traps_refused.labels(str(reason)).inc()

    return TrapListener(at.host, at.port, device_of, known, engine_id(folder), ready, counted)


def engine_id(folder: Path) -> bytes:
    """Our snmpEngineID, the same after every start: devices that send v3 informs are configured with it.

    Made of chance, once; kept in the data folder, where its digits can be read.
    """
    kept = folder / _FILE
    try:
        found = bytes.fromhex(kept.read_text().strip()) if kept.exists() else b""
    except (OSError, ValueError):
        found = b""
    if 5 <= len(found) <= 32:
        return found
    made = security.engine_id(os.urandom(_OCTETS))
    try:
        kept.write_text(f"{made.hex()}\n")
    except OSError as error:
        raise StoreError(f"{kept} cannot be written: {error.strerror}") from error
    return made
