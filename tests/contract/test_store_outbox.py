"""The outbox in the store."""

import dataclasses
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.ports import Job, JobKind, JobState, Store
from agent.storage import tables

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NOTIFY, COLLECT = JobKind.NOTIFY, JobKind.COLLECT


def job(key: str, **changes: object) -> Job:
    return replace(Job(key=key, kind=NOTIFY, due=NOON), **changes)  # type: ignore[arg-type]


def lease(store: Store, *, kind: JobKind = NOTIFY, now: datetime = NOON, limit: int = 10) -> list[Job]:
    with store.begin() as tx:
        return list(tx.lease(kind, now, MINUTE, "me", limit))


def keys(jobs: list[Job]) -> list[str]:
    return [each.key for each in jobs]


def test_every_field_of_a_job_has_a_column() -> None:
    names = {field.name for field in dataclasses.fields(Job)} - {"case"} | {"case_number"}
    assert names | {"owner", "leased_until", "finished"} == set(tables.jobs.c.keys())


def test_a_job_whose_key_is_known_is_left_out(store: Store) -> None:
    with store.begin() as tx:
        tx.enqueue([job("a", payload={"to": "李娜", "n": [1, 2.5, None, True]}), job("a", payload={"to": "another"})])
        tx.enqueue([])
    with store.begin() as tx:
        tx.enqueue([job("a"), job("b")])
    with store.read() as tx:
        first, second = tx.jobs()
    assert (first.key, second.key) == ("a", "b")
    assert first.payload == {"to": "李娜", "n": [1, 2.5, None, True]}


def test_a_job_that_is_done_is_not_put_in_again(store: Store) -> None:
    with store.begin() as tx:
        tx.enqueue([job("a")])
    (leased,) = lease(store)
    with store.begin() as tx:
        tx.finish(leased, NOON, "250 OK")
        tx.enqueue([job("a")])
    assert lease(store, now=NOON + 99 * MINUTE) == []
    with store.read() as tx:
        assert [(each.state, each.result, each.attempts) for each in tx.jobs()] == [(JobState.DONE, "250 OK", 1)]


def test_due_jobs_of_the_kind_are_leased_earliest_first(store: Store) -> None:
    with store.begin() as tx:
        tx.enqueue([job("later", due=NOON + MINUTE), job("now"), job("before", due=NOON - MINUTE)])
        tx.enqueue([job("other kind", kind=COLLECT)])
    assert keys(lease(store, limit=1)) == ["before"]
    assert keys(lease(store)) == ["now"]
    assert lease(store) == []
    assert keys(lease(store, kind=COLLECT)) == ["other kind"]
    assert keys(lease(store, now=NOON + MINUTE - timedelta(microseconds=1))) == []


def test_what_is_urgent_goes_before_all_that_is_due(store: Store) -> None:
    with store.begin() as tx:
        tx.enqueue(
            [job("before", due=NOON - MINUTE), job("p1", urgent=True), job("later", due=NOON + MINUTE, urgent=True)]
        )
    assert keys(lease(store, limit=1)) == ["p1"]
    assert keys(lease(store)) == ["before"]


def test_a_lease_that_ran_out_may_be_claimed_again(store: Store) -> None:
    with store.begin() as tx:
        tx.enqueue([job("a", lane="sw1")])
    (first,) = lease(store)
    assert (first.state, first.attempts) == (JobState.LEASED, 1)
    assert lease(store, now=NOON + MINUTE - timedelta(microseconds=1)) == []
    (second,) = lease(store, now=NOON + MINUTE)
    assert (second.key, second.attempts) == ("a", 2)


def test_a_lane_runs_one_job_at_a_time_whatever_their_kinds(store: Store) -> None:
    with store.begin() as tx:
        tx.enqueue([job(f"{lane}{n}", lane=lane) for n in range(3) for lane in ("x", "y")])
        tx.enqueue([job("free1"), job("free2"), job("x9", lane="x", kind=COLLECT)])
    first = lease(store)
    assert keys(first) == ["x0", "y0", "free1", "free2"]
    assert lease(store) == []
    assert lease(store, kind=COLLECT) == []
    with store.begin() as tx:
        tx.finish(first[0], NOON, "")
    assert keys(lease(store, kind=COLLECT)) == ["x9"]
    assert lease(store) == [], "the lane is taken again"


