"""Commands about maintenance windows: plan them, change them, see what became of them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from agent import locale
from agent.app import compose
from agent.cli import options, showing
from agent.errors import UsageError
from agent.faults import maintenance, upkeep
from agent.inventory import calendar, problems, recurrence, topology, windows
from agent.inventory.inventory import Inventory
from agent.inventory.windows import Occurrence, Window
from agent.observation import Subject, Tier
from agent.ports import Transaction

Name = Annotated[str, typer.Argument(help="Its name.")]
Names = list[str] | None
AHEAD = timedelta(days=90)  # in which overlaps are looked for
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def add_to(cli: typer.Typer) -> None:
    commands = typer.Typer(
        help="Maintenance windows: what is expected to break, and what came back.", no_args_is_help=True
    )
    for name, command in (
        ("add", add), ("list", list_windows), ("show", show), ("end", end), ("extend", extend), ("cancel", cancel),
    ):  # fmt: skip
        commands.command(name=name)(command)
    cli.add_typer(commands, name="maintenance")


@dataclass(frozen=True, slots=True)
class _When:
    """When a window is, as it was asked for."""

    starts: str | None
    ends: str | None
    every: str | None
    lasts: str | None
    timezone: str | None
    since: str | None
    until: str | None


def add(
    name: Annotated[str, typer.Argument(help="What it is called; no other window has that name.")],
    starts: Annotated[str | None, typer.Option("--from", help="ISO time, now, or +30m: in half an hour.")] = None,
    ends: Annotated[str | None, typer.Option("--to", help="ISO time, or +3h.")] = None,
    every: Annotated[
        str | None, typer.Option("--every", help='"sat 02:00", "second sat 01:00", "day 15 03:00", "daily 04:00".')
    ] = None,
    lasts: Annotated[str | None, typer.Option("--for", help="How long: 90m, 2h.")] = None,
    timezone: Annotated[str | None, typer.Option("--timezone", help="Whose clock; UTC.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="With --every: the first day, 2026-12-01; today.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", help="With --every: the last day.")] = None,
    reason: Annotated[str, typer.Option("--reason", "-m", help="Why, or a change number.")] = "",
    device: Annotated[Names, typer.Option(help="A device; may be given more than once, as all that follow.")] = None,
    component: Annotated[Names, typer.Option(help="A part of one: r1/interface:eth0, r1/interface:Gi1/0/*.")] = None,
    site: Annotated[Names, typer.Option(help="A site.")] = None,
    customer: Annotated[Names, typer.Option(help="A customer.")] = None,
    tag: Annotated[Names, typer.Option(help="A tag.")] = None,
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """A time in which faults of these are expected: no case is opened, and the time counts as planned."""
    now, network = compose.now(), options.network(inventory)
    named = {"devices": device, "components": component, "sites": site, "customers": customer, "tags": tag}
    _check(named, network)
    when = _times(_When(starts, ends, every, lasts, timezone, since, until), now)
    selectors: dict[str, Any] = {key: frozenset(given or ()) for key, given in named.items()}
    window = Window(name=name, reason=reason, **when, **selectors)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        known = windows.known(network.windows, tx.windows())
        if any(other.name == name for other in known):
            raise UsageError(f"there is a window {name} already: choose another name, or change that one (extend, end)")
        tx.save_window(window)
        warnings = list(_warnings(window, known, network, tx, now))
    first = windows.at(window, now) or windows.coming(window, now) or windows.last(window, now)
    showing.line(
        f"{name}: {_span(first) if first else 'never'}{f', {every} {window.timezone}' if window.every else ''}"
    )
    for warning in warnings:
        showing.line(warning, "yellow")


# ---------------------------------------------------------------- what was asked for


def _check(named: dict[str, Names], network: Inventory) -> None:
    from agent.inventory import planning

    tags = {tag for device in network.devices.values() for tag in device.tags}
    there: dict[str, tuple[str, Collection[str]]] = {
        "devices": ("device", network.devices), "sites": ("site", network.sites),
        "customers": ("customer", network.customers), "tags": ("tag", tags),
    }  # fmt: skip
    if not any(named.values()):
        raise UsageError("say what is maintained: --device, --component, --site, --customer or --tag")
    for key, (what, known) in there.items():
        for name in named[key] or ():
            if name not in known:
                raise UsageError(
                    f"there is no {what} {name} in the inventory. {problems.instead(name, known)}".rstrip()
                )
    for text in named["components"] or ():
        if wrong := planning.part_refusal(text, network.devices):
            raise UsageError(". ".join(part for part in wrong if part))


def _times(when: _When, now: datetime) -> dict[str, Any]:
    zone = when.timezone or "UTC"
    if when.timezone is not None:
        _understood("timezone", when.timezone)
    if when.every is not None:
        return _again(when, zone, now)
    if when.since or when.until:
        raise UsageError("--since and --until belong to --every: write --from and --to")
    if when.starts is None:
        raise UsageError("say when: --from and --to, or --every and --for")
    starts = _moment(when.starts, zone, now)
    if (when.ends is None) == (when.lasts is None):
        raise UsageError("say until when: --to or --for, one of them")
    ends = _moment(when.ends, zone, now) if when.ends else starts + _length(when.lasts or "")
    if ends <= starts:
        raise UsageError("the window ends before it starts: --to must lie after --from")
    return {"starts": starts, "ends": ends}


def _again(when: _When, zone: str, now: datetime) -> dict[str, Any]:
    from agent.inventory import planning

    if when.starts or when.ends:
        raise UsageError("--from and --to belong to a window that comes once: with --every write --since and --until")
    lasts = _length(when.lasts) if when.lasts else None
    for key, (message, advice) in planning.refusals(when.every or "", lasts).items():
        raise UsageError(f"{'--for' if key == 'lasts' else '--every'}: {message}. {advice}")
    first = _day(when.since) if when.since else now.astimezone(ZoneInfo(zone)).date()
    last = _day(when.until) if when.until else None
    if last and last < first:
        raise UsageError(f"the last day, {last}, comes before the first, {first}: write a later --until")
    starts, ends = planning.days(first, last, zone)
    rule = recurrence.parse(when.every or "")
    return {"starts": starts, "ends": ends, "every": str(rule), "lasts": lasts, "timezone": zone}


def _understood(field: str, text: str) -> Any:
    """A value as the inventory reads it. Raises UsageError with what to write instead."""
    from pydantic_core import PydanticCustomError

    from agent.inventory import fields

    try:
        return getattr(fields, field)(text)
    except PydanticCustomError as error:
        context = error.context or {}
        raise UsageError(f"{context.get('message')}. {context.get('advice')}".rstrip(". ")) from None


def _length(text: str) -> timedelta:
    length: timedelta = _understood("duration", text)
    return length


def _day(text: str) -> date:
    day: date = _understood("day", text)
    return day


def _moment(text: str, zone: str, now: datetime) -> datetime:
    """`now`, `+30m`, or a time, on the clock of `zone` where it names no offset."""
    if text == "now":
        return now.replace(microsecond=0)
    if text[:1] == "+":
        return now.replace(microsecond=0) + _length(text[1:])
    found = options.moment(text, now)
    naive = "T" in text or " " in text or text.count("-") == 2
    if naive and datetime.fromisoformat(text).tzinfo is None:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return found


def _warnings(
    window: Window, known: Iterable[Window], network: Inventory, tx: Transaction, now: datetime
) -> Iterable[str]:
    for mine, other in calendar.overlapping(window, known, now, now + AHEAD)[:3]:
        yield f"overlaps with {other.name}, {_span(other)}" + (f" (on {mine.starts:%Y-%m-%d})" if window.every else "")
    net = topology.build(network, tx.latest_all(Tier.IDENTITY))
    if sites := maintenance.takes_down(window, network, net):
        yield (
            f"takes down more than it names: nothing leads to site {', '.join(sites)} while all of it is off;"
            " name them too (--site) if that is meant"
        )


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
            showing.line(f"{head}: {_span(each)}{_moved(_, each)}")
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
    return f" ({_('planned until')} {_time(each.planned)})" if each.ends != each.planned else ""


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


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%MZ}"


def _clock(each: Occurrence) -> tuple[str, str]:
    return _time(each.starts), _time(each.ends)


def _span(each: Occurrence) -> str:
    return f"{_time(each.starts)} to {_time(each.ends)}"


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
    showing.line(f"{name} ends {_time(now)}")


def _not_now(window: Window, now: datetime) -> str:
    following = windows.coming(window, now)
    if following:
        comes = f"it comes on {_time(following.starts)}, and `netcase maintenance cancel` cancels that"
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
        until = _moment(ends, window.timezone, now) if ends else each.ends + _length(longer or "")
        if until <= max(now, each.starts):
            raise UsageError(
                f"that is no later than it begins or than now: write a time after {_time(max(now, each.starts))}"
            )
        tx.save_window(windows.ending(each, until))
    showing.line(f"{name}: {_time(each.starts)} to {_time(until)}")


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
    showing.line(f"{name} does not come {'again' if whole else f'on {_time(following.starts)}'}")
