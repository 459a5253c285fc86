"""Arista EOS: memory that is lent to caches, and optics in milliwatts."""

from typing import Any

from tests.snmp_invented import document, sensors

EOS = "1.3.6.1.4.1.30065.1.3011.7050.1958.128"
HR = "1.3.6.1.2.1.25.2.3.1"
_TYPES = {"ram": "oid:1.3.6.1.2.1.25.2.1.2", "virtual": "oid:1.3.6.1.2.1.25.2.1.3", "flash": "oid:1.3.6.1.2.1.25.2.1.9"}


async def test_what_is_lent_to_buffers_and_cache_is_no_use_of_memory() -> None:
    rows = ((1, "ram", "RAM", 970), (2, "ram", "RAM (Buffers)", 50), (3, "ram", "RAM (Cache)", 570))
    told: dict[str, Any] = {}
    for index, kind, name, used in (*rows, (5, "virtual", "Tmp", 10), (4, "flash", "Flash", 700)):
        told |= {f"{HR}.2.{index}": _TYPES[kind], f"{HR}.3.{index}": name, f"{HR}.4.{index}": 1024}
        told |= {f"{HR}.5.{index}": 1000, f"{HR}.6.{index}": used}
    found = await document(
        EOS, told, "Arista Networks EOS version 4.15.3F running on an Arista Networks DCS-7050TX-128"
    )
    memory = {row["name"]: row["used_pct"] for row in found["memory"]}
    assert memory == {"RAM": 35.0, "RAM (Buffers)": 5.0, "RAM (Cache)": 57.0, "Tmp": 1.0}
    assert [row["name"] for row in found["storage"]] == ["Flash"]
    assert (found["device"]["version"], found["device"]["hardware"]) == ("4.15.3F", "DCS-7050TX-128")


async def test_optics_are_told_in_dbm_and_an_underflow_is_no_reading() -> None:
    told: dict[str, Any] = {}
    for index, raw in ((100301212, 6322), (100301213, -1000000000)):
        told |= {f"1.3.6.1.2.1.99.1.1.1.{c}.{index}": v for c, v in ((1, 6), (2, 8), (3, 4), (4, raw), (5, 1))}
        told |= {f"1.3.6.1.2.1.47.1.1.1.1.2.{index}": f"DOM TX Power Sensor for Ethernet{index % 10}"}
        told |= {f"1.3.6.1.4.1.30065.3.12.1.1.1.{c}.{index}": v for c, v in ((1, 1514), (3, 17783))}
    found = await document(EOS, told)
    [light] = found["sensors"]["dbm"]
    assert light == {"name": "DOM TX Power Sensor for Ethernet2", "value": -1.991, "limit": 2.5, "low_limit": -8.199}
    assert sensors(found, "power") == {}
