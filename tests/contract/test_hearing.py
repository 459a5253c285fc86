"""What is kept of a trap or a log line, and whom it has asked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.inventory.device import Role
from agent.observation import Batch, ComponentKind, Event, Fact, Observation, Source, Subject, SyslogSeverity, Tier
from agent.pipeline import Pipeline
from agent.storage.engine import SqlStore
from tests.story import START, device, inventory

PORT = Subject("sw", ComponentKind.INTERFACE, "Gi0/1")


@pytest.fixture
def pipeline(store: SqlStore) -> Pipeline:
    return Pipeline(store, inventory([device("sw", Role.CORE)], [], ["sw"]))


def identity(name: str, index: int) -> Batch:
    port = Subject("sw", ComponentKind.INTERFACE, name)
    told = (Observation(port, Fact.DESCR, "GigabitEthernet0/1"), Observation(port, Fact.IF_INDEX, index))
    return Batch("sw", Tier.IDENTITY, START, told)


def event(said: str, data: dict[str, str] | None = None) -> Event:
    about = Subject("sw", ComponentKind.INTERFACE, said)
    severity, at = SyslogSeverity.ERROR, START + timedelta(seconds=1)
    return Event("sw", "192.0.2.1", Source.SYSLOG, at, severity, "x", name="link_down", subject=about, data=data or {})


def kept(pipeline: Pipeline) -> list[Subject | None]:
    with pipeline.store.read() as tx:
        return [one.subject for one in tx.events()]


def test_a_log_line_is_about_the_interface_that_polls_know(pipeline: Pipeline) -> None:
    pipeline.observe(identity("Gi0/1", 7))
    assert pipeline.hear([event("GigabitEthernet0/1")]) == {("sw", Tier.STATUS)}
    assert kept(pipeline) == [PORT]


def test_a_trap_that_has_only_an_ifindex_is_about_that_interface(pipeline: Pipeline) -> None:
    pipeline.observe(identity("Gi0/1", 7))
    pipeline.hear([event("", {"ifIndex": "7"})])
    assert kept(pipeline) == [PORT]


def test_an_interface_that_was_renumbered_is_found_by_its_new_number(pipeline: Pipeline) -> None:
    pipeline.observe(identity("Gi0/1", 7))
    pipeline.hear([event("", {"ifIndex": "7"})])
    pipeline.observe(identity("Gi0/1", 9))
    pipeline.hear([event("", {"ifIndex": "9"})])
    assert kept(pipeline) == [PORT, PORT]


def test_a_device_that_was_never_asked_keeps_its_own_words(pipeline: Pipeline) -> None:
    pipeline.hear([event("GigabitEthernet0/1")])
    assert kept(pipeline) == [Subject("sw", ComponentKind.INTERFACE, "GigabitEthernet0/1")]


def test_a_log_line_with_a_router_id_is_about_the_neighbour_that_polls_know(pipeline: Pipeline) -> None:
    neighbour = Subject("sw", ComponentKind.OSPF_NEIGHBOUR, "10.0.12.2")
    told = (Observation(neighbour, Fact.OSPF_STATE, "full"), Observation(neighbour, Fact.ROUTER_ID, "10.255.0.2"))
    answered = Observation(Subject("sw"), Fact.SNMP_REACHABLE, True)
    pipeline.observe(Batch("sw", Tier.STATUS, START, (answered, *told)))
    heard = replace(event(""), name="ospf_down", subject=replace(neighbour, name="10.255.0.2"))
    pipeline.hear([heard])
    assert kept(pipeline) == [neighbour]


def status(*names: str, at: timedelta) -> Batch:
    told = [Observation(Subject("sw"), Fact.SNMP_REACHABLE, True)]
    for name in names:
        port = Subject("sw", ComponentKind.INTERFACE, name)
        told += [Observation(port, Fact.ADMIN_STATUS, "up"), Observation(port, Fact.OPER_STATUS, "up")]
    return Batch("sw", Tier.STATUS, START + at, tuple(told), complete=frozenset({ComponentKind.INTERFACE}))


def test_interfaces_that_come_and_go_leave_no_present_state_behind(pipeline: Pipeline) -> None:
    for minute in range(5):
        pipeline.observe(status("Gi0/1", f"Vi{minute}.1", at=timedelta(minutes=minute)))
    with pipeline.store.read() as tx:
        assert {s.name for s in tx.states("sw") if s.kind is ComponentKind.INTERFACE} == {"Gi0/1", "Vi4.1"}
        past = tx.intervals(START, START + timedelta(hours=1), kind=ComponentKind.INTERFACE)
    assert {i.subject.name for i in past} == {"Gi0/1", *(f"Vi{n}.1" for n in range(5))}


def test_a_table_that_was_not_read_to_its_end_ends_nothing(pipeline: Pipeline) -> None:
    pipeline.observe(status("Gi0/1", "Gi0/2", at=timedelta(0)))
    half = status("Gi0/1", at=timedelta(minutes=1))
    pipeline.observe(replace(half, complete=frozenset()))
    with pipeline.store.read() as tx:
        assert {s.name for s in tx.states("sw") if s.name} == {"Gi0/1", "Gi0/2"}
