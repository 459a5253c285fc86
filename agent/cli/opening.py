"""Commands with which a clerk opens a case, attaches what came with it, and corrects its contract."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent import locale
from agent.app import compose, signing
from agent.app.compose import Memory
from agent.cases import intake
from agent.cases.case import Action, Case, Entry, Origin, Severity
from agent.cases.intake import Form
from agent.cli import options, showing
from agent.cli.contracts import colon, plain
from agent.cli.looking import case_number
from agent.errors import CollisionError, UsageError
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.ports import Transaction

TRIES = 5

Name = Annotated[str, typer.Argument(help="The case, NC-000001 or 1.")]
Who = Annotated[str | None, typer.Option("--as", help="Who does it; default the user logged in.")]
Attached = Annotated[list[Path] | None, typer.Option("--attach", help="A file that belongs to it; several may be.")]

if TYPE_CHECKING:
    from agent.pipeline.attaching import Kept


def add_to_case(cases: typer.Typer) -> None:
    cases.command(name="open")(open_case)
    cases.command()(attach)
    cases.command(name="contract")(correct)


# ---------------------------------------------------------------- opening


def open_case(
    title: Annotated[str, typer.Option(help="What is wrong, in a few words.")] = "",
    text: Annotated[str, typer.Option(help="What was said; `-` reads it from standard input.")] = "",
    severity: Annotated[
        Severity | None, typer.Option(help="As the reporter says; left out: P3, or P4 with --request.")
    ] = None,
    number: Annotated[str, typer.Option("--contract", help="The contract's number.")] = "",
    serial: Annotated[str, typer.Option(help="The device's serial number.")] = "",
    device: Annotated[str, typer.Option(help="The device's name or address.")] = "",
    customer: Annotated[str, typer.Option(help="The customer's short name.")] = "",
    reporter: Annotated[str, typer.Option(help="Who reports it.")] = "",
    phone: Annotated[str, typer.Option(help="Their telephone number.")] = "",
    mail: Annotated[str, typer.Option("--email", help="Their e-mail address: they are told the number.")] = "",
    origin: Annotated[Origin, typer.Option(help="How it came in: hotline, fax, email or web.")] = Origin.HOTLINE,
    request: Annotated[bool, typer.Option("--request", help="Something is asked for; nothing is broken.")] = False,
    files: Attached = None,
    key: Annotated[str, typer.Option(help="The same key again gives the same case.")] = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Open a case for what somebody reports; on a terminal what is missing is asked for."""
    from agent.pipeline import attaching

    language, network = options.language(lang), options.network(inventory)
    form = Form(
        origin=origin,
        title=title,
        text=sys.stdin.read(100_000) if text == "-" else text,
        severity=severity,
        contract=number,
        serial=serial,
        device=device,
        customer=customer,
        reporter=reporter,
        reporter_address=mail or phone,
        key=f"cli/{key}" if key else "",
        asks=request,
        actor=options.actor(who),
    )
    if _may_ask() and not title:
        form = _asked(form, language)
    _refuse(form, network)
    paths = files or []
    if origin is Origin.FAX and not paths:
        raise UsageError("a fax is a scan: name its file with --attach scan.pdf")
    for path in paths:
        attaching.check(path, scan=origin is Origin.FAX)
    with options.existing(data, database) as memory:
        case = _opened(memory, network, form, [attaching.put_file(memory.evidence, path) for path in paths])
        with memory.store.read() as tx:
            found, log = tx.case(case.number) or case, tx.timeline(case.number)
    if json:
        showing.as_json({"case": found, "contract": {"status": found.contract_status, "because": _because(log)}})
        return
    _print_opened(found, log, language)


def _may_ask() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _asked(form: Form, language: str) -> Form:
    """What a clerk asks on the telephone, in the order in which it is asked; an empty line leaves it out."""
    _ = locale.words(language)
    said: dict[str, Any] = {}
    for name, question in QUESTIONS:
        if not getattr(form, name):
            said[name] = typer.prompt(_(question), default="", show_default=False).strip()
    if form.severity is None:
        level = typer.prompt(f"{_('Severity')} (P1 P2 P3 P4)", default="P4" if form.asks else "P3")
        if level.upper() not in set(Severity):
            raise UsageError(f"{level!r} is no severity: write P1, P2, P3 or P4")
        said["severity"] = Severity(level.upper())
    return replace(form, **said)


