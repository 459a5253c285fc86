"""Who is on duty, of a team and level, at any time: rotation, week-ends, holidays, and what was changed at run time.

The layers lie over each other, each where it says something: the weekly rotation, the week-end rota, the holiday rota,
then overrides and swaps in the order in which they were made. So each moment has one person, or nobody.

Hand-overs are times on a wall clock. One that the clock skips in spring is as much later as the clock was put forward;
of one that comes twice in autumn the first counts. The one shift ends where the next begins, whatever clocks do.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from agent.cases.case import Case, CaseKind
from agent.inventory import holidays, recurrence
from agent.inventory.holidays import Calendar, Days
from agent.inventory.inventory import Inventory
from agent.inventory.recurrence import DAY, Rule
from agent.inventory.teams import HolidayRota, Level, Post, Rotation, Team, Weekend

_LONGEST_PAUSE = 63 * DAY  # from one hand-over to the next: `day 31` leaves out months
_TICK = timedelta(microseconds=1)


class Reason(StrEnum):
    """Why this person."""

    ALWAYS = "always"
    ROTATION = "rotation"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    OVERRIDE = "override"
    SWAP = "swap"


class DutyKind(StrEnum):
    OVERRIDE = "override"
    SWAP = "swap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What was changed at run time: `person` has the time from `starts` until `ends`.

    A swap is two of these in one: `other` has the time from `other_starts` until `other_ends` in return.
    """

    team: str
    level: int
    kind: DutyKind
    person: str
    starts: datetime
    ends: datetime
    other: str = ""
    other_starts: datetime | None = None
    other_ends: datetime | None = None
    why: str = ""
    made: datetime
    made_by: str
    cancelled: datetime | None = None
    cancelled_by: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A time in which one person has a level of a team; without a person nobody has. `duty` is what changed it."""

    team: str
    level: int
    starts: datetime
    ends: datetime
    person: str = ""
    reason: Reason | None = None
    why: str = ""
    duty: int = 0

    def during(self, now: datetime) -> bool:
        return self.starts <= now < self.ends


class Hole(StrEnum):
    """Why nobody can be called."""

    NOBODY = "nobody"
    UNKNOWN_PERSON = "unknown_person"
    NO_CHANNEL = "no_channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    team: str
    level: int
    starts: datetime
    ends: datetime
    why: Hole
    person: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """All that tells who is on duty: the teams as they are written, and what was changed since."""

    inventory: Inventory
    duties: tuple[Duty, ...] = ()
    reachable: Callable[[str], bool] = field(default=lambda _person: True)  # whether a known person can be told at all

    def levels(self, team: str) -> range:
        found = self.inventory.teams.get(team)
        return range(1, len(found.rungs) + 1) if found else range(0)


# ---------------------------------------------------------------- who, when


def who(roster: Roster, team: str, level: int, at: datetime) -> Shift:
    """The shift at that time, cut to a moment of it; without a person where nobody has it."""
    return shifts(roster, team, level, at, at + _TICK)[0]


def shifts(roster: Roster, team: str, level: int, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """Of [start, end), without a hole and without an overlap: where nobody is on duty a shift says so."""
    ground = Shift(team=team, level=level, starts=start.astimezone(UTC), ends=end.astimezone(UTC))
    known = roster.inventory.teams.get(team)
    if known is None or not 1 <= level <= len(known.rungs) or start >= end:
        return (ground,)
    painted: tuple[Shift, ...] = (ground,)
    for layer in _layers(known, level, roster, ground):
        painted = _paint(painted, layer)
    planned = painted
    for duty in sorted(roster.duties, key=lambda each: (each.made, each.id)):
        if (duty.team, duty.level) == (team, level) and duty.cancelled is None:
            for layer in _changes(duty):
                painted = _paint(painted, layer)
    return _joined(_as_planned(painted, planned))


def _layers(team: Team, level: int, roster: Roster, frame: Shift) -> Iterator[Shift]:
    rung = team.rungs[level - 1]
    if rung.always:
        yield replace(frame, person=rung.always, reason=Reason.ALWAYS)
    zone = ZoneInfo(team.timezone)
    first, last = (frame.starts - DAY).astimezone(zone).date(), (frame.ends + DAY).astimezone(zone).date()
    free = _calendar(roster.inventory.calendars, rung, first - 8 * DAY, last)
    if rung.rotation:
        yield from _rotation(rung.rotation, zone, first, last, frame)
    if rung.weekend:
        yield from _weekends(rung.weekend, _handed_over(rung), free, zone, first, last, frame)
    if rung.holidays:
        yield from _holidays(rung.holidays, _handed_over(rung), free, zone, first, last, frame)


def _calendar(calendars: Mapping[str, Calendar], rung: Level, first: date, last: date) -> Days:
    name = rung.holidays.calendar if rung.holidays else ""
    return holidays.days(calendars, name, first.year, last.year)


def _rotation(rotation: Rotation, zone: ZoneInfo, first: date, last: date, frame: Shift) -> Iterator[Shift]:
    rule = recurrence.parse(rotation.hand_over)
    if rule is None or not rotation.people:
        return
    begin = max(first - _LONGEST_PAUSE, rotation.starts)
    turns = [day for day in _days(begin, last + _LONGEST_PAUSE) if rule.falls_on(day)]
    for day, following in pairwise(turns):
        person = _turn(rotation.people, (_count(rule, rotation.starts, day) - 1) // rotation.turns)
        starts, ends = moment(day, rule.at, zone), moment(following, rule.at, zone)
        yield replace(frame, starts=starts, ends=ends, person=person, reason=Reason.ROTATION)


def _weekends(
    rota: Weekend, clock: time, free: Days, zone: ZoneInfo, first: date, last: date, frame: Shift
) -> Iterator[Shift]:
    """A day at the week-end that is worked on goes by the week."""
    begins, ends = recurrence.parse(rota.begins), recurrence.parse(rota.ends)
    if begins is None or ends is None or not rota.people:
        return
    for day in _days(max(first - 8 * DAY, rota.starts), last):
        if not begins.falls_on(day):
            continue
        starts = moment(day, begins.at, zone)
        until = (moment(each, ends.at, zone) for each in _days(day, day + 8 * DAY) if ends.falls_on(each))
        over = next((at for at in until if at > starts), starts)
        person = _turn(rota.people, _count(begins, rota.starts, day) - 1)
        whole = replace(frame, starts=starts, ends=over, person=person, reason=Reason.WEEKEND)
        worked = [each for each in _days(day - DAY, day + 8 * DAY) if free.is_makeup(each)]
        yield from _without(whole, [(moment(each, clock, zone), moment(each + DAY, clock, zone)) for each in worked])


def _holidays(
    rota: HolidayRota, clock: time, free: Days, zone: ZoneInfo, first: date, last: date, frame: Shift
) -> Iterator[Shift]:
    for day in _days(first - DAY, last):
        person = rota.days.get(day, "")
        if not person and rota.people and free.is_holiday(day):
            before = sum(each.year == day.year and each < day for each in free.holidays)
            person = _turn(rota.people, before)
        if person:
            starts, ends = moment(day, clock, zone), moment(day + DAY, clock, zone)
            yield replace(frame, starts=starts, ends=ends, person=person, reason=Reason.HOLIDAY)


def _handed_over(rung: Level) -> time:
    """The hour at which a day's duty begins."""
    written = (rung.rotation.hand_over if rung.rotation else "", rung.weekend.begins if rung.weekend else "")
    return next((rule.at for text in written if text and (rule := recurrence.parse(text))), time(0))


