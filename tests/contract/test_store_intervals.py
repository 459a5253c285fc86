"""Coverage and state intervals in the store."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.faults.availability import Interval, Span
from agent.observation import ComponentKind, Subject
from agent.ports import Store, Transaction
from agent.storage.engine import SqlStore, open_store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
A, GI = Subject("a"), Subject("a", ComponentKind.INTERFACE, "Gi0/1")


def at(minute: float) -> datetime:
    return NOON + minute * MINUTE


def change(store: Store, subject: Subject, *told: tuple[str, float]) -> list[bool]:
    with store.begin() as tx:
        return [tx.change(subject, state, at(minute)) for state, minute in told]


def lines(store: Store, subject: Subject) -> list[tuple[str, datetime, datetime | None]]:
    with store.read() as tx:
        found = tx.intervals(NOON - DAY, NOON + DAY, device=subject.device)
    return [(each.state, each.began, each.ended) for each in found if each.subject == subject]


def test_a_change_ends_one_interval_and_begins_the_next(store: Store) -> None:
    assert change(store, A, ("up", 0), ("up", 1), ("down", 2), ("down", 3), ("up", 4)) == [
        True,
        False,
        True,
        False,
        True,
    ]
    assert lines(store, A) == [("up", at(0), at(2)), ("down", at(2), at(4)), ("up", at(4), None)]


def test_intervals_are_told_of_components_that_are_called_so(store: Store) -> None:
    other = Subject("b", ComponentKind.INTERFACE, "Gi0/2")
    change(store, GI, ("up", 0), ("down", 1))
    change(store, other, ("up", 0))
    with store.read() as tx:
        found = tx.intervals(NOON - DAY, NOON + DAY, kind=ComponentKind.INTERFACE, names={"Gi0/1", "Gi0/3"})
    assert [(each.subject, each.state) for each in found] == [(GI, "up"), (GI, "down")]


def test_present_states_are_told_by_subject(store: Store) -> None:
    change(store, GI, ("up", 0), ("down", 1))
    change(store, A, ("up", 0))
    change(store, Subject("b"), ("down", 0))
    with store.read() as tx:
        assert list(tx.states("a").items()) == [(A, "up"), (GI, "down")]
        assert tx.states("nobody") == {}


def test_a_change_dated_back_within_the_present_state_counts_from_that_date(store: Store) -> None:
    change(store, A, ("up", 0), ("down", 5), ("up", 10))
    assert change(store, A, ("down", 11)) == [True]
    assert lines(store, A)[-2:] == [("up", at(10), at(11)), ("down", at(11), None)]


def test_a_change_dated_back_before_the_present_state_takes_its_place(store: Store) -> None:
    change(store, A, ("up", 0), ("down", 5), ("admin_down", 3))
    assert lines(store, A) == [("up", at(0), at(5)), ("admin_down", at(5), None)]


def test_a_change_dated_back_to_the_former_state_takes_the_present_one_away(store: Store) -> None:
    change(store, A, ("up", 0), ("down", 5), ("up", 5))
    assert lines(store, A) == [("up", at(0), None)]
    change(store, A, ("down", -1))
    assert lines(store, A) == [("down", at(0), None)], "there was nothing before"


def test_intervals_of_a_period_are_those_that_overlap_it_oldest_first(store: Store) -> None:
    change(store, A, ("up", 0), ("down", 5), ("up", 10), ("down", 15), ("up", 20))
    change(store, GI, ("up", 1))
    change(store, Subject("b"), ("up", 1))
    with store.read() as tx:
        found = tx.intervals(at(5), at(15), device="a")
        assert [(each.subject, each.state, each.began) for each in found] == [
            (GI, "up", at(1)),
            (A, "down", at(5)),
            (A, "up", at(10)),
        ]
        assert [each.subject for each in tx.intervals(at(5), at(6), kind=ComponentKind.DEVICE)] == [Subject("b"), A]
        assert tx.intervals(at(5), at(6), kind=ComponentKind.INTERFACE) == (Interval(GI, "up", at(1)),)


def cover(store: Store, *minutes: float, device: str = "a", what: str = "reachability") -> None:
    with store.begin() as tx:
        for minute in minutes:
            tx.cover(device, what, at(minute), 2 * MINUTE)


def spans(store: Store, start: float, end: float) -> list[tuple[float, float]]:
    with store.read() as tx:
        found = tx.coverage("reachability", at(start), at(end), "a").get("a", [])
    return [((each.start - NOON) / MINUTE, (each.end - NOON) / MINUTE) for each in found]


def test_sights_within_the_gap_make_one_span_and_a_longer_gap_parts_two(store: Store) -> None:
    cover(store, 0, 1, 3, 5, 8, 9)
    assert spans(store, -10, 20) == [(0, 5), (8, 9)]


def test_coverage_is_cut_to_the_period(store: Store) -> None:
    cover(store, 0, 1, 3, 5, 8, 9)
    assert spans(store, 1, 8.5) == [(1, 5), (8, 8.5)]
    assert spans(store, 5, 8) == []


def test_a_single_sight_covers_no_time_yet(store: Store) -> None:
    cover(store, 0)
    assert spans(store, -10, 20) == []
    cover(store, 2)
    assert spans(store, -10, 20) == [(0, 2)]


def test_a_sight_that_comes_late_adds_nothing(store: Store) -> None:
    cover(store, 10, 11, 9, 5, 11)
    assert spans(store, 0, 20) == [(10, 11)]


def test_coverage_is_told_by_device_and_kind_of_sight(store: Store) -> None:
    cover(store, 0, 1, device="b")
    cover(store, 0, 1, device="a", what="snmp")
    cover(store, 0, 2, device="a")
    with store.read() as tx:
        everyone = tx.coverage("reachability", at(0), at(9))
        assert list(everyone.items()) == [("a", [Span(at(0), at(2))]), ("b", [Span(at(0), at(1))])]
        assert tx.coverage("snmp", at(0), at(9)) == {"a": [Span(at(0), at(1))]}


@pytest.fixture(scope="module")
def one_store() -> Iterator[SqlStore]:
    with tempfile.TemporaryDirectory() as folder:
        opened = open_store(f"sqlite:///{folder}/netcase.db")
        yield opened
        opened.close()


@contextmanager
def undone(store: SqlStore) -> Iterator[Transaction]:
    """A transaction that leaves nothing behind."""
    with suppress(InterruptedError), store.begin() as tx:
        yield tx
        raise InterruptedError


@settings(max_examples=150, deadline=None)
@given(told=st.lists(st.tuples(st.sampled_from(["up", "down", "admin_down"]), st.integers(0, 30)), max_size=25))
def test_intervals_never_overlap_nor_run_backwards_whatever_is_told(
    one_store: SqlStore, told: list[tuple[str, int]]
) -> None:
    with undone(one_store) as tx:
        for state, minute in told:
            before = tx.states("a").get(A)
            assert tx.change(A, state, at(minute)) is (before != state)
            assert tx.states("a") == {A: state}
        found = tx.intervals(at(-1), at(99))
    assert all(each.ended is None or each.began < each.ended for each in found)
    for earlier, later in pairwise(found):
        assert earlier.ended == later.began, "no gap, no overlap"
        assert earlier.state != later.state
    assert (found[-1].ended is None and found[-1].state == told[-1][0]) if told else not found


@settings(max_examples=100, deadline=None)
@given(sights=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 5)), max_size=25))
def test_coverage_never_overlaps_and_covers_only_what_was_seen(
    one_store: SqlStore, sights: list[tuple[int, int]]
) -> None:
    with undone(one_store) as tx:
        for minute, gap in sights:
            tx.cover("a", "reachability", at(minute), gap * MINUTE)
        found = tx.coverage("reachability", at(-1), at(99)).get("a", [])
    seen = {at(minute) for minute, _ in sights}
    assert all(span.start < span.end and {span.start, span.end} <= seen for span in found)
    assert all(earlier.end < later.start for earlier, later in pairwise(found))


def test_what_is_there_no_more_has_no_present_state_and_keeps_its_past(store: SqlStore) -> None:
    port = Subject("sw", ComponentKind.INTERFACE, "Vi2.1")
    with store.begin() as tx:
        tx.change(port, "up", NOON)
        tx.end(port, NOON + timedelta(minutes=5))
        tx.end(port, NOON + timedelta(minutes=9))
        assert tx.states("sw") == {}
        assert [(i.state, i.ended) for i in tx.intervals(NOON, NOON + timedelta(hours=1), device="sw")] == [
            ("up", NOON + timedelta(minutes=5))
        ]
        assert tx.change(port, "up", NOON + timedelta(minutes=10))
        assert tx.states("sw") == {port: "up"}


def test_sights_tell_when_each_device_was_last_observed(store: Store) -> None:
    with store.begin() as tx:
        for device, minutes in (("a", (0, 1, 30)), ("b", (1,)), ("c", (-30, -29))):
            for minute in minutes:
                tx.cover(device, "reachability", at(minute), 5 * MINUTE)
        tx.cover("c", "snmp", at(1), MINUTE)
    with store.read() as tx:
        assert tx.sights("reachability", NOON) == {"a": at(30), "b": at(1)}
        assert tx.sights("reachability", at(31)) == {}
