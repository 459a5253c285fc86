"""Cisco: parts told twice, pools that are meant to be full, empty bays, and firewalls without a partner."""

from typing import Any

from agent.observation import Fact
from collectors.snmp import profiles
from tests.snmp_invented import document, sensors, states

IOS = "1.3.6.1.4.1.9.1.1208", "Cisco IOS Software, C2960S Software (C2960S-UNIVERSALK9-M), Version 15.2(2a)E1"
XE = "1.3.6.1.4.1.9.1.2494", "Cisco IOS Software [Everest], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 16.6.7"
XR = "1.3.6.1.4.1.9.1.1639", "Cisco IOS XR Software (Cisco ASR9K Series),  Version 6.6.3[Default]"
NXOS = "1.3.6.1.4.1.9.12.3.1.3.2010", "Cisco NX-OS(tm) Nexus9000 C93240YC-FX2, Software (NXOS 64-bit), Version 10.2(2)"
ASA = "1.3.6.1.4.1.9.1.1902", "Cisco Adaptive Security Appliance Version 9.8(2)"
FTD = "1.3.6.1.4.1.9.1.2662", "Cisco Firepower Threat Defense, Version 6.4.0 (Build 102), ASA Version 9.12(1)6"
CPM, POOL, ENVMON, FRU = (f"1.3.6.1.4.1.9.9.{n}" for n in ("109.1.1", "221.1.1.1.1", "13.1", "117.1"))
SENSOR, ENTITY, RF = "1.3.6.1.4.1.9.9.91.1", "1.3.6.1.2.1.47.1.1.1.1", "1.3.6.1.4.1.9.9.176.1.1"


async def asked(who: tuple[str, str], told: dict[str, Any]) -> dict[str, Any]:
    return await document(who[0], told, who[1])


def entity(index: int, name: str, kind: int) -> dict[str, Any]:
    return {f"{ENTITY}.7.{index}": name, f"{ENTITY}.5.{index}": kind}


async def test_cores_are_told_instead_of_their_mean_and_the_mean_where_there_are_none() -> None:
    told = {f"{CPM}.1.1.2.7": 1000, f"{CPM}.1.1.8.7": 30, f"{CPM}.2.1.5.7.0": 10, f"{CPM}.2.1.5.7.1": 50}
    told |= {f"{CPM}.1.1.2.9": 0, f"{CPM}.1.1.8.9": 20} | entity(1000, "Switch 1", 9)
    cpu = {row["name"]: row["usage_pct"] for row in (await asked(XE, told))["cpu"]}
    assert cpu == {"Switch 1 core 0": 10, "Switch 1 core 1": 50, "CPU 9": 20}


async def test_an_old_image_tells_its_processor_in_a_scalar() -> None:
    assert (await asked(IOS, {"1.3.6.1.4.1.9.2.1.58.0": 12}))["cpu"] == [{"name": "CPU", "usage_pct": 12}]


async def test_the_forwarding_processor_is_told_by_its_five_minutes() -> None:
    told = {f"1.3.6.1.4.1.9.9.715.1.1.6.1.14.9001.{n}": 10 * n for n in (1, 2, 3, 4)} | entity(9001, "qfp F0", 12)
    assert (await asked(XE, told))["cpu"] == [{"name": "qfp F0", "usage_pct": 30}]


async def test_pools_that_are_handed_out_once_and_for_all_are_no_shortage() -> None:
    told = entity(5, "0/RSP0/CPU0", 9) | {f"{POOL}.3.5.1": "processor", f"{POOL}.3.5.2": "image"}
    told |= {f"{POOL}.18.5.1": 40, f"{POOL}.20.5.1": 60, f"{POOL}.18.5.2": 100, f"{POOL}.20.5.2": 0}
    memory = {row["name"]: row["used_pct"] for row in (await asked(XR, told))["memory"]}
    assert memory == {"0/RSP0/CPU0 processor": 40, "0/RSP0/CPU0 image": 100}
    tables = {t.name: t for t in profiles.everything()["cisco_xr"].tables}
    assert tables["cisco_full_pools"].reclaimable and not tables["cisco_enhanced_memory"].reclaimable


async def test_wide_counters_that_nobody_fills_do_not_make_a_full_memory() -> None:
    told = {f"{CPM}.1.1.{column}.1": value for column, value in ((12, 1000), (13, 3000), (17, 0), (19, 0))}
    assert [row["used_pct"] for row in (await asked(XE, told))["memory"]] == [25.0]


