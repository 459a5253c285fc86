"""Cases: new, worsened, overdue and recovered ones, as they stood when the report is as of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.cases import sla
from agent.cases.case import Action, Case, Entry
from agent.faults.availability import Span
from agent.locale import N_, Text
from agent.observation import Subject
from agent.ports import Transaction
from reports.document import Cell, Column, Kind, Row, Section, Table, Tone, moment, seconds
from reports.sections.scope import Scope

_MOST = 10_000  # cases read
_SHOWN = 50  # rows a table
NO_END = timedelta(days=36_500)  # what is left where nothing is promised


@dataclass(frozen=True, slots=True)
class Standing:
    """A case at a moment of the past: what it was then may not be what it is today."""

    case: Case
    severity: str
    state: str
    before: str  # the severity when the period began; its own when it was opened later
    relapsed: datetime | None  # within the period
    open: bool
    restored: datetime | None  # when its service was back, as far as was known then
    age: timedelta
    overdue: timedelta  # how far beyond its restore time it is, in time that counts; negative: what is left

    @property
    def worsened(self) -> bool:
        return self.severity < self.before or self.relapsed is not None


def standing(case: Case, timeline: Iterable[Entry], scope: Scope) -> Standing:
    known = [entry for entry in timeline if entry.at <= scope.as_of]
    told = [entry for entry in known if entry.action is Action.SEVERITY and "to" in entry.data]
    severities = [(entry.at, entry.data["to"]) for entry in told]
    states = [entry.data["to"] for entry in known if entry.action in (Action.STATE, Action.RELAPSED) and entry.data]
    relapses = [entry.at for entry in known if entry.action is Action.RELAPSED and entry.at >= scope.period.start]
    then = [to for at, to in severities if at < scope.period.start] or [to for _, to in severities[:1]]
    severity = severities[-1][1] if severities else str(case.severity)
    over = _past(case.closed, scope.as_of) or _past(case.resolved, scope.as_of)
    restored = _past(case.recovered, scope.as_of) or over
    left = sla.clocks(case, known, scope.inventory, scope.as_of).restore.remaining
    return Standing(
        case=case,
        severity=severity,
        state=str(case.state) if scope.as_of >= case.updated else (states[-1] if states else "new"),
        before=then[-1] if then else severity,
        relapsed=relapses[-1] if relapses else None,
        open=over is None,
        restored=restored,
        age=(restored or scope.as_of) - case.opened,
        overdue=-(NO_END if left is None else left),
    )


def _past(at: datetime | None, now: datetime) -> datetime | None:
    return at if at is not None and at <= now else None


def read(tx: Transaction, scope: Scope) -> tuple[Standing, ...]:
    """Every case that was open at some time from the period's beginning on, the most severe and the oldest first."""
    cases = tx.cases(start=scope.period.start, end=scope.as_of, limit=_MOST)
    found = (standing(case, tx.timeline(case.number), scope) for case in cases if case.opened < scope.as_of)
    return tuple(sorted(found, key=lambda each: (each.severity, each.case.opened, each.case.number)))


def new(cases: Iterable[Standing], scope: Scope) -> list[Standing]:
    return [each for each in cases if each.case.opened >= scope.period.start]


def worsened(cases: Iterable[Standing]) -> list[Standing]:
    return [each for each in cases if each.open and each.worsened]


def ageing(cases: Iterable[Standing]) -> list[Standing]:
    """Not restored within their severity's restore time, the longest overdue first."""
    late = [each for each in cases if each.open and each.restored is None and each.overdue > timedelta(0)]
    return sorted(late, key=lambda each: each.overdue, reverse=True)


def recovered(cases: Iterable[Standing], scope: Scope) -> list[Standing]:
    news = Span(scope.period.start, scope.as_of)
    return [each for each in cases if each.restored and news.start <= each.restored <= news.end]


def named(subject: Subject) -> str:
    """As people say it: the kind of the component follows from the fault's."""
    return f"{subject.device} {subject.name}".strip()


def about(case: Case) -> str:
    """What it is about: a person's word where one opened it."""
    return case.title or named(case.subject)


_COLUMNS = (
    Column("case", N_("Case"), Kind.CASE),
    Column("severity", N_("Severity"), Kind.SEVERITY),
    Column("kind", N_("Fault"), Kind.WORD),
    Column("subject", N_("Subject"), Kind.NAME),
    Column("customer", N_("Customer"), Kind.NAME),
    Column("state", N_("State"), Kind.WORD),
    Column("opened", N_("Opened"), Kind.MOMENT),
)


def _cells(each: Standing, scope: Scope) -> tuple[Cell, ...]:
    case = each.case
    return (
        case.name,
        each.severity,
        str(case.kind),
        about(case),
        scope.customer(case.customer),
        each.state,
        moment(case.opened),
    )


def _table(key: str, title: str, empty: str, last: Column, rows: list[tuple[Standing, Cell]], scope: Scope) -> Table:
    return Table(
        key=key,
        title=title,
        columns=(*_COLUMNS, last),
        rows=tuple(Row((*_cells(each, scope), cell), _tone(each)) for each, cell in rows[:_SHOWN]),
        empty=Text(empty),
        left_out=max(0, len(rows) - _SHOWN),
    )


def _tone(each: Standing) -> Tone:
    if each.restored:
        return Tone.GOOD
    return Tone.BAD if each.severity in ("P1", "P2") else Tone.PLAIN


def _change(each: Standing) -> Text:
    if each.severity < each.before:
        return Text("from {before} to {after}", {"before": each.before, "after": each.severity})
    return Text("came back at {at:short}", {"at": moment(each.relapsed) or ""})


def section(cases: tuple[Standing, ...], scope: Scope) -> Section:
    fresh, worse = new(cases, scope), worsened(cases)
    late, back = ageing(cases), recovered(cases, scope)
    rest = [each for each in cases if each.open and each not in fresh and each not in worse and each not in late]
    lasts = Column("lasts", N_("Open for"), Kind.DURATION)
    tables = (
        _table("new", N_("New"), N_("No new cases."), lasts, [(c, seconds(c.age)) for c in fresh], scope),
        _table(
            "worsened",
            N_("Worsened"),
            N_("No case got worse."),
            Column("change", N_("What changed"), Kind.PROSE),
            [(each, _change(each)) for each in worse],
            scope,
        ),
        _table(
            "ageing",
            N_("Ageing: open beyond their restore time"),
            N_("No case is beyond its restore time."),
            Column("overdue", N_("Overdue by"), Kind.DURATION),
            [(each, seconds(each.overdue)) for each in late],
            scope,
        ),
        _table(
            "recovered",
            N_("Recovered cases"),
            N_("No case recovered."),
            Column("took", N_("Restored after"), Kind.DURATION),
            [(each, seconds(each.age)) for each in back],
            scope,
        ),
        _table(
            "other",
            N_("Open from before, within their time"),
            N_("No other case is open."),
            lasts,
            [(c, seconds(c.age)) for c in rest],
            scope,
        ),
    )
    return Section(key="cases", title=N_("Cases"), tables=tables)
