"""Commands about the customer: their word on a fix, consent to a change, their opinion of a case, calling back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent import locale
from agent.app import compose, signing
from agent.app.compose import Memory
from agent.cases import confirmation, consent, survey
from agent.cases.case import Case
from agent.cases.confirmation import Answer, How
from agent.cases.consent import Change, Standing
from agent.cases.survey import QUESTIONS, Survey, Topic
from agent.cli import options, showing
from agent.cli.looking import case_number
from agent.errors import RefusedError, UsageError
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.notifications import wording
from agent.ports import Transaction

Name = Annotated[str, typer.Argument(help="The case, NC-000001 or 1.")]
By = Annotated[str, typer.Option("--by", help="Who at the customer says so.")]
Words = Annotated[str, typer.Option("--message", "-m", help="What they said; it stands on the case.")]
Came = Annotated[How, typer.Option("--how", help="How the answer came.")]
Who = Annotated[str | None, typer.Option("--as", help="Who writes it down; default the user logged in.")]
Document = Annotated[Path | None, typer.Option("--document", help="The signed page or fax; kept as evidence.")]

if TYPE_CHECKING:
    from agent.pipeline.desk import Desk


def add_to(cli: typer.Typer) -> None:
    cli.command(name="surveys")(listed)


def add_to_case(cases: typer.Typer) -> None:
    for command in (confirmed, rejected, callback):
        cases.command()(command)
    cases.command(name="survey")(asked)
    group = typer.Typer(help="The customer's consent to a change of a running network.", no_args_is_help=True)
    group.command()(ask)
    group.command()(record)
    group.command()(withdraw)
    group.command(name="show")(changes)
    cases.add_typer(group, name="consent")


@dataclass(frozen=True, slots=True)
class _Work:
    desk: "Desk"
    case: Case
    tongue: str

    def say(self, msgid: str, **values: object) -> None:
        showing.line(locale.say(msgid, self.tongue, name=self.case.name, **values))


@contextmanager
def _work(
    name: str, inventory: Path | None, data: Path | None, database: str | None, lang: str | None
) -> Iterator[_Work]:
    """One case at a desk, in a transaction of its own."""
    network, tongue = options.network(inventory), options.language(lang)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        yield _Work(_desk(tx, memory, network), _case(tx, name), tongue)


def _desk(tx: Transaction, memory: Memory, network: Inventory) -> "Desk":
    from agent.pipeline.desk import Desk

    return Desk(tx, network, compose.now(), signing.links(memory.folder))


def _case(tx: Transaction, name: str) -> Case:
    case = tx.case(case_number(name))
    if case is None:
        raise UsageError(f"there is no case {name}: `netcase cases` lists them")
    return case


def _signed(by: str) -> str:
    name = wording.line(by)
    if not name:
        raise UsageError("say who at the customer says so: --by NAME")
    return name


# ---------------------------------------------------------------- the fix


def confirmed(
    name: Name,
    by: By = "",
    words: Words = "",
    how: Came = How.MAIL,
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """Write down that the customer confirms the fix."""
    from agent.pipeline import confirming

    with _work(name, inventory, data, database, lang) as work:
        said = Answer.CONFIRMED
        confirming.decide(work.desk, work.case, said, _signed(by), words, how, options.actor(who))
        work.say(N_("{name}: {by} confirms the fix; close it with: netcase case close {name} -m …"), by=_signed(by))


def rejected(
    name: Name,
    by: By = "",
    words: Words = "",
    how: Came = How.MAIL,
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """Write down that the fix does not work: the case is open again, or a new one when it was closed."""
    from agent.pipeline import confirming

    with _work(name, inventory, data, database, lang) as work:
        said = Answer.REJECTED
        goes_on = confirming.decide(work.desk, work.case, said, _signed(by), words, how, options.actor(who))
        if goes_on.number == work.case.number:
            work.say(N_("{name}: {by} rejects the fix; it is {state:word}"), by=_signed(by), state=goes_on.state)
        else:
            work.say(N_("{name}: {by} rejects the fix; {other} goes on with it"), by=_signed(by), other=goes_on.name)


# ---------------------------------------------------------------- consent


def ask(
    name: Name,
    change: Annotated[str, typer.Option(help="What is changed, when, what can go wrong, how it is undone.")] = "",
    window: Annotated[
        str | None, typer.Option(help="FROM/TO, ISO times: when it is to be made; the answer counts until its end.")
    ] = None,
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """Ask the customer in writing; until they consent the case goes no further."""
    from agent.pipeline import consenting

    with _work(name, inventory, data, database, lang) as work:
        plan = consenting.ask(work.desk, work.case, change, _window(window), options.actor(who))
        asked_of = [e for e in work.desk.tx.jobs(case=work.case.number) if e.payload.get("occasion") == "consent"]
        values = {"number": plan.number, "until": plan.until}
        if asked_of:
            work.say(N_("{name}: the customer is asked about change {number}, until {until:moment} UTC"), **values)
        else:
            work.say(N_("{name}: change {number} waits for consent; nobody could be written to: call them"), **values)


def _window(text: str | None) -> tuple[datetime, datetime] | None:
    if text is None:
        return None
    starts, slash, ends = text.partition("/")
    if not slash:
        raise UsageError(f"--window {text} is no window: write 2026-11-21T22:00+08:00/2026-11-22T02:00+08:00")
    return options.moment(starts, compose.now()), options.moment(ends, compose.now())


def record(
    name: Name,
    by: By = "",
    refused: Annotated[bool, typer.Option("--refused", help="They do not consent.")] = False,
    document: Document = None,
    words: Words = "",
    how: Came = How.PAPER,
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """Write down an answer that came on paper, by fax, by mail; the document becomes evidence."""
    from agent.pipeline import attaching, consenting

    if document is None and how is How.PAPER:
        raise UsageError("consent in writing is a document: name its file with --document scan.pdf, or say --how mail")
    if how is How.PHONE:
        raise UsageError("consent is given in writing: ask for a mail or a signed page")
    if how is How.LINK:
        raise UsageError("by a link only the customer answers: say --how mail, or name the paper with --document")
    signed, actor = _signed(by), options.actor(who)
    network, now = options.network(inventory), compose.now()
    with options.existing(data, database) as memory:
        with memory.store.read() as tx:
            case = _case(tx, name)
            change = _planned(tx, case, now)
            consent.answer(case, change, not refused, signed, words, how, now, actor, str(document or ""))
        files = [attaching.put_file(memory.evidence, document)] if document is not None else []
        with memory.store.begin() as tx:
            desk = _desk(tx, memory, network)
            kept = "".join(str(row.id) for row in attaching.attach(tx, case, files, actor, now))
            change = _planned(tx, case, now)
            consenting.record(desk, case, change, not refused, signed, words, how, actor, kept)
    standing = str(Standing.REFUSED if refused else Standing.GIVEN)
    told = N_("{name}: change {number}: {standing:word} by {by}")
    values = {"name": case.name, "number": change.number, "standing": standing, "by": signed}
    showing.line(locale.say(told, options.language(lang), **values))


def _planned(tx: Transaction, case: Case, now: datetime) -> Change:
    change = consent.planned(tx.timeline(case.number), now)
    if change is None:
        raise RefusedError(f"no change is planned on {case.name}: ask first, with netcase case consent ask {case.name}")
    return change


def withdraw(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", "-m", help="Why; the customer reads it.")] = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """The change is not made after all: nobody has to consent any more."""
    from agent.pipeline import consenting

    with _work(name, inventory, data, database, lang) as work:
        consenting.withdraw(work.desk, work.case, options.actor(who), reason)
        work.say(N_("{name}: the change is withdrawn"))


def changes(
    name: Name,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Every change that was asked about, and what came of it."""
    with options.existing(data, database) as memory, memory.store.read() as tx:
        case = _case(tx, name)
        found = consent.changes(tx.timeline(case.number), compose.now())
        if json:
            missing = consent.missing(case, tx.timeline(case.number), compose.now())
            showing.as_json({"case": case.name, "changes": found, "missing": missing})
        else:
            _print_changes(found, options.language(lang))


