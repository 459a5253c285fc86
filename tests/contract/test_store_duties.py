"""Overrides and swaps in the store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agent.cases.oncall import Duty, DutyKind
from agent.ports import Store

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
OVERRIDE = Duty(
    team="tac", level=1, kind=DutyKind.OVERRIDE, person="李娜", starts=NOON, ends=NOON + HOUR, why="病假", made=NOON,
    made_by="me",
)  # fmt: skip
SWAP = replace(
    OVERRIDE, kind=DutyKind.SWAP, other="ann", other_starts=NOON + 9 * HOUR, other_ends=NOON + 10 * HOUR, level=2
)


def test_a_change_comes_back_as_it_was_made_with_a_number(store: Store) -> None:
    with store.begin() as tx:
        one, two = tx.add_duty(OVERRIDE), tx.add_duty(SWAP)
    assert (one, two) == (replace(OVERRIDE, id=one.id), replace(SWAP, id=one.id + 1))
    with store.read() as tx:
        assert tx.duties(NOON) == (one, two)
        assert tx.duty(two.id) == two
        assert tx.duty(99) is None


def test_what_is_over_is_left_out_and_a_swap_is_over_with_the_later_of_its_two(store: Store) -> None:
    with store.begin() as tx:
        tx.add_duty(OVERRIDE)
        swap = tx.add_duty(SWAP)
    with store.read() as tx:
        assert tx.duties(NOON + HOUR) == (swap,)
        assert tx.duties(NOON + 10 * HOUR) == ()


def test_a_change_is_cancelled_once_and_then_only_told_of_when_asked(store: Store) -> None:
    with store.begin() as tx:
        number = tx.add_duty(OVERRIDE).id
    with store.begin() as tx:
        assert tx.cancel_duty(number, NOON, "ann")
        assert not tx.cancel_duty(number, NOON + HOUR, "bob")
        assert not tx.cancel_duty(number + 1, NOON, "ann")
    with store.read() as tx:
        assert tx.duties(NOON) == ()
        (kept,) = tx.duties(NOON, cancelled=True)
    assert (kept.cancelled, kept.cancelled_by) == (NOON, "ann")


def test_numbers_are_never_given_twice(store: Store) -> None:
    with store.begin() as tx:
        first = tx.add_duty(OVERRIDE).id
        tx.cancel_duty(first, NOON, "ann")
        assert tx.add_duty(OVERRIDE).id > first
