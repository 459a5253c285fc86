"""`netcase maintenance add`: from what a person writes to a window, or to what he had better write."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from agent.app import compose
from agent.cli import options, showing
from agent.errors import UsageError
from agent.faults import maintenance
from agent.inventory import calendar, problems, recurrence, topology, windows
from agent.inventory.inventory import Inventory
from agent.inventory.windows import Occurrence, Window
from agent.observation import Tier
from agent.ports import Transaction

Names = list[str] | None
AHEAD = timedelta(days=90)  # in which overlaps are looked for
LONGEST = 1_000  # characters, as in the inventory


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
    if not name.strip():
        raise UsageError("the window has no name")
    named = {"devices": device, "components": component, "sites": site, "customers": customer, "tags": tag}
    _check(named, network)
    when = _times(_When(starts, ends, every, lasts, timezone, since, until), now)
    selectors: dict[str, Any] = {key: frozenset(given or ()) for key, given in named.items()}
    for text in (name, reason, *selectors["components"]):
        _sayable(text)
    window = Window(name=name, reason=reason, **when, **selectors)
    with options.existing(data, database) as memory, memory.store.begin() as tx:
        known = windows.known(network.windows, tx.windows())
        if any(other.name == name for other in known):
            raise UsageError(f"there is a window {name} already: choose another name, or change that one (extend, end)")
        tx.save_window(window)
        warnings = list(_warnings(window, known, network, tx, now))
    first = windows.at(window, now) or windows.coming(window, now) or windows.last(window, now)
    showing.line(f"{name}: {span(first) if first else 'never'}{f', {every} {window.timezone}' if window.every else ''}")
    for warning in warnings:
        showing.line(warning, "yellow")


# ---------------------------------------------------------------- what was asked for


def _sayable(text: str) -> None:
    """It stands in tables, pages and messages."""
    if not text.isprintable() or len(text) > LONGEST:
        raise UsageError(f"{problems.shown(text)!r} cannot be shown: write up to {LONGEST} characters in one line")


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
    starts = moment(when.starts, zone, now)
    if (when.ends is None) == (when.lasts is None):
        raise UsageError("say until when: --to or --for, one of them")
    ends = moment(when.ends, zone, now) if when.ends else starts + length(when.lasts or "")
    if ends <= starts:
        raise UsageError("the window ends before it starts: --to must lie after --from")
    return {"starts": starts, "ends": ends}


def _again(when: _When, zone: str, now: datetime) -> dict[str, Any]:
    from agent.inventory import planning

    if when.starts or when.ends:
        raise UsageError("--from and --to belong to a window that comes once: with --every write --since and --until")
    lasts = length(when.lasts) if when.lasts else None
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


def length(text: str) -> timedelta:
    found: timedelta = _understood("duration", text)
    return found


def _day(text: str) -> date:
    day: date = _understood("day", text)
    return day


def moment(text: str, zone: str, now: datetime) -> datetime:
    """`now`, `+30m`, or a time, on the clock of `zone` where it names no offset."""
    if text == "now":
        return now.replace(microsecond=0)
    if text[:1] == "+":
        return now.replace(microsecond=0) + length(text[1:])
    found = options.moment(text, now)
    naive = "T" in text or " " in text or text.count("-") == 2
    if naive and datetime.fromisoformat(text).tzinfo is None:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return found


def _warnings(
    window: Window, known: Iterable[Window], network: Inventory, tx: Transaction, now: datetime
) -> Iterable[str]:
    for mine, other in calendar.overlapping(window, known, now, now + AHEAD)[:3]:
        yield f"overlaps with {other.name}, {span(other)}" + (f" (on {mine.starts:%Y-%m-%d})" if window.every else "")
    net = topology.build(network, tx.latest_all(Tier.IDENTITY))
    if sites := maintenance.takes_down(window, network, net):
        yield (
            f"takes down more than it names: nothing leads to site {', '.join(sites)} while all of it is off;"
            " name them too (--site) if that is meant"
        )


def time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%MZ}"


def span(each: Occurrence) -> str:
    return f"{time(each.starts)} to {time(each.ends)}"
