"""The section `calendars` of an inventory, and who goes by a calendar."""

from collections.abc import Collection, Mapping
from datetime import date

from agent.inventory import holidays
from agent.inventory.holidays import Calendar
from agent.inventory.problems import Path, Problems, shown
from agent.inventory.reading import Written

_ADVICE = "Write a calendar's name, or a country's code as CN, DE-BY, US-NY"


def made(written: Written, problems: Problems) -> dict[str, Calendar]:
    """Those that are well-formed. A name that is a country's code, too, is the calendar."""
    found = {}
    for name, each in written.calendars.items():
        country = each.country or ""
        if country and not holidays.is_country(country):
            options = holidays.countries()
            problems.add(
                ("calendars", name, "country"),
                f"unknown country {shown(country)!r}",
                "Write its code: CN, DE-BY, US-NY",
                options=options,
                wrote=country,
            )
            continue
        _once(("calendars", name), {"add": each.add, "remove": each.remove, "workdays": each.workdays}, problems)
        found[name] = Calendar(
            name=name,
            country=country,
            add=frozenset(each.add),
            remove=frozenset(each.remove),
            workdays=frozenset(each.workdays),
        )
    return found


def _once(at: Path, lists: Mapping[str, Collection[date]], problems: Problems) -> None:
    for key, other in (("remove", "add"), ("workdays", "add")):
        for day in sorted(set(lists[key]) & set(lists[other])):
            problems.add((*at, key), f"{day} stands in {other}, too", "Write it in one of the two")


def check(at: Path, name: str, written: Written, problems: Problems) -> None:
    """Whether a calendar or a country is called so."""
    if name and name not in written.names("calendars") and not holidays.is_country(name):
        options = (*written.names("calendars"), *holidays.countries())
        problems.add(at, f"unknown calendar {shown(name)!r}", _ADVICE, options=options, wrote=name)
