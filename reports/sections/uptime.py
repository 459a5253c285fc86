"""Availability of devices and networks against their targets, the worst first."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from agent.faults import availability
from agent.faults.availability import Availability, Division, Network
from agent.inventory.device import Device
from agent.locale import N_, Text
from reports.document import Cell, Column, Kind, Row, Section, Strip, Table, Tone, seconds
from reports.sections.scope import Scope

_SHOWN = 40
EXACT = Text("Up, down, planned and unobserved add up to the period exactly; unobserved is what the agent did not see.")
_PIECES = 400  # of a strip


def met(share: float | None, target: float) -> str:
    """`met`, `missed` or `unobserved`."""
    if share is None:
        return "unobserved"
    return "met" if share >= target else "missed"


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


def devices(scope: Scope, most: int | None) -> Table:
    """Missed targets first, each group the worst first; every device, as far as `most` carries."""

    def badness(device: Device) -> tuple[int, float, float, str]:
        part = scope.sums[device.name]
        order = {"missed": 0, "unobserved": 1, "met": 2}[met(part.percent, scope.target(device))]
        return order, part.percent or 0, -seconds(part.unobserved), device.name

    ranked = sorted(scope.devices, key=badness)
    return Table(
        key="devices",
        title=N_("By device"),
        columns=(
            Column("device", N_("Device"), Kind.NAME),
            Column("customer", N_("Customer"), Kind.NAME),
            Column("site", N_("Site"), Kind.NAME),
            Column("day", N_("The period"), Kind.STRIP),
            Column("availability", N_("Availability"), Kind.PERCENT),
            Column("target", N_("Target"), Kind.PERCENT),
            Column("verdict", N_("Result"), Kind.STATUS),
            *_TAIL,
        ),
        rows=tuple(_device(device, scope) for device in ranked[:most]),
        empty=Text("The inventory holds no devices."),
        left_out=len(ranked) - len(ranked[:most]),
    )


def _device(device: Device, scope: Scope) -> Row:
    part, target = scope.sums[device.name], scope.target(device)
    verdict = met(part.percent, target)
    cells = (
        device.name,
        scope.customer(device.customer),
        scope.site(device.site),
        strip(scope.divisions[device.name], part, scope),
        part.percent,
        target,
        verdict,
        *_lengths(part),
    )
    return Row(cells, _tone(verdict))


def _tone(verdict: str) -> Tone:
    return {"missed": Tone.BAD, "unobserved": Tone.MUTED}.get(verdict, Tone.PLAIN)


def by(scope: Scope, name_of: Callable[[Device], str]) -> dict[str, tuple[Network, list[Device]]]:
    members: defaultdict[str, list[Device]] = defaultdict(list)
    for device in scope.devices:
        members[name_of(device)].append(device)
    return {
        name: (availability.network(scope.sums[device.name] for device in group), group)
        for name, group in members.items()
    }


def networks(scope: Scope) -> Table:
    """A customer's devices together: the mean of the devices' percentages, and of all their seconds."""
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
    shares = [(scope.sums[device.name].percent, scope.target(device)) for device in group]
    missed = sum(met(share, aim) == "missed" for share, aim in shares)
    verdict = met(sums.mean_pct, target)
    cells = (title, sums.devices, missed, sums.mean_pct, sums.total.percent, target, verdict, *_lengths(sums.total))
    return Row(cells, _tone(verdict))


def missed(scope: Scope) -> int:
    """How many devices stayed under their target."""
    shares = ((scope.sums[device.name].percent, scope.target(device)) for device in scope.devices)
    return sum(met(share, target) == "missed" for share, target in shares)


def whole(scope: Scope) -> Network:
    return availability.network(scope.sums.values())


def section(scope: Scope, most: int | None = _SHOWN) -> Section:
    """The `most` devices that did worst; None: all of them."""
    return Section(
        key="availability",
        title=N_("Availability"),
        intro=Text(
            "Up ÷ (up + down). Planned and unobserved time counts neither way. "
            "In the bars: green up, red down, blue planned, grey not observed."
        ),
        tables=(networks(scope), devices(scope, most)),
    )
