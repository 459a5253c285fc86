"""How fast we were with the cases of a period: from the beginning of a problem to its end, step by step."""

from collections.abc import Iterable, Mapping

from agent.cases import ledger
from agent.cases.ledger import Ledger, Speed, Step
from agent.locale import N_, Text
from reports.document import Cell, Column, Kind, Row, Section, Table, seconds
from reports.sections.scope import Scope

_SHORT: Mapping[Step, str] = {
    Step.DETECTION: N_("Detected"),
    Step.OPENING: N_("Case there"),
    Step.TELLING: N_("Told"),
    Step.ANSWER: N_("Answered"),
    Step.RESTORATION: N_("Over"),
}


def section(ledgers: Iterable[Ledger], scope: Scope) -> Section:
    every = tuple(ledgers)
    return Section(
        key="speed",
        title=N_("How fast we were"),
        intro=Text(
            "Of the cases opened in this time. A problem begins between two polls: here, right after the last good one."
        ),
        tables=(_steps(every), _customers(every, scope)) if every else (),
        empty=Text("No case was opened."),
    )


def _steps(ledgers: Iterable[Ledger]) -> Table:
    lengths = (
        ("mean", N_("Mean")),
        ("median", N_("Median")),
        ("p90", N_("Nine of ten within")),
        ("worst", N_("Worst")),
    )
    return Table(
        key="steps",
        columns=(
            Column("step", N_("Step"), Kind.PROSE),
            Column("cases", N_("Cases"), Kind.NUMBER),
            *(Column(key, title, Kind.DURATION) for key, title in lengths),
        ),
        rows=tuple(Row(_cells(step, known)) for step, known in ledger.speeds(ledgers).items()),
    )


def _cells(step: Step, known: Speed) -> tuple[Cell, ...]:
    lengths = (known.mean, known.median, known.p90, known.worst)
    return (Text(step.said), known.cases, *(seconds(length) for length in lengths))


def _customers(ledgers: tuple[Ledger, ...], scope: Scope) -> Table:
    """Nine of ten within, by customer; the one with the most cases first."""
    names = {each.customer for each in ledgers}
    own = {name: [each for each in ledgers if each.customer == name] for name in names}
    ranked = sorted(names, key=lambda name: (-len(own[name]), name))
    return Table(
        key="customers",
        title=N_("Nine of ten within, by customer"),
        columns=(
            Column("customer", N_("Customer"), Kind.NAME),
            Column("cases", N_("Cases"), Kind.NUMBER),
            *(Column(str(step), title, Kind.DURATION) for step, title in _SHORT.items()),
        ),
        rows=tuple(Row(_customer(name, own[name], scope)) for name in ranked),
    )


def _customer(name: str, own: list[Ledger], scope: Scope) -> tuple[Cell, ...]:
    known = ledger.speeds(own)
    lengths = (seconds(known[step].p90) if step in known else None for step in _SHORT)
    return (scope.customer(name), len(own), *lengths)
