"""Several that write at once: threads of one program, and programs."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.cases.case import Case, CaseState, Severity
from agent.errors import CollisionError
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.observation import Subject
from agent.ports import Job, JobKind, JobState, Store
from agent.storage.engine import open_store

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
A = Subject("a")

WORKER = """
import sys
from datetime import UTC, datetime, timedelta
from agent.ports import JobKind, JobState
from agent.storage.engine import open_store

now = datetime(2026, 3, 1, 12, tzinfo=UTC)
store = open_store(sys.argv[1])
print("ready", flush=True); sys.stdin.readline()
while True:
    with store.begin() as tx:
        jobs = tx.lease(JobKind.NOTIFY, now, timedelta(minutes=1), sys.argv[2], 3)
    for job in jobs:
        print(job.key, flush=True)
        with store.begin() as tx:
            tx.finish(job, now, sys.argv[2])
    if not jobs:
        with store.read() as tx:
            if not tx.jobs(state=JobState.WAITING):
                break
"""


def a_fault(number: int = 0, device: str = "a", bad: int = 0) -> Fault:
    return Fault(
        id=f"f{number}",
        subject=Subject(device),
        kind=FaultKind.DEVICE_UNREACHABLE,
        state=FaultState.SUSPECT,
        began=NOON,
        reason="no answer",
        bad=bad,
    )


def at_once(number: int, work: Callable[[int], object]) -> list[object]:
    """Run `work(0)` … `work(number - 1)`, all beginning together; their results, errors among them."""
    together = threading.Barrier(number)

    def started(which: int) -> object:
        together.wait()
        try:
            return work(which)
        except CollisionError as error:
            return error

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(started, range(number)))


def test_of_many_that_open_a_case_for_one_problem_one_wins(store: Store) -> None:
    case = Case(
        problem="x",
        kind=FaultKind.DEVICE_UNREACHABLE,
        subject=A,
        severity=Severity.P2,
        state=CaseState.NEW,
        opened=NOON,
        updated=NOON,
        root="f",
    )

    def work(_: int) -> int:
        with store.begin() as tx:
            return tx.open_case(case).number

    results = at_once(6, work)
    assert sum(isinstance(each, int) for each in results) == 1
    assert sum(isinstance(each, CollisionError) for each in results) == 5
    with store.read() as tx:
        assert len(tx.cases()) == 1


def test_of_many_that_open_a_fault_of_one_key_one_wins(store: Store) -> None:
    def work(which: int) -> None:
        with store.begin() as tx:
            tx.save_faults([a_fault(which)])

    assert sum(each is None for each in at_once(6, work)) == 1
    with store.read() as tx:
        assert len(tx.open_faults()) == 1


def test_what_is_decided_from_the_open_faults_holds_until_it_is_saved(store: Store) -> None:
    """Lost updates: four count up the same two faults, by device and over all devices."""
    with store.begin() as tx:
        tx.save_faults([a_fault(0, "a"), a_fault(1, "b")])

    def work(which: int) -> None:
        for _ in range(20):
            with store.begin() as tx:
                faults = tx.open_faults("ab"[which % 2]) if which < 2 else tx.open_faults()
                tx.save_faults(replace(each, bad=each.bad + 1) for each in faults)

    assert at_once(4, work) == [None] * 4
    with store.read() as tx:
        assert [each.bad for each in tx.open_faults()] == [60, 60]


def test_who_works_on_one_device_may_look_at_all_without_standing_in_the_way(store: Store) -> None:
    with store.begin() as tx:
        tx.save_faults([a_fault(n, f"d{n}") for n in range(4)])

    def work(which: int) -> None:
        for _ in range(20):
            with store.begin() as tx:
                (own,) = tx.open_faults(f"d{which}")
                assert len(tx.open_faults()) == 4
                tx.save_faults([replace(own, bad=own.bad + 1)])

    assert at_once(4, work) == [None] * 4
    with store.read() as tx:
        assert [each.bad for each in tx.open_faults()] == [20] * 4


def test_of_many_that_tell_the_first_state_of_a_subject_one_is_kept(store: Store) -> None:
    def work(_: int) -> bool:
        with store.begin() as tx:
            return tx.change(A, "up", NOON)

    assert at_once(6, work).count(True) == 1
    with store.read() as tx:
        assert len(tx.intervals(NOON - timedelta(days=1), NOON + timedelta(days=1))) == 1


@pytest.mark.timeout(300)
def test_programs_take_each_of_two_hundred_jobs_once(fresh_url: str) -> None:
    store = open_store(fresh_url)
    with store.begin() as tx:
        tx.enqueue(
            [Job(key=f"j{n}", kind=JobKind.NOTIFY, due=NOON, lane=f"l{n % 9}" if n % 2 else "") for n in range(200)]
        )
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, fresh_url, f"w{n}"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(2)
    ]
    for each in programs:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in programs:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    taken: Counter[str] = Counter()
    for each in programs:
        told, trouble = each.communicate(timeout=120)
        assert each.returncode == 0, trouble
        taken.update(told.split())
    assert taken == Counter(f"j{n}" for n in range(200))
    with store.read() as tx:
        assert {(job.state, job.attempts) for job in tx.jobs()} == {(JobState.DONE, 1)}
    store.close()
