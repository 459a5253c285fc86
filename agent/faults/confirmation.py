"""Confirmation before belief: n bad observations in a row raise a fault, n good ones end it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

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
GOOD_TO_CLEAR = 2


def policy(policies: Policies, kind: FaultKind) -> Confirmation:
    return policies.confirmation.get(kind) or DEFAULTS.get(kind) or Confirmation()


def time_to_believe(device: Device, policies: Policies) -> timedelta:
    """How long it takes at the worst, from the first question on, to believe that a device does not answer."""
    rule, polling = policy(policies, FaultKind.DEVICE_UNREACHABLE), device.polling
    asking = polling.timeout * (polling.retries + 1)  # the methods are tried side by side
    return max(rule.count * (asking + polling.recheck), rule.hold + asking)


def advance(
    fault: Fault | None, judgement: Judgement, at: datetime, rule: Confirmation, last_good: datetime | None = None
) -> Fault | None:
    """The fault after one more observation: the very same object when nothing changed, None when there is none."""
    if judgement.bad:
        return _begin(judgement, at, rule, last_good) if fault is None else _worse(fault, judgement, at, rule)
    return None if fault is None else _better(fault, at)


def _begin(judgement: Judgement, at: datetime, rule: Confirmation, last_good: datetime | None) -> Fault:
    fault = Fault(
        id=f"{judgement.kind}|{judgement.subject}@{at.isoformat()}",
        subject=judgement.subject,
        kind=judgement.kind,
        state=FaultState.SUSPECT,
        began=at,
        reason=judgement.reason,
        last_good=last_good,
        last_seen=at,
        value=judgement.value,
        threshold=judgement.threshold,
    )
    return _believe(fault, at, rule)


def _worse(fault: Fault, judgement: Judgement, at: datetime, rule: Confirmation) -> Fault:
    if fault.state is FaultState.SUSPECT:
        more = replace(fault, bad=fault.bad + 1, last_seen=at, value=judgement.value)
        return _believe(more, at, rule)
    if fault.recovering is None:
        return fault  # still there: nothing new to save
    return replace(fault, good=0, recovering=None, last_seen=at)


def _believe(fault: Fault, at: datetime, rule: Confirmation) -> Fault:
    if fault.bad < rule.count or at - fault.began < rule.hold:
        return fault
    return replace(fault, state=FaultState.CONFIRMED, confirmed=at)


def _better(fault: Fault, at: datetime) -> Fault:
    if fault.state is FaultState.SUSPECT:
        return replace(fault, state=FaultState.CLEARED, cleared=at, suppressed="unconfirmed: gone when looked at again")
    recovering, good = fault.recovering or at, fault.good + 1
    if good < GOOD_TO_CLEAR:
        return replace(fault, good=good, recovering=recovering)
    return replace(fault, state=FaultState.CLEARED, good=good, recovering=recovering, cleared=recovering)


def in_doubt(fault: Fault) -> bool:
    """Whether the next observation decides something: then the device is asked again at once, not at its turn."""
    return fault.state is FaultState.SUSPECT or (fault.active and fault.recovering is not None)
