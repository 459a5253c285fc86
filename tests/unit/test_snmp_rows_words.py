"""Words that stand in more than one column, names by a later part of the index, and identity by a chosen row."""

from typing import Any

from agent.observation import Fact
from collectors.snmp import identity, profiles, rows
from collectors.snmp.session import Oid, parse_oid
from collectors.snmp.shapes import Table
from collectors.snmp.walk import Column, Value


def columns(**told: dict[Oid, Value]) -> dict[Oid, Column]:
    """`c2={(1,): 7}` is column 1.2 with a row."""
    found = [Column((1, int(name[1:])), entries, complete=True) for name, entries in told.items()]
    return {column.oid: column for column in found}


def table(**data: Any) -> Table:
    return profiles.parse("x", {"tables": [{"name": "t", "kind": "power_supply", **data}]}).tables[0]


ALARM = {"oid": "1.2", "words": {"1": "failed alarmActive", "2": "ok alarmCleared"}}
OPER = {"oid": "1.3", "words": {"7": "absent empty", "5": "failed"}}


def test_the_first_column_that_has_a_known_word_tells_the_state() -> None:
    told = columns(c3={(1,): 7, (2,): 2, (3,): 2, (4,): 2}, c2={(1,): 1, (2,): 1, (3,): 2, (4,): 0})
    found = rows.observations("d", table(facts={"state": [OPER, ALARM]}), told, {})
    assert {o.subject.name[-1]: (o.value, o.detail) for o in found} == {
        "1": ("absent", "empty"),
        "2": ("failed", "alarmActive"),
        "3": ("ok", "alarmCleared"),
        "4": ("unknown", "0"),
    }


def test_every_column_of_a_state_is_asked() -> None:
    assert set(table(facts={"state": [OPER, ALARM]}).columns) == {(1, 2), (1, 3)}


def test_a_row_may_be_named_by_the_second_number_of_its_index() -> None:
    lane = table(
        label={"interface": "second", "named": "{name} lane {last}"},
        facts={"sensor_value": {"oid": "1.2", "unit": "V"}},
    )
    told = columns(c2={(1, 30, 4): 3, (1, 31, 4): 3})
    found = rows.observations("d", lane, told, {}, {30: "ge-0/0/30"})
    assert [o.subject.name for o in found] == ["ge-0/0/30 lane 4", "power_supply 1.31.4"]


def test_identity_may_stand_in_the_row_of_a_class_or_where_another_column_points() -> None:
    profile = profiles.parse(
        "x",
        {
            "serial": [{"column": "1.5", "where": {"oid": "1.7", "in": ["3"]}}],
            "model": [{"column": "1.6", "at": "1.4"}],
        },
    )
    told = columns(
        c4={(1,): 27}, c5={(1,): b"fan", (2,): b"S1"}, c6={(26,): b"R6", (27,): b"R12"}, c7={(1,): 6, (2,): 3}
    )
    assert set(identity.columns_of(profile)[1]) == set(told)
    found = identity.observations("d", profile, parse_oid("1.3"), "", {}, {}, told)
    assert {o.fact: o.value for o in found if o.fact in (Fact.SERIAL, Fact.MODEL)} == {
        Fact.SERIAL: "S1",
        Fact.MODEL: "R12",
    }