def _changes(duty: Duty) -> Iterator[Shift]:
    reason = Reason(duty.kind)
    said = Shift(
        team=duty.team,
        level=duty.level,
        starts=duty.starts,
        ends=duty.ends,
        person=duty.person,
        reason=reason,
        why=duty.why,
        duty=duty.id,
    )
    yield said
    if duty.other_starts and duty.other_ends:
        yield replace(said, starts=duty.other_starts, ends=duty.other_ends, person=duty.other)


# ---------------------------------------------------------------- laying times over each other


def _paint(below: tuple[Shift, ...], above: Shift) -> tuple[Shift, ...]:
    """`below` covers its frame; so does the result, with `above` where both are."""
    starts, ends = max(above.starts, below[0].starts), min(above.ends, below[-1].ends)
    if starts >= ends:
        return below
    left = [replace(each, ends=min(each.ends, starts)) for each in below if each.starts < starts]
    right = [replace(each, starts=max(each.starts, ends)) for each in below if each.ends > ends]
    return (*left, replace(above, starts=starts, ends=ends), *right)


def _without(shift: Shift, taken: Collection[tuple[datetime, datetime]]) -> Iterator[Shift]:
    at = shift.starts
    for starts, ends in sorted(taken):
        if at < min(starts, shift.ends):
            yield replace(shift, starts=at, ends=min(starts, shift.ends))
        at = max(at, ends)
    if at < shift.ends:
        yield replace(shift, starts=at)


