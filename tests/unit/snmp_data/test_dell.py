"""Dell's four families: OS 9, its forerunners, the N series with FASTPATH, and PowerConnect."""

import pytest

from tests.snmp_invented import document, sensors, states

OS9, N_SERIES, POWERCONNECT = "1.3.6.1.4.1.6027.1.3.20", "1.3.6.1.4.1.674.10895.3054", "1.3.6.1.4.1.674.10895.3020"
CHASSIS, OPTICS = "1.3.6.1.4.1.6027.3.26.1.4", "1.3.6.1.4.1.6027.3.11.1.3.1.1"
FASTPATH = "1.3.6.1.4.1.674.10895.5000.2.6132.1.1"


async def test_an_empty_bay_of_an_os_9_switch_is_absent_and_a_dead_supply_failed() -> None:
    found = await document(OS9, {f"{CHASSIS}.6.1.4.2.1.{n}": state for n, state in ((1, 1), (2, 2), (3, 3))})
    assert list(states(found, "psu").values()) == ["ok", "failed", "absent"]


async def test_a_cage_without_a_module_tells_nothing_and_bias_is_milliamperes() -> None:
    told = {f"{OPTICS}.2.5": "Fo 1/1/1", f"{OPTICS}.2.6": "Te 1/2"}
    told |= {f"{OPTICS}.{c}.6": "" for c in (8, 16, 17, 18)}
    told |= {f"{OPTICS}.8.5": "-1.485101", f"{OPTICS}.16.5": "41.957031", f"{OPTICS}.18.5": "7.410000"}
    found = await document(OS9, told)
    assert sensors(found, "dbm") == {"Fo 1/1/1 lane 1 transmit power": -1.485}
    assert sensors(found, "current") == {"Fo 1/1/1 lane 1 bias current": pytest.approx(0.00741, abs=1e-3)}
    assert sensors(found, "temperature") == {"Fo 1/1/1 optics": 41.957}


async def test_an_old_s_series_is_asked_only_where_the_common_mib_is_silent() -> None:
    old = {"1.3.6.1.4.1.6027.3.10.1.2.9.1.2.1": 42}
    assert [row["usage_pct"] for row in (await document(OS9, old))["cpu"]] == [42.0]
    found = await document(OS9, old | {f"{CHASSIS}.4.1.4.2.1.1": 12})
    assert [row["usage_pct"] for row in found["cpu"]] == [12.0]


async def test_the_minute_of_an_n_series_cpu_is_found_in_its_sentence() -> None:
    told: dict[str, object] = {f"{FASTPATH}.1.1.4.9.0": "5 Secs (  6.9%)    60 Secs (  5.6%)   300 Secs (  5.1%)"}
    told |= {f"{FASTPATH}.1.1.4.1.0": 250, f"{FASTPATH}.1.1.4.2.0": 1000}
    told |= {f"{FASTPATH}.43.1.7.1.3.{n}": state for n, state in ((0, 2), (1, 1), (2, 3))}
    found = await document(N_SERIES, told, "Dell Networking N3048, 6.3.0.6, Linux 3.7.10-e54850e7")
    assert [row["usage_pct"] for row in found["cpu"]] == [5.6]
    assert [row["used_pct"] for row in found["memory"]] == [75.0]
    assert list(states(found, "psu").values()) == ["ok", "absent", "failed"]
    device = found["device"]
    assert (device["platform"], device["hardware"], device["version"]) == ("dell_force10", "N3048", "6.3.0.6")


async def test_a_powerconnect_that_does_not_measure_its_cpu_tells_101() -> None:
    found = await document(POWERCONNECT, {"1.3.6.1.4.1.89.1.8.0": 101}, "PowerConnect 5448")
    assert found["device"]["platform"] == "dell_powerconnect" and found["cpu"] == []
