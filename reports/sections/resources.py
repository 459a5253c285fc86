"""CPU, memory, storage, temperature and interfaces: the ones nearest to their limits, with yesterday's figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from agent.faults import rules
from agent.faults.availability import Span
from agent.locale import N_, Text
from agent.observation import ComponentKind, Fact, Observation, Subject, Tier
from agent.ports import Sample, Transaction
from reports.document import Cell, Column, Kind, Row, Section, Spark, Table, Tone
from reports.sections import optics, series
from reports.sections.latest import Latest
from reports.sections.optics import Weak
from reports.sections.scope import Scope

TOP = 5
_LOOKED_AT = 40  # subjects whose samples are read in full to find the top ones
_DAY = timedelta(days=1)
Extremes = Mapping[Subject, tuple[float, float]]  # (mean, maximum)


@dataclass(frozen=True, slots=True)
class Measure:
    key: str
    title: str
    kind: ComponentKind
    fact: Fact
    shown: Kind
    high: float | None


MEASURES = (
    Measure("cpu", N_("CPU"), ComponentKind.CPU, Fact.USAGE, Kind.USAGE, 100),
    Measure("memory", N_("Memory"), ComponentKind.MEMORY, Fact.USED, Kind.USAGE, 100),
    Measure("storage", N_("Storage"), ComponentKind.STORAGE, Fact.USED, Kind.USAGE, 100),
    Measure("temperature", N_("Temperature"), ComponentKind.TEMPERATURE, Fact.CELSIUS, Kind.CELSIUS, None),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One resource over the period, with its limit; `near` is how much of the limit its maximum took."""

    measure: str
    subject: Subject
    mean: float
    highest: float
    limit: float
    before: float | None  # the mean of the same hours of the day before
    spark: Spark
    shown: Kind
    speed: float | None = None  # bit/s, of interfaces

    @property
    def near(self) -> float:
        return self.highest / self.limit if self.limit else 0.0


@dataclass(frozen=True, slots=True)
class Errors:
    """What an interface dropped over the period."""

    subject: Subject
    received: float
    sent: float
    discarded: float
    before: float  # errors of the same hours of the day before
    spark: Spark

    @property
    def errors(self) -> float:
        return self.received + self.sent


@dataclass(frozen=True, slots=True)
class Resources:
    readings: Mapping[str, tuple[Reading, ...]]  # by measure's key, `interface` too; the nearest to its limit first
    errors: tuple[Errors, ...]
    optics: tuple[Weak, ...] = ()


def read(tx: Transaction, scope: Scope) -> Resources:
    latest = Latest(tx)
    readings = {measure.key: _measured(tx, scope, measure, latest) for measure in MEASURES}
    readings["interface"] = _interfaces(tx, scope)
    return Resources(readings, _errors(tx, scope), optics.read(tx, scope, latest))


def _yesterday(scope: Scope) -> Span:
    return Span(scope.seen.start - _DAY, scope.seen.end - _DAY)


def _known(found: Extremes, scope: Scope) -> dict[Subject, tuple[float, float]]:
    return {subject: value for subject, value in found.items() if subject.device in scope.inventory.devices}


def _measured(tx: Transaction, scope: Scope, measure: Measure, latest: Latest) -> tuple[Reading, ...]:
    """Of memory and storage not what can be reclaimed: caches and buffers are full by nature."""
    seen, past = scope.seen, _yesterday(scope)
    today = _known(tx.extremes(measure.kind, measure.fact, seen.start, seen.end), scope)
    before = tx.extremes(measure.kind, measure.fact, past.start, past.end)
    order = sorted(today, key=lambda subject: (-today[subject][1], subject))
    wanted = (subject for subject in order if not _reclaimable(latest.told(subject, measure.fact)))
    first = islice(wanted, _LOOKED_AT)
    readings = [_reading(tx, scope, measure, subject, today[subject], before, latest) for subject in first]
    return tuple(sorted(readings, key=lambda reading: (-reading.near, -reading.mean, reading.subject))[:TOP])


def _reclaimable(told: Observation | None) -> bool:
    return told is not None and told.detail == "reclaimable"


