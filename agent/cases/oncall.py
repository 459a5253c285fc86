"""Who is on duty, of a team and level, at any time: rotation, week-ends, holidays, and what was changed at run time.

The layers lie over each other, each where it says something: the weekly rotation, the week-end rota, the holiday rota,
then overrides and swaps in the order in which they were made. So each moment has one person, or nobody.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from agent.cases import rota
from agent.cases.case import Case, CaseKind
from agent.cases.rota import Reason, Shift
from agent.errors import RefusedError
from agent.inventory.inventory import Inventory
from agent.inventory.teams import LADDER, Post

_TICK = timedelta(microseconds=1)
_AHEAD = timedelta(days=70)  # the end of a gap is looked for so far
LONGEST = timedelta(days=366)  # of an override; and a shift is looked for so far on either side


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


def called(roster: Roster, case: Case, level: int, at: datetime) -> str:
    """Who is called for a level: whoever is on duty there. Where nobody is who can be told, that of the next level; and
    where no level has anybody, whoever holds a post. A person's key; that of nobody, or of who cannot be told, where
    there is no other."""
    team = team_of(case, roster.inventory)
    on_duty = [who(roster, team, each, at).person for each in (level, *roster.levels(team)[level:])]
    posts = [holder(case, post, roster.inventory) for post in LADDER] if level == 1 else []
    return next((each for each in (*on_duty, *posts) if hole(each, roster) is None), on_duty[0])


def shifts(roster: Roster, team: str, level: int, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """Of [start, end), without a hole and without an overlap: where nobody is on duty a shift says so."""
    ground = Shift(team=team, level=level, starts=start.astimezone(UTC), ends=end.astimezone(UTC))
    known = roster.inventory.teams.get(team)
    if known is None or not 1 <= level <= len(known.rungs) or start >= end:
        return (ground,)
    painted: tuple[Shift, ...] = (ground,)
    for layer in rota.layers(known, level, roster.inventory.calendars, ground):
        painted = rota.paint(painted, layer)
    planned = painted
    for duty in sorted(roster.duties, key=lambda each: (each.made, each.id)):
        if (duty.team, duty.level) == (team, level) and duty.cancelled is None:
            for layer in _changes(duty):
                painted = rota.paint(painted, layer)
    return rota.joined(rota.as_planned(painted, planned))


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


# ---------------------------------------------------------------- changing it


def override(
    roster: Roster,
    team: str,
    level: int,
    person: str,
    start: datetime,
    end: datetime,
    *,
    why: str,
    actor: str,
    now: datetime,
) -> Duty:
    """Raises RefusedError, which says what is wrong with it."""
    _check(roster, team, level, why)
    if person not in roster.inventory.people:
        known = ", ".join(sorted(roster.inventory.people))
        raise RefusedError(f"there is no person {person} in the inventory; there are {known}")
    if not roster.reachable(person):
        raise RefusedError(f"{person} cannot be told on any channel: write an address into the inventory first")
    if end <= start or end <= now:
        raise RefusedError("it would be over before it begins: --to must lie after --from, and ahead")
    if end - start > LONGEST:
        raise RefusedError("it would last longer than a year: change the rota in the inventory instead")
    return Duty(
        team=team,
        level=level,
        kind=DutyKind.OVERRIDE,
        person=person,
        starts=start,
        ends=end,
        why=why,
        made=now,
        made_by=actor,
    )


def swap(
    roster: Roster, team: str, level: int, first: datetime, second: datetime, *, why: str, actor: str, now: datetime
) -> Duty:
    """The shifts at these two times change hands, what is left of them. Raises RefusedError."""
    _check(roster, team, level, why)
    one, two = (_shift_at(roster, team, level, at, now) for at in sorted((first, second)))
    if one.person == two.person:
        raise RefusedError(f"{one.person} has both of these shifts: there is nothing to swap")
    return Duty(
        team=team,
        level=level,
        kind=DutyKind.SWAP,
        person=two.person,
        starts=max(one.starts, now),
        ends=one.ends,
        other=one.person,
        other_starts=max(two.starts, now),
        other_ends=two.ends,
        why=why,
        made=now,
        made_by=actor,
    )


def _check(roster: Roster, team: str, level: int, why: str) -> None:
    if team not in roster.inventory.teams:
        raise RefusedError(f"there is no team {team}; there are {', '.join(sorted(roster.inventory.teams))}")
    if level not in roster.levels(team):
        raise RefusedError(f"{team} has the levels 1 to {len(roster.levels(team))}")
    if not why:
        raise RefusedError("say why: -m")


def _shift_at(roster: Roster, team: str, level: int, at: datetime, now: datetime) -> Shift:
    found = next((e for e in shifts(roster, team, level, at - LONGEST, at + LONGEST) if e.during(at)), None)
    if found is None or not found.person:
        raise RefusedError(f"nobody is on call at {at:%Y-%m-%d %H:%M} UTC: override it instead")
    if found.ends <= now:
        raise RefusedError(f"the shift at {at:%Y-%m-%d %H:%M} UTC is over")
    return found


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
                if why := hole(each.person, roster):
                    gap = Gap(team=name, level=level, starts=each.starts, ends=each.ends, why=why, person=each.person)
                    found.append(gap)
    return tuple(found)


def gaps_ahead(roster: Roster, start: datetime, now: datetime) -> tuple[Gap, ...]:
    """Those that are not over and begin within the days in which a gap is told, to their ends; looked at from `start`
    on."""
    until = now + roster.inventory.policies.oncall_gap_ahead
    return tuple(gap for gap in gaps(roster, start, until + _AHEAD) if gap.ends > now and gap.starts < until)


@dataclass(frozen=True, slots=True)
class Outlook:
    """`missing`: how long nobody can be called within the time looked at; `begins`: from when on."""

    team: str
    level: int
    missing: timedelta
    begins: datetime | None


def outlook(roster: Roster, now: datetime) -> tuple[Outlook, ...]:
    """Of each level of each team, as far ahead as a gap is told."""
    until = now + roster.inventory.policies.oncall_gap_ahead
    found: dict[tuple[str, int], list[Gap]] = {}
    for gap in gaps(roster, now, until):
        found.setdefault((gap.team, gap.level), []).append(gap)
    levels = [(team, level) for team in sorted(roster.inventory.teams) for level in roster.levels(team)]
    return tuple(_outlook(team, level, found.get((team, level), [])) for team, level in levels)


def _outlook(team: str, level: int, found: list[Gap]) -> Outlook:
    missing = sum((gap.ends - gap.starts for gap in found), timedelta(0))
    return Outlook(team, level, missing, found[0].starts if found else None)


def hole(person: str, roster: Roster) -> Hole | None:
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
    theirs = inventory.teams.get(owner.team) if owner else None
    staffed = (team.name for team in inventory.teams.values() if team.rungs)
    return theirs.name if theirs and (theirs.rungs or theirs.roles) else next(staffed, theirs.name if theirs else "")


def holder(case: Case, post: str, inventory: Inventory) -> str:
    """The key of the person who holds a post for a case: the customer's own, the team's, the house's; or empty."""
    owner = inventory.customers.get(case.customer)
    if post == Post.ACCOUNT and owner and owner.account:
        return owner.account
    team = inventory.teams.get(team_of(case, inventory))
    return (team.roles.get(post, "") if team else "") or inventory.policies.roles.get(post, "")
