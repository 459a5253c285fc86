"""Availability of devices and networks against their targets, the worst first."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta

from agent.faults import availability
from agent.faults.availability import Availability, Division, Network, standing
from agent.faults.availability.reliability import Reliability
from agent.inventory.device import Device
from agent.inventory.hours import ALWAYS
from agent.locale import N_, Text
from reports.document import Cell, Column, Kind, Row, Section, Strip, Table, Tone, seconds
from reports.sections.scope import Scope

_SHOWN = 40
EXACT = Text("Up, down, planned and unobserved add up to the period exactly; unobserved is what the agent did not see.")
_PIECES = 400  # of a strip


def strip(division: Division, sums: Availability, scope: Scope) -> Strip:
    parts = [
        (span.start, name, seconds(span.length))
        for name, spans in (
            ("up", division.up),
            ("down", division.down),
            ("planned", division.planned),
            ("unobserved", division.unobserved),
        )
        for span in spans
    ]
    pieces = [(name, length) for _start, name, length in sorted(parts)]
    if len(pieces) > _PIECES:  # too restless to draw: the sums in a row say as much
        pieces = [(name, seconds(getattr(sums, name))) for name in ("up", "down", "planned", "unobserved")]
    future = seconds(scope.period.end - scope.seen.end)
    return Strip((*pieces, *([("future", future)] if future > 0 else [])))


def _lengths(part: Availability) -> tuple[Cell, ...]:
    return tuple(seconds(length) for length in (part.down, part.planned, part.unobserved))


_TAIL = (
    Column("down", N_("Down"), Kind.DURATION),
    Column("planned", N_("Planned"), Kind.DURATION),
    Column("unobserved", N_("Not observed"), Kind.DURATION),
)


_HOURS = (Column("hours", N_("Hours"), Kind.NAME), Column("in_hours", N_("In hours"), Kind.PERCENT))


FAILED = (
    Column("outages", N_("Outages"), Kind.NUMBER),
    Column("longest", N_("Longest"), Kind.DURATION),
    Column("mttr", N_("MTTR"), Kind.DURATION),
    Column("mtbf", N_("MTBF"), Kind.DURATION),
)


def failed(found: Reliability) -> tuple[Cell, ...]:
    """Nothing rather than a mean of nothing."""
    lengths = (seconds(each) if each is not None else None for each in (found.longest, found.mttr, found.mtbf))
    return (len(found.outages), *lengths)


def failures(scope: Scope) -> Table:
    """Devices that failed, the most often first; of the others there is nothing to say."""
    fallen = [(name, found) for name, found in scope.outages.items() if found.outages]
    fallen.sort(key=lambda pair: (-len(pair[1].outages), -seconds(pair[1].longest or timedelta(0)), pair[0]))
    return Table(
        key="failures",
        title=N_("Devices that failed"),
        columns=(Column("device", N_("Device"), Kind.NAME), *FAILED),
        rows=tuple(Row((name, *failed(found))) for name, found in fallen[:_SHOWN]),
        empty=Text("No device failed, so there is no mean time to repair or between failures."),
        left_out=max(0, len(fallen) - _SHOWN),
    )


def devices(scope: Scope, most: int | None) -> Table:
    """Missed targets first, each group the worst first; every device, as far as `most` carries.

    Hours are told where some contract does not cover all of them.
    """

    def badness(device: Device) -> tuple[int, float, float, str]:
        part = scope.sums[device.name]
        order = {"missed": 0, "unobserved": 1}.get(scope.promised[device.name].verdict, 2)
        return order, part.percent or 0, -seconds(part.unobserved), device.name

    ranked = sorted(scope.devices, key=badness)
    hours = any(line.hours != str(ALWAYS) for line in scope.promised.values())
    return Table(
        key="devices",
        title=N_("By device"),
        columns=(
            Column("device", N_("Device"), Kind.NAME),
            Column("customer", N_("Customer"), Kind.NAME),
            Column("site", N_("Site"), Kind.NAME),
            Column("day", N_("The period"), Kind.STRIP),
            Column("availability", N_("Availability"), Kind.PERCENT),
            *(_HOURS if hours else ()),
            Column("target", N_("Target"), Kind.PERCENT),
            Column("verdict", N_("Result"), Kind.STATUS),
            *_TAIL,
        ),
        rows=tuple(_device(device, scope, hours) for device in ranked[:most]),
        empty=Text("The inventory holds no devices."),
        left_out=len(ranked) - len(ranked[:most]),
    )


def _device(device: Device, scope: Scope, hours: bool) -> Row:
    part, promised = scope.sums[device.name], scope.promised[device.name]
    cells = (
        device.name,
        scope.customer(device.customer),
        scope.site(device.site),
        strip(scope.divisions[device.name], part, scope),
        part.percent,
        *((promised.hours, promised.percent) if hours else ()),
        promised.target,
        promised.verdict,
        *_lengths(part),
    )
    return Row(cells, _tone(promised.verdict))


def _tone(verdict: str) -> Tone:
    return {"missed": Tone.BAD, "unobserved": Tone.MUTED}.get(verdict, Tone.PLAIN)


def by(scope: Scope, name_of: Callable[[Device], str]) -> dict[str, tuple[Network, list[Device]]]:
    members: defaultdict[str, list[Device]] = defaultdict(list)
    for device in scope.devices:
        members[name_of(device)].append(device)
    return {name: (_together(group, scope), group) for name, group in members.items()}


def networks(scope: Scope) -> Table:
    """A customer's devices together: the weighted mean of the devices' percentages, and of all their seconds."""
    rows = []
    for name, (sums, group) in by(scope, lambda device: device.customer).items():
        target = scope.inventory.customers[name].availability_target_pct
        rows.append(_network(scope.customer(name), sums, group, target, scope))
    rows.sort(key=lambda row: (row.tone is not Tone.BAD, float(str(row.cells[3] or 0)), str(row.cells[0])))
    return Table(
        key="networks",
        title=N_("By network"),
        columns=(
            Column("network", N_("Customer"), Kind.NAME),
            Column("devices", N_("Devices"), Kind.NUMBER),
            Column("missed", N_("Devices under target"), Kind.NUMBER),
            Column("availability", N_("Mean of devices"), Kind.PERCENT),
            Column("by_time", N_("Of device time"), Kind.PERCENT),
            Column("target", N_("Target"), Kind.PERCENT),
            Column("verdict", N_("Result"), Kind.STATUS),
            *_TAIL,
        ),
        rows=tuple(rows),
        empty=Text("The inventory holds no devices."),
    )


def _network(title: str, sums: Network, group: Iterable[Device], target: float, scope: Scope) -> Row:
    missed = sum(scope.promised[device.name].verdict == "missed" for device in group)
    verdict = _promised(group, target, scope)
    cells = (title, sums.devices, missed, sums.mean_pct, sums.total.percent, target, verdict, *_lengths(sums.total))
    return Row(cells, _tone(verdict))


def _promised(group: Iterable[Device], target: float, scope: Scope) -> str:
    """How the devices together stood in the hours that their contracts cover; nothing where these are none."""
    own = tuple(group)
    weights = (standing.weight(device, scope.inventory) for device in own)
    sums = availability.network((scope.promised[device.name].sums for device in own), weights)
    return standing.met(sums.mean_pct, target) if sums.total.period else ""


def missed(scope: Scope) -> int:
    """How many devices stayed under their target, in the hours that it was promised for."""
    return sum(line.verdict == "missed" for line in scope.promised.values())


def whole(scope: Scope) -> Network:
    return _together(scope.devices, scope)


def _together(group: Iterable[Device], scope: Scope) -> Network:
    own = tuple(group)
    weights = (standing.weight(device, scope.inventory) for device in own)
    return availability.network((scope.sums[device.name] for device in own), weights)


def section(scope: Scope, most: int | None = _SHOWN) -> Section:
    """The `most` devices that did worst; None: all of them."""
    return Section(
        key="availability",
        title=N_("Availability"),
        intro=Text(
            "Up ÷ (up + down). Planned and unobserved time counts neither way. "
            "In the bars: green up, red down, blue planned, grey not observed."
        ),
        tables=(networks(scope), devices(scope, most), failures(scope)),
    )
