"""Huawei VRP: HUAWEI-ENTITY-EXTENT-MIB. It has a row for every entity, with zeros where nothing is measured."""

from collections.abc import Iterator

from agent.demo.mibs import rfc
from agent.demo.mibs.rfc import Entity
from agent.demo.mibs.table import Cell, Tag, oid
from agent.demo.state import Box

_STATE = oid("1.3.6.1.4.1.2011.5.25.31.1.1.1.1")
_FAN = oid("1.3.6.1.4.1.2011.5.25.31.1.1.10.1")
_POWER = oid("1.3.6.1.4.1.2011.5.25.31.1.1.18.1")
_MODEL = oid("1.3.6.1.4.1.2011.5.25.31.6.5.0")
_CHASSIS, _BOARD, _FANS, _SUPPLIES, _PORTS = 67108867, 67108873, 67125260, 67190796, 67436622


def cells(box: Box) -> Iterator[Cell]:
    rows = list(_entities(box))
    yield from rfc.entities(rows)
    yield _MODEL, Tag.STRING, box.hardware.model
    for row in rows:
        yield from _state(box, row.index)
    for number, name in enumerate(box.hardware.fans, start=1):
        yield from _fan(number, name in box.dead_fans)
    for number, name in enumerate(box.hardware.power_supplies, start=1):
        yield from _power(number, name in box.dead_supplies)


def _entities(box: Box) -> Iterator[Entity]:
    it = box.hardware
    software = f"Version 5.170 {it.version}"
    board = it.sensors[0].name
    yield Entity(index=_CHASSIS, name=it.title, kind=rfc.CHASSIS, serial=box.serial, software=software, maker="Huawei")
    yield Entity(
        index=_BOARD, name=board, kind=rfc.MODULE, descr=f"Assembling Components,{it.model}", parent=_CHASSIS,
        serial=box.serial, model=it.model, software=software, maker="Huawei",
    )  # fmt: skip
    for number, name in enumerate(it.fans):
        yield Entity(index=_FANS + number, name=name, kind=rfc.FAN, parent=_CHASSIS, maker="Huawei")
    for number, name in enumerate(it.power_supplies):
        yield Entity(index=_SUPPLIES + number, name=name, kind=rfc.POWER_SUPPLY, parent=_CHASSIS, maker="Huawei")
    for port in box.ports.values():
        if port.physical:
            yield Entity(index=_PORTS + 64 * port.number, name=port.name, kind=rfc.PORT, parent=_BOARD, maker="Huawei")


def _state(box: Box, index: int) -> Iterator[Cell]:
    board = index == _BOARD
    used_total = box.hardware.memory_mb * 2**20
    yield (*_STATE, 1, index), Tag.INTEGER, 4  # unlocked
    yield (*_STATE, 2, index), Tag.INTEGER, 3  # enabled
    yield (*_STATE, 3, index), Tag.INTEGER, 4 if board else 1  # providingService, notSupported
    yield (*_STATE, 5, index), Tag.INTEGER, box.cpu_pct if board else 0
    yield (*_STATE, 6, index), Tag.INTEGER, 95 if board else 0
    yield (*_STATE, 7, index), Tag.INTEGER, box.memory_pct if board else 0
    yield (*_STATE, 8, index), Tag.INTEGER, 95 if board else 0
    yield (*_STATE, 9, index), Tag.INTEGER, min(used_total, 2**31 - 1) if board else 0
    yield (*_STATE, 10, index), Tag.INTEGER, lambda now: int(box.uptime(now)) if board else 0
    yield (*_STATE, 11, index), Tag.INTEGER, (lambda now: box.celsius(0, now)) if board else 0
    yield (*_STATE, 12, index), Tag.INTEGER, round(box.hardware.sensors[0].limit) if board else 0


def _fan(number: int, dead: bool) -> Iterator[Cell]:
    index = (0, number)  # slot, fan
    for column, value in ((1, 0), (2, number), (3, 1), (4, 1), (5, 0 if dead else 45), (6, 1), (7, 2 if dead else 1)):
        yield (*_FAN, column, *index), Tag.INTEGER, value  # 7: normal, abnormal


def _power(number: int, dead: bool) -> Iterator[Cell]:
    index = (0, number)
    for column, value in (
        (1, 0),
        (2, number),
        (3, 1),
        (4, 2),
        (5, 1),
        (6, 2 if dead else 1),
        (7, 0 if dead else 1450),
        (8, 12000),
    ):
        yield (*_POWER, column, *index), Tag.INTEGER, value  # 6: supply, notSupply; mA, mV