def _as_planned(painted: Iterable[Shift], planned: Iterable[Shift]) -> Iterator[Shift]:
    """A change that gives somebody what was his anyway is none: two swaps that undo each other leave no trace."""
    plan = tuple(planned)
    for each in painted:
        if not each.duty:
            yield each
            continue
        for own in plan:
            starts, ends = max(own.starts, each.starts), min(own.ends, each.ends)
            if starts < ends:
                yield replace(own if own.person == each.person else each, starts=starts, ends=ends)


def _joined(found: Iterable[Shift]) -> tuple[Shift, ...]:
    """Neighbours that say the same are one."""
    joined: list[Shift] = []
    for each in found:
        if joined and replace(joined[-1], starts=each.starts, ends=each.ends) == each:
            joined[-1] = replace(joined[-1], ends=each.ends)
        else:
            joined.append(each)
    return tuple(joined)


# ---------------------------------------------------------------- days and turns


def moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)


def _days(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _turn(people: tuple[str, ...], number: int) -> str:
    return people[number % len(people)]


@lru_cache(maxsize=4096)
def _count(rule: Rule, first: date, last: date) -> int:
    """On how many days from `first` to `last` it falls."""
    if rule.day or rule.nth:
        return sum(rule.falls_on(day) for day in _days(first, last))
    weeks, rest = divmod((last - first).days + 1, 7)
    each_week = len(rule.weekdays) or 7
    return weeks * each_week + sum(rule.falls_on(day) for day in _days(last - (rest - 1) * DAY, last) if rest)


# ---------------------------------------------------------------- stretches, gaps


def stretches(roster: Roster, team: str, level: int, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """Shifts, joined where the same person goes on: where one ends there is somebody to hand over to."""
    joined: list[Shift] = []
    for each in shifts(roster, team, level, start, end):
        if joined and joined[-1].person == each.person:
            joined[-1] = replace(joined[-1], ends=each.ends)
        else:
            joined.append(each)
    return tuple(joined)


def gaps(roster: Roster, start: datetime, end: datetime, team: str = "") -> tuple[Gap, ...]:
    """Times in which nobody can be called, of a team or of all, by team, level and time."""
    found = []
    for name in sorted(roster.inventory.teams) if not team else [team]:
        for level in roster.levels(name):
            for each in stretches(roster, name, level, start, end):
                if why := _hole(each.person, roster):
                    gap = Gap(team=name, level=level, starts=each.starts, ends=each.ends, why=why, person=each.person)
                    found.append(gap)
    return tuple(found)


def _hole(person: str, roster: Roster) -> Hole | None:
    if not person:
        return Hole.NOBODY
    if person not in roster.inventory.people:
        return Hole.UNKNOWN_PERSON
    return None if roster.reachable(person) else Hole.NO_CHANNEL


def team_of(case: Case, inventory: Inventory) -> str:
    """Whose people work on it: the team that looks after the customer; else, so that no case is nobody's, the first."""
    if case.kind is CaseKind.ON_CALL_GAP:
        return case.problem.split("|")[1]
    owner = inventory.customers.get(case.customer)
    staffed = (team.name for team in inventory.teams.values() if team.rungs)
    return owner.team if owner and owner.team in inventory.teams else next(staffed, "")


def holder(case: Case, post: str, inventory: Inventory) -> str:
    """The key of the person who holds a post for a case: the customer's own, the team's, the house's; or empty."""
    owner = inventory.customers.get(case.customer)
    if post == Post.ACCOUNT and owner and owner.account:
        return owner.account
    team = inventory.teams.get(team_of(case, inventory))
    return (team.roles.get(post, "") if team else "") or inventory.policies.roles.get(post, "")
