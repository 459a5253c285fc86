"""Suspect, confirmed, cleared: what a row of good and bad observations makes of a fault."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.faults import confirmation
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.faults.rules import Judgement
from agent.inventory.policies import Confirmation
from agent.observation import Subject

START = datetime(2026, 3, 1, tzinfo=UTC)
STEP = timedelta(seconds=15)


def after(row: str, rule: Confirmation = Confirmation(count=3)) -> Fault | None:  # noqa: B008
    """`b` bad, `g` good, one every 15 s."""
    fault = None
    for n, letter in enumerate(row):
        judgement = Judgement(Subject("r1"), FaultKind.DEVICE_UNREACHABLE, letter == "b", "no answer")
        if fault is not None and fault.state is FaultState.CLEARED:
            fault = None
        fault = confirmation.advance(fault, judgement, START + n * STEP, rule, START - STEP)
    return fault


def state(row: str, rule: Confirmation = Confirmation(count=3)) -> FaultState | None:  # noqa: B008
    fault = after(row, rule)
    return fault.state if fault else None


def test_it_is_believed_after_so_many_bad_observations_in_a_row() -> None:
    assert [state(row) for row in ("g", "b", "bb", "bbb")] == [None, "suspect", "suspect", "confirmed"]


def test_one_good_observation_ends_a_suspicion() -> None:
    fault = after("bbg")
    assert fault is not None
    assert (fault.state, fault.confirmed) == (FaultState.CLEARED, None)


def test_a_believed_fault_ends_when_it_began_to_be_good() -> None:
    fault = after("bbbggg"[:5])
    assert fault is not None
    assert (fault.state, fault.began, fault.cleared) == (FaultState.CLEARED, START, START + 3 * STEP)


def test_a_bad_observation_in_between_starts_the_recovery_anew() -> None:
    fault = after("bbbgbg")
    assert fault is not None
    assert (fault.state, fault.recovering) == (FaultState.CONFIRMED, START + 5 * STEP)


def test_it_holds_out_for_the_time_that_the_policy_asks() -> None:
    rule = Confirmation(count=2, hold=3 * STEP)
    assert [state(row, rule) for row in ("bb", "bbb", "bbbb")] == ["suspect", "suspect", "confirmed"]


def test_nothing_is_saved_while_nothing_changes() -> None:
    fault = after("bbb")
    judgement = Judgement(Subject("r1"), FaultKind.DEVICE_UNREACHABLE, True, "no answer")
    assert confirmation.advance(fault, judgement, START + 9 * STEP, Confirmation(count=3)) is fault


@given(st.text(alphabet="bg", min_size=1, max_size=40), st.integers(1, 5))
def test_a_fault_is_only_believed_after_its_count_and_never_ends_before_it_began(row: str, count: int) -> None:
    fault = after(row, Confirmation(count=count))
    if fault and fault.confirmed:
        assert fault.confirmed >= fault.began + (count - 1) * STEP
        assert fault.last_good is not None
        assert fault.last_good < fault.began
        assert fault.cleared is None or fault.began < fault.cleared
    if row.endswith("b" * count):
        assert fault is not None
        assert fault.confirmed


# ---------------------------------------------------------------- so many of the last so many

rules = st.tuples(st.integers(1, 6), st.integers(1, 10)).map(lambda n: Confirmation(count=min(n), of=max(n)))


def confirmed_at(row: str, rule: Confirmation) -> int | None:
    """The place in the row at which a fault is believed for the first time."""
    fault = None
    for n, letter in enumerate(row):
        judgement = Judgement(Subject("r1"), FaultKind.PACKET_LOSS, letter == "b", "10 % lost")
        fault = confirmation.advance(fault, judgement, START + n * STEP, rule, START + (n - 1) * STEP)
        if fault and fault.confirmed:
            return n
        if fault and fault.state is FaultState.CLEARED:
            fault = None
    return None


@given(st.text(alphabet="bg", max_size=60), rules)
def test_it_is_believed_exactly_when_so_many_of_the_last_so_many_were_bad(row: str, rule: Confirmation) -> None:
    windows = ((n, row[max(0, n + 1 - rule.of) : n + 1]) for n in range(len(row)))
    expected = next((n for n, seen in windows if seen.count("b") >= rule.count and seen.endswith("b")), None)
    assert confirmed_at(row, rule) == expected


@given(st.text(alphabet="bg", max_size=60), rules)
def test_a_suspicion_lasts_no_longer_than_it_can_still_be_believed(row: str, rule: Confirmation) -> None:
    fault = None
    for n, letter in enumerate(row):
        judgement = Judgement(Subject("r1"), FaultKind.PACKET_LOSS, letter == "b", "10 % lost")
        fault = confirmation.advance(fault, judgement, START + n * STEP, rule, START + (n - 1) * STEP)
        if fault is None or fault.state is not FaultState.SUSPECT:
            fault = None
            continue
        since = n - (fault.began - START) // STEP + 1
        assert 1 <= since <= rule.of and row[(fault.began - START) // STEP] == "b"
        assert fault.last_good is not None and fault.last_good < fault.began
        assert fault.bad + rule.of - since >= rule.count, "enough of them can still come"
        assert len(fault.recent) <= 20 * rule.of


def test_three_of_the_last_five_over_two_minutes() -> None:
    rule = Confirmation(count=3, of=5, hold=6 * STEP)
    assert confirmed_at("bbb", rule) is None, "too soon"
    assert confirmed_at("bbgbbgb", rule) == 6
    assert confirmed_at("bggb", rule) is None


def test_what_two_rules_of_one_kind_say_of_one_poll_is_one_verdict_in_any_order() -> None:
    good = Judgement(Subject("r1"), FaultKind.CPU_HIGH, False, "20 %")
    bad = Judgement(Subject("r1"), FaultKind.CPU_HIGH, True, "97 %")
    other = Judgement(Subject("r2"), FaultKind.CPU_HIGH, False, "20 %")
    assert confirmation.verdicts([good, bad, other]) == [bad, other]
    assert set(confirmation.verdicts([other, bad, good])) == {bad, other}


@given(st.text(alphabet="bg", min_size=1, max_size=12), rules)
def test_what_is_told_twice_of_one_time_counts_once(row: str, rule: Confirmation) -> None:
    if rule.count == 1:
        return  # believed at once: there is nothing left to be told
    twice = None
    for letter in row:
        judgement = Judgement(Subject("r1"), FaultKind.PACKET_LOSS, letter == "b", "10 % lost")
        twice = confirmation.advance(twice, judgement, START, rule, None)
    assert (twice is None) == ("b" not in row)
    assert twice is None or (twice.state, twice.bad) == (FaultState.SUSPECT, 1)


def test_ending_takes_the_polls_and_the_time_that_its_rule_says() -> None:
    over = Confirmation(count=3, hold=4 * STEP)
    fault, state = None, []
    for n, letter in enumerate("bbggggg"):
        judgement = Judgement(Subject("r1"), FaultKind.CPU_HIGH, letter == "b", "97 %")
        fault = confirmation.advance(fault, judgement, START + n * STEP, Confirmation(count=2), None, over)
        state.append(fault.state if fault else None)
    assert state[-2:] == [FaultState.CONFIRMED, FaultState.CLEARED]
    assert fault is not None and fault.cleared == START + 2 * STEP


# ---------------------------------------------------------------- clocks that jump


@given(st.lists(st.tuples(st.booleans(), st.integers(-600, 600)), max_size=40), rules, st.integers(0, 120))
def test_whatever_the_clock_does_no_fault_ends_before_it_began(
    steps: list[tuple[bool, int]], rule: Confirmation, hold: int
) -> None:
    fault, at = None, START
    held = Confirmation(count=rule.count, of=rule.of, hold=timedelta(seconds=hold))
    for bad, seconds in steps:
        at += timedelta(seconds=seconds)
        judgement = Judgement(Subject("r1"), FaultKind.PACKET_LOSS, bad, "10 % lost")
        fault = confirmation.advance(fault, judgement, at, held, at - STEP)
        if fault is None:
            continue
        assert fault.last_good is None or fault.last_good <= fault.began
        assert fault.confirmed is None or fault.confirmed >= fault.began
        if fault.state is FaultState.CLEARED:
            assert fault.cleared is not None and fault.cleared >= max(fault.began, fault.confirmed or fault.began)
            fault = None


@given(st.integers(1, 10_000), st.integers(2, 4), st.booleans())
def test_a_clock_that_is_set_back_delays_belief_by_one_look_at_the_most(back: int, count: int, held: bool) -> None:
    rule = Confirmation(count=count, hold=(count - 1) * STEP if held else timedelta(0))
    fault, at = None, START
    for n in range(count + held):
        if n == 1:
            at -= timedelta(seconds=back)
        judgement = Judgement(Subject("r1"), FaultKind.DEVICE_UNREACHABLE, True, "no answer")
        fault = confirmation.advance(fault, judgement, at, rule, None)
        at += STEP
    assert fault is not None
    assert fault.state is FaultState.CONFIRMED
