"""SR OS: the hardware table tells empty slots, alarms and sensors that are none; optics tell tenths of a microwatt."""

from tests.snmp_invented import document, sensors, states

SROS = "1.3.6.1.4.1.6527.1.3.25"
HW = "1.3.6.1.4.1.6527.3.1.2.2.1.8.1"


async def test_an_empty_bay_is_absent_an_alarm_is_a_failure_and_a_sensor_that_is_none_is_not_told() -> None:
    parts = {  # name, class, admin, oper, has a sensor, temperature, alarm
        1: ("Power 1", 5, 2, 2, 2, -1, 1),
        2: ("Power 2", 5, 2, 8, 2, -128, 2),
        3: ("Fan 1", 6, 2, 2, 2, -1, 2),
        4: ("Slot 1", 8, 2, 2, 1, 45, 2),
        5: ("Slot 2", 8, 2, 7, 2, -128, 2),
        6: ("Slot 3", 8, 3, 3, 2, -128, 2),
    }
    columns = (8, 7, 15, 16, 17, 18, 24)
    told = {f"{HW}.{c}.1.{i}": part[n] for i, part in parts.items() for n, c in enumerate(columns)}
    told |= {f"{HW}.5.1.1": "PS-7", f"{HW}.5.1.9": "CH-1", f"{HW}.7.1.9": 3, f"{HW}.19.1.4": 74}
    found = await document(SROS, told, "TiMOS-B-22.10.R11 both/x86_64 Nokia 7250 IXR Copyright (c) Nokia.")
    assert states(found, "psu") == {"Power 1": "failed", "Power 2": "absent"}
    assert states(found, "fan") == {"Fan 1": "ok"}
    assert states(found, "module") == {"Slot 1": "ok", "Slot 2": "absent", "Slot 3": "unknown"}
    assert found["sensors"]["temperature"] == [{"name": "Slot 1", "value": 45.0, "limit": 74.0, "low_limit": None}]
    assert (found["device"]["serial"], found["device"]["version"]) == ("CH-1", "22.10.R11")
    assert found["device"]["hardware"] == "7250 IXR"
    old = await document(SROS, {}, "TiMOS-B-8.0.R7 both/mpc ALCATEL SAR 7705 Copyright (c) 2000-2019 Alcatel-Lucent.")
    assert old["device"]["hardware"] == "7705"


async def test_an_amber_led_is_an_alarm_and_a_dark_one_is_not() -> None:
    leds = {f"1.3.6.1.4.1.6527.3.1.2.2.1.3.1.{column}.1": led for column, led in ((12, 0), (13, 1), (14, 3))}
    told = states(await document(SROS, leds), "chassis_alarm")
    assert told == {"Critical alarm LED": "unknown", "Major alarm LED": "ok", "Minor alarm LED": "failed"}


async def test_optics_are_told_in_dbm_with_the_modules_warnings_and_a_laser_that_is_not_measured_is_not() -> None:
    ddm = "1.3.6.1.4.1.6527.3.1.2.2.4.31.1"
    told: dict[str, int | str] = {"1.3.6.1.2.1.31.1.1.1.1.30": "1/1/1", "1.3.6.1.2.1.2.2.1.7.30": 1}
    told |= {f"{ddm}.16.1.30": 5000, f"{ddm}.19.1.30": 10000, f"{ddm}.17.1.30": 1000, f"{ddm}.21.1.30": 0}
    told |= {f"{ddm}.11.1.30": 16449, f"{ddm}.1.1.30": 10240, f"{ddm}.4.1.30": 0}
    found = await document(SROS, told)
    [power] = found["sensors"]["dbm"]
    assert power == {"name": "1/1/1 transmit power", "value": -3.01, "limit": 0.0, "low_limit": -10.0}
    assert sensors(found, "temperature") == {"1/1/1": 40.0}
    assert sensors(found, "current") == {"1/1/1 transmit bias": 0.032898}
    assert found["refused"] == []


async def test_neighbours_stand_in_the_vendors_own_table() -> None:
    rem = "1.3.6.1.4.1.6527.3.1.2.59.4.1.1"
    told: dict[str, int | str] = {"1.3.6.1.2.1.31.1.1.1.1.30": "1/1/1", "1.3.6.1.2.1.2.2.1.7.30": 1}
    told |= {f"{rem}.6.104.30.1.2": 5, f"{rem}.7.104.30.1.2": "ge-0/0/1", f"{rem}.9.104.30.1.2": "core-1"}
    [row] = (await document(SROS, told))["neighbours"]
    assert (row["port"], row["remote_name"], row["remote_port"]) == ("1/1/1", "core-1", "ge-0/0/1")


async def test_a_peer_of_any_router_instance_is_told_by_its_address() -> None:
    peer = "1.3.6.1.4.1.6527.3.1.2.14.4.7.1"
    v4, v6 = "2.1.4.10.0.0.1", "1.2.16." + ".".join(["32", "1", *["0"] * 13, "7"])
    told = {
        f"{peer}.59.{v4}": 6,
        f"{peer}.6.{v4}": 2,
        f"{peer}.66.{v4}": 65001,
        f"{peer}.59.{v6}": 1,
        f"{peer}.6.{v6}": 1,
    }
    found = {row["peer"]: row for row in (await document(SROS, told))["bgp_peers"]}
    assert (found["10.0.0.1"]["state"], found["10.0.0.1"]["remote_as"]) == ("established", 65001)
    assert (found["2001::7"]["state"], found["2001::7"]["admin"]) == ("idle", "stop")
