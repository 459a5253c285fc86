"""A subject that goes down and up again and again: damped as routes are."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.faults import flapping
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory.policies import Flapping, Policies
from agent.observation import ComponentKind, Subject
from tests.story import START

MINUTE = timedelta(minutes=1)
POLICIES = Policies(quiet=10 * MINUTE)  # a half-life of 30 minutes
PORT = Fault(
    id="now",
    subject=Subject("r1", ComponentKind.INTERFACE, "Gi0/1"),
    kind=FaultKind.INTERFACE_DOWN,
    state=FaultState.CONFIRMED,
    began=START,
    reason="oper down, admin up",
)
times = st.lists(st.integers(0, 10_000).map(lambda s: START + timedelta(seconds=s)), max_size=40)
policies = st.builds(
    Flapping,
    half_life=st.integers(10, 7200).map(lambda s: timedelta(seconds=s)),
    suppress=st.floats(2.0, 10.0),
    reuse=st.floats(0.5, 1.9),
    longest=st.none() | st.integers(10, 20_000).map(lambda s: timedelta(seconds=s)),
).map(lambda flaps: Policies(flapping=flaps))


def bounced(*minutes: float, start: Fault = PORT, by: Policies = POLICIES) -> Fault:
    fault = start
    for minute in minutes:
        fault = flapping.down(fault, START + minute * MINUTE, by)
    return fault


def test_the_fourth_time_within_minutes_is_flapping_and_says_so() -> None:
    third, fourth = bounced(0, 1, 2), bounced(0, 1, 2, 3)
    assert (third.flapping, third.reason) == (False, "oper down, admin up")
    assert (fourth.flapping, fourth.reason) == (True, "oper down, admin up; flapping, 4 times in 0:03:00")


def test_two_or_three_outages_in_an_hour_may_have_causes_of_their_own() -> None:
    assert not bounced(0, 20, 40, 60).flapping
    assert not bounced(*range(0, 600, 30)).flapping


def test_every_quarter_of_an_hour_is_flapping_in_the_end() -> None:
    assert bounced(*range(0, 120, 15)).flapping


def test_what_is_long_over_counts_for_nothing() -> None:
    again = bounced(0, 1, 2, 300)
    assert (again.flaps, again.unsteady_since, again.penalty) == (1, START + 300 * MINUTE, 1.0)


def test_a_suspect_that_flaps_is_believed_by_that_alone() -> None:
    suspect = replace(PORT, state=FaultState.SUSPECT)
    assert bounced(0, 1, 2, start=suspect).state is FaultState.SUSPECT
    believed = bounced(0, 1, 2, 3, start=suspect)
    assert (believed.state, believed.confirmed) == (FaultState.CONFIRMED, START + 3 * MINUTE)


def test_the_next_fault_of_the_same_subject_goes_on_counting() -> None:
    before = replace(bounced(0, 1, 2), id="before", state=FaultState.CLEARED, cleared=START + 3 * MINUTE)
    other = replace(before, id="other", subject=Subject("r2"), penalty=9.0)
    older = replace(bounced(0), id="older")
    fresh = replace(PORT, id="fresh", state=FaultState.SUSPECT, began=START + 4 * MINUTE)
    now = flapping.steadied(None, fresh, fresh.began, POLICIES, lambda: [older, before, other, fresh])
    assert (now.flaps, now.unsteady_since, now.flapping) == (4, START, True)


def test_it_is_over_only_after_it_held_still_and_the_sum_came_down() -> None:
    still = replace(bounced(0, 1, 2, 3), recovering=START + 4 * MINUTE)
    over = replace(still, state=FaultState.CLEARED, cleared=still.recovering)
    for minutes, state in ((5, FaultState.CONFIRMED), (15, FaultState.CONFIRMED), (40, FaultState.CLEARED)):
        now = flapping.steadied(still, over, START + minutes * MINUTE, POLICIES, list)
        assert now.state is state
        assert now is (still if state is FaultState.CONFIRMED else over)


def test_one_that_stays_down_is_down_and_flaps_no_more() -> None:
    fault = bounced(0, 1, 2, 3)
    assert flapping.steadied(fault, fault, START + 10 * MINUTE, POLICIES, list) is fault
    calm = flapping.steadied(fault, fault, START + 60 * MINUTE, POLICIES, list)
    assert (calm.flapping, calm.active, calm.reason) == (False, True, "oper down, admin up")


def test_a_time_down_that_the_device_told_of_is_not_counted_again_when_a_poll_sees_it() -> None:
    up = replace(bounced(0, 1, 2, 3), recovering=START + 4 * MINUTE)
    heard = bounced(5, start=up)
    seen = flapping.steadied(heard, replace(heard, recovering=None), START + 5.2 * MINUTE, POLICIES, list)
    assert (seen.flaps, heard.flaps) == (5, 5)
    unheard = flapping.steadied(up, replace(up, recovering=None), START + 5.2 * MINUTE, POLICIES, list)
    assert unheard.flaps == 5


def test_a_lost_packet_counts_only_once_it_is_believed_and_a_port_at_once() -> None:
    for kind, expected in ((FaultKind.DEVICE_UNREACHABLE, 0), (FaultKind.INTERFACE_DOWN, 1)):
        suspect = replace(PORT, kind=kind, state=FaultState.SUSPECT)
        assert flapping.steadied(None, suspect, START, POLICIES, list).flaps == expected
        confirmed = replace(suspect, state=FaultState.CONFIRMED, flaps=expected)
        assert flapping.steadied(suspect, confirmed, START, POLICIES, list).flaps == 1


def test_its_story_says_how_often_from_when_to_when_and_how_it_ended() -> None:
    fault = bounced(0, 1, 2, 3)
    told = "r1/interface:Gi0/1: flapped 4 times between 2026-03-02 08:00:00 UTC and 2026-03-02 08:03:00 UTC"
    assert flapping.story(fault) == f"{told}, down since 2026-03-02 08:03:00 UTC"
    up = replace(fault, recovering=START + 5 * MINUTE)
    assert flapping.story(up) == f"{told}, up since 2026-03-02 08:05:00 UTC"
    assert flapping.story(PORT) == ""


@given(times, policies)
def test_the_sum_stays_below_its_bound_and_holding_still_ends_it_within_the_longest_time(
    downs: list[object], by: Policies
) -> None:
    found = flapping.series(downs, by)  # type: ignore[arg-type]
    if found is None:
        assert not downs
        return
    assert 1.0 <= found.worth <= flapping.ceiling(by)
    assert found.first <= found.last and 1 <= found.times <= len(downs)
    longest = by.flapping.longest or flapping.half_life(by)
    bound = max(longest, flapping.half_life(by) * 5)  # where `longest` is shorter than `suppress` needs
    assert flapping.worth(found.worth, bound, by) <= max(by.flapping.reuse, found.worth / 32) * 1.000001


@given(times, policies, st.randoms())
def test_the_order_in_which_times_down_are_told_does_not_matter(
    downs: list[object], by: Policies, random: object
) -> None:
    mixed = list(downs)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert flapping.series(mixed, by) == flapping.series(downs, by)  # type: ignore[arg-type]


@given(st.lists(st.integers(-3600, 3600), max_size=20), policies)
def test_a_clock_that_jumps_never_makes_a_sum_grow_by_more_than_one_a_time(steps: list[int], by: Policies) -> None:
    fault, at = PORT, START
    for step in steps:
        before, at = flapping.left(fault, at, by), at + timedelta(seconds=step)
        fault = flapping.down(fault, at, by)
        assert 1.0 <= fault.penalty <= before + 1 + 1e-9
        assert fault.penalty_at is not None and fault.unsteady_since is not None
        assert fault.unsteady_since <= fault.penalty_at