async def test_a_partition_that_does_not_tell_what_is_free_is_not_full() -> None:
    flash = "1.3.6.1.4.1.9.9.10.1.1.4.1.1"
    told: dict[str, Any] = {f"{flash}.10.1.1": "flash", f"{flash}.13.1.1": 5 * 2**32, f"{flash}.14.1.1": 2**32}
    told |= {f"{flash}.4.1.1": 2**32 - 1, f"{flash}.5.1.1": 2**32 - 1, f"{flash}.10.1.2": "crashinfo"}
    told |= {f"{flash}.4.1.2": 2048, f"{flash}.5.1.2": "", f"{flash}.13.1.2": 2048, f"{flash}.14.1.2": 0}
    assert {row["name"]: row["used_pct"] for row in (await asked(XE, told))["storage"]} == {"flash": 80.0}


async def test_the_older_pools_are_told_beside_the_memory_of_the_board() -> None:
    pool = "1.3.6.1.4.1.9.9.48.1.1.1"
    told: dict[str, Any] = {f"{pool}.2.1": "Processor", f"{pool}.5.1": 10, f"{pool}.6.1": 90}
    told |= {f"{pool}.2.7": "IOS Process stack", f"{pool}.5.7": 99, f"{pool}.6.7": 1}
    told |= {f"{CPM}.1.1.12.1": 1000, f"{CPM}.1.1.13.1": 3000}
    memory = {row["name"]: row["used_pct"] for row in (await asked(XE, told))["memory"]}
    assert memory == {"CPU 1 memory": 25.0, "Processor": 10.0, "IOS Process stack": 99.0}


async def test_two_tables_may_judge_one_power_supply_and_a_failed_one_is_one_fault() -> None:
    told = entity(5, "PS 1", 6) | entity(6, "PS 2", 6) | entity(7, "PS 3", 6) | entity(1000, "Slot 1", 9)
    told |= {f"{ENVMON}.5.1.2.5": "PS 1", f"{ENVMON}.5.1.3.5": 1, f"{ENVMON}.5.1.2.6": "PS 2", f"{ENVMON}.5.1.3.6": 4}
    told |= {f"{FRU}.1.2.1.2.{index}": state for index, state in ((5, 2), (6, 8), (7, 1), (1000, 2))}
    found = await asked(XE, told)
    assert states(found, "psu") == {
        "PS 1": "ok",
        "PS 1 power": "ok",
        "PS 2": "failed",
        "PS 2 power": "unknown",
        "PS 3": "absent",
    }
    assert states(found, "module") == {"Slot 1": "ok"}


async def test_a_name_outlives_the_state_that_stands_in_it() -> None:
    names = (
        "Sw1, PS1 Normal, RPS NotExist",
        "Sw1, PSB Faulty",
        "Switch 1 - Power Supply A, Not Present",
        "AC power supply",
    )
    told = {f"{ENVMON}.5.1.2.{n}": name for n, name in enumerate(names)} | {f"{ENVMON}.5.1.3.{n}": 1 for n in range(4)}
    told |= {f"{ENVMON}.3.1.2.9": "SW#1, Sensor#1, GREEN ", f"{ENVMON}.3.1.3.9": 30}
    found = await asked(IOS, told)
    assert list(states(found, "psu")) == ["Sw1, PS1", "Sw1, PSB", "Switch 1 - Power Supply A", "AC power supply"]
    assert sensors(found, "temperature") == {"SW#1, Sensor#1": 30}


async def test_a_fan_tray_is_told_by_its_tray_and_by_its_power() -> None:
    told = entity(30, "Fan 1", 7) | entity(31, "Fan 2", 7) | {f"{FRU}.4.1.1.1.30": 2, f"{FRU}.4.1.1.1.31": 3}
    told |= {f"{FRU}.1.2.1.2.30": 2, f"{FRU}.1.2.1.2.31": 8}
    assert states(await asked(NXOS, told), "fan") == {
        "Fan 1": "ok",
        "Fan 1 tray": "ok",
        "Fan 2": "failed",
        "Fan 2 tray": "unknown",
    }


async def test_a_module_that_is_missing_or_switched_off_has_not_failed() -> None:
    told = {f"{FRU}.2.1.1.2.{n}": n for n in (2, 3, 7, 8, 10, 13, 15)} | {
        key: value for n in (2, 3, 7, 8, 10, 13, 15) for key, value in entity(n, f"slot {n}", 9).items()
    }
    found = states(await asked(NXOS, told), "module")
    assert {name for name, state in found.items() if state == "failed"} == {"slot 7", "slot 10"}
    assert {name for name, state in found.items() if state == "absent"} == {"slot 3", "slot 8", "slot 13", "slot 15"}


