"""Commands about maintenance windows: plan them, change them, see what became of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import typer

from agent import locale
from agent.app import compose
from agent.cli import options, planning, showing
from agent.errors import UsageError
from agent.faults import upkeep
from agent.inventory import calendar, problems, windows
from agent.inventory.inventory import Inventory
from agent.inventory.windows import Occurrence, Window
from agent.observation import Subject
from agent.ports import Transaction

Name = Annotated[str, typer.Argument(help="Its name.")]


def add_to(cli: typer.Typer) -> None:
    commands = typer.Typer(help="Maintenance windows: what may break, and what came back.", no_args_is_help=True)
    commands.command(name="add")(planning.add)
    commands.command(name="list")(list_windows)
    for command in (show, end, extend, cancel):
        commands.command()(command)
    cli.add_typer(commands, name="maintenance")


# ---------------------------------------------------------------- looking


def list_windows(
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Windows that go on now, the next of those that come, and those of the last 31 days with what became of them."""
    language, now, network = options.language(lang), compose.now(), options.network(inventory)
    _ = locale.words(language)
    with options.existing(data, database) as memory, memory.store.read() as tx:
        plan = calendar.read(windows.known(network.windows, tx.windows()), now)
        results = {each: _progress(tx, each) for each in (*plan.now, *plan.past)}
    if json:
        lists = {"now": plan.now, "coming": plan.coming, "past": plan.past}
        showing.as_json({key: [_plain(each, results.get(each)) for each in found] for key, found in lists.items()})
        return
    rows = [
        (each.name, word, *_clock(each), ", ".join(calendar.names(each.window)), each.window.reason, _became(_, found))
        for word, list_ in ((_("now"), plan.now), (_("coming"), plan.coming), (_("past"), plan.past))
        for each in list_
        for found in [results.get(each)]
    ]
    heads = (_("Name"), _("When"), _("Begins"), _("Until"), _("What"), _("Reason"), _("Did not come back"))
    showing.table(heads, rows, _("No maintenance windows."))


