"""IronWare tells half degrees, hundredths of percents and optics as text."""

import pytest

from tests.snmp_invented import document, sensors, states

ROUTER, SN = "1.3.6.1.4.1.1991.1.3.51.7", "1.3.6.1.4.1.1991.1.1"


async def test_a_power_supply_that_fails_is_seen_and_a_slot_that_says_other_is_not() -> None:
    found = await document(ROUTER, {f"{SN}.1.2.1.1.3.{n}": state for n, state in ((1, 2), (2, 3), (3, 1))})
    assert list(states(found, "psu").values()) == ["ok", "failed", "unknown"]


async def test_a_stack_tells_its_supplies_by_unit_and_the_old_table_is_not_asked() -> None:
    found = await document(ROUTER, {f"{SN}.1.2.2.1.4.2.1": 2, f"{SN}.1.2.1.1.3.1": 3})
    assert states(found, "psu") == {"Unit 2 power supply 1": "ok"}


async def test_only_the_five_minutes_of_a_cpu_count() -> None:
    told = {f"{SN}.2.11.1.1.6.1.1.{seconds}": load for seconds, load in ((1, 9900), (5, 5000), (60, 200), (300, 150))}
    found = await document(ROUTER, told)
    assert [row["usage_pct"] for row in found["cpu"]] == [1.5]


async def test_optics_are_texts_and_none_stands_where_there_is_no_module() -> None:
    told = {f"{SN}.3.3.6.1.1.65": "43.3554 C: Normal", f"{SN}.3.3.6.1.1.66": "N/A"}
    told |= {f"{SN}.3.3.6.1.2.65": "-002.7140 dBm: Normal", f"{SN}.3.3.6.1.4.65": "6.582 mA: Normal"}
    told |= {f"{SN}.3.3.10.1.3.70.1": "566.4 uWatts Normal"}
    found = await document(ROUTER, told)
    assert list(sensors(found, "temperature").values()) == [43.355]
    assert [round(v, 2) for v in sensors(found, "dbm").values()] == [-2.71, -2.47]
    assert sensors(found, "current") == {"Port 65 bias current": pytest.approx(0.006582, abs=1e-3)}
