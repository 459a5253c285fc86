"""Faults in the store."""

import dataclasses
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from agent.errors import CollisionError
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.observation import ComponentKind, Subject
from agent.ports import Store
from agent.storage import tables

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def fault(number: int = 1, *, device: str = "bj-core-1", name: str = "Gi0/1", **changes: object) -> Fault:
    made = Fault(
        id=f"f{number}",
        subject=Subject(device, ComponentKind.INTERFACE, name),
        kind=FaultKind.INTERFACE_DOWN,
        state=FaultState.CONFIRMED,
        began=NOON + number * MINUTE,
        reason="oper down, admin up",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def cleared(made: Fault, at: datetime) -> Fault:
    return replace(made, state=FaultState.CLEARED, cleared=at)


def test_every_field_of_a_fault_has_a_column() -> None:
    names = {field.name for field in dataclasses.fields(Fault)} - {"subject", "case"}
    assert names | {"device", "component", "component_name", "case_number", "key"} == set(tables.faults.c.keys())


def test_a_fault_comes_back_as_it_was_saved(store: Store) -> None:
    full = Fault(
        id="f-1",
        subject=Subject("a", ComponentKind.TEMPERATURE, "传感器: 入口/1"),
        kind=FaultKind.TEMPERATURE_HIGH,
        state=FaultState.SUSPECT,
        began=NOON + timedelta(microseconds=7),
        reason="97 ℃ ≥ 90 ℃",
        last_good=NOON - MINUTE,
        last_seen=NOON + MINUTE,
        bad=3,
        good=1,
        recovering=NOON + 2 * MINUTE,
        confirmed=NOON + 3 * MINUTE,
        value=97.25,
        threshold=90.0,
        cause="f-0",
        because="behind it",
        alone_since=NOON + 4 * MINUTE,
        suppressed="maintenance",
    )
    with store.begin() as tx:
        tx.save_faults([full])
        assert tx.open_faults() == (full,), "a transaction reads what it wrote"
    with store.read() as tx:
        (found,) = tx.open_faults("a")
    assert found == full
    assert found.began.tzinfo is not None and found.began.utcoffset() == timedelta(0)


def test_a_time_of_another_zone_comes_back_as_the_same_moment_in_utc(store: Store) -> None:
    shanghai = timezone(timedelta(hours=8))
    with store.begin() as tx:
        tx.save_faults([fault(began=NOON.astimezone(shanghai))])
    with store.read() as tx:
        assert tx.open_faults()[0].began.isoformat() == NOON.isoformat()


def test_a_naive_time_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="naive"), store.begin() as tx:
        tx.save_faults([fault(began=NOON.replace(tzinfo=None))])


def test_a_second_open_fault_of_a_key_collides_and_the_transaction_goes_on(store: Store) -> None:
    with store.begin() as tx:
        tx.save_faults([fault(1)])
        with pytest.raises(CollisionError):
            tx.save_faults([fault(3, name="Gi0/3"), fault(2)])
        tx.save_faults([fault(4, name="Gi0/4")])
    with store.read() as tx:
        assert [each.id for each in tx.open_faults()] == ["f1", "f4"], "all or none of one call"


def test_a_cleared_fault_makes_room_for_the_next_of_its_key(store: Store) -> None:
    with store.begin() as tx:
        tx.save_faults([fault(1)])
    with store.begin() as tx:
        tx.save_faults([fault(2), cleared(fault(1), NOON + 2 * MINUTE)])
    with store.read() as tx:
        assert [each.id for each in tx.open_faults()] == ["f2"]
        assert [each.id for each in tx.faults()] == ["f1", "f2"]


def test_saving_again_updates_by_id(store: Store) -> None:
    with store.begin() as tx:
        tx.save_faults([fault(1, bad=1)])
        tx.save_faults([fault(1, bad=2, suppressed="flapping")])
        tx.save_faults([])
    with store.read() as tx:
        assert tx.open_faults() == (fault(1, bad=2, suppressed="flapping"),)


def test_open_faults_are_told_oldest_first_and_by_device(store: Store) -> None:
    with store.begin() as tx:
        tx.save_faults([fault(3, name="c"), fault(1, name="a"), fault(2, device="other")])
    with store.read() as tx:
        assert [each.id for each in tx.open_faults()] == ["f1", "f2", "f3"]
        assert [each.id for each in tx.open_faults("bj-core-1")] == ["f1", "f3"]
        assert tx.open_faults("nobody") == ()


