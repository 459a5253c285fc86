"""Commands about who was told what, and by which way: look at it, try it."""

import getpass
from collections.abc import Iterable
from pathlib import Path
from secrets import token_hex
from typing import Annotated, Any

import typer

from agent import locale
from agent.app import compose
from agent.cases.case import Case
from agent.cli import options, showing
from agent.cli.looking import case_number
from agent.errors import DeliveryError, UsageError
from agent.inventory.channels import BUILT_IN, CONSOLE, EMAIL, Reader
from agent.inventory.customers import Language
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.notifications import letter, policy, wire
from agent.notifications.letter import Letter
from agent.notifications.notification import Notification
from agent.notifications.policy import Recipient
from agent.ports import Job, JobKind, JobState, Transaction

UNREACHED = 3
HELD = "held"
Who = Annotated[str | None, typer.Option("--as", help="Who does it; default the user logged in.")]


def add_to(cli: typer.Typer) -> None:
    cli.command()(notifications)
    channels = typer.Typer(help="The ways to tell people: list them, try them.", no_args_is_help=True)
    channels.command(name="list")(list_channels)
    channels.command(name="test")(try_out)
    cli.add_typer(channels, name="channels")


# ---------------------------------------------------------------- who was told


def of(tx: Transaction, case: int | None = None, state: JobState | None = None) -> list[dict[str, Any]]:
    """What was put to whom, oldest first."""
    jobs = tx.jobs(kind=None, case=case, state=state)
    return [_plain(job) for job in jobs if job.kind in (JobKind.NOTIFY, JobKind.NOTICE)]


def _plain(job: Job) -> dict[str, Any]:
    said = job.payload
    waits = job.kind is JobKind.NOTICE and job.state is JobState.WAITING
    return {
        "case": f"NC-{job.case:06d}" if job.case else "",
        "occasion": wire.occasion(said),
        "name": said.get("name", said.get("to", "")),
        "channel": said.get("channel", ""),
        "to": said.get("to", ""),
        "subject": said.get("subject", ""),
        "state": HELD if waits else str(job.state),
        "why": str(said.get("held", "")) if waits else "",
        "due": job.due,
        "attempts": job.attempts,
        "result": job.result,
        "key": job.key,
    }


