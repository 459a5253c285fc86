"""Stories of how long things were up: what happened on the network, and what the record says of it."""

from dataclasses import replace
from datetime import timedelta

from agent.cases import ledger
from agent.cases.case import Action, Entry
from agent.cases.ledger import Step
from agent.faults.availability import Availability, Span
from agent.faults.availability import standing as standings
from agent.faults.availability.past import Past
from agent.faults.availability.standing import By, Hours, Standing
from agent.inventory.device import Role
from agent.inventory.hours import OFFICE
from agent.inventory.windows import Window
from agent.observation import Subject
from agent.storage.engine import SqlStore
from reports import ledgers
from reports import past as pasts
from reports.past import Parts
from tests.story import POLLING, START, Network, Story, device, inventory

MINUTE = timedelta(minutes=1)
NOTHING = timedelta(0)


def ring(*windows: Window) -> Network:
    """A headquarters of two cores, and a branch with a router on either of two ways, and a switch behind them."""
    devices = [
        device("core1", Role.CORE),
        device("core2", Role.CORE),
        device("rt1", Role.BRANCH, site="branch"),
        device("rt2", Role.BRANCH, site="branch"),
        device("sw", Role.ACCESS, site="branch"),
    ]
    links = [("core1", "core2"), ("core1", "rt1"), ("core2", "rt2"), ("rt1", "sw"), ("rt2", "sw")]
    return Network(inventory(devices, links, ["core1", "core2"], windows))


def past(story: Story) -> Past:
    """From when everything was polled once until now."""
    with story.store.read() as tx:
        period = Span(START + MINUTE, story.now)
        return pasts.read(tx, story.network.inventory, period, story.now, Parts.LINKED)


def lines(story: Story, by: By) -> dict[str, Standing]:
    return {line.name: line for line in standings.of(past(story), by)}


def near(measured: timedelta, true: timedelta) -> bool:
    """A fault begins between two polls and ends between two: it is known to one interval at either end."""
    return abs(measured - true) <= POLLING.status + POLLING.recheck


def near_in_all(measured: timedelta, true: timedelta) -> bool:
    """What was not observed ends at each end with a poll, and so does the story."""
    return abs(measured - true) <= 2 * POLLING.status + POLLING.recheck


def adds_up(found: Availability, story: Story) -> bool:
    return found.period == story.now - START - MINUTE


def test_a_healthy_network_was_up_all_the_time(store: SqlStore) -> None:
    story = Story(store, ring()).run(minutes=20)
    for by in By:
        for line in standings.of(past(story), by):
            assert (line.percent, line.reliability.outages) == (100.0 if by is not By.INTERFACE else line.percent, ())
    assert past(story).path("hq", "branch").sums.percent == 100.0


def test_an_outage_of_known_length_is_that_long_and_no_other_device_has_one(store: SqlStore) -> None:
    story = Story(store, ring()).run(minutes=5).kill("rt1").run(minutes=30).revive("rt1").run(minutes=15)
    found = lines(story, By.DEVICE)
    assert near(found["rt1"].sums.down, 30 * MINUTE)
    assert [len(line.reliability.outages) for line in found.values()] == [0, 0, 1, 0, 0]
    assert all(adds_up(line.sums, story) for line in found.values())
    assert found["rt1"].verdict == "missed"
    with story.store.read() as tx:
        fault = next(f for f in tx.faults(device="rt1") if f.kind == "device_unreachable")
    (outage,) = found["rt1"].reliability.outages
    assert (outage.start, outage.end) == (fault.began, fault.cleared)


def test_what_was_announced_is_planned_and_only_what_went_beyond_is_down(store: SqlStore) -> None:
    window = Window(name="swap", starts=START, ends=START + 20 * MINUTE, devices=frozenset({"rt1"}))
    story = Story(store, ring(window)).run(minutes=5).kill("rt1").run(minutes=30).revive("rt1").run(minutes=15)
    found = lines(story, By.DEVICE)["rt1"]
    assert found.sums.planned == 19 * MINUTE
    assert near(found.sums.down, 15 * MINUTE)


def test_while_the_agent_was_stopped_nothing_was_observed(store: SqlStore) -> None:
    story = Story(store, ring()).run(minutes=10)
    story.now += 60 * MINUTE
    story.restart_agent()
    story.run(minutes=10)
    for line in (*lines(story, By.DEVICE).values(), *lines(story, By.LINK).values()):
        assert near_in_all(line.sums.unobserved, 60 * MINUTE)
        assert (line.sums.down, line.percent) == (NOTHING, 100.0)
    assert near_in_all(past(story).path("hq", "branch").sums.unobserved, 60 * MINUTE)


