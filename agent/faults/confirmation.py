"""Confirmation before belief: n bad observations of the last m raise a fault, some good ones in a row end it.

A suspicion begins with a bad observation and ends when it is believed, or when what was seen since can no longer come
to n of m: then it is kept, as unconfirmed. A fault is over from the first good observation of the row that ended it.

Times go on: where the agent's clock was set back, what is measured starts again from the new time, and nothing ends
before it began.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from agent.faults.fault import Fault, FaultKind, FaultState
from agent.faults.rules import Judgement
from agent.inventory.device import Device
from agent.inventory.policies import Confirmation, Policies

DEFAULTS: Mapping[FaultKind, Confirmation] = {
    FaultKind.DEVICE_UNREACHABLE: Confirmation(count=3),
    FaultKind.SNMP_AGENT_DEAD: Confirmation(count=3),
    FaultKind.DEVICE_RESTARTED: Confirmation(count=1),  # the uptime went back: there is nothing to see twice
    FaultKind.HOST_KEY_CHANGED: Confirmation(count=1),  # to look twice is to offer a password twice
    FaultKind.CPU_HIGH: Confirmation(count=3),
    FaultKind.MEMORY_HIGH: Confirmation(count=3),
}
OVER = Confirmation(count=2)  # good observations in a row, the last at least `hold` after the first
UNCONFIRMED = "unconfirmed: gone when looked at again"


def policy(policies: Policies, kind: FaultKind) -> Confirmation:
    return policies.confirmation.get(kind) or DEFAULTS.get(kind) or Confirmation()


def time_to_believe(device: Device, policies: Policies) -> timedelta:
    """How long it takes at the worst, from the first question on, to believe that a device does not answer."""
    rule, polling = policy(policies, FaultKind.DEVICE_UNREACHABLE), device.polling
    asking = polling.timeout * (polling.retries + 1)  # the methods are tried side by side
    return max(max(rule.count, rule.of) * (asking + polling.recheck), rule.hold + asking)


def verdicts(judgements: Iterable[Judgement]) -> list[Judgement]:
    """One for each subject and kind of a poll: where several rules of a kind differ, bad wins, in any order."""
    found: dict[tuple[FaultKind, object], Judgement] = {}
    for judged in judgements:
        known = found.get((judged.kind, judged.subject))
        if known is None or (judged.bad, judged.reason) > (known.bad, known.reason):
            found[judged.kind, judged.subject] = judged
    return list(found.values())


def advance(
    fault: Fault | None,
    judgement: Judgement,
    at: datetime,
    rule: Confirmation,
    last_good: datetime | None = None,
    over: Confirmation = OVER,
) -> Fault | None:
    """The fault after one more observation: the very same object when nothing changed, None when there is none."""
    if fault is None:
        return _believed(_begin(judgement, at, last_good), at, rule, enough=rule.count <= 1) if judgement.bad else None
    fault = _by_this_clock(fault, at)
    if fault.state is FaultState.SUSPECT:
        return _doubted(fault, judgement, at, rule)
    return _worse(fault, at) if judgement.bad else _better(fault, at, over)


def is_new(fault: Fault) -> bool:
    """Seen bad once and not looked at again: whoever knows more of it is asked at once."""
    return fault.state is FaultState.SUSPECT and fault.bad == 1 and fault.good == 0


def in_doubt(fault: Fault) -> bool:
    """Whether the next observation decides something: then the device is asked again at once, not at its turn."""
    return fault.state is FaultState.SUSPECT or (fault.active and fault.recovering is not None)


def _begin(judgement: Judgement, at: datetime, last_good: datetime | None) -> Fault:
    return Fault(
        id=f"{judgement.kind}|{judgement.subject}@{at.isoformat()}",
        subject=judgement.subject,
        kind=judgement.kind,
        state=FaultState.SUSPECT,
        began=at,
        reason=judgement.reason,
        last_good=last_good if last_good is None else min(last_good, at),
        last_seen=at,
        value=judgement.value,
        threshold=judgement.threshold,
    )


def _believed(fault: Fault, at: datetime, rule: Confirmation, *, enough: bool) -> Fault:
    if not enough or at - fault.began < rule.hold:
        return fault
    return replace(fault, state=FaultState.CONFIRMED, confirmed=at, recent="")


# ---------------------------------------------------------------- suspects


class _Outcome(NamedTuple):
    at: datetime
    bad: bool


def _doubted(fault: Fault, judgement: Judgement, at: datetime, rule: Confirmation) -> Fault:
    if rule.of <= rule.count:
        return _in_a_row(fault, judgement, at, rule)
    row = _with(_read(fault), _Outcome(at, judgement.bad))
    enough = sum(outcome.bad for outcome in row[-rule.of :]) >= rule.count
    kept = row[-rule.of :] if enough else _promising(row, rule)
    if not kept:
        return _unconfirmed(fault, at)
    if not enough and kept[0].at > fault.began:  # what was seen before it was nothing
        last_good = max(outcome.at for outcome in row if outcome.at < kept[0].at)
        fault = replace(fault, began=kept[0].at, last_good=last_good)
    good = next(n for n, outcome in enumerate(reversed(kept)) if outcome.bad)
    more = replace(fault, recent=_written(kept), bad=sum(outcome.bad for outcome in kept), good=good)
    if not judgement.bad:
        return more
    return _believed(replace(more, last_seen=at, value=judgement.value), at, rule, enough=enough)


def _in_a_row(fault: Fault, judgement: Judgement, at: datetime, rule: Confirmation) -> Fault:
    if at == fault.last_seen:
        return fault  # of one time bad wins, and counts once
    if not judgement.bad:
        return _unconfirmed(fault, at)
    more = replace(fault, bad=fault.bad + 1, last_seen=at, value=judgement.value)
    return _believed(more, at, rule, enough=more.bad >= rule.count)


def _unconfirmed(fault: Fault, at: datetime) -> Fault:
    return replace(fault, state=FaultState.CLEARED, cleared=max(at, fault.began), recent="", suppressed=UNCONFIRMED)


def _with(row: list[_Outcome], one: _Outcome) -> list[_Outcome]:
    if row[-1].at == one.at:
        return [*row[:-1], _Outcome(one.at, row[-1].bad or one.bad)]
    return [*row, one]


def _promising(row: list[_Outcome], rule: Confirmation) -> list[_Outcome]:
    """From the first bad one on from which so many of so many can still come about; empty where from none."""
    for start, first in enumerate(row):
        rest = row[start:]
        if first.bad and sum(outcome.bad for outcome in rest) + rule.of - len(rest) >= rule.count:
            return rest
    return []


def _read(fault: Fault) -> list[_Outcome]:
    """What was seen of a suspect so far; one that has been seen once only has it written nowhere else."""
    words = (word.partition("@") for word in fault.recent.split())
    told = [_Outcome(_EPOCH + int(at) * _TICK, bad == "1") for bad, _, at in words]
    return told or [_Outcome(fault.began, bad=True)]


def _written(row: Iterable[_Outcome]) -> str:
    return " ".join(f"{outcome.bad:d}@{(outcome.at - _EPOCH) // _TICK}" for outcome in row)


_EPOCH, _TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


# ---------------------------------------------------------------- what is believed


def _worse(fault: Fault, at: datetime) -> Fault:
    if fault.recovering is None:
        return fault  # still there: nothing new to save
    return replace(fault, good=0, recovering=None, last_seen=at)


def _better(fault: Fault, at: datetime, over: Confirmation) -> Fault:
    recovering, good = fault.recovering or at, fault.good + 1
    if good < over.count or at - recovering < over.hold:
        return replace(fault, good=good, recovering=recovering)
    ended = max(recovering, fault.confirmed or fault.began, fault.began)
    return replace(fault, state=FaultState.CLEARED, good=good, recovering=recovering, cleared=ended)


def _by_this_clock(fault: Fault, at: datetime) -> Fault:
    """The fault with its times as the clock has them now, where it was set back since.

    A suspicion keeps its length and is moved back as a whole; what is believed stays where it is, and only what is
    still being measured starts again.
    """
    if fault.state is not FaultState.SUSPECT:
        return replace(fault, recovering=at) if fault.recovering and fault.recovering > at else fault
    row = _read(fault)
    last = max(row[-1].at, fault.last_seen or fault.began)
    if last <= at:
        return fault
    back = last - at + _TICK
    moved = replace(
        fault,
        began=fault.began - back,
        last_seen=fault.last_seen and fault.last_seen - back,
        last_good=fault.last_good and fault.last_good - back,
    )
    return replace(moved, recent=_written(_Outcome(o.at - back, o.bad) for o in row)) if fault.recent else moved
