"""Clocks against an oracle that knows nothing of spans: it looks at every minute and asks whether it counts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

import holidays as library
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.cases import sla
from agent.cases.case import CaseState, Severity
from agent.cases.sla import Kind, State
from agent.inventory.holidays import Calendar
from agent.inventory.hours import ALWAYS, OFFICE, WEEKDAYS, Hours
from agent.inventory.inventory import Inventory
from agent.inventory.promises import Promise, Sla
from tests.unit.cases.slas import DAY, HOUR, MINUTE, Log, inventory_of, utc

LEVELS = ("P1", "P2", "P3", "P4")
LONG = 12 * 24 * 60  # minutes that the oracle looks at
WAITING, WORKING, MONITORING = CaseState.WAITING_FOR_CUSTOMER, CaseState.IN_PROGRESS, CaseState.MONITORING
SERVED = {MONITORING, CaseState.RESOLVED, CaseState.CLOSED}

# What happens around these moments: clocks that are changed, midnight, holidays, make-up days, the turn of the year.
BEGINNINGS = {
    "Asia/Shanghai": (
        "2026-09-18T09:30",
        "2026-09-29T15:58",
        "2026-10-08T20:00",
        "2026-02-12T03:00",
        "2025-12-30T01:01",
    ),
    "Europe/Berlin": (
        "2026-03-26T13:00",
        "2026-10-22T22:30",
        "2026-12-22T09:00",
        "2026-04-01T23:59",
        "2026-05-13T07:00",
    ),
    "America/New_York": (
        "2026-03-05T20:00",
        "2026-10-29T12:00",
        "2026-11-24T23:00",
        "2026-07-01T04:30",
        "2026-12-31T05:00",
    ),
}
COUNTRIES = {"Asia/Shanghai": "CN", "Europe/Berlin": "DE-BY", "America/New_York": "US-NY"}
COVERAGES = (
    ALWAYS,
    OFFICE,
    Hours(days=WEEKDAYS[:6], start=time(8), end=time(20)),
    Hours(days=WEEKDAYS, start=time(20), end=time(6)),
    Hours(days=("sat", "sun"), start=time(0), end=time(0)),
    Hours(days=WEEKDAYS[:5], start=time(0), end=time(0)),
)


@dataclass(frozen=True)
class Step:
    """`after` the opening, in minutes."""

    after: int
    what: str


@dataclass(frozen=True)
class Story:
    zone: str
    opened: datetime
    coverage: Hours
    calendar: Calendar
    promises: dict[str, Sla]
    pauses: tuple[str, ...]
    severity: Severity
    steps: tuple[Step, ...]
    now: int


WHATS = (
    *("P1", "P2", "P3", "P4"),
    *("waiting", "waiting", "working", "vendor", "monitoring", "resolved"),
    *("relapse", "restored", "broken", "note", "mail", "machine", "on_site", "assigned"),
)


@st.composite
def promises(draw: st.DrawFn) -> dict[str, Sla]:
    lengths = st.one_of(
        st.none(),
        st.integers(5, 3000).map(lambda minutes: Promise(minutes * MINUTE)),
        st.integers(1, 3).map(lambda days: Promise(days * DAY, working_days=True)),
    )
    return {
        level: Sla(**{kind: draw(lengths) for kind in ("response", "on_site", "restore", "update")})
        for level in ("P1", "P2", "P3", "P4")
    }


@st.composite
def stories(draw: st.DrawFn) -> Story:
    zone = draw(st.sampled_from(sorted(BEGINNINGS)))
    opened = utc(draw(st.sampled_from(BEGINNINGS[zone]))) + draw(st.integers(0, 600)) * MINUTE
    nearby = st.integers(0, 10).map(lambda days: opened.date() + days * DAY)
    calendar = Calendar(
        name="own",
        country=draw(st.sampled_from(("", COUNTRIES[zone]))),
        add=frozenset(draw(st.lists(nearby, max_size=2))),
        remove=frozenset(draw(st.lists(nearby, max_size=1))),
        workdays=frozenset(draw(st.lists(nearby, max_size=1))),
    )
    found = draw(
        st.lists(st.tuples(st.integers(1, 6000), st.sampled_from(WHATS)), max_size=9, unique_by=lambda s: s[0])
    )
    return Story(
        zone=zone,
        opened=opened,
        coverage=draw(st.sampled_from(COVERAGES)),
        calendar=calendar,
        promises=draw(promises()),
        pauses=draw(st.sampled_from(((), ("waiting_for_customer",), ("waiting_for_customer", "with_vendor")))),
        severity=draw(st.sampled_from(list(Severity))),
        steps=tuple(Step(after, what) for after, what in sorted(found)),
        now=draw(st.integers(1, 7000)),
    )


# ---------------------------------------------------------------- as the product sees it


def written(story: Story) -> Log:
    log = Log(story.opened, story.severity)
    moves = {"waiting": WAITING, "working": WORKING, "vendor": CaseState.WITH_VENDOR, "monitoring": MONITORING}
    for step in story.steps:
        at = story.opened + step.after * MINUTE
        if step.what in LEVELS:
            log.severity(at, Severity(step.what))
        elif step.what in moves or step.what == "resolved":
            log.moved(at, moves.get(step.what, CaseState.RESOLVED))
        else:
            {
                "relapse": log.relapsed,
                "restored": log.works,
                "broken": lambda when: log.works(when, restored=False),
                "note": log.note,
                "mail": log.mail,
                "machine": log.weighed,
                "on_site": log.on_site,
                "assigned": log.assigned,
            }[step.what](at)
    return log


def network(story: Story) -> Inventory:
    return inventory_of(story.coverage, story.zone, "own", {"own": story.calendar}, story.promises, story.pauses)


# ---------------------------------------------------------------- minute by minute


@lru_cache
def country(code: str) -> tuple[frozenset[date], frozenset[date]]:
    """Holidays and make-up days, as the library tells of them."""
    if not code:
        return frozenset(), frozenset()
    name, _, part = code.partition("-")
    known = library.country_holidays(name, part or None, years=range(2024, 2029))
    return frozenset(known), frozenset(known.weekend_workdays)


class Oracle:
    def __init__(self, story: Story) -> None:
        self.story = story
        minutes = [story.opened + minute * MINUTE for minute in range(LONG)]
        walls = [at.astimezone(ZoneInfo(story.zone)) for at in minutes]
        days = {wall.date() + step * DAY for wall in walls for step in (-1, 0)}
        self.works = {day: self._works(day) for day in days}
        self.serves = {day: self._serves(day) for day in days}
        self.covered = [self._covered(wall) for wall in walls]
        self.working = [self.works[wall.date()] for wall in walls]
        self._play()

    def _works(self, day: date) -> bool:
        if day in self.story.calendar.add:
            return False
        return self._makes_up(day) or (day.weekday() < 5 and not self._is_holiday(day))

    def _makes_up(self, day: date) -> bool:
        told = self.story.calendar
        return day not in told.add and (day in told.workdays or day in country(told.country)[1])

    def _is_holiday(self, day: date) -> bool:
        told = self.story.calendar
        if day in told.add:
            return True
        return day in country(told.country)[0] and day not in told.remove and day not in told.workdays

    def _covered(self, wall: datetime) -> bool:
        hours, at, day = self.story.coverage, wall.time(), wall.date()
        if hours == ALWAYS:
            return True
        if hours.start < hours.end:
            return self.serves[day] and hours.start <= at < hours.end
        return (self.serves[day] and at >= hours.start) or (self.serves[day - DAY] and at < hours.end)

    def _serves(self, day: date) -> bool:
        days = self.story.coverage.days
        if self._makes_up(day) and set(WEEKDAYS[:5]) <= set(days):
            return True
        return WEEKDAYS[day.weekday()] in days and not self._is_holiday(day)

    def _play(self) -> None:
        """What holds in each minute up to now, and when the things happened that end a clock."""
        story, happened = self.story, {step.after: step.what for step in self.story.steps}
        state, served, severity = CaseState.NEW, False, story.severity
        self.severities: list[Severity] = []
        self.still: list[str] = []
        self.acts: list[int] = []
        self.on_site: int | None = None
        self.resumed = 0
        self.restored: int | None = None
        for minute in range(story.now + 1):
            what, was, before = happened.get(minute, ""), served, state
            if what in LEVELS:
                severity = Severity(what)
            state = {
                "waiting": WAITING,
                "working": WORKING,
                "vendor": CaseState.WITH_VENDOR,
                "monitoring": MONITORING,
                "resolved": CaseState.RESOLVED,
                "relapse": WORKING,
                "assigned": CaseState.ASSIGNED if state is CaseState.NEW else state,
            }.get(what, state)
            if what == "restored":
                served = True
            elif what in ("broken", "relapse"):
                served = False
            elif what:
                served = state in SERVED or (served and before not in SERVED)
            if what in ("waiting", "working", "vendor", "monitoring", "resolved", "restored", "broken", "note",
                        "on_site", "assigned"):  # fmt: skip
                self.acts.append(minute)
            if what == "on_site" and self.on_site is None:
                self.on_site = minute
            if served and not was:
                self.restored = minute
            if was and not served:
                self.resumed, self.restored = minute, None
            self.severities.append(severity)
            self.still.append("served" if served else "paused" if state in story.pauses else "")

    def due(self, kind: Kind) -> tuple[int | None, int | None]:
        """Minutes until it is due, and at which the clock ended (None: it has not)."""
        story, present = self.story, self.severities[-1]
        met = {
            Kind.RESPONSE: self.acts[0] if self.acts else None,
            Kind.ON_SITE: self.on_site,
            Kind.RESTORE: self.restored,
            Kind.UPDATE: None,
        }[kind]
        ended = met if met is not None else self.restored
        until = story.now if ended is None else min(ended, story.now)
        since = max([self.resumed, *self.acts]) if kind is Kind.UPDATE else 0
        found = []
        for level in Severity:
            promise = getattr(story.promises[level], kind)
            if level < present or promise is None:
                continue
            began = next(minute for minute, then in enumerate(self.severities) if then <= level)
            found.append(self._reach(promise, max(began, since), until))
        known = [due for due in found if due is not None]
        return (min(known) if known else None), ended

    def _reach(self, promise: Promise, began: int, until: int) -> int | None:
        counts = self.working if promise.working_days else self.covered
        left = promise.length // MINUTE
        for minute in range(began, LONG):
            if counts[minute] and not (minute < until and self.still[minute]):
                left -= 1
                if left == 0:
                    return minute + 1
        return None


@settings(max_examples=80, deadline=None)
@given(stories())
def test_every_clock_is_due_when_an_oracle_that_looks_at_every_minute_says_so(story: Story) -> None:
    log, oracle = written(story), Oracle(story)
    now = story.opened + story.now * MINUTE
    for clock in sla.clocks(log.case, log.entries, network(story), now):
        if clock.state is State.NOT_PROMISED:
            continue
        due, ended = oracle.due(clock.kind)
        if due is None:
            assert clock.due is None or clock.due > story.opened + LONG * MINUTE, clock
            continue
        at = story.opened + due * MINUTE
        late = at < story.opened + ended * MINUTE if ended is not None else at <= now
        if clock.kind is Kind.UPDATE and oracle.still[-1] == "served":
            assert clock.state is State.OVER
        elif late:
            assert (clock.state, clock.due, clock.breached) == (State.MISSED, at, at)
        elif ended is not None:
            done = {Kind.RESPONSE: oracle.acts, Kind.ON_SITE: oracle.on_site, Kind.RESTORE: oracle.restored}[clock.kind]
            met = done not in (None, [])
            assert clock.state is (State.MET if met else State.OVER)
            assert clock.due == (at if met else None)
        elif oracle.still[-1]:
            assert (clock.state, clock.due) == (State.PAUSED, None)
        else:
            assert (clock.state, clock.due) == (State.RUNNING, at)


@settings(max_examples=60, deadline=None)
@given(stories(), st.randoms(use_true_random=False))
def test_nothing_but_the_timeline_and_the_inventory_matters(story: Story, chance: Random) -> None:
    log = written(story)
    now = story.opened + story.now * MINUTE
    plain = sla.clocks(log.case, log.entries, network(story), now)
    later = written(Story(**{**vars(story), "steps": (*story.steps, Step(9000, "resolved"))}))
    shuffled = list(later.entries)
    chance.shuffle(shuffled)
    opening = sorted(shuffled, key=lambda entry: entry.at > story.opened)
    assert sla.clocks(log.case, opening, network(story), now) == plain


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 100), st.integers(1, 2000), st.integers(1, 300), st.sampled_from(["P1", "P2"]))
def test_raising_the_severity_keeps_the_pause_that_was_before(before: int, pause: int, after: int, to: str) -> None:
    opened = utc("2026-11-02T00:00")
    log = Log(opened, Severity.P3)
    log.note(opened + MINUTE)
    log.moved(opened + before * MINUTE, WAITING).moved(opened + (before + pause) * MINUTE, WORKING)
    raised = opened + (before + pause + after) * MINUTE
    calm = sla.clocks(log.case, log.entries, inventory_of(), raised).restore
    log.severity(raised, Severity(to))
    told = sla.clocks(log.case, log.entries, inventory_of(), raised).restore
    promise = {"P1": 2 * HOUR, "P2": 4 * HOUR}[to]
    assert calm.due == opened + 24 * HOUR + pause * MINUTE
    assert told.due == min(calm.due, raised + promise)
    lowered = log.severity(raised + MINUTE, Severity.P3)
    assert sla.clocks(lowered.case, log.entries, inventory_of(), raised + MINUTE).restore.due == calm.due


Edit = Callable[[Story], Story]


@settings(max_examples=30, deadline=None)
@given(stories(), stories())
def test_another_contract_and_another_calendar_correct_every_clock(one: Story, other: Story) -> None:
    """The clocks after an edit are those of a case that went by the edited inventory from its first moment on."""
    now = one.opened + one.now * MINUTE
    edited = Story(
        **{**vars(one), "coverage": other.coverage, "promises": other.promises, "pauses": other.pauses,
           "calendar": other.calendar}
    )  # fmt: skip
    log = written(one)
    sla.clocks(log.case, log.entries, network(one), now)
    again = sla.clocks(log.case, log.entries, network(edited), now)
    fresh = written(edited)
    assert again == sla.clocks(fresh.case, fresh.entries, network(edited), now)
    oracle = Oracle(edited)
    due, _ = oracle.due(Kind.RESTORE)
    if again.restore.due is not None and due is not None:
        assert again.restore.due == edited.opened + timedelta(minutes=due)
