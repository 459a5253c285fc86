"""Commands for spare parts: what lies where, lists read in, parts moved, what runs low."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from agent import locale
from agent.app import compose
from agent.cases import sparelist, spares
from agent.cases.spares import Count, Spare, SpareState
from agent.cli import options, showing
from agent.errors import CollisionError, Problem, RefusedError, UsageError
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.notifications import wording

Location = Annotated[str, typer.Option("--at", help="A site, headquarters, or vendor:NAME.")]


def add_to(cli: typer.Typer) -> None:
    group = typer.Typer(help="Spare parts: what lies where.", no_args_is_help=True)
    group.command(name="import")(import_)
    group.command(name="list")(list_)
    group.command()(add)
    group.command()(move)
    group.command()(count)
    cli.add_typer(group, name="spares")


def import_(
    file: Annotated[Path, typer.Argument(help="CSV with the columns part, serial, location, model, note.")],
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Read a list of spare parts in: all of it, or nothing and every line that is wrong (exit 2)."""
    network, language = options.network(inventory), options.language(lang)
    try:
        with file.open("rb") as opened:
            raw = opened.read(sparelist.MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    text, problem = sparelist.decoded(raw, str(file))
    if problem:
        _refused((problem,))
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        stock = {spare.serial: spare for spare in tx.spares()}
        found = sparelist.read(text, str(file), network.sites, network.vendors, stock, compose.now())
        if found.problems:
            _refused(found.problems)
        changed, new = sparelist.merged(found.spares, stock)
        if any(tx.spare(each.serial) != stock.get(each.serial) for each in changed):
            raise CollisionError("somebody else changed one of these parts just now: import the list once more")
        tx.save_spares(changed)
    if json:
        showing.as_json({"read": len(found.spares), "new": new, "changed": len(changed) - new})
        return
    said = N_("{n} spare parts read: {new} new, {changed} changed")
    showing.line(locale.say(said, language, n=len(found.spares), new=new, changed=len(changed) - new))


def _refused(problems: Sequence[Problem]) -> NoReturn:
    for problem in problems:
        print(showing.clean(str(problem)), file=sys.stderr)
    count = len(problems)
    print(f"{count} problem{'s' if count != 1 else ''}; nothing was imported", file=sys.stderr)
    raise typer.Exit(2)


def list_(
    part: Annotated[str | None, typer.Option(help="Only of this part number or model.")] = None,
    at: Annotated[str | None, typer.Option("--at", help="Only at this location.")] = None,
    state: Annotated[SpareState | None, typer.Option(help="Only in this state.")] = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Every spare part: number, serial number, where it is and for what."""
    language = options.language(lang)
    with options.existing(data, database) as memory, memory.store.read() as tx:
        found = [spare for spare in tx.spares(part=part, location=at) if state in {None, spare.state}]
    if json:
        showing.as_json(found)
        return
    _ = locale.words(language)
    heads = (
        N_("Part number"),
        N_("Serial number"),
        N_("Model"),
        N_("Location"),
        N_("State"),
        N_("RMA"),
        N_("Note"),
    )
    showing.table([_(head) for head in heads], [_row(spare, language) for spare in found], _(N_("No spare parts.")))


def _row(spare: Spare, language: str) -> tuple[object, ...]:
    held = f"RMA-{spare.rma:06d}" if spare.rma else ""
    where, state = place(spare.location, language), locale.word(spare.state, language)
    return spare.part, spare.serial, spare.model, where, state, held, spare.note


def place(location: str, language: str) -> str:
    return locale.word(location, language) if location == spares.HEADQUARTERS else location


def add(
    part: Annotated[str, typer.Option(help="The part number.")],
    serial: Annotated[str, typer.Option(help="The serial number as printed on it.")],
    at: Location,
    model: Annotated[str, typer.Option(help="The model, where it is called otherwise.")] = "",
    note: Annotated[str, typer.Option(help="A shelf, or what is worth knowing.")] = "",
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Put one part into stock."""
    network, now = options.network(inventory), compose.now()
    spare = Spare(
        part=spares.part_number(part),
        serial=spares.serial_number(serial),
        location=_place(at, network),
        model=spares.part_number(model) if model else "",
        note=wording.line(note),
        changed=now,
    )
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        known = tx.spare(spare.serial)
        if known:
            raise RefusedError(
                f"{spare.serial} is {known.state.replace('_', ' ')} at {known.location} already: "
                f"netcase spares move {spare.serial} --at {spare.location}"
            )
        tx.save_spares([spare])
    showing.line(f"{spare.part} {spare.serial} is in stock at {spare.location}")


def move(
    serial: Annotated[str, typer.Argument(help="The serial number.")],
    at: Location,
    note: Annotated[str, typer.Option(help="A shelf, or why.")] = "",
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Put a part into stock somewhere else; also one that was repaired."""
    network, number = options.network(inventory), spares.serial_number(serial)
    location = _place(at, network)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        known = tx.spare(number)
        if known is None:
            raise UsageError(f"no spare part has the serial number {number}: `netcase spares list` lists them")
        tx.save_spares([spares.moved(known, location, wording.line(note), compose.now())])
    showing.line(f"{known.part} {number} is in stock at {location}")


def _place(text: str, network: Inventory) -> str:
    return spares.place(text, network.sites, network.vendors)


def count(
    low: Annotated[bool, typer.Option("--low", help="Only what runs low.")] = False,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """How many of each part lie where, and what runs low; exit 1 when anything does."""
    network, language = options.network(inventory), options.language(lang)
    with options.existing(data, database) as memory, memory.store.read() as tx:
        counted = spares.count(tx.spares(), network.policies.rma.minimum_stock)
    found = [each for each in counted if each.low or not low]
    if json:
        showing.as_json([showing.plain(each) | {"in_stock": each.in_stock, "low": each.low} for each in found])
    else:
        _ = locale.words(language)
        heads = (
            N_("Part number"),
            N_("Location"),
            N_("In stock"),
            N_("Wanted"),
            N_("Reserved"),
            N_("In use"),
            N_("Defective"),
        )
        rows = [_counted(each, language) for each in found]
        showing.table([_(head) for head in heads], rows, _(N_("No spare parts.")))
    if any(each.low for each in counted):
        raise typer.Exit(1)


def _counted(each: Count, language: str) -> tuple[object, ...]:
    rest = [each.states.get(state, 0) for state in (SpareState.RESERVED, SpareState.IN_USE, SpareState.DEFECTIVE)]
    here = f"{each.in_stock} ({locale.words(language)(N_('low'))})" if each.low else str(each.in_stock)
    return each.part, place(each.location, language), here, each.least or "", *(str(n) for n in rest)
