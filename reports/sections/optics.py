"""Optical ports that received little light over the period: what fails next, while it still works."""

from collections.abc import Iterator
from dataclasses import dataclass

from agent.faults import bounds
from agent.locale import N_, Text
from agent.observation import ComponentKind, Fact, Subject
from agent.ports import Transaction
from reports.document import Cell, Column, Kind, Row, Spark, Table, Tone
from reports.sections import series
from reports.sections.latest import Latest
from reports.sections.scope import Scope

TOP = 5
NEAR_DB = 3.0  # half of the light that is left above the alarm threshold


@dataclass(frozen=True, slots=True)
class Weak:
    """Received light in dBm; `reserve` is in dB, negative below the transceiver's own low limit."""

    subject: Subject
    mean: float
    lowest: float
    limit: float
    spark: Spark

    @property
    def reserve(self) -> float:
        return self.lowest - self.limit


def read(tx: Transaction, scope: Scope, latest: Latest) -> tuple[Weak, ...]:
    """The nearest to their low limits, at most TOP. Times without light are the link's, and do not count."""
    return tuple(sorted(_weak(tx, scope, latest), key=lambda each: (each.reserve, each.subject))[:TOP])


def _weak(tx: Transaction, scope: Scope, latest: Latest) -> Iterator[Weak]:
    """Whose mean is far from the limit is not looked at: light fades, it does not dip."""
    seen = scope.seen
    found = tx.extremes(ComponentKind.SENSOR, Fact.SENSOR_VALUE, seen.start, seen.end)
    for subject in found:
        if subject.device not in scope.inventory.devices or not bounds.named_as_received(subject):
            continue
        told = latest.told(subject, Fact.SENSOR_VALUE)
        if told is None or told.low_limit is None or not bounds.receives_light(told):
            continue
        if found[subject][0] > told.low_limit + 2 * NEAR_DB:
            continue
        read_all = tx.series(subject, Fact.SENSOR_VALUE, seen.start, seen.end)
        samples = [sample for sample in read_all if not bounds.is_dark(told._replace(value=sample.value))]
        lowest = min((sample.value for sample in samples), default=None)
        if lowest is not None and lowest < told.low_limit + NEAR_DB:
            mean = sum(sample.value for sample in samples) / len(samples)
            spark = Spark(series.buckets(samples, scope.period), None, None, told.low_limit)
            yield Weak(subject, mean, lowest, told.low_limit, spark)


def table(weak: tuple[Weak, ...]) -> Table:
    return Table(
        key="optics",
        title=N_("Optical receive power near its low limit"),
        columns=(
            Column("device", N_("Device"), Kind.NAME),
            Column("component", N_("Component"), Kind.NAME),
            Column("day", N_("The day"), Kind.SPARK),
            Column("mean", N_("Mean"), Kind.NUMBER, "dBm"),
            Column("lowest", N_("Lowest"), Kind.NUMBER, "dBm"),
            Column("limit", N_("Low limit"), Kind.NUMBER, "dBm"),
            Column("reserve", N_("Reserve"), Kind.NUMBER, "dB"),
        ),
        rows=tuple(map(_row, weak)),
        empty=Text("Nothing was measured."),
    )


def _row(each: Weak) -> Row:
    cells: tuple[Cell, ...] = (
        each.subject.device,
        each.subject.name,
        each.spark,
        round(each.mean, 1),
        round(each.lowest, 1),
        round(each.limit, 1),
        round(each.reserve, 1),
    )
    return Row(cells, Tone.BAD if each.reserve < 0 else Tone.WARN)