QUESTIONS = (
    ("title", N_("What is wrong, in a few words")),
    ("reporter", N_("Who reports it")),
    ("reporter_address", N_("Their e-mail address or telephone number")),
    ("contract", N_("Contract number")),
    ("serial", N_("Serial number")),
    ("device", N_("Device")),
    ("text", N_("What was said")),
)


def _refuse(form: Form, network: Inventory) -> None:
    if found := intake.refusals(form, network):
        raise UsageError("\n".join(f"--{_option(each.field)}: {each.message}" for each in found))


def _option(field: str) -> str:
    return {"reporter_address": "email"}.get(field, field)


def _opened(memory: Memory, network: Inventory, form: Form, files: "Sequence[Kept]") -> Case:
    from agent.pipeline import attaching
    from agent.pipeline import intake as opening
    from agent.pipeline.desk import Desk

    for _ in range(TRIES):
        try:
            with memory.store.begin() as tx:
                desk = Desk(tx, network, compose.now(), signing.links(memory.folder))
                case = opening.open_case(desk, form)
                attaching.attach(tx, case, files, form.actor, desk.now, "theirs")
                return case
        except CollisionError:
            continue
    raise CollisionError("another program opens the same case at the same time: try again")


def _because(log: tuple[Entry, ...]) -> str:
    return next((entry.text for entry in log if entry.action is Action.CONTRACT), "")


def _print_opened(case: Case, log: tuple[Entry, ...], language: str) -> None:
    say = locale.say
    showing.line(say(N_("{name} is open, {severity}: {title}"), language, **_facts(case)), "bold")
    status = say(N_("Contract {contract}: {status:word}"), language, contract=case.contract or "–", **_facts(case))
    showing.line(f"{status}{colon(language)}{locale.reword(_because(log), language)}")
    for entry in log:
        if entry.action in {Action.LINKED, Action.NOTE, Action.EVIDENCE}:
            showing.line(f"{locale.word(entry.action, language)}{colon(language)}{locale.reword(entry.text, language)}")


def _facts(case: Case) -> dict[str, Any]:
    return {"name": case.name, "severity": case.severity, "title": case.title, "status": case.contract_status}


def show(tx: Transaction, case: Case, language: str) -> None:
    """What a person reported, under the headline of the case."""
    _ = locale.words(language)
    if case.contract_status:
        showing.line(f"{_('Contract')}: {case.contract or '–'} ({locale.word(case.contract_status, language)})")
    if case.reporter or case.reporter_address:
        who = ", ".join(each for each in (case.reporter, case.reporter_address) if each)
        showing.line(f"{_('Reported by')}: {who} ({locale.word(case.origin, language)})")
    if case.serial:
        showing.line(f"{_('Serial number')}: {case.serial}")
    for line in intake.told(tx.timeline(case.number)).splitlines():
        showing.line(f"  | {line}")


def attach(
    name: Name,
    files: Annotated[list[Path], typer.Argument(help="The files.")],
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Attach files to a case; they are kept with its evidence."""
    from agent.pipeline import attaching

    language, actor = options.language(lang), options.actor(who)
    with options.existing(data, database) as memory:
        with memory.store.read() as tx:
            case = tx.case(case_number(name))
        if case is None:
            raise UsageError(f"there is no case {name}: `netcase cases` lists them")
        for path in files:
            attaching.check(path)
        kept = [attaching.put_file(memory.evidence, path) for path in files]
        with memory.store.begin() as tx:
            rows = attaching.attach(tx, case, kept, actor, compose.now())
    if json:
        showing.as_json(rows)
        return
    for row in rows:
        said = locale.say(
            N_("{file} is attached to {name} ({bytes} bytes)"),
            language,
            file=row.command,
            name=case.name,
            bytes=row.bytes,
        )
        showing.line(said)


def correct(
    name: Name,
    number: Annotated[str, typer.Argument(help="The contract's number.")],
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Put the case under another contract; its clocks go by that one from now on."""
    from agent.pipeline import contracts
    from agent.pipeline.desk import Desk

    language, network = options.language(lang), options.network(inventory)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        case = tx.case(case_number(name))
        if case is None:
            raise UsageError(f"there is no case {name}: `netcase cases` lists them")
        desk = Desk(tx, network, compose.now(), signing.links(memory.folder))
        case, found = contracts.correct(desk, case, number, options.actor(who))
    if json:
        showing.as_json({"case": case, "contract": plain(found)})
        return
    said = locale.say(
        N_("{name} is under contract {contract}: {status:word}"), language, contract=case.contract, **_facts(case)
    )
    showing.line(f"{said}{colon(language)}{locale.reword(found.because, language)}")
