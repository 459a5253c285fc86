"""A trap, a syslog line and a poll tell of the same fault at the same moment, in processes that know nothing of each
other: one fault, one case, one message a person."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from agent.cases import moves
from agent.cases.case import CaseState
from agent.inventory.device import Role
from agent.inventory.policies import Policies
from agent.observation import Batch, ComponentKind, Event, Fact, Observation, Source, Subject, SyslogSeverity, Tier
from agent.pipeline import Pipeline
from agent.ports import JobKind
from agent.storage.engine import SqlStore
from tests.story import START, device, inventory

ROUNDS, SPOKES = 200, 10  # of a hub: what a poll costs grows with the ports of its device


@pytest.mark.timeout(600)
def test_a_trap_a_syslog_line_and_a_poll_about_one_fault_are_one_case_200_times(store: SqlStore) -> None:
    links = [(f"h{n // SPOKES}", f"d{n}") for n in range(ROUNDS)]
    hubs = list(dict.fromkeys(hub for hub, _ in links))
    network = inventory(
        [*(device(hub, Role.CORE) for hub in hubs), *(device(spoke) for _, spoke in links)],
        links,
        hubs,
        policies=Policies(settle=timedelta(0)),
    )
    workers = [Pipeline(store, network) for _ in range(3)]
    for n, (hub, spoke) in enumerate(links):
        now = START + timedelta(hours=n)
        port = Subject(hub, ComponentKind.INTERFACE, f"to-{spoke}")
        at_once(
            partial(_told, workers[0], Source.TRAP, port, now),
            partial(_told, workers[1], Source.SYSLOG, port, now),
            partial(_seen_down, workers[2], port, now),
        )
        at_once(*(partial(worker.settle, now + timedelta(seconds=5)) for worker in workers))
        _seen_up(workers[0], port, now + timedelta(seconds=20))
        _close(store, now + timedelta(seconds=30))
    with store.begin() as tx:
        problems = [case.problem for case in tx.cases(limit=10 * ROUNDS)]
        faults = [fault for fault in tx.faults() if fault.confirmed]
        told = tx.jobs(kind=JobKind.NOTIFY)
    assert sorted(problems) == sorted(f"link|{spoke}:to-{hub}--{hub}:to-{spoke}" for hub, spoke in links)
    assert len(faults) == ROUNDS
    assert len(told) == len({job.key for job in told}) == 2 * ROUNDS


def _close(store: SqlStore, now: datetime) -> None:
    """So that the next round finds what this one found."""
    with store.begin() as tx:
        for case in tx.live_cases():
            over, _ = moves.move(case, CaseState.RESOLVED, "wang", "mended", now)
            tx.save_case(moves.move(over, CaseState.CLOSED, "wang", "mended", now)[0])


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
    assert worker.hear([_event(source, port, now)]) == {(port.device, Tier.STATUS)}
    _seen_down(worker, port, now)


def _event(source: Source, port: Subject, now: datetime) -> Event:
    return Event(port.device, "192.0.2.1", source, now, SyslogSeverity.ERROR, "down", name="link_down", subject=port)


def _seen_down(worker: Pipeline, port: Subject, now: datetime) -> None:
    for seconds in (0, 1):
        worker.observe(_batch(port, "down", now + timedelta(seconds=seconds)))


def _seen_up(worker: Pipeline, port: Subject, now: datetime) -> None:
    for seconds in (0, 1):
        worker.observe(_batch(port, "up", now + timedelta(seconds=seconds)))


def _batch(port: Subject, oper: str, at: datetime) -> Batch:
    hub = Subject(port.device)
    told = (
        Observation(hub, Fact.ICMP_REACHABLE, True),
        Observation(hub, Fact.SNMP_REACHABLE, True),
        Observation(port, Fact.ADMIN_STATUS, "up"),
        Observation(port, Fact.OPER_STATUS, oper),
    )
    return Batch(port.device, Tier.STATUS, at, told)
