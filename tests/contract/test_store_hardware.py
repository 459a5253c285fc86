"""Vendors' cases, RMAs and spare parts: a serial number is in one place, and a part is promised once."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.cases.case import Case, CaseKind, CaseState, Severity
from agent.cases.rma import Rma, RmaState, moved
from agent.cases.spares import Spare, SpareState
from agent.cases.vendor import Handover
from agent.errors import CollisionError
from agent.observation import Subject
from agent.storage.engine import SqlStore
from tests.story import START

HOUR = timedelta(hours=1)


def a_case(store: SqlStore, number: int = 1) -> Case:
    case = Case(
        problem=f"p{number}",
        kind=CaseKind.REPORTED,
        subject=Subject("sw1"),
        severity=Severity.P3,
        state=CaseState.NEW,
        opened=START,
        updated=START,
        root="",
    )
    with store.begin() as tx:
        return tx.open_case(case)


def an_rma(case: Case, serial: str = "FOC1", **more: object) -> Rma:
    settings_: dict[str, object] = {"device": "sw1", "part": "PWR-1", "fault": "dead", "site": "branch"}
    return Rma(case=case.number, serial_out=serial, requested=START, requested_by="li", **{**settings_, **more})  # type: ignore[arg-type]


def a_spare(serial: str, location: str = "branch", part: str = "PWR-1", **more: object) -> Spare:
    return Spare(serial=serial, part=part, location=location, changed=START, **more)  # type: ignore[arg-type]


def test_an_rma_comes_back_as_it_was_kept(store: SqlStore) -> None:
    case = a_case(store)
    with store.begin() as tx:
        kept = tx.open_rma(an_rma(case, slot="sw1/power_supply:PSU 1", contact="张伟", return_due=START + HOUR))
    assert kept.name == "RMA-000001"
    with store.read() as tx:
        assert tx.rma(1) == kept
        assert tx.rmas(case=case.number) == tx.rmas(device="sw1") == tx.rmas(only_open=True) == (kept,)
        assert tx.rmas(device="sw2") == () == tx.rmas(end=START)


def test_a_failed_serial_number_has_one_open_rma(store: SqlStore) -> None:
    case = a_case(store)
    with store.begin() as tx:
        first = tx.open_rma(an_rma(case))
        with pytest.raises(CollisionError):
            tx.open_rma(an_rma(case))
        tx.open_rma(an_rma(case, ""))
        tx.open_rma(an_rma(case, ""))  # what nobody can read may be anything
        tx.save_rma(moved(first, RmaState.CANCELLED, START), first.state)
        tx.open_rma(an_rma(case))


def test_who_moves_an_rma_that_somebody_else_moved_on_is_told(store: SqlStore) -> None:
    case = a_case(store)
    with store.begin() as tx:
        asked = tx.open_rma(an_rma(case))
        tx.save_rma(moved(asked, RmaState.CANCELLED, START), RmaState.REQUESTED)
    with store.begin() as tx, pytest.raises(CollisionError):
        tx.save_rma(moved(asked, RmaState.CONFIRMED, START), RmaState.REQUESTED)


def test_an_rma_is_listed_for_the_time_in_which_it_was_open(store: SqlStore) -> None:
    case = a_case(store)
    with store.begin() as tx:
        asked = tx.open_rma(an_rma(case))
        tx.save_rma(moved(asked, RmaState.CANCELLED, START + HOUR), asked.state)
    with store.read() as tx:
        assert len(tx.rmas(start=START, end=START + HOUR)) == 1
        assert tx.rmas(start=START + 2 * HOUR) == ()
        assert tx.rmas(only_open=True) == ()


def test_a_case_is_in_the_hands_of_one_vendor(store: SqlStore) -> None:
    case = a_case(store)
    given_ = Handover(case=case.number, vendor="acme", opened=START, opened_by="li", last=START, due=START + HOUR)
    with store.begin() as tx:
        kept = tx.save_handover(given_)
        with pytest.raises(CollisionError):
            tx.save_handover(replace(given_, vendor="other"))
        tx.save_handover(replace(kept, closed=START + HOUR, due=None))
        again = tx.save_handover(replace(given_, vendor="other"))
    with store.read() as tx:
        assert tx.handovers(only_open=True) == (again,)
        assert [each.vendor for each in tx.handovers(case.number)] == ["acme", "other"]


def test_the_site_comes_before_headquarters_and_headquarters_before_the_vendor(store: SqlStore) -> None:
    case = a_case(store)
    lie = [a_spare("V1", "vendor:acme"), a_spare("H1", "headquarters"), a_spare("B1"), a_spare("O1", "other-branch")]
    with store.begin() as tx:
        tx.save_spares([*lie, a_spare("X1", part="FAN-1")])
        got = [tx.reserve_spare(tx.open_rma(an_rma(case, f"F{n}")), START) for n in range(4)]
    assert [spare.serial if spare else None for spare in got] == ["B1", "H1", "V1", None]


def test_what_was_reserved_and_not_needed_is_in_stock_again(store: SqlStore) -> None:
    case = a_case(store)
    with store.begin() as tx:
        tx.save_spares([a_spare("B1")])
        asked = tx.open_rma(an_rma(case))
        assert tx.reserve_spare(asked, START)
        assert tx.reserve_spare(tx.open_rma(an_rma(case, "F2")), START) is None
        tx.release_spare(asked.number, START + HOUR)
        found = tx.spare("B1")
        assert found
        assert (found.state, found.rma) == (SpareState.IN_STOCK, 0)


def test_a_vendors_part_that_never_came_is_forgotten(store: SqlStore) -> None:
    case = a_case(store)
    with store.begin() as tx:
        asked = tx.open_rma(an_rma(case))
        tx.announce_spare(a_spare("V9", "vendor:acme", state=SpareState.RESERVED, rma=asked.number))
        with pytest.raises(CollisionError):
            tx.announce_spare(a_spare("V9", "vendor:acme", state=SpareState.RESERVED, rma=7))
        tx.release_spare(asked.number, START)
        assert tx.spare("V9") is None


def test_the_same_serial_number_read_in_twice_is_one_part(store: SqlStore) -> None:
    with store.begin() as tx:
        tx.save_spares([a_spare("B1")])
        tx.save_spares([a_spare("B1", "headquarters"), a_spare("B2")])
        assert [(spare.serial, spare.location) for spare in tx.spares()] == [("B2", "branch"), ("B1", "headquarters")]
        assert tx.spares(part="pwr-1", location="headquarters") == (a_spare("B1", "headquarters"),)


def test_many_at_once_never_get_the_same_spare_part(store: SqlStore) -> None:
    case, wanted, there = a_case(store), 12, 7
    with store.begin() as tx:
        tx.save_spares([a_spare(f"B{n}", "branch" if n % 2 else "headquarters") for n in range(there)])
        asked = [tx.open_rma(an_rma(case, f"F{n}")) for n in range(wanted)]
    got: list[str] = []
    barrier = threading.Barrier(wanted)

    def take(rma: Rma) -> None:
        barrier.wait()
        with store.begin() as tx:
            spare = tx.reserve_spare(rma, START)
        if spare:
            got.append(spare.serial)

    threads = [threading.Thread(target=take, args=(rma,)) for rma in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with store.read() as tx:
        reserved = {spare.serial: spare.rma for spare in tx.spares() if spare.state is SpareState.RESERVED}
    assert len(got) == len(set(got)) == there
    assert set(got) == set(reserved)
    assert len(set(reserved.values())) == there


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lie=st.lists(st.sampled_from(["branch", "headquarters", "other", "vendor:acme"]), max_size=6),
    asks=st.lists(st.sampled_from(["take", "give back"]), max_size=12),
)
def test_however_parts_are_taken_and_given_back_each_is_in_one_place(
    store: SqlStore, lie: list[str], asks: list[str]
) -> None:
    case = a_case(store, number=int(START.timestamp()) + id(asks) % 10**9)
    with store.begin() as tx:
        for known in tx.spares():
            tx.save_spares([replace(known, state=SpareState.RETURNED, rma=0)])
        mark = f"{case.number}-"
        tx.save_spares([a_spare(f"S{mark}{n}", where) for n, where in enumerate(lie)])
        held: dict[int, str] = {}
        for n, ask in enumerate(asks):
            if ask == "take":
                rma = tx.open_rma(an_rma(case, f"F{mark}{n}"))
                if spare := tx.reserve_spare(rma, START + n * HOUR):
                    assert spare.serial not in held.values()
                    held[rma.number] = spare.serial
            elif held:
                number, _ = held.popitem()
                tx.release_spare(number, START + n * HOUR)
            now = {s.serial: s.rma for s in tx.spares() if s.state is SpareState.RESERVED}
            assert now == {serial: number for number, serial in held.items()}


def test_a_part_that_is_promised_while_somebody_looks_at_it_is_not_put_back_on_a_shelf(store: SqlStore) -> None:
    case, got = a_case(store), []
    with store.begin() as tx:
        tx.save_spares([a_spare("B1")])
        asked = tx.open_rma(an_rma(case))

    def promise() -> None:
        with store.begin() as tx:
            got.append(tx.reserve_spare(asked, START))

    other = threading.Thread(target=promise)
    with store.begin() as tx:
        lies = tx.spare("B1")
        assert lies
        other.start()
        other.join(0.3)  # it has to wait for us
        tx.save_spares([replace(lies, note="shelf 3")])
    other.join(30)
    with store.read() as tx:
        kept = tx.spare("B1")
    assert kept and got[0] and (kept.state, kept.note) == (SpareState.RESERVED, "shelf 3")
