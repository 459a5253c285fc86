"""Shares of memory that are reckoned from rows of one table."""

from agent.observation import Fact
from collectors.snmp import profiles, rows
from collectors.snmp.session import Oid, parse_oid
from collectors.snmp.walk import Column, Value

_ENTRY = parse_oid("1.3.6.1.2.1.25.2.3.1")  # hrStorageEntry
_NAMES = {1: b"Physical memory", 3: b"Virtual memory", 6: b"Memory buffers", 7: b"Cached memory", 10: b"Swap space"}


def storage(used: dict[int, int], total: dict[int, int]) -> dict[Oid, Column]:
    """net-snmp's rows, in units of 1024 octets."""
    told: dict[int, dict[int, Value]] = {3: dict(_NAMES), 4: dict.fromkeys(_NAMES, 1024), 5: dict(total), 6: dict(used)}
    return {
        (*_ENTRY, column): Column((*_ENTRY, column), {(i,): v for i, v in values.items()}, complete=True)
        for column, values in told.items()
    }


def shares(name: str, columns: dict[Oid, Column]) -> dict[str, tuple[object, str]]:
    table = next(t for t in profiles.everything()["rfc"].tables if t.name == name)
    told = rows.observations("d", table, columns, {})
    return {o.subject.name: (o.value, o.detail) for o in told if o.fact is Fact.USED}


def test_what_is_lent_to_buffers_and_cache_is_not_used_memory() -> None:
    columns = storage({1: 900, 3: 900, 6: 100, 7: 500, 10: 0}, {1: 1000, 3: 1000, 6: 1000, 7: 500, 10: 0})
    assert shares("storage_physical", columns) == {"Physical memory": (30.0, "")}


def test_an_agent_that_took_the_cache_off_already_is_believed() -> None:
    columns = storage({1: 200, 3: 200, 6: 100, 7: 500, 10: 0}, {1: 1000, 3: 1000, 6: 1000, 7: 500, 10: 0})
    assert shares("storage_physical", columns) == {"Physical memory": (20.0, "")}


def test_a_cache_is_a_share_of_all_memory_and_may_be_full() -> None:
    columns = storage({1: 900, 3: 900, 6: 100, 7: 500, 10: 0}, {1: 1000, 3: 1000, 6: 1000, 7: 500, 10: 0})
    assert shares("storage_pools", columns) == {
        "Memory buffers": (10.0, "reclaimable"),
        "Cached memory": (50.0, "reclaimable"),
    }
    assert shares("storage_virtual", columns) == {"Virtual memory": (90.0, "reclaimable")}
    assert shares("storage_swap", columns) == {}
