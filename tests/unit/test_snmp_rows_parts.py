"""Rows and their parts: a CPU and its cores, two verdicts on one power supply."""

import pytest

from agent.observation import ComponentKind, Fact, Observation, Subject
from collectors.snmp import rows
from collectors.snmp.labels import Entity
from collectors.snmp.profiles import parse
from collectors.snmp.session import parse_oid
from collectors.snmp.shapes import Table
from collectors.snmp.walk import Column

_TOTAL, _ENTITY, _CORE = (
    "1.3.6.1.4.1.9.9.109.1.1.1.1.8",
    "1.3.6.1.4.1.9.9.109.1.1.1.1.2",
    "1.3.6.1.4.1.9.9.109.1.1.2.1.5",
)


def _table(**data: object) -> Table:
    return parse("x", {"tables": [{"name": "t", "kind": "cpu", **data}]}).tables[0]


def _columns(**columns: dict[tuple[int, ...], int]) -> dict[tuple[int, ...], Column]:
    oids = {"total": _TOTAL, "entity": _ENTITY, "core": _CORE}
    return {
        parse_oid(oids[key]): Column(parse_oid(oids[key]), dict(found), complete=True) for key, found in columns.items()
    }


def _told(table: Table, columns: dict[tuple[int, ...], Column]) -> dict[str, object]:
    entities = {1000: Entity("Switch 1", kind=9)}
    return {o.subject.name: o.value for o in rows.observations("sw", table, columns, entities)}


def test_a_row_counts_only_without_parts_of_its_own() -> None:
    table = _table(facts={"usage_pct": _TOTAL}, where={"without": _CORE}, label="CPU {index}")
    assert parse_oid(_CORE) in table.columns
    assert _told(table, _columns(total={(7,): 10, (70,): 20, (8,): 30}, core={(7, 0): 5, (7, 1): 15})) == {
        "CPU 70": 20,
        "CPU 8": 30,
    }


def test_a_part_is_named_by_the_entity_of_what_it_is_a_part_of() -> None:
    table = _table(facts={"usage_pct": _CORE}, label={"entity": _ENTITY, "named": "{name}: core {last}"})
    columns = _columns(core={(7, 0): 5, (7, 1): 15}, entity={(7,): 1000})
    assert _told(table, columns) == {"Switch 1: core 0": 5, "Switch 1: core 1": 15}


def test_a_name_may_begin_with_the_name_of_the_entity() -> None:
    table = _table(facts={"usage_pct": _CORE}, label={"oids": [_TOTAL], "named": "{entity} {name}"})
    assert table.label.entity
    pools = Column(parse_oid(_TOTAL), {(1000, 1): b"processor", (5, 1): b"image"}, complete=True)
    columns = {**_columns(core={(1000, 1): 5, (5, 1): 100}), parse_oid(_TOTAL): pools}
    assert _told(table, columns) == {"Switch 1 processor": 5, "image": 100}


def test_what_is_skipped_is_left_out_of_what_is_extended_too() -> None:
    table = {"name": "t", "kind": "cpu", "facts": {"usage_pct": _TOTAL}}
    assert not parse("x", {"tables": [table], "skip": ["t"]}).tables


@pytest.mark.parametrize(("at", "counted"), [("0", {"CPU 3.1": 1, "CPU 3.3": 2}), ("-1", {"CPU 3.3": 2, "CPU 4.3": 3})])
def test_any_number_of_the_index_may_say_whether_a_row_counts(at: str, counted: dict[str, int]) -> None:
    table = _table(facts={"usage_pct": _CORE}, where={"index": ["3"], "at": at}, label="CPU {index}")
    assert _told(table, _columns(core={(3, 1): 1, (3, 3): 2, (4, 3): 3, (4, 1): 4})) == counted


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("ok", "ok", [("PS 1 power", "ok")]),
        ("ok", "failed", [("PS 1 power", "failed")]),
        ("failed", "ok", [("PS 1 power", "ok")]),
        ("failed", "failed", [("PS 1 power", "unknown")]),
        ("absent", "absent", [("PS 1 power", "unknown")]),
        ("absent", "failed", [("PS 1 power", "failed")]),
        (None, "failed", [("PS 1", "failed")]),
    ],
)
def test_a_second_verdict_has_its_own_name_and_doubles_no_fault(
    first: str | None, second: str, told: list[tuple[str, str]]
) -> None:
    unit = Subject("sw", ComponentKind.POWER_SUPPLY, "PS 1")
    found = {(unit, Fact.STATE): Observation(unit, Fact.STATE, first)} if first else {}
    observed = [Observation(unit, Fact.STATE, second)]
    assert [(o.subject.name, o.value) for o in rows.second_tellings(observed, found, "{name} power")] == told


def test_a_second_reading_of_a_sensor_has_its_own_name() -> None:
    sensor = Subject("sw", ComponentKind.TEMPERATURE, "Slot 1 inlet")
    first = Observation(sensor, Fact.CELSIUS, 30)
    second = Observation(sensor, Fact.CELSIUS, 30.4)
    told = list(rows.second_tellings([second], {(sensor, Fact.CELSIUS): first}, "{name} sensor"))
    assert [(o.subject.name, o.value) for o in told] == [("Slot 1 inlet sensor", 30.4)]


def test_a_rejected_zero_is_believed_of_one_source() -> None:
    reading = {"oid": [{"oid": _TOTAL, "scale": "1000000"}, _CORE], "reject": ["0", "4294967295"], "zero": _CORE}
    table = _table(kind="interface", facts={"speed_bps": reading}, label="if {index}")
    columns = _columns(
        total={(1,): 0, (2,): 0, (3,): 10, (4,): 0}, core={(1,): 0, (2,): 9600, (3,): 0, (4,): 2**32 - 1}
    )
    assert _told(table, columns) == {"if 1": 0, "if 2": 9600, "if 3": 10_000_000}
