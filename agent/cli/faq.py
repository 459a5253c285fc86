"""Commands about what was learned: `netcase faq …`, `netcase search`, `netcase case similar|helped`."""

import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from agent import locale, settings
from agent.app import compose
from agent.cases import faq as faqs
from agent.cases import faq_page
from agent.cases.case import Case
from agent.cases.faq import Faq, FaqState
from agent.cases.similar import Hit, Sort
from agent.cli import options, showing
from agent.cli.looking import case_number
from agent.errors import UsageError
from agent.locale import N_
from agent.ports import Transaction

Name = Annotated[str, typer.Argument(help="The case, NC-000001 or 1.")]
Entry = Annotated[str, typer.Argument(help="The entry, FAQ-000001 or 1.")]
Words = Annotated[list[str], typer.Argument(help="Words in English or Chinese.")]
File = Annotated[Path | None, typer.Option("--file", help="The entry as Markdown; - reads it from standard input.")]
Tongue = Annotated[str | None, typer.Option("--in", help="Its language, en or zh_CN; default as it is written.")]
Reason = Annotated[str, typer.Option("--reason", "-m", help="Why; it stands in the entry's history.")]
Who = Annotated[str | None, typer.Option("--as", help="Who does it; default the user logged in.")]
LONGEST_FILE = 200_000  # characters


def add_to(cli: typer.Typer) -> None:
    commands = typer.Typer(help="FAQ entries: what was learned from cases.", no_args_is_help=True)
    for command in (write, show, edit, publish, retire):
        commands.command()(command)
    commands.command(name="list")(list_entries)
    commands.command(name="search")(search_entries)
    cli.add_typer(commands, name="faq")
    cli.command()(search)


def add_to_case(cases: typer.Typer) -> None:
    cases.command()(similar)
    cases.command()(helped)


# ---------------------------------------------------------------- writing


