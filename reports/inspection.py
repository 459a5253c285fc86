"""The inspection report: a checklist's verdicts over devices, what to repair, and what changed since last time."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from agent.faults.availability import Span
from agent.inspection.checklist import Checklist
from agent.inspection.verdicts import Result, Verdict
from agent.inventory.inventory import Inventory
from agent.locale import N_, Text
from reports.document import Column, Document, Figure, Kind, Row, Section, Table, Tone

_SHOWN = 5_000  # rows of the full list
_ORDER = {Result.FAIL: 0, Result.WARN: 1, Result.NOT_CHECKED: 2, Result.PASS: 3, Result.NOT_APPLICABLE: 4}
_TONES = {Result.FAIL: Tone.BAD, Result.WARN: Tone.WARN, Result.NOT_CHECKED: Tone.MUTED}


def period(checklist: Checklist, now: datetime) -> Span:
    """What of the history is looked at."""
    return Span(now - checklist.period, now)


def build(
    checklist: Checklist,
    verdicts: Sequence[Verdict],
    inventory: Inventory,
    now: datetime,
    previous: Document | None = None,
) -> Document:
    """`previous` is the last inspection's document with the same checklist, if there was one."""
    span = period(checklist, now)
    titles = {item.id: item.title for item in checklist.items}
    ranked = sorted(verdicts, key=lambda each: (_ORDER[each.result], list(titles).index(each.item), each.device))
    before = results_of(previous) if previous else {}
    sections = [_matrix(checklist, verdicts), _failing(ranked, titles, before)]
    if previous:
        sections.append(_changes(ranked, titles, before, previous))
    sections += [_unchecked(ranked, titles), _all(verdicts, titles)]
    made = partial(
        Document,
        kind="inspection",
        title=checklist.title,
        subtitle=Text(
            "{now:moment}; history from {start:day}",
            {"now": now.isoformat(), "start": span.start.date().isoformat()},
        ),
        start=span.start.isoformat(),
        end=span.end.isoformat(),
        made=now.isoformat(),
        timezone=inventory.policies.daily_report.timezone,
    )
    if not verdicts:
        return made(phase="unwatched", sections=(_all((), titles),), notes=(Text("No device was inspected."),))
    return made(
        headline=_headline(verdicts, ranked, titles, before, previous),
        sections=tuple(sections),
        notes=(
            Text("Passed means measured and in order. What could not be measured is not checked, never passed."),
            Text("Not applicable means that the device has no such part, or that nothing was asked of it."),
        ),
    )


def results_of(document: Document) -> dict[tuple[str, str], str]:
    """The results of an inspection's document, by device and the item's title."""
    table = document.section("all").tables[0]
    found = {}
    for row in table.rows:
        device, item, result = row.cells[:3]
        if isinstance(item, Text):
            found[str(device), item.text] = str(result)
    return found


def _headline(
    verdicts: Sequence[Verdict],
    ranked: Sequence[Verdict],
    titles: Mapping[str, str],
    before: Mapping[tuple[str, str], str],
    previous: Document | None,
) -> tuple[Figure, ...]:
    counts = Counter(each.result for each in verdicts)
    devices = {each.device for each in verdicts}
    clean = devices - {each.device for each in verdicts if each.result in (Result.FAIL, Result.WARN)}
    figures = [
        Figure(key="devices", label=N_("Devices inspected"), value=len(devices)),
        Figure(key="clean", label=N_("Devices without findings"), value=len(clean), of=len(devices)),
        Figure(key="fail", label=N_("Failed"), value=counts[Result.FAIL], tone=_toned(counts[Result.FAIL], Tone.BAD)),
        Figure(
            key="warn", label=N_("Warnings"), value=counts[Result.WARN], tone=_toned(counts[Result.WARN], Tone.WARN)
        ),
        Figure(key="not_checked", label=N_("Not checked"), value=counts[Result.NOT_CHECKED]),
        Figure(key="pass", label=N_("Passed"), value=counts[Result.PASS]),
    ]
    if previous:
        worse = sum(_worse(each, titles, before) for each in ranked)
        note = Text("worse than last time: {n}", {"n": worse}) if worse else Text("nothing got worse since last time")
        figures[2] = Figure(key="fail", label=figures[2].label, value=figures[2].value, tone=figures[2].tone, note=note)
    return tuple(figures)


def _toned(count: int, tone: Tone) -> Tone:
    return tone if count else Tone.GOOD


