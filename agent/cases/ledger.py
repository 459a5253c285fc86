"""How fast we were: when a problem began, was seen, believed, told, taken up and over, each as far as it is known.

A fault begins between two observations: after the last good one and not after the first bad one. Both ends are kept,
so that what is said about detection is what can be proven, never what is hoped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from statistics import median

from agent.cases.case import Action, Case, Entry
from agent.faults.fault import Fault
from agent.locale import N_

US = "netcase"  # the actor of what the product does by itself
_SAID = frozenset(  # what is reported, sent or answered: nobody has done anything about it yet
    {Action.OPENED, Action.EVIDENCE, Action.MAIL, Action.CUSTOMER, Action.CONSENT, Action.SURVEY}
)
_NINE_OF_TEN = 0.9


class Step(StrEnum):
    """Something that takes time, from what until what."""

    DETECTION = "detection"  # its true beginning → the first bad observation
    CONFIRMATION = "confirmation"  # the first bad observation → it is believed
    OPENING = "opening"  # the first bad observation → the case
    TELLING = "telling"  # the case → the first message that arrived
    ANSWER = "answer"  # the case → the first thing that a person did
    RESTORATION = "restoration"  # its true beginning → all of it is over

    @property
    def said(self) -> str:
        """A msgid."""
        return STEPS[self]


STEPS: Mapping[Step, str] = {
    Step.DETECTION: N_("Detected, after it truly began"),
    Step.CONFIRMATION: N_("Confirmed, after it was detected"),
    Step.OPENING: N_("Case opened, after it was detected"),
    Step.TELLING: N_("Somebody told, after the case was opened"),
    Step.ANSWER: N_("First act of a person, after the case was opened"),
    Step.RESTORATION: N_("Over, after it truly began"),
}


@dataclass(frozen=True, slots=True)
class Took:
    """Between `least` and `most`; both are the same where both ends are known exactly."""

    least: timedelta
    most: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The problem truly began after `after` and not after `detected`. None: it has not happened, or nobody knows."""

    case: str
    customer: str
    after: datetime | None  # the last good observation
    detected: datetime | None  # the first bad one
    confirmed: datetime | None
    opened: datetime
    told: datetime | None
    acted: datetime | None
    actor: str  # who acted
    recovered: datetime | None

    @property
    def steps(self) -> dict[Step, Took]:
        """Those that are done. Where no good observation is known restoration is told from the first bad one."""
        begun = (self.after or self.detected, self.detected)
        found = {
            Step.DETECTION: _between((self.after, self.detected), self.detected),
            Step.CONFIRMATION: _between((self.detected, self.detected), self.confirmed),
            Step.OPENING: _between((self.detected, self.detected), self.opened),
            Step.TELLING: _between((self.opened, self.opened), self.told),
            Step.ANSWER: _between((self.opened, self.opened), self.acted),
            Step.RESTORATION: _between(begun, self.recovered),
        }
        return {step: took for step, took in found.items() if took is not None}


def _between(begun: tuple[datetime | None, datetime | None], ended: datetime | None) -> Took | None:
    """`begun`: at the earliest, at the latest."""
    early, late = begun
    if early is None or late is None or ended is None:
        return None
    nothing = timedelta(0)
    return Took(max(ended - late, nothing), max(ended - early, nothing))


def of(case: Case, faults: Iterable[Fault], timeline: Iterable[Entry]) -> Ledger:
    """`faults` are the case's own, the root among them; `timeline` in any order.

    A symptom that was seen before its root shows that the root was broken by then: the problem was detected with it.
    """
    own, lines = tuple(faults), sorted(timeline, key=lambda entry: entry.at)
    root = next((fault for fault in own if fault.id == case.root), None)
    after = root.last_good if root else None
    seen = [fault.began for fault in own if after is None or fault.began > after]
    detected = min(seen, default=root.began if root else case.began)
    believed = [fault.confirmed for fault in own if fault.confirmed]
    told = (entry.at for entry in lines if entry.action is Action.NOTIFIED and entry.data.get("delivered") == "yes")
    acted = next((entry for entry in lines if entry.actor != US and entry.action not in _SAID), None)
    return Ledger(
        case=case.name,
        customer=case.customer,
        after=after,
        detected=detected,
        confirmed=min(believed, default=None),
        opened=case.opened,
        told=next(told, None),
        acted=acted.at if acted else None,
        actor=acted.actor if acted else "",
        recovered=case.recovered,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Of several cases, each at its worst that can be: the step's `Took.most`. p90: nine of ten were not slower."""

    cases: int
    mean: timedelta
    median: timedelta
    p90: timedelta
    worst: timedelta


def speeds(ledgers: Iterable[Ledger]) -> Mapping[Step, Speed]:
    """By step, in their order; a step that no case has come to yet is left out."""
    taken: dict[Step, list[timedelta]] = {}
    for ledger in ledgers:
        for step, took in ledger.steps.items():
            taken.setdefault(step, []).append(took.most)
    return {step: _speed(sorted(taken[step])) for step in Step if step in taken}


def _speed(lengths: list[timedelta]) -> Speed:
    return Speed(
        cases=len(lengths),
        mean=sum(lengths, timedelta(0)) / len(lengths),
        median=median(lengths),  # type: ignore[type-var]  # of an even number the mean of two, which timedeltas have
        p90=lengths[ceil(_NINE_OF_TEN * len(lengths)) - 1],
        worst=lengths[-1],
    )
