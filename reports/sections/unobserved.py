"""Devices that the agent did not see, for how long, and why: what nobody looked at is not known to be well."""

from collections.abc import Mapping
from datetime import timedelta

from agent.faults import availability
from agent.faults.availability import Span, Spans
from agent.inventory.device import Device
from agent.locale import N_, Text
from agent.ports import Transaction
from reports.document import NOTHING, Column, Kind, Row, Section, Table, Tone, moment, seconds
from reports.sections.scope import Scope

_SHOWN = 50
_COLUMNS = (
    Column("device", N_("Device"), Kind.NAME),
    Column("customer", N_("Customer"), Kind.NAME),
    Column("what", N_("What was not seen"), Kind.PROSE),
    Column("for", N_("For"), Kind.DURATION),
    Column("since", N_("Last gap began"), Kind.MOMENT),
    Column("why", N_("Why"), Kind.PROSE),
)


def agent_down(scope: Scope) -> Spans:
    """When no device was seen at all: the agent did not run, or saw nothing of its network."""
    grain = min((scope.gap(device) for device in scope.devices), default=timedelta(0))
    return tuple(gap for gap in availability.subtract([scope.seen], scope.watched) if gap.length > grain)


def missed(device: Device, scope: Scope) -> Spans:
    """The device's own gaps that are long enough to be told, without those in which the agent saw nothing at all."""
    own = availability.subtract(scope.divisions[device.name].unobserved, agent_down(scope))
    return tuple(gap for gap in own if gap.length > scope.gap(device))


def rows(tx: Transaction, scope: Scope) -> list[Row]:
    health = tx.coverage("snmp", scope.seen.start, scope.seen.end)
    found = [row for device in scope.devices for row in _of(device, health, scope)]
    return sorted(found, key=lambda row: -float(str(row.cells[3])))


def _of(device: Device, health: Mapping[str, list[Span]], scope: Scope) -> list[Row]:
    if gaps := missed(device, scope):
        return [_row(device, Text("reachability"), gaps, _why(device, scope), scope, Tone.WARN)]
    if device.snmp is None:
        return []
    division = scope.divisions[device.name]
    seen = availability.union(division.up)
    silent = availability.subtract(seen, health.get(device.name, ()))
    gaps = tuple(gap for gap in silent if gap.length > scope.gap(device))
    if not gaps:
        return []
    why = Text("it was reachable, but its SNMP agent did not answer")
    return [_row(device, Text("health, by SNMP"), gaps, why, scope, Tone.PLAIN)]


def _row(device: Device, what: Text, gaps: Spans, why: Text, scope: Scope, tone: Tone) -> Row:
    length = seconds(availability.total(gaps))
    return Row((device.name, scope.customer(device.customer), what, length, moment(gaps[-1].start), why), tone)


def _why(device: Device, scope: Scope) -> Text:
    if not scope.coverage.get(device.name):
        return Text("it was not polled once")
    spans = scope.coverage[device.name]
    if not availability.intersect(spans, [Span(scope.period.start, missed(device, scope)[0].end)]):
        return Text("it was polled only from {at:short} on", {"at": moment(min(spans).start) or ""})
    return Text("its polls stopped while others went on")


def section(tx: Transaction, scope: Scope) -> Section:
    found = rows(tx, scope)
    silent = agent_down(scope)
    intro = NOTHING
    if silent:
        longest = max(silent, key=lambda gap: gap.length)
        intro = Text(
            "The agent saw nothing for {time:duration}; gaps: {n}, the longest from {start:short} to {end:short}.",
            {
                "time": seconds(availability.total(silent)),
                "n": len(silent),
                "start": moment(longest.start) or "",
                "end": moment(longest.end) or "",
            },
        )
    return Section(
        key="unobserved",
        title=N_("Not observed"),
        intro=intro,
        tables=(
            Table(
                key="devices",
                columns=_COLUMNS,
                rows=tuple(found[:_SHOWN]),
                empty=Text("Every device was observed all the time that the agent ran."),
                left_out=max(0, len(found) - _SHOWN),
            ),
        ),
    )
