"""Commands about rules: what holds, whether a file is in order, and what would have been other cases with it."""

import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent import locale, settings
from agent.app import compose
from agent.cases import comparison
from agent.cases.comparison import Difference, Sort, Told
from agent.cli import options, showing
from agent.errors import InventoryError, UsageError
from agent.inventory.inventory import Inventory
from agent.locale import N_

if TYPE_CHECKING:
    from agent.app.past import Past
    from agent.app.replay import Replayed
    from agent.faults.rules import Book

EVERY_S = 2.0  # seconds between two lines of progress


def add_to(cli: typer.Typer) -> None:
    commands = typer.Typer(help="The rules that say what is wrong.", no_args_is_help=True)
    commands.command(name="list")(list_)
    commands.command(name="test")(try_file)
    commands.command()(replay)
    cli.add_typer(commands, name="rules")


# ---------------------------------------------------------------- what holds


def list_(
    device: Annotated[str | None, typer.Option("--device", help="What holds for this device.")] = None,
    inventory: options.Inventory = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Every rule with its values, and where each comes from: shipped, your file, an override, the inventory."""
    from agent.app import rulebook
    from agent.faults import rules

    network = options.network(inventory)
    if device is not None and device not in network.devices:
        raise UsageError(f"there is no device {device} in the inventory; `netcase devices` lists them")
    found = list(rulebook.settings(rules.in_force(), network, network.devices[device] if device else None))
    if json:
        showing.as_json(found)
        return
    _ = locale.words(options.language(lang))
    rows = [(each.rule, each.key, _value(each.value), each.origin) for each in found]
    showing.table([_(head) for head in ("Rule", "Key", "Value", "Where from")], rows, _("No rules."))


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


# ---------------------------------------------------------------- whether a file is in order


def try_file(
    file: Annotated[Path, typer.Argument(help="A file of rules.")],
    inventory: options.Inventory = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Check a file of rules and try its examples; exit 2 when it cannot be read, 1 when something in it is odd."""
    from agent.app import rulebook

    network = _network(inventory)
    text = settings.read_text(file)
    try:
        _book, found, tried = rulebook.findings(text, str(file), network)
    except InventoryError as error:
        if not json:
            raise
        showing.as_json({"file": str(file), "problems": [str(problem) for problem in error.problems]})
        raise typer.Exit(2) from None
    said = [f"{file}:{each.line}: {each.rule}: {each.problem}. {each.advice}".rstrip(". ") for each in found]
    if json:
        showing.as_json({"file": str(file), "problems": said, "examples": tried})
    else:
        for line in said:
            showing.line(line)
        if not found:
            _ = locale.words(options.language(lang))
            showing.line(_("{file}: in order; {tried} examples tried").format(file=file, tried=tried))
    if found:
        raise typer.Exit(1)


def _network(inventory: Path | None) -> Inventory | None:
    """Overrides are held against it; without one that was named, or lies here, they are not."""
    chosen = options.chosen(inventory)
    return options.network(inventory) if inventory or chosen.inventory.exists() else None


# ---------------------------------------------------------------- what would have been


def replay(
    start: options.From = None,
    end: options.To = None,
    file: Annotated[
        Path | None, typer.Option("--rules", help="The changed rules; without, only the present ones.")
    ] = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Lead what was observed through changed rules, and show which cases would have been others. The last 24 hours."""
    from agent.app import replay as replaying
    from agent.app.past import Past
    from agent.faults import rules

    language, network, now = options.language(lang), options.network(inventory), compose.now()
    changed = rules.parse(settings.read_text(file), str(file)) if file else None
    with options.existing(data, database) as memory:
        with memory.store.read() as tx:
            span = tx.journalled()
        if span is None:
            raise UsageError("nothing is recorded: policies.keep_journal in the inventory says how long polls are kept")
        first, last = max(options.moment(start, now - timedelta(days=1)), span[0]), min(options.moment(end, now), now)
        if first >= last or first > span[1]:
            raise UsageError(
                f"nothing is recorded of that time; polls are, from {span[0]:%F %T} to {span[1]:%F %T} UTC"
            )
        past = Past(memory.store, network, first, last)
        live, before = past.cases(), _run(past, rules.in_force(), N_("present rules"), language)
        after = _run(past, changed, N_("changed rules"), language) if changed else None
    unlike = comparison.differences(live, before.cases, replaying.TOLERANCE)
    other = comparison.differences(before.cases, after.cases, timedelta(0)) if after else []
    if json:
        showing.as_json(_document(past, live, before, after, unlike, other))
    else:
        _print(past, live, before, after, unlike, other, language)


def _run(past: "Past", book: "Book", what: str, language: str) -> "Replayed":
    from agent.app import replay as replaying

    return replaying.replay(past, book, _teller(past, locale.words(language)(what), language))


def _teller(past: "Past", what: str, language: str) -> Callable[[int, datetime], None]:
    """Tells of long work on stderr, now and then."""
    began = told = time.monotonic()

    def tell(polls: int, now: datetime) -> None:
        nonlocal told
        if time.monotonic() - told < EVERY_S:
            return
        told = time.monotonic()
        percent = 100 * (now - past.start) / (past.end - past.start)
        rate = polls / (told - began)
        text = N_("{what}: {percent} % of the time, {polls} polls, {rate} a second")
        said = locale.say(text, language, what=what, percent=round(percent), polls=polls, rate=round(rate))
        print(said, file=sys.stderr, flush=True)

    return tell


def _document(
    past: "Past",
    live: Sequence[Told],
    before: "Replayed",
    after: "Replayed | None",
    unlike: Sequence[Difference],
    other: Sequence[Difference],
) -> dict[str, Any]:
    def of(replayed: "Replayed") -> dict[str, Any]:
        told = sum(case.notifications for case in replayed.cases)
        return {
            "cases": replayed.cases,
            "notifications": told,
            "polls": replayed.polls,
            "events": replayed.events,
            "lost": replayed.lost,
            "not_done_again": replayed.left,
        }

    return {
        "from": past.start,
        "to": past.end,
        "live": {"cases": live, "notifications": sum(case.notifications for case in live)},
        "present": of(before),
        "changed": of(after) if after else None,
        "as_live": not unlike,
        "unlike_live": unlike,
        "differences": other,
    }


def _print(
    past: "Past",
    live: Sequence[Told],
    before: "Replayed",
    after: "Replayed | None",
    unlike: Sequence[Difference],
    other: Sequence[Difference],
    language: str,
) -> None:
    _ = locale.words(language)
    showing.line(f"{past.start:%Y-%m-%d %H:%M:%SZ} – {past.end:%Y-%m-%d %H:%M:%SZ}", "bold")
    columns = [
        (_("live"), live),
        (_("present rules"), before.cases),
        *([(_("changed rules"), after.cases)] if after else []),
    ]
    rows = [(name, len(cases), sum(case.notifications for case in cases)) for name, cases in columns]
    showing.table([_("History"), _("Cases"), _("Messages")], rows, "")
    if unlike:
        showing.line(_("With the present rules the replay differs from what happened:"))
        _table(unlike, _("live"), _("present rules"), language)
    else:
        showing.line(_("With the present rules the replay gives the cases that there were."))
    for line in before.left:
        showing.line(_("Not done again: {what}").format(what=line))
    if after:
        if other:
            _table(other, _("present rules"), _("changed rules"), language)
        else:
            showing.line(_("The changed rules change no case."))
        for line in after.left:
            if line not in before.left:
                showing.line(_("Not done again: {what}").format(what=line))


def _table(found: Sequence[Difference], first: str, second: str, language: str) -> None:
    _ = locale.words(language)
    rows = []
    for each in found:
        told = each.before or each.after
        if told is not None:
            kind = f"{told.severity} {locale.word(told.kind, language)}"
            opened = told.opened.strftime("%Y-%m-%d %H:%M:%SZ")
            rows.append((opened, told.subject, kind, _what(each, first, second, language)))
    showing.table([_(head) for head in ("Opened", "Subject", "Fault", "Difference")], rows, "")


def _what(each: Difference, first: str, second: str, language: str) -> str:
    _ = locale.words(language)
    if each.sort is not Sort.CHANGED:
        return _("only {where}").format(where=first if each.sort is Sort.ONLY_BEFORE else second)
    parts = [
        f"{locale.word(name, language)}: {_shown(one, other)} → {_shown(other, one)}"
        for name, (one, other) in each.changed.items()
    ]
    return "; ".join(parts)


def _shown(value: object, other: object) -> str:
    """Of two lists only what the other does not have."""
    if isinstance(value, tuple) and isinstance(other, tuple):
        return ", ".join(sorted(set(value) - set(other))) or "–"
    return value.strftime("%H:%M:%S") if isinstance(value, datetime) else str(value)
