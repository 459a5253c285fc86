"""ProCurve tells what a sensor is by an object identifier; Aruba CX tells numbers and states as text."""

from tests.snmp_invented import document, sensors, states

PROCURVE, CX, CONTROLLER, INSTANT = (
    "1.3.6.1.4.1.11.2.3.7.11.84",
    "1.3.6.1.4.1.47196.4.1.1.1.100",
    "1.3.6.1.4.1.14823.1.1.32",
    "1.3.6.1.4.1.14823.1.2.71",
)
SENSOR, XCVR = "1.3.6.1.4.1.11.2.14.11.1.2.6.1", "1.3.6.1.4.1.11.2.14.11.5.1.82.1.1.1.1"
CX_PSU, CX_LANES = "1.3.6.1.4.1.47196.4.1.1.3.11.2.1.1", "1.3.6.1.4.1.47196.4.1.1.3.27.1.2.2.1"


async def test_a_procurve_sensor_is_what_its_object_identifier_says() -> None:
    rows = [("Fan Sensor", 2, 4), ("Power Supply 1", 1, 2), ("RPS", 1, 5), ("Over-temperature", 3, 4)]
    told: dict[str, object] = {}
    for i, (name, kind, state) in enumerate(rows, 1):
        told |= {
            f"{SENSOR}.2.{i}": f"oid:1.3.6.1.4.1.11.2.3.7.8.3.{kind}",
            f"{SENSOR}.4.{i}": state,
            f"{SENSOR}.7.{i}": name,
        }
    found = await document(PROCURVE, told)
    assert states(found, "fan") == {"Fan Sensor": "ok"}
    assert states(found, "psu") == {"Power Supply 1": "failed", "RPS": "absent"}
    assert states(found, "temperature") == {"Over-temperature": "ok"}


async def test_light_that_a_procurve_cannot_measure_is_no_reading() -> None:
    told = {f"{XCVR}.2.49": "A1", f"{XCVR}.14.49": -6020, f"{XCVR}.15.49": -99999999, f"{XCVR}.30.49": 6310}
    found = await document(PROCURVE, told)
    assert sensors(found, "dbm") == {"A1 transmit power": -6.02}
    assert round(found["sensors"]["dbm"][0]["limit"], 1) == -2.0  # told in tenths of microwatts


async def test_a_procurve_of_any_age_says_what_it_is() -> None:
    for descr, model, version in (
        ("HP J9625A 2620-24-PoEP Switch, revision RA.16.02.0012, ROM RA.15.13", "J9625A 2620-24-PoEP", "RA.16.02.0012"),
        ("ProCurve J8697A Switch 5406zl, revision K.15.04.0007, ROM K.15.13", "J8697A 5406zl", "K.15.04.0007"),
        ("PROCURVE J9028B - PB.03.10", "J9028B", "PB.03.10"),
    ):
        device = (await document(PROCURVE, {}, descr))["device"]
        assert (device["hardware"], device["version"]) == (model, version)


async def test_a_power_supply_of_a_cx_is_judged_by_number_or_by_text() -> None:
    told = {
        f"{CX_PSU}.3.1.1": "1/1",
        f"{CX_PSU}.4.1.1": "ok",
        f"{CX_PSU}.3.1.2": "1/2",
        f"{CX_PSU}.4.1.2": "fault_input",
    }
    found = await document(CX, told)
    assert states(found, "psu") == {"Power supply 1/1": "ok", "Power supply 1/2": "failed"}
    found = await document(CX, told | {f"{CX_PSU}.11.1.1": 12, f"{CX_PSU}.11.1.2": 1})
    assert states(found, "psu") == {"Power supply 1/1": "absent", "Power supply 1/2": "ok"}


async def test_the_light_of_a_cx_is_told_as_text_in_milliwatts() -> None:
    found = await document(CX, {f"{CX_LANES}.12.36.1": "1.0000", f"{CX_LANES}.12.36.2": "0.0000"})
    assert list(sensors(found, "dbm").values()) == [0.0]


async def test_a_controller_tells_kibibytes_and_a_sentence_for_a_temperature() -> None:
    memory = "1.3.6.1.4.1.14823.2.2.1.2.1.15.1"
    told: dict[str, object] = {f"{memory}.2.1": 1000, f"{memory}.3.1": 250, f"{memory}.4.1": 750}
    told |= {"1.3.6.1.4.1.14823.2.2.1.2.1.10.0": "52.50 degrees Celsius"}
    found = await document(CONTROLLER, told, "ArubaOS (MODEL: Aruba7210), Version 6.5.1.4 (58514)")
    assert found["memory"] == [{"name": "Memory 1", "used_pct": 25.0, "total_bytes": 1024000}]
    assert sensors(found, "temperature") == {"Internal": 52.5}
    assert found["device"]["hardware"] == "Aruba7210"


async def test_an_instant_cluster_tells_of_each_access_point() -> None:
    ap = "1.3.6.1.4.1.14823.2.3.3.1.2.1.1"
    told = {f"{ap}.{c}.1.2.3.4.5.{n}": v for n in (6, 7) for c, v in ((2, f"ap{n}"), (7, n), (11, n - 5))}
    found = await document(INSTANT, told)
    assert {row["name"]: row["usage_pct"] for row in found["cpu"]} == {"ap6": 6.0, "ap7": 7.0}
    assert states(found, "module") == {"ap6": "ok", "ap7": "failed"}