async def test_a_sensor_that_two_tables_tell_has_two_names_and_zero_is_no_temperature() -> None:
    told = entity(21, "Inlet", 8) | {f"{ENVMON}.3.1.{column}.21": v for column, v in ((2, "Inlet"), (3, 30), (6, 1))}
    told |= {f"{ENVMON}.3.1.{column}.22": v for column, v in ((2, "Outlet"), (3, 0), (6, 5))}
    told |= {f"{SENSOR}.1.1.1.{column}.21": v for column, v in ((1, 8), (2, 9), (3, 1), (4, 304), (5, 1))}
    found = await asked(XE, told)
    assert sensors(found, "temperature") == {"Inlet": 30, "Inlet sensor": 30.4}
    assert states(found, "temperature") == {"Inlet": "ok", "Outlet": "absent"}


async def test_light_of_ios_xr_is_told_in_dbm_and_in_watts() -> None:
    told = entity(9, "power Rx 0/0/0/3", 8)
    told |= {f"{SENSOR}.1.1.1.{column}.9": v for column, v in ((1, 6), (2, 8), (3, 3), (4, 194), (5, 1))}
    found = await asked(XR, told)
    assert sensors(found, "dbm") == {"power Rx 0/0/0/3 (dBm)": -7.122}
    assert sensors(found, "power") == {"power Rx 0/0/0/3": 0.000194}


async def test_a_lone_supervisor_misses_no_partner_and_a_mismatched_member_has_failed() -> None:
    told = {f"{RF}.2.0": 14, f"{RF}.4.0": 2} | entity(1000, "Switch 1", 3) | entity(2000, "Switch 2", 3)
    told |= {"1.3.6.1.4.1.9.9.500.1.2.1.1.6.1000": 4, "1.3.6.1.4.1.9.9.500.1.2.1.1.6.2000": 6}
    told |= {"1.3.6.1.4.1.9.9.500.1.1.3.0": 2}
    found = await asked(XE, told)
    assert states(found, "redundancy") == {
        "this supervisor": "ok", "peer supervisor": "absent", "stack ring": "absent",
    }  # fmt: skip
    assert states(found, "stack") == {"Switch 1": "ok", "Switch 2": "failed"}


async def test_ntp_is_told_from_ciscos_own_mib() -> None:
    device = (await asked(IOS, {"1.3.6.1.4.1.9.9.168.1.1.11.0": 6, "1.3.6.1.4.1.9.9.168.1.1.2.0": 3}))["device"]
    assert (device[Fact.NTP_STATE], device[Fact.NTP_STRATUM]) == ("synchronised", 3)


async def test_nx_os_tells_its_model_and_its_memory_in_percent() -> None:
    found = await asked(NXOS, {"1.3.6.1.4.1.9.9.305.1.1.2.0": 44})
    assert found["device"]["hardware"] == "C93240YC-FX2"
    assert found["memory"][0]["used_pct"] == 44


async def test_a_pair_of_switches_that_lost_its_keepalive_has_failed() -> None:
    vpc = "1.3.6.1.4.1.9.9.807.1"
    told = {f"{vpc}.1.2.1.2.10": 3, f"{vpc}.2.1.1.2.10": 2}
    assert states(await asked(NXOS, told), "redundancy") == {
        "vPC domain 10 keepalive": "failed", "vPC domain 10 role": "ok",
    }  # fmt: skip


async def test_a_firewall_without_failover_misses_no_partner() -> None:
    cfw = "1.3.6.1.4.1.9.9.147.1.2.1.1.1"
    alone = {f"{cfw}.3.{n}": 3 for n in (4, 6, 7)} | {f"{cfw}.4.{n}": "Failover Off" for n in (6, 7)}
    alone |= {f"{cfw}.4.4": "not Configured"}
    assert states(await asked(ASA, alone), "redundancy") == {}
    pair = {f"{cfw}.2.6": "Primary unit (this device)", f"{cfw}.3.6": 9, f"{cfw}.3.7": 4, f"{cfw}.3.5": 2}
    assert states(await asked(ASA, pair), "redundancy") == {
        "Primary unit (this device)": "ok", "redundancy 7": "failed",
    }  # fmt: skip


