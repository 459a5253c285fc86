"""What every section of a report starts from: the period, the clock, and the devices' history in it, read once."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from agent.faults import availability
from agent.faults.availability import Availability, Division, Interval, Span, reliability, standing
from agent.faults.availability.past import Past
from agent.faults.availability.reliability import Reliability
from agent.faults.availability.standing import Standing
from agent.inventory import topology, windows
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory
from agent.inventory.windows import Window
from agent.observation import ComponentKind, Subject
from agent.ports import Transaction
from reports import period as periods

_MARGIN = timedelta(hours=1)  # so that what was last seen just before the period still counts as seen at its beginning


@dataclass(frozen=True)
class Scope:
    """`period` is the whole, `seen` its part that is past, `as_of` when "open" and "down" are meant."""

    inventory: Inventory
    period: Span
    now: datetime
    timezone: str
    coverage: Mapping[str, list[Span]]
    intervals: Mapping[str, list[Interval]]  # of devices as a whole
    windows: tuple[Window, ...]

    @cached_property
    def seen(self) -> Span:
        return periods.so_far(self.period, self.now)

    @cached_property
    def as_of(self) -> datetime:
        return periods.as_of(self.period, self.now)

    @cached_property
    def devices(self) -> tuple[Device, ...]:
        return tuple(self.inventory.devices[name] for name in sorted(self.inventory.devices))

    @cached_property
    def divisions(self) -> dict[str, Division]:
        return {device.name: self.divide(device, self.seen) for device in self.devices}

    @cached_property
    def sums(self) -> dict[str, Availability]:
        return {
            name: Availability(*(availability.total(part) for part in (d.up, d.down, d.planned, d.unobserved)))
            for name, d in self.divisions.items()
        }

    @cached_property
    def watched(self) -> availability.Spans:
        """When the agent saw any device at all."""
        return availability.intersect(availability.union(*self.coverage.values()), [self.seen])

    def divide(self, device: Device, span: Span) -> Division:
        return availability.divide(
            span,
            self.coverage.get(device.name, ()),
            self.intervals.get(device.name, ()),
            availability.planned_for(device, self.windows, span),
        )

    def gap(self, device: Device) -> timedelta:
        """A silence longer than this is one: the device counts as not observed."""
        return device.polling.status * self.inventory.policies.gap

    def state(self, device: Device) -> str:
        """`planned`, `unobserved`, `down` or `up` at `as_of`."""
        last = Span(self.as_of - self.gap(device), self.as_of)
        if windows.active(self.windows, device, self.as_of):
            return "planned"
        if not availability.intersect(self.coverage.get(device.name, ()), [last]):
            return "unobserved"
        return "down" if self.down_since(device) else "up"

    def down_since(self, device: Device) -> datetime | None:
        for interval in self.intervals.get(device.name, ()):
            over = interval.ended is not None and interval.ended <= self.as_of
            if interval.state == availability.DOWN and interval.began <= self.as_of and not over:
                return interval.began
        return None

    @cached_property
    def past(self) -> Past:
        """Of devices only: interfaces are far more to read."""
        states = {Subject(name): known for name, known in self.intervals.items()}
        net = topology.build(self.inventory)
        return Past(self.inventory, net, self.seen, self.coverage, {}, states, self.windows)

    @cached_property
    def promised(self) -> dict[str, Standing]:
        """Each device in the hours that its contract covers."""
        return {line.name: line for line in standing.devices(self.past, standing.Hours.CONTRACT)}

    @cached_property
    def outages(self) -> dict[str, Reliability]:
        """Each device's, at any hour."""
        return {name: reliability.of(division) for name, division in self.divisions.items()}

    def target(self, device: Device) -> float:
        return standing.target(device, self.inventory)

    def customer(self, name: str) -> str:
        customer = self.inventory.customers.get(name)
        return (customer.title or customer.name) if customer else name

    def site(self, name: str) -> str:
        site = self.inventory.sites.get(name)
        return (site.title or site.name) if site else name


def read(tx: Transaction, inventory: Inventory, period: Span, now: datetime, timezone: str) -> Scope:
    start, end = period.start - _MARGIN, max(periods.as_of(period, now), period.start)
    intervals: defaultdict[str, list[Interval]] = defaultdict(list)
    for interval in tx.intervals(start, end, kind=ComponentKind.DEVICE):
        intervals[interval.subject.device].append(interval)
    coverage = tx.coverage("reachability", start, end)
    return Scope(
        inventory,
        period,
        now,
        timezone,
        {name: spans for name, spans in coverage.items() if name in inventory.devices},
        dict(intervals),
        windows.known(inventory.windows, tx.windows()),
    )
