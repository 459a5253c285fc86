"""Commands for RMAs, from the request for a part to the failed one's way back."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent import locale
from agent.cases import spares
from agent.cases.rma import Rma, RmaState
from agent.cli import options, rmas, showing
from agent.cli.vendor import case_of, desk
from agent.errors import CollisionError
from agent.locale import N_
from agent.notifications import wording

if TYPE_CHECKING:
    from agent.pipeline.desk import Desk

Name = Annotated[str, typer.Argument(help="The RMA, RMA-000001 or 1.")]
Message = Annotated[str, typer.Option("--message", "-m", help="Why; it stands on the case.")]
Who = Annotated[str | None, typer.Option("--as", help="Who does it; default the user logged in.")]
Serial = Annotated[str, typer.Option(help="The new part's serial number, where it is not the recorded one.")]
Tracking = Annotated[str, typer.Option(help="The carrier and its number.")]
Vendor = Annotated[str, typer.Option(help="This vendor sends it, whatever is in stock.")]


def add_to(cli: typer.Typer) -> None:
    group = typer.Typer(help="Replacing failed hardware.", no_args_is_help=True)
    for command in (request, confirm, source, ship, deliver, install, verify, close, cancel, rmas.show):
        group.command()(command)
    group.command(name="return")(give_back)
    group.command(name="list")(rmas.list_)
    cli.add_typer(group, name="rma")


def request(
    case: Annotated[str, typer.Argument(help="The case, NC-000001 or 1.")],
    fault: Annotated[str, typer.Option("--fault", "-m", help="What is wrong with the part.")] = "",
    part: Annotated[str, typer.Option(help="The part number; default the model that the device tells.")] = "",
    serial: Annotated[str, typer.Option(help="The failed serial number; default the device's own.")] = "",
    device: Annotated[str, typer.Option(help="The device; default the case's.")] = "",
    component: Annotated[str, typer.Option(help="The part of it, as the device calls it.")] = "",
    site: Annotated[str, typer.Option(help="The site that it goes to; default the case's.")] = "",
    address: Annotated[str, typer.Option(help="Where it is sent; default the site's address.")] = "",
    contact: Annotated[str, typer.Option(help="Who receives it; default the customer's first contact.")] = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Ask for a replacement; the customer is asked to confirm it."""
    from agent.pipeline import replacing
    from agent.pipeline.replacing import Form

    form = Form(
        device=device,
        component=component,
        part=part,
        serial=serial,
        fault=fault,
        site=site,
        address=address,
        contact=contact,
    )
    network, language = options.network(inventory), options.language(lang)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        found = replacing.request(desk(tx, memory, network), case_of(tx, case), form, options.actor(who))
    if json:
        showing.as_json(rmas.told(found))
        return
    rmas.lines(found, language)
    if found.warning:
        showing.line(f"{locale.words(language)(N_('Look at this'))}: {_warned(found, language)}", "bold yellow")


def _warned(found: Rma, language: str) -> str:
    return "; ".join(locale.reword(said, language) for said in found.warning.split("; "))


Do = Callable[["Desk", Rma, str], Rma]


def _act(name: str, who: str | None, inventory: Any, data: Any, database: Any, json: bool, do: Do) -> None:
    """Two who act on one RMA at once: the later one looks at it anew."""
    from agent.pipeline import replacing

    network = options.network(inventory)
    for attempt in range(3):
        try:
            with options.existing(data, database) as memory, memory.store.begin() as tx:
                at = desk(tx, memory, network)
                found = do(at, replacing.known(at, name), options.actor(who))
            break
        except CollisionError:
            if attempt == 2:
                raise
    if json:
        showing.as_json(rmas.told(found))
    else:
        showing.line(_standing(found))


def _standing(found: Rma) -> str:
    said = f"{found.name} is {found.state}"
    if found.state is RmaState.SOURCED:
        where = (
            f"{found.serial_in} of {found.location}" if found.serial_in else f"{found.vendor or 'the vendor'} sends it"
        )
        return f"{said}: {where}"
    if found.state is RmaState.INSTALLED:
        due = f"; {found.serial_out} goes back by {found.return_due:%Y-%m-%d %H:%MZ}" if found.return_due else ""
        return f"{said}: {found.serial_in}; the next poll of {found.device or 'the device'} shall tell it{due}"
    return said


def confirm(
    name: Name,
    by: Annotated[str, typer.Option(help="Who of the customer confirmed it.")] = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
) -> None:
    """The customer confirmed, by telephone or mail; the nearest spare part is reserved."""
    from agent.pipeline import replacing

    _act(
        name,
        who,
        inventory,
        data,
        database,
        json,
        lambda at, found, actor: replacing.confirm(at, found, wording.line(by) or actor, actor),
    )


def source(
    name: Name,
    message: Message = "",
    vendor: Vendor = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
) -> None:
    """The part that was promised is not there, lost or broken: look for another one."""
    from agent.pipeline import replacing

    _act(
        name,
        who,
        inventory,
        data,
        database,
        json,
        lambda at, found, actor: replacing.again(at, found, actor, wording.line(message), vendor),
    )


def ship(
    name: Name,
    tracking: Tracking = "",
    serial: Serial = "",
    reference: Annotated[str, typer.Option(help="The vendor's number for it.")] = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
) -> None:
    """It is on its way."""
    from agent.pipeline import fitting

    _act(
        name,
        who,
        inventory,
        data,
        database,
        json,
        lambda at, found, actor: fitting.ship(
            at, found, actor, wording.line(tracking), serial, wording.line(reference)
        ),
    )


def deliver(
    name: Name,
    serial: Serial = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
) -> None:
    """It has arrived."""
    from agent.pipeline import fitting

    _act(name, who, inventory, data, database, json, lambda at, found, actor: fitting.deliver(at, found, actor, serial))


def install(
    name: Name,
    serial: Serial = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
) -> None:
    """It is in; the device shall tell its serial number. A running network is changed only with written consent."""
    from agent.pipeline import fitting

    _act(name, who, inventory, data, database, json, lambda at, found, actor: fitting.install(at, found, actor, serial))


def verify(
    name: Name,
    message: Message = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
) -> None:
    """Say by hand that the new part is in and healthy, where the device cannot tell."""
    from agent.pipeline import fitting

    _act(
        name,
        who,
        inventory,
        data,
        database,
        json,
        lambda at, found, actor: fitting.verify(at, found, actor, wording.line(message)),
    )


def give_back(
    name: Name,
    tracking: Tracking = "",
    to: Annotated[str, typer.Option(help="headquarters or vendor:NAME; default whoever sent the new part.")] = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
) -> None:
    """The failed part is on its way back."""
    from agent.pipeline import replacing

    network = options.network(inventory)
    where = spares.place(to, network.sites, network.vendors) if to else ""
    _act(
        name,
        who,
        inventory,
        data,
        database,
        json,
        lambda at, found, actor: replacing.give_back(at, found, actor, wording.line(tracking), where),
    )


def close(
    name: Name,
    message: Message = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
) -> None:
    """It is done; where the failed part did not go back, say why it need not."""
    from agent.pipeline import replacing

    _act(
        name,
        who,
        inventory,
        data,
        database,
        json,
        lambda at, found, actor: replacing.close(at, found, actor, wording.line(message)),
    )


def cancel(
    name: Name,
    message: Message = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
) -> None:
    """Nothing is replaced; what was reserved is in stock again."""
    from agent.pipeline import replacing

    _act(
        name,
        who,
        inventory,
        data,
        database,
        json,
        lambda at, found, actor: replacing.cancel(at, found, actor, wording.line(message)),
    )
