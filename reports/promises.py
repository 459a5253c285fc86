"""How the promises of a month were kept: by contract, customer and severity, and which were not."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from agent.cases import compliance
from agent.cases.compliance import By, Judged, Kept, Record
from agent.cases.sla import Kind as Clock
from agent.faults.availability import Span
from agent.inventory.inventory import Inventory
from agent.locale import N_, Text
from agent.ports import Transaction
from reports import period as periods
from reports.document import NOTHING, Cell, Column, Document, Figure, Kind, Row, Section, Table, Tone

TITLE = N_("Promises of the month")
_MOST = 100_000  # cases read
_SHOWN = 200  # broken promises
_NAMES = {By.CONTRACT: N_("Contract"), By.CUSTOMER: N_("Customer"), By.SEVERITY: N_("Severity")}
_CLOCKS = {
    Clock.RESPONSE: N_("Response"),
    Clock.ON_SITE: N_("On site"),
    Clock.RESTORE: N_("Restore"),
    Clock.UPDATE: N_("Update"),
}
_MISSED = (
    Column("case", N_("Case"), Kind.CASE),
    Column("severity", N_("Severity"), Kind.SEVERITY),
    Column("clock", N_("Promise"), Kind.WORD),
    Column("late", N_("Late by"), Kind.DURATION),
)


def build(tx: Transaction, inventory: Inventory, day: date, now: datetime) -> Document:
    """The month of `day`, of the cases that were opened in it, as they stand at its end or stand now."""
    timezone = inventory.policies.daily_report.timezone
    first = day.replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    span = Span(periods.day(first, timezone).start, periods.day(last, timezone).end)
    phase = periods.phase(span, now)
    judged = _judged(tx, inventory, span, now) if phase != "future" else []
    whole = compliance.records(judged, By.CONTRACT)[-1]
    return Document(
        kind="promises",
        title=TITLE,
        subtitle=Text("{start:day} to {end:day}", {"start": str(first), "end": str(last)}),
        start=span.start.isoformat(),
        end=span.end.isoformat(),
        made=now.isoformat(),
        timezone=timezone,
        phase=phase,
        headline=_headline(whole) if phase != "future" else (),
        sections=(*(_section(judged, by, inventory) for by in By), _missed(whole)) if phase != "future" else (),
        notes=(Text("Of the cases that were opened in the month; what is still open counts once it is late."),),
    )


def _judged(tx: Transaction, inventory: Inventory, span: Span, now: datetime) -> list[Judged]:
    """With what was known at the end of the month: a report of the past does not change with what came after."""
    at = min(now, span.end)
    cases = (
        case for case in tx.cases(start=span.start, end=at, limit=_MOST) if compliance.counts(case, span.start, at)
    )
    return [compliance.judge(case, tx.timeline(case.number), inventory, at) for case in cases]


def _headline(whole: Record) -> tuple[Figure, ...]:
    cases = Figure(key="cases", label=N_("Cases"), value=whole.cases)
    return (cases, *(_figure(clock, whole.kept[clock]) for clock in _CLOCKS))


def _figure(clock: Clock, kept: Kept) -> Figure:
    tone = Tone.MUTED if kept.percent is None else Tone.WARN if kept.missed else Tone.GOOD
    return Figure(key=str(clock), label=_CLOCKS[clock], value=kept.percent, kind=Kind.PERCENT, tone=tone)


def _section(judged: Sequence[Judged], by: By, inventory: Inventory) -> Section:
    columns = (
        Column(str(by), _NAMES[by], Kind.SEVERITY if by is By.SEVERITY else Kind.NAME),
        Column("cases", N_("Cases"), Kind.NUMBER),
        *(Column(str(clock), title, Kind.PERCENT) for clock, title in _CLOCKS.items()),
    )
    rows = tuple(_row(each, by, inventory) for each in compliance.records(judged, by)[:-1])
    empty = Text("No case was opened in this month.")
    table = Table(key=str(by), columns=columns, rows=rows)
    titles = {By.CONTRACT: N_("By contract"), By.CUSTOMER: N_("By customer"), By.SEVERITY: N_("By severity")}
    return Section(key=str(by), title=titles[by], tables=(table,) if rows else (), empty=NOTHING if rows else empty)


def _row(record: Record, by: By, inventory: Inventory) -> Row:
    customer = inventory.customers.get(record.name) if by is By.CUSTOMER else None
    name = (customer.title or customer.name) if customer else record.name
    cells: tuple[Cell, ...] = (name, record.cases, *(record.kept[clock].percent for clock in _CLOCKS))
    return Row(cells, Tone.WARN if any(kept.missed for kept in record.kept.values()) else Tone.PLAIN)


def _missed(whole: Record) -> Section:
    worst = sorted(whole.missed, key=lambda each: (each.severity, -each.late, each.case))
    rows = tuple(
        Row((each.case, each.severity, str(each.kind), each.late.total_seconds()), Tone.BAD) for each in worst[:_SHOWN]
    )
    table = Table(key="missed", columns=_MISSED, rows=rows, left_out=max(0, len(worst) - _SHOWN))
    return Section(
        key="missed",
        title=N_("Promises that were broken"),
        tables=(table,) if rows else (),
        empty=NOTHING if rows else Text("No promise was missed."),
    )
