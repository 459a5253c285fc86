"""Tables shaped as ENTITY-SENSOR-MIB's (RFC 3433): a type, a power of ten, a precision, a value, a status."""

from collections.abc import Iterator

from agent.observation import ComponentKind, Fact, Observation, Refusal, Subject
from collectors.snmp import values
from collectors.snmp.profiles import UNIT_RANGES, SensorTable
from collectors.snmp.rows import Columns, Entities, unique
from collectors.snmp.session import Oid

CELSIUS = 8
# EntitySensorDataType; 14 is CISCO-ENTITY-SENSOR-MIB's dBm
UNITS = {3: "V", 4: "V", 5: "A", 6: "W", 7: "Hz", 9: "%RH", 10: "rpm", 11: "m³/min", 14: "dBm"}
_WIDEST = (-1e7, 1e9)
_TEMPERATURES = (-50.0, 200.0)
_UNITS_SCALE = 9  # EntitySensorDataScale: 9 is 10⁰, each step is a factor of a thousand
_OK = 1
_GREATER = (3, 4)  # thresholds: greaterThan, greaterOrEqual
_LESS = (1, 2)  # lessThan, lessOrEqual
_SEVERE = {10: 0, 20: 1, 30: 2}  # minor, major, critical: the limits are the least severe ones


def observations(
    device: str, table: SensorTable, columns: Columns, entities: Entities, refused: list[Refusal] | None = None
) -> Iterator[Observation]:
    readings = {index: reading for index in columns[table.value].rows if (reading := _reading(table, columns, index))}
    names = {index: entities[index[0]].label if index[0] in entities else "" for index in readings}
    names = unique({index: name or f"sensor {index[0]}" for index, name in names.items()})
    limits, lows = _limits(table, columns)
    for index, (kind, value, factor) in readings.items():
        hot = kind == CELSIUS
        fact, unit = (Fact.CELSIUS, "") if hot else (Fact.SENSOR_VALUE, UNITS[kind])
        subject = Subject(device, ComponentKind.TEMPERATURE if hot else ComponentKind.SENSOR, names[index])
        low, high = _TEMPERATURES if hot else UNIT_RANGES.get(unit, _WIDEST)
        if low <= value <= high:
            limit, least = (of[index] * factor if index in of else None for of in (limits, lows))
            if hot and not (limit and 0 < limit < high):
                limit = None
            yield Observation(subject, fact, value, unit, limit, least)
        elif refused is not None:
            raw = str(columns[table.value].rows[index])
            refused.append(Refusal(subject, fact, raw, f"{value:g} is not within {low:g} to {high:g}"))


def oids(table: SensorTable) -> tuple[Oid, ...]:
    limits = (table.limit_value, table.limit_relation, table.limit_severity)
    return (table.type, table.scale, table.precision, table.value, table.status, *(oid for oid in limits if oid))


def _integer(columns: Columns, oid: Oid, index: Oid, default: int) -> int:
    value = columns[oid].rows.get(index)
    return value if isinstance(value, int) else default


def _reading(table: SensorTable, columns: Columns, index: Oid) -> tuple[int, float, float] | None:
    """(type, value, factor from raw); None for what the device itself does not believe in."""
    kind = _integer(columns, table.type, index, 0)
    raw = columns[table.value].rows[index]
    if _integer(columns, table.status, index, _OK) != _OK or not isinstance(raw, int) or raw in values.SENTINELS:
        return None
    if kind != CELSIUS and kind not in UNITS:
        return None
    scale = _integer(columns, table.scale, index, _UNITS_SCALE)
    precision = _integer(columns, table.precision, index, 0)
    if not 1 <= scale <= 17 or not -8 <= precision <= 9:
        return None
    factor = 10.0 ** (3 * (scale - _UNITS_SCALE) - precision)
    return kind, round(raw * factor, 6), factor


def _limits(table: SensorTable, columns: Columns) -> tuple[dict[Oid, float], dict[Oid, float]]:
    """(high, low) by sensor: the least severe thresholds that a rising and a falling value cross."""
    if table.limit_value and not (table.limit_relation and table.limit_severity):
        column = columns[table.limit_value].rows
        plain = {i: float(v) for i, v in column.items() if isinstance(v, int) and v not in (*values.SENTINELS, 0)}
        return plain, {}
    if not (table.limit_value and table.limit_relation and table.limit_severity):
        return {}, {}
    high: dict[Oid, tuple[int, float]] = {}
    low: dict[Oid, tuple[int, float]] = {}
    for index, raw in columns[table.limit_value].rows.items():
        severity = _SEVERE.get(_integer(columns, table.limit_severity, index, 0))
        relation = _integer(columns, table.limit_relation, index, 0)
        if severity is None or not isinstance(raw, int) or raw in values.SENTINELS:
            continue
        if relation in _GREATER:
            high[index[:1]] = min(high.get(index[:1], (9, 0.0)), (severity, float(raw)))
        elif relation in _LESS:
            known, lowest = low.get(index[:1], (9, 0.0))
            if (severity, -raw) < (known, -lowest):
                low[index[:1]] = (severity, float(raw))
    return {i: limit for i, (_, limit) in high.items()}, {i: limit for i, (_, limit) in low.items()}
