"""VRP: optical power in µW or hundredths of dBm by release, empty bays, stack ports at the end of a chain."""

import pytest

from tests.snmp_invented import document, sensors, states

VRP, DESCR = "1.3.6.1.4.1.2011.2.23.291", "Huawei Versatile Routing Platform Software"
EXTENT = "1.3.6.1.4.1.2011.5.25.31.1.1"


@pytest.mark.parametrize(
    ("power", "lane", "dbm"),
    [
        (252, "", -5.986),
        (-599, "", -5.99),
        (252, "-597.39", -5.974),
        (150, "150.00", 1.5),
        (-1, "", None),
        (-255, "", None),
    ],
)
async def test_optical_power_is_dbm_whatever_unit_the_release_has(power: int, lane: str, dbm: float | None) -> None:
    told = {"1.3.6.1.2.1.47.1.1.1.1.7.9": "GE0/0/1", "1.3.6.1.2.1.47.1.1.1.1.5.9": 10}
    told |= {f"{EXTENT}.3.1.9.9": power, f"{EXTENT}.3.1.33.9": lane, f"{EXTENT}.3.1.16.9": 99}
    told |= {f"{EXTENT}.3.1.15.9": -1300, f"{EXTENT}.3.1.5.9": -255}
    found = await document(VRP, told, DESCR)
    assert sensors(found, "dbm") == ({"GE0/0/1 transmit power": dbm} if dbm is not None else {})
    assert sensors(found, "temperature") == {} and found["refused"] == []
    assert all((row["limit"], row["low_limit"]) == (0.99, -13.0) for row in found["sensors"].get("dbm", []))


async def test_an_empty_bay_is_absent_and_a_supply_that_does_not_supply_has_failed() -> None:
    told = {f"{EXTENT}.18.1.5.1.5": 1, f"{EXTENT}.18.1.6.1.5": 2, f"{EXTENT}.18.1.5.1.6": 2, f"{EXTENT}.18.1.6.1.6": 2}
    told |= {f"{EXTENT}.10.1.6.1.7": 1, f"{EXTENT}.10.1.7.1.7": 2, f"{EXTENT}.10.1.6.1.8": 2, f"{EXTENT}.10.1.7.1.8": 2}
    found = await document(VRP, told, DESCR)
    assert states(found, "psu") == {"Slot 1 power supply 5": "failed", "Slot 1 power supply 6": "absent"}
    assert states(found, "fan") == {"Slot 1 fan 7": "failed", "Slot 1 fan 8": "absent"}


async def test_a_chains_last_stack_port_is_no_failure_and_a_box_before_the_entity_mib_has_a_processor() -> None:
    stack = "1.3.6.1.4.1.2011.5.25.183.1"
    told = {f"{stack}.20.1.3.1": 1, f"{stack}.21.1.5.1.0": 1, f"{stack}.21.1.5.1.1": 2}
    told |= {"1.3.6.1.4.1.2011.6.3.4.1.2.0.0.0": 17}
    told |= {"1.3.6.1.4.1.2011.6.3.5.1.1.2.0.0.0": 1000, "1.3.6.1.4.1.2011.6.3.5.1.1.3.0.0.0": 400}
    found = await document(VRP, told, DESCR)
    assert states(found, "stack") == {
        "Member 1": "ok",
        "Member 1 stack port 0": "ok",
        "Member 1 stack port 1": "unknown",
    }
    assert [row["usage_pct"] for row in found["cpu"]] == [17.0]
    assert [row["used_pct"] for row in found["memory"]] == [60.0]
