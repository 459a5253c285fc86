"""Commands for vendors: which of our cases they have, handing one over, taking it back."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent import locale
from agent.app import compose, signing
from agent.app.compose import Memory
from agent.cases import statement, vendor
from agent.cases.case import Case
from agent.cases.vendor import Handover
from agent.cli import options, showing
from agent.cli.looking import case_number
from agent.errors import UsageError
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.notifications import wording
from agent.ports import Transaction

if TYPE_CHECKING:
    from agent.pipeline.desk import Desk

Name = Annotated[str, typer.Argument(help="The case, NC-000001 or 1.")]
Text = Annotated[str, typer.Option("--message", "-m", help="What they said or what came of it; it stands on the case.")]
Who = Annotated[str | None, typer.Option("--as", help="Who does it; default the user logged in.")]
Reference = Annotated[str, typer.Option(help="Their case number.")]
Severity = Annotated[str, typer.Option(help="Their severity, where it is not the one for ours.")]
Contact = Annotated[str, typer.Option(help="Who works on it there, with telephone or mail.")]
Next = Annotated[
    str | None, typer.Option("--next-update", help="When they owe news: 4h, 1d, or an ISO time; default theirs.")
]


def add_to(cli: typer.Typer) -> None:
    cli.command()(vendors)


def add_to_case(cases: typer.Typer) -> None:
    group = typer.Typer(help="Hand the case over to a vendor, write down what they say, take it back.")
    group.command(name="open")(open_)
    group.command()(update)
    group.command()(close)
    group.command()(text)
    cases.add_typer(group, name="vendor")


def desk(tx: Transaction, memory: Memory, network: Inventory) -> "Desk":
    from agent.pipeline.desk import Desk

    return Desk(tx, network, compose.now(), signing.links(memory.folder))


def case_of(tx: Transaction, name: str) -> Case:
    case = tx.case(case_number(name))
    if case is None:
        raise UsageError(f"there is no case {name}: `netcase cases` lists them")
    return case


def open_(
    name: Name,
    to: Annotated[str, typer.Option("--vendor", help="The vendor's short name in the inventory.")] = "",
    reference: Reference = "",
    severity: Severity = "",
    contact: Contact = "",
    due: Next = None,
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Hand the case over to a vendor; prints what to paste into their form or mail."""
    from agent.pipeline import handing, stating

    network, language = options.network(inventory), options.language(lang)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        at, case = desk(tx, memory, network), case_of(tx, name)
        handover = handing.open_(
            at,
            case,
            to,
            options.actor(who),
            reference=wording.line(reference),
            severity=wording.line(severity),
            contact=wording.line(contact),
            due=options.ahead(due, at.now) if due else None,
        )
        stated = stating.statement(tx, network, case_of(tx, name), network.vendors[handover.vendor], at.now)
    if json:
        showing.as_json({"handover": handover, "subject": statement.subject(stated), "text": both(stated)})
        return
    showing.line(f"{case.name} is in the hands of {handover.vendor}; their next news are due {_due(handover)}", "bold")
    _print(stated, language)


