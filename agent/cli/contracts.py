"""Commands that look contracts up: whether one covers what is named, and which there are."""

from datetime import date, timedelta
from typing import Annotated

import typer

from agent import locale
from agent.app import compose
from agent.cases import contract
from agent.cases.contract import Claim, Finding, Status
from agent.cli import options, showing
from agent.errors import UsageError
from agent.locale import N_

SOON = 90  # days


def add_to(cli: typer.Typer) -> None:
    commands = typer.Typer(help="Contracts: what they cover, and which hold.", no_args_is_help=True)
    commands.command()(check)
    cli.add_typer(commands, name="contract")
    cli.command(name="contracts")(list_contracts)


def check(
    number: Annotated[str, typer.Option(help="The contract's number.")] = "",
    serial: Annotated[str, typer.Option(help="A serial number.")] = "",
    device: Annotated[str, typer.Option(help="A device's name or address.")] = "",
    customer: Annotated[str, typer.Option(help="A customer's short name.")] = "",
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Whether a contract covers what is named; exit 1 when it does not."""
    from agent.pipeline import contracts

    if not (number or serial or device or customer):
        raise UsageError("name at least one of --number, --serial, --device and --customer")
    language, network = options.language(lang), options.network(inventory)
    claim = Claim(number=number, serial=serial, device=device, customer=customer)
    known: contract.Serials = {}
    if serial:
        with options.existing(data, database) as memory, memory.store.read() as tx:
            known = contracts.serials(tx, network, claim)
    found = contract.look_up(claim, network, known, compose.now())
    if json:
        showing.as_json(plain(found))
    else:
        head = locale.say(
            N_("Contract {contract}: {status:word}"), language, contract=found.number or "–", status=found.status
        )
        showing.line(f"{head}{colon(language)}{locale.reword(found.because, language)}")
    if found.status is not Status.VALID:
        raise typer.Exit(1)


def plain(found: Finding) -> dict[str, str]:
    return {
        "status": str(found.status),
        "because": found.because,
        "number": found.number,
        "device": found.device,
        "customer": found.customer,
        "site": found.site,
    }


def list_contracts(
    soon: Annotated[int, typer.Option(min=1, max=3660, help="Ends within so many days: told as ending soon.")] = SOON,
    customer: Annotated[str | None, typer.Option(help="Only this customer's.")] = None,
    inventory: options.Inventory = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """The contracts, what they cover and when they end; those that end first come first."""
    network, language = options.network(inventory), options.language(lang)
    _, today = locale.words(language), compose.now().date()
    rows = [
        {
            "number": each.number,
            "customer": each.customer,
            "starts": each.starts,
            "ends": each.ends,
            "state": standing(each.starts, each.ends, today, timedelta(days=soon)),
            "days_left": (each.ends - today).days,
            "devices": sum(device.contract == each.number for device in network.devices.values()),
            "serials": len(each.serials),
        }
        for each in sorted(network.contracts.values(), key=lambda each: (each.ends, each.number))
        if customer in {None, each.customer}
    ]
    if json:
        showing.as_json(rows)
        return
    heads = ("Contract", "Customer", "Starts", "Ends", "State", "Days left", "Devices", "Serials")
    shown = [[locale.word(str(v), language) if k == "state" else str(v) for k, v in row.items()] for row in rows]
    showing.table([_(head) for head in heads], shown, _("No contracts."))


def standing(starts: date, ends: date, today: date, soon: timedelta) -> str:
    if today > ends:
        return "expired"
    if today < starts:
        return "not_begun"
    return "ending_soon" if ends - today <= soon else "valid"


HEADS = (N_("Starts"), N_("Ends"), N_("Days left"), N_("Devices"), N_("Serials"))


def colon(language: str) -> str:
    return "：" if language == "zh_CN" else ": "