def write(
    name: Name,
    file: File = None,
    tongue: Tongue = None,
    published: Annotated[bool, typer.Option("--publish", help="Publish it at once.")] = False,
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """Write down what was learned from a case; without --file in $EDITOR."""
    from agent.pipeline import learning

    language, now, actor = options.language(lang), compose.now(), options.actor(who)
    with options.existing(data, database) as memory:
        with memory.store.read() as tx:
            blank = _blank(_case(tx, name), _tongue(tongue) or language)
        written = faq_page.read(_text(file, blank), _tongue(tongue))
        with memory.store.begin() as tx:
            case = _case(tx, name)
            entry = learning.keep(tx, faqs.first(written, learning.signed(tx, case), case, actor, now), "")
            tx.log([faqs.written_entry(case, entry, actor, now)])
            if published:
                entry = learning.keep(tx, faqs.moved(entry, FaqState.PUBLISHED, actor, now), "")
    said = N_("{name} is written from {case} and published")
    if not published:
        said = N_("{name} is written from {case}; it is a draft until netcase faq publish {name}")
    showing.line(locale.say(said, language, name=entry.name, case=case.name))


def _blank(case: Case, language: str) -> str:
    title = case.title or f"{locale.word(str(case.kind), language)}: {case.subject}"
    return faq_page.template(language, showing.clean(title)[: faqs.LONGEST_TITLE])


def _text(file: Path | None, blank: str) -> str:
    if file is None:
        import click

        text = click.edit(blank, extension=".md")
        if text is None or text == blank:
            raise UsageError("nothing was written: save the file in the editor, or give it with --file")
        return text
    text = sys.stdin.read(LONGEST_FILE + 1) if str(file) == "-" else settings.read_text(file)
    if len(text) > LONGEST_FILE:
        raise UsageError(f"{file} has more than {LONGEST_FILE} characters: that is no entry")
    return text


def _tongue(given: str | None) -> str:
    if given is not None and given not in locale.LANGUAGES:
        raise UsageError(f"--in {given} is not known: write one of {', '.join(locale.LANGUAGES)}")
    return given or ""


def edit(
    name: Entry,
    file: File = None,
    tongue: Tongue = None,
    reason: Reason = "",
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """Change what an entry says; without --file in $EDITOR. How it was before stays in its history."""
    from agent.pipeline import learning

    language, now = options.language(lang), compose.now()
    with options.existing(data, database) as memory:
        with memory.store.read() as tx:
            before = _entry(tx, name)
        text = _text(file, faq_page.page(before.written))
        written = faq_page.read(text, _tongue(tongue) or before.written.language)
        with memory.store.begin() as tx:
            entry = learning.keep(tx, faqs.edited(before, written, options.actor(who), now), reason)
    showing.line(locale.say(N_("{name} is changed: revision {n}"), language, name=entry.name, n=entry.revision))


def publish(
    name: Entry,
    reason: Reason = "",
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """Show the entry on cases of its kind from now on."""
    _move(name, FaqState.PUBLISHED, reason, who, data, database, lang)


def retire(
    name: Entry,
    reason: Reason = "",
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """Show the entry no more: it is true no longer. It is kept, and found by who looks for it."""
    _move(name, FaqState.RETIRED, reason, who, data, database, lang)


def _move(
    name: str, to: FaqState, reason: str, who: str | None, data: Path | None, database: str | None, lang: str | None
) -> None:
    from agent.pipeline import learning

    language = options.language(lang)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        entry = learning.keep(tx, faqs.moved(_entry(tx, name), to, options.actor(who), compose.now()), reason)
    said = N_("{name} is {state:word} now")
    showing.line(locale.say(said, language, name=entry.name, state=str(entry.state)))


# ---------------------------------------------------------------- looking


def show(
    name: Entry,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """An entry with its history and its use."""
    language = options.language(lang)
    with options.existing(data, database) as memory, memory.store.read() as tx:
        entry = _entry(tx, name)
        revisions = tx.faq_revisions(entry.number)
    if json:
        showing.as_json(plain(entry) | {"revisions": revisions})
        return
    _ = locale.words(language)
    showing.line(f"{entry.name}  {locale.word(str(entry.state), language)}  {entry.written.title}", "bold")
    signed = entry.signature
    kind = locale.word(signed.kind, language)
    about = [kind, signed.vendor, signed.platform, signed.family, locale.word(signed.component, language)]
    showing.line(f"{_('About')}: {', '.join(part for part in [*about, signed.mnemonic] if part)}")
    use = N_("shown on {shown} cases, helped on {helped}")
    showing.line(f"{_('Use')}: {locale.say(use, language, shown=entry.shown, helped=entry.helped)}")
    source = f"NC-{entry.source:06d}" if entry.source else "–"
    showing.line(f"{_('Written by')}: {entry.author}   {_('From case')}: {source}")
    for part, heading in faq_page.HEADINGS[entry.written.language].items():
        if text := getattr(entry.written, part):
            showing.line(f"\n{heading}", "bold")
            showing.line(text)
    showing.line("")
    heads = [_(head) for head in (N_("Revision"), N_("At"), N_("Who"), N_("State"), N_("Why"))]
    rows = [(r.revision, _time(r.at), r.actor, locale.word(str(r.state), language), r.note) for r in revisions]
    showing.table(heads, rows, "")


def list_entries(
    state: Annotated[str | None, typer.Option("--state", help="draft, published or retired.")] = None,
    limit: options.Limit = 1000,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Every entry, what helped most first."""
    language = options.language(lang)
    if state is not None and state not in set(FaqState):
        raise UsageError(f"--state {state} is not known: write one of {', '.join(FaqState)}")
    with options.existing(data, database) as memory, memory.store.read() as tx:
        found = tx.faqs(FaqState(state) if state else None, limit)
    if json:
        showing.as_json([plain(entry) for entry in found])
        return
    _ = locale.words(language)
    heads = [
        _(h) for h in (N_("Entry"), N_("State"), N_("Kind"), N_("Platform"), N_("Title"), N_("Shown"), N_("Helped"))
    ]
    rows = [
        (
            entry.name,
            locale.word(str(entry.state), language),
            locale.word(entry.signature.kind, language),
            entry.signature.platform,
            entry.written.title,
            entry.shown or "",
            entry.helped or "",
        )
        for entry in found
    ]
    showing.table(heads, rows, _(N_("No FAQ entries: netcase faq write CASE makes one.")))


def search_entries(
    words: Words,
    limit: options.Limit = 20,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Entries with these words, the best first; drafts and retired ones too."""
    _search(words, (Sort.FAQ,), limit, data, database, json, lang)


def search(
    words: Words,
    limit: options.Limit = 20,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Cases and FAQ entries with these words, the best first."""
    _search(words, tuple(Sort), limit, data, database, json, lang)


def _search(
    words: list[str],
    sorts: tuple[Sort, ...],
    limit: int,
    data: Path | None,
    database: str | None,
    json: bool,
    lang: str | None,
) -> None:
    from agent.pipeline import learning

    language = options.language(lang)
    with options.existing(data, database) as memory, memory.store.read() as tx:
        hits = learning.search(tx, " ".join(words), *sorts)[:limit]
    if json:
        showing.as_json([plain_hit(hit) for hit in hits])
        return
    table(hits, language, locale.words(language)(N_("Nothing has these words.")))


def similar(
    name: Name,
    limit: options.Limit = 10,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """FAQ entries and past cases that are like a case, each with the reason."""
    from agent.pipeline import learning

    language = options.language(lang)
    with options.existing(data, database) as memory, memory.store.read() as tx:
        case = _case(tx, name)
        hits = learning.alike(tx, case, tx.timeline(case.number))[:limit]
    if json:
        showing.as_json([plain_hit(hit) for hit in hits])
        return
    table(hits, language, locale.words(language)(N_("Nothing like it is known.")))


def helped(
    name: Name,
    entry_name: Annotated[str, typer.Argument(metavar="FAQ", help="The entry that helped, FAQ-000001 or 1.")],
    who: Who = None,
    data: options.Data = None,
    database: options.Database = None,
    lang: options.Lang = None,
) -> None:
    """Say that an FAQ entry helped on a case: it is counted, and shown first."""
    from agent.pipeline import learning

    language, now = options.language(lang), compose.now()
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        case, entry = _case(tx, name), _entry(tx, entry_name)
        new = learning.helped(tx, case, entry, options.actor(who), now)
    said = N_("{faq} helped on {case}") if new else N_("that {faq} helped on {case} is counted already")
    showing.line(locale.say(said, language, faq=entry.name, case=case.name))


# ---------------------------------------------------------------- as `netcase case show` has it


def around(tx: Transaction, case: Case) -> list[dict[str, Any]]:
    from agent.pipeline import learning

    return [plain_hit(hit) for hit in learning.alike(tx, case, tx.timeline(case.number))[:10]]


def show_on_case(tx: Transaction, case: Case, language: str) -> None:
    from agent.pipeline import learning

    uses = tx.faq_uses(case.number)
    for hit in learning.alike(tx, case, tx.timeline(case.number))[:5]:
        one = hit.candidate
        mark = f"  ({locale.words(language)(N_('helped here'))})" if _has_helped(one.sort, one.number, uses) else ""
        why = locale.reword(hit.reason, language)
        showing.line(f"  {one.name}  {one.title}: {one.answer or '–'}  [{why}]{mark}")


def _has_helped(sort: Sort, number: int, uses: Any) -> bool:
    return sort is Sort.FAQ and uses.get(number) is not None


def table(hits: Iterable[Hit], language: str, empty: str) -> None:
    _ = locale.words(language)
    heads = [_(head) for head in (N_("Found"), N_("State"), N_("Title"), N_("What helped"), N_("Helped"), N_("Why"))]
    rows = [
        (
            hit.candidate.name,
            locale.word(hit.candidate.state, language),
            hit.candidate.title,
            hit.candidate.answer,
            hit.candidate.helped or "",
            locale.reword(hit.reason, language),
        )
        for hit in hits
    ]
    showing.table(heads, rows, empty)


def plain_hit(hit: Hit) -> dict[str, Any]:
    one = hit.candidate
    return {
        "name": one.name,
        "sort": one.sort,
        "title": one.title,
        "state": one.state,
        "at": one.at.isoformat(),
        "answer": one.answer,
        "helped": one.helped,
        "signature": showing.plain(one.signature),
        "score": hit.score,
        "found": hit.found,
        "asked": hit.asked,
        "reason": hit.reason,
    }


def plain(entry: Faq) -> dict[str, Any]:
    return {"name": entry.name, **showing.plain(entry)}


def _case(tx: Transaction, name: str) -> Case:
    case = tx.case(case_number(name))
    if case is None:
        raise UsageError(f"there is no case {name}: `netcase cases` lists them")
    return case


def _entry(tx: Transaction, name: str) -> Faq:
    digits = name.upper().removeprefix("FAQ-")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
    entry = tx.faq(number)
    if entry is None:
        raise UsageError(f"there is no FAQ entry {name}: `netcase faq list` lists them")
    return entry


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%SZ")
