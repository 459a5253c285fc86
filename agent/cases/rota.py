"""The layers of a rota: who has which time by the rotation, the week-end rota and the holiday rota of a level.

Hand-overs are times on a wall clock. One that the clock skips in spring is as much later as the clock was put forward;
of one that comes twice in autumn the first counts. The one shift ends where the next begins, whatever clocks do.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from agent.inventory import holidays, recurrence
from agent.inventory.holidays import Calendar, Days
from agent.inventory.recurrence import DAY, Rule
from agent.inventory.teams import HolidayRota, Level, Rotation, Team, Weekend

_LONGEST_PAUSE = 63 * DAY  # from one hand-over to the next: `day 31` leaves out months


class Reason(StrEnum):
    """Why this person."""

    ALWAYS = "always"
    ROTATION = "rotation"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    OVERRIDE = "override"
    SWAP = "swap"


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


def layers(team: Team, level: int, calendars: Mapping[str, Calendar], frame: Shift) -> Iterator[Shift]:
    """From the ground up, each where it says something; they may reach over the edges of `frame`."""
    rung = team.rungs[level - 1]
    if rung.always:
        yield replace(frame, person=rung.always, reason=Reason.ALWAYS)
    zone = ZoneInfo(team.timezone)
    first, last = (frame.starts - DAY).astimezone(zone).date(), (frame.ends + DAY).astimezone(zone).date()
    free = _calendar(calendars, rung, first - 8 * DAY, last)
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


# ---------------------------------------------------------------- laying times over each other


def paint(below: tuple[Shift, ...], above: Shift) -> tuple[Shift, ...]:
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


def as_planned(painted: Iterable[Shift], planned: Iterable[Shift]) -> Iterator[Shift]:
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


def joined(found: Iterable[Shift]) -> tuple[Shift, ...]:
    """Neighbours that say the same are one."""
    kept: list[Shift] = []
    for each in found:
        if kept and replace(kept[-1], starts=each.starts, ends=each.ends) == each:
            kept[-1] = replace(kept[-1], ends=each.ends)
        else:
            kept.append(each)
    return tuple(kept)


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
