"""Two that change one case at once, on every database: neither undoes what the other did."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.cases import moves
from agent.cases.case import Case, CaseState, Severity
from agent.errors import CollisionError
from agent.faults.correlation import Problem
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory import topology
from agent.observation import Subject
from agent.pipeline import moving
from agent.pipeline.casework import Casework
from agent.ports import Store, Transaction
from tests.acceptance.test_one_problem_one_case import campus

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def case(store: Store) -> Case:
    new = Case(
        problem="device_unreachable|acc1", kind=FaultKind.DEVICE_UNREACHABLE, subject=Subject("acc1"),
        severity=Severity.P2, state=CaseState.NEW, opened=NOON, updated=NOON, root="f1",
    )  # fmt: skip
    with store.begin() as tx:
        return tx.open_case(new)


@contextmanager
def meanwhile(store: Store, number: int) -> Iterator[threading.Thread]:
    """Somebody acknowledges the case while the block runs."""

    def acknowledge() -> None:
        with store.begin() as tx:
            after, entry = moves.acknowledge(moving.known(tx, number), "wang", None, "", NOON)
            tx.save_case(after)
            tx.log([entry])

    other = threading.Thread(target=acknowledge)
    yield other
    other.join(30)
    assert not other.is_alive()


def test_a_case_is_assigned_by_one_and_acknowledged_by_another_and_both_stand(store: Store, case: Case) -> None:
    with meanwhile(store, case.number) as other, store.begin() as tx:
        read = moving.known(tx, case.number)
        other.start()
        other.join(0.3)  # as long as it may take; it has to wait for us
        after, entry = moves.assign(read, "li", "li", NOON)
        tx.save_case(after)
        tx.log([entry])
    with store.read() as tx:
        found = moving.known(tx, case.number)
    assert (found.assignee, found.acknowledged_by) == ("li", "wang")


FAULT = Fault(
    id="f2", subject=Subject("acc1"), kind=FaultKind.DEVICE_UNREACHABLE, state=FaultState.CONFIRMED, began=NOON,
    reason="no answer",
)  # fmt: skip
PROBLEM = Problem(FAULT.key, FAULT.kind, FAULT.subject, FAULT, "it does not answer")


def work(tx: Transaction) -> Casework:
    inventory = campus().inventory
    return Casework(tx, inventory, topology.build(inventory, ()), set(), NOON + timedelta(minutes=1))


def test_what_a_person_did_since_the_flow_read_the_case_is_not_undone(store: Store, case: Case) -> None:
    after, _ = moves.acknowledge(case, "wang", None, "", NOON)
    with store.begin() as tx:
        tx.save_case(after)
    with store.begin() as tx:
        work(tx).join(case, PROBLEM)
    with store.read() as tx:
        assert moving.known(tx, case.number).acknowledged_by == "wang"


def test_a_case_that_a_person_ended_since_the_flow_read_it_does_not_live_again(store: Store, case: Case) -> None:
    with store.begin() as tx:
        moving.move(tx, case.number, CaseState.RESOLVED, "wang", "done", NOON)
        moving.move(tx, case.number, CaseState.CLOSED, "wang", "done", NOON)
    with pytest.raises(CollisionError, match="was ended by somebody else"), store.begin() as tx:
        work(tx).join(case, PROBLEM)
    with pytest.raises(CollisionError, match="was ended by somebody else"), store.begin() as tx:
        work(tx).merge(case, replace(case, number=99))
