"""Stories of what only history shows: weeks of it are written into the store, then a day goes by."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from agent.cases.case import Case, Severity
from agent.faults.fault import FaultKind
from agent.inventory.device import Role
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from agent.storage.engine import SqlStore
from tests.story import START, Network, Story, device, inventory

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CPU = Subject("core1", ComponentKind.CPU, "1")
FLASH = Subject("core1", ComponentKind.STORAGE, "flash:")
PORT = Subject("core1", ComponentKind.INTERFACE, "to-core2")

Told = Callable[[datetime], Iterable[Observation]]


def office(at: datetime) -> float:
    """What the processor does, week after week: the site's clock is eight hours ahead of UTC, and busy at ten."""
    local = at + 8 * HOUR
    return 60.0 + at.day % 5 if local.hour == 10 and local.weekday() < 5 else 6.0 + at.day % 5


def two_cores() -> Network:
    devices = [device("core1", Role.CORE), device("core2", Role.CORE)]
    made = inventory(devices, [("core1", "core2")], ["core1", "core2"])
    sites = {name: replace(site, timezone="Asia/Shanghai") for name, site in made.sites.items()}
    return Network(replace(made, sites=sites))


def remembered(store: SqlStore, days: int, until: datetime, told: Told, tier: Tier = Tier.HEALTH) -> None:
    """So many days of polls of core1, two an hour, the last a minute ago, rolled up."""
    last = until - timedelta(minutes=1)
    moments = [last - number * HOUR / 2 for number in range(48 * days)]
    polls = [Batch("core1", tier, moment, tuple(told(moment))) for moment in reversed(moments)]
    with store.begin() as tx:
        for poll in polls:
            tx.keep(poll)
    working = 1
    while working:
        with store.begin() as tx:
            working = tx.roll_up(until)


def studied(story: Story, times: int = 1) -> Story:
    """The daily study, and what is decided after it."""
    for _ in range(times):
        for name in story.network.inventory.devices:
            story.pipeline.study(name, story.now)
        story.run(minutes=1)
    return story


def at(store: SqlStore, hour: int, told: Told, days: int = 28) -> Story:
    """A story that begins at an hour of the site's day, after so many days of history."""
    now = START + timedelta(hours=hour - 16)  # START is 16:00 there
    remembered(store, days, now, told)
    story = Story(store, two_cores(), now=now + timedelta(seconds=5))
    return studied(story)


def only(story: Story, kind: FaultKind) -> Case:
    case = story.only_case()
    assert case.kind is kind
    return case


def reason(story: Story, case: Case) -> str:
    with story.store.read() as tx:
        (root,) = tx.faults(ids=[case.root])
        return root.reason


def usage(percent: float) -> list[Observation]:
    return [Observation(CPU, Fact.USAGE, percent)]


def test_a_processor_that_is_never_busy_at_three_in_the_morning_and_is_today(store: SqlStore) -> None:
    story = at(store, 3, lambda moment: usage(office(moment)))
    story.network.health["core1"] = usage(60)
    story.run(minutes=20)
    assert story.cases() == []  # it may be over in a moment
    story.run(minutes=25)
    case = only(story, FaultKind.CPU_UNUSUAL)
    assert case.severity is Severity.P4
    assert re.fullmatch(
        r"60 %, where [678][.\d]* to [789][.\d]* % is usual at this hour of the week \(29 days known\)",
        reason(story, case),
    )


def test_a_processor_that_is_busy_at_ten_as_always(store: SqlStore) -> None:
    story = at(store, 10, lambda moment: usage(office(moment)))
    story.network.health["core1"] = usage(62)
    assert story.run(minutes=45).cases() == []


def test_a_restart_of_the_agent_changes_nothing(store: SqlStore) -> None:
    story = at(store, 3, lambda moment: usage(office(moment)))
    story.network.health["core1"] = usage(60)
    for _ in range(10):
        story.run(minutes=4, seconds=30)
        story.restart_agent()
    case = only(story, FaultKind.CPU_UNUSUAL)
    story.network.health["core1"] = usage(8)
    story.run(minutes=30)
    with story.store.read() as tx:
        assert [fault.cleared is not None for fault in tx.faults(case=case.number)] == [True]
    assert len(story.cases()) == 1


def test_a_new_device_without_history_is_not_judged_and_says_so(store: SqlStore) -> None:
    story = at(store, 3, lambda moment: usage(office(moment)), days=5)
    story.network.health["core1"] = usage(60)
    assert story.run(minutes=45).cases() == []
    with store.read() as tx:
        told = {finding.kind: finding.says for finding in tx.findings("core1")}
    assert told["cpu_unusual"] == "not judged before 14 days are known: 6 so far"


