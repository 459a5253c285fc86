"""Stories of what goes down and up again and again: one fault, one case, the count, and how it ended."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from agent import locale
from agent.cases.case import CaseState
from agent.faults.fault import Fault, FaultKind
from agent.inventory.device import Role
from agent.inventory.policies import Policies
from agent.inventory.windows import Window
from agent.observation import ComponentKind, Event, Fact, Observation, Source, Subject, SyslogSeverity
from agent.storage.engine import SqlStore
from tests.acceptance.test_one_problem_one_case import campus
from tests.story import START, Network, Story, device, inventory

TOLD = ["opened li@example.net", "opened zhang@example.com"]


@pytest.fixture
def story(store: SqlStore) -> Story:
    return Story(store, campus()).run(minutes=3)


def tell(story: Story, name: str, port: str, what: str, source: Source = Source.SYSLOG, mnemonic: str = "LINK") -> None:
    subject = Subject(name, ComponentKind.INTERFACE, port)
    severity = SyslogSeverity.ERROR
    story.pipeline.hear(
        [Event(name, "192.0.2.1", source, story.now, severity, f"{port} {what}", "", mnemonic, what, subject)]
    )


def bounce(story: Story, name: str, port: str, times: int, every: float = 10) -> None:
    """Down for a moment between two polls, as the device's log has it."""
    for _ in range(times):
        tell(story, name, port, "link_down")
        tell(story, name, port, "link_up")
        story.run(seconds=every)


def faults(story: Story) -> Iterator[Fault]:
    with story.store.read() as tx:
        yield from tx.faults()


def in_english_only(story: Story) -> set[str]:
    """What is told on cases and of faults and has no Chinese words."""
    said = {fault.reason for fault in faults(story)}
    with story.store.read() as tx:
        for case in tx.cases():
            said |= {entry.text for entry in tx.timeline(case.number)}
            said |= {text for each in tx.decisions(case.name) for text in (*each.reasons, *each.would_change)}
    return {text for text in said if text and not re.search(r"[\u4e00-\u9fff]", locale.reword(text, "zh_CN"))}


def test_a_port_that_flaps_faster_than_it_is_polled_is_one_flapping_case(story: Story) -> None:
    bounce(story, "core1", "to-dist1", 6)
    story.run(seconds=40)
    case = story.only_case()
    assert (case.kind, case.problem) == (FaultKind.INTERFACE_DOWN, "link|core1:to-dist1--dist1:to-core1")
    (fault,) = faults(story)
    assert fault.reason.startswith("told by the device; flapping, 6 times in 0:00:50")
    assert fault.began == START + timedelta(minutes=3), "the first time that the device told of"
    story.run(minutes=10)
    assert (story.only_case().state, story.told()) == (CaseState.NEW, TOLD)
    case = story.run(minutes=25).only_case()
    assert case.state is CaseState.RESOLVED
    (ended,) = [line for line in story.timeline(case) if "flapped" in line]
    assert (
        "core1/interface:to-dist1: flapped 6 times between 2026-03-02 08:03:00 UTC and 2026-03-02 08:03:50 UTC" in ended
    )
    assert ", up since 2026-03-02 08:" in ended


def test_what_traps_and_log_lines_tell_of_the_same_is_counted_once(story: Story) -> None:
    for _ in range(3):
        for what in ("link_down", "link_up"):
            tell(story, "core1", "to-dist1", what)
            tell(story, "core1", "to-dist1", what, mnemonic="LINEPROTO")
            tell(story, "core1", "to-dist1", what, Source.TRAP, f"1.3.6.1.6.3.1.1.5.{what}")
        story.run(seconds=10)
    assert story.run(minutes=2).cases() == []


def test_a_desk_that_is_switched_on_and_off_is_nobodys_case(story: Story) -> None:
    bounce(story, "acc1", "Gi0/7", 12)
    assert story.run(minutes=2).cases() == []


def test_what_flaps_and_then_stays_down_is_told_so_and_stays_one_case(story: Story) -> None:
    bounce(story, "core1", "to-dist1", 6)
    case = story.cut("core1", "dist1").run(minutes=45).only_case()
    assert case.state is CaseState.NEW
    assert any("flapped 6 times" in line and "down since" in line for line in story.timeline(case))
    assert not any(fault.flapping for fault in faults(story) if fault.active)
    assert story.mend("core1", "dist1").run(minutes=3).only_case().state is CaseState.MONITORING
    assert story.told() == TOLD
    assert in_english_only(story) == set()


