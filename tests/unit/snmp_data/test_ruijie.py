"""Ruijie RGOS: nodes of a stack, bays that are empty, optics in hundredths of dBm."""

from typing import Any

from tests.snmp_invented import document, sensors, states

RGOS, MGMT = "1.3.6.1.4.1.4881.1.1.10.1.150", "1.3.6.1.4.1.4881.1.1.10.2"
DESCR = "Ruijie 10G Routing Switch(S6220-48XS4QXS) By Ruijie Networks"


async def test_a_device_tells_who_it_is_and_a_description_helps_out() -> None:
    who = {f"{MGMT}.1.1.2.0": "RGOS 11.0(5)B9P59", f"{MGMT}.1.1.24.0": "G1LC123000123"}
    device = (await document(RGOS, who, DESCR))["device"]
    assert (device["vendor"], device["platform"]) == ("ruijie", "ruijie_os")
    assert (device["version"], device["serial"], device["hardware"]) == (
        "RGOS 11.0(5)B9P59", "G1LC123000123", "S6220-48XS4QXS",
    )  # fmt: skip


async def test_processors_and_memory_are_told_by_node_and_else_for_the_whole() -> None:
    told: dict[str, Any] = {f"{MGMT}.36.1.1.3.0": 9, f"{MGMT}.35.1.1.1.2.1": "Total", f"{MGMT}.35.1.1.1.3.1": 40}
    whole = await document(RGOS, told)
    assert whole["cpu"] == [{"name": "CPU", "usage_pct": 9}] and whole["memory"][0]["used_pct"] == 40
    told |= {f"{MGMT}.36.1.2.1.2.1": "slot 0", f"{MGMT}.36.1.2.1.5.1": 11}
    assert (await document(RGOS, told))["cpu"] == [{"name": "slot 0", "usage_pct": 11}]


async def test_an_empty_bay_is_absent_and_a_supply_without_mains_has_failed() -> None:
    told = {f"{MGMT}.1.1.18.1.2.{n}": state for n, state in ((1, 4), (2, 1), (3, 2), (4, 7), (5, 6))}
    told |= {f"{MGMT}.1.1.21.1.2.1": 4, f"{MGMT}.1.1.21.1.2.2": 5}
    found = await document(RGOS, told)
    assert list(states(found, "psu").values()) == ["ok", "absent", "failed", "failed", "unknown"]
    assert list(states(found, "fan").values()) == ["ok", "failed"]


async def test_temperatures_have_their_own_limits_and_dark_optics_are_not_told() -> None:
    told: dict[str, Any] = {f"{MGMT}.1.1.23.1.{c}.1": v for c, v in ((2, "inlet"), (3, 41), (4, 70))}
    told |= {f"{MGMT}.105.1.1.1.{c}.{port}": v for port in (1, 2) for c, v in ((76, -10000), (81, -10000), (17, 0))}
    told |= {f"{MGMT}.105.1.1.1.76.1": -312, f"{MGMT}.105.1.1.1.81.1": -250, f"{MGMT}.105.1.1.1.17.1": 38}
    found = await document(RGOS, told)
    inlet = {"name": "inlet", "value": 41, "limit": 70, "low_limit": None}
    assert inlet in found["sensors"]["temperature"]
    assert sensors(found, "temperature") == {"inlet": 41, "transceiver 1": 38}
    assert sensors(found, "dbm") == {"transceiver 1 receive power": -3.12, "transceiver 1 transmit power": -2.5}
    assert found["refused"] == []
