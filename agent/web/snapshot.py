"""The network's present state, read from the store in one transaction and then held as plain values."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from agent.cases import oncall, spares
from agent.cases.case import Severity
from agent.cases.oncall import Outlook
from agent.cases.spares import Count
from agent.faults import availability, ledger
from agent.faults.availability import Interval, Span
from agent.faults.fault import Fault, FaultKind, Reason
from agent.inventory import windows
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory
from agent.inventory.policies import Policies
from agent.notifications import handover
from agent.observation import Batch, ComponentKind, Fact, Subject, Tier
from agent.ports import Transaction
from agent.web import promises
from agent.web.promises import Counts

DAY = timedelta(hours=24)
MOST = 1000  # series of one metric and one device; no chassis seen so far has half of it
ADJACENT = frozenset(
    {"full", "twoWay"}
)  # two routers of a LAN of which neither is designated stay at twoWay (RFC 2328 §10.4)
_VERDICTS = frozenset({"ok", "failed"})
_NOW = timedelta(microseconds=1)


class Seen(StrEnum):
    """What is known of a device now."""

    UP = "up"
    DOWN = "down"
    UNOBSERVED = "unobserved"  # the agent has not asked, or could not, for longer than the inventory's gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What else the latest polls tell, by the component's name, at most MOST of each; None where it told none."""

    storage: Mapping[str, float] = field(default_factory=dict)  # 0 to 1
    sensors: Mapping[tuple[str, str], float] = field(default_factory=dict)  # by name and unit
    states: Mapping[tuple[str, str], bool] = field(default_factory=dict)  # by kind and name: ok or failed
    ospf: Mapping[str, bool] = field(default_factory=dict)  # by the neighbour's address
    ntp_synchronised: bool | None = None
    ntp_stratum: float | None = None
    ntp_offset_s: float | None = None
    rtt_s: float | None = None
    jitter_s: float | None = None
    loss: float | None = None  # 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """`availability` is up / (up + down) of the last 24 h, 0 to 1. Ratios are 0 to 1 as well; temperatures °C."""

    device: str
    customer: str
    site: str
    role: str
    seen: Seen
    availability: float | None = None
    interfaces: Mapping[str, str]  # ifName: up, down, admin_down, another ifOperStatus
    peers: Mapping[str, str]  # the peer's address: up, down
    cpu: Mapping[str, float]
    memory: Mapping[str, float]
    temperature: Mapping[str, float]
    told: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    at: datetime
    devices: tuple[DeviceState, ...]
    open_faults: Mapping[FaultKind, int]  # confirmed ones, every kind
    suppressed: Mapping[Reason, int]  # open faults without a case of their own, every reason
    open_cases: Mapping[Severity, int]  # live and not yet resolved, every severity
    clocks: Counts
    duty: tuple[Outlook, ...] = ()  # of each level of each team: the times ahead that nobody can be called
    stock: tuple[Count, ...] = ()  # of each spare part that should lie somewhere
    vendors_late: int = 0  # cases on which a vendor owes news
    returns_late: int = 0  # failed parts that should have gone back


def snapshot(tx: Transaction, inventory: Inventory, now: datetime, clocks: Counts | None = None) -> Snapshot:
    """`clocks` where they were counted not long ago. Device by device, so that what was read of one is gone before the
    next: a large network must not make the garbage collector stop the process."""
    period = Span(now - DAY, now)
    coverage = tx.coverage("reachability", period.start, period.end)
    intervals = _by_device(tx.intervals(period.start, period.end, kind=ComponentKind.DEVICE))
    agreed = windows.known(inventory.windows, tx.windows())
    states = []
    for device in inventory.devices.values():
        spans, known = coverage.get(device.name, []), intervals.get(device.name, [])
        planned = availability.planned_for(device, agreed, period)
        share = availability.of(period, spans, known, planned).percent
        fresh = _fresh(tx.latest(device.name, Tier.HEALTH), device.polling.health, inventory.policies, now)
        recent = _fresh(tx.latest(device.name, Tier.STATUS), device.polling.status, inventory.policies, now)
        components = tx.states(device.name)
        states.append(
            DeviceState(
                device=device.name,
                customer=device.customer,
                site=device.site,
                role=device.role,
                seen=seen(device, inventory.policies, spans, known, now),
                availability=None if share is None else share / 100,
                interfaces=_present(components, ComponentKind.INTERFACE),
                peers=_present(components, ComponentKind.BGP_PEER),
                cpu=_values(fresh, ComponentKind.CPU, Fact.USAGE, 100),
                memory=_values(fresh, ComponentKind.MEMORY, Fact.USED, 100),
                temperature=_values(fresh, ComponentKind.TEMPERATURE, Fact.CELSIUS, 1),
                told=_told(fresh, recent),
            )
        )
    faults = tx.open_faults()
    return Snapshot(
        at=now,
        devices=tuple(states),
        open_faults=open_faults(faults),
        suppressed=ledger.counts(faults),
        open_cases=open_cases(tx),
        clocks=promises.counts(tx, inventory, now) if clocks is None else clocks,
        duty=oncall.outlook(handover.roster(inventory, tx.duties(now)), now),
        stock=tuple(c for c in spares.count(tx.spares(), inventory.policies.rma.minimum_stock) if c.least),
        vendors_late=sum(each.overdue(now) is not None for each in tx.handovers(only_open=True)),
        returns_late=sum(each.owes_return(now) for each in tx.rmas(only_open=True)),
    )


