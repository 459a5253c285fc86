"""Cases, their timeline, decisions and evidence in the store."""

import dataclasses
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.cases.case import Action, Case, CaseState, Decision, Entry, Evidence, EvidenceState, Severity
from agent.errors import CollisionError, StoreError
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory.windows import Window
from agent.observation import ComponentKind, Subject
from agent.ports import Store
from agent.storage import tables

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def a_case(problem: str = "link a-b", **changes: object) -> Case:
    made = Case(
        problem=problem,
        kind=FaultKind.INTERFACE_DOWN,
        subject=Subject("a", ComponentKind.INTERFACE, "Gi0/1"),
        severity=Severity.P3,
        state=CaseState.NEW,
        opened=NOON,
        updated=NOON,
        root="f1",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def evidence(case: Case, **changes: object) -> Evidence:
    made = Evidence(case=case.number, device="a", command="show log", tier="quick", state=EvidenceState.QUEUED, at=NOON)
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "table", "others"),
    [
        (Case, tables.cases, {"device", "component", "component_name", "attend"}),
        (Entry, tables.entries, {"id"}),
        (Decision, tables.decisions, {"id"}),
        (Evidence, tables.evidence, set()),
    ],
)
def test_every_field_of_a_case_and_its_record_has_a_column(kind: type, table: object, others: set[str]) -> None:
    names = {field.name for field in dataclasses.fields(kind)} - {"subject"} | others
    assert {"case_number" if name == "case" else name for name in names} == set(table.c.keys())  # type: ignore[attr-defined]


def test_a_case_gets_a_number_and_comes_back_as_it_was_stored(store: Store) -> None:
    full = a_case(
        customer="acme",
        site="beijing",
        contract="C-1",
        contract_status="valid",
        assignee="li",
        began=NOON - MINUTE,
        recovered=NOON + MINUTE,
        resolved=NOON + HOUR,
        closed=NOON + 2 * HOUR,
        reopened=2,
        symptoms=3,
    )
    with store.begin() as tx:
        first, second = tx.open_case(full), tx.open_case(a_case("another"))
    assert (first.number, second.number) == (1, 2)
    with store.read() as tx:
        assert tx.case(1) == first == replace(full, number=1)
        assert tx.live_cases() == (first, second)
        assert tx.case(99) is None


def test_a_second_live_case_of_a_problem_collides_and_the_transaction_goes_on(store: Store) -> None:
    with store.begin() as tx:
        first = tx.open_case(a_case())
        with pytest.raises(CollisionError):
            tx.open_case(a_case(severity=Severity.P1))
        tx.log([Entry(case=first.number, at=NOON, action=Action.OPENED, text="opened")])
    with store.read() as tx:
        assert tx.live_cases() == (first,)
        assert len(tx.timeline(first.number)) == 1


def test_a_problem_may_have_a_new_case_when_the_old_one_is_no_longer_live(store: Store) -> None:
    with store.begin() as tx:
        first = tx.open_case(a_case())
        tx.save_case(replace(first, live=False, state=CaseState.CLOSED, closed=NOON + HOUR))
        second = tx.open_case(a_case())
        with pytest.raises(CollisionError):
            tx.save_case(replace(first, state=CaseState.IN_PROGRESS))
    with store.read() as tx:
        assert tx.live_cases() == (second,)


def test_cases_of_a_period_are_those_opened_before_its_end_and_not_over_before_its_start(store: Store) -> None:
    over = {"state": CaseState.RESOLVED, "live": False}
    with store.begin() as tx:
        tx.open_case(a_case("over before", **over, resolved=NOON + HOUR, opened=NOON))
        tx.open_case(a_case("over within", **over, resolved=NOON + 3 * HOUR, opened=NOON + MINUTE))
        tx.open_case(a_case("open", opened=NOON + 2 * MINUTE))
        tx.open_case(a_case("later", opened=NOON + 5 * HOUR))
    with store.read() as tx:
        found = tx.cases(start=NOON + 2 * HOUR, end=NOON + 5 * HOUR)
        assert [each.problem for each in found] == ["open", "over within"], "newest first"
        assert [each.problem for each in tx.cases(limit=1)] == ["later"]


def test_cases_are_found_by_device_customer_and_state(store: Store) -> None:
    with store.begin() as tx:
        tx.open_case(a_case("one", customer="acme"))
        tx.open_case(a_case("two", subject=Subject("b"), state=CaseState.MONITORING))
    with store.read() as tx:
        assert [each.problem for each in tx.cases(device="b")] == ["two"]
        assert [each.problem for each in tx.cases(customer="acme")] == ["one"]
        assert [each.problem for each in tx.cases(state="monitoring")] == ["two"]
        assert [each.problem for each in tx.cases(device="b", customer="acme")] == []


def test_a_timeline_is_told_in_the_order_of_time_then_of_writing(store: Store) -> None:
    with store.begin() as tx:
        number = tx.open_case(a_case()).number
        later = Entry(case=number, at=NOON + MINUTE, action=Action.NOTE, text="later", actor="李娜", data={"k": "值"})
        early = [Entry(case=number, at=NOON, action=Action.OPENED, text=f"early {each}") for each in range(12)]
        tx.log([later, *early])
        tx.log([])
    with store.read() as tx:
        assert tx.timeline(number) == (*early, later)