async def test_the_chassis_below_a_firepower_tells_its_fans_and_supplies() -> None:
    fxos = "1.3.6.1.4.1.9.9.826.1.20"
    told = {f"{fxos}.34.1.2.1": "sys/chassis-1/fan-1", f"{fxos}.34.1.11.1": 1, f"{fxos}.40.1.2.5": "fan-1/stats"}
    told |= {f"{fxos}.40.1.6.5": 7000, f"{fxos}.109.1.2.1": "psu-1", f"{fxos}.109.1.10.1": 5}
    found = await asked(FTD, told)
    assert states(found, "fan") == {"sys/chassis-1/fan-1": "ok"} and states(found, "psu") == {"psu-1": "failed"}
    assert sensors(found, "fanspeed") == {"fan-1/stats": 7000}
    assert found["device"]["version"] == "6.4.0 (Build 102)"


async def test_a_controller_tells_processor_memory_and_only_power_supplies_that_are_there() -> None:
    told = {f"1.3.6.1.4.1.14179.1.1.5.{n}.0": v for n, v in ((1, 6), (2, 1000), (3, 400))}
    told |= {f"1.3.6.1.4.1.14179.1.1.3.{n}.0": v for n, v in ((2, 1), (3, 0), (4, 0), (5, 0))}
    told |= {"1.3.6.1.4.1.14179.2.3.1.13.0": 5000}
    found = await document("1.3.6.1.4.1.9.1.1069", told, "Cisco Controller")
    assert found["cpu"] == [{"name": "CPU", "usage_pct": 6}]
    assert found["memory"] == [{"name": "Memory", "used_pct": 60.0, "total_bytes": 1024000}]
    assert states(found, "psu") == {"Power supply 1": "failed"}
    assert sensors(found, "temperature") == {} and [r["raw"] for r in found["refused"]] == ["5000"]


async def test_a_small_business_stack_tells_units_optics_and_poe() -> None:
    rl, env = "1.3.6.1.4.1.9.6.1.101", "1.3.6.1.4.1.9.6.1.101.53.15.1"
    told: dict[str, Any] = {f"{rl}.1.8.0": 5, f"{env}.2.1": 1, f"{env}.3.1": 5, f"{env}.4.1": 5}
    told |= {f"{env}.10.1": 70, f"{env}.11.1": 1, f"{env}.12.1": 112, f"{env}.10.2": 70, f"{env}.11.2": 2}
    told |= {"1.3.6.1.2.1.31.1.1.1.1.7": "gi1/0/7", "1.3.6.1.2.1.2.2.1.7.7": 1, f"{rl}.108.1.1.5.1.7": 6852}
    told |= {f"{rl}.108.1.1.9.1.7": 30000, f"{rl}.108.1.1.5.1.8": 0}
    for test, unit, result in ((5, 7, 41), (6, 8, 3300000), (8, 17, -2500), (9, 17, -40000), (4, 6, 3)):
        told |= {f"{rl}.90.1.2.1.2.7.{test}": 2, f"{rl}.90.1.2.1.3.7.{test}": result, f"{rl}.90.1.2.1.4.7.{test}": unit}
    found = await document("1.3.6.1.4.1.9.6.1.1006.24.5", told, "CBS350-24P-4X 24-Port Gigabit PoE")
    assert found["cpu"] == [{"name": "CPU", "usage_pct": 5}]
    assert sensors(found, "temperature") == {"Unit 1": 70, "gi1/0/7 transceiver": 41}
    assert states(found, "psu") == {"Unit 1 main power supply": "ok", "Unit 1 redundant power supply": "absent"}
    assert sorted(sensors(found, "dbm").values()) == [-40.0, -2.5] and sensors(found, "voltage") == {
        "gi1/0/7 supply": 3.3
    }
    assert found["sensors"]["power"] == [{"name": "gi1/0/7 PoE", "value": 6.852, "limit": 30.0, "low_limit": None}]


async def test_the_temperature_of_an_older_small_business_switch_is_one_column_before() -> None:
    env = "1.3.6.1.4.1.9.6.1.101.53.15.1"
    found = await document("1.3.6.1.4.1.9.6.1.83.28.1", {f"{env}.9.1": 48, f"{env}.10.1": 1, f"{env}.11.1": 987654})
    assert sensors(found, "temperature") == {"Unit 1": 48}


def test_every_cisco_platform_keeps_the_units_of_one_kind_in_one_tier() -> None:
    """A rule that misses a part in a complete batch must not miss it in the other tier's."""
    for name in ("cisco_ios", "cisco_xe", "cisco_xr", "cisco_nxos", "cisco_asa", "cisco_ftd"):
        tiers = {
            t.tiers
            for t in profiles.everything()[name].tables
            if t.kind in ("redundancy", "power_supply", "fan", "stack")
        }
        assert len(tiers) == 1, name