def show(
    name: Name,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """A window, its last and its next time, and what its devices were before and are after it."""
    language, now, network = options.language(lang), compose.now(), options.network(inventory)
    with options.existing(data, database) as memory, memory.store.read() as tx:
        window = _window(tx, network, name)
        latest = windows.at(window, now) or windows.last(window, now)
        progress = _progress(tx, latest) if latest else None
        changes = list(_changes(tx, latest, network)) if latest and progress else []
    following = windows.coming(window, now)
    if json:
        told = [{"device": device, **showing.plain(change)} for device, change in changes]
        found = {"window": window, "latest": latest and _plain(latest, progress), "changes": told}
        showing.as_json(found | {"next": following and _plain(following, None)})
        return
    _ = locale.words(language)
    showing.line(f"{name}  {', '.join(calendar.names(window))}", "bold")
    for line in (window.reason, f"{window.every}, {window.timezone}" if window.every else ""):
        if line:
            showing.line(line)
    for head, each in ((_("Latest"), latest), (_("Next"), following)):
        if each:
            showing.line(f"{head}: {planning.span(each)}{_moved(_, each)}")
    if progress:
        showing.line(_standing(_, progress))
    rows = [
        (device, _subject(c.subject, device, language), locale.word(c.what, language), c.before, c.after,
         locale.word(c.turn, language))
        for device, c in changes
    ]  # fmt: skip
    heads = (_("Device"), _("Part"), _("What"), _("Before"), _("After"), _("Result"))
    if rows or (progress and progress.done):
        showing.table(heads, rows, _("Nothing is another than before."))


def _subject(text: str, device: str, language: str) -> str:
    subject = Subject.parse(text)
    where = "" if subject.device == device else f"{subject.device} "
    return f"{where}{locale.word(subject.kind, language)} {subject.name}".rstrip()


def _changes(tx: Transaction, each: Occurrence, network: Inventory) -> Iterable[tuple[str, Any]]:
    for device in windows.devices(each.window, network.devices.values()):
        body = tx.document(upkeep.PICTURE, upkeep.picture_key(each, device.name))
        for change in upkeep.unpack_changes(body.get("changes", [])) if body else ():
            yield device.name, change


def _progress(tx: Transaction, each: Occurrence) -> upkeep.Progress | None:
    body = tx.document(upkeep.OCCURRENCE, upkeep.key(each))
    return upkeep.unpack(body) if body else None


def _became(_: Any, progress: upkeep.Progress | None) -> str:
    if progress is None or progress.taken is None:
        return ""
    left = ", ".join(f"{device} ({count})" for device, count in sorted(progress.left.items()))
    return left or (_("nothing") if progress.done else _("not compared yet"))


def _standing(_: Any, progress: upkeep.Progress) -> str:
    if progress.done:
        unseen = f" {_('Never answered again')}: {', '.join(progress.unseen)}" if progress.unseen else ""
        return f"{_('Did not come back')}: {_became(_, progress)}.{unseen}"
    if progress.taken and not progress.untaken:
        return f"{_('Looked at before')}: {progress.devices}. {_('Not compared yet')}: {len(progress.waiting)}."
    return f"{_('Looked at before')}: {progress.devices - len(progress.untaken)}."


def _moved(_: Any, each: Occurrence) -> str:
    return f" ({_('planned until')} {planning.time(each.planned)})" if each.ends != each.planned else ""


def _plain(each: Occurrence, progress: upkeep.Progress | None) -> dict[str, Any]:
    window, result = each.window, None
    if progress:
        result = {
            "left": dict(progress.left),
            "changed": progress.changed,
            "unseen": progress.unseen,
            "done": progress.done,
        }
    return {
        "name": each.name, "starts": each.starts, "ends": each.ends, "planned_ends": each.planned,
        "reason": window.reason, "every": window.every, "timezone": window.timezone, "devices": window.devices,
        "components": window.components, "sites": window.sites, "customers": window.customers, "tags": window.tags,
        "result": result,
    }  # fmt: skip


def _clock(each: Occurrence) -> tuple[str, str]:
    return planning.time(each.starts), planning.time(each.ends)


# ---------------------------------------------------------------- changing


def _window(tx: Transaction, network: Inventory, name: str) -> Window:
    known = {window.name: window for window in windows.known(network.windows, tx.windows())}
    if name not in known:
        raise UsageError(f"there is no window {name}. {problems.instead(name, known)}".rstrip())
    return known[name]


def end(
    name: Name,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """End it now, this time; what is still broken is looked at again at once."""
    now, network = compose.now(), options.network(inventory)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        window = _window(tx, network, name)
        each = windows.at(window, now)
        if each is None:
            raise UsageError(_not_now(window, now))
        tx.save_window(windows.ending(each, now))
    showing.line(f"{name} ends {planning.time(now)}")


def _not_now(window: Window, now: datetime) -> str:
    following = windows.coming(window, now)
    if following:
        comes = f"it comes on {planning.time(following.starts)}, and `netcase maintenance cancel` cancels that"
        return f"{window.name} is not going on: {comes}"
    return f"{window.name} is over"


def extend(
    name: Name,
    ends: Annotated[str | None, typer.Option("--to", help="Until then: ISO time, or +1h from now.")] = None,
    longer: Annotated[str | None, typer.Option("--for", help="So much longer: 30m.")] = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Let it last until another time, this time or, before it began, the next; planned as well as already going on."""
    now, network = compose.now(), options.network(inventory)
    if (ends is None) == (longer is None):
        raise UsageError("say until when: --to or --for, one of them")
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        window = _window(tx, network, name)
        each = windows.at(window, now) or windows.coming(window, now)
        if each is None:
            raise UsageError(f"{name} is over: add another window")
        until = planning.moment(ends, window.timezone, now) if ends else each.ends + planning.length(longer or "")
        if until <= max(now, each.starts):
            earliest = planning.time(max(now, each.starts))
            raise UsageError(f"that is no later than it begins or than now: write a time after {earliest}")
        tx.save_window(windows.ending(each, until))
    showing.line(f"{name}: {planning.time(each.starts)} to {planning.time(until)}")


def cancel(
    name: Name,
    whole: Annotated[bool, typer.Option("--all", help="Not only the next time: it does not come again.")] = False,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Cancel the next time that it comes; what goes on now is ended with `end`."""
    now, network = compose.now(), options.network(inventory)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        window = _window(tx, network, name)
        following = windows.coming(window, now)
        if following is None:
            raise UsageError(f"{name} does not come again")
        if whole and window.amends:
            raise UsageError(f"{name} stands in the inventory: take it out there")
        if whole and window.every:
            tx.save_window(windows.stopping(window, now))
        else:
            tx.save_window(windows.ending(following, following.starts))
    showing.line(f"{name} does not come {'again' if whole else f'on {planning.time(following.starts)}'}")
