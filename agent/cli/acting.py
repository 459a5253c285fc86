"""Commands that act on what is remembered: cases, the database."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from agent import locale
from agent.app import compose
from agent.cases import intake, moves
from agent.cases.case import Action, Case, CaseState, Entry, Evidence
from agent.cli import (
    bridges,
    bundle,
    clocks,
    customer,
    escalated,
    evidence,
    faq,
    fastness,
    notifying,
    opening,
    options,
    relating,
    rmas,
    showing,
    sla,
    vendor,
)
from agent.cli.looking import case_number
from agent.errors import UsageError
from agent.ports import Transaction

Name = Annotated[str, typer.Argument(help="The case, NC-000001 or 1.")]
Reason = Annotated[str, typer.Option("--reason", "-m", help="Why; it stands on the case.")]
Who = Annotated[str | None, typer.Option("--as", help="Who does it; default the user logged in.")]


def add_to(cli: typer.Typer) -> None:
    cases = typer.Typer(help="One case: show it, work on it.", no_args_is_help=True)
    for command in (show, assign, ack, note, start, wait, watch, give_back, resolve, close, reopen):
        cases.command()(command)
    cases.command(name="evidence")(evidence.export)
    opening.add_to_case(cases)
    relating.add_to_case(cases)
    faq.add_to_case(cases)
    vendor.add_to_case(cases)
    bundle.add_to_case(cases)
    customer.add_to_case(cases)
    sla.add_to_case(cases)
    cli.add_typer(cases, name="case")
    database = typer.Typer(help="The database.", no_args_is_help=True)
    database.command()(upgrade)
    database.command()(prune)
    cli.add_typer(database, name="db")


def _case(tx: Transaction, name: str) -> Case:
    case = tx.case(case_number(name))
    if case is None:
        raise UsageError(f"there is no case {name}: `netcase cases` lists them")
    return case


def show(
    name: Name,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """The case with its decision record, symptoms, timeline, evidence and messages."""
    with options.existing(data, database) as memory, memory.store.read() as tx:
        case = _case(tx, name)
        found = {
            "case": case,
            "around": relating.around(tx, case),
            "similar": faq.around(tx, case),
            "bridges": bridges.around(tx, case),
            "decisions": tx.decisions(case.name),
            "faults": tx.faults(case=case.number),
            "vendors": tx.handovers(case.number),
            "rmas": [rmas.told(found) for found in tx.rmas(case=case.number)],
            "customer": customer.around(tx, case),
            "escalation": escalated.around(tx, case, inventory),
            "reported": intake.told(tx.timeline(case.number)),
            "clocks": clocks.plain(clocks.around(tx, case, inventory)),
            "timeline": tx.timeline(case.number),
            "ledger": fastness.plain(fastness.of(tx, case)),
            "evidence": tx.evidence(case.number),
            "notifications": notifying.of(tx, case.number),
        }
        if json:
            showing.as_json(found)
            return
        _print(tx, case, inventory, options.language(lang))


def _print(tx: Transaction, case: Case, inventory: Path | None, language: str) -> None:
    _ = locale.words(language)
    headline = f"{case.name}  {case.severity}  {locale.word(case.state, language)}  {locale.word(case.kind, language)}"
    showing.line(f"{headline}  {case.about}", "bold")
    showing.line(f"{_('Customer')}: {case.customer or '–'}   {_('Site')}: {case.site or '–'}")
    if moves.is_acknowledged(case, compose.now()):
        until = _time(case.acknowledged_until) if case.acknowledged_until else _("until it is over")
        showing.line(f"{_('Acknowledged by')}: {case.acknowledged_by}   {_('Until')}: {until}")
    opening.show(tx, case, language)
    relating.show(tx, case, language)
    faq.show_on_case(tx, case, language)
    bridges.show_on_case(tx, case, language)
    vendor.show(tx, case, language)
    rmas.show_of(tx, case, language)
    customer.show(tx, case, language)
    escalated.show(tx, case, inventory, language)
    notifying.show_on_case(tx, case, language)
    for entry in tx.timeline(case.number):
        showing.line(
            f"  {_time(entry.at)}  {locale.word(entry.action, language)}: {locale.reword(entry.text, language)}"
        )
    clocks.show_on_case(clocks.around(tx, case, inventory), language)
    fastness.show(fastness.of(tx, case), language)
    heads = [_(head) for head in ("Device", "Command", "State", "Bytes", "Secrets", "Detail")]
    rows = [
        (
            e.device,
            e.command,
            _ended(e, language),
            e.bytes or "",
            e.secrets_removed or "",
            locale.reword(e.detail, language),
        )
        for e in tx.evidence(case.number)
    ]
    showing.table(heads, rows, _("No evidence."))


def _ended(row: Evidence, language: str) -> str:
    """The state, and how it came to it where that says more."""
    state = locale.word(row.state, language)
    same = row.outcome is None or row.outcome == str(row.state)
    return state if same else f"{state}: {locale.word(str(row.outcome), language)}"


def _move(name: str, to: CaseState, reason: str, who: str | None, data: Path | None, database: str | None) -> None:
    from agent.pipeline import moving

    with options.existing(data, database) as memory, memory.store.begin() as tx:
        case = moving.move(tx, case_number(name), to, options.actor(who), reason, compose.now())
    showing.line(f"{case.name} is {case.state}")


def assign(
    name: Name,
    person: Annotated[str, typer.Argument(help="Who works on it.")],
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Give the case to a person."""
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        case, entry = moves.assign(_case(tx, name), person, options.actor(who), compose.now())
        tx.save_case(case)
        tx.log([entry])
    showing.line(f"{case.name} is assigned to {person}")


