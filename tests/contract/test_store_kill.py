"""`kill -9` at any moment: what was committed is there, whole and once."""

import random
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.storage.engine import open_store

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

WRITER = """
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from agent.cases.case import Case, CaseState, Severity
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.observation import Subject
from agent.ports import Job, JobKind
from agent.storage.engine import open_store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
store = open_store(sys.argv[1])
with store.read() as tx:
    number = len(tx.cases(limit=1_000_000))
while True:
    number += 1
    subject = Subject(f"device-{number}")
    at = NOON + timedelta(seconds=number)
    fault = Fault(id=f"f{number}", subject=subject, kind=FaultKind.DEVICE_UNREACHABLE, state=FaultState.CONFIRMED,
                  began=at, reason="no answer")
    with store.begin() as tx:
        tx.save_faults([fault])
        case = tx.open_case(Case(problem=fault.key, kind=fault.kind, subject=subject, severity=Severity.P2,
                                 state=CaseState.NEW, opened=at, updated=at, root=fault.id))
        tx.save_faults([replace(fault, case=case.number)])
        tx.enqueue([Job(key=f"{case.name}:opened", kind=JobKind.NOTIFY, due=at, case=case.number)])
        tx.change(subject, "down", at)
    print(number, flush=True)
"""


def killed_at_random(url: str, chance: random.Random) -> int:
    """Runs a writer, kills it, and returns the number of its last transaction that it knew to be committed."""
    writer = subprocess.Popen([sys.executable, "-c", WRITER, url], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    with writer.stdout as told:
        first = told.readline()
        time.sleep(chance.uniform(0.0, 0.25))
        writer.send_signal(signal.SIGKILL)
        lines = (first + told.read()).split("\n")[:-1]
    assert writer.wait(30) == -signal.SIGKILL
    return int(lines[-1])


@pytest.mark.timeout(300)
def test_ten_kills_lose_nothing_and_double_nothing(fresh_url: str) -> None:
    chance = random.Random(20260301)
    for _ in range(10):
        committed = killed_at_random(fresh_url, chance)
        store = open_store(fresh_url)
        with store.read() as tx:
            faults, cases, jobs = tx.faults(), tx.cases(limit=1_000_000), tx.jobs()
            intervals = tx.intervals(NOON, NOON.replace(year=2027))
        store.close()
        assert committed <= len(cases) <= committed + 1, "one may have been committed and not told yet"
        names = [f"device-{number}" for number in range(1, len(cases) + 1)]
        assert [each.subject.device for each in faults] == names
        assert [each.subject.device for each in reversed(cases)] == names
        assert [each.subject.device for each in intervals] == names
        assert [each.case for each in faults] == [each.number for each in reversed(cases)]
        assert [(each.key, each.case) for each in jobs] == [(f"{c.name}:opened", c.number) for c in reversed(cases)]
        assert all(re.fullmatch(r"NC-\d{6}:opened", each.key) for each in jobs)
