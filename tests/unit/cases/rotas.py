"""Teams that the tests of on call are told with, and an oracle of who is on duty that counts days one by one."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays as library

from agent.cases.oncall import Duty, DutyKind, Roster
from agent.inventory.customers import Customer, Person
from agent.inventory.inventory import Inventory
from agent.inventory.teams import HolidayRota, Level, Rotation, Team, Weekend

PEOPLE = ("ann", "bob", "cid", "dan", "eve")
NOBODY = ("ghost", "mute")  # in the rota and in no inventory; in it, and without any address
ZONES = {"Asia/Shanghai": "CN", "Europe/Berlin": "DE-BY", "America/New_York": "US-NY"}
START = date(2025, 1, 6)  # a Monday


def network(*levels: Level, timezone: str = "UTC", **team: object) -> Inventory:
    people = {key: Person(name=key.title(), email=f"{key}@example.net") for key in PEOPLE}
    people["mute"] = Person(name="Mute")
    made = Team(name="tac", levels=levels, timezone=timezone, **team)  # type: ignore[arg-type]
    return Inventory(people=people, teams={"tac": made}, customers={"acme": Customer(name="acme", team="tac")})


def roster(*levels: Level, timezone: str = "UTC", duties: Iterable[Duty] = ()) -> Roster:
    return Roster(network(*levels, timezone=timezone), tuple(duties), lambda person: person != "mute")


def weekly(*people: str, hand_over: str = "mon 09:00", **more: Any) -> Rotation:
    return Rotation(people=people, hand_over=hand_over, **({"starts": START} | more))


def whole(country: str, clock: str = "09:00") -> Level:
    """A level with everything that a rota can have."""
    return Level(
        rotation=weekly("ann", "bob", "cid", hand_over=f"mon {clock}"),
        weekend=Weekend(people=("dan", "eve"), begins=f"sat {clock}", ends=f"mon {clock}", starts=START),
        holidays=HolidayRota(calendar=country, people=("eve", "ann"), days={date(2026, 1, 1): "cid"}),
    )


def change(person: str, starts: datetime, ends: datetime, number: int = 1) -> Duty:
    return Duty(
        team="tac",
        level=1,
        kind=DutyKind.OVERRIDE,
        person=person,
        starts=starts,
        ends=ends,
        why="ill",
        made=starts,
        made_by="me",
        id=number,
    )


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


# ---------------------------------------------------------------- the oracle


def on_duty(zone: str, country: str, clock: time, now: datetime) -> str:
    """Of `whole`: it asks each day on which something began whether that is the last thing that did."""
    mine = ZoneInfo(zone)
    days = [START + timedelta(n) for n in range((now.astimezone(mine).date() - START).days + 2)]
    begun = [day for day in days if datetime.combine(day, clock, mine).timestamp() <= now.timestamp()]
    today = begun[-1]  # the day whose duty it is
    off, makeup = _days(country)
    if today == date(2026, 1, 1):
        return "cid"
    if today in off:
        return ("eve", "ann")[sum(day < today and day.year == today.year for day in off) % 2]
    if today.weekday() >= 5 and today not in makeup:
        return ("dan", "eve")[(sum(day.weekday() == 5 for day in begun) - 1) % 2]
    return ("ann", "bob", "cid")[(sum(day.weekday() == 0 for day in begun) - 1) % 3]


@lru_cache
def _days(country: str) -> tuple[frozenset[date], frozenset[date]]:
    code, _, part = country.partition("-")
    known = library.country_holidays(code, subdiv=part or None, years=range(2024, 2029))
    return frozenset(known), frozenset(known.weekend_workdays)
