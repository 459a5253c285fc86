"""FortiOS tells sensors as text whose unit only the name tells; a FortiSwitch' precision does not hold."""

from tests.snmp_invented import document, sensors, states

FORTIGATE, FORTISWITCH = "1.3.6.1.4.1.12356.101.1.1", "1.3.6.1.4.1.12356.106.1.1"
SENSOR = "1.3.6.1.4.1.12356.101.4.3.2.1"


async def test_a_sensor_is_what_its_name_says_and_fails_where_it_is_in_alarm() -> None:
    rows = [
        ("Fan 1", "3800", 0), ("FAN_TMP_3", "47", 0), ("PS1 Fan 1", "12160", 1), ("PS1 Temp", "26.5", 0),
        ("PS1 VIN", "226", 0), ("PS2 Status", "0", 1), ("+3.3V", "3.35", 0), ("RPS 12V", "0", 1),
    ]  # fmt: skip
    told = {f"{SENSOR}.{c}.{i}": row[c - 2] for i, row in enumerate(rows, 1) for c in (2, 3, 4)}
    found = await document(FORTIGATE, told)
    assert sensors(found, "fanspeed") == {"Fan 1": 3800.0, "PS1 Fan 1": 12160.0}
    assert sensors(found, "temperature") == {"FAN_TMP_3": 47.0, "PS1 Temp": 26.5}
    assert sensors(found, "voltage") == {"PS1 VIN": 226.0}
    assert states(found, "psu") == {"PS1 VIN": "ok", "PS2 Status": "failed"}
    assert states(found, "fan") == {"Fan 1": "ok", "PS1 Fan 1": "failed"}
    assert states(found, "sensor") == {"+3.3V": "ok", "RPS 12V": "failed"}


async def test_who_a_fortigate_is_stands_in_its_own_mib_and_a_box_without_a_disk_has_none() -> None:
    told = {"1.3.6.1.4.1.12356.101.4.1.1.0": "v6.0.5,build0268,190507 (GA)", "1.3.6.1.4.1.12356.100.1.1.1.0": "FGT60D1"}
    told |= {"1.3.6.1.2.1.47.1.1.1.1.5.1": "", "1.3.6.1.2.1.47.1.1.1.1.13.1": "FGT_60D"}
    numbers = {"3": 7, "4": 41, "5": 2048, "6": 0, "7": 0}
    found = await document(FORTIGATE, told | {f"1.3.6.1.4.1.12356.101.4.1.{c}.0": n for c, n in numbers.items()})
    device = found["device"]
    assert (device["version"], device["serial"]) == ("v6.0.5,build0268,190507 (GA)", "FGT60D1")
    assert device["hardware"] == "FortiGate 60D"
    assert found["cpu"] == [{"name": "System", "usage_pct": 7.0}] and found["storage"] == []
    assert found["memory"] == [{"name": "Memory", "used_pct": 41.0, "total_bytes": 2048 * 1024}]


async def test_a_member_of_a_cluster_that_is_not_synchronised_is_a_lost_redundancy() -> None:
    ha = "1.3.6.1.4.1.12356.101.13.2.1.1"
    found = await document(FORTIGATE, {f"{ha}.11.1": "a", f"{ha}.11.2": "b", f"{ha}.12.1": 1, f"{ha}.12.2": 0})
    assert states(found, "redundancy") == {
        "HA member a synchronisation": "ok",
        "HA member b synchronisation": "failed",
    }


async def test_a_fortiswitch_tells_degrees_and_percents_whatever_its_precision_says() -> None:
    entries = {4: (8, 40, 1), 6: (12, 2, 1), 7: (12, 1, 2), 8: (10, 42, 1)}
    columns = {(1, 0), (4, 1), (5, 2)}
    told = {f"1.3.6.1.2.1.99.1.1.1.{c}.{i}": entry[n] for i, entry in entries.items() for c, n in columns}
    told |= {f"1.3.6.1.2.1.99.1.1.1.3.{i}": 1 for i in entries}
    found = await document(FORTISWITCH, {**told, "1.3.6.1.4.1.12356.106.4.1.1.0": "S248EP-v7.4.1-build0787,23 (GA)"})
    assert [row["value"] for row in found["sensors"]["temperature"]] == [40.0]
    assert list(states(found, "sensor").values()) == ["failed", "absent"]
    assert (found["device"]["hardware"], found["device"]["version"]) == ("S248EP", "7.4.1")
