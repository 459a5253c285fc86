"""How devices, interfaces, links, sites, customers, the network and paths stood in a period: a line each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from agent.faults import availability
from agent.faults.availability import Availability, Division, Spans, reliability, union
from agent.faults.availability.past import Past, coverage
from agent.faults.availability.reliability import Outage, Reliability
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory
from agent.observation import ComponentKind, Subject


class By(StrEnum):
    DEVICE = "device"
    INTERFACE = "interface"
    LINK = "link"
    SITE = "site"
    CUSTOMER = "customer"
    NETWORK = "network"


class Hours(StrEnum):
    """Which hours count."""

    ALWAYS = "always"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`sums` add up to the hours that count, of several devices to as many times as long.

    Of several devices `percent` is the weighted mean of theirs, and `reliability` counts the outages of each. Of a
    site `reachable` is how long any device of it was up, and `dark` the outages in which none was.
    """

    by: str
    name: str
    sums: Availability
    percent: float | None  # None: nothing was observed
    target: float | None  # None: nothing was promised
    reliability: Reliability
    subjects: tuple[Subject, ...] = ()  # whose faults its outages are
    customer: str = ""
    site: str = ""
    hours: str = ""  # as the contract has them; empty for several
    devices: int = 1
    observed: int = 1  # devices of which something was seen
    missed: int = 0  # devices under their own target
    division: Division | None = None
    reachable: Availability | None = None
    dark: tuple[Outage, ...] = ()

    @property
    def verdict(self) -> str:
        """`met`, `missed`, `unobserved`, or nothing where nothing was promised, or not for any of these hours."""
        if self.target is None or not self.sums.period:
            return ""
        return met(self.percent, self.target)


def met(percent: float | None, target: float) -> str:
    if percent is None:
        return "unobserved"
    return "met" if percent >= target else "missed"


def of(past: Past, by: By, hours: Hours = Hours.ALWAYS) -> tuple[Standing, ...]:
    """In the inventory's order; interfaces by name."""
    if by is By.NETWORK:
        return (network(past, hours),)
    several = {By.DEVICE: devices, By.INTERFACE: interfaces, By.LINK: links, By.SITE: sites, By.CUSTOMER: customers}
    return tuple(several[by](past, hours))


# ---------------------------------------------------------------- one thing


def devices(past: Past, hours: Hours) -> Iterable[Standing]:
    return (_device(past, hours, device) for device in past.inventory.devices.values())


def _device(past: Past, hours: Hours, device: Device) -> Standing:
    goal = target(device, past.inventory)
    return _one(past, By.DEVICE, device.name, past.device(device.name), [device], hours, (Subject(device.name),), goal)


def interfaces(past: Past, hours: Hours) -> Iterable[Standing]:
    known = past.inventory.devices
    for subject in past.interfaces:
        if subject.device in known:
            own, name = [known[subject.device]], f"{subject.device}:{subject.name}"
            yield _one(past, By.INTERFACE, name, past.interface(subject), own, hours, (subject,))


def links(past: Past, hours: Hours) -> Iterable[Standing]:
    known = past.inventory.devices
    for link in past.net.links:
        ports = ((link.a, link.a_interface), (link.b, link.b_interface))
        subjects = tuple(Subject(name, ComponentKind.INTERFACE, port) for name, port in ports if port)
        yield _one(past, By.LINK, link.key, past.link(link), [known[link.a], known[link.b]], hours, subjects)


def path(past: Past, a: str, b: str, hours: Hours) -> Standing:
    """Whether a could reach b. Where contracts count, in the hours of any device at either end."""
    known = past.inventory.devices
    ends = [known[name] for name in sorted(past.place(a) | past.place(b))]
    return _one(past, "path", f"{a} → {b}", past.path(a, b), ends, hours, tuple(Subject(d.name) for d in ends))