def _reading(
    tx: Transaction,
    scope: Scope,
    measure: Measure,
    subject: Subject,
    today: tuple[float, float],
    before: Extremes,
    latest: Latest,
) -> Reading:
    limit = _limit(scope, measure, subject, latest)
    past = before.get(subject)
    samples = tx.series(subject, measure.fact, scope.seen.start, scope.seen.end)
    spark = Spark(series.buckets(samples, scope.period), 0 if measure.high else None, measure.high, limit)
    mean, highest = today
    return Reading(measure.key, subject, mean, highest, limit, past[0] if past else None, spark, measure.shown)


def _limit(scope: Scope, measure: Measure, subject: Subject, latest: Latest) -> float:
    told = latest.told(subject, measure.fact) if measure.kind is ComponentKind.TEMPERATURE else None
    own = told.limit if told else None
    return own or rules.in_force().limit(_RULES[measure.kind], scope.inventory.devices[subject.device])


_RULES = {
    ComponentKind.CPU: "cpu_high",
    ComponentKind.MEMORY: "memory_high",
    ComponentKind.STORAGE: "storage_full",
    ComponentKind.TEMPERATURE: "temperature_high",
}


# ---------------------------------------------------------------- interfaces


def _busiest(tx: Transaction, scope: Scope, fact: Fact, count: int) -> list[Subject]:
    """Whose counters grew most."""
    found = tx.growth(ComponentKind.INTERFACE, fact, scope.seen.start, scope.seen.end)
    known = scope.inventory.devices
    grown = {subject: each.grown for subject, each in found.items() if each.grown > 0 and subject.device in known}
    return sorted(grown, key=lambda subject: (-grown[subject], subject))[:count]


def _interfaces(tx: Transaction, scope: Scope) -> tuple[Reading, ...]:
    readings = []
    for fact in (Fact.IN_OCTETS, Fact.OUT_OCTETS):
        for subject in _busiest(tx, scope, fact, _LOOKED_AT):
            if reading := _utilisation(tx, scope, subject, fact):
                readings.append(reading)
    best: dict[Subject, Reading] = {}
    for reading in sorted(readings, key=lambda each: (-each.near, -each.mean, each.subject)):
        best.setdefault(reading.subject, reading)
    return tuple(list(best.values())[:TOP])


def _utilisation(tx: Transaction, scope: Scope, subject: Subject, fact: Fact) -> Reading | None:
    speed = _speed(tx, subject)
    samples = tx.series(subject, fact, scope.seen.start, scope.seen.end)
    mean = series.mean_rate(samples)
    if not speed or mean is None:
        return None
    past = _yesterday(scope)
    before = series.mean_rate(tx.series(subject, fact, past.start, past.end))
    shares = [Sample(rate.at, _share(rate.value, speed)) for rate in series.rates(samples)]
    return Reading(
        "interface",
        subject,
        _share(mean, speed),
        max(share.value for share in shares),
        100.0,
        None if before is None else _share(before, speed),
        Spark(series.buckets(shares, scope.period), 0, 100),
        Kind.USAGE,
        float(speed),
    )


def _share(octets_a_second: float, speed: float) -> float:
    return min(100.0, 100 * 8 * octets_a_second / speed)


def _speed(tx: Transaction, subject: Subject) -> float | None:
    for tier in (Tier.HEALTH, Tier.STATUS, Tier.IDENTITY):
        batch = tx.latest(subject.device, tier)
        for observation in batch.observations if batch else ():
            if observation.subject == subject and observation.fact is Fact.SPEED:
                return float(observation.value)
    return None


_ERRORS = (Fact.IN_ERRORS, Fact.OUT_ERRORS, Fact.IN_DISCARDS, Fact.OUT_DISCARDS)


