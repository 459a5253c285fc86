"""Maintenance windows: times in which a fault is expected."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from agent.inventory.device import Device


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """`starts` ≤ t < `ends`. Matches a device by any of its selectors; empty selectors match nothing."""

    name: str
    starts: datetime
    ends: datetime
    reason: str = ""
    devices: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()


def matches(window: Window, device: Device) -> bool:
    return (
        device.name in window.devices
        or device.site in window.sites
        or device.customer in window.customers
        or not window.tags.isdisjoint(device.tags)
    )


def active(windows: Iterable[Window], device: Device, now: datetime) -> Window | None:
    """The window that the device is in at `now`; of several the one that lasts longest from now."""
    here = [window for window in windows if window.starts <= now < window.ends and matches(window, device)]
    return max(here, key=lambda window: (window.ends, window.name), default=None)
