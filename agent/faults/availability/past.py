"""What is known of a network's past: how each of its things divides a period.

A thing is observed when

    device     its reachability was asked
    interface  its device told of it by SNMP, and it was there
    link       either end of it is
    site       any of its devices is up, or all that are not are observed

and of that time planned, down and up as `divide` has it. An interface that is switched off is planned: somebody wanted
it so. A link is planned where work is announced on either device or either end is switched off, else down where either
end is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from agent.errors import UsageError
from agent.faults import availability
from agent.faults.availability import DOWN, Division, Interval, Span, Spans, intersect, paths, subtract, union
from agent.inventory import holidays, hours
from agent.inventory.device import Device
from agent.inventory.holidays import Calendar
from agent.inventory.hours import Hours
from agent.inventory.inventory import Inventory, Link
from agent.inventory.topology import Topology
from agent.inventory.windows import Window
from agent.observation import ComponentKind, Subject

SWITCHED_OFF = "admin_down"


Coverage = tuple[Hours, str, Calendar | None]
"""Hours, the time zone they are in, and whose holidays they leave out."""


@dataclass(frozen=True)
class Past:
    """`period` is over: it ends at the latest now. What is known beyond it does no harm."""

    inventory: Inventory
    net: Topology
    period: Span
    reached: Mapping[str, Sequence[Span]]  # by device: when its reachability was asked
    told: Mapping[str, Sequence[Span]]  # by device: when it answered by SNMP
    states: Mapping[Subject, Sequence[Interval]]  # of devices and interfaces
    windows: tuple[Window, ...]

    # ------------------------------------------------------------ things

    def device(self, name: str) -> Division:
        return self._devices[name]

    def interface(self, of: Subject) -> Division:
        """Unobserved throughout where the device never told of it."""
        known, usual, end = self.states.get(of, ()), self._watched_like(of), self.period.end
        down = intersect(_in(known, DOWN, end), usual.up)
        off = intersect(_in(known, SWITCHED_OFF, end), usual.up)
        if not off and _throughout(known, self.period):
            return Division(subtract(usual.up, down), down, usual.planned, usual.unobserved)
        there = union(Span(i.began, end if i.ended is None else i.ended) for i in known)
        observed = intersect(there, union(usual.up, usual.planned))
        agreed = intersect(union(usual.planned, off), observed)
        failed = subtract(down, agreed)
        up = subtract(observed, union(failed, agreed))
        return Division(up, failed, agreed, subtract([self.period], observed))

    def link(self, link: Link) -> Division:
        ends = [self.interface(end) for end in self._watched(link)]
        observed = union(*(union(end.up, end.down, end.planned) for end in ends))
        agreed = intersect(
            union(*(self._planned[name] for name in (link.a, link.b)), *(e.planned for e in ends)), observed
        )
        down = subtract(intersect(union(*(end.down for end in ends)), observed), agreed)
        return Division(subtract(observed, union(down, agreed)), down, agreed, subtract(union([self.period]), observed))

    def site(self, name: str) -> Division:
        """Whether anything of the site was up: any one of its devices is enough."""
        return availability.any_of(self.period, (self._devices[device.name] for device in self.at_site.get(name, ())))

    @cached_property
    def at_site(self) -> Mapping[str, Sequence[Device]]:
        """The devices of each site that has any."""
        found: dict[str, list[Device]] = {}
        for device in self.inventory.devices.values():
            found.setdefault(device.site, []).append(device)
        return found

    def path(self, a: str, b: str) -> Division:
        """Whether a could reach b; each is a device, a site or a customer, of which any device will do."""
        links = {link.key: self.link(link) for link in self.net.links if self._watched(link)}
        return paths.reach(self.net, self._devices, links, (self.place(a), self.place(b)), self.period)

    def place(self, name: str) -> frozenset[str]:
        """The devices that a name stands for. Raises UsageError where it stands for nothing."""
        if name in self.inventory.devices:
            return frozenset({name})
        of = [d.name for d in self.inventory.devices.values() if d.site == name]
        of = of or [d.name for d in self.inventory.devices.values() if d.customer == name]
        if not of:
            raise UsageError(f"{name} is no device, and no site or customer that has devices")
        return frozenset(of)

    @property
    def interfaces(self) -> tuple[Subject, ...]:
        known = (of for of in self.states if of.kind is ComponentKind.INTERFACE)
        return tuple(sorted(known, key=lambda of: (of.device, of.name)))

    # ------------------------------------------------------------ hours

    def hours(self, device: Device) -> Spans:
        """The part of the period that the device's contract covers, on its clock; without a contract all of it."""
        return self._covered[coverage(device, self.inventory)]

    @cached_property
    def _covered(self) -> dict[Coverage, Spans]:
        start, end = self.period.start, self.period.end
        kinds = {coverage(device, self.inventory) for device in self.inventory.devices.values()}
        return {
            each: intersect((Span(*pair) for pair in holidays.served(*each, start, end)), [self.period])
            for each in kinds
        }

    # ------------------------------------------------------------ what they are made of

    @cached_property
    def _devices(self) -> dict[str, Division]:
        return {
            name: availability.divide(
                self.period, self.reached.get(name, ()), self.states.get(Subject(name), ()), self._planned[name]
            )
            for name in self.inventory.devices
        }

    @cached_property
    def _planned(self) -> dict[str, Spans]:
        return {
            device.name: intersect(availability.planned_for(device, self.windows, self.period), [self.period])
            for device in self.inventory.devices.values()
        }

    @cached_property
    def _usual(self) -> dict[str, Division]:
        """By device: how its interfaces do that no window names by themselves."""
        return {
            name: availability.divide(self.period, self.told.get(name, ()), (), self._planned[name])
            for name in self.inventory.devices
        }

    def _watched_like(self, of: Subject) -> Division:
        """How an interface divides the period that was there all the time and never down."""
        if of.device not in self._partly:
            return self._usual[of.device]
        device = self.inventory.devices[of.device]
        planned = availability.planned_for(device, self.windows, self.period, of)
        return availability.divide(self.period, self.told.get(of.device, ()), (), planned)

    @cached_property
    def _partly(self) -> frozenset[str]:
        """Devices of which some window names a component."""
        return frozenset(Subject.parse(text).device for window in self.windows for text in window.components)

    def _watched(self, link: Link) -> list[Subject]:
        """The link's ends whose state somebody asks for."""
        devices = self.inventory.devices
        ends = ((link.a, link.a_interface), (link.b, link.b_interface))
        return [Subject(name, ComponentKind.INTERFACE, port) for name, port in ends if port and devices[name].snmp]


def coverage(device: Device, inventory: Inventory) -> Coverage:
    """The hours of the device's contract, the time zone they are in, and the calendar of its holidays."""
    contract, site = inventory.contracts.get(device.contract), inventory.sites.get(device.site)
    zone = (contract.timezone if contract else "") or (site.timezone if site else "UTC")
    return (contract.coverage, zone, inventory.calendar(contract)) if contract else (hours.ALWAYS, zone, None)


def _in(known: Iterable[Interval], state: str, end: datetime) -> list[Span]:
    return [Span(i.began, end if i.ended is None else i.ended) for i in known if i.state == state]


def _throughout(known: Sequence[Interval], period: Span) -> bool:
    """Whether it was in some state or other all the time."""
    so_far = period.start
    for interval in known:
        if interval.began > so_far:
            return False
        so_far = period.end if interval.ended is None else max(so_far, interval.ended)
    return so_far >= period.end
