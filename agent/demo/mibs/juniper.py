"""Juniper Junos: JUNIPER-MIB (jnxBox, jnxOperating, jnxFru), JUNIPER-ALARM-MIB. It has no limits for temperatures."""

from collections.abc import Iterator

from agent.demo.mibs import rfc
from agent.demo.mibs.rfc import Entity
from agent.demo.mibs.table import Cell, Oid, Tag, Value, oid
from agent.demo.state import Box

_BOX = oid("1.3.6.1.4.1.2636.3.1")
_OPERATING, _FRU = (*_BOX, 13, 1), (*_BOX, 15, 1)
_ALARM = oid("1.3.6.1.4.1.2636.3.4.2")
_RUNNING, _DOWN = 2, 6  # jnxOperatingState
_ONLINE, _OFFLINE = 6, 8  # jnxFruState
_SUPPLY, _FAN, _FPC, _ENGINE = 2, 4, 7, 9  # containers
_FRU_TYPES = {
    _SUPPLY: 7,
    _FAN: 13,
    _FPC: 3,
    _ENGINE: 6,
}  # powerEntryModule, fan, flexiblePicConcentrator, routingEngine


def cells(box: Box) -> Iterator[Cell]:
    yield (*_BOX, 2, 0), Tag.STRING, box.hardware.title
    yield (*_BOX, 3, 0), Tag.STRING, box.serial
    yield from rfc.entities(_entities(box))
    yield from rfc.host_clock(box)
    for number, name in enumerate(box.hardware.power_supplies, start=1):
        yield from _part(box, (_SUPPLY, number, 0, 0), name, name in box.dead_supplies)
    for number, name in enumerate(box.hardware.fans, start=1):
        yield from _part(box, (_FAN, 1, number, 0), name, name in box.dead_fans)
    for number, sensor in enumerate(box.hardware.sensors):
        index = (_ENGINE, 1, 0, 0) if number == 0 else (_FPC, number, 0, 0)
        yield from _part(box, index, sensor.name, False, number)
    alarms = len(box.dead_fans) + len(box.dead_supplies)
    yield (*_ALARM, 2, 1, 0), Tag.INTEGER, 3 if box.hot else 2  # yellow: on, off
    yield (*_ALARM, 2, 2, 0), Tag.GAUGE, int(box.hot)
    yield (*_ALARM, 3, 1, 0), Tag.INTEGER, 3 if alarms else 2  # red
    yield (*_ALARM, 3, 2, 0), Tag.GAUGE, alarms


def _entities(box: Box) -> Iterator[Entity]:
    it = box.hardware
    yield Entity(
        index=1, name=it.title, kind=rfc.CHASSIS, serial=box.serial, model=it.model.upper(), software=it.version,
        maker="Juniper Networks",
    )  # fmt: skip


def _part(box: Box, index: Oid, name: str, dead: bool, sensor: int | None = None) -> Iterator[Cell]:
    """`sensor`: its position among the box's; the first is the routing engine, which has load and memory too."""
    engine = sensor == 0

    def celsius(now: float) -> int:
        return 0 if sensor is None else box.celsius(sensor, now)

    def cpu(now: float) -> int:
        return box.cpu_pct(now) if engine else 0

    def memory(now: float) -> int:
        return box.memory_pct(now) if engine else 0

    size = box.hardware.memory_mb * 2**20 if engine else 0
    rows: tuple[tuple[int, Tag, Value], ...] = (
        (5, Tag.STRING, name),
        (6, Tag.INTEGER, _DOWN if dead else _RUNNING),
        (7, Tag.GAUGE, celsius),
        (8, Tag.GAUGE, cpu),
        (9, Tag.GAUGE, 0),
        (10, Tag.INTEGER, min(size, 2**31 - 1)),
        (11, Tag.GAUGE, memory),
        (12, Tag.GAUGE, 0),
        (13, Tag.TICKS, lambda now: int(box.uptime(now) * 100) % 2**32),
        (15, Tag.INTEGER, size // 2**20),
        (20, Tag.GAUGE, cpu),
        (21, Tag.GAUGE, cpu),
        (22, Tag.GAUGE, cpu),
    )
    for number, tag, value in rows:
        yield (*_OPERATING, number, *index), tag, value
    yield (*_FRU, 5, *index), Tag.STRING, name
    yield (*_FRU, 6, *index), Tag.INTEGER, _FRU_TYPES[index[0]]
    yield (*_FRU, 8, *index), Tag.INTEGER, _OFFLINE if dead else _ONLINE
    yield (*_FRU, 9, *index), Tag.GAUGE, celsius