def test_an_outage_that_the_agent_slept_through_is_one_outage(store: SqlStore) -> None:
    story = Story(store, ring()).run(minutes=5).kill("rt1").run(minutes=10)
    story.now += 30 * MINUTE
    story.restart_agent()
    found = lines(story.run(minutes=10).revive("rt1").run(minutes=10), By.DEVICE)["rt1"]
    assert len(found.reliability.outages) == 1
    assert near(found.sums.down, 20 * MINUTE)
    assert near_in_all(found.sums.unobserved, 30 * MINUTE)


def test_a_path_stays_up_when_one_of_two_is_cut(store: SqlStore) -> None:
    story = Story(store, ring()).run(minutes=5).cut("core1", "rt1").run(minutes=20).mend("core1", "rt1").run(minutes=15)
    cut = lines(story, By.LINK)["core1:to-rt1--rt1:to-core1"]
    assert near(cut.sums.down, 20 * MINUTE)
    assert past(story).path("core1", "sw").sums.percent == 100.0
    assert past(story).path("hq", "branch").sums.percent == 100.0


def test_a_path_is_down_while_both_ways_are_cut_and_what_is_behind_is_nobodys_fault(store: SqlStore) -> None:
    story = Story(store, ring()).run(minutes=5).cut("core1", "rt1").run(minutes=10).cut("core2", "rt2")
    story.run(minutes=20).mend("core1", "rt1").run(minutes=15)
    assert near(past(story).path("core1", "sw").sums.down, 20 * MINUTE)
    behind = past(story).path("rt1", "sw").sums
    assert behind.down <= POLLING.status  # the two were seen again one after the other
    assert near_in_all(behind.unobserved, 20 * MINUTE)


def test_a_path_past_planned_work_is_planned_only_where_no_other_way_is_left(store: SqlStore) -> None:
    window = Window(name="swap", starts=START, ends=START + 60 * MINUTE, devices=frozenset({"rt1"}))
    story = Story(store, ring(window)).run(minutes=5).kill("rt1").run(minutes=10)
    assert past(story).path("core1", "sw").sums.percent == 100.0
    story.cut("core2", "rt2").run(minutes=20).mend("core2", "rt2").run(minutes=10)
    found = past(story).path("core1", "sw").sums
    assert near(found.planned, 20 * MINUTE)
    assert near(found.down, NOTHING)


def test_a_site_is_reachable_while_any_device_of_it_is(store: SqlStore) -> None:
    story = Story(store, ring()).run(minutes=5).kill("rt1").run(minutes=20).revive("rt1").run(minutes=10)
    branch = lines(story, By.SITE)["branch"]
    assert branch.percent is not None
    assert branch.percent < 100.0
    assert branch.reachable is not None
    assert (branch.reachable.percent, branch.dark) == (100.0, ())
    story.cut("core1", "rt1").cut("core2", "rt2").run(minutes=20)
    story.mend("core1", "rt1").mend("core2", "rt2").run(minutes=10)
    dark = lines(story, By.SITE)["branch"]
    assert dark.reachable is not None
    assert near(dark.reachable.down, 20 * MINUTE)
    assert len(dark.dark) == 1


def test_outside_the_hours_of_the_contract_nothing_counts(store: SqlStore) -> None:
    """The story begins at 08:00; office hours begin at 09:00."""
    network = ring()
    story = Story(store, network).run(minutes=5).kill("rt1").run(minutes=30).revive("rt1").run(minutes=15)
    network.inventory.contracts["C-1"] = replace(network.inventory.contracts["C-1"], coverage=OFFICE)
    assert near(lines(story, By.DEVICE)["rt1"].sums.down, 30 * MINUTE)
    (line,) = [each for each in standings.of(past(story), By.DEVICE, Hours.CONTRACT) if each.name == "rt1"]
    assert (line.sums, line.percent, line.verdict, line.hours) == (Availability(), None, "", "5x8")


def test_the_ledger_of_a_case_is_what_the_clock_on_the_wall_saw(store: SqlStore) -> None:
    story = Story(store, ring()).run(minutes=5)
    died = story.now
    story.kill("rt1").run(minutes=5)
    case = next(each for each in story.cases() if each.subject == Subject("rt1"))
    with story.store.begin() as tx:
        tx.log([Entry(case=case.number, at=story.now, action=Action.NOTE, text="on my way", actor="li")])
    back = story.run(minutes=10).now
    story.revive("rt1").run(minutes=5)
    with story.store.read() as tx:
        found = next(each for each in ledgers.read(tx, Span(START, story.now)) if each.case == case.name)
    assert found.after is not None
    assert found.detected is not None
    assert found.after < died <= found.detected <= found.opened
    assert (found.acted, found.actor) == (died + 5 * MINUTE, "li")
    steps = found.steps
    assert steps[Step.DETECTION].most <= POLLING.status
    assert steps[Step.RESTORATION].least <= back - died + POLLING.status
    assert near(steps[Step.RESTORATION].most, back - died)
    assert ledger.speeds([found])[Step.ANSWER].worst == found.acted - found.opened
