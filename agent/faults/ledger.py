"""The ledger of what is no case: every fault, open or over, has a case or a reason here, and nothing disappears.

Read from the faults alone: settling leaves with each what silences it, and the rest follows from what the fault is.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from agent.faults import flapping
from agent.faults.fault import Fault, FaultState, Reason
from agent.faults.suppression import WHOLE, Suppression


@dataclass(frozen=True, slots=True)
class Line:
    """A fault that has no case of its own, why, and since when that holds. A symptom's `fault.case` is its cause's."""

    fault: Fault
    why: Suppression
    since: datetime


def lines(faults: Iterable[Fault]) -> tuple[Line, ...]:
    """In the order of the faults: the open ones without a case of their own, and those that ended without any."""
    found = []
    for fault in faults:
        why = standing(fault)
        if why and not (fault.case and fault.state is FaultState.CLEARED):
            found.append(Line(fault, why, _since(fault, why)))
    return tuple(found)


def counts(faults: Iterable[Fault]) -> Mapping[Reason, int]:
    """Of every reason, how many of these faults it keeps from a case."""
    found = Counter(line.why.word for line in lines(faults))
    return {word: found[word] for word in Reason}


def standing(fault: Fault) -> Suppression | None:
    """Why a fault has no case of its own; None where it has."""
    if fault.suppressed_as and not fault.case:
        return Suppression(fault.suppressed_as, fault.suppressed, fault.suppressed_until)
    if fault.cause:
        return Suppression(Reason.SYMPTOM, fault.because)
    return None if fault.case else _between(fault)


def _between(fault: Fault) -> Suppression:
    """Of what no settling has seen: not believed, over too soon, or believed this very moment."""
    if fault.state is FaultState.SUSPECT and flapping.is_flapping(fault):
        return Suppression(Reason.FLAPPING, "flapping: back again, and asked until it is believed")
    if fault.state is FaultState.SUSPECT:
        return Suppression(Reason.UNCONFIRMED, "unconfirmed: asked until it is believed")
    if fault.confirmed is None:
        return Suppression(Reason.UNCONFIRMED, fault.suppressed or "unconfirmed: gone when looked at again")
    if fault.state is FaultState.CLEARED:
        return Suppression(Reason.OVER, "over before a case was due")
    return Suppression(Reason.SETTLING, WHOLE)


def _since(fault: Fault, why: Suppression) -> datetime:
    if fault.suppressed_since and why.word is fault.suppressed_as:
        return fault.suppressed_since
    if why.word is Reason.OVER and fault.cleared:
        return fault.cleared
    return fault.confirmed or fault.began
