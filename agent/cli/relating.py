"""Cases that have to do with each other: `netcase case link|part|merge|split`, and what may happen to one."""

import uuid
from typing import Annotated

import typer

from agent import locale
from agent.app import compose
from agent.cases import moves
from agent.cases.case import Case, CaseState
from agent.cases.moves import By
from agent.cli import options, showing
from agent.cli.looking import case_number
from agent.errors import RefusedError
from agent.observation import Subject
from agent.ports import Transaction

Name = Annotated[str, typer.Argument(help="The case, NC-000001 or 1.")]
Other = Annotated[str, typer.Argument(help="The other case.")]
Reason = Annotated[str, typer.Option("--reason", "-m", help="Why; it stands on both cases.")]
Who = Annotated[str | None, typer.Option("--as", help="Who does it; default the user logged in.")]


def add_to_case(cases: typer.Typer) -> None:
    for command in (link, unlink, part, unpart, merge, split):
        cases.command()(command)
    cases.command(name="moves")(possible)


def link(
    name: Name,
    other: Other,
    reason: Reason = "",
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Two cases that are worth reading together."""
    from agent.pipeline import moving

    one, two = case_number(name), case_number(other)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        new = moving.link(tx, one, two, options.actor(who), reason, compose.now())
    linked = f"NC-{one:06d} and NC-{two:06d} are linked"
    showing.line(linked if new else f"{linked} already")


def unlink(name: Name, other: Other, data: options.Data = None, database: options.Database = None) -> None:
    """Take a link back; what the timelines say of it stays."""
    one, two = case_number(name), case_number(other)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        if not tx.unrelate(one, two):
            raise RefusedError(f"NC-{one:06d} and NC-{two:06d} are not linked")
    showing.line(f"NC-{one:06d} and NC-{two:06d} are no longer linked")


def part(
    name: Name,
    of: Annotated[str, typer.Argument(help="The case that it is a part of.")],
    reason: Reason = "",
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Make a case a part of another, which cannot be resolved before its parts are."""
    from agent.pipeline import moving

    with options.existing(data, database) as memory, memory.store.begin() as tx:
        case = moving.adopt(tx, case_number(name), case_number(of), options.actor(who), reason, compose.now())
    showing.line(f"{case.name} is a part of NC-{case.parent:06d}")


def unpart(
    name: Name, reason: Reason = "", who: Who = None, data: options.Data = None, database: options.Database = None
) -> None:
    """Make it a case of its own again."""
    from agent.pipeline import moving

    with options.existing(data, database) as memory, memory.store.begin() as tx:
        case = moving.let_go(tx, case_number(name), options.actor(who), reason, compose.now())
    showing.line(f"{case.name} is no part of another case any more")


def merge(
    name: Name,
    into: Annotated[str, typer.Argument(help="The case that goes on.")],
    reason: Reason = "",
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """The same trouble twice: the first case ends, the other goes on with the faults of both."""
    from agent.pipeline import moving

    with options.existing(data, database) as memory, memory.store.begin() as tx:
        case = moving.merge(tx, case_number(name), case_number(into), options.actor(who), reason, compose.now())
    showing.line(f"NC-{case_number(name):06d} is merged into {case.name}, which goes on")


def split(
    name: Name,
    title: Annotated[str, typer.Option(help="What the new case is about.")],
    device: Annotated[str | None, typer.Option(help="The device that it is about; default as the case.")] = None,
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """A part of the work as a case of its own, of the same customer, contract and severity."""
    from agent.pipeline import moving

    subject = Subject(device) if device else None
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        found = moving.split(tx, case_number(name), uuid.uuid4().hex, title, subject, options.actor(who), compose.now())
    showing.line(f"{found.name} is split off NC-{found.parent:06d}")


def possible(
    name: Annotated[str | None, typer.Argument(help="The case; left out: all moves that there are.")] = None,
    diagram: Annotated[bool, typer.Option(help="All moves as a diagram (Mermaid).")] = False,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """What may happen to a case now, and why the rest may not."""
    from agent.pipeline import moving

    language = options.language(lang)
    if diagram:
        print(moves.diagram())
    elif name is None:
        _every(json, language)
    else:
        with options.existing(data, database) as memory, memory.store.read() as tx:
            _of(moving.known(tx, case_number(name)), json, language)


def _every(json: bool, language: str) -> None:
    if json:
        showing.as_json(
            [{"name": m.name, "from": sorted(m.sources), "to": m.to, "by": m.by, "means": m.means} for m in moves.TABLE]
        )
        return
    _ = locale.words(language)
    rows = [
        (m.name, ", ".join(locale.word(s, language) for s in CaseState if s in m.sources), locale.word(m.to, language),
         locale.word(m.by, language), _(m.means))
        for m in moves.TABLE
    ]  # fmt: skip
    showing.table([_(head) for head in ("Move", "From", "To", "Who", "Meaning")], rows, "")


def _of(case: Case, json: bool, language: str) -> None:
    found = [(to, moves.refusal(case, to)) for to in CaseState if to is not case.state]
    if json:
        showing.as_json([{"to": to, "possible": not why, "because": why} for to, why in found])
        return
    _ = locale.words(language)
    commands = {m.to: m.command for m in moves.POSSIBLE[case.state] if m.by is By.PERSON}
    rows = [
        (locale.word(to, language), locale.reword(why, language) if why else f"netcase {commands[to]} {case.name}")
        for to, why in found
    ]
    showing.table([_("To"), _("How, or why not")], rows, "")


def around(tx: Transaction, case: Case) -> dict[str, list[str]]:
    """The names of the cases that it has to do with, by how."""
    found = {
        "part_of": [f"NC-{case.parent:06d}"] if case.parent else [],
        "merged_into": [f"NC-{case.merged_into:06d}"] if case.merged_into else [],
        "parts": [child.name for child in tx.children(case.number)],
        "related": [other.name for other in tx.related(case.number)],
    }
    return {how: names for how, names in found.items() if names}


def show(tx: Transaction, case: Case, language: str) -> None:
    for how, names in around(tx, case).items():
        showing.line(f"{locale.words(language)(_HEADS[how])}: {', '.join(names)}")


_HEADS = {
    "part_of": locale.N_("Part of"),
    "merged_into": locale.N_("Merged into"),
    "parts": locale.N_("Parts"),
    "related": locale.N_("Linked to"),
}
