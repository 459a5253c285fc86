"""Which faults a maintenance window silences, and when planned work takes down more than it names.

Asked of a problem as a whole, after its root is known. Where the root lies in the window, what it explains elsewhere
is silent with it; where the root lies outside, what it explains inside does not silence it.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from agent.faults.correlation import Problem
from agent.faults.fault import Fault, FaultKind
from agent.inventory import windows
from agent.inventory.inventory import Inventory
from agent.inventory.topology import Topology, near_end, other
from agent.inventory.windows import Occurrence, Window
from agent.observation import ComponentKind, Subject

PATIENCE = timedelta(minutes=5)  # a site that the window does not name may be away so long: a restart takes its time

# What happens in a moment: it belongs to the time in which it happened, not to the time at which it is looked at.
MOMENTARY = frozenset({FaultKind.DEVICE_RESTARTED, FaultKind.CONFIGURATION_CHANGED})
SESSIONS = frozenset({ComponentKind.BGP_PEER, ComponentKind.OSPF_NEIGHBOUR, ComponentKind.BFD_SESSION})
_SEVERAL = frozenset({FaultKind.SITE_DOWN, FaultKind.MASS_OUTAGE})


def silencing(problem: Problem, known: Iterable[Window], net: Topology, now: datetime) -> Occurrence | None:
    """The window that the problem's root lies in; of several the one that lasts longest from now.

    A link or a session lies in a window when either end does. A problem of several equal faults (all sessions of a
    router, all devices of a site) does when each of them does, or what it is about as a whole.
    """
    here = [each for each in _around(problem.root, known, now) if _holds(each.window, problem, net)]
    return max(here, key=lambda each: (each.ends, each.name), default=None)


def _around(root: Fault, known: Iterable[Window], now: datetime) -> list[Occurrence]:
    if root.kind not in MOMENTARY:
        return list(windows.running(known, now))
    since, until = root.last_good or root.began, max(root.began, root.last_good or root.began)
    moment = timedelta(microseconds=1)
    return [each for window in known for each in windows.occurrences(window, since, until + moment)]


def _holds(window: Window, problem: Problem, net: Topology) -> bool:
    root = problem.root
    if problem.subject.kind is ComponentKind.DEVICE and _names(window, problem.subject, net):
        return True
    if problem.kind in _SEVERAL:
        dead = [fault for fault in problem.faults if fault.kind is FaultKind.DEVICE_UNREACHABLE]
        return bool(dead) and all(_lies_in(window, fault, net) for fault in dead)
    if problem.subject.kind is ComponentKind.DEVICE and root.subject.kind in SESSIONS:  # a hub of many
        sessions = [fault for fault in problem.faults if fault.kind is root.kind]
        return all(_lies_in(window, fault, net) for fault in sessions)
    return _lies_in(window, root, net)


def _lies_in(window: Window, fault: Fault, net: Topology) -> bool:
    return any(_names(window, subject, net) for subject in (fault.subject, *facing(fault.subject, net)))


def _names(window: Window, subject: Subject, net: Topology) -> bool:
    device = net.devices.get(subject.device)
    return device is not None and windows.covers(window, subject, device)


def facing(subject: Subject, net: Topology) -> tuple[Subject, ...]:
    """The other end of a link or of a session, where it is a device of ours."""
    if subject.kind is ComponentKind.INTERFACE and (link := net.link_at(subject.device, subject.name)):
        far = other(link, subject.device)
        return (Subject(far, ComponentKind.INTERFACE, near_end(link, far)),)
    if subject.kind in SESSIONS and (home := net.homes.get(subject.name)):
        return (Subject(home.device),) if home.device != subject.device else ()
    return ()


# ---------------------------------------------------------------- more than it names


def beyond(
    problem: Problem, occurrence: Occurrence, inventory: Inventory, net: Topology, now: datetime
) -> tuple[str, ...]:
    """The sites of which the window names nothing, and of which every device has been away for longer than PATIENCE.

    Single devices behind planned work are expected to go with it, and so is a site for as long as a restart takes.
    """
    away: defaultdict[str, list[datetime]] = defaultdict(list)
    for fault in problem.faults:
        if fault.kind is FaultKind.DEVICE_UNREACHABLE and fault.recovering is None and fault.active:
            away[inventory.devices[fault.subject.device].site].append(fault.confirmed or fault.began)
    if not away:
        return ()
    named = {device.site for device in windows.devices(occurrence.window, inventory.devices.values())}
    return tuple(
        site
        for site, since in sorted(away.items())
        if site not in named and len(since) == len(net.sites[site]) and now - max(since) >= PATIENCE
    )


def takes_down(window: Window, inventory: Inventory, net: Topology) -> tuple[str, ...]:
    """The sites of which the window names nothing, and that nothing leads to while all that it names is off: what a
    planner ought to know before."""
    named = {device.name for device in inventory.devices.values() if windows.matches(window, device)}
    at_work = {device.site for device in windows.devices(window, inventory.devices.values())}
    cut = frozenset(
        link.key
        for link in net.links
        for end in ((link.a, link.a_interface), (link.b, link.b_interface))
        if end[1] and windows.names_component(window, Subject(end[0], ComponentKind.INTERFACE, end[1]))
    )
    lost = {name for name in net.lost_by(frozenset(named), cut) if not net.past_the_network(name)}
    return tuple(sorted(site for site, there in net.sites.items() if there <= lost and site not in at_work))


# ---------------------------------------------------------------- what is told


def sentence(occurrence: Occurrence) -> str:
    return f"maintenance: {occurrence.name} until {occurrence.ends.isoformat(timespec='minutes')}"


def more_than_named(occurrence: Occurrence, sites: Iterable[str]) -> str:
    return f"maintenance {occurrence.name} takes down more than it names: site {', '.join(sites)}"


def outlived(problem: Problem, known: Iterable[Window], net: Topology, now: datetime) -> Occurrence | None:
    """The window that silenced the problem's root until it ended, of several the last; for what is told of it then."""
    root = problem.root
    if root.kind in MOMENTARY:
        return None
    over = [each for window in known for each in windows.occurrences(window, root.began, now) if each.ends <= now]
    mine = [each for each in over if _holds(each.window, problem, net)]
    return max(mine, key=lambda each: (each.ends, each.name), default=None)
