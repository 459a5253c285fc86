"""Reads what is known of the network's past, once, for all that is reckoned from it."""

from collections import defaultdict
from datetime import datetime

from agent.errors import UsageError
from agent.faults.availability import Interval, Span
from agent.faults.availability.past import Past
from agent.inventory import topology, windows
from agent.inventory.inventory import Inventory
from agent.observation import ComponentKind, Subject, Tier
from agent.ports import Transaction


def read(
    tx: Transaction, inventory: Inventory, period: Span, now: datetime, *, interfaces: bool, device: str = ""
) -> Past:
    """Of the part of the period that is over; with `interfaces` of theirs too, which is far more to read.

    `device`: only this one's interfaces. Raises UsageError where nothing of the period is over.
    """
    past = Span(period.start, min(period.end, now))
    if past.start >= past.end:
        raise UsageError("the period is empty: it must begin before it ends, and before now")
    states: defaultdict[Subject, list[Interval]] = defaultdict(list)
    kinds = [ComponentKind.DEVICE, *([ComponentKind.INTERFACE] if interfaces else [])]
    for kind in kinds:
        only = device if kind is ComponentKind.INTERFACE and device else None
        for interval in tx.intervals(past.start, past.end, kind=kind, device=only):
            states[interval.subject].append(interval)
    return Past(
        inventory=inventory,
        net=_net(tx, inventory),
        period=past,
        reached=tx.coverage("reachability", past.start, past.end),
        told=tx.coverage("snmp", past.start, past.end) if interfaces else {},
        states=states,
        windows=windows.known(inventory.windows, tx.windows()),
    )


def _net(tx: Transaction, inventory: Inventory) -> topology.Topology:
    """What the devices told is only needed where the inventory leaves an interface out."""
    whole = all(link.a_interface and link.b_interface for link in inventory.links)
    return topology.build(inventory, {} if whole else tx.latest_all(Tier.IDENTITY))
