"""H3C and HPE Comware: HH3C-ENTITY-EXT-MIB, HH3C-LSW-DEV-ADM-MIB, HH3C-SYS-MAN-MIB."""

from collections.abc import Iterator

from agent.demo.mibs import rfc
from agent.demo.mibs.rfc import Entity
from agent.demo.mibs.table import Cell, Tag, oid
from agent.demo.state import Box

_STATE = oid("1.3.6.1.4.1.25506.2.6.1.1.1.1")
_FAN = oid("1.3.6.1.4.1.25506.8.35.9.1.1.1")
_POWER = oid("1.3.6.1.4.1.25506.8.35.9.1.2.1")
_CLOCK = oid("1.3.6.1.4.1.25506.2.3.1.1.1.0")
_CHASSIS, _BOARD, _SENSOR, _FANS, _SUPPLIES = 1, 2, 12, 20, 30
_NONE = 65535  # what Comware answers for a temperature that an entity does not have
_NORMAL, _FAN_ERROR, _SUPPLY_ERROR = 2, 41, 51  # hh3cEntityExtErrorStatus


def cells(box: Box) -> Iterator[Cell]:
    rows = list(_entities(box))
    yield from rfc.entities(rows)
    yield _CLOCK, Tag.STRING, lambda now: rfc.date_and_time(box.clock(now))
    for row in rows:
        yield from _state(box, row)
    for number, name in enumerate(box.hardware.fans, start=1):
        yield (*_FAN, 1, number), Tag.INTEGER, number
        yield (*_FAN, 2, number), Tag.INTEGER, 2 if name in box.dead_fans else 1  # active, deactive
    for number, name in enumerate(box.hardware.power_supplies, start=1):
        yield (*_POWER, 1, number), Tag.INTEGER, number
        yield (*_POWER, 2, number), Tag.INTEGER, 2 if name in box.dead_supplies else 1


def _entities(box: Box) -> Iterator[Entity]:
    it = box.hardware
    software = f"{it.version} Release {it.release}"
    yield Entity(
        index=_CHASSIS,
        name=it.title,
        kind=rfc.CHASSIS,
        serial=box.serial,
        model=it.model,
        software=software,
        maker="HP",
    )
    yield Entity(index=_BOARD, name="Board 1", kind=rfc.MODULE, parent=_CHASSIS, software=software, maker="HP")
    yield Entity(index=_SENSOR, name=it.sensors[0].name, kind=rfc.SENSOR, parent=_BOARD, maker="HP")
    for number, name in enumerate(it.fans):
        yield Entity(index=_FANS + number, name=name, kind=rfc.FAN, parent=_CHASSIS, maker="HP")
    for number, name in enumerate(it.power_supplies):
        yield Entity(index=_SUPPLIES + number, name=name, kind=rfc.POWER_SUPPLY, parent=_CHASSIS, maker="HP")


def _state(box: Box, row: Entity) -> Iterator[Cell]:
    board, sensor = row.index == _BOARD, row.index == _SENSOR
    error = _FAN_ERROR if row.name in box.dead_fans else _SUPPLY_ERROR if row.name in box.dead_supplies else _NORMAL
    yield (*_STATE, 2, row.index), Tag.INTEGER, 4  # unlocked
    yield (*_STATE, 3, row.index), Tag.INTEGER, 3 if error == _NORMAL else 2  # enabled, disabled
    yield (*_STATE, 6, row.index), Tag.INTEGER, box.cpu_pct if board else 0
    yield (*_STATE, 7, row.index), Tag.INTEGER, 90 if board else 0
    yield (*_STATE, 8, row.index), Tag.INTEGER, box.memory_pct if board else 0
    yield (*_STATE, 9, row.index), Tag.INTEGER, 90 if board else 0
    yield (*_STATE, 10, row.index), Tag.GAUGE, min(box.hardware.memory_mb * 2**20, 2**31 - 1) if board else 0
    yield (*_STATE, 11, row.index), Tag.INTEGER, lambda now: int(box.uptime(now)) if board else 0
    yield (*_STATE, 12, row.index), Tag.INTEGER, (lambda now: box.celsius(0, now)) if sensor else _NONE
    yield (*_STATE, 13, row.index), Tag.INTEGER, round(box.hardware.sensors[0].limit) if sensor else _NONE
    yield (*_STATE, 19, row.index), Tag.INTEGER, error
