"""Flapping: a subject that goes down and up again and again is one fault that stays until it has held still.

Without this a port that bounces every few seconds would be over each time before a case is opened, for ever.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from agent.faults.fault import Fault
from agent.inventory.policies import Policies

TIMES = 5  # within the window it is flapping; two or three outages in an hour may have causes of their own
QUIETS = 6  # the window, in quiet times


def window(policies: Policies) -> timedelta:
    return QUIETS * policies.quiet


def marked(fault: Fault, before: Iterable[Fault], policies: Policies) -> Fault:
    """A fault that has just begun, with how often it was believed before within the window."""
    since = fault.began - window(policies)
    flaps = sum(
        1
        for each in before
        if each.key == fault.key and each.id != fault.id and each.confirmed and each.cleared and each.cleared >= since
    )
    return with_count(fault, flaps, policies)


def with_count(fault: Fault, flaps: int, policies: Policies) -> Fault:
    if flaps + 1 < TIMES:
        return replace(fault, flaps=flaps)
    reason = fault.reason.partition("; flapping")[0]
    return replace(fault, flaps=flaps, reason=f"{reason}; flapping, {flaps + 1} times in {window(policies)}")


def is_flapping(fault: Fault) -> bool:
    return fault.flaps + 1 >= TIMES


def must_hold_still(fault: Fault, at: datetime, policies: Policies) -> bool:
    """Whether it is too early to believe that it is over."""
    return is_flapping(fault) and fault.recovering is not None and at - fault.recovering < policies.quiet