def test_a_line_for_a_case_that_is_not_stored_is_refused(store: Store) -> None:
    with pytest.raises(StoreError), store.begin() as tx:
        tx.log([Entry(case=77, at=NOON, action=Action.NOTE, text="for nobody")])


def test_decisions_are_told_newest_first_and_cut_to_a_limit(store: Store) -> None:
    made = [
        Decision(
            about="NC-000001",
            at=NOON + (each // 2) * MINUTE,
            what="severity",
            outcome=f"P{each}",
            reasons=("role core", "两台"),
            would_change=("a spare",),
            inputs={"role": "core"},
        )
        for each in range(4)
    ]
    with store.begin() as tx:
        tx.record([*made, replace(made[0], about="a/interface:Gi0/1")])
    with store.read() as tx:
        assert tx.decisions("NC-000001") == tuple(reversed(made))
        assert tx.decisions("NC-000001", limit=1) == (made[3],)


def test_evidence_gets_an_id_and_is_updated_by_it(store: Store) -> None:
    with store.begin() as tx:
        number = tx.open_case(a_case())
        queued = tx.save_evidence(evidence(number))
        tx.save_evidence(evidence(number, command="show version"))
        done = replace(queued, state=EvidenceState.DONE, sha256="ab" * 32, bytes=5_000_000_000, took_s=1.5)
        assert tx.save_evidence(done) == done
    with store.read() as tx:
        assert [each.command for each in tx.evidence(number.number)] == ["show log", "show version"]
        assert tx.evidence(number.number)[0] == done


def test_the_last_collection_of_a_tier_is_remembered_but_not_one_that_never_reached_the_device(store: Store) -> None:
    with store.begin() as tx:
        number = tx.open_case(a_case())
        tx.save_evidence(evidence(number, tier="tech", at=NOON))
        tx.save_evidence(evidence(number, tier="tech", at=NOON + MINUTE, state=EvidenceState.REFUSED))
        tx.save_evidence(evidence(number, tier="quick", at=NOON + 2 * MINUTE))
    with store.read() as tx:
        assert tx.last_collected("a", "tech") == NOON
        assert tx.last_collected("a", "quick") == NOON + 2 * MINUTE
        assert tx.last_collected("b", "tech") is None


def test_faults_belong_to_a_case(store: Store) -> None:
    fault = Fault(
        id="f1",
        subject=Subject("a"),
        kind=FaultKind.DEVICE_UNREACHABLE,
        state=FaultState.CONFIRMED,
        began=NOON,
        reason="no answer",
    )
    with store.begin() as tx:
        opened = tx.open_case(a_case())
        tx.save_faults([replace(fault, case=opened.number), replace(fault, id="f2", subject=Subject("b"))])
    with store.read() as tx:
        assert [each.id for each in tx.faults(case=opened.number)] == ["f1"]
        assert [each.case for each in tx.faults()] == [opened.number, 0]


def member(number: int, case: Case, **changes: object) -> Fault:
    made = Fault(
        id=f"m{number}",
        subject=Subject("a", ComponentKind.INTERFACE, f"Gi0/{number}"),
        kind=FaultKind.INTERFACE_DOWN,
        state=FaultState.CONFIRMED,
        began=NOON,
        reason="oper down, admin up",
        case=case.number,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_case_has_recovered_when_it_has_faults_and_all_of_them_are_over(store: Store) -> None:
    over = {"state": FaultState.CLEARED, "cleared": NOON + MINUTE}
    with store.begin() as tx:
        open_one, done, empty, closed = (tx.open_case(a_case(f"p{number}")) for number in range(4))
        tx.save_case(replace(closed, live=False))
        tx.save_faults([member(1, open_one), member(2, open_one, **over), member(3, done, **over)])
        tx.save_faults([member(4, closed, **over)])
    with store.read() as tx:
        assert tx.recovered() == {done.number}
        assert [tx.members(case.number) for case in (open_one, done, empty)] == [2, 1, 0]


def test_the_mark_changes_with_a_live_case_and_with_a_window(store: Store) -> None:
    marks = []
    with store.begin() as tx:
        marks.append(tx.mark())
        case = tx.open_case(a_case())
        marks.append(tx.mark())
        tx.save_case(replace(case, severity=Severity.P1))
        marks.append(tx.mark())
        tx.save_window(Window(name="w", starts=NOON, ends=NOON + HOUR))
        marks.append(tx.mark())
        tx.save_window(Window(name="w", starts=NOON, ends=NOON + HOUR, devices=frozenset({"a"})))
        marks.append(tx.mark())
    assert len(set(marks)) == len(marks)


def test_the_latest_case_of_a_problem_is_found_live_or_over(store: Store) -> None:
    with store.begin() as tx:
        first = tx.open_case(a_case())
        tx.save_case(replace(first, live=False))
        second = tx.open_case(a_case())
        assert tx.case_about("link a-b") == second
        tx.save_case(replace(second, live=False))
        found = tx.case_about("link a-b")
        assert found is not None and found.number == second.number
        assert tx.case_about("link b-c") is None
