"""Junos: a part that went down or was taken off, alarms, memory that is not its own, lasers that are not there."""

from tests.snmp_invented import document, sensors, states

JUNOS, BOX = "1.3.6.1.4.1.2636.1.1.1.4.82.28", "1.3.6.1.4.1.2636.3.1"


async def test_a_part_that_went_down_has_failed_and_one_that_was_taken_off_has_not() -> None:
    parts = {  # name, fru state, reason, operating state
        "4.1.0.0": ("Fan 0", 6, 2, 2),
        "4.2.0.0": ("Fan 1", 6, 2, 6),
        "4.3.0.0": ("Fan 2", 2, 2, None),
        "2.1.0.0": ("PEM 0", 8, 4, None),
        "7.1.0.0": ("FPC 0", 8, 7, None),
        "7.2.0.0": ("FPC 1", 2, 2, None),
        "22.1.0.0": ("PSM 0", 6, 2, 2),
    }
    told = {f"{BOX}.15.1.{c}.{i}": part[n] for i, part in parts.items() for n, c in enumerate((5, 8, 10))}
    told |= {f"{BOX}.13.1.6.{i}": part[3] for i, part in parts.items() if part[3]}
    found = await document(JUNOS, told)
    assert states(found, "fan") == {"Fan 0": "ok", "Fan 1": "failed", "Fan 2": "absent"}
    assert states(found, "psu") == {"PEM 0": "failed", "PSM 0": "ok"}
    assert states(found, "module") == {"FPC 0": "unknown"}


async def test_alarms_are_off_or_on_and_a_card_without_memory_of_its_own_has_no_processor() -> None:
    told = {"1.3.6.1.4.1.2636.3.4.2.2.1.0": 3, "1.3.6.1.4.1.2636.3.4.2.3.1.0": 2}
    for index, name, cpu, used, size in (("7.1.0.0", "FPC 0", 0, 0, 0), ("9.1.0.0", "RE 0", 13, 17, 2048)):
        told |= {f"{BOX}.13.1.5.{index}": name, f"{BOX}.13.1.8.{index}": cpu}  # type: ignore[dict-item]
        told |= {f"{BOX}.13.1.11.{index}": used, f"{BOX}.13.1.15.{index}": size}
    found = await document(JUNOS, told)
    assert states(found, "chassis_alarm") == {"Red alarm": "ok", "Yellow alarm": "failed"}
    assert found["cpu"] == [{"name": "RE 0", "usage_pct": 13.0}]
    assert found["memory"] == [{"name": "RE 0", "used_pct": 17.0, "total_bytes": 2048 << 20}]


async def test_optics_have_the_modules_warnings_lanes_only_where_there_are_several_and_no_reading_of_zero() -> None:
    dom, lane = "1.3.6.1.4.1.2636.3.60.1.1.1.1", "1.3.6.1.4.1.2636.3.60.1.2.1.1"
    told = {f"1.3.6.1.2.1.31.1.1.1.1.{i}": f"et-{i}" for i in (5, 6, 7)}
    rows = {5: {8: 30, 5: -233, 11: 349, 12: -1250, 30: 1}, 6: {8: 31, 5: 0, 30: 4}, 7: {8: 0, 5: 0, 30: 0}}
    numbers = {f"{dom}.{c}.{i}": n for i, row in rows.items() for c, n in row.items()}
    numbers |= {f"{lane}.6.5.0": -233, f"{lane}.6.6.0": -410, f"{lane}.6.6.1": 0}
    found = await document(JUNOS, {**told, **numbers})
    assert found["sensors"]["dbm"] == [
        {"name": "et-5 receive power", "value": -2.33, "limit": 3.49, "low_limit": -12.5},
        {"name": "et-6 lane 0 receive power", "value": -4.1, "limit": None, "low_limit": None},
    ]
    assert sensors(found, "temperature") == {"et-5": 30.0, "et-6": 31.0}


async def test_fans_are_known_by_their_type_where_containers_are_numbered_otherwise() -> None:
    told = {f"{BOX}.15.1.5.30.1.0.0": "Fan Tray 0", f"{BOX}.15.1.6.30.1.0.0": 13, f"{BOX}.15.1.8.30.1.0.0": 6}
    told |= {f"{BOX}.15.1.5.31.1.0.0": "PSM 0", f"{BOX}.15.1.6.31.1.0.0": 18, f"{BOX}.15.1.8.31.1.0.0": 8}
    found = await document(JUNOS, told)
    assert (states(found, "fan"), states(found, "psu")) == ({"Fan Tray 0": "ok"}, {"PSM 0": "failed"})
