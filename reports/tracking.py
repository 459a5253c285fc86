"""Case tracking of a week, for the centre's general manager: what came, what went, what is open and for how long,
which promises were kept, what was escalated, which hardware is on its way."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agent.cases import compliance, rma
from agent.cases.case import Action, Case, CaseState, Entry, Severity
from agent.cases.compliance import By, Record
from agent.cases.rma import Rma
from agent.cases.sla import Kind as Clock
from agent.faults.availability import Span
from agent.faults.fault import FaultKind
from agent.inventory.inventory import Inventory
from agent.locale import N_, Text
from agent.ports import Transaction
from reports import period as periods
from reports.document import NOTHING, Cell, Column, Document, Figure, Kind, Row, Section, Table, Tone, moment, seconds
from reports.sections import cases as standings
from reports.sections import scope
from reports.sections.cases import Standing
from reports.sections.scope import Scope

TITLE = N_("Weekly case tracking")
_MOST, _SHOWN = 10_000, 100
DAY = timedelta(days=1)
AGES: tuple[tuple[str, timedelta], ...] = (
    (N_("under a day"), DAY),
    (N_("1 to 3 days"), 3 * DAY),
    (N_("3 to 7 days"), 7 * DAY),
    (N_("over 7 days"), timedelta.max),
)
_PROMISED = (Clock.RESPONSE, Clock.ON_SITE, Clock.RESTORE, Clock.UPDATE)


@dataclass(frozen=True, slots=True)
class Week:
    span: Span
    now: datetime
    scope: Scope
    open: Sequence[Standing]  # at the end, the most severe first
    carried: Sequence[Case]  # open when the week began
    opened: Sequence[Case]
    resolved: Sequence[Case]
    closed: Sequence[Case]
    logs: Mapping[int, Sequence[Entry]]
    rmas: Sequence[Rma]


def build(tx: Transaction, inventory: Inventory, day: date, now: datetime) -> Document:
    """The seven days that end with `day`."""
    timezone = inventory.policies.weekly_reports.timezone
    span = periods.week(day, timezone)
    phase = periods.phase(span, now)
    week = read(tx, inventory, span, now, timezone) if phase != "future" else None
    return Document(
        kind="tracking",
        title=TITLE,
        subtitle=Text(
            "{start:day} to {end:day}", {"start": (day - timedelta(days=6)).isoformat(), "end": day.isoformat()}
        ),
        start=span.start.isoformat(),
        end=span.end.isoformat(),
        made=now.isoformat(),
        timezone=timezone,
        phase=phase,
        headline=_headline(week) if week else (),
        sections=_sections(week) if week else (),
        notes=(Text("Cases that were merged into another are counted there, and gaps in the rota are no cases here."),),
    )


def read(tx: Transaction, inventory: Inventory, span: Span, now: datetime, timezone: str) -> Week:
    end = min(span.end, now)
    found = scope.read(tx, inventory, span, now, timezone)
    closed = [c for c in tx.cases(state=CaseState.CLOSED, limit=_MOST) if c.closed and span.start <= c.closed < end]
    every = {c.number: c for c in (*tx.cases(start=span.start, end=end, limit=_MOST), *closed) if _is_counted(c)}
    logs = {number: tx.timeline(number) for number in every}
    standing = [standings.standing(case, logs[case.number], found) for case in every.values()]
    still = sorted((s for s in standing if s.open), key=lambda s: (s.severity, s.case.opened, s.case.number))
    return Week(
        span=span,
        now=now,
        scope=found,
        open=still,
        carried=[c for c in every.values() if c.opened < span.start and not _over_before(c, span.start)],
        opened=[c for c in every.values() if span.start <= c.opened < end],
        resolved=[c for c in every.values() if c.resolved and span.start <= c.resolved < end],
        closed=[c for c in closed if c.number in every],
        logs=logs,
        rmas=tuple(each for each in tx.rmas(only_open=True) if each.requested < end),
    )


def _is_counted(case: Case) -> bool:
    return compliance.counts(case, datetime.min.replace(tzinfo=case.opened.tzinfo), case.opened + DAY)


def _over_before(case: Case, at: datetime) -> bool:
    over = case.resolved or case.closed
    return over is not None and over < at


def _headline(week: Week) -> tuple[Figure, ...]:
    levels = Counter(each.severity for each in week.open)
    restored = next((r for r in _records(week) if not r.name), None)
    kept = restored.kept[Clock.RESTORE].percent if restored else None
    steps, late = len(_escalations(week)), sum(each.overdue > timedelta(0) for each in week.open)
    by_severity = {str(level): levels[str(level)] for level in Severity}
    return (
        Figure(key="opened", label=N_("Cases opened"), value=len(week.opened)),
        Figure(key="resolved", label=N_("Cases resolved"), value=len(week.resolved)),
        Figure(key="closed", label=N_("Cases closed"), value=len(week.closed)),
        Figure(
            key="open",
            label=N_("Open cases"),
            value=len(week.open),
            note=Text("P1 {P1} · P2 {P2} · P3 {P3} · P4 {P4}", by_severity),
            tone=Tone.BAD if levels["P1"] + levels["P2"] else Tone.PLAIN if week.open else Tone.GOOD,
        ),
        Figure(
            key="restored",
            label=N_("Restored in time"),
            value=kept,
            kind=Kind.PERCENT,
            note=Text("open beyond their time: {n}", {"n": late}) if late else NOTHING,
            tone=Tone.MUTED if kept is None else Tone.GOOD if kept >= 100 and not late else Tone.WARN,
        ),
        Figure(key="escalated", label=N_("Escalations"), value=steps, tone=Tone.WARN if steps else Tone.GOOD),
        Figure(key="rmas", label=N_("RMAs on their way"), value=len(week.rmas)),
    )


def _records(week: Week) -> list[Record]:
    judged = [
        compliance.judge(case, week.logs[case.number], week.scope.inventory, week.scope.as_of) for case in week.opened
    ]
    return compliance.records(judged, By.CUSTOMER)


def _sections(week: Week) -> tuple[Section, ...]:
    return (
        Section(key="flow", title=N_("What came and what went"), tables=(_flow(week),)),
        Section(key="open", title=N_("Open cases"), tables=(_states(week), _ages(week), _listed(week))),
        Section(
            key="promises", title=N_("Promises of the cases that were opened"), tables=(_kept(week), _missed(week))
        ),
        Section(key="escalations", title=N_("Escalations"), tables=(_steps(week),)),
        Section(key="rmas", title=N_("RMAs on their way"), tables=(_rmas(week),)),
    )


def _flow(week: Week) -> Table:
    columns = (
        Column("severity", N_("Severity"), Kind.SEVERITY),
        Column("carried", N_("Open before"), Kind.NUMBER),
        Column("opened", N_("Opened this week"), Kind.NUMBER),
        Column("resolved", N_("Resolved"), Kind.NUMBER),
        Column("closed", N_("Closed"), Kind.NUMBER),
        Column("open", N_("Open now"), Kind.NUMBER),
    )
    open_now = Counter(each.severity for each in week.open)
    counts = [Counter(str(c.severity) for c in g) for g in (week.carried, week.opened, week.resolved, week.closed)]
    rows = [Row((str(s), *(count[str(s)] for count in counts), open_now[str(s)])) for s in Severity]
    return Table(key="flow", columns=columns, rows=tuple(rows))


def _states(week: Week) -> Table:
    columns = (
        Column("state", N_("State"), Kind.WORD),
        *(Column(str(s), str(s), Kind.NUMBER) for s in Severity),
        Column("all", N_("All"), Kind.NUMBER),
        Column("oldest", N_("Oldest"), Kind.DURATION),
    )
    rows = []
    for state in CaseState:
        own = [each for each in week.open if each.state == state]
        if own:
            levels = Counter(each.severity for each in own)
            cells = (
                *(levels[str(s)] or None for s in Severity),
                len(own),
                max(seconds(_age(each, week)) for each in own),
            )
            rows.append(Row((str(state), *cells)))
    return Table(key="states", title=N_("By state"), columns=columns, rows=tuple(rows), empty=Text(_NONE))


_NONE = N_("No case is open.")


def _age(each: Standing, week: Week) -> timedelta:
    return week.scope.as_of - each.case.opened


def _ages(week: Week) -> Table:
    columns = (
        Column("age", N_("Open for"), Kind.PROSE),
        *(Column(str(s), str(s), Kind.NUMBER) for s in Severity),
        Column("all", N_("All"), Kind.NUMBER),
    )
    groups: dict[str, Counter[str]] = {label: Counter() for label, _ in AGES}
    for each in week.open:
        label = next(label for label, least in AGES if _age(each, week) < least)
        groups[label][each.severity] += 1
    rows = [
        Row((Text(label), *(levels[str(s)] or None for s in Severity), levels.total()))
        for label, levels in groups.items()
        if levels.total()
    ]
    return Table(key="ages", title=N_("By age"), columns=columns, rows=tuple(rows), empty=Text(_NONE))


def _listed(week: Week) -> Table:
    columns = (
        Column("case", N_("Case"), Kind.CASE),
        Column("severity", N_("Severity"), Kind.SEVERITY),
        Column("problem", N_("Problem"), Kind.PROSE),
        Column("customer", N_("Customer")),
        Column("state", N_("State"), Kind.WORD),
        Column("who", N_("Assigned to")),
        Column("age", N_("Open for"), Kind.DURATION),
        Column("overdue", N_("Overdue by"), Kind.DURATION),
    )
    rows = []
    for each in week.open[:_SHOWN]:
        late = each.overdue > timedelta(0)
        overdue: Cell = seconds(each.overdue) if late else None
        case, owner = each.case, week.scope.customer(each.case.customer)
        cells = (case.name, each.severity, _problem(case), owner, each.state, _person(case.assignee, week))
        rows.append(Row((*cells, seconds(_age(each, week)), overdue), Tone.BAD if late else Tone.PLAIN))
    left = max(0, len(week.open) - _SHOWN)
    return Table(key="listed", title=N_("Each"), columns=columns, rows=tuple(rows), empty=Text(_NONE), left_out=left)


def _person(key: str, week: Week) -> str:
    known = week.scope.inventory.people.get(key)
    return known.name if known else key


def _problem(case: Case) -> Text:
    if case.title or case.kind not in set(FaultKind):
        return Text("{about}", {"about": case.about})
    return Text("{kind:word}, {about}", {"kind": str(case.kind), "about": case.about})


def _kept(week: Week) -> Table:
    columns = (
        Column("customer", N_("Customer")),
        Column("cases", N_("Cases"), Kind.NUMBER),
        Column("response", N_("Responded in time"), Kind.PERCENT),
        Column("on_site", N_("On site in time"), Kind.PERCENT),
        Column("restore", N_("Restored in time"), Kind.PERCENT),
        Column("update", N_("Kept up to date"), Kind.PERCENT),
    )
    rows = []
    for each in _records(week) if week.opened else ():
        name: Cell = week.scope.customer(each.name) if each.name else Text(N_("All"))
        rows.append(Row((name, each.cases, *(each.kept[kind].percent for kind in _PROMISED))))
    empty = Text("No case was opened.")
    return Table(key="kept", columns=columns, rows=tuple(rows), empty=empty)


def _missed(week: Week) -> Table:
    columns = (
        Column("case", N_("Case"), Kind.CASE),
        Column("severity", N_("Severity"), Kind.SEVERITY),
        Column("what", N_("Promise"), Kind.WORD),
        Column("late", N_("Late by"), Kind.DURATION),
    )
    whole = next((r for r in _records(week) if not r.name), None)
    missed = sorted(whole.missed if whole else (), key=lambda m: (m.severity, -m.late))
    rows = tuple(Row((m.case, m.severity, str(m.kind), seconds(m.late)), Tone.BAD) for m in missed[:_SHOWN])
    left = max(0, len(missed) - _SHOWN)
    empty = Text("No promise was missed.")
    return Table(key="missed", title=N_("Missed"), columns=columns, rows=rows, empty=empty, left_out=left)


def _escalations(week: Week) -> list[Entry]:
    found = (e for log in week.logs.values() for e in log if e.action is Action.ESCALATED)
    return sorted((e for e in found if week.span.start <= e.at < week.span.end), key=lambda e: e.at)


def _steps(week: Week) -> Table:
    columns = (
        Column("case", N_("Case"), Kind.CASE),
        Column("at", N_("At"), Kind.MOMENT),
        Column("what", N_("What happened"), Kind.PROSE),
    )
    found = _escalations(week)
    rows = tuple(
        Row((f"NC-{e.case:06d}", moment(e.at), Text("{said:reword}", {"said": e.text}))) for e in found[:_SHOWN]
    )
    empty = Text("Nothing was escalated.")
    return Table(key="steps", columns=columns, rows=rows, empty=empty, left_out=max(0, len(found) - _SHOWN))


def _rmas(week: Week) -> Table:
    columns = (
        Column("rma", N_("RMA")),
        Column("case", N_("Case"), Kind.CASE),
        Column("device", N_("Device")),
        Column("part", N_("Part number")),
        Column("state", N_("State"), Kind.WORD),
        Column("since", N_("Requested"), Kind.MOMENT),
        Column("lasts", N_("Open for"), Kind.DURATION),
    )
    rows = tuple(_rma(each, week) for each in week.rmas[:_SHOWN])
    empty = Text("No hardware is on its way.")
    return Table(key="rmas", columns=columns, rows=rows, empty=empty, left_out=max(0, len(week.rmas) - _SHOWN))


def _rma(each: Rma, week: Week) -> Row:
    late = rma.owed(each, week.scope.as_of)
    lasts = seconds(week.scope.as_of - each.requested)
    cells = (each.name, f"NC-{each.case:06d}", each.device, each.part, str(each.state), moment(each.requested), lasts)
    return Row(cells, Tone.BAD if late else Tone.PLAIN)