def _worse(each: Verdict, titles: Mapping[str, str], before: Mapping[tuple[str, str], str]) -> bool:
    then = before.get((each.device, titles[each.item]))
    return then is not None and _ORDER[each.result] < _ORDER[Result(then)] and each.result in (Result.FAIL, Result.WARN)


def _matrix(checklist: Checklist, verdicts: Sequence[Verdict]) -> Section:
    results = {(each.device, each.item): each.result for each in verdicts}
    devices = sorted({each.device for each in verdicts})
    rows = tuple(
        Row((device, *(str(results.get((device, item.id), "")) for item in checklist.items))) for device in devices
    )
    columns = (Column("device", N_("Device")), *(Column(item.id, item.title, Kind.MARK) for item in checklist.items))
    return Section(
        key="summary",
        title=N_("Summary"),
        intro=Text("✓ passed · ! warning · ✗ failed · – not applicable · ? not checked"),
        tables=(Table(key="matrix", columns=columns, rows=rows, empty=Text("No device was inspected.")),),
    )


_FINDING = (
    Column("device", N_("Device")),
    Column("item", N_("Item"), Kind.PROSE),
    Column("result", N_("Result"), Kind.STATUS),
    Column("measured", N_("Measured"), Kind.PROSE),
    Column("threshold", N_("Threshold"), Kind.PROSE),
    Column("evidence", N_("Evidence found"), Kind.PROSE),
)


def _row(each: Verdict, titles: Mapping[str, str], *more: Text | str | None) -> Row:
    cells = (each.device, Text(titles[each.item]), str(each.result), each.measured, each.threshold, each.evidence)
    return Row((*cells, *more), _TONES.get(each.result, Tone.PLAIN))


def _failing(ranked: Iterable[Verdict], titles: Mapping[str, str], before: Mapping[tuple[str, str], str]) -> Section:
    found = [each for each in ranked if each.result in (Result.FAIL, Result.WARN)]
    last = (Column("last", N_("Last time"), Kind.STATUS),) if before else ()
    rows = tuple(
        _row(each, titles, *([before.get((each.device, titles[each.item]))] if before else []), Text(each.advice))
        for each in found
    )
    table = Table(
        key="failing",
        columns=(*_FINDING, *last, Column("advice", N_("Advice"), Kind.PROSE)),
        rows=rows,
        empty=Text("Nothing failed, and nothing is near its threshold."),
    )
    return Section(key="failing", title=N_("What to repair"), tables=(table,))


def _changes(
    ranked: Iterable[Verdict], titles: Mapping[str, str], before: Mapping[tuple[str, str], str], previous: Document
) -> Section:
    rows = []
    for each in ranked:
        then = before.get((each.device, titles[each.item]), "")
        if then and then != each.result:
            tone = Tone.BAD if _worse(each, titles, before) else Tone.PLAIN
            rows.append(Row((each.device, Text(titles[each.item]), then, str(each.result), each.measured), tone))
    table = Table(
        key="changes",
        columns=(
            Column("device", N_("Device")),
            Column("item", N_("Item"), Kind.PROSE),
            Column("then", N_("Last time"), Kind.STATUS),
            Column("now", N_("Now"), Kind.STATUS),
            Column("measured", N_("Measured"), Kind.PROSE),
        ),
        rows=tuple(rows),
        empty=Text("Every result is the same as last time."),
    )
    intro = Text("The last inspection was on {day:moment}.", {"day": previous.made})
    return Section(key="changes", title=N_("What changed since last time"), intro=intro, tables=(table,))


def _unchecked(ranked: Iterable[Verdict], titles: Mapping[str, str]) -> Section:
    rows = tuple(
        Row((each.device, Text(titles[each.item]), each.evidence))
        for each in ranked
        if each.result is Result.NOT_CHECKED
    )
    columns = (
        Column("device", N_("Device")),
        Column("item", N_("Item"), Kind.PROSE),
        Column("why", N_("Why"), Kind.PROSE),
    )
    table = Table(key="unchecked", columns=columns, rows=rows, empty=Text("Everything was checked."))
    return Section(key="unchecked", title=N_("Not checked"), tables=(table,))


def _all(verdicts: Sequence[Verdict], titles: Mapping[str, str]) -> Section:
    shown = verdicts[:_SHOWN]
    table = Table(
        key="all",
        columns=_FINDING,
        rows=tuple(_row(each, titles) for each in shown),
        empty=Text("No device was inspected."),
        left_out=len(verdicts) - len(shown),
    )
    return Section(key="all", title=N_("All results"), tables=(table,))
