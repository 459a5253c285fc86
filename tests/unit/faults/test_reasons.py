"""The list of reasons why a problem has no case, and the ledger that follows from the faults."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.faults import ledger, suppression
from agent.faults.correlation import Problem
from agent.faults.fault import Fault, FaultKind, FaultState, Reason
from agent.faults.suppression import Circumstances
from agent.observation import ComponentKind, Subject

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SETTLE = Circumstances(settle=20 * SECOND)


def fault(name: str = "a", kind: FaultKind = FaultKind.DEVICE_UNREACHABLE, **changes: object) -> Fault:
    made = Fault(
        id=f"{kind}|{name}",
        subject=Subject(name),
        kind=kind,
        state=FaultState.CONFIRMED,
        began=NOON,
        confirmed=NOON + 30 * SECOND,
        reason="no answer to icmp",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def problem(root: Fault) -> Problem:
    return Problem(root.key, root.kind, root.subject, root, "a whole path leads to it, and it does not answer")


def why(root: Fault, known: Circumstances = SETTLE, after: timedelta = MINUTE) -> Reason | None:
    held = suppression.reason(problem(root), known, NOON + after)
    return held.word if held else None


def test_a_problem_that_nothing_holds_back_has_no_reason() -> None:
    assert why(fault()) is None


@pytest.mark.parametrize(
    ("root", "known", "word"),
    [
        (fault(acknowledged="li: known"), SETTLE, Reason.ACKNOWLEDGED),
        (fault(), Circumstances(opens=False), Reason.NO_CASE),
        (fault(), Circumstances(settle=5 * MINUTE), Reason.SETTLING),
        (fault(recovering=NOON + 50 * SECOND), SETTLE, Reason.RECOVERING),
        (fault(recovering=NOON + 50 * SECOND, flapping=True), SETTLE, None),
        (fault(case=7), Circumstances(opens=False), None),
    ],
)
def test_each_reason_has_its_word(root: Fault, known: Circumstances, word: Reason | None) -> None:
    assert why(root, known) is word


def test_settling_says_until_when_and_is_over_then() -> None:
    held = suppression.reason(problem(fault()), SETTLE, NOON + 31 * SECOND)
    assert held
    assert held.until == NOON + 50 * SECOND
    assert suppression.reason(problem(fault()), SETTLE, held.until) is None


def test_while_the_devices_around_it_are_unclear_it_waits_longer_and_not_for_ever() -> None:
    unclear = Circumstances(settle=20 * SECOND, unclear=MINUTE)
    assert why(fault(), unclear, 100 * SECOND) is Reason.SETTLING
    assert why(fault(), unclear, 111 * SECOND) is None
    assert why(fault(), Circumstances(unclear=MINUTE), 31 * SECOND) is None  # the policy says not to wait


def test_what_is_acknowledged_can_be_taken_back() -> None:
    said = suppression.acknowledged(fault(), "li", "known")
    assert said.acknowledged == "li: known"
    assert suppression.unacknowledged(said) == fault()


MOMENTS = st.none() | st.just(NOON + MINUTE)


@given(
    state=st.sampled_from(FaultState),
    confirmed=MOMENTS,
    cleared=MOMENTS,
    cause=st.sampled_from(["", "other"]),
    case=st.sampled_from([0, 7]),
    word=st.none() | st.sampled_from(Reason),
    flapping=st.booleans(),
)
def test_every_fault_has_a_case_or_a_line_with_a_word_and_a_sentence(
    state: FaultState,
    confirmed: datetime | None,
    cleared: datetime | None,
    cause: str,
    case: int,
    word: Reason | None,
    flapping: bool,
) -> None:
    because, sentence = "behind it" if cause else "", "said" if word else ""
    one = fault(state=state, confirmed=confirmed, cleared=cleared, cause=cause, because=because, case=case)
    one = replace(one, suppressed_as=word, suppressed=sentence, flapping=flapping)
    found = ledger.lines([one])
    assert one.case or found
    assert all(line.why.sentence and line.since for line in found)
    assert sum(ledger.counts([one]).values()) == len(found)


def test_a_part_of_a_device_is_counted_by_its_reason() -> None:
    port = fault(kind=FaultKind.INTERFACE_DOWN, subject=Subject("a", ComponentKind.INTERFACE, "Gi0/1"))
    held = replace(port, suppressed="maintenance: swap", suppressed_as=Reason.MAINTENANCE)
    assert ledger.counts([held, fault(case=7)])[Reason.MAINTENANCE] == 1
