"""`/metrics`: the product's own metrics, and the network's state from a snapshot.

A scrape never asks the store. The snapshot is read and its text made in a thread now and then, kept as bytes, and
every scrape is answered with those, so that a page of many thousand series holds nothing up.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from time import monotonic

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agent.inventory.inventory import Inventory
from agent.metrics import Metrics
from agent.ports import Store
from agent.web.snapshot import DeviceState, Seen, Snapshot, snapshot

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_LABEL_LENGTH = 128
_SHARE = 20  # reading and rendering may take a twentieth of the time

log = logging.getLogger(__name__)


class NetworkCollector(Collector):
    """The families of one snapshot, for prometheus-client."""

    def __init__(self, state: Snapshot) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        yield from _devices(self._state.devices)
        yield from _components(self._state.devices)
        faults = GaugeMetricFamily("netcase_open_faults", "Confirmed faults that are not over.", labels=["kind"])
        for kind, count in self._state.open_faults.items():
            faults.add_metric([kind], count)
        cases = GaugeMetricFamily("netcase_open_cases", "Cases that are not resolved.", labels=["severity"])
        for severity, count in self._state.open_cases.items():
            cases.add_metric([severity], count)
        yield from (faults, cases)
        yield GaugeMetricFamily(
            "netcase_snapshot_timestamp_seconds",
            "When the network's state on this page was read from the store.",
            value=self._state.at.timestamp(),
        )


def _devices(devices: Iterable[DeviceState]) -> Iterator[Metric]:
    labels = ["device", "customer", "site", "role"]
    up = GaugeMetricFamily("netcase_device_up", "Whether the device is up; absent while unobserved.", labels=labels)
    observed = GaugeMetricFamily("netcase_device_observed", "Whether the agent sees the device.", labels=["device"])
    ratio = GaugeMetricFamily(
        "netcase_device_availability_ratio",
        "Up / (up + down) of the last 24 hours; maintenance and times without observation count as neither.",
        labels=["device"],
    )
    for device in devices:
        name = _label(device.device)
        observed.add_metric([name], device.seen is not Seen.UNOBSERVED)
        if device.seen is not Seen.UNOBSERVED:
            up.add_metric([name, *map(_label, (device.customer, device.site, device.role))], device.seen is Seen.UP)
        if device.availability is not None:
            ratio.add_metric([name], device.availability)
    yield from (up, observed, ratio)


def _components(devices: tuple[DeviceState, ...]) -> Iterator[Metric]:
    def family(name: str, text: str, label: str, values: Callable[[DeviceState], Mapping[str, float]]) -> Metric:
        made = GaugeMetricFamily(name, text, labels=["device", label])
        for device in devices:
            unique = {_label(component): value for component, value in values(device).items()}
            for component, value in unique.items():
                made.add_metric([_label(device.device), component], value)
        return made

    yield family(
        "netcase_interface_up",
        "Whether the interface is operationally up.",
        "interface",
        lambda device: {name: state == "up" for name, state in device.interfaces.items()},
    )
    yield family(
        "netcase_interface_enabled",
        "Whether the interface is switched on by its configuration.",
        "interface",
        lambda device: {name: state != "admin_down" for name, state in device.interfaces.items()},
    )
    yield family(
        "netcase_bgp_peer_up",
        "Whether the BGP session is established.",
        "peer",
        lambda device: {name: state == "up" for name, state in device.peers.items()},
    )
    yield family("netcase_cpu_usage_ratio", "Load of a CPU.", "cpu", lambda device: device.cpu)
    yield family("netcase_memory_used_ratio", "Used part of a memory.", "memory", lambda device: device.memory)
    yield family("netcase_temperature_celsius", "Temperature at a sensor.", "sensor", lambda device: device.temperature)


def _label(text: str) -> str:
    """A device's own word as a label: printable, whole UTF-8, of bounded length."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text[:_LABEL_LENGTH])


def render(state: Snapshot) -> bytes:
    registry = CollectorRegistry()
    registry.register(NetworkCollector(state))
    return generate_latest(registry)


class MetricsPage:
    """The page, and what keeps its network part fresh."""

    def __init__(self, metrics: Metrics, store: Store, inventory: Inventory, now: Callable[[], datetime]) -> None:
        self._metrics = metrics
        self._store = store
        self._inventory = inventory
        self._now = now
        self._network: bytes | None = None

    def page(self) -> bytes:
        """Own metrics of now, and the network's last state. Reads the store only when nobody has yet."""
        if self._network is None:
            self.refresh()
        return generate_latest(self._metrics.registry) + (self._network or b"")

    def refresh(self) -> float:
        """Blocking: read and render; returns how many seconds it took. Raises StoreError."""
        started = monotonic()
        with self._store.read() as tx:
            state = snapshot(tx, self._inventory, self._now())
        self._network = render(state)
        return monotonic() - started

    async def keep_fresh(self, every_s: float = 15.0) -> None:
        """Refresh in a thread until cancelled. A snapshot that fails leaves the last one standing, and is counted."""
        while True:
            took = 0.0
            try:
                took = await asyncio.to_thread(self.refresh)
            except Exception:
                log.exception("the network's state for /metrics could not be read")
                self._metrics.loop_errors.labels("metrics_page").inc()
            await asyncio.sleep(max(every_s, took * _SHARE))
