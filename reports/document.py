"""A report before it has a form: what it says, not how it looks.

    Document ── headline: Figure …
             ├─ sections: Section ── items: Item …      an ordered list
             │                    └─ tables: Table ── columns: Column …, rows: Row … of cells
             └─ notes: Text …

Everything serialises to JSON and comes back the same. A `Text` is a msgid with values and is put into a language
only when the report is rendered; numbers, times and lengths stay what they are, and the kind beside them says how to
read them: durations are seconds, moments ISO 8601 in UTC, percentages of 100.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from agent.locale import Plain, Text

NOTHING = Text(text="")


@dataclass(frozen=True, slots=True)
class Spark:
    """A small chart of one series, evenly spaced over the period; None where nothing was measured."""

    spark: tuple[float | None, ...]
    low: float | None = None  # the scale's ends; None: the series' own
    high: float | None = None
    limit: float | None = None  # a line worth seeing


@dataclass(frozen=True, slots=True)
class Strip:
    """A period as a bar: (what, seconds) one after another; what: up, down, planned, unobserved, future."""

    strip: tuple[tuple[str, float], ...]


Cell = Plain | None | Text | Spark | Strip


class Kind(StrEnum):
    """How a cell is read, and shown."""

    NAME = "name"  # str, as it is: a device, an interface
    PROSE = "prose"  # str or Text, may be long
    WORD = "word"  # a code of ours
    NUMBER = "number"
    PERCENT = "percent"  # of 100
    USAGE = "usage"  # of 100, one digit after the point
    CELSIUS = "celsius"
    RATE = "rate"  # bit/s
    DURATION = "duration"  # seconds
    MOMENT = "moment"  # ISO 8601
    DAY = "day"  # ISO 8601 date
    SEVERITY = "severity"  # P1 to P4
    STATUS = "status"  # a code of ours that has a colour: up, down, pass, fail, met, missed, …
    MARK = "mark"  # a verdict, as a sign in a matrix
    CHANGE = "change"  # a number with its sign
    CASE = "case"  # a case's name
    SPARK = "spark"
    STRIP = "strip"


class Tone(StrEnum):
    """What a figure or a row feels like; a colour on a page, never the only sign."""

    PLAIN = ""
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    title: str  # a msgid
    kind: Kind = Kind.NAME
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[Cell, ...]
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    key: str
    title: str = ""  # a msgid
    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = ()
    empty: Text = NOTHING  # what to say when there are no rows
    left_out: int = 0  # rows beyond those shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of an ordered list: what, and why."""

    what: Text
    why: Text = NOTHING
    tone: Tone = Tone.PLAIN
    label: str = ""  # a severity or a code
    refers: str = ""  # a case's or a device's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    key: str
    label: str  # a msgid
    value: Cell
    kind: Kind = Kind.NUMBER
    of: Cell = None  # "11 of 12"
    note: Text = NOTHING
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    key: str
    title: str  # a msgid
    intro: Text = NOTHING
    items: tuple[Item, ...] = ()
    tables: tuple[Table, ...] = ()
    empty: Text = NOTHING  # what to say when there are neither items nor tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    kind: str  # daily, availability, inspection
    title: str  # a msgid
    subtitle: Text = NOTHING
    start: str  # ISO 8601
    end: str
    made: str
    timezone: str = "UTC"
    phase: str = "complete"  # complete, so_far, future, unwatched
    headline: tuple[Figure, ...] = ()
    sections: tuple[Section, ...] = ()
    notes: tuple[Text, ...] = ()

    def section(self, key: str) -> Section:
        return next(section for section in self.sections if section.key == key)


def seconds(length: timedelta) -> float:
    return length.total_seconds()


def moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


# ---------------------------------------------------------------- to JSON and back


def to_json(thing: Any) -> Any:
    """Dataclasses as objects, tuples as arrays; nothing is left out."""
    if is_dataclass(thing) and not isinstance(thing, type):
        return {each.name: to_json(getattr(thing, each.name)) for each in fields(thing)}
    if isinstance(thing, Mapping):
        return {str(key): to_json(value) for key, value in thing.items()}
    if isinstance(thing, tuple | list):
        return [to_json(each) for each in thing]
    return str(thing) if isinstance(thing, StrEnum) else thing


def from_json(body: Mapping[str, Any]) -> Document:
    """The inverse of `to_json` for a document. KeyError, TypeError or ValueError when it is none."""
    return Document(
        **_flat(body, "kind", "title", "start", "end", "made", "timezone", "phase"),
        subtitle=_text(body["subtitle"]),
        headline=tuple(map(_figure, body["headline"])),
        sections=tuple(map(_section, body["sections"])),
        notes=tuple(map(_text, body["notes"])),
    )


def _flat(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: body[name] for name in names}


def _text(body: Mapping[str, Any]) -> Text:
    msgid = body["text"]
    return Text(msgid, dict(body["values"]))


def _cell(body: Any) -> Cell:
    if not isinstance(body, Mapping):
        if body is None or isinstance(body, str | int | float):
            return body
        raise TypeError(f"{type(body).__name__} is no cell")
    if "spark" in body:
        return Spark(tuple(body["spark"]), body["low"], body["high"], body["limit"])
    if "strip" in body:
        return Strip(tuple((what, length) for what, length in body["strip"]))
    return _text(body)


def _figure(body: Mapping[str, Any]) -> Figure:
    return Figure(
        **_flat(body, "key", "label"),
        value=_cell(body["value"]),
        of=_cell(body["of"]),
        kind=Kind(body["kind"]),
        note=_text(body["note"]),
        tone=Tone(body["tone"]),
    )


def _section(body: Mapping[str, Any]) -> Section:
    return Section(
        **_flat(body, "key", "title"),
        intro=_text(body["intro"]),
        items=tuple(map(_item, body["items"])),
        tables=tuple(map(_table, body["tables"])),
        empty=_text(body["empty"]),
    )


def _item(body: Mapping[str, Any]) -> Item:
    return Item(
        **_flat(body, "label", "refers"), what=_text(body["what"]), why=_text(body["why"]), tone=Tone(body["tone"])
    )


def _table(body: Mapping[str, Any]) -> Table:
    return Table(
        **_flat(body, "key", "title", "left_out"),
        columns=tuple(Column(each["key"], each["title"], Kind(each["kind"]), each["unit"]) for each in body["columns"]),
        rows=tuple(Row(tuple(map(_cell, each["cells"])), Tone(each["tone"])) for each in body["rows"]),
        empty=_text(body["empty"]),
    )
