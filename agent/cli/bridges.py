"""`netcase bridges`: other ticket systems in which cases stand too, how far that is true, and trying again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from agent import locale
from agent.app import compose
from agent.cases.case import Case
from agent.cases.mirror import Mirror, MirrorState
from agent.cli import options, showing
from agent.cli.looking import case_number
from agent.errors import DeliveryError, UnavailableError, UsageError
from agent.inventory.bridges import BridgeSetup
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.ports import Transaction
from agent.settings import secret

Bridge = Annotated[str, typer.Argument(metavar="NAME", help="The bridge, as the inventory calls it.")]
Name = Annotated[str, typer.Argument(metavar="CASE", help="The case, NC-000001 or 1.")]
Only = Annotated[str | None, typer.Option("--bridge", help="Only this bridge.")]


def add_to(cli: typer.Typer) -> None:
    commands = typer.Typer(help="Other ticket systems in which cases stand too.", no_args_is_help=True)
    commands.command(name="list")(list_bridges)
    commands.command()(check)
    commands.command()(retry)
    cli.add_typer(commands, name="bridges")


def list_bridges(
    only: Only = None,
    state: Annotated[
        str | None, typer.Option("--state", help="Cases in this state: pending, failed or in_step.")
    ] = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Every bridge, how many cases stand there, and those that do not as they should; exit 1 when one failed."""
    language, network = options.language(lang), options.network(inventory)
    if state is not None and state not in set(MirrorState):
        raise UsageError(f"--state {state} is not known: write one of {', '.join(MirrorState)}")
    if only is not None:
        _setup(network, only)
    with options.existing(data, database) as memory, memory.store.read() as tx:
        counts = tx.mirror_counts()
        every = tx.mirrors(bridge=only, state=MirrorState(state) if state else None)
    shown = [each for each in every if state or each.state is not MirrorState.IN_STEP]
    if json:
        showing.as_json({"bridges": [_plain(b, counts) for b in network.bridges.values()], "cases": shown})
    else:
        _print(network, counts, shown, language)
    if any(each.state is MirrorState.FAILED for each in every):
        raise typer.Exit(1)


def _print(
    network: Inventory, counts: Mapping[tuple[str, MirrorState], int], shown: list[Mirror], language: str
) -> None:
    _ = locale.words(language)
    heads = [N_("Bridge"), N_("System"), N_("Address"), *(locale.word(str(s), language) for s in MirrorState)]
    rows = [
        (b.name, b.kind, b.url, *(counts.get((b.name, s), 0) for s in MirrorState)) for b in network.bridges.values()
    ]
    showing.table([_(head) for head in heads], rows, _(N_("The inventory names no bridges.")))
    if shown:
        heads = [N_("Case"), N_("Bridge"), N_("State"), N_("There"), N_("Since"), N_("What went wrong")]
        lines = [
            (f"NC-{m.case:06d}", m.bridge, locale.word(str(m.state), language), m.name or m.theirs, _time(m.at), m.said)
            for m in shown
        ]
        showing.table([_(head) for head in heads], lines, "")


def _plain(setup: BridgeSetup, counts: Mapping[tuple[str, MirrorState], int]) -> dict[str, Any]:
    held = {str(state): counts.get((setup.name, state), 0) for state in MirrorState}
    return {
        "name": setup.name,
        "kind": setup.kind,
        "url": setup.url,
        "customers": setup.customers,
        "severities": setup.severities,
        "wins": setup.wins,
        "cases": held,
    }


def check(name: Bridge, inventory: options.Inventory = None, lang: options.Lang = None) -> None:
    """Whether a bridge answers and lets us in; nothing is made there."""
    from agent.channels import bridges

    language = options.language(lang)
    setup = _setup(options.network(inventory), name)
    try:
        said = bridges.made(setup, secret).check()
    except DeliveryError as error:
        raise UnavailableError(str(error)) from error
    showing.line(locale.reword(said, language))


def retry(
    name: Name,
    only: Only = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """Go there with a case now, whatever failed before."""
    from agent.pipeline import mirroring

    language, now, network = options.language(lang), compose.now(), options.network(inventory)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        case = tx.case(case_number(name))
        if case is None:
            raise UsageError(f"there is no case {name}: `netcase cases` lists them")
        setups = [_setup(network, only)] if only else _of_case(tx, network, case)
        for setup in setups:
            mirroring.retry(tx, case, setup, now)
    for setup in setups:
        said = N_("{case} is on its way to {bridge}")
        showing.line(locale.say(said, language, case=case.name, bridge=setup.name))


def _of_case(tx: Transaction, network: Inventory, case: Case) -> list[BridgeSetup]:
    """Where it failed; and where it failed nowhere, where it stands."""
    mine = [each for each in tx.mirrors(case=case.number) if each.bridge in network.bridges]
    failed = [each for each in mine if each.state is MirrorState.FAILED] or [each for each in mine if not each.queued]
    if not failed:
        raise UsageError(f"{case.name} stands in no other system, or is on its way: `netcase bridges list` shows it")
    return [network.bridges[each.bridge] for each in failed]


def _setup(network: Inventory, name: str) -> BridgeSetup:
    if name not in network.bridges:
        names = ", ".join(network.bridges) or "none"
        raise UsageError(f"there is no bridge {name} in the inventory; it names {names}")
    return network.bridges[name]


def show_on_case(tx: Transaction, case: Case, language: str) -> None:
    for each in tx.mirrors(case=case.number):
        state, there = locale.word(str(each.state), language), each.name or each.theirs or "–"
        trouble = f"  {each.said}" if each.said else ""
        showing.line(f"{locale.words(language)(N_('Bridge'))}: {each.bridge}  {there}  {state}{trouble}")


def around(tx: Transaction, case: Case) -> list[dict[str, Any]]:
    shown = ("bridge", "state", "theirs", "name", "link", "at", "checked", "said")
    return [{name: showing.plain(getattr(each, name)) for name in shown} for each in tx.mirrors(case=case.number)]


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%SZ")
