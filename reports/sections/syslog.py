"""What the devices said: messages by severity and device, and the severe ones that came most often."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from agent.locale import N_, Text
from agent.observation import Event, Source, SyslogSeverity
from agent.ports import Transaction
from reports import period as periods
from reports.document import NOTHING, Column, Kind, Row, Section, Table, Tone
from reports.sections.scope import Scope

_SHOWN, _LOUDEST, _READ, _LONGEST = 15, 10, 2_000, 200
CLASSES: dict[str, frozenset[str]] = {
    "critical": frozenset({SyslogSeverity.EMERGENCY, SyslogSeverity.ALERT, SyslogSeverity.CRITICAL}),
    "error": frozenset({SyslogSeverity.ERROR}),
    "warning": frozenset({SyslogSeverity.WARNING}),
    "notice": frozenset({SyslogSeverity.NOTICE}),
    "rest": frozenset({SyslogSeverity.INFO, SyslogSeverity.DEBUG}),
}


@dataclass(frozen=True, slots=True)
class Messages:
    """Counts by device (or by sender, where the inventory does not know it) and class of severity."""

    by_device: dict[str, Counter[str]]
    before: Counter[str]  # of the period before, by device
    severe: tuple[Event, ...]

    @property
    def sums(self) -> Counter[str]:
        return sum(self.by_device.values(), Counter())


def read(tx: Transaction, scope: Scope) -> Messages:
    seen, past = scope.seen, periods.before(scope.seen)
    by_device: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (device, severity), count in tx.event_counts(seen.start, seen.end).items():
        by_device[device][_class(severity)] += count
    before: Counter[str] = Counter()
    for (device, _severity), count in tx.event_counts(past.start, past.end).items():
        before[device] += count
    severe = tx.events(start=seen.start, end=seen.end, source=Source.SYSLOG, severity=SyslogSeverity.ERROR, limit=_READ)
    return Messages(dict(by_device), before, severe)


def _class(severity: str) -> str:
    return next((name for name, members in CLASSES.items() if severity in members), "rest")


def _devices(messages: Messages, scope: Scope) -> Table:
    def weight(device: str) -> tuple[list[int], str]:
        counts = messages.by_device[device]
        return [-counts[name] for name in CLASSES], device

    ranked = sorted(messages.by_device, key=weight)
    return Table(
        key="devices",
        title=N_("Messages by device"),
        columns=(
            Column("device", N_("Device"), Kind.NAME),
            Column("critical", N_("Critical and worse"), Kind.NUMBER),
            Column("error", N_("Error"), Kind.NUMBER),
            Column("warning", N_("Warning"), Kind.NUMBER),
            Column("notice", N_("Notice"), Kind.NUMBER),
            Column("rest", N_("Less"), Kind.NUMBER),
            Column("total", N_("Total"), Kind.NUMBER),
            Column("change", N_("Change from the day before"), Kind.CHANGE),
            Column("remark", N_("Remark"), Kind.PROSE),
        ),
        rows=tuple(_row(device, messages, scope) for device in ranked[:_SHOWN]),
        empty=Text("No message was received."),
        left_out=max(0, len(ranked) - _SHOWN),
    )


def _row(device: str, messages: Messages, scope: Scope) -> Row:
    counts = messages.by_device[device]
    known = device in scope.inventory.devices
    remark = "" if known else Text("not in the inventory")
    change = counts.total() - messages.before[device]
    tone = Tone.BAD if counts["critical"] else Tone.WARN if counts["error"] else Tone.PLAIN
    return Row((device, *(counts[name] for name in CLASSES), counts.total(), change, remark), tone)


def _loudest(messages: Messages) -> Table:
    """The newest text of each (device, mnemonic), by severity and number."""
    groups: defaultdict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in messages.severe:
        groups[event.device or event.sender, event.mnemonic or event.facility].append(event)
    ranked = sorted(groups.items(), key=lambda each: (min(e.severity.level for e in each[1]), -len(each[1]), each[0]))
    rows = [
        Row((device, str(min(events, key=lambda e: e.severity.level).severity), mnemonic, len(events), _text(events)))
        for (device, mnemonic), events in ranked
    ]
    return Table(
        key="loudest",
        title=N_("Errors and worse"),
        columns=(
            Column("device", N_("Device"), Kind.NAME),
            Column("severity", N_("Severity"), Kind.STATUS),
            Column("mnemonic", N_("Message"), Kind.NAME),
            Column("count", N_("Times"), Kind.NUMBER),
            Column("text", N_("Latest text"), Kind.PROSE),
        ),
        rows=tuple(rows[:_LOUDEST]),
        empty=Text("No error was reported."),
        left_out=max(0, len(rows) - _LOUDEST),
    )


def _text(events: list[Event]) -> str:
    text = " ".join(max(events, key=lambda event: event.arrived).text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def section(messages: Messages, scope: Scope) -> Section:
    sums = messages.sums
    intro = Text(
        "{total} messages: {critical} critical or worse, {error} errors, {warning} warnings; {before} the day before.",
        {
            "total": sums.total(),
            "critical": sums["critical"],
            "error": sums["error"],
            "warning": sums["warning"],
            "before": messages.before.total(),
        },
    )
    tables = (_devices(messages, scope), _loudest(messages)) if messages.by_device else ()
    return Section(
        key="syslog",
        title=N_("Syslog"),
        intro=intro if messages.by_device else NOTHING,
        tables=tables,
        empty=Text("No message was received."),
    )
