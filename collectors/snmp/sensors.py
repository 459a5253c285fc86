"""Tables shaped as ENTITY-SENSOR-MIB's (RFC 3433): a type, a power of ten, a precision, a value, a status."""

from collections.abc import Iterator

from agent.observation import ComponentKind, Fact, Observation, Subject
from collectors.snmp import values
from collectors.snmp.profiles import SensorTable
from collectors.snmp.rows import Columns, Entities, unique
from collectors.snmp.session import Oid

CELSIUS = 8
# EntitySensorDataType; 14 is CISCO-ENTITY-SENSOR-MIB's dBm
UNITS = {3: "V", 4: "V", 5: "A", 6: "W", 7: "Hz", 9: "%RH", 10: "rpm", 11: "m³/min", 14: "dBm"}
_BOUNDS = {"dBm": (-60.0, 40.0), "rpm": (0.0, 100_000.0), "V": (-1000.0, 1000.0), "%RH": (0.0, 100.0)}
_UNITS_SCALE = 9  # EntitySensorDataScale: 9 is 10⁰, each step is a factor of a thousand
_OK = 1
_GREATER = (3, 4)  # thresholds: greaterThan, greaterOrEqual
_SEVERE = {10: 0, 20: 1, 30: 2}  # minor, major, critical: the limit is the least severe high one


def observations(device: str, table: SensorTable, columns: Columns, entities: Entities) -> Iterator[Observation]:
    readings = {index: reading for index in columns[table.value].rows if (reading := _reading(table, columns, index))}
    names = {index: entities[index[0]].label if index[0] in entities else "" for index in readings}
    names = unique({index: name or f"sensor {index[0]}" for index, name in names.items()})
    limits = _limits(table, columns)
    for index, (kind, value, factor) in readings.items():
        limit = limits[index] * factor if index in limits else None
        if kind == CELSIUS:
            if -50 <= value <= 200:
                subject = Subject(device, ComponentKind.TEMPERATURE, names[index])
                yield Observation(subject, Fact.CELSIUS, value, "", limit if limit and 0 < limit < 200 else None)
            continue
        unit = UNITS[kind]
        low, high = _BOUNDS.get(unit, (-1e7, 1e9))
        if low <= value <= high:
            yield Observation(
                Subject(device, ComponentKind.SENSOR, names[index]), Fact.SENSOR_VALUE, value, unit, limit
            )


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


def _limits(table: SensorTable, columns: Columns) -> dict[Oid, float]:
    """By sensor: the lowest of the least severe thresholds that a rising value crosses."""
    if table.limit_value and not (table.limit_relation and table.limit_severity):
        column = columns[table.limit_value].rows
        return {
            i: float(raw) for i, raw in column.items() if isinstance(raw, int) and raw not in (*values.SENTINELS, 0)
        }
    if not (table.limit_value and table.limit_relation and table.limit_severity):
        return {}
    found: dict[Oid, tuple[int, float]] = {}
    for index, raw in columns[table.limit_value].rows.items():
        severity = _SEVERE.get(_integer(columns, table.limit_severity, index, 0))
        greater = _integer(columns, table.limit_relation, index, 0) in _GREATER
        if severity is not None and greater and isinstance(raw, int) and raw not in values.SENTINELS:
            sensor = index[:1]
            found[sensor] = min(found.get(sensor, (9, 0.0)), (severity, float(raw)))
    return {index: limit for index, (_, limit) in found.items()}
