"""Escalation against what must hold of any course of a case: nothing twice, nothing early, nothing while the service
works, and the same whoever looks how often."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays as library
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.cases import escalation
from agent.cases.case import CaseState, Severity
from agent.cases.escalation import Trigger
from agent.inventory.hours import OFFICE
from agent.inventory.inventory import Inventory
from tests.unit.cases.slas import DAY, HOUR, MINUTE
from tests.unit.cases.test_escalation import MATRIX, Told, network, utc

BEGINNINGS = {
    "Asia/Shanghai": ("2026-09-18T09:30", "2026-09-30T07:58", "2026-10-09T20:00", "2026-02-13T03:00"),
    "Europe/Berlin": ("2026-03-28T13:00", "2026-10-24T22:30", "2026-12-23T09:00", "2026-04-01T23:59"),
    "America/New_York": ("2026-03-07T20:00", "2026-10-31T12:00", "2026-11-24T23:00", "2026-07-01T04:30"),
}
COUNTRIES = {"Asia/Shanghai": "CN", "Europe/Berlin": "DE-BY", "America/New_York": "US-NY"}
zones, severities = st.sampled_from(sorted(COUNTRIES)), st.sampled_from(list(Severity))
SERVED = {CaseState.MONITORING, CaseState.RESOLVED}
STEP = 15 * MINUTE


@lru_cache
def house(zone: str) -> Inventory:
    return network(coverage=OFFICE, timezone=zone, holidays=COUNTRIES[zone])


@lru_cache
def _off(country: str) -> tuple[frozenset[date], frozenset[date]]:
    code, _, part = country.partition("-")
    known = library.country_holidays(code, subdiv=part or None, years=range(2025, 2028))
    return frozenset(known), frozenset(known.weekend_workdays)


def is_served(zone: str, now: datetime) -> bool:
    """Whether offices work there at that time, by the clock on the wall."""
    wall = now.astimezone(ZoneInfo(zone))
    holidays, makeup = _off(COUNTRIES[zone])
    works = wall.date() in makeup or (wall.weekday() < 5 and wall.date() not in holidays)
    return works and time(9) <= wall.time() < time(17)


beginnings = st.builds(
    lambda zone, place, minutes: (zone, utc(BEGINNINGS[zone][place]) + minutes * MINUTE),
    zones,
    st.integers(0, 3),
    st.integers(-2000, 4000),
)


@given(beginnings, severities)
@settings(max_examples=150, deadline=None)
def test_a_step_is_due_so_many_hours_after_the_opening_or_when_the_contract_is_served_next(where, severity):
    zone, opened = where
    plan = escalation.plan(Told(opened, severity).case, (), house(zone), opened)
    found = {step.post: step.due for step in plan if step.trigger is Trigger.ELAPSED}
    assert set(found) == set(MATRIX[severity].values())
    for hours, post in MATRIX[severity].items():
        plain, due = opened + hours * HOUR, found[post]
        if severity in (Severity.P1, Severity.P2) or is_served(zone, plain):
            assert due == plain
        else:
            assert is_served(zone, due) and not is_served(zone, due - timedelta(microseconds=1))
            between = [plain + n * 15 * MINUTE for n in range(int((due - plain) / (15 * MINUTE)) + 1)]
            assert not any(is_served(zone, now) for now in between if now < due)


# ---------------------------------------------------------------- any course of a case

Act = Callable[[Told, datetime], object]
ACTS: dict[str, Act] = {
    "note": lambda log, now: log.note(now),
    "assign": lambda log, now: log.assigned(now),
    "ack": lambda log, now: log.acked(now),
    "ack for 2 h": lambda log, now: log.acked(now, now + 2 * HOUR),
    "ack for 9 h": lambda log, now: log.acked(now, now + 9 * HOUR),
    "raise": lambda log, now: log.severity(now, Severity(f"P{max(1, int(log.case.severity[1]) - 1)}")),
    "lower": lambda log, now: log.severity(now, Severity(f"P{min(4, int(log.case.severity[1]) + 1)}"), "li-na"),
    "recover": lambda log, now: log.moved(now, CaseState.MONITORING, "netcase"),
    "resolve": lambda log, now: log.moved(now, CaseState.RESOLVED),
    "relapse": lambda log, now: log.relapsed(now) if log.case.state in SERVED else None,
    "wait": lambda log, now: log.moved(now, CaseState.WAITING_FOR_CUSTOMER),
}
courses = st.lists(st.tuples(st.integers(1, 40), st.sampled_from(sorted(ACTS))), max_size=6)


def played(
    log: Told, course: list[tuple[int, str]], house: Inventory, pause: timedelta | None
) -> list[tuple[str, int]]:
    """What is told, and after how many steps of time. `pause`: how often it is looked at; None: when it asks for it."""
    acts = []
    at = log.case.opened
    for steps, act in course:
        at += steps * STEP
        acts.append((at, act))
    told, now, end = [], log.case.opened, at + DAY
    while now <= end:
        while acts and acts[0][0] <= now:
            when, act = acts.pop(0)
            ACTS[act](log, when)
        works = log.case.state in SERVED
        for name in log.tick(now, house):
            assert not works, "told while the service works"
            told.append((name, (now - log.case.opened) // STEP))
        plan = escalation.plan(log.case, log.entries, house, now)
        following = [acts[0][0]] if acts else []
        if pause is None:
            asked = escalation.next_due(plan, now)
            following += [asked] if asked else []
            now = min(following, default=end + DAY)
        else:
            now = min([now + pause, *following])
    return told


@given(beginnings, severities, courses)
@settings(max_examples=40, deadline=None)
def test_whoever_looks_all_the_time_and_whoever_looks_when_asked_tell_the_same_and_nothing_twice(
    where, severity, course
):
    zone, opened = where
    often, seldom = Told(opened, severity), Told(opened, severity)
    one = played(often, course, house(zone), STEP)
    two = played(seldom, course, house(zone), None)
    keys = [entry.data["step"] for entry in often.entries if "step" in entry.data]
    assert len(keys) == len(set(keys)), "nothing is told twice"
    horizon = sum(steps for steps, _ in course) + DAY // STEP - 2
    for these, those in ((_reached(one), _reached(two)), (_reached(two), _reached(one))):
        soon = {whom: at for whom, at in these.items() if at <= horizon}
        assert soon.keys() <= those.keys()
        assert all(abs(at - those[whom]) <= 1 for whom, at in soon.items())


def _reached(told: list[tuple[str, int]]) -> dict[str, int]:
    """When each level and post was first told. Of two reasons that fall due between two looks one is enough."""
    return {name.split()[-1]: at for name, at in reversed(told)}


@given(beginnings, severities, courses)
@settings(max_examples=40, deadline=None)
def test_an_agent_that_starts_anew_at_every_moment_tells_nothing_again(where, severity, course):
    zone, opened = where
    log = Told(opened, severity)
    played(log, course, house(zone), None)
    end = log.entries[-1].at
    assert all(step.told or step.due > end for step in escalation.plan(log.case, log.entries, house(zone), end))
