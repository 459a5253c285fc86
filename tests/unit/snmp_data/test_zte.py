"""ZTE: cards without memory have no processor; a GPON port's speed stands in ifSpeed alone."""

from tests.snmp_invented import document, sensors

OLT, CARD = "1.3.6.1.4.1.3902.1082.1001.320.2.1", "1.3.6.1.4.1.3902.1082.10.1.2.4.1"
CLIMATE = "1.3.6.1.4.1.3902.1082.10.10.2.1.6.1"


async def test_a_power_card_has_no_processor_and_what_is_not_measured_is_not_told() -> None:
    cards = {"1.1.1": ("GTGOG", 11, 26, 512), "1.1.3": ("PRAM", 0, 0, 0)}
    told = {f"{CARD}.{c}.{i}": card[n] for i, card in cards.items() for n, c in enumerate((4, 9, 11, 19))}
    climate = {"1.1.1": (38, 26895, 50938, 528), "1.1.3": (37, 0, 0, 0)}
    told |= {f"{CLIMATE}.{c}.{i}": row[c - 2] for i, row in climate.items() for c in (2, 3, 4, 5)}
    found = await document(OLT, told, "C320 Version V2.1.0 Software, Copyright (c) by ZTE Corporation Compiled")
    assert found["cpu"] == [{"name": "GTGOG 1.1.1", "usage_pct": 11.0}]
    assert found["memory"] == [{"name": "GTGOG 1.1.1", "used_pct": 26.0, "total_bytes": None}]
    assert sensors(found, "temperature") == {"GTGOG 1.1.1": 38.0, "PRAM 1.1.3": 37.0}
    assert sensors(found, "power") == {"GTGOG 1.1.1 power": 26.895}
    assert sensors(found, "voltage") == {"GTGOG 1.1.1 voltage": 50.938}
    assert sensors(found, "current") == {"GTGOG 1.1.1 current": 0.528}
    assert (found["device"]["hardware"], found["device"]["version"]) == ("C320", "V2.1.0")


async def test_a_gpon_port_has_its_exact_speed_and_a_faster_one_what_does_not_fit_there() -> None:
    told = {"1.3.6.1.2.1.2.2.1.5.1": 2488320000, "1.3.6.1.2.1.31.1.1.1.15.1": 2488, "1.3.6.1.2.1.31.1.1.1.1.1": "gpon"}
    told |= {
        "1.3.6.1.2.1.2.2.1.5.2": 4294967295,
        "1.3.6.1.2.1.31.1.1.1.15.2": 10000,
        "1.3.6.1.2.1.31.1.1.1.1.2": "xgei",
    }
    found = await document(OLT, told)
    assert {row["name"]: row["speed_bps"] for row in found["interfaces"]} == {"gpon": 2488320000, "xgei": 10**10}


async def test_screenos_tells_its_processor_memory_and_parts() -> None:
    screenos = "1.3.6.1.4.1.3224"
    told = {f"{screenos}.16.1.3.0": 7, f"{screenos}.16.2.1.0": 300, f"{screenos}.16.2.2.0": 100}
    told |= {f"{screenos}.21.1.1.2.0": 0, f"{screenos}.21.2.1.2.0": 1, f"{screenos}.21.4.1.3.0": 35}
    found = await document(f"{screenos}.1.29", told, "SSG5-Serial version 6.3.0r24.0 (SN: 0162, Firewall+VPN)")
    assert [row["usage_pct"] for row in found["cpu"]] == [7.0] and [r["used_pct"] for r in found["memory"]] == [75.0]
    assert [(row["kind"], row["state"]) for row in found["states"]] == [("psu", "failed"), ("fan", "ok")]
    assert list(sensors(found, "temperature").values()) == [35.0]
