"""Teams: who holds which post, and the rota by which a team's people take turns on duty.

Of one level of a team the weekly rotation is the ground, the week-end rota lies over it, and the holiday rota over
both. `agent.cases.oncall` works out who is on duty when.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Post(StrEnum):
    """Whom a case that is not over reaches in the end, in the order of the ladder; and who looks after the contract."""

    PROJECT_LEAD = "project_lead"
    TECHNICAL_MANAGER = "technical_manager"
    TECHNICAL_DIRECTOR = "technical_director"
    GENERAL_MANAGER = "general_manager"
    ACCOUNT = "account"


LADDER = (Post.PROJECT_LEAD, Post.TECHNICAL_MANAGER, Post.TECHNICAL_DIRECTOR, Post.GENERAL_MANAGER)
LONG_AGO = date(2024, 1, 1)  # a Monday: turns are counted from here where no start is written


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """People take turns; at `hand_over`, as agent.inventory.recurrence reads it, the next takes over.

    `turns`: so many times between two hand-overs each has it. Before `starts` nobody has.
    """

    people: tuple[str, ...]
    hand_over: str = "mon 09:00"
    turns: int = 1
    starts: date = LONG_AGO


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekend:
    """From `begins` until `ends` one of `people` has it, the next week the next."""

    people: tuple[str, ...]
    begins: str = "sat 09:00"
    ends: str = "mon 09:00"
    starts: date = LONG_AGO


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayRota:
    """Who has a day, from the hour of the hand-over until that of the next day.

    `days` are those that are published by name; on the other public holidays of `calendar` the `people` take turns, a
    day each, beginning anew each year. Without people such a day goes by the week.
    """

    calendar: str = ""
    people: tuple[str, ...] = ()
    days: Mapping[date, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One rung of a team's call list. `always` is the old short form: one person for ever."""

    always: str = ""
    rotation: Rotation | None = None
    weekend: Weekend | None = None
    holidays: HolidayRota | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """`levels` are worked out from `on_call` where no levels are written."""

    name: str
    on_call: tuple[str, ...] = ()  # people, the first is always on duty, the next stands in
    levels: tuple[Level, ...] = ()
    timezone: str = "UTC"  # whose clock the hand-overs go by
    roles: Mapping[str, str] = field(default_factory=dict)  # by Post

    @property
    def rungs(self) -> tuple[Level, ...]:
        return self.levels or tuple(Level(always=person) for person in self.on_call)
