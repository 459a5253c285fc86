"""Cisco IOS and IOS-XE: CISCO-PROCESS-MIB, CISCO-MEMORY-POOL-MIB, CISCO-ENHANCED-MEMPOOL-MIB, CISCO-ENVMON-MIB,
CISCO-ENTITY-SENSOR-MIB of the optics, CISCO-FLASH-MIB, CISCO-NTP-MIB.
"""

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
_SENSOR, _THRESHOLD = oid("1.3.6.1.4.1.9.9.91.1.1.1.1"), oid("1.3.6.1.4.1.9.9.91.1.2.1.1")
_FLASH, _NTP = oid("1.3.6.1.4.1.9.9.10.1.1.4.1.1"), oid("1.3.6.1.4.1.9.9.168.1.1")
_LIGHT = {"receive": (-62, -111, -10), "transmit": (-21, -82, 5)}  # tenths of dBm: usual, low limit, high limit
_DARK, _DIM = -400, -138
OPTICAL = 10_000_000_000  # bits per second, from which ports are fibre
_NORMAL, _CRITICAL, _NOT_FUNCTIONING = 1, 3, 6  # CiscoEnvMonState


def cells(box: Box) -> Iterator[Cell]:
    yield from rfc.entities(_entities(box))
    yield from _cpu(box)
    yield from _memory(box)
    yield from _environment(box)
    yield from _optics(box)
    yield from _flash(box)
    yield from _ntp(box)


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
    for index, name, _ in _lights(box):
        yield Entity(index=index, name=name, kind=rfc.SENSOR, parent=1)


def _lights(box: Box) -> Iterator[tuple[int, str, tuple[int, int, int]]]:
    """The power sensors of the transceivers that carry links: entPhysicalIndex, name, (reading, low, high)."""
    for port in box.ports.values():
        if port.physical and port.neighbour and port.speed >= OPTICAL:
            for number, (way, (usual, low, high)) in enumerate(_LIGHT.items()):
                lit = port.up or way == "transmit"
                value = (_DIM if port.dim and way == "receive" else usual - port.index % 7) if lit else _DARK
                yield 1000 + 2 * port.index + number, f"{port.name} {way.title()} Power Sensor", (value, low, high)


def _optics(box: Box) -> Iterator[Cell]:
    for index, _, (value, low, high) in _lights(box):
        for column, known in enumerate((14, 9, 1, value, 1), 1):  # dBm, units, tenths, the reading, ok
            yield (*_SENSOR, column, index), Tag.INTEGER, known
        for row, (relation, limit) in enumerate(((1, low), (3, high)), 1):  # lessThan, greaterThan
            for column, known in ((2, 20), (3, relation), (4, limit)):  # major
                yield (*_THRESHOLD, column, index, row), Tag.INTEGER, known


def _flash(box: Box) -> Iterator[Cell]:
    size, name = (11_353_194_496, "bootflash") if box.hardware.platform == "cisco_xe" else (57_409_536, "flash")
    free = size * (3 if box.full else 81 - len(box.name) % 9 * 3) // 100
    for column, value in ((4, size), (5, free)):
        yield (*_FLASH, column, 1, 1), Tag.GAUGE, min(value, 2**32 - 1)
    yield (*_FLASH, 10, 1, 1), Tag.STRING, name
    for column, value in ((13, size), (14, free)):
        yield (*_FLASH, column, 1, 1), Tag.COUNTER64, value


def _ntp(box: Box) -> Iterator[Cell]:
    """As `show ntp status` has it."""
    lost = not box.synchronised
    yield (*_NTP, 2, 0), Tag.INTEGER, 16 if lost else 3
    yield (*_NTP, 11, 0), Tag.INTEGER, 3 if lost else 6


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
