"""Flapping: a subject that goes down and up again and again is one fault that stays until it has held still.

As routes are damped (RFC 2439 §4.2): each time down is worth 1, which halves every half-life; from `suppress` on the
subject flaps, below `reuse` it does so no more. The sum is bounded, so that holding still ends it within `longest`.
It is kept with the fault and goes on with the next one of the same subject. Without this a port that bounces every few
seconds would be over each time before a case is opened, for ever.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory.policies import Policies

FADED = 0.5  # a sum that came down to this is no series any more: the next time down is the first
HALF_LIFE, LONGEST = 3, 1  # by default: in quiet times, in half-lives

# Kinds of which one look is certain, so that each counts; of others (a lost packet) only what was believed does.
CERTAIN = frozenset(
    {FaultKind.INTERFACE_DOWN, FaultKind.LAG_MEMBER_DOWN, FaultKind.BGP_PEER_DOWN, FaultKind.OSPF_NEIGHBOUR_DOWN}
    | {FaultKind.BFD_SESSION_DOWN, FaultKind.FAN_FAILED, FaultKind.POWER_SUPPLY_FAILED, FaultKind.MODULE_FAILED}
    | {FaultKind.STACK_DEGRADED, FaultKind.REDUNDANCY_LOST}
)


@dataclass(frozen=True, slots=True)
class Series:
    """Times down that belong together, and what they are worth at the last of them."""

    times: int
    first: datetime
    last: datetime
    worth: float


def half_life(policies: Policies) -> timedelta:
    return policies.flapping.half_life or HALF_LIFE * policies.quiet


def ceiling(policies: Policies) -> float:
    """The most that a sum may be worth, so that it is below `reuse` within `longest`; never less than flapping is."""
    flapping, half = policies.flapping, half_life(policies)
    longest = flapping.longest if flapping.longest is not None else LONGEST * half
    return max(flapping.suppress, flapping.reuse * 2 ** min(longest / half, 64.0))


def window(policies: Policies) -> timedelta:
    """What is longer ago than this counts for nothing."""
    return half_life(policies) * math.log2(max(ceiling(policies) / FADED, 2.0))


def worth(penalty: float, since: timedelta, policies: Policies) -> float:
    """What is left of it; a clock that was set back takes nothing away and adds nothing."""
    return float(penalty * 2 ** -(max(since, timedelta(0)) / half_life(policies)))


def series(times: Iterable[datetime], policies: Policies) -> Series | None:
    """What these times down come to; None for none of them. Their order does not matter."""
    found: Series | None = None
    for at in sorted(times):
        found = _and(found, at, policies)
    return found


def _and(known: Series | None, at: datetime, policies: Policies) -> Series:
    """One more time down."""
    left = worth(known.worth, at - known.last, policies) if known else 0.0
    if known is None or left < FADED:
        return Series(1, at, at, 1.0)
    return Series(known.times + 1, known.first, max(at, known.last), min(left + 1, ceiling(policies)))


# ---------------------------------------------------------------- of a fault


def is_flapping(fault: Fault) -> bool:
    return fault.flapping


def left(fault: Fault, at: datetime, policies: Policies) -> float:
    return worth(fault.penalty, at - fault.penalty_at, policies) if fault.penalty_at else 0.0


def of(fault: Fault) -> Series | None:
    if fault.penalty_at is None:
        return None
    return Series(fault.flaps, fault.unsteady_since or fault.penalty_at, fault.penalty_at, fault.penalty)


def after(fault: Fault, earlier: Iterable[Fault], at: datetime, policies: Policies) -> Fault:
    """A fault that has just begun, with what is left of the same subject's earlier ones."""
    mine = [f for f in earlier if f.key == fault.key and f.id != fault.id and left(f, at, policies) >= FADED]
    last = max(mine, key=lambda f: (f.penalty_at or f.began, f.id), default=None)
    if last is None:
        return fault
    return replace(
        fault,
        flaps=last.flaps,
        unsteady_since=last.unsteady_since,
        penalty=last.penalty,
        penalty_at=last.penalty_at,
    )


def down(fault: Fault, at: datetime, policies: Policies) -> Fault:
    """It went down once more."""
    return told(fault, _and(of(fault), at, policies), policies)


def told(fault: Fault, found: Series, policies: Policies) -> Fault:
    """The fault with what its times down come to. One that is not believed yet is believed by its flapping alone."""
    flaps = fault.flapping or found.worth >= policies.flapping.suppress
    counted = replace(
        fault,
        flaps=found.times,
        unsteady_since=found.first,
        penalty=found.worth,
        penalty_at=found.last,
        flapping=flaps,
        reason=_reason(fault, found) if flaps else fault.reason,
    )
    if flaps and counted.state is FaultState.SUSPECT:
        return replace(counted, state=FaultState.CONFIRMED, confirmed=max(found.last, fault.began), recent="")
    return counted


def _reason(fault: Fault, found: Series) -> str:
    plain = fault.reason.partition("; flapping")[0]
    return f"{plain}; flapping, {found.times} times in {_whole(found.last - found.first)}"


def _whole(time: timedelta) -> timedelta:
    return timedelta(seconds=round(time.total_seconds()))


def steadied(
    before: Fault | None, now: Fault, at: datetime, policies: Policies, earlier: Callable[[], Iterable[Fault]]
) -> Fault:
    """A fault after one more observation, as `confirmation` has it, with its times down counted.

    `before` is the fault before that observation; `earlier` fetches the device's faults of the last `window`.
    """
    now = _by_this_clock(now, at)
    if before is None:
        now = after(now, earlier(), at, policies)
    if _went_down(before, now):
        now = down(now, at, policies)
    if before is None or not before.flapping:
        return now
    if before.active and not now.active and must_hold_still(now, at, policies):
        held = now.recovering == before.recovering
        return before if held else replace(before, good=now.good, recovering=now.recovering)
    if now.active and now.recovering is None and left(now, at, policies) < policies.flapping.reuse:
        return replace(now, flapping=False, reason=now.reason.partition("; flapping")[0])
    return now


def _went_down(before: Fault | None, now: Fault) -> bool:
    """Whether it was seen to go down just now. What the device told of it already is not counted again."""
    if now.kind not in CERTAIN:
        if now.active and (before is None or not before.active):
            return True
    elif before is None:
        return True
    again = before is not None and before.active and before.recovering is not None
    if not (again and now.active and now.recovering is None):
        return False
    return now.penalty_at is None or before is None or before.recovering is None or now.penalty_at < before.recovering


def must_hold_still(fault: Fault, at: datetime, policies: Policies) -> bool:
    """Whether it is too early to believe that it is over."""
    if not fault.flapping or fault.recovering is None:
        return False
    return at - fault.recovering < policies.quiet or left(fault, at, policies) >= policies.flapping.reuse


def _by_this_clock(fault: Fault, at: datetime) -> Fault:
    """What was counted at a time that has not come yet, since the clock was set back, is counted from now on."""
    return replace(fault, penalty_at=at) if fault.penalty_at and fault.penalty_at > at else fault


def story(fault: Fault) -> str:
    """How often it was down, from when to when, and where it ended; empty where it did not flap."""
    found = of(fault)
    if found is None or found.times < 2:
        return ""
    up = fault.recovering or fault.cleared
    end = f"up since {_clock(up)}" if up else f"down since {_clock(found.last)}"
    return f"{fault.subject}: flapped {found.times} times between {_clock(found.first)} and {_clock(found.last)}, {end}"


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
