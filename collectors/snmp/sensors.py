"""Tables shaped as ENTITY-SENSOR-MIB's (RFC 3433): a type, a power of ten, a precision, a value, a status."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from agent.observation import ComponentKind, Fact, Observation, Refusal, Subject
from collectors.snmp import values
from collectors.snmp.labels import Columns, Entities, Entity, unique
from collectors.snmp.session import Oid
from collectors.snmp.shapes import UNIT_RANGES, SensorTable

CELSIUS = 8
# EntitySensorDataType; 14 is CISCO-ENTITY-SENSOR-MIB's dBm
UNITS = {3: "V", 4: "V", 5: "A", 6: "W", 7: "Hz", 9: "%RH", 10: "rpm", 11: "m³/min", 14: "dBm"}
_WIDEST = (-1e7, 1e9)
_TEMPERATURES = (-50.0, 200.0)
_UNITS_SCALE = 9  # EntitySensorDataScale: 9 is 10⁰, each step is a factor of a thousand
_AMPERES, _RPM = 5, 10
_OK = 1
_GREATER = (3, 4)  # thresholds: greaterThan, greaterOrEqual
_LESS = (1, 2)  # lessThan, lessOrEqual
_SEVERE = (10, 20, 30)  # minor, major, critical: the limits are the least severe ones that make sense
_DARK = -60.0  # dBm of no light at all, which has no logarithm
_COLDEST_LIMIT = 15.0  # °C: a lower threshold above it is a hysteresis, not a frost
# 16 bits at their lowest; RFC 3433's underflow and overflow
_NO_READING = frozenset({*values.SENTINELS, -32768, -1000000000, 1000000000})
_KINDS = (ComponentKind.SENSOR, ComponentKind.TEMPERATURE)


@dataclass(frozen=True, slots=True)
class Sensor:
    """What of a sensor stays as it is: EntitySensorDataType, the factor from its raw value, its limits."""

    kind: int
    factor: float
    high: float | None = None
    low: float | None = None


Known = Mapping[Oid, Sensor | None]  # None: of a kind that is not told


def described(table: SensorTable, columns: Columns) -> dict[Oid, Sensor | None]:
    """Every sensor that has a value, and what can be kept of it while only values and states are asked."""
    limits = _limits(table, columns)
    return {index: _described(table, columns, index, limits) for index in columns[table.value].rows}


def _described(
    table: SensorTable, columns: Columns, index: Oid, limits: Mapping[Oid, tuple[float | None, float | None]]
) -> Sensor | None:
    kind = _integer(columns, table.type, index, 0)
    scale = _integer(columns, table.scale, index, _UNITS_SCALE)
    precision = _integer(columns, table.precision, index, 0)
    if (kind != CELSIUS and kind not in UNITS) or not 1 <= scale <= 17 or not -8 <= precision <= 9:
        return None
    factor = 10.0 ** (3 * (scale - _UNITS_SCALE) - precision)
    pair = tuple(None if raw is None else round(raw * factor, 9) for raw in limits.get(index, (None, None)))
    return Sensor(kind, factor, *_believed(kind, *pair))


def observations(
    device: str,
    table: SensorTable,
    known: Known,
    columns: Columns,
    entities: Entities,
    refused: list[Refusal] | None = None,
) -> Iterator[Observation]:
    readings = {
        index: reading for index in columns[table.value].rows if (reading := _reading(table, known, columns, index))
    }
    names = _names([index for index, sensor in known.items() if sensor], entities)  # of those that are silent too
    for index, (sensor, value) in readings.items():
        hot = sensor.kind == CELSIUS
        fact, unit = (Fact.CELSIUS, "") if hot else (Fact.SENSOR_VALUE, UNITS[sensor.kind])
        subject = Subject(device, _KINDS[hot], names[index])
        low, high = _TEMPERATURES if hot else UNIT_RANGES.get(unit, _WIDEST)
        if low <= value <= high:
            told = Observation(subject, fact, value, unit, sensor.high, sensor.low)
            yield from _light(table, told, entities.get(index[0])) if unit == "W" else (told,)
        elif refused is not None:
            raw = str(columns[table.value].rows[index])
            refused.append(Refusal(subject, fact, raw, f"{value:g} is not within {low:g} to {high:g}"))


def _names(indices: Iterable[Oid], entities: Entities) -> dict[Oid, str]:
    """Of sensors that stand at one place under one name (IOS XR), each is known by its description too."""
    names = {index: entities[index[0]].label if index[0] in entities else "" for index in indices}
    twice = {name for name, n in Counter(names.values()).items() if name and n > 1}
    for index, name in names.items():
        if name in twice and (descr := entities[index[0]].descr) not in ("", name):
            names[index] = f"{name} {descr}"
    return unique({index: name or f"sensor {index[0]}" for index, name in names.items()})


def _believed(kind: int, high: float | None, low: float | None) -> tuple[float | None, float | None]:
    """What agents put there instead of thresholds is left out.

    0 where nobody set any; where the fan slows down again; the speeds a fan should have now, of which its own state
    speaks; the load below which a power supply (not a laser) wastes power.
    """
    if kind == CELSIUS:
        high = high if high and 0 < high < _TEMPERATURES[1] else None
        low = low if low is not None and _TEMPERATURES[0] <= low <= _COLDEST_LIMIT else None
    elif kind == _RPM:
        return None, None
    elif high == 0 and UNITS[kind] != "dBm":
        high = None
    if kind == _AMPERES and low is not None and low >= 1:
        low = None
    return high, low


def _light(table: SensorTable, told: Observation, entity: Entity | None) -> Iterator[Observation]:
    """Optical power is told in dBm, by its limits too; where the table says so, the watts are told beside it."""
    what = f"{entity.name} {entity.descr}" if entity else told.subject.name
    if table.optical is None or not table.optical.search(what):
        yield told
        return
    if float(told.value) < 0:  # light is never less than none
        return
    subject = told.subject
    if table.watts:
        yield Observation(subject, told.fact, told.value, told.detail)  # one reading, one verdict: no limits
        subject = Subject(subject.device, subject.kind, f"{subject.name} (dBm)")
    limits = (None if not watts or watts < 0 else dbm(watts) for watts in (told.limit, told.low_limit))
    yield Observation(subject, told.fact, dbm(float(told.value)), "dBm", *limits)


def dbm(watts: float) -> float:
    return max(_DARK, round(10 * math.log10(watts * 1000), 3)) if watts > 0 else _DARK


def oids(table: SensorTable) -> tuple[Oid, ...]:
    limits = (table.limit_value, table.limit_relation, table.limit_severity, table.low_limit_value)
    return (table.type, table.scale, table.precision, *readings(table), *(oid for oid in limits if oid))


def readings(table: SensorTable) -> tuple[Oid, Oid]:
    """What changes from poll to poll."""
    return table.value, table.status


def _integer(columns: Columns, oid: Oid, index: Oid, default: int) -> int:
    value = columns[oid].rows.get(index)
    return value if isinstance(value, int) else default


def _reading(table: SensorTable, known: Known, columns: Columns, index: Oid) -> tuple[Sensor, float] | None:
    """None for what the device itself does not believe in."""
    sensor, raw = known.get(index), columns[table.value].rows[index]
    if _integer(columns, table.status, index, _OK) != _OK or not isinstance(raw, int) or raw in _NO_READING:
        return None
    return (sensor, round(raw * sensor.factor, 9)) if sensor else None


def _limits(table: SensorTable, columns: Columns) -> dict[Oid, tuple[float | None, float | None]]:
    """(high, low) by sensor, raw: the least severe thresholds that a rising and a falling value cross."""
    if not table.limit_value:
        return {}
    if not (table.limit_relation and table.limit_severity):
        return _plain_limits(table, columns)
    told: dict[Oid, dict[int, list[float | None]]] = {}
    for index, raw in columns[table.limit_value].rows.items():
        severity = _integer(columns, table.limit_severity, index, 0)
        relation = _integer(columns, table.limit_relation, index, 0)
        if severity not in _SEVERE or not isinstance(raw, int) or raw in _NO_READING:
            continue
        pair = told.setdefault(index[:1], {}).setdefault(severity, [None, None])
        if relation in _GREATER:
            pair[0] = float(raw) if pair[0] is None else min(pair[0], float(raw))
        elif relation in _LESS:
            pair[1] = float(raw) if pair[1] is None else max(pair[1], float(raw))
    return {index: _least_severe(by_severity) for index, by_severity in told.items()}


def _least_severe(by_severity: Mapping[int, list[float | None]]) -> tuple[float | None, float | None]:
    """A pair whose upper threshold is not above its lower one was never set: the next severity is asked."""
    high: float | None = None
    low: float | None = None
    for severity in _SEVERE:
        above, below = by_severity.get(severity, (None, None))
        if above is None or below is None or above > below:
            high, low = (above if high is None else high), (below if low is None else low)
    return high, low


def _plain_limits(table: SensorTable, columns: Columns) -> dict[Oid, tuple[float | None, float | None]]:
    """Thresholds in columns beside the sensor, one for each direction."""
    sides: list[dict[Oid, float]] = []
    for oid in (table.limit_value, table.low_limit_value):
        rows = columns[oid].rows if oid else {}
        sides.append({i: float(v) for i, v in rows.items() if isinstance(v, int) and v not in (*_NO_READING, 0)})
    return {index: (sides[0].get(index), sides[1].get(index)) for index in {**sides[0], **sides[1]}}