def ack(
    name: Name,
    until: Annotated[
        str | None, typer.Option(help="So long: 4h, 2d, or an ISO time. Default until it is over.")
    ] = None,
    reason: Reason = "",
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Say that somebody knows of it: nobody is told of it again, until then, or until it is over or grows worse."""
    now = compose.now()
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        ends = options.ahead(until, now) if until else None
        case, entry = moves.acknowledge(_case(tx, name), options.actor(who), ends, reason, now)
        tx.save_case(case)
        tx.log([entry])
    showing.line(f"{case.name} is acknowledged by {case.acknowledged_by}{f' until {_time(ends)}' if ends else ''}")


def note(
    name: Name,
    text: Annotated[str, typer.Argument(help="What to write into the timeline.")],
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Write a line into the case's timeline."""
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        case = _case(tx, name)
        said = Entry(case=case.number, at=compose.now(), action=Action.NOTE, text=text[:4000], actor=options.actor(who))
        tx.log([said])
    showing.line(f"noted on {case.name}")


def start(
    name: Name, reason: Reason = "", who: Who = None, data: options.Data = None, database: options.Database = None
) -> None:
    """Work on the case begins, or goes on."""
    _move(name, CaseState.IN_PROGRESS, reason or "work begins", who, data, database)


def wait(
    name: Name, reason: Reason = "", who: Who = None, data: options.Data = None, database: options.Database = None
) -> None:
    """Wait for the customer."""
    _move(name, CaseState.WAITING_FOR_CUSTOMER, reason, who, data, database)


def watch(
    name: Name, reason: Reason = "", who: Who = None, data: options.Data = None, database: options.Database = None
) -> None:
    """It works again, and is watched for a while."""
    _move(name, CaseState.MONITORING, reason, who, data, database)


def give_back(
    name: Name, reason: Reason = "", who: Who = None, data: options.Data = None, database: options.Database = None
) -> None:
    """Nobody works on it any more; somebody else shall."""
    _move(name, CaseState.NEW, reason, who, data, database)


def resolve(
    name: Name, reason: Reason = "", who: Who = None, data: options.Data = None, database: options.Database = None
) -> None:
    """The problem is solved; say how."""
    _move(name, CaseState.RESOLVED, reason, who, data, database)


def close(
    name: Name, reason: Reason = "", who: Who = None, data: options.Data = None, database: options.Database = None
) -> None:
    """Close a resolved case; only a person does."""
    _move(name, CaseState.CLOSED, reason, who, data, database)


def reopen(
    name: Name, reason: Reason = "", who: Who = None, data: options.Data = None, database: options.Database = None
) -> None:
    """Open a resolved case again."""
    _move(name, CaseState.IN_PROGRESS, reason, who, data, database)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%SZ")


def upgrade(data: options.Data = None, database: options.Database = None) -> None:
    """Bring the database up to this version; `netcase run` does it too."""
    with compose.memory(options.chosen(data=data, database=database)):
        showing.line("the database is up to date")


def prune(inventory: options.Inventory = None, data: options.Data = None, database: options.Database = None) -> None:
    """Delete samples and events that are older than the inventory keeps them."""
    policies = options.network(inventory).policies
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        gone = tx.prune(compose.now(), policies.keep_samples, policies.keep_hours, policies.keep_journal)
    showing.line(f"{gone} rows deleted")
