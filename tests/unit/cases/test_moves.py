"""What a person may do to a case, and what it does by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cases import closing, moves
from agent.cases.case import Case, CaseState, Severity
from agent.cases.moves import By
from agent.errors import RefusedError
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory.policies import Policies
from agent.observation import Subject
from tests.story import START

CASE = Case(
    problem="device_unreachable|r1", kind=FaultKind.DEVICE_UNREACHABLE, subject=Subject("r1"), severity=Severity.P2,
    state=CaseState.NEW, opened=START, updated=START, root="f", number=7,
)  # fmt: skip
OPEN = Fault(
    id="f", subject=Subject("r1"), kind=FaultKind.DEVICE_UNREACHABLE, state=FaultState.CONFIRMED, began=START, reason=""
)
OVER = replace(OPEN, state=FaultState.CLEARED, cleared=START + timedelta(minutes=5))


def test_only_a_resolved_case_is_closed_and_then_it_is_over() -> None:
    with pytest.raises(RefusedError, match="NC-000007 is new and cannot become closed: resolve it first"):
        moves.move(CASE, CaseState.CLOSED, "li", "done", START)
    resolved, _ = moves.move(CASE, CaseState.RESOLVED, "li", "cable replaced", START)
    closed, entry = moves.move(resolved, CaseState.CLOSED, "li", "customer agrees", START)
    assert (closed.live, closed.closed, entry.actor, entry.text) == (False, START, "li", "customer agrees")


@pytest.mark.parametrize(
    ("case", "to", "says"),
    [
        (CASE, CaseState.NEW, "NC-000007 is new already"),
        (
            replace(CASE, state=CaseState.RESOLVED, live=False),
            CaseState.IN_PROGRESS,
            "longer ago than its grace period",
        ),
        (replace(CASE, state=CaseState.CLOSED), CaseState.IN_PROGRESS, "closed for ever: open a new case and link"),
        (
            replace(CASE, state=CaseState.RESOLVED),
            CaseState.WITH_VENDOR,
            "cannot become with vendor: reopen",
        ),
        (replace(CASE, state=CaseState.RESOLVED, merged_into=3), CaseState.CLOSED, "what goes on is NC-000003"),
        (
            replace(CASE, state=CaseState.MONITORING),
            CaseState.ASSIGNED,
            "from here: in progress, new, resolved",
        ),
    ],
)
def test_a_move_that_is_not_possible_says_why_and_what_is(case: Case, to: CaseState, says: str) -> None:
    assert says in moves.refusal(case, to)
    with pytest.raises(RefusedError):
        moves.move(case, to, "li", "because", START)


def test_what_moves_a_case_by_itself_stands_in_the_table() -> None:
    made = {(m.to, s) for m in moves.TABLE if m.by is By.NETCASE for s in m.sources}
    for state in CaseState:
        case = replace(CASE, state=state, recovered=START, resolved=START, assignee="li")
        tended, _ = closing.tend(case, [OVER], Policies(grace=timedelta(days=9)), START + timedelta(days=1))
        assert tended.state is state or (tended.state, state) in made
    for who in ("", "li"):
        for state in (CaseState.MONITORING, CaseState.RESOLVED):
            back, _ = closing.relapse(replace(CASE, state=state, assignee=who), START)
            assert (back.state, state) in made


def test_who_gives_a_case_back_works_on_it_no_more() -> None:
    mine = replace(CASE, state=CaseState.IN_PROGRESS, assignee="li")
    assert moves.move(mine, CaseState.NEW, "li", "my shift ends", START)[0].assignee == ""


def test_the_diagram_draws_every_move_of_the_table() -> None:
    drawn = moves.diagram()
    assert all(f": {move.name}" in drawn for move in moves.TABLE)
    assert all(f" {state}" in drawn for state in CaseState)


def test_a_move_needs_a_reason() -> None:
    with pytest.raises(RefusedError, match="say why"):
        moves.move(CASE, CaseState.RESOLVED, "li", "", START)


def test_assigning_a_new_case_makes_it_assigned_and_leaves_others_as_they_are() -> None:
    assert moves.assign(CASE, "wang", "li", START)[0].state is CaseState.ASSIGNED
    assert moves.assign(replace(CASE, state=CaseState.MONITORING), "wang", "li", START)[0].state is CaseState.MONITORING
    with pytest.raises(RefusedError):
        moves.assign(replace(CASE, state=CaseState.CLOSED), "wang", "li", START)


@given(st.lists(st.sampled_from(list(CaseState)), max_size=20))
def test_no_row_of_moves_leads_out_of_closed_or_into_it_but_from_resolved(wishes: list[CaseState]) -> None:
    case = CASE
    for wish in wishes:
        try:
            after, _ = moves.move(case, wish, "li", "because", START)
        except RefusedError:
            continue
        assert case.state is not CaseState.CLOSED
        assert wish is not CaseState.CLOSED or case.state is CaseState.RESOLVED
        assert after.live is (wish is not CaseState.CLOSED)
        case = after


def test_a_recovered_case_is_watched_resolved_after_the_quiet_time_and_let_go_after_the_grace() -> None:
    policies = Policies(quiet=timedelta(minutes=10), grace=timedelta(hours=1))
    case, entry = closing.tend(CASE, [OVER], policies, START + timedelta(minutes=6))
    assert entry is not None
    assert (case.state, case.recovered) == (CaseState.MONITORING, OVER.cleared)
    assert closing.tend(case, [OVER], policies, START + timedelta(minutes=14))[0] is case
    case, _ = closing.tend(case, [OVER], policies, START + timedelta(minutes=15))
    assert case.state is CaseState.RESOLVED
    case, entry = closing.tend(case, [OVER], policies, START + timedelta(minutes=75))
    assert (case.live, entry) == (False, None)


def test_a_case_with_an_open_fault_stays_as_it_is() -> None:
    assert closing.tend(CASE, [OVER, OPEN], Policies(), START + timedelta(days=1)) == (CASE, None)


def test_hardware_on_its_way_is_not_given_up_because_the_fault_is_over() -> None:
    case = replace(CASE, state=CaseState.RMA_PENDING)
    assert closing.tend(case, [OVER], Policies(), START + timedelta(days=1)) == (case, None)


def test_a_relapse_counts_as_reopened_only_when_people_were_told_that_it_is_over() -> None:
    watched = replace(CASE, state=CaseState.MONITORING, recovered=START)
    assert closing.relapse(watched, START)[0].reopened == 0
    assert closing.relapse(replace(watched, state=CaseState.RESOLVED, resolved=START), START)[0].reopened == 1


def test_an_acknowledgement_holds_until_it_lapses_and_says_who_and_why() -> None:
    until = START + timedelta(hours=4)
    known, entry = moves.acknowledge(CASE, "li", until, "a known cable", START)
    assert (known.state, known.acknowledged_by, known.acknowledged_until) == (CASE.state, "li", until)
    assert entry.text == "acknowledged until 2026-03-02 12:00:00 UTC: a known cable"
    assert moves.is_acknowledged(known, until - timedelta(seconds=1)) and not moves.is_acknowledged(known, until)
    ever, entry = moves.acknowledge(CASE, "li", None, "", START)
    assert entry.text == "acknowledged until it is over"
    assert moves.is_acknowledged(ever, until) and not moves.is_acknowledged(moves.unacknowledged(ever), START)


def test_there_is_nothing_to_acknowledge_in_what_is_over_or_for_a_time_that_is() -> None:
    with pytest.raises(RefusedError, match="nothing to acknowledge"):
        moves.acknowledge(replace(CASE, state=CaseState.RESOLVED), "li", None, "", START)
    with pytest.raises(RefusedError, match="--until must lie ahead"):
        moves.acknowledge(CASE, "li", START, "", START)