def test_a_busy_lane_does_not_hold_up_the_others(store: Store) -> None:
    with store.begin() as tx:
        tx.enqueue([job(f"x{n}", lane="x") for n in range(50)])
        tx.enqueue([job("y", lane="y")])
    assert keys(lease(store, limit=2)) == ["x0", "y"]


def test_a_postponed_job_waits_until_it_is_due(store: Store) -> None:
    with store.begin() as tx:
        tx.enqueue([job("a")])
    (leased,) = lease(store)
    with store.begin() as tx:
        tx.postpone(leased, NOON + 5 * MINUTE, "451 greylisted")
    assert lease(store, now=NOON + 4 * MINUTE) == []
    (again,) = lease(store, now=NOON + 5 * MINUTE)
    assert (again.attempts, again.result) == (2, "451 greylisted")


def test_a_failed_job_is_not_tried_again(store: Store) -> None:
    with store.begin() as tx:
        tx.enqueue([job("a")])
    (leased,) = lease(store)
    with store.begin() as tx:
        tx.fail(leased, NOON, "550 no such user")
    assert lease(store, now=NOON + 999 * MINUTE) == []


def test_who_lost_his_lease_cannot_postpone_or_fail_the_job_but_may_finish_it(store: Store) -> None:
    with store.begin() as tx:
        tx.enqueue([job("a")])
    (slow,) = lease(store)
    (fast,) = lease(store, now=NOON + MINUTE)
    with store.begin() as tx:
        tx.postpone(slow, NOON + 99 * MINUTE, "too slow")
        tx.fail(slow, NOON, "too slow")
        assert tx.jobs()[0] == replace(fast, result="")
        tx.finish(slow, NOON + 2 * MINUTE, "sent after all")
        tx.postpone(fast, NOON + 99 * MINUTE, "refused")
        assert (tx.jobs()[0].state, tx.jobs()[0].result) == (JobState.DONE, "sent after all")


def test_jobs_are_found_and_counted_by_kind_and_state(store: Store) -> None:
    with store.begin() as tx:
        tx.enqueue([job("a"), job("b"), job("c", kind=COLLECT)])
    lease(store, limit=1)
    with store.read() as tx:
        assert keys(list(tx.jobs(kind=COLLECT))) == ["c"]
        assert keys(list(tx.jobs(state=JobState.LEASED))) == ["a"]
        assert tx.jobs(case=1) == ()
        assert tx.job_counts() == {
            (COLLECT, JobState.WAITING): 1,
            (NOTIFY, JobState.LEASED): 1,
            (NOTIFY, JobState.WAITING): 1,
        }


@pytest.mark.timeout(300)
def test_many_workers_take_each_of_two_hundred_jobs_once(store: Store) -> None:
    with store.begin() as tx:
        tx.enqueue([job(f"j{n}", lane=f"lane{n % 7}" if n % 2 else "") for n in range(200)])
    taken: Counter[str] = Counter()
    lanes: Counter[str] = Counter()
    guard = threading.Lock()

    def work(owner: str) -> None:
        while True:
            with store.begin() as tx:
                found = tx.lease(NOTIFY, NOON, MINUTE, owner, 5)
            if not found:
                with store.read() as tx:
                    if not tx.jobs(state=JobState.WAITING):
                        return
                continue
            with guard:
                for each in found:
                    taken[each.key] += 1
                    if each.lane:
                        lanes[each.lane] += 1
                        assert lanes[each.lane] == 1, "one of a lane at a time"
            with guard:
                for each in found:
                    lanes[each.lane] -= 1
            with store.begin() as tx:
                for each in found:
                    tx.finish(each, NOON, owner)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, f"w{n}") for n in range(4)]:
            done.result()
    assert len(taken) == 200
    assert set(taken.values()) == {1}
    with store.read() as tx:
        assert tx.job_counts() == {(NOTIFY, JobState.DONE): 200}
