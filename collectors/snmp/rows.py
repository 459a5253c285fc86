"""From the columns that were read to observations, by what a table of a profile says."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from agent.observation import Fact, Observation, Refusal, Subject
from agent.observation import Value as FactValue
from collectors.snmp import values
from collectors.snmp.labels import Columns, Entities, Interfaces, labels
from collectors.snmp.session import Oid
from collectors.snmp.shapes import Reading, Table
from collectors.snmp.walk import Value

_STATE_UNKNOWN = "unknown"
NARROW = "32"  # the detail of a counter of 32 bits, which may come round
_BIG = 2**64  # no SNMP type holds more
_LIMITED = frozenset({Fact.CELSIUS, Fact.USAGE, Fact.SENSOR_VALUE})
_new = tuple.__new__  # what Observation(…) comes to, without its Python call: this runs for every value of every poll

Doubt = tuple[Oid, Value, str]  # a value that is not believed: its index, what stood on the wire, why


def observations(
    device: str,
    table: Table,
    columns: Columns,
    entities: Entities,
    interfaces: Interfaces | None = None,
    refused: list[Refusal] | None = None,
) -> Iterator[Observation]:
    """Every fact of every row that counts; what must not be believed is left out, and told in `refused`."""
    names = labels(table, columns, entities, interfaces)
    subjects = {index: Subject(device, table.kind, name) for index, name in names.items()}
    limits = dict(_numbers(table.limit, columns)) if table.limit else {}
    lows = dict(_numbers(table.low_limit, columns)) if table.low_limit else {}
    for fact, reading in table.facts.items():
        if reading.form == "index":
            yield from [Observation(subject, fact, index[0]) for index, subject in subjects.items()]
            continue
        doubts: list[Doubt] = []
        told = _read(reading, columns, doubts)
        if fact in _LIMITED and (limits or lows):
            yield from [
                Observation(subject, fact, value, detail, limits.get(index), lows.get(index))
                for index, (value, detail) in told.items()
                if (subject := subjects.get(index))
            ]
        else:
            yield from [
                _new(Observation, (subject, fact, value, detail, None, None))
                for index, (value, detail) in told.items()
                if (subject := subjects.get(index))
            ]
        if doubts and refused is not None:
            refused += [
                Refusal(subjects[i], fact, values.text(raw)[:64], why) for i, raw, why in doubts if i in subjects
            ]
    if table.used or table.free:
        yield from _shares(table, columns, subjects)


def second_tellings(
    observed: Iterable[Observation], found: Mapping[tuple[Subject, Fact], Observation], named: str
) -> Iterator[Observation]:
    """What another table says of parts that are known by the same name: under a name of its own.

    A part that has failed by both, or was pulled, is one fault, not two; nor is its second name missing then.
    """
    for one in observed:
        known = found.get((one.subject, one.fact))
        if known is None:
            yield one
            continue
        subject = Subject(one.subject.device, one.subject.kind, named.format(name=one.subject.name))
        told_twice = one.fact is Fact.STATE and known.value == one.value in ("failed", "absent")
        value = _STATE_UNKNOWN if told_twice else one.value
        yield Observation(subject, one.fact, value, one.detail, one.limit, one.low_limit)


Told = dict[Oid, tuple[FactValue, str]]  # by index: the value, and the device's own word or the unit


def _read(reading: Reading, columns: Columns, doubts: list[Doubt] | None = None) -> Told:
    """Each believable value; a later source fills an earlier one's gaps."""
    if reading.others:
        return _first_known((reading, *reading.others), columns)
    found: Told = {}
    for oid, factor in reading.sources:
        if oid in columns:
            rows = columns[oid].rows
            more = _counters(reading, oid, rows) if reading.plain(factor) else _converted(reading, rows, factor, doubts)
            found = {**more, **found} if found else more
    if reading.zero in columns:
        zeros = columns[reading.zero].rows
        found |= {index: (0, reading.unit) for index, raw in zeros.items() if raw == 0 and index not in found}
    return found


def _counters(reading: Reading, oid: Oid, rows: Mapping[Oid, Value]) -> Told:
    """Most of all that is read: taken as it is."""
    width = NARROW if oid in reading.narrow else ""
    return {i: (raw, width) for i, raw in rows.items() if isinstance(raw, int) and -_BIG <= raw < _BIG}


def _converted(reading: Reading, rows: Mapping[Oid, Value], factor: float, doubts: list[Doubt] | None) -> Told:
    found: Told = {}
    known: dict[Value, tuple[FactValue, str] | None] = {}  # a column of states holds few different ones
    for index, raw in rows.items():
        try:
            value = known[raw]
        except KeyError:
            value = known[raw] = convert(reading, raw, factor)
        if value is not None:
            found[index] = value
        elif doubts is not None and (why := doubt(reading, raw, factor)):
            doubts.append((index, raw, why))
    return found


