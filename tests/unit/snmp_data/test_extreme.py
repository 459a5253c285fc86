"""Extreme's inheritance: VOSS, BOSS, EXOS and Enterasys."""

from tests.snmp_invented import document, sensors, states

VOSS, BOSS, EXOS, ENTERASYS = (
    "1.3.6.1.4.1.2272.208",
    "1.3.6.1.4.1.45.3.80.6",
    "1.3.6.1.4.1.1916.2.248",
    "1.3.6.1.4.1.5624.2.1.124",
)


async def test_a_bay_without_a_supply_is_absent_and_a_fan_that_is_down_failed_on_voss() -> None:
    told = {f"1.3.6.1.4.1.2272.1.4.8.1.1.2.{n}": state for n, state in ((1, 3), (2, 2), (3, 4))}
    told |= {f"1.3.6.1.4.1.2272.1.101.1.1.4.1.4.1.{n}": state for n, state in ((1, 2), (2, 3), (3, 4))}
    found = await document(VOSS, told, "VSP-8404 (5.1.1.1)")
    assert list(states(found, "psu").values()) == ["ok", "absent", "failed"]
    assert list(states(found, "fan").values()) == ["ok", "failed", "absent"]
    assert (found["device"]["hardware"], found["device"]["version"]) == ("VSP-8404", "5.1.1.1")


async def test_a_boss_switch_tells_parts_by_group_and_half_degrees() -> None:
    com = "1.3.6.1.4.1.45.1.6.3.3.1.1"
    parts = {(3, 10): 5, (4, 10): 5, (4, 11): 4, (5, 10): 5, (6, 10): 9, (6, 11): 3}
    told: dict[str, object] = {f"{com}.10.{group}.{n}.0": state for (group, n), state in parts.items()}
    told |= {f"{com}.5.6.{n}.0": f"Fan {n}" for n in (10, 11)} | {"1.3.6.1.4.1.45.1.6.3.7.1.1.5.5.10.0": 86}
    found = await document(BOSS, told)
    assert list(states(found, "psu").values()) == ["ok", "absent"]
    assert states(found, "fan") == {"Fan 10": "failed", "Fan 11": "absent"}
    assert list(sensors(found, "temperature").values()) == [43.0]


async def test_light_that_is_less_than_none_is_left_out_on_exos() -> None:
    told: dict[str, object] = {}
    for n, (descr, raw) in enumerate((("SFP TX Power Sensor", 1000), ("SFP RX Power Sensor", -1)), 1):
        told |= {f"1.3.6.1.2.1.47.1.1.1.1.2.{n}": descr}
        told |= {f"1.3.6.1.2.1.99.1.1.1.{c}.{n}": v for c, v in ((1, 6), (2, 7), (3, 0), (4, raw), (5, 1))}
    found = await document(EXOS, told, "ExtremeXOS (X480-24x(10G4X)) version 15.3.5.2 v1535b2-patch1-13 by release")
    assert list(sensors(found, "dbm").values()) == [0.0]
    assert found["device"]["hardware"] == "X480-24x(10G4X)"


async def test_a_power_supply_of_exos_that_is_switched_off_is_not_a_fault() -> None:
    supplies = {f"1.3.6.1.4.1.1916.1.1.1.27.1.2.{n}": n for n in (1, 2, 3, 4)}
    found = await document(EXOS, supplies)
    assert list(states(found, "psu").values()) == ["absent", "ok", "failed", "absent"]


async def test_enterasys_tells_tenths_of_percents_and_storage_by_its_index() -> None:
    use = "1.3.6.1.4.1.5624.1.2.49.1"
    told: dict[str, object] = {f"{use}.1.1.1.4.1.1": 708}
    for kind, name in ((1, "other"), (2, "RAM"), (3, "Flash")):
        told |= {f"{use}.3.1.1.{c}.3.{kind}.0": v for c, v in ((3, name), (4, 1000), (5, 100 * kind))}
    found = await document(ENTERASYS, told, "Enterasys Networks, Inc. Matrix N7 Platinum Rev 05.42.04")
    assert [row["usage_pct"] for row in found["cpu"]] == [70.8]
    assert [(row["name"], row["used_pct"]) for row in found["memory"]] == [("RAM", 80.0)]
    assert [(row["name"], row["used_pct"]) for row in found["storage"]] == [("Flash", 70.0)]
    assert found["device"]["hardware"] == "Matrix N7 Platinum"
