"""`netcase sla calendar`: what a calendar says, and what it does not know yet."""

from datetime import date, timedelta
from typing import Annotated

import typer

from agent import locale
from agent.app import compose
from agent.cli import options, showing
from agent.errors import UsageError
from agent.inventory import holidays
from agent.inventory.inventory import Inventory
from agent.locale import N_

_SOON = timedelta(days=61)  # a year's make-up days are decreed about so long before


def calendar(
    name: Annotated[str, typer.Argument(help="A calendar of the inventory, or a country's code: CN, DE-BY, US-NY.")],
    year: Annotated[int | None, typer.Option(min=1970, max=2100, help="Which one; default this.")] = None,
    inventory: options.Inventory = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """The holidays and make-up days of a year, as the clocks go by them."""
    network, language = options.network(inventory), options.language(lang)
    found, of = holidays.calendar(network.calendars, name), year or compose.now().year
    if found is None:
        raise UsageError(f"{name} is no calendar of the inventory and no country's code, as CN, DE-BY or US-NY")
    days, last = holidays.of(found, of, of), holidays.unpublished(found, of)
    told = sorted([(day, "holiday") for day in days.holidays] + [(day, "makeup_day") for day in days.workdays])
    if json:
        rows = [{"day": day, "what": what} for day, what in told]
        showing.as_json({"calendar": name, "year": of, "published": not last, "days": rows})
        return
    _ = locale.words(language)
    listed = [(locale.day(day, language), locale.word(what, language)) for day, what in told]
    showing.table([_("Day"), _("What")], listed, _("No holidays."))
    if last:
        showing.line(unpublished(found.name, of, last, language))


def unpublished(name: str, year: int, last: int, language: str) -> str:
    return locale.say(
        N_(
            "{calendar}: the make-up working days of {year} are not known, only those until {last}: write them under "
            "calendars, or update the library holidays"
        ),
        language,
        calendar=name,
        year=str(year),
        last=str(last),
    )


def warnings(network: Inventory, today: date, language: str) -> list[str]:
    """For `netcase check`: calendars in use that do not know this year's make-up days, or those of the year that comes
    within two months."""
    used = sorted(_in_use(network))
    found = []
    for name in used:
        known = holidays.calendar(network.calendars, name)
        for year in sorted({today.year, (today + _SOON).year}) if known else ():
            if known and (last := holidays.unpublished(known, year)):
                found.append(unpublished(name, year, last, language))
    return found


def _in_use(network: Inventory) -> set[str]:
    named = {contract.holidays for contract in network.contracts.values()} | set(network.calendars)
    for team in network.teams.values():
        named |= {rung.holidays.calendar for rung in team.rungs if rung.holidays and rung.holidays.calendar}
    return named - {""}
