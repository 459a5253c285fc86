"""Availability of sites and of links: whether a place could be reached at all, and what was cut."""

from collections.abc import Iterable

from agent.faults.availability import standing
from agent.faults.availability.past import Past
from agent.faults.availability.standing import Hours, Standing
from agent.locale import N_, Text
from reports.document import Cell, Column, Item, Kind, Row, Section, Table, Tone, seconds
from reports.sections import uptime
from reports.sections.scope import Scope

_SHOWN = 60


def section(past: Past, scope: Scope) -> Section:
    own = standing.weights(scope.inventory)
    heavy = sorted(set(own.values()), reverse=True)
    named = {weight: ",".join(name for name, its in own.items() if its == weight) for weight in heavy}
    return Section(
        key="places",
        title=N_("Sites and links"),
        intro=Text("Every other device weighs 1.") if own else Text("Every device weighs the same."),
        items=tuple(
            Item(what=Text("Weight {weight}: {names:word}", {"weight": weight, "names": names}))
            for weight, names in named.items()
        ),
        tables=(_sites(past, scope), _links(past)),
    )


def _sites(past: Past, scope: Scope) -> Table:
    """The darkest first, then those with the lowest mean."""
    lines = sorted(standing.sites(past, Hours.ALWAYS), key=lambda line: (-_dark(line), _low(line), line.name))
    return Table(
        key="sites",
        title=N_("By site"),
        columns=(
            Column("site", N_("Site"), Kind.NAME),
            Column("customer", N_("Customer"), Kind.NAME),
            Column("devices", N_("Devices"), Kind.NUMBER),
            Column("availability", N_("Mean of devices"), Kind.PERCENT),
            Column("reachable", N_("Any device"), Kind.PERCENT),
            Column("dark", N_("No device"), Kind.DURATION),
            Column("times", N_("Times"), Kind.NUMBER),
            Column("target", N_("Target"), Kind.PERCENT),
            Column("verdict", N_("Result"), Kind.STATUS),
        ),
        rows=tuple(_site(line, scope) for line in lines[:_SHOWN]),
        empty=Text("The inventory holds no devices."),
        left_out=max(0, len(lines) - _SHOWN),
    )


def _dark(line: Standing) -> float:
    return seconds(line.reachable.down) if line.reachable else 0.0


def _low(line: Standing) -> float:
    return line.percent if line.percent is not None else 101.0


def _site(line: Standing, scope: Scope) -> Row:
    cells: tuple[Cell, ...] = (
        scope.site(line.name),
        scope.customer(line.customer),
        line.devices,
        line.percent,
        line.reachable.percent if line.reachable else None,
        _dark(line),
        len(line.dark),
        line.target,
        line.verdict,
    )
    return Row(cells, Tone.BAD if line.verdict == "missed" else Tone.PLAIN)


def _links(past: Past) -> Table:
    """Only those that were down at some time; what was never down needs no line."""
    lines = list(standing.links(past, Hours.ALWAYS))
    fallen = sorted(_fallen(lines), key=lambda line: (_low(line), line.name))
    return Table(
        key="links",
        title=N_("Links that were down"),
        columns=(
            Column("link", N_("Link"), Kind.NAME),
            Column("availability", N_("Availability"), Kind.PERCENT),
            Column("down", N_("Down"), Kind.DURATION),
            Column("planned", N_("Planned"), Kind.DURATION),
            Column("unobserved", N_("Not observed"), Kind.DURATION),
            *uptime.FAILED,
        ),
        rows=tuple(_link(line) for line in fallen[:_SHOWN]),
        empty=Text("None of {n} links was seen down.", {"n": len(lines)}) if lines else Text("No links are known."),
        left_out=max(0, len(fallen) - _SHOWN),
    )


def _fallen(lines: Iterable[Standing]) -> Iterable[Standing]:
    return (line for line in lines if line.sums.down)


def _link(line: Standing) -> Row:
    sums = line.sums
    lengths = (seconds(length) for length in (sums.down, sums.planned, sums.unobserved))
    return Row((line.name.replace("--", " – "), line.percent, *lengths, *uptime.failed(line.reliability)))
