"""What a sensor table's rows become: units, limits, light, and what must not be believed."""

from agent.inventory.device import Device, Secret, SnmpAccess
from agent.observation import Fact, Observation, Refusal, Tier
from collectors.collector import Collector
from collectors.snmp import ber, sensors
from collectors.snmp.labels import Entity
from collectors.snmp.profiles import parse
from collectors.snmp.session import Oid
from collectors.snmp.shapes import SensorTable
from collectors.snmp.walk import Column, Value
from tests import snmp_agents as agents

_BASE = "1.3.6.1.4.1.9.9.91.1"
_VOLT, _AMPERE, _WATT, _CELSIUS, _RPM, _DBM = 4, 5, 6, 8, 10, 14
_UNITS, _MILLI = 9, 8


def _table(**more: str) -> SensorTable:
    columns = {key: f"{_BASE}.1.1.1.{n}" for n, key in enumerate(("type", "scale", "precision", "value", "status"), 1)}
    limits = {f"limit_{key}": f"{_BASE}.2.1.1.{n}" for n, key in ((2, "severity"), (3, "relation"), (4, "value"))}
    return parse("x", {"sensors": [{"name": "s", **columns, **limits, **more}]}).sensors[0]


def _columns(
    table: SensorTable,
    kind: int,
    value: int,
    scale: int = _UNITS,
    precision: int = 0,
    limits: tuple[tuple[int, int, int], ...] = (),
) -> dict[Oid, Column]:
    """One sensor, entity 7; `limits` as (severity, relation, value)."""
    rows: dict[Oid, dict[Oid, Value]] = {oid: {} for oid in sensors.oids(table)}
    told = (
        (table.type, kind),
        (table.scale, scale),
        (table.precision, precision),
        (table.value, value),
        (table.status, 1),
    )
    for oid, number in told:
        rows[oid] = {(7,): number}
    for n, limit in enumerate(limits, 1):
        for key, number in zip((table.limit_severity, table.limit_relation, table.limit_value), limit, strict=True):
            assert key
            rows[key][7, n] = number
    return {oid: Column(oid, found, complete=True) for oid, found in rows.items()}


def _told(
    table: SensorTable, columns: dict[Oid, Column], name: str = "power Rx 0/1", refused: list[Refusal] | None = None
) -> list[Observation]:
    known = sensors.described(table, columns)
    return list(sensors.observations("sw", table, known, columns, {7: Entity(name, kind=8)}, refused))


def test_the_least_severe_thresholds_are_the_limits() -> None:
    table = _table()
    limits = ((10, 4, 56), (10, 2, 0), (20, 4, 70), (20, 2, -10))
    (one,) = _told(table, _columns(table, _CELSIUS, 40, limits=limits))
    assert (one.limit, one.low_limit) == (56.0, 0.0)


def test_thresholds_that_contradict_each_other_were_never_set() -> None:
    table = _table()
    limits = ((10, 4, 0), (10, 2, 0), (20, 4, 360), (20, 2, 300))
    (one,) = _told(table, _columns(table, _VOLT, 338, precision=2, limits=limits))
    assert (one.value, one.limit, one.low_limit) == (3.38, 3.6, 3.0)


def test_sixteen_bits_at_their_lowest_are_no_reading_and_no_limit() -> None:
    table = _table()
    assert _told(table, _columns(table, _AMPERE, -32768, _MILLI)) == []
    (one,) = _told(table, _columns(table, _AMPERE, 14125, _MILLI, limits=((10, 4, -32768), (10, 2, -32768))))
    assert (one.value, one.limit, one.low_limit) == (14.125, None, None)


def test_an_upper_limit_of_zero_holds_for_light_alone() -> None:
    table = _table()
    (watts,) = _told(table, _columns(table, _WATT, 4, limits=((10, 4, 0),)))
    assert watts.limit is None
    (light,) = _told(table, _columns(table, _DBM, -31, precision=1, limits=((10, 4, 0),)))
    assert (light.value, light.detail, light.limit) == (-3.1, "dBm", 0.0)


def test_a_lower_limit_where_devices_are_at_home_is_no_frost() -> None:
    table = _table()
    (one,) = _told(table, _columns(table, _CELSIUS, 28, limits=((10, 4, 41), (10, 2, 31))))
    assert (one.limit, one.low_limit) == (41.0, None)


def test_a_fan_that_runs_fast_and_a_supply_that_carries_little_have_crossed_nothing() -> None:
    table = _table()
    (fan,) = _told(table, _columns(table, _RPM, 13290, limits=((10, 4, 7020), (10, 2, 3780))))
    assert (fan.limit, fan.low_limit) == (None, None)
    (supply,) = _told(table, _columns(table, _AMPERE, 17843, _MILLI, limits=((10, 4, 270000), (10, 2, 30000))))
    assert (supply.limit, supply.low_limit) == (270.0, None)
    (laser,) = _told(table, _columns(table, _AMPERE, 7, _MILLI, limits=((10, 4, 80), (10, 2, 4))))
    assert (laser.limit, laser.low_limit) == (0.08, 0.004)


