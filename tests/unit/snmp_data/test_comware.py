"""Comware: temperatures repeated at every part, a part's own error, optics in hundredths, IRF at the end of a chain."""

from tests.snmp_invented import document, sensors, states

COMWARE = "1.3.6.1.4.1.25506.11.1.1"
ENTITY, EXT = "1.3.6.1.2.1.47.1.1.1.1", "1.3.6.1.4.1.25506.2.6.1.1.1.1"


async def test_a_temperature_is_told_of_sensors_and_boards_alone_and_a_module_fails_by_its_error() -> None:
    parts = {  # name, class, temperature, threshold, memory, error
        1: ("Chassis", 3, 38, 65535, 0, 1),
        2: ("Board 0", 9, 39, 80, 47, 2),
        3: ("Board 1", 9, 65535, 65535, 0, 71),
        4: ("Board 2", 9, 0, 0, 0, 4),
        5: ("Fan 1", 7, 38, 65535, 0, 41),
        6: ("Sensor 1", 8, 41, 55, 0, 2),
    }
    told: dict[str, int | str] = {f"{ENTITY}.7.{i}": part[0] for i, part in parts.items()}
    told |= {f"{ENTITY}.5.{i}": part[1] for i, part in parts.items()}
    told |= {f"{EXT}.{c}.{i}": part[n] for i, part in parts.items() for n, c in ((2, 12), (3, 13), (4, 8), (5, 19))}
    told |= {"1.3.6.1.4.1.25506.2.6.1.2.1.1.2.1": "CH1", "1.3.6.1.4.1.25506.2.6.1.2.1.1.2.2": "B1"}
    found = await document(COMWARE, told, "H3C Comware Platform Software, Software Version 7.1.070")
    assert {(row["name"], row["value"], row["limit"]) for row in found["sensors"]["temperature"]} == {
        ("Board 0", 39.0, 80.0),
        ("Sensor 1", 41.0, 55.0),
    }
    assert states(found, "module") == {"Board 0": "ok", "Board 1": "failed", "Board 2": "absent"}
    assert states(found, "fan") == {"Fan 1": "failed"}  # no device manager here
    assert found["device"]["serial"] == "CH1" and found["refused"] == []


async def test_optics_are_hundredths_of_dbm_and_a_chains_last_irf_port_is_no_failure() -> None:
    optics, irf = "1.3.6.1.4.1.25506.2.70.1.1.1", "1.3.6.1.4.1.25506.2.91.4.1.3"
    row = {9: -541, 10: -300, 11: -950, 12: 2147483647, 16: 335, 17: 908}
    told = {f"{optics}.{c}.26": n for c, n in row.items()} | {f"{irf}.1.1": 1, f"{irf}.1.2": 2, f"{irf}.2.1": 4}
    found = await document(COMWARE, {**told, "1.3.6.1.2.1.31.1.1.1.1.26": "XGE1/0/26"})
    assert found["sensors"]["dbm"] == [
        {"name": "XGE1/0/26 transmit power", "value": -5.41, "limit": -3.0, "low_limit": -9.5}
    ]
    assert sensors(found, "voltage") == {"XGE1/0/26 supply voltage": 3.35}
    assert sensors(found, "current") == {"XGE1/0/26 transmit bias": 0.00908}
    assert states(found, "stack") == {"IRF port 1/1": "ok", "IRF port 1/2": "unknown", "IRF port 2/1": "absent"}
