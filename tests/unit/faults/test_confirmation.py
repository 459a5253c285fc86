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
