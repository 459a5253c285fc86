"""PAN-OS: what a cluster says of itself, and a chassis type that is a name or an OID."""

import pytest

from tests.snmp_invented import document, states

PANOS, SYS = "1.3.6.1.4.1.25461.2.3.1", "1.3.6.1.4.1.25461.2.1.2"


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("active", "ok"),
        ("passive", "ok"),
        ("non-functional", "failed"),
        ("disabled", "absent"),
        ("suspended", "unknown"),
    ],
)
async def test_only_a_member_that_does_not_function_is_a_lost_redundancy(word: str, state: str) -> None:
    found = await document(PANOS, {f"{SYS}.1.11.0": word, f"{SYS}.1.12.0": "passive"})
    assert states(found, "redundancy") == {"HA local state": state, "HA peer state": "ok"}


async def test_the_model_is_a_name_where_the_chassis_type_is_an_oid() -> None:
    told = {f"{SYS}.2.1.0": "oid:1.3.6.1.4.1.25461.2.3.29", "1.3.6.1.2.1.47.1.1.1.1.5.1": 3}
    told = {**told, "1.3.6.1.2.1.47.1.1.1.1.7.1": "PA-5450"}
    found = await document(PANOS, told, "Palo Alto Networks PA-5400 series firewall")
    assert found["device"]["hardware"] == "PA-5450"
    assert (await document(PANOS, {f"{SYS}.2.1.0": "PA-220"}))["device"]["hardware"] == "PA-220"
