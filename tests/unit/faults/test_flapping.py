"""A subject that goes down and up again and again."""

from dataclasses import replace
from datetime import timedelta

from agent.faults import flapping
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory.policies import Policies
from agent.observation import Subject
from tests.story import START

POLICIES = Policies(quiet=timedelta(minutes=10))
NOW = Fault(
    id="now",
    subject=Subject("r1"),
    kind=FaultKind.DEVICE_UNREACHABLE,
    state=FaultState.SUSPECT,
    began=START,
    reason="no answer",
)


def earlier(minutes: int, *, believed: bool = True) -> Fault:
    over = START - timedelta(minutes=minutes)
    return replace(
        NOW, id=f"{minutes} min ago", state=FaultState.CLEARED, cleared=over, confirmed=over if believed else None
    )


def test_the_fifth_time_within_the_window_is_flapping_and_says_so() -> None:
    before = [earlier(5), earlier(20), earlier(50)]
    fourth = flapping.marked(NOW, before, POLICIES)
    fifth = flapping.marked(NOW, [*before, earlier(55)], POLICIES)
    assert (flapping.is_flapping(fourth), fourth.reason) == (False, "no answer")
    assert (flapping.is_flapping(fifth), fifth.reason) == (True, "no answer; flapping, 5 times in 1:00:00")


def test_what_was_never_believed_or_is_long_over_or_is_another_fault_does_not_count() -> None:
    other = replace(earlier(3), id="x", subject=Subject("r2"))
    assert flapping.marked(NOW, [earlier(5, believed=False), earlier(70), other, NOW], POLICIES).flaps == 0


def test_it_is_over_only_after_it_held_still_for_the_quiet_time() -> None:
    fault = replace(NOW, flaps=4, recovering=START)
    assert flapping.must_hold_still(fault, START + timedelta(minutes=9), POLICIES)
    assert not flapping.must_hold_still(fault, START + timedelta(minutes=10), POLICIES)
    assert not flapping.must_hold_still(replace(fault, flaps=3), START, POLICIES)
