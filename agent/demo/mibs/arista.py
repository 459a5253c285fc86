"""Arista EOS: HOST-RESOURCES-MIB, ENTITY-SENSOR-MIB with ARISTA-ENTITY-SENSOR-MIB's thresholds, ENTITY-STATE-MIB."""

import math
from collections.abc import Iterator

from agent.demo.mibs import rfc
from agent.demo.mibs.rfc import Entity
from agent.demo.mibs.table import Cell, Tag, oid
from agent.demo.state import Box

_THRESHOLD = oid("1.3.6.1.4.1.30065.3.12.1.1.1")
_STATE = oid("1.3.6.1.2.1.131.1.1.1")
_TEMPERATURE, _FAN, _SUPPLY = 100006001, 100601000, 100711000
_CELSIUS, _RPM, _UNITS = 8, 10, 9  # EntitySensorDataType, EntitySensorDataScale
_NO_LIMIT = -1000000000
_ENABLED, _DISABLED = 3, 2  # EntityOperState


def cells(box: Box) -> Iterator[Cell]:
    yield from rfc.entities(_entities(box))
    yield from rfc.host_clock(box)
    yield from rfc.processors((number, box.cpu_pct) for number in (1, 2, 3))
    yield from _memory(box)
    for number, sensor in enumerate(box.hardware.sensors):
        yield from _temperature(box, number, sensor.limit)
    for number, name in enumerate(box.hardware.fans):
        dead = name in box.dead_fans
        yield from rfc.sensor(_fan(number) + 11, _RPM, _UNITS, 0, _still if dead else _turning, "RPM")
        yield from _state(_fan(number) + 10, dead)
    for number, name in enumerate(box.hardware.power_supplies):
        yield from _state(_SUPPLY + 10000 * number, name in box.dead_supplies)


def _still(_now: float) -> int:
    return 0


def _turning(now: float) -> int:
    return round(8400 + 60 * math.sin(now / 9))


def _fan(number: int) -> int:
    """entPhysicalIndex of the fan tray; its fan is 10, and the fan's sensor 11 further."""
    return _FAN + 1000 * number + 100


def _entities(box: Box) -> Iterator[Entity]:
    it = box.hardware
    yield Entity(
        index=1, name="", kind=rfc.CHASSIS, descr=it.title, serial=box.serial, model=it.model, software=it.version,
        maker="Arista Networks",
    )  # fmt: skip
    for number, sensor in enumerate(it.sensors):
        yield Entity(index=_TEMPERATURE + number, name="", kind=rfc.SENSOR, descr=sensor.name, parent=1)
    for number, name in enumerate(it.fans):
        tray = _fan(number)
        yield Entity(index=tray, name="", kind=rfc.CONTAINER, descr=name.rpartition(" Fan")[0], parent=1)
        yield Entity(index=tray + 10, name="", kind=rfc.FAN, descr=name, parent=tray)
        yield Entity(index=tray + 11, name="", kind=rfc.SENSOR, descr=f"{name} Sensor 1", parent=tray + 10)
    for number, name in enumerate(it.power_supplies):
        yield Entity(index=_SUPPLY + 10000 * number, name="", kind=rfc.POWER_SUPPLY, descr=name, parent=1)


def _memory(box: Box) -> Iterator[Cell]:
    """EOS counts buffers and cache as used, and tells them in rows of their own."""
    total = box.hardware.memory_mb * 1024  # kB

    def really(now: float) -> int:
        return total * box.memory_pct(now) // 100

    def buffers(now: float) -> int:
        return min(total * 3 // 100, (total - really(now)) // 5)

    def cache(now: float) -> int:
        return min(total * 30 // 100, (total - really(now)) // 2)

    yield from rfc.storage(
        (
            (1, "2", "RAM", 1024, total, lambda now: really(now) + buffers(now) + cache(now)),
            (2, "2", "RAM (Buffers)", 1024, total, buffers),
            (3, "2", "RAM (Cache)", 1024, total, cache),
            (4, "9", "Flash", 4096, 386808, 375000 if box.full else 210387),
            (5, "3", "Tmp", 4096, 16384, 156),
        )
    )


def _temperature(box: Box, number: int, limit: float) -> Iterator[Cell]:
    index = _TEMPERATURE + number
    yield from rfc.sensor(index, _CELSIUS, _UNITS, 1, lambda now: box.celsius(number, now) * 10, "Celsius")
    yield (*_THRESHOLD, 1, index), Tag.INTEGER, _NO_LIMIT
    yield (*_THRESHOLD, 2, index), Tag.INTEGER, _NO_LIMIT
    yield (*_THRESHOLD, 3, index), Tag.INTEGER, round(limit * 10)
    yield (*_THRESHOLD, 4, index), Tag.INTEGER, round(limit * 10) + 100


def _state(index: int, dead: bool) -> Iterator[Cell]:
    yield (*_STATE, 2, index), Tag.INTEGER, 4  # unlocked
    yield (*_STATE, 3, index), Tag.INTEGER, _DISABLED if dead else _ENABLED
    yield (*_STATE, 5, index), Tag.STRING, b"\x20" if dead else b"\x00"  # entStateAlarm: critical, none
    yield (*_STATE, 6, index), Tag.INTEGER, 3  # providingService
