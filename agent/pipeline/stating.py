"""Gathers what a vendor, or anybody who has never seen the network, needs to know of a case."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from agent.cases.case import Case
from agent.cases.statement import Statement, Unit, Wire
from agent.inventory import topology
from agent.inventory.customers import Person
from agent.inventory.inventory import Inventory
from agent.inventory.topology import Topology, near_end, other
from agent.inventory.vendors import Vendor
from agent.observation import Batch, Fact, Subject, Tier
from agent.pipeline import rosters
from agent.ports import Transaction

MOST_PARTS = 60  # of one device
MOST_NEIGHBOURS = 40


def statement(tx: Transaction, inventory: Inventory, case: Case, vendor: Vendor | None, now: datetime) -> Statement:
    faults = tx.faults(case=case.number)
    net = topology.build(inventory, tx.latest_all(Tier.IDENTITY))
    named = [case.subject.device] if case.subject.device else []
    wires = [wire for name in named for wire in _wires(net, name)] if named and named[0] in net.devices else []
    around = list(dict.fromkeys([*named, *(wire.far for wire in wires)]))
    site, customer = inventory.sites.get(case.site), inventory.customers.get(case.customer)
    handovers = [each for each in tx.handovers(case.number) if vendor is None or each.vendor == vendor.name]
    handover = handovers[-1] if handovers else None
    owner = vendor or (inventory.vendors.get(handover.vendor) if handover else None)
    return Statement(
        case=case,
        root=next((fault for fault in faults if fault.id == case.root), None),
        symptoms=tuple(fault for fault in faults if fault.id != case.root),
        log=tx.timeline(case.number),
        decisions=tx.decisions(case.name),
        units=tuple(unit for name in around for unit in _units(tx, inventory, name, parts=name in named)),
        wires=tuple(wires),
        customer=(customer.title or customer.name) if customer else case.customer,
        site=(site.title or site.name) if site else case.site,
        address=site.address if site else "",
        engineer=_engineer(tx, inventory, case, now),
        vendor=owner,
        handover=handover,
        timezone=site.timezone if site else "UTC",
    )


def _engineer(tx: Transaction, inventory: Inventory, case: Case, now: datetime) -> Person | None:
    """Whoever works on it, else whoever is on call."""
    return inventory.people.get(case.assignee) or inventory.people.get(rosters.on_duty(tx, inventory, case, 1, now))


def _wires(net: Topology, device: str) -> Iterator[Wire]:
    for link in sorted(net.links_of(device), key=lambda link: (near_end(link, device), other(link, device)))[
        :MOST_NEIGHBOURS
    ]:
        far = other(link, device)
        yield Wire(device=device, interface=near_end(link, device), far=far, far_interface=near_end(link, far))


def _units(tx: Transaction, inventory: Inventory, name: str, *, parts: bool) -> Iterable[Unit]:
    batch, device = tx.latest(name, Tier.IDENTITY), inventory.devices.get(name)
    told = _told(batch)
    yield _unit(name, "", told.get(Subject(name), {}), str(device.role) if device else "")
    if parts:
        having = [(s, facts) for s, facts in told.items() if s != Subject(name) and facts.get(Fact.SERIAL)]
        for subject, facts in sorted(having, key=lambda pair: pair[0])[:MOST_PARTS]:
            yield _unit(name, f"{subject.kind} {subject.name}", facts)


def _told(batch: Batch | None) -> dict[Subject, dict[Fact, str]]:
    found: dict[Subject, dict[Fact, str]] = {}
    for seen in batch.observations if batch else ():
        if seen.fact in (Fact.VENDOR, Fact.MODEL, Fact.VERSION, Fact.SERIAL):
            found.setdefault(seen.subject, {})[seen.fact] = str(seen.value).strip()
    return found


def _unit(device: str, part: str, facts: dict[Fact, str], role: str = "") -> Unit:
    return Unit(
        device=device,
        part=part,
        vendor=facts.get(Fact.VENDOR, ""),
        model=facts.get(Fact.MODEL, ""),
        version=facts.get(Fact.VERSION, ""),
        serial=facts.get(Fact.SERIAL, ""),
        role=role,
    )