def _first_known(choices: tuple[Reading, ...], columns: Columns) -> Told:
    """The word of the first reading that knows one; `unknown` with the last one's own word where none does."""
    told: dict[Oid, list[tuple[Reading, Value]]] = {}
    for reading in choices:
        for oid, _ in reading.sources:
            for index, raw in columns[oid].rows.items() if oid in columns else ():
                told.setdefault(index, []).append((reading, raw))
    found: Told = {}
    for index, read in told.items():
        known = (reading.words.get(values.text(raw)) for reading, raw in read)
        if word := next(filter(None, known), None) or _word(*read[-1]):
            found[index] = word
    return found


def convert(reading: Reading, raw: Value, factor: float) -> tuple[FactValue, str] | None:
    """None for what must not be believed."""
    form = reading.form
    if form == "word":
        return _word(reading, raw)
    if form == "text":
        text = values.text(raw)
        return (text, "") if text else None
    if form == "mac":
        return (mac, "") if (mac := values.mac(raw)) else None
    if form == "address":
        return (address, "") if isinstance(raw, bytes) and (address := values.address(raw)) else None
    if form == "date":
        return (date, "") if (date := values.date(raw)) else None
    if form == "expiry":
        return (end, "") if (end := values.expiry(raw)) else None
    number = _number(reading, raw)
    if (
        number is None
        or abs(number) >= _BIG
        or number in reading.reject
        or (form == "float" and number in values.SENTINELS)
    ):
        return None
    number = _scaled(reading, number, factor)
    if (reading.low is not None and number < reading.low) or (reading.high is not None and number > reading.high):
        return None
    digits = 6 if reading.unit == "A" else 3  # a laser takes milliamperes
    return (int(number) if form == "int" else round(number, digits)), reading.unit


def doubt(reading: Reading, raw: Value, factor: float) -> str:
    """Why a number is no reading; empty where the device only says that there is none."""
    number = _number(reading, raw)
    if reading.form not in ("int", "float") or number is None or number in reading.reject:
        return ""
    if abs(number) >= _BIG or (reading.form == "float" and number in values.SENTINELS):
        return "a value that agents give where there is nothing to read"
    number = _scaled(reading, number, factor)
    return (
        f"{number:g} is not within {reading.low:g} to {reading.high:g}"
        if None not in (reading.low, reading.high)
        else f"{number:g} is impossible"
    )


def _number(reading: Reading, raw: Value) -> float | None:
    if reading.match is None:
        return values.number(raw)
    found = reading.match.search(values.text(raw))
    return values.number(found[1].encode()) if found else None


def _scaled(reading: Reading, number: float, factor: float) -> float:
    number = number * factor + reading.offset
    if reading.milliwatts:
        return 10 * math.log10(number) if number > 0 else -math.inf
    return number


def _word(reading: Reading, raw: Value) -> tuple[FactValue, str] | None:
    """A word that the data file does not know is `unknown` where states are told, and nothing elsewhere."""
    key = values.text(raw)
    known = reading.words.get(key)
    if known:
        return known
    states = any(ours in ("ok", "failed") for ours, _ in reading.words.values())
    return (_STATE_UNKNOWN, key) if states and key else None


def _numbers(reading: Reading | None, columns: Columns) -> Iterator[tuple[Oid, float]]:
    if reading is not None and reading.add:
        parts = [dict(_numbers(replace(reading, sources=(s,), add=False), columns)) for s in reading.sources]
        for index in {index for part in parts for index in part}:
            yield index, sum(part.get(index, 0.0) for part in parts)
    elif reading is not None:
        for index, (value, _) in _read(reading, columns).items():
            if isinstance(value, int | float):
                yield index, float(value)


def _parts(reading: Reading | None, columns: Columns, rows: Iterable[Oid]) -> dict[Oid, float]:
    """A number for each row: its own, or the sum of the rows that `at` names."""
    found = dict(_numbers(reading, columns))
    if reading is None or not reading.at:
        return found
    named = [found[index] for index in reading.at if index in found]
    return dict.fromkeys(rows, sum(named)) if named else {}


def _shares(table: Table, columns: Columns, subjects: Mapping[Oid, Subject]) -> Iterator[Observation]:
    """used_pct and total_bytes from two of used, free, total."""
    parts = (table.used, table.free, table.total, table.units, table.less)
    used, free, total, units, less = (_parts(reading, columns, subjects) for reading in parts)
    needed = 1 if table.reclaimable else 2  # one number alone says nothing of the others; here nobody is alarmed by it
    detail = "reclaimable" if table.reclaimable else ""
    for index, subject in subjects.items():
        whole = total.get(index) or used.get(index, 0.0) + free.get(index, 0.0)
        part = used.get(index) if index in used else whole - free.get(index, whole)
        if part is not None and part >= less.get(index, 0.0):
            part -= less.get(index, 0.0)
        told = sum(index in known for known in (used, free, total)) >= needed
        if told and whole > 0 and part is not None and 0 <= part <= whole:
            yield Observation(subject, Fact.USED, round(100 * part / whole, 2), detail)
            if whole > 100:  # some agents tell percents where bytes belong
                yield Observation(subject, Fact.TOTAL_BYTES, int(whole * units.get(index, 1)))