def _print_changes(found: tuple[Change, ...], tongue: str) -> None:
    _ = locale.words(tongue)
    heads = [_(head) for head in (N_("No."), N_("State"), N_("By"), N_("At"), N_("Change"), N_("What they wrote"))]
    rows = [
        (c.number, locale.word(c.standing, tongue), c.by, _time(c.at), wording.line(c.what), wording.line(c.words))
        for c in found
    ]
    showing.table(heads, rows, _("No change was asked about."))


# ---------------------------------------------------------------- survey and call-back


def asked(
    name: Name,
    answers: Annotated[
        str | None, typer.Option(help="response,skill,attitude,result, each 1 to 5, as said on the telephone.")
    ] = None,
    by: By = "",
    words: Words = "",
    how: Came = How.PHONE,
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Show a case's survey, or write down what the customer answered."""
    from agent.pipeline import surveying

    if answers is not None:
        given, signed = _scores(answers), _signed(by)
        with _work(name, inventory, data, database, lang) as work:
            found = surveying.record(work.desk, work.case, given, signed, words, how, options.actor(who))
            if found.call_back and not json:
                work.say(N_("{name}: answered by {by}; call back until {at:moment} UTC"), by=signed, at=found.call_back)
            elif not json:
                work.say(N_("{name}: answered by {by}"), by=signed)
        if not json:
            return
    with options.existing(data, database) as memory, memory.store.read() as tx:
        case = _case(tx, name)
        found = survey.of(case, tx.timeline(case.number), compose.now())
        if json:
            showing.as_json(found)
        else:
            _print_survey(found, options.language(lang))


def _scores(text: str) -> dict[Topic, int]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != len(Topic):
        order = ",".join(Topic)
        raise UsageError(f"--answers {text} has {len(parts)} figures: write four, 1 to 5, in the order {order}")
    try:
        return survey.scores(dict(zip(Topic, parts, strict=True)))
    except RefusedError as error:
        raise UsageError(f"--answers {text}: {error}") from error


def _print_survey(found: Survey, tongue: str) -> None:
    _ = locale.words(tongue)
    showing.line(f"{_('Survey')}: {locale.word(found.standing, tongue)}")
    for topic, score in found.scores.items():
        showing.line(f"  {_(QUESTIONS[topic])}  {score}")
    if found.answered:
        showing.line(f"  {_('By')}: {found.by}  {_time(found.answered)}")
    if found.comment:
        showing.line(f"  {_('What they wrote')}: {wording.line(found.comment)}")
    if said := _call_back(found, tongue):
        showing.line(said)


def _call_back(found: Survey, tongue: str) -> str:
    if found.call_back is None:
        return ""
    if found.called_back:
        told = N_("Called back by {by} at {at:moment} UTC: {said}")
        values = {"by": found.called_by, "at": found.called_back, "said": wording.line(found.said)}
        return locale.say(told, tongue, **values)
    late = compose.now() >= found.call_back
    told = N_("Call-back overdue since {at:moment} UTC") if late else N_("Call back until {at:moment} UTC")
    return locale.say(told, tongue, at=found.call_back)


def callback(
    name: Name,
    words: Words = "",
    who: Who = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """Write down that a dissatisfied customer was called back, and what was said."""
    from agent.pipeline import surveying

    with _work(name, inventory, data, database, lang) as work:
        surveying.called(work.desk, work.case, words, options.actor(who))
        work.say(N_("{name}: called back"))


def listed(
    since: options.From = None,
    until: options.To = None,
    owed: Annotated[bool, typer.Option("--owed", help="Only those whose customer has to be called back.")] = False,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Surveys of the last seven days, or of any time, and call-backs that are owed."""
    end = options.moment(until, compose.now())
    with options.existing(data, database) as memory, memory.store.read() as tx:
        found = tx.surveys(options.moment(since, end - timedelta(days=7)), end)
    shown = [each for each in found if each.owes_call or not owed]
    if json:
        showing.as_json(shown)
        return
    tongue = options.language(lang)
    _ = locale.words(tongue)
    titles = (N_("Case"), N_("Customer"), N_("State"), *(str(topic) for topic in Topic), N_("Call-back"))
    heads = [locale.word(t, tongue) if t in set(Topic) else _(t) for t in titles]
    rows = [
        (
            f"NC-{s.case:06d}",
            s.customer,
            locale.word(s.standing, tongue),
            *(s.scores.get(topic, "") for topic in Topic),
            _call_back(s, tongue),
        )
        for s in shown
    ]
    showing.table(heads, rows, _("No surveys."))


# ---------------------------------------------------------------- on the case


def around(tx: Transaction, case: Case) -> dict[str, object]:
    """For `netcase case show --json`."""
    log, now = tx.timeline(case.number), compose.now()
    return {
        "confirmation": confirmation.given(log, confirmation.mark(case)),
        "confirmation_asked": confirmation.asked(case, log),
        "consent": consent.changes(log, now),
        "consent_missing": consent.missing(case, log, now),
        "survey": survey.of(case, log, now),
    }


def show(tx: Transaction, case: Case, tongue: str) -> None:
    """The lines of `netcase case show`; none for what nobody has asked."""
    log, now = tx.timeline(case.number), compose.now()
    given = confirmation.given(log, confirmation.mark(case))
    if given:
        told = N_("Fix: {answer:word} by {by}, {at:moment} UTC")
        showing.line(locale.say(told, tongue, answer=str(given.answer), by=given.by, at=given.at))
    elif asked_at := confirmation.asked(case, log):
        showing.line(locale.say(N_("Fix: the customer was asked at {at:moment} UTC"), tongue, at=asked_at))
    for change in consent.changes(log, now):
        told = N_("Change {number}: {standing:word}, {what}")
        values = {"number": change.number, "standing": str(change.standing), "what": wording.line(change.what)}
        showing.line(locale.say(told, tongue, **values))
    found = survey.of(case, log, now)
    if found.standing is not survey.Standing.NOT_ASKED:
        _print_survey(found, tongue)


def _time(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%SZ") if at else ""
