"""`/metrics`: the product's own metrics, and the network's state from a snapshot.

A scrape never asks the store. The snapshot is read and its text made in a thread now and then, kept as bytes, and
every scrape is answered with those, so that a page of many thousand series holds nothing up.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from time import monotonic

import structlog
from prometheus_client import generate_latest

from agent.inventory.inventory import Inventory
from agent.metrics import Metrics
from agent.ports import Store, Transaction
from agent.web import promises
from agent.web.promises import AT_RISK, BREACHED, Counts
from agent.web.snapshot import DeviceState, Seen, Snapshot, Told, snapshot

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_LABEL_LENGTH = 128
_SHARE = 20  # reading and rendering may take a twentieth of the time
_SHARE_OF_CLOCKS = 100

log = structlog.get_logger()


class Gauge:
    """One metric as lines of text (Prometheus's exposition format 0.0.4).

    prometheus-client keeps a tuple and a dictionary for each series, takes eight times as long for them, and makes the
    garbage collector stop the process when there are many.
    """

    type = "gauge"

    def __init__(self, name: str, text: str, *labels: str) -> None:
        self.name = name
        self.labels = labels
        self.series: dict[str, str] = {}  # names that are one when cut are one series
        self._head = f"# HELP {name} {text}\n# TYPE {name} {self.type}\n"
        pairs = ",".join(f'{label}="{{}}"' for label in labels)
        self._labelled = f"{name}{{{{{pairs}}}}}" if labels else name

    def add(self, value: float, *labels: str) -> None:
        self.series[self._labelled.format(*map(_label, labels))] = repr(float(value))

    def __str__(self) -> str:
        return self._head + "".join([f"{series} {value}\n" for series, value in self.series.items()])


def gauges(state: Snapshot) -> Iterator[Gauge]:
    """Every metric of the network, in the order of the page."""
    yield from _devices(state.devices)
    yield from _components(state.devices)
    yield from _hardware(state.devices)
    yield from _time(state.devices)
    faults = Gauge("netcase_open_faults", "Confirmed faults that are not over.", "kind")
    for kind, count in state.open_faults.items():
        faults.add(count, kind)
    suppressed = Gauge("netcase_faults_suppressed", "Open faults without a case of their own, by the reason.", "reason")
    for reason, count in state.suppressed.items():
        suppressed.add(count, reason)
    cases = Gauge("netcase_open_cases", "Cases that are not resolved.", "severity")
    for severity, count in state.open_cases.items():
        cases.add(count, severity)
    yield from _clocks(state)
    at = Gauge("netcase_snapshot_timestamp_seconds", "When the network's state on this page was read from the store.")
    at.add(state.at.timestamp())
    yield from (faults, suppressed, cases, *_duty(state), *_hardware_owed(state), at)


def _hardware_owed(state: Snapshot) -> Iterator[Gauge]:
    stock = Gauge(
        "netcase_spares_in_stock", "Spare parts that can be promised, of those that are asked for.", "part", "location"
    )
    wanted = Gauge("netcase_spares_wanted", "How many of the part should be in stock there.", "part", "location")
    for each in state.stock:
        stock.add(each.in_stock, each.part, each.location)
        wanted.add(each.least, each.part, each.location)
    vendors = Gauge("netcase_vendor_updates_overdue", "Cases on which a vendor owes news.")
    vendors.add(state.vendors_late)
    returns = Gauge("netcase_rma_returns_overdue", "Failed parts that should have gone back by now.")
    returns.add(state.returns_late)
    yield from (stock, wanted, vendors, returns)


def _duty(state: Snapshot) -> Iterator[Gauge]:
    missing = Gauge(
        "netcase_oncall_gap_seconds",
        "How long nobody can be called in the days ahead that are looked at.",
        "team",
        "level",
    )
    begins = Gauge(
        "netcase_oncall_gap_begins_seconds", "Until the next time that nobody can be called.", "team", "level"
    )
    for each in state.duty:
        missing.add(each.missing.total_seconds(), each.team, str(each.level))
        if each.begins is not None:
            begins.add((each.begins - state.at).total_seconds(), each.team, str(each.level))
    yield from (missing, begins)


def _clocks(state: Snapshot) -> Iterator[Gauge]:
    texts = {
        BREACHED: "Promises to customers that are broken, and still not done, by what was promised.",
        AT_RISK: "Promises to customers of which most of the time is gone, by what was promised.",
    }
    for what, text in texts.items():
        gauge = Gauge(f"netcase_clocks_{what}", text, "kind", "severity")
        for (counted, kind, severity), count in state.clocks.items():
            if counted == what:
                gauge.add(count, kind, severity)
        yield gauge


def _devices(devices: Iterable[DeviceState]) -> Iterator[Gauge]:
    place = ("device", "customer", "site", "role")
    up = Gauge("netcase_device_up", "Whether the device is up; absent while unobserved.", *place)
    observed = Gauge("netcase_device_observed", "Whether the agent sees the device.", "device")
    ratio = Gauge(
        "netcase_device_availability_ratio",
        "Up / (up + down) of the last 24 hours; maintenance and times without observation count as neither.",
        "device",
    )
    for device in devices:
        observed.add(device.seen is not Seen.UNOBSERVED, device.device)
        if device.seen is not Seen.UNOBSERVED:
            up.add(device.seen is Seen.UP, device.device, device.customer, device.site, device.role)
        if device.availability is not None:
            ratio.add(device.availability, device.device)
    yield from (up, observed, ratio)


def _components(devices: tuple[DeviceState, ...]) -> Iterator[Gauge]:
    up = Gauge("netcase_interface_up", "Whether the interface is operationally up.", "device", "interface")
    enabled = Gauge(
        "netcase_interface_enabled", "Whether the interface is switched on by configuration.", "device", "interface"
    )
    peers = Gauge("netcase_bgp_peer_up", "Whether the BGP session is established.", "device", "peer")
    cpu = Gauge("netcase_cpu_usage_ratio", "Load of a CPU.", "device", "cpu")
    memory = Gauge("netcase_memory_used_ratio", "Used part of a memory.", "device", "memory")
    temperature = Gauge("netcase_temperature_celsius", "Temperature at a sensor.", "device", "sensor")
    for device in devices:
        for name, state in device.interfaces.items():
            up.add(state == "up", device.device, name)
            enabled.add(state != "admin_down", device.device, name)
        for name, state in device.peers.items():
            peers.add(state == "up", device.device, name)
        for gauge, values in ((cpu, device.cpu), (memory, device.memory), (temperature, device.temperature)):
            for name, value in values.items():
                gauge.add(value, device.device, name)
    yield from (up, enabled, peers, cpu, memory, temperature)


def _hardware(devices: Iterable[DeviceState]) -> Iterator[Gauge]:
    storage = Gauge("netcase_storage_used_ratio", "Used part of a file system.", "device", "storage")
    sensors = Gauge("netcase_sensor_value", "Reading of a sensor, in its unit.", "device", "sensor", "unit")
    states = Gauge("netcase_component_ok", "Whether a part is in order by its own word.", "device", "kind", "component")
    routers = Gauge(
        "netcase_ospf_neighbour_up",
        "Whether the OSPF neighbour is fully adjacent, or two-way where neither router is designated.",
        "device",
        "neighbour",
    )
    for device in devices:
        told = device.told
        for name, used in told.storage.items():
            storage.add(used, device.device, name)
        for (name, unit), reading in told.sensors.items():
            sensors.add(reading, device.device, name, unit)
        for (kind, name), is_ok in told.states.items():
            states.add(is_ok, device.device, kind, name)
        for name, is_up in told.ospf.items():
            routers.add(is_up, device.device, name)
    yield from (storage, sensors, states, routers)


_OF_A_DEVICE: tuple[tuple[str, str, Callable[[Told], float | None]], ...] = (
    ("netcase_round_trip_seconds", "Mean round trip of the last poll's echoes.", lambda told: told.rtt_s),
    (
        "netcase_round_trip_jitter_seconds",
        "Mean difference between one round trip and the next.",
        lambda told: told.jitter_s,
    ),
    ("netcase_packet_loss_ratio", "Part of the last poll's echoes that was not answered.", lambda told: told.loss),
    (
        "netcase_ntp_synchronised",
        "Whether the device follows a time server by its own word.",
        lambda told: told.ntp_synchronised,
    ),
    ("netcase_ntp_stratum", "The device's NTP stratum; 16 is unsynchronised.", lambda told: told.ntp_stratum),
    (
        "netcase_ntp_offset_seconds",
        "How far the device thinks its clock is from its time server's.",
        lambda told: told.ntp_offset_s,
    ),
)


def _time(devices: Iterable[DeviceState]) -> Iterator[Gauge]:
    for name, text, of in _OF_A_DEVICE:
        gauge = Gauge(name, text, "device")
        for device in devices:
            value = of(device.told)
            if value is not None:
                gauge.add(value, device.device)
        yield gauge


def _label(text: str) -> str:
    """A device's own word as a label's value: printable, escaped, of bounded length."""
    cut = text[:_LABEL_LENGTH]
    if not cut.isprintable():
        cut = "".join(c if c.isprintable() else "\ufffd" for c in cut)
    return cut.replace("\\", "\\\\").replace('"', '\\"')


def render(state: Snapshot) -> bytes:
    return "".join(map(str, gauges(state))).encode()


class MetricsPage:
    """The page, and what keeps its network part fresh."""

    def __init__(self, metrics: Metrics, store: Store, inventory: Inventory, now: Callable[[], datetime]) -> None:
        self._metrics = metrics
        self._store = store
        self._inventory = inventory
        self._now = now
        self._network: bytes | None = None
        self._clocks: Counts = {}
        self._clocks_again = 0.0  # thousands of open cases take seconds: they are counted less often

    def page(self) -> bytes:
        """Own metrics of now, and the network's last state. Reads the store only when nobody has yet."""
        if self._network is None:
            self.refresh()
        return generate_latest(self._metrics.registry) + (self._network or b"")

    def refresh(self) -> float:
        """Blocking: read and render; returns how many seconds it took. Raises StoreError."""
        started = monotonic()
        with self._store.read() as tx:
            self._count_clocks(tx)
            state = snapshot(tx, self._inventory, self._now(), self._clocks)
        self._network = render(state)
        return monotonic() - started

    def _count_clocks(self, tx: Transaction) -> None:
        started = monotonic()
        if started >= self._clocks_again:
            self._clocks = promises.counts(tx, self._inventory, self._now())
            took = monotonic() - started
            self._clocks_again = started + took * _SHARE_OF_CLOCKS

    async def keep_fresh(self, every_s: float = 15.0) -> None:
        """Refresh in a thread until cancelled. A snapshot that fails leaves the last one standing, and is counted."""
        while True:
            took = 0.0
            try:
                took = await asyncio.to_thread(self.refresh)
            except Exception:
                log.exception("the network's state for the metrics could not be read")
                self._metrics.loop_errors.labels("metrics_page").inc()
            await asyncio.sleep(max(every_s, took * _SHARE))