def _one(
    past: Past,
    by: str,
    name: str,
    division: Division,
    concerned: Sequence[Device],
    hours: Hours,
    subjects: tuple[Subject, ...],
    goal: float | None = None,
) -> Standing:
    counted = _counted(past, concerned, hours)
    within = division if counted is None else division.within(counted)
    sums = within.sums
    percent = sums.percent
    return Standing(
        by=by,
        name=name,
        sums=sums,
        percent=percent,
        target=goal,
        reliability=reliability.of(division, counted),
        subjects=subjects,
        customer=concerned[0].customer,
        site=concerned[0].site,
        hours=_written(past, concerned) if hours is Hours.CONTRACT else "",
        observed=int(percent is not None),
        division=within,
    )


def _written(past: Past, concerned: Iterable[Device]) -> str:
    return " + ".join(sorted({str(coverage(device, past.inventory)[0]) for device in concerned}))


def _counted(past: Past, concerned: Iterable[Device], hours: Hours) -> Spans | None:
    """When it counts; None: always."""
    return None if hours is Hours.ALWAYS else union(*(past.hours(device) for device in concerned))


# ---------------------------------------------------------------- several devices as one


def sites(past: Past, hours: Hours) -> Iterable[Standing]:
    for name, site in past.inventory.sites.items():
        own = past.at_site.get(name)
        if own:
            counted, whole = _counted(past, own, hours), past.site(name)
            yield replace(
                _several(past, By.SITE, name, own, hours),
                customer=site.customer,
                site=name,
                target=past.inventory.customers[site.customer].availability_target_pct,
                reachable=(whole if counted is None else whole.within(counted)).sums,
                dark=reliability.outages(whole, counted),
            )


def customers(past: Past, hours: Hours) -> Iterable[Standing]:
    for name, customer in past.inventory.customers.items():
        own = [device for device in past.inventory.devices.values() if device.customer == name]
        if own:
            line = _several(past, By.CUSTOMER, name, own, hours)
            yield replace(line, customer=name, target=customer.availability_target_pct)


def network(past: Past, hours: Hours) -> Standing:
    return _several(past, By.NETWORK, "network", list(past.inventory.devices.values()), hours)


def _several(past: Past, by: By, name: str, own: Sequence[Device], hours: Hours) -> Standing:
    each = [_device(past, hours, device) for device in own]
    heavy = partial(weight, inventory=past.inventory)
    together = availability.network((line.sums for line in each), map(heavy, own))
    outages = tuple(sorted((o for line in each for o in line.reliability.outages), key=lambda o: (o.start, o.end)))
    total = together.total
    return Standing(
        by=by,
        name=name,
        sums=total,
        percent=together.mean_pct,
        target=None,
        reliability=Reliability(
            outages, total.up / len(outages) if outages else None, total.down / len(outages) if outages else None
        ),
        subjects=tuple(subject for line in each for subject in line.subjects),
        devices=together.devices,
        observed=together.observed,
        missed=sum(line.verdict == "missed" for line in each),
    )


# ---------------------------------------------------------------- what is promised, and what weighs how much


def target(device: Device, inventory: Inventory) -> float:
    """What the device is measured against, in percent: its own, else its contract's, else its customer's."""
    contract = inventory.contracts.get(device.contract)
    for own in (device.availability_target_pct, contract.availability_target_pct if contract else None):
        if own is not None:
            return own
    return inventory.customers[device.customer].availability_target_pct


def weight(device: Device, inventory: Inventory) -> float:
    """The device's own, else its role's, else 1."""
    if device.availability_weight is not None:
        return device.availability_weight
    return inventory.policies.availability_weights.get(device.role, 1.0)


def weights(inventory: Inventory) -> dict[str, float]:
    """What weighs other than 1: roles, and devices that have their own. Empty: every device weighs the same."""
    found: dict[str, float] = {}
    for device in inventory.devices.values():
        own = device.availability_weight is not None
        if own or weight(device, inventory) != 1:
            found[device.name if own else str(device.role)] = weight(device, inventory)
    return found
