"""A trap, a syslog line and a poll tell of the same fault at the same moment, in processes that know nothing of each
other: one fault, one case, one message a person."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from agent.inventory.device import Role
from agent.inventory.policies import Policies
from agent.observation import Batch, ComponentKind, Event, Fact, Observation, Source, Subject, SyslogSeverity, Tier
from agent.pipeline import Pipeline
from agent.ports import JobKind
from agent.storage.engine import SqlStore
from tests.story import START, device, inventory

ROUNDS = 200


@pytest.mark.timeout(600)
def test_a_trap_a_syslog_line_and_a_poll_about_one_fault_are_one_case_200_times(store: SqlStore) -> None:
    spokes = [f"d{n}" for n in range(ROUNDS)]
    network = inventory(
        [device("hub", Role.CORE), *(device(name) for name in spokes)],
        [("hub", name) for name in spokes],
        ["hub"],
        policies=Policies(settle=timedelta(0)),
    )
    workers = [Pipeline(store, network) for _ in range(3)]
    for n, spoke in enumerate(spokes):
        now = START + timedelta(minutes=n)
        port = Subject("hub", ComponentKind.INTERFACE, f"to-{spoke}")
        at_once(
            partial(_told, workers[0], Source.TRAP, port, now),
            partial(_told, workers[1], Source.SYSLOG, port, now),
            partial(_seen_down, workers[2], port, now),
        )
        at_once(*(partial(worker.settle, now + timedelta(seconds=5)) for worker in workers))
        _seen_up(workers[0], port, now + timedelta(seconds=20))
    with store.begin() as tx:
        problems = [case.problem for case in tx.cases(limit=10 * ROUNDS)]
        faults = [fault for fault in tx.faults() if fault.confirmed]
        told = tx.jobs(kind=JobKind.NOTIFY)
    assert sorted(problems) == sorted(f"link|{spoke}:to-hub--hub:to-{spoke}" for spoke in spokes)
    assert len(faults) == ROUNDS
    assert len(told) == len({job.key for job in told}) == 2 * ROUNDS


def at_once(*doing: Callable[[], object]) -> None:
    """Start all at the same moment, and raise what any of them raised."""
    barrier, errors = threading.Barrier(len(doing)), []

    def run(do: Callable[[], object]) -> None:
        barrier.wait()
        try:
            do()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(do,)) for do in doing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def _told(worker: Pipeline, source: Source, port: Subject, now: datetime) -> None:
    """What the agent does when it hears of a fault: it asks the device."""
    assert worker.hear([_event(source, port, now)]) == {("hub", Tier.STATUS)}
    _seen_down(worker, port, now)


def _event(source: Source, port: Subject, now: datetime) -> Event:
    return Event("hub", "192.0.2.1", source, now, SyslogSeverity.ERROR, "down", name="link_down", subject=port)


def _seen_down(worker: Pipeline, port: Subject, now: datetime) -> None:
    for seconds in (0, 1):
        worker.observe(_batch(port, "down", now + timedelta(seconds=seconds)))


def _seen_up(worker: Pipeline, port: Subject, now: datetime) -> None:
    for seconds in (0, 1):
        worker.observe(_batch(port, "up", now + timedelta(seconds=seconds)))


def _batch(port: Subject, oper: str, at: datetime) -> Batch:
    hub = Subject("hub")
    told = (
        Observation(hub, Fact.ICMP_REACHABLE, True),
        Observation(hub, Fact.SNMP_REACHABLE, True),
        Observation(port, Fact.ADMIN_STATUS, "up"),
        Observation(port, Fact.OPER_STATUS, oper),
    )
    return Batch("hub", Tier.STATUS, at, told)
