"""The maintenance windows of the period, and what of their devices did not come back."""

from agent.faults import upkeep
from agent.faults.upkeep import Progress
from agent.inventory import calendar, windows
from agent.inventory.windows import Occurrence
from agent.locale import N_, Text
from agent.ports import Transaction
from reports.document import NOTHING, Column, Kind, Row, Section, Table, Tone, moment
from reports.sections.scope import Scope

_SHOWN, _NAMES = 50, 6
_COLUMNS = (
    Column("window", N_("Window"), Kind.NAME),
    Column("from", N_("From"), Kind.MOMENT),
    Column("until", N_("Until"), Kind.MOMENT),
    Column("names", N_("Names"), Kind.PROSE),
    Column("left", N_("Did not come back"), Kind.PROSE),
)


def section(tx: Transaction, scope: Scope) -> Section | None:
    """None when the period has none."""
    found = [
        each for window in scope.windows for each in windows.occurrences(window, scope.period.start, scope.period.end)
    ]
    if not found:
        return None
    found.sort(key=lambda each: (each.starts, each.name))
    table = Table(
        key="windows",
        columns=_COLUMNS,
        rows=tuple(_row(tx, each) for each in found[:_SHOWN]),
        left_out=max(0, len(found) - _SHOWN),
    )
    return Section(key="maintenance", title=N_("Maintenance"), tables=(table,))


def _row(tx: Transaction, each: Occurrence) -> Row:
    body = tx.document(upkeep.OCCURRENCE, upkeep.key(each))
    progress = upkeep.unpack(body) if body else None
    cells = (each.name, moment(each.starts), moment(each.ends), _names(each), _left(progress))
    return Row(cells, Tone.WARN if progress and progress.left else Tone.PLAIN)


def _names(each: Occurrence) -> Text:
    names = calendar.names(each.window)
    told = ", ".join(names[:_NAMES]) + (" …" if len(names) > _NAMES else "")
    return Text("{names}", {"names": told})


def _left(progress: Progress | None) -> Text:
    if progress is None or progress.taken is None:
        return NOTHING
    if progress.left:
        devices = ", ".join(sorted(progress.left)[:_NAMES])
        return Text("{n} of {names}", {"n": sum(progress.left.values()), "names": devices})
    return Text("nothing") if progress.done else Text("not compared yet")
