"""Reads what is known of the network's past, once, for all that is reckoned from it."""

from collections import defaultdict
from datetime import datetime
from enum import StrEnum

from agent.errors import UsageError
from agent.faults.availability import Interval, Span
from agent.faults.availability.past import Past
from agent.inventory import topology, windows
from agent.inventory.inventory import Inventory
from agent.observation import ComponentKind, Subject, Tier
from agent.ports import Transaction


class Parts(StrEnum):
    """Whose states are read beside the devices' own; every further one is far more to read."""

    NONE = "none"
    LINKED = "linked"  # interfaces that carry a link
    ALL = "all"  # every interface


def read(
    tx: Transaction, inventory: Inventory, period: Span, now: datetime, parts: Parts = Parts.NONE, device: str = ""
) -> Past:
    """Of the part of the period that is over. `device`: only the interfaces of this one.

    Raises UsageError where nothing of the period is over.
    """
    past = Span(period.start, min(period.end, now))
    if past.start >= past.end:
        raise UsageError("the period is empty: it must begin before it ends, and before now")
    net = _net(tx, inventory)
    states: defaultdict[Subject, list[Interval]] = defaultdict(list)
    for interval in tx.intervals(past.start, past.end, kind=ComponentKind.DEVICE):
        states[interval.subject].append(interval)
    linked = {name for link in net.links for name in (link.a_interface, link.b_interface) if name}
    if parts is Parts.ALL or (parts is Parts.LINKED and linked):
        names = linked if parts is Parts.LINKED else ()
        found = tx.intervals(past.start, past.end, kind=ComponentKind.INTERFACE, device=device or None, names=names)
        for interval in found:
            states[interval.subject].append(interval)
    return Past(
        inventory=inventory,
        net=net,
        period=past,
        reached=tx.coverage("reachability", past.start, past.end),
        told={} if parts is Parts.NONE else tx.coverage("snmp", past.start, past.end),
        states=states,
        windows=windows.known(inventory.windows, tx.windows()),
    )


def _net(tx: Transaction, inventory: Inventory) -> topology.Topology:
    """What the devices told is only needed where the inventory leaves an interface out."""
    whole = all(link.a_interface and link.b_interface for link in inventory.links)
    return topology.build(inventory, {} if whole else tx.latest_all(Tier.IDENTITY))
