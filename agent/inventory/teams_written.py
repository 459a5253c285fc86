"""The rotas of a team, and the policies of paging and escalation, as they are written in an inventory."""

# ruff: noqa: RUF012 - pydantic gives every model a default of its own

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from agent.inventory import recurrence
from agent.inventory.fields import Day, Duration, Name, wrong
from agent.inventory.problems import shown
from agent.inventory.section import Section
from agent.inventory.teams import Post

_ADVICE = 'Write it as "mon 09:00", "daily 08:00" or "day 1 09:00"'
_WEEKLY = 'Write it as "sat 09:00"'
MOST_PEOPLE, MOST_LEVELS = 100, 9


def _hand_over(value: object) -> str:
    rule = recurrence.parse(value) if isinstance(value, str) else None
    if rule is None:
        raise wrong(f"{shown(value)!r} is no time of a hand-over", _ADVICE)
    return str(rule)


def _once_a_week(value: object) -> str:
    rule = recurrence.parse(value) if isinstance(value, str) else None
    if rule is None or len(rule.weekdays) != 1 or rule.nth:
        raise wrong(f"{shown(value)!r} is no day of the week and time", _WEEKLY)
    return str(rule)


HandOver = Annotated[
    str, BeforeValidator(_hand_over), WithJsonSchema({"type": "string", "examples": ["mon 09:00", "daily 08:00"]})
]
WeeklyTime = Annotated[
    str, BeforeValidator(_once_a_week), WithJsonSchema({"type": "string", "examples": ["sat 09:00", "mon 09:00"]})
]
People = Annotated[list[Name], Field(min_length=1, max_length=MOST_PEOPLE)]
Severity = Literal["P1", "P2", "P3", "P4"]
Paging = dict[Severity, dict[Duration, Annotated[int, Field(ge=1, le=MOST_LEVELS)]]]
Escalation = dict[Severity, dict[Duration, Post]]
EscalationHours = dict[Severity, Literal["always", "coverage"]]
Holders = dict[Post, Name]


class Rotation(Section):
    people: People
    """Who takes turns, in this order."""
    hand_over: HandOver | None = None
    """When the next takes over, on the team's clock."""
    turns: Annotated[int, Field(ge=1, le=53)] | None = None
    """For so many hand-overs in a row each of them has it."""
    starts: Day | None = None
    """The day from which on turns are counted; before it nobody is on duty."""


class Weekend(Section):
    people: People
    """Who takes turns, a week-end each."""
    begins: WeeklyTime | None = None
    """When the week-end begins, on the team's clock."""
    ends: WeeklyTime | None = None
    """When it is over."""
    starts: Day | None = None
    """The day from which on turns are counted."""


class HolidayRota(Section):
    calendar: str | None = None
    """The calendar whose holidays are meant, and whose make-up days go by the week: its name, or a country's code."""
    people: list[Name] = []
    """Who takes turns on its holidays, a day each; left out: those that `days` does not name go by the week."""
    days: dict[Day, Name] = {}
    """Who has a day, by its date."""


class Rung(Section):
    always: Name | None = None
    """One person who always has it."""
    rotation: Rotation | None = None
    """Who takes turns, week by week."""
    weekend: Weekend | None = None
    """Who takes turns at the week-end; left out: it goes by the week."""
    holidays: HolidayRota | None = None
    """Who has the public holidays; left out: they go by the week."""


Rungs = Annotated[list[Rung], Field(max_length=MOST_LEVELS)]