def test_flapping_goes_on_over_a_restart_of_the_agent(story: Story) -> None:
    for _ in range(6):
        bounce(story, "core1", "to-dist1", 1)
        story.restart_agent()
    case = story.run(minutes=1).only_case()
    story.restart_agent()
    story.run(minutes=12)
    assert (story.only_case().state, story.told()) == (CaseState.NEW, TOLD)
    bounce(story, "core1", "to-dist1", 1)
    (fault,) = faults(story)
    assert (fault.flaps, fault.case) == (7, case.number)


def test_what_flaps_between_polls_and_is_seen_down_is_counted_from_both(story: Story) -> None:
    for _ in range(5):
        tell(story, "core1", "to-dist1", "link_down")
        story.cut("core1", "dist1").run(seconds=65)
        tell(story, "core1", "to-dist1", "link_up")
        story.mend("core1", "dist1").run(seconds=65)
    case = story.only_case()
    ports = [f for f in faults(story) if str(f.subject) == "core1/interface:to-dist1"]
    assert max(fault.flaps for fault in ports) == 5
    assert (story.told(), case.state) == (TOLD, CaseState.NEW)


def test_a_flapping_only_uplink_takes_what_lies_behind_it_into_its_one_case(story: Story) -> None:
    for _ in range(5):
        story.cut("core2", "branch").run(seconds=100)
        story.mend("core2", "branch").run(seconds=50)
    case = story.only_case()
    assert in_english_only(story) == set()
    assert str(case.subject) in {"core2/interface:to-branch", "branch/interface:to-core2"}
    assert {"branch", "brsw"} <= story.symptoms(case)
    assert story.told() == TOLD
    assert story.run(minutes=60).only_case().state is CaseState.RESOLVED


def test_flapping_in_maintenance_is_no_case_until_the_window_ends(store: SqlStore) -> None:
    window = Window(
        name="swap", starts=START, ends=START + timedelta(minutes=10), devices=frozenset({"core1", "dist1"})
    )
    story = Story(store, campus((window,))).run(minutes=3)
    bounce(story, "core1", "to-dist1", 6)
    assert story.run(minutes=3).cases() == []
    assert story.run(minutes=5).only_case().kind is FaultKind.INTERFACE_DOWN, "it has not held still yet"


def test_a_device_that_flaps_within_a_second_is_a_case_of_its_own_policy(store: SqlStore) -> None:
    routers = [device("r1", Role.CORE), device("r2", Role.CORE)]
    network = Network(inventory(routers, [("r1", "r2")], ["r1"], policies=Policies(quiet=timedelta(minutes=1))))
    story = Story(store, network).run(minutes=2)
    bounce(story, "r2", "to-r1", 5, every=1)
    assert story.run(seconds=50).only_case().state is CaseState.NEW
    assert story.run(minutes=5).only_case().state is CaseState.RESOLVED, "its half-life goes by the quiet time"


def test_what_no_poll_knows_is_no_fault_however_often_a_log_line_names_it(story: Story) -> None:
    names = {"ospf_down": (ComponentKind.OSPF_NEIGHBOUR, "203.0.113.9"), "bgp_down": (ComponentKind.BGP_PEER, "nobody")}
    for _ in range(8):
        for what, (kind, name) in names.items():
            subject = Subject("core1", kind, name)
            line = Event("core1", "192.0.2.1", Source.SYSLOG, story.now, SyslogSeverity.ERROR, what, "", what, what)
            story.pipeline.hear([replace(line, subject=subject)])
        story.run(seconds=2)
    assert list(faults(story)) == []


def peer_tells(story: Story, what: str, source: Source = Source.TRAP) -> None:
    subject = Subject("core1", ComponentKind.BGP_PEER, "192.0.2.77")
    event = Event("core1", "192.0.2.1", source, story.now, SyslogSeverity.ERROR, what, "", str(source), what, subject)
    story.pipeline.hear([event])


def with_a_peer(store: SqlStore) -> Story:
    story = Story(store, campus())
    peer = Subject("core1", ComponentKind.BGP_PEER, "192.0.2.77")
    story.network.health["core1"] = [Observation(peer, Fact.BGP_STATE, "established")]
    return story.run(minutes=6)


def test_a_session_that_tries_in_vain_to_come_back_went_down_once(store: SqlStore) -> None:
    story = with_a_peer(store)
    for _ in range(10):  # each attempt is another step backwards of the state machine
        peer_tells(story, "bgp_down")
        story.run(seconds=2)
    assert story.run(minutes=1).cases() == []


def test_a_session_that_was_up_in_between_went_down_again_each_time(store: SqlStore) -> None:
    story = with_a_peer(store)
    for _ in range(4):
        peer_tells(story, "bgp_down")
        peer_tells(story, "bgp_up", Source.SYSLOG)  # whoever tells it
        story.run(seconds=2)
    assert [case.kind for case in story.run(minutes=1).cases()] == [FaultKind.BGP_PEER_DOWN]
