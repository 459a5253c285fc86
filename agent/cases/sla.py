"""The clocks of a case: what was promised, until when, and whether it was kept.

A pure function of the timeline and of the inventory. Nothing is stored, so that a pause cannot be lost, and a contract
or a calendar that is corrected corrects every clock.

The clock of a severity begins when the case is first that severe or worse. Of the promises of the case's present
severity and of the milder ones the earliest due counts. So raising it gives no more time, and lowering it gives the
time of the milder severity from the moment at which the case was first that severe.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from agent.cases import course
from agent.cases.case import Case, Entry, Severity
from agent.cases.course import Course
from agent.inventory import holidays
from agent.inventory.holidays import PLAIN, Calendar
from agent.inventory.hours import ALWAYS, MIDNIGHT, WEEKDAYS, Hours
from agent.inventory.inventory import Inventory
from agent.inventory.promises import Promise, Sla
from agent.locale import N_, Text

NOTHING = timedelta(0)
_BEFORE = timedelta(microseconds=1)
_YEARS_AHEAD = 3  # a promise that is not due within them is never due


class Kind(StrEnum):
    RESPONSE = "response"
    ON_SITE = "on_site"
    RESTORE = "restore"
    UPDATE = "update"


class State(StrEnum):
    RUNNING = "counting"
    PAUSED = "paused"  # the case waits in a state that stops the clocks
    MET = "met"
    MISSED = "missed"  # too late, or still not done
    OVER = "over"  # nobody waits for it any more: the service works
    NOT_PROMISED = "not_promised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`due` is None where the clock stands still, and where nothing is promised or no hour that counts lies ahead.

    `elapsed` is the time that counts; `remaining` is negative when it is late. `warn` is when somebody is to be warned.
    """

    kind: Kind
    state: State
    severity: Severity | None = None  # whose promise counts
    promise: Promise | None = None
    began: datetime | None = None
    due: datetime | None = None
    warn: datetime | None = None
    elapsed: timedelta = NOTHING
    remaining: timedelta | None = None
    met: datetime | None = None
    breached: datetime | None = None
    reason: Text

    @property
    def ticks(self) -> bool:
        """Whether somebody still has to do something for it."""
        return self.state is State.RUNNING or (self.state is State.MISSED and self.met is None)


