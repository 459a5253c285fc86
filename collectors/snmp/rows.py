"""From the columns that were read to observations, by what a table of a profile says."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from agent.observation import ComponentKind, Fact, Observation, Subject
from agent.observation import Value as FactValue
from collectors.snmp import values
from collectors.snmp.profiles import Label, Reading, Table, Where
from collectors.snmp.session import Oid
from collectors.snmp.walk import Column, Value

Columns = Mapping[Oid, Column]
_STATE_UNKNOWN = "unknown"
_BIG = 2**64  # no SNMP type holds more
_LIMITED = frozenset({Fact.CELSIUS, Fact.USAGE, Fact.SENSOR_VALUE})


@dataclass(frozen=True, slots=True)
class Entity:
    """A row of ENTITY-MIB's entPhysicalTable (RFC 6933)."""

    name: str = ""
    descr: str = ""
    kind: int = 0  # entPhysicalClass: 3 chassis, 6 powerSupply, 7 fan, 8 sensor, 9 module, 11 stack, 12 cpu
    inside: int = 0  # entPhysicalContainedIn
    hardware: str = ""
    firmware: str = ""
    software: str = ""
    serial: str = ""
    model: str = ""

    @property
    def label(self) -> str:
        return self.name or self.descr


Entities = Mapping[int, Entity]


def observations(device: str, table: Table, columns: Columns, entities: Entities) -> Iterator[Observation]:
    """Every fact of every row that counts; what must not be believed is left out."""
    names = labels(table, columns, entities)
    subjects = {index: Subject(device, table.kind, name) for index, name in names.items()}
    limits = dict(_numbers(table.limit, columns)) if table.limit else {}
    for fact, reading in table.facts.items():
        if reading.form == "index":
            yield from (Observation(subject, fact, index[0]) for index, subject in subjects.items())
        elif fact in _LIMITED and limits:
            for index, (value, detail) in _read(reading, columns):
                if index in subjects:
                    yield Observation(subjects[index], fact, value, detail, limits.get(index))
        else:
            for index, (value, detail) in _read(reading, columns):
                if index in subjects:
                    yield Observation(subjects[index], fact, value, detail)
    if table.used or table.free:
        yield from _shares(table, columns, subjects)


def labels(table: Table, columns: Columns, entities: Entities) -> dict[Oid, str]:
    """The name of each row that counts; two rows of one name both get their index behind it."""
    found: dict[Oid, str] = {}
    for index in _indices(table, columns):
        if table.where is None or _counts(table.where, index, columns, entities):
            found[index] = _label(table.label, table.kind, index, columns, entities)
    if table.where and table.where.unnamed:
        found = {index: name for index, name in found.items() if not table.where.unnamed.search(name)}
    return unique(found)


def unique(names: Mapping[Oid, str]) -> dict[Oid, str]:
    twice = {name for name, n in Counter(names.values()).items() if n > 1}
    return {i: f"{name} #{'.'.join(map(str, i))}" if name in twice else name for i, name in names.items()}


def _indices(table: Table, columns: Columns) -> list[Oid]:
    """In the order of the table. Interfaces count by their names too, so that a name is the same in every tier."""
    oids = [source[0] for reading in table.readings() for source in reading.sources]
    oids += table.label.oids if table.kind is ComponentKind.INTERFACE else ()
    return sorted({index for oid in oids if oid in columns for index in columns[oid].rows})


def _label(label: Label, kind: ComponentKind, index: Oid, columns: Columns, entities: Entities) -> str:
    for oid in label.oids:
        if oid in columns and (name := values.text(columns[oid].rows.get(index))):
            return name
    if label.entity:
        at: Value | None = index[0]
        if label.entity_oid:
            at = columns[label.entity_oid].rows.get(index) if label.entity_oid in columns else None
        if isinstance(at, int) and at in entities and entities[at].label:
            return entities[at].label
    if label.oids or label.format == "{index}":
        return f"{kind} {'.'.join(map(str, index))}"
    parts = {"index": ".".join(map(str, index)), "first": str(index[0]), "last": str(index[-1])}
    parts |= {"ip": values.address(index[-4:]), "inet": values.inet_index(index), "peer": values.last_address(index)}
    return label.format.format(**parts) or f"{kind} {parts['index']}"


def _counts(where: Where, index: Oid, columns: Columns, entities: Entities) -> bool:
    if where.index and index[0] not in where.index:
        return False
    if where.entity and (index[0] not in entities or entities[index[0]].kind not in where.entity):
        return False
    if where.oid is None:
        return True
    word = values.text(columns[where.oid].rows.get(index)) if where.oid in columns else ""
    return bool(where.matches.search(word)) if where.matches else word in where.values


def _read(reading: Reading, columns: Columns) -> Iterator[tuple[Oid, tuple[FactValue, str]]]:
    """(index, (value, own word)) of each believable value; a later source fills an earlier one's gaps."""
    seen: set[Oid] = set()
    for oid, factor in reading.sources:
        if oid not in columns:
            continue
        rows = columns[oid].rows
        if (
            reading.form == "int" and factor == 1 and not reading.reject and reading.low is None
        ):  # counters: most of all
            yield from [
                (i, (raw, ""))
                for i, raw in rows.items()
                if isinstance(raw, int) and -_BIG <= raw < _BIG and i not in seen
            ]
            seen.update(rows)
            continue
        for index, raw in rows.items():
            if index not in seen and (value := convert(reading, raw, factor)) is not None:
                seen.add(index)
                yield index, value


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
    if form == "date":
        return (date, "") if (date := values.date(raw)) else None
    number = values.number(raw)
    if (
        number is None
        or abs(number) >= _BIG
        or number in reading.reject
        or (form == "float" and number in values.SENTINELS)
    ):
        return None
    number = number * factor + reading.offset
    if (reading.low is not None and number < reading.low) or (reading.high is not None and number > reading.high):
        return None
    return (int(number) if form == "int" else round(number, 3)), ""


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
        for index, (value, _) in _read(reading, columns):
            if isinstance(value, int | float):
                yield index, float(value)


def _shares(table: Table, columns: Columns, subjects: Mapping[Oid, Subject]) -> Iterator[Observation]:
    """used_pct and total_bytes from two of used, free, total."""
    used, free = dict(_numbers(table.used, columns)), dict(_numbers(table.free, columns))
    total, units = dict(_numbers(table.total, columns)), dict(_numbers(table.units, columns))
    for index, subject in subjects.items():
        whole = total.get(index) or used.get(index, 0.0) + free.get(index, 0.0)
        part = used.get(index) if index in used else whole - free.get(index, whole)
        if whole > 0 and part is not None and 0 <= part <= whole and (index in used or index in free):
            yield Observation(subject, Fact.USED, round(100 * part / whole, 2))
            if whole > 100:  # some agents tell percents where bytes belong
                yield Observation(subject, Fact.TOTAL_BYTES, int(whole * units.get(index, 1)))
