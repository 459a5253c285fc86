"""Stories of rules: what is shipped, what an operator lays over it, and what log lines alone tell."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from agent.cases.case import CaseState, Severity
from agent.faults import rules
from agent.faults.fault import Fault, FaultKind
from agent.observation import Batch, ComponentKind, Event, Fact, Observation, Source, Subject, SyslogSeverity, Tier
from agent.pipeline import Pipeline
from agent.ports import Store
from tests.acceptance.test_one_problem_one_case import campus
from tests.story import Network, Story

CPU = Subject("core1", ComponentKind.CPU, "1")
ACCESS_CPU = Subject("acc1", ComponentKind.CPU, "1")
AT_CORE = ("core1", Tier.STATUS)
DISK = Subject("core1", ComponentKind.STORAGE, "/var")


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store, campus()).run(minutes=3)


def under(story: Story, text: str) -> Story:
    """From now on with these rules of an operator."""
    book = rules.parse(text, "rules.yaml")
    story.pipeline = Pipeline(story.store, story.network.inventory, book)
    return story


def faults(story: Story, kind: FaultKind) -> list[Fault]:
    with story.store.read() as tx:
        return [fault for fault in tx.faults() if fault.kind is kind]


def reads(story: Story, subject: Subject, fact: Fact, value: float, detail: str = "") -> Story:
    story.network.health[subject.device] = [Observation(subject, fact, value, detail)]
    return story


def test_a_busy_processor_is_a_case_by_the_shipped_rule_and_none_by_an_operator_s(store: Store) -> None:
    shipped = Story(store, campus()).run(minutes=3)
    reads(shipped, CPU, Fact.USAGE, 95).run(minutes=12)
    assert shipped.only_case().kind is FaultKind.CPU_HIGH


def test_an_operator_s_rule_says_what_is_too_much_and_how_severe_it_is(story: Story) -> None:
    under(story, "cpu_high: {raise_at: 60, clear_at: 50, severity: P2}")
    reads(story, CPU, Fact.USAGE, 65).run(minutes=12)
    case = story.only_case()
    assert (case.kind, case.severity) == (FaultKind.CPU_HIGH, Severity.P2)


def test_an_override_spares_the_devices_that_it_names(story: Story) -> None:
    under(story, "cpu_high: {overrides: [{match: {role: access}, raise_at: 99}]}")
    story.network.health["core1"] = [Observation(CPU, Fact.USAGE, 95.0)]
    story.network.health["acc1"] = [Observation(ACCESS_CPU, Fact.USAGE, 95.0)]
    story.run(minutes=12)
    assert story.only_case().subject == CPU


def test_a_value_that_dances_on_the_limit_is_one_fault(story: Story) -> None:
    for value in (95, 85, 95, 85, 95, 81, 95):
        reads(story, CPU, Fact.USAGE, value).run(minutes=6)
    assert len(faults(story, FaultKind.CPU_HIGH)) == 1


def test_a_disk_that_fills_up_is_a_case_and_over_when_there_is_room_again(story: Story) -> None:
    reads(story, DISK, Fact.USED, 93).run(minutes=8)
    assert story.only_case().kind is FaultKind.STORAGE_FULL
    reads(story, DISK, Fact.USED, 86).run(minutes=12)
    assert story.only_case().recovered is None, "not yet: it is over 5 % below the limit"
    reads(story, DISK, Fact.USED, 60).run(minutes=12)
    assert story.only_case().recovered is not None


# ---------------------------------------------------------------- log lines

TWINS = """
twins:
  test: events
  kind: syslog_pattern
  what: Two hosts claim one address.
  mnemonic: "*DUPADDR*"
  count: 3
  within: 10m
  quiet: 20m
  believe: {polls: 1}
  severity: P3
