"""Why no case is opened for a problem, or nothing. Asked after correlation, of the problem as a whole.

`reason` is the policy, one visible list, and the first that holds is told. What comes of it for each fault is in
`agent.faults.ledger`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agent.faults import flapping, maintenance
from agent.faults.correlation import Problem
from agent.faults.fault import Fault, FaultKind, FaultState, Reason
from agent.inventory.windows import Occurrence

PATIENCE = 3
COMES_BACK = timedelta(minutes=2)  # routing with a device that restarted, and the ways through it
ON_THE_WAY = frozenset({FaultKind.DEVICE_UNREACHABLE, FaultKind.PACKET_LOSS, FaultKind.LATENCY_HIGH})
ROUTING = frozenset({FaultKind.BGP_PEER_DOWN, FaultKind.OSPF_NEIGHBOUR_DOWN, FaultKind.BFD_SESSION_DOWN})
WHOLE, UNCLEAR = "settling: it may be part of something larger", "settling: the devices around it are asked"


@dataclass(frozen=True, slots=True)
class Suppression:
    """The word, the sentence, and until when it holds at the longest, where that is known."""

    word: Reason
    sentence: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known beside the problem itself.

    `settle` is how long a problem waits so that a cut is seen whole, `unclear` how long it takes to know what the
    devices around it say of it, zero when that is known. `restarted` are the restarts of the devices at its ends, or on
    every way to it.
    """

    planned: Occurrence | None = None  # the maintenance that it lies in
    settle: timedelta = timedelta(0)
    unclear: timedelta = timedelta(0)
    restarted: tuple[Fault, ...] = ()
    opens: bool = True  # whether the rule of the root opens a case, or of what it explains
    recovery: timedelta | None = None  # the longest it takes to believe that the root is over; None: for ever


def reason(problem: Problem, known: Circumstances, now: datetime) -> Suppression | None:
    """Asked again at every settling, so that what is still broken when a window ends is a case then."""
    return (
        _maintenance(known.planned)
        or _acknowledged(problem)
        or _no_case(problem, known.opens)
        or _settling(problem, known.settle, known.unclear, now)
        or _restarting(known.restarted, now)
        or _recovering(problem, known.recovery, now)
    )


def _maintenance(planned: Occurrence | None) -> Suppression | None:
    """`agent.faults.maintenance` says which problems lie in it."""
    if planned is None:
        return None
    return Suppression(Reason.MAINTENANCE, maintenance.sentence(planned), planned.ends)


def _acknowledged(problem: Problem) -> Suppression | None:
    """A person's word silences what it was said of; what lies behind it is silent with it, as in maintenance."""
    said = problem.root.acknowledged
    return Suppression(Reason.ACKNOWLEDGED, f"acknowledged: {said}") if said else None


def _no_case(problem: Problem, opens: bool) -> Suppression | None:
    """A case that was opened before the root was known takes the root in, whatever its rule says."""
    if opens or any(fault.case for fault in problem.faults):
        return None
    return Suppression(Reason.NO_CASE, "its rule opens no case")


def _settling(problem: Problem, settle: timedelta, unclear: timedelta, now: datetime) -> Suppression | None:
    """Whether to wait a little, so that a cut is seen whole.

    Counted from the first fault that was believed; for one that was a symptom, from when its cause went away, so that
    it has been asked again by then. While it is unclear how the devices around it are it waits more, not for ever.
    Where the policy says not to settle, it does not wait at all.
    """
    first = min(fault.confirmed or fault.began for fault in problem.faults)
    limit = max(settle * PATIENCE, settle + unclear) if settle and unclear else settle
    alone = now if problem.root.cause else problem.root.alone_since  # a symptom until this moment
    begins = max(first, alone or first)
    until = begins + limit
    if now >= until or now < begins:  # a clock that was set back has waited already
        return None
    sentence = (
        "settling: the devices around it are asked" if unclear else "settling: it may be part of something larger"
    )
    return Suppression(Reason.SETTLING, sentence, until)


def _restarting(restarted: Iterable[Fault], now: datetime) -> Suppression | None:
    """Routing with a device that restarted a moment ago, or through it: that takes its time, and says nothing yet."""
    last = max(restarted, key=lambda fault: fault.began, default=None)
    if last is None or not timedelta(0) <= now - last.began < COMES_BACK:
        return None
    sentence = f"restarting: {last.subject.device} restarted, what hangs on it comes back"
    return Suppression(Reason.RESTARTING, sentence, last.began + COMES_BACK)


def _recovering(problem: Problem, longest: timedelta | None, now: datetime) -> Suppression | None:
    """On its way out: nothing new is begun for it. What flaps is, for it will be back; and so is what is still broken
    when nobody has seen for long how the root is, since nobody can ask any more."""
    since = problem.root.recovering
    if since is None or flapping.is_flapping(problem.root):
        return None
    broken = any(symptom.fault.recovering is None for symptom in problem.symptoms)
    if broken and longest is not None and abs(now - since) > longest:
        return None
    return Suppression(Reason.RECOVERING, "recovering: seen in order again")


def acknowledged(fault: Fault, who: str, why: str) -> Fault:
    """A person's word that it is known. It holds until the fault is over; what stands in a case has its own."""
    return replace(fault, acknowledged=f"{who}: {why}" if who else why)


def unacknowledged(fault: Fault) -> Fault:
    return replace(fault, acknowledged="")


def stranger(fault: Fault, now: datetime) -> Fault:
    """The fault of a device that left the inventory: it is over, for nobody will ever see it recover."""
    return replace(
        fault,
        state=FaultState.CLEARED,
        cleared=now,
        suppressed="the device left the inventory",
        suppressed_as=Reason.LEFT_INVENTORY,
        suppressed_since=now,
        suppressed_until=None,
    )


def unjudged(fault: Fault, now: datetime) -> Fault:
    """A fault of which no rule says anything any more is over; should one say so again, it begins anew."""
    return replace(fault, state=FaultState.CLEARED, cleared=max(now, fault.confirmed or fault.began))
