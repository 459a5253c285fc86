"""Asks devices now, for commands that want to know at once."""

import asyncio
from collections.abc import Mapping, Sequence

from agent.app import compose
from agent.inventory.device import Device
from agent.observation import Batch, Tier


async def poll(
    devices: Sequence[Device], tiers: Sequence[Tier], secrets: Mapping[str, str] | None = None
) -> list[Batch]:
    """`secrets`: those that were given on the spot, by their reference."""
    from collectors.collector import Collector

    given = secrets or {}
    collector = Collector(lambda secret: given.get(secret.reference) or compose.reveal(secret), clock=compose.now)
    await collector.start()
    try:
        return await asyncio.gather(*(collector.poll(device, tier) for device in devices for tier in tiers))
    finally:
        await collector.close()
