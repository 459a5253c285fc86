"""Cisco IOS and IOS-XE: CISCO-PROCESS-MIB, CISCO-MEMORY-POOL-MIB, CISCO-ENHANCED-MEMPOOL-MIB, CISCO-ENVMON-MIB."""

from collections.abc import Iterator
from functools import partial

from agent.demo.mibs import rfc
from agent.demo.mibs.rfc import Entity
from agent.demo.mibs.table import Cell, Tag, oid
from agent.demo.state import Box

_CPU = oid("1.3.6.1.4.1.9.9.109.1.1.1.1")
_POOL = oid("1.3.6.1.4.1.9.9.48.1.1.1")
_ENHANCED = oid("1.3.6.1.4.1.9.9.221.1.1.1.1")
_ENVMON = oid("1.3.6.1.4.1.9.9.13.1")
_NORMAL, _CRITICAL, _NOT_FUNCTIONING = 1, 3, 6  # CiscoEnvMonState


def cells(box: Box) -> Iterator[Cell]:
    yield from rfc.entities(_entities(box))
    yield from _cpu(box)
    yield from _memory(box)
    yield from _environment(box)


def _entities(box: Box) -> Iterator[Entity]:
    it = box.hardware
    yield Entity(
        index=1, name="Chassis" if it.platform == "cisco_xe" else "1", kind=rfc.CHASSIS, descr=it.title,
        serial=box.serial, model=it.model, software=it.version, maker="Cisco Systems Inc",
    )  # fmt: skip
    for number, name in enumerate(it.power_supplies):
        yield Entity(index=10 + number, name=name, kind=rfc.POWER_SUPPLY, parent=1)
    for number, name in enumerate(it.fans):
        yield Entity(index=20 + number, name=name, kind=rfc.FAN, parent=1)
    for number, sensor in enumerate(it.sensors):
        yield Entity(index=40 + number, name=sensor.name, kind=rfc.SENSOR, parent=1)


def _cpu(box: Box) -> Iterator[Cell]:
    yield (*_CPU, 2, 1), Tag.INTEGER, 0
    for number in (3, 4, 5, 6, 7, 8):  # 5 s, 1 min, 5 min: the old columns, then those that replaced them
        yield (*_CPU, number, 1), Tag.GAUGE, box.cpu_pct


def _memory(box: Box) -> Iterator[Cell]:
    def used(now: float) -> int:
        return box.memory_bytes(now)[0]

    def free(now: float) -> int:
        return box.memory_bytes(now)[1] - box.memory_bytes(now)[0]

    yield (*_POOL, 2, 1), Tag.STRING, "Processor"
    yield (*_POOL, 3, 1), Tag.INTEGER, 0
    yield (*_POOL, 4, 1), Tag.INTEGER, 1
    yield (*_POOL, 5, 1), Tag.GAUGE, used
    yield (*_POOL, 6, 1), Tag.GAUGE, free
    yield (*_POOL, 7, 1), Tag.GAUGE, lambda now: free(now) * 9 // 10
    if box.hardware.platform == "cisco_xe":
        yield (*_ENHANCED, 2, 1, 1), Tag.INTEGER, 2  # processorMemory
        yield (*_ENHANCED, 3, 1, 1), Tag.STRING, "Processor"
        yield (*_ENHANCED, 6, 1, 1), Tag.INTEGER, 1
        yield (*_ENHANCED, 7, 1, 1), Tag.GAUGE, used
        yield (*_ENHANCED, 8, 1, 1), Tag.GAUGE, free
        yield (*_ENHANCED, 18, 1, 1), Tag.COUNTER64, used
        yield (*_ENHANCED, 20, 1, 1), Tag.COUNTER64, free


def _environment(box: Box) -> Iterator[Cell]:
    for number, sensor in enumerate(box.hardware.sensors):
        row = 1006 + number
        state = _CRITICAL if box.hot and number == 0 else _NORMAL
        yield (*_ENVMON, 3, 1, 2, row), Tag.STRING, sensor.name
        yield (*_ENVMON, 3, 1, 3, row), Tag.GAUGE, partial(box.celsius, number)
        yield (*_ENVMON, 3, 1, 4, row), Tag.INTEGER, round(sensor.limit)
        yield (*_ENVMON, 3, 1, 5, row), Tag.INTEGER, 0
        yield (*_ENVMON, 3, 1, 6, row), Tag.INTEGER, state
    for number, name in enumerate(box.hardware.fans):
        row = 1014 + number
        yield (*_ENVMON, 4, 1, 2, row), Tag.STRING, name
        yield (*_ENVMON, 4, 1, 3, row), Tag.INTEGER, _NOT_FUNCTIONING if name in box.dead_fans else _NORMAL
    for number, name in enumerate(box.hardware.power_supplies):
        row = 1030 + number
        yield (*_ENVMON, 5, 1, 2, row), Tag.STRING, name
        yield (*_ENVMON, 5, 1, 3, row), Tag.INTEGER, _NOT_FUNCTIONING if name in box.dead_supplies else _NORMAL
        yield (*_ENVMON, 5, 1, 4, row), Tag.INTEGER, 2  # ac
