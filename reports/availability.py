"""Availability of devices and networks over any period, against their targets."""

from datetime import date, datetime

from agent.faults.availability import Network, Span
from agent.inventory.inventory import Inventory
from agent.locale import N_, Text
from agent.ports import Transaction
from reports import ledgers
from reports import past as pasts
from reports import period as periods
from reports.document import NOTHING, Document, Figure, Kind, Section, seconds
from reports.past import Parts
from reports.sections import places, scope, speed, unobserved, uptime

TITLE = N_("Availability report")


def build(tx: Transaction, inventory: Inventory, period: Span, now: datetime) -> Document:
    """For [start, end) of the period; what of it is still to come counts neither way."""
    timezone = inventory.policies.daily_report.timezone
    phase = periods.phase(period, now)
    found = scope.read(tx, inventory, period, now, timezone)
    if not found.watched and phase != "future":
        phase = "unwatched"
    sums = uptime.whole(found)
    told = phase in ("complete", "so_far")
    return Document(
        kind="availability",
        title=TITLE,
        subtitle=Text(
            "{start:moment} to {end:moment}", {"start": period.start.isoformat(), "end": period.end.isoformat()}
        ),
        start=period.start.isoformat(),
        end=period.end.isoformat(),
        made=now.isoformat(),
        timezone=timezone,
        phase=phase,
        headline=_headline(sums, found) if told else (),
        sections=_sections(tx, found) if told else (),
        notes=(_note(phase),),
    )


def _sections(tx: Transaction, found: scope.Scope) -> tuple[Section, ...]:
    linked = pasts.read(tx, found.inventory, found.seen, found.now, Parts.LINKED)
    return (
        uptime.section(found, most=None),
        places.section(linked, found),
        speed.section(ledgers.read(tx, found.seen), found),
        unobserved.section(tx, found),
    )


def of_day(tx: Transaction, inventory: Inventory, day: date, now: datetime) -> Document:
    return build(tx, inventory, periods.day(day, inventory.policies.daily_report.timezone), now)


def _headline(sums: Network, found: scope.Scope) -> tuple[Figure, ...]:
    outages = sum(len(each.outages) for each in found.outages.values())
    times = Text("outages: {n}", {"n": outages}) if outages else NOTHING
    down, unseen = seconds(sums.total.down), seconds(sums.total.unobserved)
    return (
        Figure(key="devices", label=N_("Devices observed"), value=sums.observed, of=sums.devices),
        Figure(key="mean", label=N_("Mean of devices"), value=sums.mean_pct, kind=Kind.PERCENT),
        Figure(key="by_time", label=N_("Of device time"), value=sums.total.percent, kind=Kind.PERCENT),
        Figure(key="missed", label=N_("Devices under target"), value=uptime.missed(found)),
        Figure(key="down", label=N_("Device time down"), value=down, kind=Kind.DURATION, note=times),
        Figure(key="unobserved", label=N_("Device time not observed"), value=unseen, kind=Kind.DURATION),
    )


def _note(phase: str) -> Text:
    if phase == "future":
        return Text("This period has not begun yet: there is nothing to report.")
    if phase == "unwatched":
        return Text("The agent did not watch the network in this period: nothing is known of it.")
    return uptime.EXACT
