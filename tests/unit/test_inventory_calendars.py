from datetime import UTC, date, datetime

import pytest

from agent.cases.severity.inputs import in_hours
from agent.errors import InventoryError
from agent.faults.availability.past import coverage
from agent.inventory import holidays
from agent.inventory.holidays import PLAIN, Calendar, Days
from agent.inventory.inventory import Inventory
from agent.inventory.parse import parse
from agent.inventory.promises import Promise, Sla, within, working_days

CHINA = Calendar(name="CN", country="CN")
SATURDAY, TUESDAY = date(2026, 10, 10), date(2026, 10, 6)


def read(text: str) -> Inventory:
    whole = f"""
customers: {{acme: {{}}}}
sites: {{s: {{customer: acme, timezone: Asia/Shanghai}}}}
devices: {{r1: {{address: 192.0.2.1, site: s, reachability: [icmp]}}}}
{text}
"""
    return parse(whole, "inventory.yaml", lambda name: "x")


def refused(text: str) -> list[str]:
    with pytest.raises(InventoryError) as found:
        read(text)
    return [str(problem) for problem in found.value.problems]


def contract(more: str) -> str:
    return f"contracts: {{C-1: {{customer: acme, starts: 2026-01-01, ends: 2026-12-31, {more}}}}}"


# ---------------------------------------------------------------- days


def test_monday_to_friday_are_working_days_where_nothing_else_is_known():
    assert [PLAIN.is_workday(date(2026, 3, day)) for day in range(2, 9)] == [True] * 5 + [False] * 2


def test_a_chinese_holiday_is_off_and_the_saturday_that_makes_up_for_it_is_worked():
    days = holidays.of(CHINA, 2026, 2026)
    assert (days.is_holiday(TUESDAY), days.is_workday(TUESDAY)) == (True, False)
    assert (days.is_makeup(SATURDAY), days.is_workday(SATURDAY)) == (True, True)
    assert not days.is_workday(date(2026, 10, 11))


def test_parts_of_a_country_have_days_of_their_own():
    bavaria, berlin = (holidays.days({}, code, 2026, 2026) for code in ("DE-BY", "DE-BE"))
    assert bavaria.is_holiday(date(2026, 1, 6))
    assert not berlin.is_holiday(date(2026, 1, 6))


def test_the_week_end_is_not_on_saturday_and_sunday_everywhere():
    assert holidays.days({}, "IL", 2026, 2026).weekend == {4, 5}


def test_what_the_inventory_adds_removes_and_works_on_comes_before_what_the_country_says():
    added, removed, worked = date(2026, 3, 4), TUESDAY, date(2026, 3, 7)
    own = Calendar(name="own", country="CN", add=frozenset({added, SATURDAY}), remove=frozenset({removed}),
                   workdays=frozenset({worked}))  # fmt: skip
    days = holidays.of(own, 2026, 2026)
    assert (days.is_workday(added), days.is_workday(removed), days.is_workday(worked)) == (False, True, True)
    assert (days.is_workday(SATURDAY), days.is_makeup(SATURDAY)) == (False, False)


def test_only_the_years_that_are_asked_for_are_told():
    days = holidays.of(CHINA, 2026, 2026)
    assert {day.year for day in days.holidays | days.workdays} == {2026}


def test_a_name_that_nobody_knows_has_week_ends_and_no_holidays():
    assert holidays.days({}, "nowhere", 2026, 2026) == Days()
    assert holidays.calendar({}, "nowhere") is None
    assert holidays.calendar({}, "") is None


def test_a_calendar_of_the_inventory_comes_before_a_country_of_the_same_name():
    own = Calendar(name="CN")
    assert holidays.calendar({"CN": own}, "CN") is own


@pytest.mark.parametrize("code", ["CN", "DE-BY", "US-NY", "HK"])
def test_countries_and_their_parts_are_known_by_their_codes(code):
    assert holidays.is_country(code)
    assert code in holidays.countries()


@pytest.mark.parametrize("code", ["XX", "DE-XX", "China", "cn", "", "DE-"])
def test_what_is_no_code_is_none(code):
    assert not holidays.is_country(code)


def first_unknown() -> int:
    """The first year that China has not decreed, as far as the library that is installed knows."""
    return next(year for year in range(2026, 2080) if holidays.unpublished(CHINA, year))


def test_a_year_whose_make_up_days_are_not_decreed_yet_is_told_with_the_last_that_is():
    assert holidays.unpublished(CHINA, first_unknown()) == first_unknown() - 1
    assert holidays.unpublished(CHINA, 2026) == 0


def test_a_country_without_such_decrees_is_known_for_ever():
    assert holidays.unpublished(Calendar(name="DE", country="DE-BY"), 2050) == 0
    assert holidays.unpublished(Calendar(name="own"), 2050) == 0


