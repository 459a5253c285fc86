"""Commands about the mailbox: whether it can be read, what came in, what became of it."""

from pathlib import Path
from typing import Annotated

import typer

from agent import locale, settings
from agent.app import compose
from agent.cases.letter import ACTED, WAITING, Filed, Letter, Trust, Verdict
from agent.cli import options, showing
from agent.cli.looking import case_number
from agent.errors import StoreError, UsageError
from agent.inventory.inventory import Inventory
from agent.inventory.mailbox import Mailbox
from agent.locale import N_

Number = Annotated[int, typer.Argument(help="The mail's number, as `netcase mail list` tells it.", min=1)]
Who = Annotated[str | None, typer.Option("--as", help="Who does it; default the user logged in.")]
LONGEST_SHOWN = 8_000  # characters of a mail's text


def add_to(cli: typer.Typer) -> None:
    mails = typer.Typer(help="The mailbox that people write to.", no_args_is_help=True)
    mails.command()(check)
    mails.command(name="list")(list_mails)
    mails.command()(show)
    mails.command()(assign)
    cli.add_typer(mails, name="mail")


def check(
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Log in to the mailbox and tell what lies in it; nothing is taken. Exit 3 when it cannot be read."""
    from agent.app import mailbox as mailroom

    language = options.language(lang)
    network = options.network(inventory)
    box, smtp = _mailbox(network), network.policies.smtp
    try:
        with options.existing(data, database) as memory:
            found = mailroom.look(box, settings.secret, memory.store)
    except StoreError:  # no agent has run here yet: all of them are new
        found = mailroom.look(box, settings.secret, None)
    if json:
        showing.as_json(found)
        return
    showing.line(locale.say(REACHED, language, where=box.key, tls=f"tls_{box.tls}"))
    showing.line(locale.say(LIES, language, mails=found["mails"], new=found["new"]))
    if not found["files_as_wanted"]:
        showing.line(locale.say(CANNOT_MOVE, language))
    if smtp and smtp.sender.lower() != box.address.lower():
        showing.line(locale.say(ELSEWHERE, language, sender=smtp.sender))
    showing.line(locale.say(SENDERS[box.senders], language))
    showing.line(locale.say(PROVEN if box.trusted_authserv_id else UNPROVEN, language, name=box.trusted_authserv_id))


REACHED = N_("{where} can be read ({tls:word}).")
LIES = N_("{mails} mails lie in it, {new} of them are new.")
CANNOT_MOVE = N_("The server cannot move mails (RFC 6851): they are only marked as read.")
ELSEWHERE = N_("Answers to our mails go to {sender}, which is not this mailbox's address.")
PROVEN = N_("Senders are proven by what {name} says of them.")
UNPROVEN = N_("No sender is proven: policies.mailbox.trusted_authserv_id is not set.")
SENDERS = {
    "contacts": N_("People of the inventory open cases by mail; other mails are kept."),
    "known_domains": N_("Whoever writes from a domain of the inventory's people opens cases by mail."),
    "anyone": N_("Anyone opens cases by mail."),
}


def list_mails(
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that a person has to look at.")] = False,
    refused: Annotated[bool, typer.Option("--refused", help="Only those that nothing was done about.")] = False,
    case: Annotated[str, typer.Option("--case", help="Only those on that case.")] = "",
    limit: options.Limit = 50,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """The mails that came in, newest first, and what became of them."""
    language = options.language(lang)
    _ = locale.words(language)
    verdicts = WAITING if waiting else frozenset(Verdict) - ACTED - {Verdict.ASSIGNED} if refused else frozenset()
    number = case_number(case) if case else None
    with options.existing(data, database) as memory, memory.store.read() as tx:
        found = tx.letters(verdicts=verdicts, case=number, limit=limit)
    if json:
        showing.as_json([_plain(each) for each in found])
        return
    heads = [_(head) for head in ("Mail", "Arrived", "Sent by", "Mail subject", "Outcome", "Case", "Reason")]
    rows = [
        (
            each.id,
            f"{each.at:%Y-%m-%d %H:%M:%SZ}",
            each.sender,
            each.title,
            locale.word(f"mail_{each.verdict}", language),
            _case(each),
            locale.reword(each.reason, language),
        )
        for each in found
    ]
    showing.table(heads, rows, _("No mails."))


def show(
    number: Number,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """One mail: what became of it and why, what it says, what is attached."""
    from agent.app import mailbox as mailroom

    language = options.language(lang)
    _ = locale.words(language)
    with options.existing(data, database) as memory:
        with memory.store.read() as tx:
            filed = tx.letter(number)
        if filed is None:
            raise UsageError(f"there is no mail {number}: `netcase mail list` lists them")
        path = memory.evidence.path(filed.sha256) if filed.sha256 else None
        letter = mailroom.original(memory.evidence, filed, mailroom.bounds(_plain_mailbox()))[0] if path else None
    files = [(f.name, f.size, f.refused) for f in letter.attachments] if letter else []
    if json:
        told = {"original": str(path or ""), "text": letter.text if letter else "", "to": letter.to if letter else ()}
        attached = [{"name": name, "bytes": size, "refused": why} for name, size, why in files]
        showing.as_json(_plain(filed) | told | {"attachments": attached})
        return
    _print(filed, letter, path, language)
    if files:
        heads = [_(head) for head in ("Attachment", "Bytes", "Detail")]
        showing.table(heads, [(name, size, locale.reword(why, language)) for name, size, why in files], "")


def _print(filed: Filed, letter: Letter | None, path: Path | None, language: str) -> None:
    _ = locale.words(language)
    showing.line(f"{filed.id}  {filed.title or '–'}", "bold")
    outcome = f"{locale.word(f'mail_{filed.verdict}', language)}: {locale.reword(filed.reason, language)}"
    rows = [
        (_("Sent by"), f"{filed.sender_name} <{filed.sender}>" if filed.sender_name else filed.sender or "–"),
        (_("Arrived"), f"{filed.at:%Y-%m-%d %H:%M:%SZ}"),
        (_("Outcome"), outcome),
        (_("Case"), _case(filed) or "–"),
        (_("Sender"), locale.word(TRUST[filed.trust], language)),
        (_("Original"), str(path or "–")),
    ]
    for label, value in rows:
        showing.line(f"{label}: {value}")
    if letter and letter.text:
        showing.line("")
        showing.line(letter.text[:LONGEST_SHOWN])


TRUST = {Trust.PROVEN: "sender_proven", Trust.FAILED: "sender_failed", Trust.UNKNOWN: "sender_unknown"}


def assign(
    number: Number,
    case: Annotated[str, typer.Argument(help="The case, NC-000001 or 1.")],
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """Put a mail that was kept onto a case, with what is attached to it."""
    from agent.app import mailbox as mailroom

    network = options.network(inventory)
    with options.existing(data, database) as memory:
        onto = mailroom.assign(
            memory.store,
            network,
            memory.evidence,
            number,
            case_number(case),
            options.actor(who),
            compose.now(),
        )
    showing.line(locale.say(ASSIGNED, options.language(lang), number=str(number), case=onto.name))


ASSIGNED = N_("mail {number} is on {case}")


def _mailbox(network: Inventory) -> Mailbox:
    box = network.policies.mailbox
    if box is None:
        raise UsageError("the inventory names no mailbox: write policies.mailbox with host, username and password")
    return box


def _plain_mailbox() -> Mailbox:
    """With the limits that are shipped: what is shown of an original needs no server."""
    return Mailbox(host="localhost")


def _case(filed: Filed) -> str:
    return f"NC-{filed.case:06d}" if filed.case else ""


def _plain(filed: Filed) -> dict[str, object]:
    found = showing.plain(filed)
    return {key: value for key, value in found.items() if key not in ("identity", "thread")} | {"case": _case(filed)}
