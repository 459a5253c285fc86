"""The daily health report: the page that the NOC reads at 08:00 to decide what to do first.

Availability, resources and syslog are those of the day. "Open", "down" and "to do" are as of now when the day is the
present one or the one before it (the report on yesterday is read this morning), and as of the day's end otherwise.
"""

from collections import Counter
from datetime import date, datetime
from functools import partial

from agent.faults.availability import Span
from agent.inventory.inventory import Inventory
from agent.locale import N_, Text
from agent.ports import Transaction
from reports import period as periods
from reports.document import NOTHING, Document, Figure, Kind, Section, Tone, moment
from reports.sections import actions, cases, maintenance, resources, scope, syslog, unobserved, uptime
from reports.sections.cases import Standing
from reports.sections.scope import Scope

_SEEN_PCT = 95.0  # less than this observed, and no availability is good news
TITLE = N_("Daily health report")


def build(tx: Transaction, inventory: Inventory, day: date, now: datetime) -> Document:
    """The report on a day, on the clock of the inventory's `daily_report.timezone`; for any day, even one to come."""
    timezone = inventory.policies.daily_report.timezone
    period = periods.day(day, timezone)
    phase = periods.phase(period, now)
    document = partial(
        Document,
        kind="daily",
        title=TITLE,
        start=period.start.isoformat(),
        end=period.end.isoformat(),
        made=now.isoformat(),
        timezone=timezone,
    )
    dated = Text("{day:day}", {"day": day.isoformat()})
    if phase == "future":
        note = Text("This day has not begun yet: there is nothing to report.")
        return document(subtitle=dated, phase=phase, notes=(note,))
    found = scope.read(tx, inventory, period, now, timezone)
    open_cases = cases.read(tx, found)
    if not found.watched and not open_cases and not found.intervals:
        note = Text("The agent did not watch the network on this day: nothing is known of it.")
        return document(subtitle=dated, phase="unwatched", notes=(note,))
    return document(
        subtitle=_subtitle(day, phase, found),
        phase=phase,
        headline=_headline(open_cases, found),
        sections=_sections(tx, open_cases, found),
        notes=_notes(found),
    )


def _subtitle(day: date, phase: str, found: Scope) -> Text:
    values = {"day": day.isoformat(), "at": moment(found.as_of) or ""}
    if phase == "so_far":
        return Text("{day:day}, so far: as of {at:clock}", values)
    if found.as_of > found.period.end:
        return Text("{day:day}; open cases and device states as of {at:short}", values)
    return Text("{day:day}, as it stood when the day ended", values)


def _sections(tx: Transaction, open_cases: tuple[Standing, ...], found: Scope) -> tuple[Section, ...]:
    measured, planned = resources.read(tx, found), maintenance.section(tx, found)
    return (
        actions.section(actions.Findings(tx, found, open_cases, measured)),
        cases.section(open_cases, found),
        *((planned,) if planned else ()),
        unobserved.section(tx, found),
        uptime.section(found),
        resources.section(measured),
        syslog.section(syslog.read(tx, found), found),
    )


def _headline(open_cases: tuple[Standing, ...], found: Scope) -> tuple[Figure, ...]:
    states = Counter(found.state(device) for device in found.devices)
    return (*_devices(states, found), *_cases(open_cases), _availability(found))


def _devices(states: Counter[str], found: Scope) -> tuple[Figure, ...]:
    def named(state: str) -> Text:
        names = [device.name for device in found.devices if found.state(device) == state]
        told = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
        return Text("{names}", {"names": told}) if told else NOTHING

    planned = Text("in maintenance: {n}", {"n": states["planned"]}) if states["planned"] else NOTHING
    return (
        Figure(key="up", label=N_("Devices up"), value=states["up"], of=len(found.devices), note=planned),
        Figure(
            key="down",
            label=N_("Devices down"),
            value=states["down"],
            note=named("down"),
            tone=Tone.BAD if states["down"] else Tone.GOOD,
        ),
        Figure(
            key="unobserved",
            label=N_("Not observed"),
            value=states["unobserved"],
            note=named("unobserved"),
            tone=Tone.WARN if states["unobserved"] else Tone.GOOD,
        ),
    )


def _cases(open_cases: tuple[Standing, ...]) -> tuple[Figure, ...]:
    open_now = [each for each in open_cases if each.open]
    counts = Counter(each.severity for each in open_now)
    late = cases.ageing(open_cases)
    by_severity = {severity: counts[severity] for severity in ("P1", "P2", "P3", "P4")}
    return (
        Figure(
            key="open",
            label=N_("Open cases"),
            value=len(open_now),
            note=Text("P1 {P1} · P2 {P2} · P3 {P3} · P4 {P4}", by_severity),
            tone=Tone.BAD if counts["P1"] + counts["P2"] else Tone.PLAIN if open_now else Tone.GOOD,
        ),
        Figure(
            key="ageing",
            label=N_("Beyond restore time"),
            value=len(late),
            note=Text("{names}", {"names": ", ".join(each.case.name for each in late[:3])}) if late else NOTHING,
            tone=Tone.WARN if late else Tone.GOOD,
        ),
    )


def _availability(found: Scope) -> Figure:
    sums = uptime.whole(found)
    missed = uptime.missed(found)
    note = Text("under target: {n}", {"n": missed}) if missed else Text("every observed device met its target")
    seen = 100 * (1 - sums.total.unobserved / sums.total.period) if sums.total.period else 0.0
    if sums.mean_pct is None:
        note = Text("nothing was observed")
    elif seen < _SEEN_PCT:
        note = Text("under target: {n}; only {seen:percent} of the time was observed", {"n": missed, "seen": seen})
    return Figure(
        key="availability",
        label=N_("Availability"),
        value=sums.mean_pct,
        kind=Kind.PERCENT,
        note=note,
        tone=Tone.BAD if missed else Tone.GOOD if seen >= _SEEN_PCT else Tone.WARN,
    )


def _notes(found: Scope) -> tuple[Text, ...]:
    hours = Span(found.period.start, found.period.end).length.total_seconds()
    return (
        Text(
            "The day is {time:duration} long, on the clock of {zone}. Times are of that clock.",
            {"time": hours, "zone": found.timezone},
        ),
        uptime.EXACT,
        Text("Percentages are cut after two digits, never rounded up."),
    )