def test_faults_of_a_period_are_those_that_overlap_it(store: Store) -> None:
    with store.begin() as tx:
        tx.save_faults(
            [
                cleared(fault(0, name="over before"), NOON + 1 * MINUTE),
                cleared(fault(1, name="over as it starts"), NOON + 10 * MINUTE),
                cleared(fault(2, name="reaches in"), NOON + 11 * MINUTE),
                cleared(fault(12, name="a moment"), NOON + 12 * MINUTE),
                fault(15, name="still on"),
                fault(20, name="begins as it ends"),
            ]
        )
    with store.read() as tx:
        found = tx.faults(start=NOON + 10 * MINUTE, end=NOON + 20 * MINUTE)
    assert [each.subject.name for each in found] == ["reaches in", "a moment", "still on"]


def test_faults_are_found_by_id_device_and_case(store: Store) -> None:
    with store.begin() as tx:
        tx.save_faults([fault(1), fault(2, device="b"), fault(3, device="c")])
    with store.read() as tx:
        assert [each.id for each in tx.faults(ids=["f3", "f1", "unknown"])] == ["f1", "f3"]
        assert tx.faults(ids=[]) == ()
        assert [each.id for each in tx.faults(device="b")] == ["f2"]
        assert tx.faults(case=1) == ()


def test_what_no_database_can_hold_is_replaced_and_not_refused(store: Store) -> None:
    with store.begin() as tx:
        tx.save_faults([fault(1, reason="a\0b\ud800c 中 😀")])
    with store.read() as tx:
        assert tx.open_faults()[0].reason == "a�b�c 中 😀"


def test_an_exception_undoes_the_whole_transaction(store: Store) -> None:
    def interrupted() -> None:
        with store.begin() as tx:
            tx.save_faults([fault(1)])
            raise KeyError

    with pytest.raises(KeyError):
        interrupted()
    with store.read() as tx:
        assert tx.faults() == ()


def test_the_mark_stays_until_something_changes_that_settling_goes_by(store: Store) -> None:
    with store.begin() as tx:
        tx.save_faults([fault(1), fault(2, name="Gi0/2", state=FaultState.SUSPECT)])
    with store.read() as tx:
        before = tx.mark()
    with store.begin() as tx:  # seen again, with another value
        tx.save_faults([fault(1, last_seen=NOON + 9 * MINUTE, value=3.0)])
        tx.save_faults([cleared(fault(3, name="Gi0/3"), NOON + 4 * MINUTE)])
    with store.read() as tx:
        assert tx.mark() == before
    changes = [{"state": FaultState.CONFIRMED}, {"recovering": NOON}, {"cause": "f1"}, {"acknowledged": "li: known"}]
    for change in changes:
        with store.begin() as tx:
            tx.save_faults([fault(2, name="Gi0/2", **change)])
            after = tx.mark()
        with store.read() as tx:
            assert tx.mark() == after != before
        before = after


def test_open_faults_are_found_by_what_explains_them(store: Store) -> None:
    with store.begin() as tx:
        tx.save_faults([fault(1), fault(2, name="Gi0/2", cause="f1"), fault(3, name="Gi0/3", cause="f9")])
        tx.save_faults([cleared(fault(4, name="Gi0/4", cause="f1"), NOON + 9 * MINUTE)])
    with store.read() as tx:
        assert [found.id for found in tx.explained_by(["f1"])] == ["f2"]
        assert tx.explained_by([]) == ()


def test_faults_are_found_by_their_kind(store: Store) -> None:
    with store.begin() as tx:
        tx.save_faults([fault(1), replace(fault(2, name="Gi0/2"), kind=FaultKind.INTERFACE_ERRORS)])
    with store.read() as tx:
        assert [found.id for found in tx.faults(kind=FaultKind.INTERFACE_ERRORS)] == ["f2"]


def test_thousands_of_faults_are_saved_at_once(store: Store) -> None:
    many = [fault(number, name=f"Gi{number}") for number in range(3000)]
    with store.begin() as tx:
        tx.save_faults(many)
    with store.begin() as tx:
        tx.save_faults([replace(each, cause="f0", because="behind it") for each in many])
    with store.read() as tx:
        assert {found.because for found in tx.open_faults()} == {"behind it"}
        assert len(tx.open_faults()) == len(many)


def test_open_faults_of_one_kind_of_part_are_read_by_themselves(store: Store) -> None:
    fan = replace(fault(2), subject=Subject("b", ComponentKind.FAN, "1"), kind=FaultKind.FAN_FAILED)
    with store.begin() as tx:
        tx.save_faults([fault(1), fan])
    with store.read() as tx:
        assert tx.open_faults(component=ComponentKind.FAN) == (fan,)