def test_a_year_that_the_inventory_tells_of_counts_as_known():
    unknown = first_unknown()
    own = Calendar(name="own", country="CN", workdays=frozenset({date(unknown, 2, 20)}))
    assert holidays.unpublished(own, unknown) == 0


# ---------------------------------------------------------------- as they are written


def test_a_calendar_and_a_contract_that_goes_by_it_are_read():
    network = read(
        "calendars: {works: {country: CN, add: [2026-12-24], remove: [2026-01-02], workdays: [2026-12-26]}}\n"
        + contract("coverage: 5x8, holidays: works, pauses: [waiting_for_customer, with_vendor]")
    )
    assert network.calendars["works"] == Calendar(
        name="works",
        country="CN",
        add=frozenset({date(2026, 12, 24)}),
        remove=frozenset({date(2026, 1, 2)}),
        workdays=frozenset({date(2026, 12, 26)}),
    )
    assert network.contracts["C-1"].holidays == "works"
    assert network.contracts["C-1"].pauses == ("waiting_for_customer", "with_vendor")


def test_a_contract_may_name_a_country_and_pause_nowhere():
    found = read(contract("holidays: US-NY, pauses: []")).contracts["C-1"]
    assert (found.holidays, found.pauses) == ("US-NY", ())


def test_a_contract_s_promises_cover_the_policies_one_by_one():
    network = read(
        "policies: {sla: {P2: {restore: 6h}}}\n"
        + contract("sla: {P2: {response: 10m}, P1: {on_site: none}, P4: {restore: 3wd}}")
    )
    usual, own = network.policies.sla, network.contracts["C-1"].sla
    assert usual["P2"].restore == own["P2"].restore == within(hours=6)
    assert (usual["P2"].response, own["P2"].response) == (within(minutes=15), within(minutes=10))
    assert (usual["P1"].on_site, own["P1"].on_site) == (within(hours=1), None)
    assert own["P4"] == Sla(response=within(hours=24), restore=working_days(3), update=working_days(2))


def test_a_contract_without_promises_of_its_own_has_none():
    assert read(contract("coverage: 5x8")).contracts["C-1"].sla == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (contract("holidays: Mars"), "contracts.C-1.holidays: unknown calendar 'Mars'"),
        (contract("holidays: DE-XX"), "unknown calendar 'DE-XX'"),
        ("calendars: {c: {country: ZZ}}", "calendars.c.country: unknown country 'ZZ'"),
        ("calendars: {c: {add: [2026-13-01]}}", "'2026-13-01' is not a date"),
        ("calendars: {c: {add: [2026-10-01], workdays: [2026-10-01]}}", "2026-10-01 stands in add, too"),
        ("calendars: {c: {add: [2026-10-01], remove: [2026-10-01]}}", "2026-10-01 stands in add, too"),
        ("calendars: {c: {worked: []}}", "workdays"),
        (contract("pauses: [new]"), "waiting_for_customer"),
        (contract("sla: {P5: {response: 1m}}"), "P4"),
        (contract("sla: {P1: {response: 5wd5}}"), "'5wd5' is not a duration"),
        (contract("sla: {P1: {response: xwd}}"), "'xwd' is not a number of working days"),
        (contract("sla: {P1: {response: 0s}}"), "cannot be promised"),
        (contract("sla: {P1: {response: 400d}}"), "cannot be promised"),
    ],
)
def test_what_is_written_wrongly_is_told_with_its_place(text, told):
    problems = refused(text)
    assert any(told in problem for problem in problems), problems
    assert all("inventory.yaml:" in problem for problem in problems)


def test_a_promise_is_told_as_it_is_written():
    told = [
        str(p) for p in (within(minutes=15), within(hours=24), within(hours=1.5), working_days(5), within(seconds=30))
    ]
    assert told == ["15m", "24h", "90m", "5wd", "30s"]
    assert str(Promise(within(hours=4).length)) == "4h"


# ---------------------------------------------------------------- who else goes by them


def test_a_device_is_out_of_its_contract_s_hours_on_a_holiday():
    network = read(
        "calendars: {works: {country: CN}}\ndefaults: {contract: C-1}\n" + contract("coverage: 5x8, holidays: works")
    )
    device = network.devices["r1"]
    noon_of_a_tuesday_off, noon_of_a_make_up_saturday = (
        datetime(2026, 10, day, 4, tzinfo=UTC) for day in (TUESDAY.day, SATURDAY.day)
    )
    assert not in_hours(network, device, noon_of_a_tuesday_off)
    assert in_hours(network, device, noon_of_a_make_up_saturday)


def test_availability_within_the_contract_s_hours_leaves_holidays_out():
    network = read("defaults: {contract: C-1}\n" + contract("coverage: 5x8, holidays: CN"))
    of = coverage(network.devices["r1"], network)
    week = holidays.served(*of, datetime(2026, 10, 4, tzinfo=UTC), datetime(2026, 10, 11, tzinfo=UTC))
    assert [begins.day for begins, _ in week] == [8, 9, 10]
