"""Why no case is opened for a problem, or nothing. Asked after correlation, of the problem as a whole."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from agent.faults.correlation import Problem
from agent.faults.fault import Fault, FaultKind
from agent.inventory import windows
from agent.inventory.inventory import Inventory
from agent.inventory.windows import Window

PATIENCE = 3
COMES_BACK = timedelta(minutes=2)  # routing sessions of a device that restarted


def reason(problem: Problem, inventory: Inventory, added: tuple[Window, ...], now: datetime) -> str:
    """Asked again at every settling, so that what is still broken when a window ends is a case then."""
    device = inventory.devices[problem.root.subject.device]
    if window := windows.active((*inventory.windows, *added), device, now):
        return f"maintenance: {window.name} until {window.ends.isoformat(timespec='minutes')}"
    return ""


def settling(problem: Problem, settle: timedelta, unclear: timedelta, now: datetime) -> bool:
    """Whether to wait a little, so that a cut is seen whole.

    Counted from the first fault that was believed; for one that was a symptom, from when its cause went away, so that
    it has been asked again by then. `unclear` is how long it takes to know how the devices around it are, zero when
    that is known: so long it waits more, not for ever. Where the policy says not to settle, it does not wait at all.
    """
    first = min(fault.confirmed or fault.began for fault in problem.faults)
    limit = max(settle * PATIENCE, settle + unclear) if settle and unclear else settle
    return now - max(first, problem.root.alone_since or first) < limit


def coming_back(problem: Problem, ends: frozenset[str], faults: Iterable[Fault], now: datetime) -> bool:
    """Whether it is routing with a device that restarted a moment ago: that takes its time, and says nothing yet."""
    restarted = (f for f in faults if f.kind is FaultKind.DEVICE_RESTARTED and f.subject.device in ends)
    return problem.kind is FaultKind.BGP_PEER_DOWN and any(now - f.began < COMES_BACK for f in restarted)
