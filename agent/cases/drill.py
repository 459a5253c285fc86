"""Who would be called, for every stretch of the days ahead in which the same people are on call; nobody is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from agent.cases import oncall
from agent.cases.case import Severity
from agent.cases.oncall import Hole, Roster


@dataclass(frozen=True, slots=True)
class Call:
    """So long after the opening, while nobody has taken the case up. `hole`: why that person cannot be called."""

    after: timedelta
    level: int
    person: str
    hole: Hole | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A case that is opened from `starts` until `ends` calls these. By severity; a level that the team does not have is
    left out."""

    team: str
    starts: datetime
    ends: datetime
    calls: dict[Severity, tuple[Call, ...]]


def run(roster: Roster, team: str, start: datetime, end: datetime) -> tuple[Stretch, ...]:
    """As of the beginning of each stretch: a call that comes after the next hand-over reaches whoever has it then."""
    shifts = [each for level in roster.levels(team) for each in oncall.stretches(roster, team, level, start, end)]
    cuts = sorted({start, *(each.starts for each in shifts), end})
    found: list[Stretch] = []
    for begins, ends in pairwise(cuts):
        calls = {level: _calls(roster, team, level, begins) for level in Severity}
        if found and found[-1].calls == calls:
            found[-1] = Stretch(team=team, starts=found[-1].starts, ends=ends, calls=calls)
        else:
            found.append(Stretch(team=team, starts=begins, ends=ends, calls=calls))
    return tuple(found)


def _calls(roster: Roster, team: str, severity: Severity, at: datetime) -> tuple[Call, ...]:
    found = []
    for after, level in roster.inventory.policies.paging.get(severity, {}).items():
        if level in roster.levels(team):
            person = oncall.who(roster, team, level, at + after).person
            found.append(Call(after, level, person, oncall.hole(person, roster)))
    return tuple(found)
