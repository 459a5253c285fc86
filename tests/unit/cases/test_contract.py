from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from agent.cases import contract
from agent.cases.contract import Claim, Status
from agent.inventory.customers import Contract, Customer, Site
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SERIALS = {"FOC1": "core-1", "FOC2": "lone"}


def inventory() -> Inventory:
    def device(name: str, number: str, customer: str = "acme") -> Device:
        return Device(name=name, address=f"10.0.0.{len(name)}", customer=customer, site="hq", contract=number)

    def made(number: str, customer: str, starts: date, ends: date, *serials: str) -> Contract:
        return Contract(number=number, customer=customer, starts=starts, ends=ends, serials=frozenset(serials))

    contracts = (
        made("C-1", "acme", date(2026, 1, 1), date(2026, 12, 31), "SPARE9"),
        made("C-0", "acme", date(2025, 1, 1), date(2026, 3, 1)),
        made("C-9", "acme", date(2026, 4, 1), date(2027, 3, 31)),
        made("O-1", "orient", date(2026, 1, 1), date(2026, 12, 31)),
    )
    return Inventory(
        devices={
            each.name: each
            for each in (
                device("core-1", "C-1"),
                device("old", "C-0"),
                device("lone", ""),
                device("o", "O-1", "orient"),
            )
        },
        customers={name: Customer(name=name) for name in ("acme", "orient", "none")},
        contracts={each.number: each for each in contracts},
        sites={"hq": Site(name="hq", customer="acme")},
    )


@pytest.mark.parametrize(
    ("claim", "status", "because"),
    [
        (Claim(number="C-1", device="core-1"), Status.VALID, "contract C-1 covers core-1 until 2026-12-31"),
        (Claim(number=" c-1 "), Status.VALID, "contract C-1 covers acme until 2026-12-31"),
        (Claim(device="CORE-1.example.net"), Status.VALID, "contract C-1 covers core-1 until 2026-12-31"),
        (Claim(device="10.0.0.6"), Status.VALID, "contract C-1 covers core-1 until 2026-12-31"),
        (Claim(serial="foc 1"), Status.VALID, "contract C-1 covers core-1 until 2026-12-31"),
        (Claim(serial="spare9"), Status.VALID, "contract C-1 covers the serial number SPARE9 until 2026-12-31"),
        (Claim(customer="orient"), Status.VALID, "contract O-1 covers orient until 2026-12-31"),
        (Claim(number="C-1", serial="FOC1", device="core-1"), Status.VALID, "contract C-1 covers core-1"),
        (Claim(device="old"), Status.EXPIRED, "contract C-0 ended on 2026-03-01"),
        (Claim(number="C-0", device="core-1"), Status.EXPIRED, "contract C-0 ended on 2026-03-01"),
        (Claim(number="C-9"), Status.NOT_COVERED, "contract C-9 begins only on 2026-04-01"),
        (Claim(number="C-1", device="o"), Status.NOT_COVERED, "contract C-1 is acme's, not orient's"),
        (Claim(number="C-1", customer="orient"), Status.NOT_COVERED, "contract C-1 is acme's, not orient's"),
        (
            Claim(number="C-1", device="lone"),
            Status.NOT_COVERED,
            "contract C-1 is not for lone, which is under no contract",
        ),
        (
            Claim(number="C-1", device="core-1", serial="FOC2"),
            Status.NOT_COVERED,
            "contract C-1 is not for lone with the serial number FOC2, which is under no contract",
        ),
        (
            Claim(number="C-1", serial="XYZ"),
            Status.NOT_COVERED,
            "nothing under contract C-1 is known with the serial number XYZ",
        ),
        (Claim(number="C-77"), Status.UNKNOWN, "no contract has the number C-77"),
        (
            Claim(number="C-77", device="core-1"),
            Status.UNKNOWN,
            "no contract has the number C-77; core-1 is under contract C-1",
        ),
        (Claim(device="lone"), Status.UNKNOWN, "lone is under no contract"),
        (Claim(serial="XYZ"), Status.UNKNOWN, "no device and no contract is known with the serial number XYZ"),
        (Claim(device="gone"), Status.UNKNOWN, "no contract number was given, and no device of the inventory is gone"),
        (Claim(customer="none"), Status.UNKNOWN, "no contract number was given, and none has none or several"),
        (Claim(), Status.UNKNOWN, "no contract number, serial number or device was given"),
    ],
)
def test_a_contract_is_looked_up_by_whatever_is_known(claim: Claim, status: Status, because: str) -> None:
    found = contract.look_up(claim, inventory(), SERIALS, NOW)
    assert found.status is status
    assert found.because.startswith(because)


@pytest.mark.parametrize(("day", "status"), [(date(2026, 3, 1), Status.VALID), (date(2026, 3, 2), Status.EXPIRED)])
def test_a_contract_holds_on_its_last_day(day: date, status: Status) -> None:
    assert (
        contract.look_up(
            Claim(device="old"), inventory(), {}, datetime(day.year, day.month, day.day, tzinfo=UTC)
        ).status
        is status
    )


def test_what_was_found_names_device_customer_site_and_the_contracts_own_number() -> None:
    found = contract.look_up(Claim(number="c-1", serial="foc1"), inventory(), SERIALS, NOW)
    assert (found.number, found.device, found.customer, found.site) == ("C-1", "core-1", "acme", "hq")


def test_a_number_that_nobody_knows_stays_as_it_was_said() -> None:
    assert contract.look_up(Claim(number=" C 77"), inventory(), {}, NOW).number == "C 77"


def test_an_address_is_no_device_name_without_its_domain() -> None:
    assert contract.find_device("10.example.net", inventory()) is None
    assert contract.find_device("10.0.0.99", inventory()) is None


@pytest.mark.parametrize(
    ("zone", "own", "at", "status"),
    [
        ("Asia/Shanghai", "", datetime(2026, 12, 31, 15, 59, tzinfo=UTC), Status.VALID),
        ("Asia/Shanghai", "", datetime(2026, 12, 31, 16, 0, tzinfo=UTC), Status.EXPIRED),
        ("Asia/Shanghai", "", datetime(2025, 12, 31, 16, 0, tzinfo=UTC), Status.VALID),
        ("America/New_York", "", datetime(2027, 1, 1, 4, 59, tzinfo=UTC), Status.VALID),
        ("America/New_York", "", datetime(2027, 1, 1, 5, 0, tzinfo=UTC), Status.EXPIRED),
        ("Asia/Shanghai", "Europe/Berlin", datetime(2026, 12, 31, 22, 59, tzinfo=UTC), Status.VALID),
        ("Asia/Shanghai", "Europe/Berlin", datetime(2026, 12, 31, 23, 0, tzinfo=UTC), Status.EXPIRED),
    ],
)
@pytest.mark.parametrize("claim", [Claim(number="C-1"), Claim(device="core-1")])
def test_a_contract_begins_and_ends_at_midnight_where_it_is_served(claim, zone, own, at, status):
    made = inventory()
    made = replace(
        made,
        contracts={**made.contracts, "C-1": replace(made.contracts["C-1"], timezone=own)},
        sites={"hq": replace(made.sites["hq"], timezone=zone)},
    )
    assert contract.look_up(claim, made, {}, at).status is status