@dataclass(frozen=True, slots=True)
class Clocks:
    response: Clock
    on_site: Clock
    restore: Clock
    update: Clock

    def __iter__(self) -> Iterator[Clock]:
        return iter((self.response, self.on_site, self.restore, self.update))

    @property
    def next(self) -> Clock | None:
        """What is due next, or overdue for longest."""
        waiting = [clock for clock in self if clock.ticks and clock.due]
        return min(waiting, key=lambda clock: clock.due or datetime.max.replace(tzinfo=UTC), default=None)

    @property
    def breached(self) -> tuple[Clock, ...]:
        """Late, and still not done."""
        return tuple(clock for clock in self if clock.ticks and clock.state is State.MISSED)

    def at_risk(self, now: datetime) -> tuple[Clock, ...]:
        """Not late yet, but it is time to warn."""
        return tuple(c for c in self if c.state is State.RUNNING and c.warn is not None and c.warn <= now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a case goes by: its contract's promises, else the policies', around the clock."""

    sla: dict[str, Sla]
    hours: Hours
    timezone: str
    calendar: Calendar | None
    pauses: frozenset[str]
    warning: float  # the part of a promise's time after which somebody is warned

    def spans(self, promise: Promise, start: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The times from `start` on that count. Hours around the clock know no holidays."""
        counted = self.hours
        if promise.working_days:
            weekend = holidays.of(self.calendar, start.year, start.year).weekend if self.calendar else PLAIN.weekend
            week = tuple(day for at, day in enumerate(WEEKDAYS) if at not in weekend)
            counted = Hours(days=week, start=MIDNIGHT, end=MIDNIGHT)
        for opens, closes in holidays.served(counted, self.timezone, self.calendar, start, until):
            yield max(opens, start), min(closes, until)


def terms(case: Case, inventory: Inventory) -> Terms:
    """An ended contract is served as it was written until another takes its place; without one all is the policies'."""
    contract, site = inventory.contracts.get(case.contract), inventory.sites.get(case.site)
    zone = site.timezone if site else "UTC"
    return Terms(
        sla=dict(contract.sla if contract and contract.sla else inventory.policies.sla),
        hours=contract.coverage if contract else ALWAYS,
        timezone=(contract.timezone if contract else "") or zone,
        calendar=inventory.calendar(contract) if contract else None,
        pauses=frozenset(contract.pauses if contract else ("waiting_for_customer",)),
        warning=inventory.policies.sla_warning_pct / 100,
    )


def clocks(case: Case, log: Sequence[Entry], inventory: Inventory, now: datetime) -> Clocks:
    """As they stand at `now`; what the timeline says of later is not looked at."""
    agreed = terms(case, inventory)
    known = course.read(case, log, agreed.pauses, now, course.strangers(case, inventory))
    first = known.acts[0] if known.acts else None
    return Clocks(
        response=_clock(Kind.RESPONSE, known, agreed, now, met=first),
        on_site=_clock(Kind.ON_SITE, known, agreed, now, met=known.on_site),
        restore=_clock(Kind.RESTORE, known, agreed, now, met=known.restored),
        update=_clock(Kind.UPDATE, known, agreed, now, since=max((known.resumed, *known.acts[-1:]))),
    )


def restore_by(case: Case, log: Sequence[Entry], inventory: Inventory, now: datetime) -> datetime | None:
    """When the service has to work again; None where the clock stands still or nothing is promised."""
    return clocks(case, log, inventory, now).restore.due


def updates(case: Case, log: Sequence[Entry], inventory: Inventory, now: datetime) -> tuple[int, int]:
    """How often the state was to be told anew so far, and how often that came too late."""
    agreed, theirs = terms(case, inventory), course.strangers(case, inventory)
    whole = course.read(case, log, agreed.pauses, now, theirs)
    acts = set(whole.acts)
    turns = sorted({case.opened, *acts, *(stop.end for stop in whole.stops if stop.served and stop.end), now})
    promised = late = 0
    for since, until in pairwise(turns):
        then = course.read(case, log, agreed.pauses, until - _BEFORE, theirs)
        ended = min(until, then.restored or until)
        runs = list(_runs(Kind.UPDATE, then, agreed, ended, since)) if since < ended else []
        if runs:
            missed = any(run.due is not None and run.due < ended for run in runs)
            promised += missed or (until in acts and ended == until)
            late += missed
    return promised, late


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """How far a promise's time has run. `elapsed` is until the moment of looking."""

    severity: Severity
    promise: Promise
    began: datetime
    due: datetime | None
    warn: datetime | None
    elapsed: timedelta


def _clock(
    kind: Kind,
    known: Course,
    agreed: Terms,
    now: datetime,
    *,
    met: datetime | None = None,
    since: datetime | None = None,
) -> Clock:
    ended = met or known.restored
    until = min(now, ended) if ended else now
    runs = list(_runs(kind, known, agreed, until, since or known.opened))
    if not runs:
        reason = Text(N_("nothing is promised at {severity}"), {"severity": str(known.severity)})
        return Clock(kind=kind, state=State.NOT_PROMISED, met=met, reason=reason)
    best = min(runs, key=lambda run: (run.due is None, run.due or until, run.severity))
    state = _state(kind, known, best, until, met)
    still = state in (State.PAUSED, State.OVER)
    return Clock(
        kind=kind,
        state=state,
        severity=best.severity,
        promise=best.promise,
        began=best.began,
        due=None if still else best.due,
        warn=None if still else best.warn,
        elapsed=best.elapsed,
        remaining=best.promise.length - best.elapsed,
        met=met,
        breached=best.due if state is State.MISSED else None,
        reason=_reason(best, agreed, known, state),
    )


def _runs(kind: Kind, known: Course, agreed: Terms, until: datetime, since: datetime) -> Iterator[_Run]:
    """Of the present severity and of the milder ones; of these only such as may be due before: time that counts never
    runs faster than time."""
    first: datetime | None = None
    for level in Severity:
        sla = agreed.sla.get(level)
        promise: Promise | None = getattr(sla, kind) if sla else None
        start = known.since(level) if level >= known.severity else None
        if promise is None or start is None:
            continue
        began = max(start, since)
        if first is None or began + promise.length < first:
            run = _run(level, promise, began, until, known, agreed)
            first = min(first or run.due, run.due) if first and run.due else first or run.due
            yield run


def _run(level: Severity, promise: Promise, began: datetime, until: datetime, known: Course, agreed: Terms) -> _Run:
    last = datetime(max(began, until).year + _YEARS_AHEAD, 1, 1, tzinfo=UTC)
    elapsed = gone = NOTHING
    early = promise.length * agreed.warning
    due = warn = None
    for opens, closes in _moving(agreed.spans(promise, began, last), known, until):
        length = closes - opens
        if warn is None and gone + length >= early:
            warn = opens + (early - gone)
        if due is None and gone + length >= promise.length:
            due = opens + (promise.length - gone)
        gone += length
        elapsed += max(NOTHING, min(closes, until) - opens)
        if due is not None and closes >= until:
            break
    return _Run(severity=level, promise=promise, began=began, due=due, warn=warn, elapsed=elapsed)


def _moving(
    spans: Iterator[tuple[datetime, datetime]], known: Course, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Without the times in which the clocks stand still, as far as they are known at `until`."""
    stops = [(stop.start, min(stop.end or until, until)) for stop in known.stops if stop.start < until]
    for opens, closes in spans:
        at = opens
        for start, end in stops:
            if end <= at or start >= closes:
                continue
            if at < start:
                yield at, start
            at = max(at, end)
        if at < closes:
            yield at, closes


def _state(kind: Kind, known: Course, best: _Run, until: datetime, met: datetime | None) -> State:
    if kind is Kind.UPDATE and known.restored:
        return State.OVER
    if best.due is not None and (best.due < until if (met or known.restored) else best.due <= until):
        return State.MISSED
    if met:
        return State.MET
    if known.restored:
        return State.OVER
    return State.PAUSED if known.stopped else State.RUNNING


_AROUND = N_("{severity} since {since:short}: {promise:duration} around the clock")
_IN_HOURS = N_("{severity} since {since:short}: {promise:duration} in the hours {hours}")
_IN_DAYS = N_("{severity} since {since:short}: {count} working days")
_WAITS = N_("stands still: {state:word}")
_WORKS = N_("the service works again")


def _reason(best: _Run, agreed: Terms, known: Course, state: State) -> Text:
    if state is State.PAUSED and known.stopped:
        return Text(_WAITS, {"state": str(known.stopped.state)})
    if state is State.OVER:
        return Text(_WORKS)
    values: dict[str, str | float] = {"severity": str(best.severity), "since": best.began.isoformat()}
    if best.promise.working_days:
        return Text(_IN_DAYS, {**values, "count": best.promise.length.total_seconds() / 86400})
    values["promise"] = best.promise.length.total_seconds()
    if agreed.hours.always:
        return Text(_AROUND, values)
    return Text(_IN_HOURS, {**values, "hours": str(agreed.hours)})