def everybody(tx: Transaction, inventory: Inventory, now: datetime) -> dict[str, Seen]:
    """What is known of each device now, by name: the cheap part of a snapshot, for pages."""
    longest = max((lasts(device, inventory.policies) for device in inventory.devices.values()), default=DAY)
    coverage = tx.coverage("reachability", now - longest, now + _NOW)
    intervals = _by_device(tx.intervals(now, now + _NOW, kind=ComponentKind.DEVICE))
    return {
        name: seen(device, inventory.policies, coverage.get(name, []), intervals.get(name, []), now)
        for name, device in inventory.devices.items()
    }


def seen(
    device: Device, policies: Policies, coverage: Iterable[Span], intervals: Iterable[Interval], now: datetime
) -> Seen:
    """A device that was observed within its gap is down when its open interval says so, else up.

    The first observation of all has no length yet and is in no coverage; the interval that it began tells of it.
    """
    present = [interval for interval in intervals if interval.ended is None]
    last = max([span.end for span in coverage] + [interval.began for interval in present], default=None)
    if last is None or last < now - lasts(device, policies):
        return Seen.UNOBSERVED
    return Seen.DOWN if any(interval.state == availability.DOWN for interval in present) else Seen.UP


def lasts(device: Device, policies: Policies) -> timedelta:
    """How long one observation of its reachability counts. A poll of a silent device takes its time."""
    polling = device.polling
    return policies.gap * polling.status + polling.timeout * (polling.retries + 1)


def open_faults(faults: Iterable[Fault]) -> dict[FaultKind, int]:
    counts = Counter(fault.kind for fault in faults if fault.active)
    return {kind: counts[kind] for kind in FaultKind}


def open_cases(tx: Transaction) -> dict[Severity, int]:
    counts = Counter(case.severity for case in tx.live_cases() if not case.resolved and not case.closed)
    return {severity: counts[severity] for severity in Severity}


def _present(states: Mapping[Subject, str], kind: ComponentKind) -> dict[str, str]:
    """By name: the present state of each component of the kind."""
    return {subject.name: state for subject, state in states.items() if subject.kind is kind}


def _by_device(intervals: Iterable[Interval]) -> dict[str, list[Interval]]:
    found: dict[str, list[Interval]] = {}
    for interval in intervals:
        found.setdefault(interval.subject.device, []).append(interval)
    return found


def _fresh(batch: Batch | None, every: timedelta, policies: Policies, now: datetime) -> Batch | None:
    """The batch, unless it is so old that its numbers say nothing of now."""
    return batch if batch and now - batch.at <= policies.gap * every else None


def _values(batch: Batch | None, kind: ComponentKind, fact: Fact, divisor: float) -> dict[str, float]:
    """By component of the kind: the fact's value. What is beyond MOST is left out."""
    if batch is None:
        return {}
    told = (o for o in batch.observations if o.fact is fact and o.subject.kind is kind)
    return {o.subject.name: float(o.value) / divisor for o in islice(told, MOST)}


def _told(health: Batch | None, status: Batch | None) -> Told:
    seen = tuple(o for batch in (health, status) if batch for o in batch.observations)
    own = {o.fact: o.value for o in seen if o.subject.kind is ComponentKind.DEVICE}

    def number(fact: Fact, divisor: float = 1) -> float | None:
        return float(own[fact]) / divisor if fact in own else None

    sensors = (o for o in seen if o.fact is Fact.SENSOR_VALUE)
    states = (o for o in seen if o.fact is Fact.STATE and o.value in _VERDICTS)
    routers = (o for o in seen if o.fact is Fact.OSPF_STATE)
    return Told(
        storage=_values(health, ComponentKind.STORAGE, Fact.USED, 100),
        sensors={(o.subject.name, o.detail): float(o.value) for o in islice(sensors, MOST)},
        states={(o.subject.kind, o.subject.name): o.value == "ok" for o in islice(states, MOST)},
        ospf={o.subject.name: o.value in ADJACENT for o in islice(routers, MOST)},
        ntp_synchronised=own[Fact.NTP_STATE] == "synchronised" if Fact.NTP_STATE in own else None,
        ntp_stratum=number(Fact.NTP_STRATUM),
        ntp_offset_s=number(Fact.NTP_OFFSET, 1000),
        rtt_s=number(Fact.RTT, 1000),
        jitter_s=number(Fact.JITTER, 1000),
        loss=number(Fact.LOSS, 100),
    )
