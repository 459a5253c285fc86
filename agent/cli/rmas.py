"""How RMAs are shown: one, and the list of those that are not over."""

from typing import Annotated, Any

import typer

from agent import locale
from agent.app import compose
from agent.cases.case import Case
from agent.cases.rma import Rma
from agent.cli import options, showing
from agent.cli.looking import case_number
from agent.locale import N_
from agent.ports import Transaction

Name = Annotated[str, typer.Argument(help="The RMA, RMA-000001 or 1.")]


def show(
    name: Name,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Everything that is known of one RMA."""
    from agent.pipeline import replacing
    from agent.pipeline.desk import Desk

    network, language = options.network(inventory), options.language(lang)
    with options.existing(data, database) as memory, memory.store.read() as tx:
        found = replacing.known(Desk(tx, network, compose.now()), name)
    if json:
        showing.as_json(told(found))
    else:
        lines(found, language)


def list_(
    case: Annotated[str | None, typer.Option(help="Only of this case.")] = None,
    device: Annotated[str | None, typer.Option(help="Only of this device.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Those that are over as well.")] = False,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """RMAs that are not over; exit 1 when a failed part should have gone back by now."""
    language, now = options.language(lang), compose.now()
    number = case_number(case) if case is not None else None
    with options.existing(data, database) as memory, memory.store.read() as tx:
        found = tx.rmas(case=number, device=device, only_open=not all_)
    if json:
        showing.as_json([told(each) | {"late": each.owes_return(now)} for each in found])
    else:
        _ = locale.words(language)
        heads = (
            N_("RMA"),
            N_("Case"),
            N_("State"),
            N_("Device"),
            N_("Part number"),
            N_("Serial out"),
            N_("Serial in"),
            N_("Comes from"),
            N_("Return due"),
        )
        rows = [_row(each, each.owes_return(now), language) for each in found]
        showing.table([_(head) for head in heads], rows, _(N_("No RMAs.")))
    if any(each.owes_return(now) for each in found):
        raise typer.Exit(1)


def _row(found: Rma, late: bool, language: str) -> tuple[object, ...]:
    due = f"{found.return_due:%Y-%m-%d}" if found.return_due and not found.returned else ""
    return (
        found.name,
        f"NC-{found.case:06d}",
        locale.word(found.state, language),
        found.device,
        found.part,
        found.serial_out,
        found.serial_in,
        locale.word(found.source, language) if found.source else "",
        f"{due} ({locale.words(language)(N_('late'))})" if late else due,
    )


def told(found: Rma) -> dict[str, Any]:
    """As JSON knows it."""
    return {"name": found.name, **showing.plain(found)}


_ROWS: tuple[tuple[str, str], ...] = (
    (N_("Device"), "device"),
    (N_("Part of the device"), "slot"),
    (N_("Part number"), "part"),
    (N_("What is wrong"), "fault"),
    (N_("Serial out"), "serial_out"),
    (N_("Serial in"), "serial_in"),
    (N_("The device tells"), "serial_seen"),
    (N_("Site"), "site"),
    (N_("Address"), "address"),
    (N_("Contact"), "contact"),
    (N_("Contract"), "contract"),
    (N_("Comes from"), "location"),
    (N_("Vendor"), "vendor"),
    (N_("Their number"), "reference"),
    (N_("Tracking"), "tracking"),
    (N_("Way back"), "return_tracking"),
)
_TIMES = (
    "requested",
    "confirmed",
    "sourced",
    "shipped",
    "delivered",
    "installed",
    "seen",
    "healthy",
    "returned",
    "closed",
)


def lines(found: Rma, language: str) -> None:
    _ = locale.words(language)
    showing.line(f"{found.name}  {locale.word(found.state, language)}  NC-{found.case:06d}", "bold")
    for label, name in _ROWS:
        if value := getattr(found, name):
            more = f" ({locale.word(found.contract_status, language)})" if name == "contract" else ""
            showing.line(f"  {_(label)}: {value}{more}")
    for name in _TIMES:
        at = getattr(found, name)
        if at:
            word = locale.word(found.state if name == "closed" else name, language)
            showing.line(f"  {at:%Y-%m-%d %H:%MZ}  {word}{_by(found, name)}")
    if found.return_due and not found.returned and found.open:
        showing.line(f"  {_(N_('Return due'))}: {found.return_due:%Y-%m-%d %H:%MZ}")


def _by(found: Rma, name: str) -> str:
    by = {"requested": found.requested_by, "confirmed": found.confirmed_by}.get(name, "")
    return f" ({by})" if by else ""


def show_of(tx: Transaction, case: Case, language: str) -> None:
    """A part of `netcase case show`."""
    now = compose.now()
    for found in tx.rmas(case=case.number):
        late = found.owes_return(now)
        serials = f"{found.serial_out or '–'} → {found.serial_in or '–'}"
        due = f"   {locale.words(language)(N_('Return due'))}: {found.return_due:%Y-%m-%d}" if found.return_due else ""
        said = f"{found.name}: {locale.word(found.state, language)}   {found.part} {found.device}   {serials}{due}"
        showing.line(said, "red" if late else "")