def notifications(
    failed: Annotated[bool, typer.Option("--failed", help="Only what was given up.")] = False,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only what is still to be told, or held.")] = False,
    case: Annotated[str | None, typer.Option("--case", help="Only of this case.")] = None,
    limit: options.Limit = 100,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Who was told what and when, what waits, and what could not be told. Newest first."""
    language = options.language(lang)
    state = JobState.FAILED if failed else None
    with options.existing(data, database) as memory, memory.store.read() as tx:
        rows = of(tx, case_number(case) if case else None, state)
    if waiting:
        rows = [row for row in rows if row["state"] in (HELD, JobState.WAITING, JobState.LEASED)]
    rows = rows[::-1][:limit]
    if json:
        showing.as_json(rows)
        return
    _table(rows, language)


def _table(rows: Iterable[dict[str, Any]], language: str) -> None:
    _ = locale.words(language)
    heads = [_(head) for head in ("Case", "Occasion", "To", "Channel", "State", "Due", "Attempts", "Answer")]
    cells = [
        (
            row["case"],
            locale.word(row["occasion"], language),
            row["name"],
            locale.word(row["channel"], language),
            _state(row, language),
            locale.moment(row["due"], language, "UTC"),
            row["attempts"],
            locale.reword(row["result"], language),
        )
        for row in rows
    ]
    showing.table(heads, cells, _("Nobody was told anything."))


def _state(row: dict[str, Any], language: str) -> str:
    state = locale.word(row["state"], language)
    return f"{state} ({locale.word(row['why'], language)})" if row["why"] else state


def show_on_case(tx: Transaction, case: Case, language: str) -> None:
    if rows := of(tx, case.number):
        _table(rows, language)


# ---------------------------------------------------------------- the ways


def list_channels(inventory: options.Inventory = None, json: options.Json = False, lang: options.Lang = None) -> None:
    """Every channel of the inventory, and who is told by it."""
    network, language = options.network(inventory), options.language(lang)
    rows = list(_channels(network))
    if json:
        showing.as_json(rows)
        return
    _ = locale.words(language)
    heads = [_(head) for head in ("Channel", "Kind", "Address", "Every case", "People")]
    cells = [
        (
            row["name"],
            row["kind"],
            row["address"],
            locale.word("yes" if row["every_case"] else "no", language),
            ", ".join(row["people"]),
        )
        for row in rows
    ]
    showing.table(heads, cells, _("There is no channel."))


def _channels(network: Inventory) -> Iterable[dict[str, Any]]:
    smtp = network.policies.smtp
    known = {CONSOLE: (CONSOLE, "", False)}
    if smtp:
        known[EMAIL] = (EMAIL, f"{smtp.host}:{smtp.port}", False)
    known |= {name: (str(each.kind), str(each.url), each.every_case) for name, each in network.channels.items()}
    for name, (kind, address, every) in known.items():
        people = [key for key, person in network.people.items() if name in person.channels]
        yield {"name": name, "kind": kind, "address": address, "every_case": every, "people": people}


def try_out(
    name: Annotated[str, typer.Argument(help="A channel, or a person: all of their channels.")],
    to: Annotated[str, typer.Option("--to", help="A telephone number or an e-mail address, for a channel.")] = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Send a test message, and say what the other side answered."""
    settings = options.chosen(inventory, data)
    network = compose.read_inventory(settings.inventory)
    actor = who or getpass.getuser()
    answers = [_try(network, settings.data, way, actor) for way in _ways(network, name, to, lang)]
    if json:
        showing.as_json(answers)
    else:
        for each in answers:
            showing.line(f"{each['channel']}, {each['to']}: {each['answer']}", "" if each["ok"] else "red")
    if not all(each["ok"] for each in answers):
        raise typer.Exit(UNREACHED)


def _ways(network: Inventory, name: str, to: str, lang: str | None) -> list[Recipient]:
    if name in network.people:
        if to:
            raise UsageError("--to goes with a channel: a person's addresses stand in the inventory")
        if ways := policy.every_way_to(name, network):
            return ways
        raise UsageError(f"there is no way to tell {name}: write channels: and an address in the inventory")
    if name not in (*BUILT_IN, *network.channels):
        known = ", ".join([*BUILT_IN, *network.channels, *network.people])
        raise UsageError(f"{name} is no channel and no person: write one of {known}")
    setup = network.channels.get(name)
    wanted = Reader.EMAIL if name == EMAIL else setup.to if setup else Reader.NAME
    if wanted is not Reader.NAME and not to:
        raise UsageError(f"{name} goes to one person: name one instead, or write --to")
    language = Language(options.language(lang)) if lang else setup.language if setup else Language.EN
    return [Recipient(to or name, name, to or name, language)]


def _try(network: Inventory, folder: Path, way: Recipient, actor: str) -> dict[str, Any]:
    import sys

    from agent import settings
    from agent.app import channels

    found = channels.build(network, folder, settings.secret, sys.stderr).get(way.channel)
    try:
        if found is None:
            raise DeliveryError("no mail server stands in the inventory: write policies.smtp")
        ok, answer = True, found.send(_message(way, actor))
    except DeliveryError as error:
        ok, answer = False, str(error)
    return {"channel": way.channel, "to": way.to, "name": way.name, "ok": ok, "answer": answer}


def _message(way: Recipient, actor: str) -> Notification:
    now, language = compose.now(), way.language
    headline = locale.words(language)(N_("Test message from netcase"))
    closing = locale.say(
        N_("{who} tries at {now:moment} UTC whether messages arrive here. Nothing has happened."),
        language,
        who=actor,
        now=now,
    )
    body = Letter(headline=headline, language=language, closing=closing)
    return Notification(
        key=f"test/{way.channel}/{way.to}/{now.isoformat()}/{token_hex(4)}",
        channel=way.channel,
        to=way.to,
        language=language,
        subject=f"[netcase] {headline}",
        text=letter.text(body),
        html=letter.html(body),
        short=f"[netcase] {headline}: {closing}",
        about={"occasion": "test"},
    )