"""


def hear(story: Story, times: int, mnemonic: str = "IP-4-DUPADDR", name: str = "") -> Story:
    story.pipeline.hear(lines(story, times, mnemonic, name))
    return story


def lines(story: Story, times: int, mnemonic: str, name: str) -> Iterable[Event]:
    for _ in range(times):
        text = "%IP-4-DUPADDR: Duplicate address 10.0.0.7 on Vlan10"
        yield Event(
            "core1", "192.0.2.5", Source.SYSLOG, story.now, SyslogSeverity.WARNING, text, mnemonic=mnemonic, name=name
        )


def test_a_pattern_of_log_lines_is_one_case_until_it_has_been_quiet(story: Story) -> None:
    under(story, TWINS)
    hear(story, 2).run(minutes=2)
    assert story.cases() == []
    hear(story, 1).run(minutes=2)
    case = story.only_case()
    assert (case.kind, case.severity, str(case.subject)) == (FaultKind.SYSLOG_PATTERN, Severity.P3, "core1/rule:twins")
    hear(story, 5).run(minutes=19)
    assert story.only_case().recovered is None
    hear(story, 3).run(minutes=22)
    assert story.only_case().recovered is not None
    assert len(faults(story, FaultKind.SYSLOG_PATTERN)) == 1


def test_each_of_several_patterns_goes_by_its_own_severity(story: Story) -> None:
    loops = TWINS.replace("twins:", "loops:").replace("DUPADDR", "LOOP").replace("P3", "P2")
    under(story, TWINS + loops + "quiet_one: {test: events, kind: syslog_pattern, text: x, case: false}\n")
    hear(story, 3).run(minutes=2)
    hear(story, 3, "SPAN-2-LOOPGUARD").run(minutes=2)
    told = {(str(case.subject), case.severity) for case in story.cases()}
    assert told == {("core1/rule:twins", Severity.P3), ("core1/rule:loops", Severity.P2)}


def test_a_pattern_whose_rule_is_taken_away_is_over(story: Story) -> None:
    under(story, TWINS)
    hear(story, 3).run(minutes=2)
    story.restart_agent()
    story.run(minutes=1)
    (fault,) = faults(story, FaultKind.SYSLOG_PATTERN)
    assert fault.cleared is not None


def test_a_changed_configuration_is_kept_and_opens_no_case(story: Story) -> None:
    hear(story, 1, "SYS-5-CONFIG_I", "config_changed").run(minutes=5)
    (fault,) = faults(story, FaultKind.CONFIGURATION_CHANGED)
    assert fault.active
    assert story.cases() == []
    assert fault.suppressed


# ---------------------------------------------------------------- what is not seen any more


class Mute(Story):
    """Its health polls bring nothing for one device, which answers otherwise."""

    mute = ""

    def poll(self, name: str, tier: Tier) -> None:
        if name == self.mute and tier is Tier.HEALTH:
            self.pipeline.observe(Batch(name, tier, self.now, (), failures=("timeout",)))
            self._due[name, tier] = self.now + timedelta(minutes=5)
        else:
            super().poll(name, tier)


def test_counters_that_do_not_come_any_more_are_a_case_of_their_own(store: Store) -> None:
    story = Mute(store, campus()).run(minutes=8)
    story.mute = "core1"
    story.run(minutes=12)
    assert story.cases() == []
    story.run(minutes=12)
    case = story.only_case()
    assert (case.kind, case.severity, str(case.subject)) == (FaultKind.STALE_COLLECTION, Severity.P4, "core1")
    story.mute = ""
    story.run(minutes=10)
    assert story.only_case().recovered is not None


# ---------------------------------------------------------------- restarts


def test_a_restart_that_was_asked_for_says_so(story: Story) -> None:
    said = "Reload requested by admin on vty0. Reload Reason: patch"
    event = Event("dist1", "192.0.2.5", Source.SYSLOG, story.now, SyslogSeverity.NOTICE, said, name="restart")
    story.pipeline.hear([event])
    story.network.booted["dist1"] = story.now
    story.run(minutes=4)
    case = story.only_case()
    assert case.kind is FaultKind.DEVICE_RESTARTED
    (fault,) = faults(story, FaultKind.DEVICE_RESTARTED)
    assert fault.reason.endswith(f"asked for: {said}")


def test_a_fault_whose_rule_is_taken_away_is_over_when_the_agent_starts_anew(store: Store) -> None:
    story = Story(store, campus())
    reads(story, CPU, Fact.USAGE, 99.0).run(minutes=6)
    assert story.only_case().kind is FaultKind.CPU_HIGH
    under(story, "cpu_high: {enabled: false}").pipeline.let_go(story.now)
    story.run(minutes=1)
    assert story.only_case().state is CaseState.MONITORING


def test_what_lies_behind_a_root_that_opens_no_case_is_a_case_all_the_same(story: Story) -> None:
    under(story, "interface_down: {case: false}").cut("dist1", "acc1").run(minutes=3)
    assert str(story.only_case().subject) == "dist1/interface:to-acc1"


@pytest.mark.parametrize("still_there", [True, False])
def test_an_interface_that_somebody_took_away_is_no_trouble_any_more(story: Story, still_there: bool) -> None:
    def told(name: str, tier: Tier, now: datetime, state: str = "down") -> Batch:
        batch = Network.poll(story.network, name, tier, now)
        port = Subject("core1", ComponentKind.INTERFACE, "Tunnel7")
        extra = (Observation(port, Fact.ADMIN_STATUS, "up"), Observation(port, Fact.OPER_STATUS, state))
        return replace(batch, observations=batch.observations + extra) if (name, tier) == AT_CORE else batch

    story.network.poll = partial(told, state="up")  # type: ignore[method-assign]
    story.run(minutes=2)
    story.network.poll = told  # type: ignore[method-assign]
    story.run(minutes=3)
    assert str(story.only_case().subject) == "core1/interface:Tunnel7"
    if not still_there:
        del story.network.poll
    story.run(minutes=3)
    assert (story.only_case().state is CaseState.NEW) == still_there


def test_one_line_is_enough_for_a_pattern_that_does_not_say_how_often(story: Story) -> None:
    doubted = TWINS.replace("polls: 1", "polls: 5")
    under(story, doubted + 'loops: {test: events, kind: syslog_pattern, mnemonic: "*LOOPGUARD*"}\n')
    hear(story, 1, "SPAN-2-LOOPGUARD").run(minutes=2)
    assert str(story.only_case().subject) == "core1/rule:loops"