def full(per_day: float, level: float) -> Told:
    """A file system that grows to a level by now, with a busy week."""

    def told(moment: datetime) -> list[Observation]:
        days = (START - moment) / DAY
        return [Observation(FLASH, Fact.USED, level - per_day * days + (0.4 if moment.weekday() < 5 else 0.0))]

    return told


def test_a_file_system_that_fills_is_told_before_it_is_full(store: SqlStore) -> None:
    story = at(store, 16, full(2.0, 72.0))
    case = only(story, FaultKind.STORAGE_FILLING)
    assert case.severity is Severity.P4
    assert reason(story, case).startswith("72")
    assert "+2 % a day over 28 days: 95 % in about 1" in reason(story, case)
    studied(story, times=3)
    assert len(story.cases()) == 1


def test_a_file_system_that_was_cleaned_up_is_in_order_again(store: SqlStore) -> None:
    story = at(store, 16, full(2.0, 72.0))
    case = only(story, FaultKind.STORAGE_FILLING)
    story.now += 8 * DAY
    remembered(store, 8, story.now, lambda _: [Observation(FLASH, Fact.USED, 30.0)])
    studied(story)
    with story.store.read() as tx:
        assert [fault.cleared is not None for fault in tx.faults(case=case.number)] == [True]


@pytest.mark.parametrize(("per_day", "level"), [(0.1, 72.0), (0.0, 89.0), (-1.0, 80.0), (2.0, 30.0)])
def test_a_file_system_that_will_do_for_long_is_not_told(store: SqlStore, per_day: float, level: float) -> None:
    assert at(store, 16, full(per_day, level)).cases() == []


def test_latency_that_creeps_up_and_stays(store: SqlStore) -> None:
    now, me = START, Subject("core1")
    remembered(store, 28, now, lambda moment: [Observation(me, Fact.RTT, 12.0 + moment.day % 4)], Tier.STATUS)
    story = studied(Story(store, two_cores(), now=now + timedelta(seconds=5)))
    plain = story.network.poll

    def slow(name: str, tier: Tier, moment: datetime) -> Batch:
        batch = plain(name, tier, moment)
        slower = 12.0 + 3 * ((moment - now) / timedelta(minutes=1))
        if name == "core1" and tier is Tier.STATUS:
            return replace(batch, observations=(*batch.observations, Observation(me, Fact.RTT, min(slower, 110.0))))
        return batch

    story.network.poll = slow  # type: ignore[method-assign]
    story.run(minutes=50)
    case = only(story, FaultKind.LATENCY_UNUSUAL)
    assert re.search(r"where 1[2-5.\d]* to 1[2-5.\d]* ms is usual at this hour of the week", reason(story, case))


def test_a_temperature_that_rises_fast(store: SqlStore) -> None:
    story = Story(store, two_cores())
    chip = Subject("core1", ComponentKind.TEMPERATURE, "inlet")
    story.network.health["core1"] = [Observation(chip, Fact.CELSIUS, 35.0)]
    story.run(minutes=30)
    for minute in range(15):
        story.network.health["core1"] = [Observation(chip, Fact.CELSIUS, 35.0 + 1.5 * minute)]
        story.run(minutes=1)
    story.run(minutes=2)
    assert "more than 10 min before" in reason(story, only(story, FaultKind.RISING_FAST))


def test_a_link_whose_busiest_hour_will_be_too_much(store: SqlStore) -> None:
    now = START

    def told(moment: datetime) -> list[Observation]:
        days = (moment - (now - 28 * DAY)) / DAY
        busiest = 4e8 + 1e7 * days  # bits per second at 10 in the morning
        before = sum(4e8 + 1e7 * day for day in range(int(days))) * 3600
        today = moment.hour * 3600 + moment.minute * 60
        part = busiest * min(max(0, today - 36_000), 3600) + 1e7 * (days * 86_400)
        return [Observation(PORT, Fact.IN_OCTETS, int((before + part) / 8))]

    remembered(store, 28, now, told)
    story = Story(store, two_cores(), now=now + timedelta(seconds=5))
    with store.begin() as tx:
        tx.keep(Batch("core1", Tier.IDENTITY, now, (Observation(PORT, Fact.SPEED, 1_000_000_000),)))
    studied(story)
    assert "% a day over 28 days: 85 % in about" in reason(story, only(story, FaultKind.INTERFACE_FILLING))


def test_a_device_that_was_switched_on_warms_up(store: SqlStore) -> None:
    story = Story(store, two_cores())
    chip = Subject("core1", ComponentKind.TEMPERATURE, "inlet")
    story.network.health["core1"] = [Observation(chip, Fact.CELSIUS, 30.0)]
    story.run(minutes=30)
    story.network.booted["core1"] = story.now
    for minute in range(15):
        story.network.health["core1"] = [Observation(chip, Fact.CELSIUS, 30.0 + 1.5 * minute)]
        story.run(minutes=1)
    assert not [case for case in story.cases() if case.kind is FaultKind.RISING_FAST]
