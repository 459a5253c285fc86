"""How long it is worth while to wait for what others say of a trouble, before it becomes a case."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from agent.faults import confirmation, correlation
from agent.faults.correlation import Problem
from agent.faults.fault import FaultKind
from agent.inventory.inventory import Inventory
from agent.inventory.topology import Topology

# Faults that change what leads where, so that the devices around them have something to say of it.
CUTS = correlation.SESSIONS | {FaultKind.DEVICE_UNREACHABLE, FaultKind.INTERFACE_DOWN}
MANY = 10
LOADED = 4  # times as long as believing takes at the worst, when the machine or the network is under load


def unclear(
    problem: Problem,
    topology: Topology,
    suspects: Collection[str],
    asked: Mapping[str, datetime],
    inventory: Inventory,
) -> timedelta:
    """How long it takes to know what the devices around the trouble say of it; zero when that is known.

    `suspects` are the devices of which something that cuts is suspected and not believed yet: they are asked at short
    intervals until it is one or the other, so that waiting for them ends by itself, and the time is only a bound.
    `asked` says when each device was last asked with success; of one that was not since the trouble began nothing is
    known, and it may never be.
    """
    if problem.root.case:
        return timedelta(0)
    if problem.kind is FaultKind.MASS_OUTAGE:
        around = _before_many(problem, topology)
    elif problem.kind in CUTS:
        around = correlation.witnesses(problem, topology)
    else:
        return timedelta(0)
    since = min(fault.began for fault in problem.faults)
    devices, policies = inventory.devices, inventory.policies
    times = [timedelta(0)]
    for name in around:
        if name in suspects:
            times.append(LOADED * confirmation.time_to_believe(devices[name], policies))
        elif name not in asked or asked[name] < since:
            times.append(devices[name].polling.status + confirmation.time_to_believe(devices[name], policies))
    return max(times)


def _before_many(problem: Problem, topology: Topology) -> frozenset[str]:
    """The devices on the way to a tenth of what fell silent, or at the end of a tenth of what was cut, of which nothing
    is known: one of them may explain all."""
    dead, cut = correlation.broken(problem, topology)
    met = Counter(hop for name in dead for hop, _ in topology.reach.way(name)[:-1])
    met.update(end for link in topology.links if link.key in cut for end in (link.a, link.b))
    most = max(len(dead), len(cut))
    return frozenset(name for name, count in met.items() if count * MANY >= most and name not in dead)