def _errors(tx: Transaction, scope: Scope) -> tuple[Errors, ...]:
    candidates: set[Subject] = set()
    for fact in _ERRORS:
        candidates.update(_busiest(tx, scope, fact, _LOOKED_AT // 2))
    errors = [_errors_of(tx, scope, subject) for subject in candidates]
    told = [each for each in errors if each.errors or each.discarded]
    return tuple(sorted(told, key=lambda each: (-each.errors, -each.discarded, each.subject))[:TOP])


def _errors_of(tx: Transaction, scope: Scope, subject: Subject) -> Errors:
    seen, past = scope.seen, _yesterday(scope)
    counters = {fact: tx.series(subject, fact, seen.start, seen.end) for fact in _ERRORS}
    grown = {fact: series.growth(counter) for fact, counter in counters.items()}
    before = sum(series.growth(tx.series(subject, fact, past.start, past.end)) for fact in _ERRORS[:2])
    rates = [rate for fact in _ERRORS[:2] for rate in series.rates(counters[fact])]
    spark = Spark(series.buckets(rates, scope.period), 0)
    discarded = grown[Fact.IN_DISCARDS] + grown[Fact.OUT_DISCARDS]
    return Errors(subject, grown[Fact.IN_ERRORS], grown[Fact.OUT_ERRORS], discarded, before, spark)


# ---------------------------------------------------------------- as a section


def _table(key: str, title: str, readings: Iterable[Reading], shown: Kind) -> Table:
    return Table(
        key=key,
        title=title,
        columns=(
            Column("device", N_("Device"), Kind.NAME),
            Column("component", N_("Component"), Kind.NAME),
            *([Column("speed", N_("Speed"), Kind.RATE)] if key == "interface" else []),
            Column("day", N_("The day"), Kind.SPARK),
            Column("mean", N_("Mean"), shown),
            Column("highest", N_("Highest"), shown),
            *([Column("limit", N_("Limit"), shown)] if key != "interface" else []),
            Column("before", N_("Mean the day before"), shown),
            Column("change", N_("Change"), Kind.CHANGE),
        ),
        rows=tuple(map(_row, readings)),
        empty=Text("Nothing was measured."),
    )


def _row(reading: Reading) -> Row:
    change = None if reading.before is None else round(reading.mean - reading.before, 1)
    interface = reading.measure == "interface"
    cells: tuple[Cell, ...] = (
        reading.subject.device,
        reading.subject.name,
        *((reading.speed,) if interface else ()),
        reading.spark,
        round(reading.mean, 1),
        round(reading.highest, 1),
        *(() if interface else (reading.limit,)),
        None if reading.before is None else round(reading.before, 1),
        change,
    )
    return Row(cells, _tone(reading))


def _tone(reading: Reading) -> Tone:
    if reading.near >= 1 and reading.measure != "interface":
        return Tone.BAD
    return Tone.WARN if reading.near >= 0.9 else Tone.PLAIN


def _error_row(each: Errors) -> Row:
    cells: tuple[Cell, ...] = (
        each.subject.device,
        each.subject.name,
        each.spark,
        round(each.received),
        round(each.sent),
        round(each.discarded),
        round(each.before),
        round(each.errors - each.before),
    )
    return Row(cells, Tone.WARN if each.errors else Tone.PLAIN)


_ERROR_COLUMNS = (
    Column("device", N_("Device"), Kind.NAME),
    Column("component", N_("Component"), Kind.NAME),
    Column("day", N_("The day"), Kind.SPARK),
    Column("received", N_("Errors received"), Kind.NUMBER),
    Column("sent", N_("Errors sent"), Kind.NUMBER),
    Column("discarded", N_("Discarded"), Kind.NUMBER),
    Column("before", N_("Errors the day before"), Kind.NUMBER),
    Column("change", N_("Change"), Kind.CHANGE),
)


def section(resources: Resources) -> Section:
    """Storage and optics have a table where there is something to tell: not every device has them."""
    tables = [
        _table(each.key, each.title, resources.readings[each.key], each.shown)
        for each in MEASURES
        if resources.readings[each.key] or each.kind is not ComponentKind.STORAGE
    ]
    if resources.optics:
        tables.append(optics.table(resources.optics))
    tables.append(_table("interface", N_("Interface utilisation"), resources.readings["interface"], Kind.USAGE))
    errors = Table(
        key="errors",
        title=N_("Interface errors"),
        columns=_ERROR_COLUMNS,
        rows=tuple(map(_error_row, resources.errors)),
        empty=Text("No interface counted an error."),
    )
    return Section(
        key="resources",
        title=N_("Resources"),
        intro=Text("Of each kind the {n} that came nearest to their limits.", {"n": TOP}),
        tables=(*tables, errors),
    )
