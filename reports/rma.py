"""Replaced hardware of a month: RMA and serial numbers, out and in, dates, and what should have gone back by now."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from agent.cases import rma, spares
from agent.cases.rma import Rma, RmaState
from agent.faults.availability import Span
from agent.inventory.inventory import Inventory
from agent.locale import N_, Text
from agent.ports import Transaction
from reports import period as periods
from reports.document import NOTHING, Cell, Column, Document, Figure, Kind, Row, Section, Table, Tone

TITLE = N_("Monthly RMA list")
_MOST = 5_000  # rows

_LIST = (
    Column("rma", N_("RMA")),
    Column("case", N_("Case"), Kind.CASE),
    Column("state", N_("State"), Kind.WORD),
    Column("customer", N_("Customer")),
    Column("device", N_("Device")),
    Column("part", N_("Part number")),
    Column("out", N_("Serial out")),
    Column("in", N_("Serial in")),
    Column("from", N_("Comes from"), Kind.WORD),
    Column("requested", N_("Requested"), Kind.DAY),
    Column("installed", N_("Installed"), Kind.DAY),
    Column("returned", N_("Went back"), Kind.DAY),
)
_LATE = (
    Column("rma", N_("RMA")),
    Column("case", N_("Case"), Kind.CASE),
    Column("out", N_("Serial out")),
    Column("part", N_("Part number")),
    Column("to", N_("Goes to")),
    Column("due", N_("Return due"), Kind.DAY),
    Column("late", N_("Late by"), Kind.DURATION),
)
_LOW = (
    Column("part", N_("Part number")),
    Column("location", N_("Location")),
    Column("in_stock", N_("In stock"), Kind.NUMBER),
    Column("least", N_("Wanted"), Kind.NUMBER),
)


def build(tx: Transaction, inventory: Inventory, day: date, now: datetime) -> Document:
    """The month of `day`."""
    timezone = inventory.policies.daily_report.timezone
    span = month(day, timezone)
    phase, at = periods.phase(span, now), min(now, span.end)
    found = tx.rmas(start=span.start, end=min(span.end, now)) if phase != "future" else ()
    late = tuple(each for each in found if rma.owed(each, at))
    low = tuple(each for each in spares.count(tx.spares(), inventory.policies.rma.minimum_stock) if each.low)
    return Document(
        kind="rma",
        title=TITLE,
        subtitle=Text("{start:day} to {end:day}", {"start": str(_first(day)), "end": str(_last(day))}),
        start=span.start.isoformat(),
        end=span.end.isoformat(),
        made=now.isoformat(),
        timezone=timezone,
        phase=phase,
        headline=_headline(found, late, span, at, len(low)) if phase != "future" else (),
        sections=(_list(found, inventory, tx, at), _late(late, at, ZoneInfo(timezone)), _low(low))
        if phase != "future"
        else (),
        notes=(Text("Every RMA that was open at any time of the month, as it stood at its end or stands now."),),
    )


def _first(day: date) -> date:
    return day.replace(day=1)


def _last(day: date) -> date:
    return (_first(day) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def month(day: date, timezone: str) -> Span:
    """From the first midnight to that of the next month, on the clock of `timezone`."""
    return Span(periods.day(_first(day), timezone).start, periods.day(_last(day), timezone).end)


def _headline(found: Sequence[Rma], late: Sequence[Rma], span: Span, at: datetime, low: int) -> tuple[Figure, ...]:
    asked = sum(each.requested >= span.start for each in found)
    put_in = sum(each.installed is not None and span.start <= each.installed < span.end for each in found)
    still = sum(rma.standing(each, at) not in rma.OVER for each in found)
    return (
        Figure(key="requested", label=N_("Requested"), value=asked),
        Figure(key="installed", label=N_("Installed"), value=put_in),
        Figure(key="open", label=N_("Not over"), value=still),
        Figure(key="late", label=N_("Failed parts late"), value=len(late), tone=Tone.BAD if late else Tone.PLAIN),
        Figure(key="low", label=N_("Spare parts low"), value=low, tone=Tone.WARN if low else Tone.PLAIN),
    )


def _list(found: Sequence[Rma], inventory: Inventory, tx: Transaction, at: datetime) -> Section:
    rows = tuple(_row(each, inventory, tx, at) for each in found[:_MOST])
    table = Table(key="rmas", columns=_LIST, rows=rows, left_out=max(0, len(found) - _MOST))
    return Section(
        key="rmas",
        title=N_("Replaced hardware"),
        tables=(table,) if rows else (),
        empty=Text("Nothing was replaced in this month.") if not rows else NOTHING,
    )


def _row(each: Rma, inventory: Inventory, tx: Transaction, at: datetime) -> Row:
    case, state = tx.case(each.case), rma.standing(each, at)
    customer = inventory.customers.get(case.customer) if case else None
    zone = ZoneInfo(inventory.policies.daily_report.timezone)
    cells: tuple[Cell, ...] = (
        each.name,
        f"NC-{each.case:06d}",
        str(state),
        (customer.title or customer.name) if customer else "",
        each.device,
        each.part,
        each.serial_out,
        each.serial_in,
        each.source,
        _day(each.requested, at, zone),
        _day(each.installed, at, zone),
        _day(each.returned, at, zone),
    )
    return Row(cells, _tone(each, state, at))


def _day(when: datetime | None, at: datetime, zone: ZoneInfo) -> str | None:
    """On the clock of the report, of what had happened by then."""
    return when.astimezone(zone).date().isoformat() if when is not None and when <= at else None


def _tone(each: Rma, state: RmaState, at: datetime) -> Tone:
    if rma.owed(each, at):
        return Tone.BAD
    return Tone.MUTED if state in rma.OVER else Tone.PLAIN


def _late(late: Sequence[Rma], at: datetime, zone: ZoneInfo) -> Section:
    rows = tuple(
        Row(
            (
                each.name,
                f"NC-{each.case:06d}",
                each.serial_out,
                each.part,
                each.vendor or Text("headquarters"),
                _day(each.back_by, at, zone),
                (at - each.return_due).total_seconds() if each.return_due else None,
            ),
            Tone.BAD,
        )
        for each in sorted(late, key=lambda each: (each.return_due or at, each.number))
    )
    return Section(
        key="late",
        title=N_("Failed parts that should have gone back"),
        tables=(Table(key="late", columns=_LATE, rows=rows),) if rows else (),
        empty=Text("None: every failed part that was due went back.") if not rows else NOTHING,
    )


def _low(low: Sequence[spares.Count]) -> Section:
    rows = tuple(Row((each.part, _place(each.location), each.in_stock, each.least), Tone.WARN) for each in low)
    return Section(
        key="stock",
        title=N_("Spare parts that run low now"),
        tables=(Table(key="stock", columns=_LOW, rows=rows),) if rows else (),
        empty=Text("None: what should be in stock is.") if not rows else NOTHING,
    )


def _place(location: str) -> Cell:
    return Text("headquarters") if location == spares.HEADQUARTERS else location
