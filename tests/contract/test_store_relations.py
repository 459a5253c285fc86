"""Cases that have to do with each other, on every database."""

from dataclasses import replace

import pytest

from agent.cases.case import Case, CaseKind, CaseState, Severity
from agent.cases.relations import Relation, Sort
from agent.errors import RefusedError, UsageError
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory import topology
from agent.observation import Subject
from agent.pipeline import moving
from agent.pipeline.casework import Casework
from agent.ports import Store
from tests.story import START, device, inventory


@pytest.fixture
def cases(store: Store) -> list[int]:
    made = []
    for name in ("r1", "r2", "r3"):
        case = Case(
            problem=f"device_unreachable|{name}", kind=FaultKind.DEVICE_UNREACHABLE, subject=Subject(name),
            severity=Severity.P2, state=CaseState.NEW, opened=START, updated=START, root=f"f-{name}",
        )  # fmt: skip
        fault = Fault(
            id=f"f-{name}", subject=Subject(name), kind=FaultKind.DEVICE_UNREACHABLE, state=FaultState.CONFIRMED,
            began=START, reason="",
        )  # fmt: skip
        with store.begin() as tx:
            made.append(tx.open_case(case).number)
            tx.save_faults([replace(fault, case=made[-1])])
    return made


def test_two_cases_are_linked_once_and_each_knows_of_the_other(store: Store, cases: list[int]) -> None:
    one, two, _ = cases
    with store.begin() as tx:
        assert moving.link(tx, two, one, "li", "", START)
        assert not moving.link(tx, one, two, "li", "", START)
    with store.read() as tx:
        assert [c.number for c in tx.related(one)] == [two]
        assert [c.number for c in tx.related(two)] == [one]
        assert len(tx.timeline(one)) == 1
    with store.begin() as tx:
        assert tx.unrelate(two, one) and not tx.unrelate(one, two)


def test_a_case_is_resolved_after_its_parts(store: Store, cases: list[int]) -> None:
    one, two, three = cases
    with store.begin() as tx:
        moving.adopt(tx, two, one, "li", "", START)
        moving.adopt(tx, three, two, "li", "", START)
    with store.begin() as tx, pytest.raises(RefusedError, match="already: it cannot be the other way round"):
        moving.adopt(tx, one, three, "li", "", START)
    with store.begin() as tx, pytest.raises(RefusedError, match="NC-000002 is a part of NC-000001 and not resolved"):
        moving.move(tx, one, CaseState.RESOLVED, "li", "done", START)
    with store.begin() as tx:
        moving.let_go(tx, two, "li", "", START)
        assert moving.move(tx, one, CaseState.RESOLVED, "li", "done", START).state is CaseState.RESOLVED


def test_a_merged_case_gives_its_faults_parts_and_duplicates_to_the_other(store: Store, cases: list[int]) -> None:
    one, two, three = cases
    with store.begin() as tx:
        moving.merge(tx, three, two, "li", "the same", START)
        part = moving.split(tx, two, "k", "order a fibre", None, "li", START)
        assert (part.kind, part.parent) == (CaseKind.REPORTED, two)
    with store.begin() as tx:
        assert moving.merge(tx, two, one, "li", "the same", START).number == one
    with store.read() as tx:
        assert {fault.case for fault in tx.faults()} == {one}
        assert [c.number for c in tx.children(one)] == [part.number]
        assert {c.merged_into for c in tx.cases() if c.number in {two, three}} == {one}
        assert tx.taken_over() == {"device_unreachable|r2": one, "device_unreachable|r3": one}
        assert [case.number for case in tx.duplicates(one)] == [two, three]


def test_a_duplicate_stays_one_whoever_links_it_later(store: Store, cases: list[int]) -> None:
    one, two, _ = cases
    with store.begin() as tx:
        moving.merge(tx, two, one, "li", "the same", START)
        assert not tx.relate(Relation(case=one, other=two, at=START, actor="li"))
        assert tx.related(one) == ()
        assert tx.relate(Relation(case=one, other=three_of(cases), sort=Sort.RELATED, at=START, actor="li"))


def three_of(cases: list[int]) -> int:
    return cases[2]


def test_a_case_that_is_not_there_is_named(store: Store, cases: list[int]) -> None:
    with store.begin() as tx, pytest.raises(UsageError, match="there is no case NC-000099"):
        moving.link(tx, cases[0], 99, "li", "", START)


def test_a_part_of_a_part_that_takes_the_whole_over_is_not_a_part_of_itself(store: Store, cases: list[int]) -> None:
    one, two, three = cases
    with store.begin() as tx:
        moving.adopt(tx, two, one, "li", "", START)
        moving.adopt(tx, three, two, "li", "", START)
        moving.merge(tx, one, three, "li", "the same", START)
    with store.begin() as tx:
        assert tx.children(three) == ()
        assert [c.number for c in tx.children(two)] == [three]
        moving.move(tx, three, CaseState.RESOLVED, "li", "done", START)


def test_what_is_broken_is_not_merged_into_what_is_resolved(store: Store, cases: list[int]) -> None:
    one, two, _ = cases
    with store.begin() as tx:
        moving.move(tx, one, CaseState.RESOLVED, "li", "done", START)
    with store.begin() as tx, pytest.raises(RefusedError, match="NC-000001 is resolved and NC-000002 is not: reopen"):
        moving.merge(tx, two, one, "li", "the same", START)


def test_a_case_that_is_watched_is_open_again_with_what_is_broken_of_a_duplicate(
    store: Store, cases: list[int]
) -> None:
    one, two, _ = cases
    with store.begin() as tx:
        moving.move(tx, one, CaseState.MONITORING, "li", "it works", START)
        goes_on = moving.merge(tx, two, one, "li", "the same", START)
    assert (goes_on.state, goes_on.recovered) == (CaseState.NEW, None)


def test_what_a_person_put_together_follows_when_netcase_merges_the_case(store: Store, cases: list[int]) -> None:
    one, two, three = cases
    network = inventory([device("r1"), device("r2"), device("r3")], [], ["r1"])
    with store.begin() as tx:
        moving.merge(tx, three, two, "li", "the same", START)
        part = moving.split(tx, two, "k", "order a fibre", None, "li", START)
        work = Casework(tx, network, topology.build(network, {}), set(), START)
        work.merge(moving.known(tx, two), moving.known(tx, one))
    with store.read() as tx:
        assert tx.taken_over() == {"device_unreachable|r3": one}
        assert [child.number for child in tx.children(one)] == [part.number]
        assert {fault.case for fault in tx.faults()} == {one}


def test_no_case_becomes_a_part_of_itself_when_netcase_merges_the_whole_into_a_part(
    store: Store, cases: list[int]
) -> None:
    one, two, three = cases
    network = inventory([device("r1"), device("r2"), device("r3")], [], ["r1"])
    with store.begin() as tx:
        moving.adopt(tx, one, three, "li", "", START)
        moving.adopt(tx, three, two, "li", "", START)
        work = Casework(tx, network, topology.build(network, {}), set(), START)
        work.merge(moving.known(tx, two), moving.known(tx, one))
    with store.read() as tx:
        assert [moving.known(tx, number).parent for number in (one, three)] == [three, 0]