def update(
    name: Name,
    message: Text = "",
    reference: Reference = "",
    severity: Severity = "",
    contact: Contact = "",
    due: Next = None,
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Write down what the vendor said; their clock begins anew."""
    from agent.pipeline import handing

    network = options.network(inventory)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        at, case = desk(tx, memory, network), case_of(tx, name)
        handover = handing.update(
            at,
            case,
            message[:4000],
            options.actor(who),
            reference=wording.line(reference),
            severity=wording.line(severity),
            contact=wording.line(contact),
            due=options.ahead(due, at.now) if due else None,
        )
    showing.line(f"{case.name}: {handover.vendor} told news; the next are due {_due(handover)}")


def close(
    name: Name,
    message: Text = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """The vendor is done: say what came of it; work goes on with us."""
    from agent.pipeline import handing

    network = options.network(inventory)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        at = desk(tx, memory, network)
        handover = handing.close(at, case_of(tx, name), message[:4000], options.actor(who))
        case = case_of(tx, name)
    showing.line(f"{case.name} is back from {handover.vendor} and {case.state}")


def text(
    name: Name,
    to: Annotated[str, typer.Option("--vendor", help="The vendor's short name; default whoever has it.")] = "",
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """The hand-over in words, to paste into a vendor's form or mail; nothing is changed."""
    from agent.pipeline import handing, stating
    from agent.pipeline.desk import Desk

    network, language = options.network(inventory), options.language(lang)
    with options.existing(data, database) as memory, memory.store.read() as tx:
        case, now = case_of(tx, name), compose.now()
        owner = handing.vendor_of(Desk(tx, network, now), to) if to else None
        stated = stating.statement(tx, network, case, owner, now)
    if json:
        showing.as_json({"subject": statement.subject(stated), "text": both(stated)})
    else:
        _print(stated, language)


def both(stated: statement.Statement) -> dict[str, str]:
    return {language: statement.words(stated, language) for language in locale.LANGUAGES}


def _print(stated: statement.Statement, language: str) -> None:
    """Plain text, so that it can be pasted: no colours, no folding."""
    _ = locale.words(language)
    if stated.vendor:
        ways = (stated.vendor.portal, stated.vendor.email, stated.vendor.phone)
        print(showing.clean(f"{_(N_('Goes to'))}: {', '.join(filter(None, ways)) or stated.vendor.name}"))
    print(showing.clean(f"{_(N_('Subject line'))}: {statement.subject(stated)}"))
    print()
    print(showing.clean(statement.words(stated, language)), end="")


def vendors(
    all_: Annotated[bool, typer.Option("--all", help="Those that are over as well.")] = False,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Our cases in the hands of vendors, those whose news are overdue first; exit 1 when any are."""
    language, now = options.language(lang), compose.now()
    with options.existing(data, database) as memory, memory.store.read() as tx:
        found = []
        for handover in tx.handovers(only_open=not all_):
            if case := tx.case(handover.case):
                found.append((case, handover))
    found = vendor.by_urgency(found, now)
    if json:
        showing.as_json([told(case, handover, now) for case, handover in found])
    else:
        _ = locale.words(language)
        heads = (
            N_("Case"),
            N_("Severity"),
            N_("Vendor"),
            N_("Their number"),
            N_("Their severity"),
            N_("News due"),
            N_("Overdue"),
            N_("About"),
        )
        rows = [_row(case, handover, now, language) for case, handover in found]
        showing.table([_(head) for head in heads], rows, _(N_("No case is in a vendor's hands.")))
    if any(handover.overdue(now) for _case, handover in found):
        raise typer.Exit(1)


def told(case: Case, handover: Handover, now: Any) -> dict[str, Any]:
    late = handover.overdue(now)
    about = {"name": case.name, "severity": case.severity, "about": case.about}
    return {**about, **showing.plain(handover), "overdue_s": late.total_seconds() if late else 0}


def _row(case: Case, handover: Handover, now: Any, language: str) -> tuple[object, ...]:
    late = handover.overdue(now)
    return (
        case.name,
        case.severity,
        handover.vendor,
        handover.reference,
        handover.severity,
        _due(handover),
        locale.duration(late, language) if late else "",
        case.about,
    )


def _due(handover: Handover) -> str:
    return f"{handover.due:%Y-%m-%d %H:%MZ}" if handover.due else "–"


def show(tx: Transaction, case: Case, language: str) -> None:
    """A part of `netcase case show`."""
    _, now = locale.words(language), compose.now()
    for handover in tx.handovers(case.number):
        late = handover.overdue(now)
        said = f"{_(N_('Vendor'))}: {handover.vendor}   {_(N_('Their number'))}: {handover.reference or '–'}   "
        said += f"{_(N_('Their severity'))}: {handover.severity or '–'}   {_(N_('Contact'))}: {handover.contact or '–'}"
        showing.line(said)
        if handover.open:
            over = f" ({_(N_('Overdue'))} {locale.duration(late, language)})" if late else ""
            showing.line(f"  {_(N_('News due'))}: {_due(handover)}{over}", "red" if late else "")
