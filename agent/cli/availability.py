"""`netcase availability`: how long devices, interfaces, links, sites, customers, the network and paths were up."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any

import typer

from agent import locale
from agent.app import compose
from agent.cases import ledger
from agent.cases.ledger import Ledger, Speed, Step
from agent.cli import options, showing
from agent.faults.availability import Span
from agent.faults.availability import standing as standings
from agent.faults.availability.standing import By, Hours, Standing
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.ports import Transaction
from reports import ledgers
from reports import past as pasts
from reports.past import Parts

_HEADS = {
    By.DEVICE: N_("Device"),
    By.INTERFACE: N_("Interface"),
    By.LINK: N_("Link"),
    By.SITE: N_("Site"),
    By.CUSTOMER: N_("Customer"),
    By.NETWORK: N_("Network"),
}


def add_to(cli: typer.Typer) -> None:
    cli.command()(availability)


def availability(
    inventory: options.Inventory = None,
    data: options.Data = None,
    database: options.Database = None,
    by: Annotated[By, typer.Option(help="device, interface, link, site, customer or network.")] = By.DEVICE,
    path: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="Whether A could reach B: devices, sites or customers."),
    ] = None,
    device: Annotated[str | None, typer.Option(help="With --by interface: only this device's.")] = None,
    hours: Annotated[
        Hours, typer.Option(help="always, or contract: only the hours that contracts cover.")
    ] = Hours.ALWAYS,
    start: options.From = None,
    end: options.To = None,
    json: options.Json = False,
    lang: options.Lang = None,
) -> None:
    """Up, down, planned and unobserved time; they add up to the period. The last 24 hours unless told otherwise."""
    language, now = options.language(lang), compose.now()
    network = options.network(inventory)
    period = Span(options.moment(start, now - timedelta(days=1)), min(options.moment(end, now), now))
    parts = Parts.LINKED if path or by is By.LINK else Parts.ALL if by is By.INTERFACE else Parts.NONE
    with options.existing(data, database) as memory, memory.store.read() as tx:
        past = pasts.read(tx, network, period, now, parts, device or "")
        lines = (standings.path(past, *path, hours),) if path else standings.of(past, by, hours)
        fast = _speeds(tx, lines, period) if by in {By.CUSTOMER, By.NETWORK} and not path else {}
    if json:
        showing.as_json([_plain(line, fast.get(line.name)) for line in lines])
        return
    _show(lines, locale.words(language)(_HEADS[by] if not path else N_("Path")), language)
    _tell_weights(network, lines, language)
    for line in lines if fast else ():
        _show_speed(_name(line, language), fast[line.name], language)


def _speeds(tx: Transaction, lines: Iterable[Standing], period: Span) -> dict[str, Mapping[Step, Speed]]:
    """How fast we were, by the line's name: a customer's cases, or all."""
    every = ledgers.read(tx, period)

    def own(line: Standing) -> list[Ledger]:
        return [each for each in every if line.by == By.NETWORK or each.customer == line.name]

    return {line.name: ledger.speeds(own(line)) for line in lines}


def _plain(line: Standing, fast: Mapping[Step, Speed] | None) -> dict[str, Any]:
    """Lengths in seconds."""
    told: dict[str, Any] = {
        line.by: line.name,
        "percent": line.percent,
        "target": line.target,
        "verdict": line.verdict or None,
    }
    told |= showing.plain(line.sums) | {"period": line.sums.period, "hours": line.hours or None}
    told |= {
        "outages": len(line.reliability.outages),
        "longest": line.reliability.longest,
        "mtbf": line.reliability.mtbf,
        "mttr": line.reliability.mttr,
    }
    if line.by in {By.SITE, By.CUSTOMER, By.NETWORK}:
        told |= {"devices": line.devices, "observed": line.observed, "missed": line.missed}
    if line.reachable is not None:
        told["reachable"] = {"percent": line.reachable.percent} | showing.plain(line.reachable)
    if fast is not None:
        told["speed"] = fast
    return told


def _show(lines: Sequence[Standing], head: str, language: str) -> None:
    _ = locale.words(language)
    goals, dark = any(line.verdict for line in lines), any(line.reachable is not None for line in lines)
    heads = [head, _("Availability")]
    heads += [_("Any device"), _("No device")] if dark else []
    heads += [_("Target"), _("Result")] if goals else []
    heads += [_(each) for each in ("Up", "Down", "Planned", "Unobserved", N_("Outages"), N_("MTTR"), N_("MTBF"))]
    showing.table(heads, [_row(line, goals, dark, language) for line in lines], _("Nothing is known of any."))


def _row(line: Standing, goals: bool, dark: bool, language: str) -> list[str | int]:
    sums, found = line.sums, line.reliability
    row: list[str | int] = [_name(line, language), _percent(line.percent, language)]
    if dark:
        row += [
            _percent(line.reachable.percent if line.reachable else None, language),
            _length(line.reachable.down if line.reachable else None, language),
        ]
    if goals:
        row += [_percent(line.target, language), locale.word(line.verdict, language) if line.verdict else "–"]
    row += [_length(part, language) for part in (sums.up, sums.down, sums.planned, sums.unobserved)]
    return [*row, str(len(found.outages)), _length(found.mttr, language), _length(found.mtbf, language)]


def _name(line: Standing, language: str) -> str:
    return locale.words(language)(N_("the whole network")) if line.by == By.NETWORK else line.name


def _percent(value: float | None, language: str) -> str:
    return "–" if value is None else locale.percent(value, language)


def _length(value: timedelta | None, language: str) -> str:
    return "–" if value is None else locale.duration(value, language)


def _tell_weights(network: Inventory, lines: Sequence[Standing], language: str) -> None:
    if not any(line.by in {By.SITE, By.CUSTOMER, By.NETWORK} for line in lines):
        return
    _, own = locale.words(language), standings.weights(network)
    if own:
        named = ", ".join(f"{locale.word(name, language)} {weight:g}" for name, weight in own.items())
        showing.line(locale.say(N_("Weighed: {weights}; every other device 1."), language, weights=named))
    else:
        showing.line(_("Every device weighs the same."))


def _show_speed(name: str, known: Mapping[Step, Speed], language: str) -> None:
    _ = locale.words(language)
    heads = [name, *(_(head) for head in ("Cases", "Mean", "Median", "Nine of ten within", "Worst"))]
    rows = [
        (
            _(step.said),
            each.cases,
            *(_length(part, language) for part in (each.mean, each.median, each.p90, each.worst)),
        )
        for step, each in known.items()
    ]
    showing.table(heads, rows, f"{name}: {_('No case was opened.')}")