def test_watts_of_light_are_told_in_dbm_with_their_limits() -> None:
    table = _table(optical="(?i)power rx")
    columns = _columns(table, _WATT, 194, _MILLI, 3, limits=((10, 4, 501), (10, 2, 112)))
    (one,) = _told(table, columns)
    assert (one.fact, one.value, one.detail) == (Fact.SENSOR_VALUE, -7.122, "dBm")
    assert (one.limit, one.low_limit) == (-3.002, -9.508)
    assert [o.detail for o in _told(table, columns, name="capacity 0/PS0")] == ["W"]


def test_watts_may_be_told_beside_dbm_and_then_without_a_verdict() -> None:
    table = _table(optical="(?i)power rx", watts="true")
    watts, light = _told(table, _columns(table, _WATT, 194, _MILLI, 3, limits=((10, 4, 501),)))
    assert (watts.subject.name, watts.detail, watts.limit) == ("power Rx 0/1", "W", None)
    assert (light.subject.name, light.detail, light.limit) == ("power Rx 0/1 (dBm)", "dBm", -3.002)


def test_no_light_is_the_least_that_is_told_and_less_than_none_is_nothing() -> None:
    table = _table(optical="(?i)power rx")
    assert [o.value for o in _told(table, _columns(table, _WATT, 0, _MILLI, 4))] == [-60.0]
    assert _told(table, _columns(table, _WATT, -5, _MILLI, 4)) == []


def test_what_is_impossible_is_refused_and_said() -> None:
    table, refused = _table(), list[Refusal]()
    assert _told(table, _columns(table, _CELSIUS, 400), refused=refused) == []
    assert [r.raw for r in refused] == ["400"]


def test_limits_may_stand_in_columns_beside_the_sensor() -> None:
    arista = "1.3.6.1.4.1.30065.3.12.1.1.1"
    keys = ("type", "scale", "precision", "value", "status")
    columns_of = {key: f"1.3.6.1.2.1.99.1.1.1.{n}" for n, key in enumerate(keys, 1)}
    sensor = {"name": "s", "limit_value": f"{arista}.3", "low_limit_value": f"{arista}.1", **columns_of}
    plain = parse("x", {"sensors": [sensor]}).sensors[0]
    columns = _columns(plain, _CELSIUS, 450, precision=1)
    for oid, raw in ((plain.limit_value, 700), (plain.low_limit_value, -50)):
        assert oid
        columns[oid] = Column(oid, {(7,): raw}, complete=True)
    (one,) = _told(plain, columns)
    assert (one.value, one.limit, one.low_limit) == (45.0, 70.0, -5.0)


def test_sensors_of_one_name_are_told_apart_by_their_descriptions_though_one_falls_silent() -> None:
    table = _table()
    columns = {
        oid: Column(oid, {(index,): number for index in (7, 8, 9)}, complete=True)
        for oid, number in zip(sensors.oids(table)[:5], (_CELSIUS, _UNITS, 0, 40, 1), strict=True)
    } | {oid: Column(oid, {}, complete=True) for oid in sensors.oids(table)[5:]}
    entities = {n: Entity("temperature 0/0", f"die {n}", 8) for n in (7, 8)} | {9: Entity("inlet", "die 9", 8)}
    told = sensors.observations("sw", table, sensors.described(table, columns), columns, entities)
    assert [o.subject.name for o in told] == ["temperature 0/0 die 7", "temperature 0/0 die 8", "inlet"]
    known = sensors.described(table, columns)
    columns[table.status] = Column(table.status, {(7,): 1, (8,): 2, (9,): 1}, complete=True)
    left = sensors.observations("sw", table, known, columns, entities)
    assert [o.subject.name for o in left] == ["temperature 0/0 die 7", "inlet"]


async def test_kinds_and_limits_are_asked_once_and_again_when_a_sensor_appears() -> None:
    entity_sensor = (1, 3, 6, 1, 2, 1, 99, 1, 1, 1)

    def rows(index: int, value: int) -> agents.Table:
        numbers = ((1, _CELSIUS), (2, _UNITS), (3, 0), (4, value), (5, 1))
        return {(*entity_sensor, column, index): ber.integer(number) for column, number in numbers}

    agent = agents.Agent(agents.switch(1) | rows(7, 40))
    collector = Collector(secret=lambda _: "public")
    try:
        async with agents.served(agent) as port:
            access = SnmpAccess(port=port, community=Secret("env:X"))
            device = Device(name="sw", address="127.0.0.1", customer="c", site="s", snmp=access)

            async def asked() -> tuple[list[object], int]:
                before = agent.asked
                batch = await collector.poll(device, Tier.HEALTH)
                return [o.value for o in batch.observations if o.fact is Fact.CELSIUS], agent.asked - before

            first, third = await asked(), (await asked(), await asked())[1]
            assert first[0] == third[0] == [40.0] and third[1] < first[1]
            agent.table |= rows(8, 50)
            agent.oids = sorted(agent.table)
            assert (await asked())[0] == [40.0, 50.0]
    finally:
        await collector.close()
