"""The states of an RMA, and when the failed part has to be back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.cases import rma
from agent.cases.rma import MOVES, OVER, Rma, RmaState, Sight
from agent.cases.spares import Spare, SpareState
from agent.errors import RefusedError
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory import holidays
from agent.inventory.holidays import Calendar
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from tests.story import START

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York")
CHINA = Calendar(name="cn", country="CN")


def an_rma(state: RmaState = RmaState.REQUESTED, **more: object) -> Rma:
    base = Rma(
        number=1,
        case=1,
        device="sw1",
        slot="sw1",
        part="P",
        serial_out="OLD1",
        fault="x",
        requested=START,
        requested_by="li",
    )
    return replace(base, state=state, **more)  # type: ignore[arg-type]


def works(day: date) -> bool:
    return holidays.of(CHINA, day.year, day.year).is_workday(day)


# ---------------------------------------------------------------- the table


@given(st.lists(st.sampled_from(list(RmaState)), max_size=40))
def test_however_it_is_moved_the_table_is_kept_and_what_is_over_stays_over(wanted: list[RmaState]) -> None:
    found, at = an_rma(), START
    for to in wanted:
        at += HOUR
        before = found
        if to not in MOVES[found.state]:
            with pytest.raises(RefusedError, match=f"is {found.state} and cannot become {to}"):
                rma.moved(found, to, at)
            continue
        found = rma.moved(found, to, at)
        assert to in MOVES[before.state]
        assert before.state not in OVER
        assert rma.standing(found, at) is found.state


def test_every_state_can_be_reached_and_left_or_is_an_end() -> None:
    assert set(MOVES) == set(RmaState)
    reached, waiting = {RmaState.REQUESTED}, [RmaState.REQUESTED]
    while waiting:
        for to in MOVES[waiting.pop()] - reached:
            reached.add(to)
            waiting.append(to)
    assert reached == set(RmaState)
    assert {state for state, to in MOVES.items() if not to} == OVER


def test_the_page_draws_the_table() -> None:
    import re
    from pathlib import Path

    page = (Path(__file__).parents[3] / "docs" / "reference" / "rma.md").read_text()
    drawn = set(re.findall(r"^ +(\w+) --> (\w+)", page, re.MULTILINE))
    assert drawn == {(str(state), str(to)) for state, every in MOVES.items() for to in every}


def test_a_part_that_is_looked_for_again_keeps_the_customers_confirmation() -> None:
    agreed = rma.moved(an_rma(), RmaState.CONFIRMED, START + HOUR, confirmed_by="Zhang")
    spare = Spare(serial="NEW1", part="P", location="branch", changed=START)
    shipped = rma.moved(rma.sourced(agreed, spare, START + 2 * HOUR), RmaState.SHIPPED, START + 3 * HOUR)
    again = rma.looked_for_again(shipped, START + 4 * HOUR)
    assert (again.confirmed, again.confirmed_by, again.serial_in, again.source) == (START + HOUR, "Zhang", "", "")
    assert again.shipped is None
    assert rma.standing(again, START + 5 * HOUR) is RmaState.CONFIRMED


def test_its_state_at_any_moment_is_told_by_its_times() -> None:
    found = an_rma(RmaState.CLOSED, confirmed=START + HOUR, sourced=START + 2 * HOUR, closed=START + 9 * HOUR)
    told = [rma.standing(found, START + n * HOUR) for n in (0, 1, 5, 9)]
    assert told == [RmaState.REQUESTED, RmaState.CONFIRMED, RmaState.SOURCED, RmaState.CLOSED]


@pytest.mark.parametrize("text", ["RMA-000012", "rma-12", " 12 "])
def test_an_rma_is_called_by_name_or_number(text: str) -> None:
    assert rma.number_of(text) == 12


@pytest.mark.parametrize("text", ["", "RMA-", "12x", "-1", "１２", "RMA-" + "9" * 12])
def test_what_is_no_number_names_none(text: str) -> None:
    assert rma.number_of(text) == 0


# ---------------------------------------------------------------- the failed part


@settings(deadline=None)
@given(
    st.integers(0, 1060 * 24).map(lambda hours: datetime(2024, 1, 1, tzinfo=UTC) + hours * HOUR),
    st.integers(1, 40),
    st.sampled_from(ZONES),
)
def test_so_many_working_days_lie_between_the_installation_and_the_day_that_it_is_due(
    installed: datetime, days: int, zone: str
) -> None:
    due = rma.return_due(installed, days, zone, works)
    first = installed.astimezone(ZoneInfo(zone)).date()
    last = (due - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
    between = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert sum(works(day) for day in between) == days
    assert works(last)
    wall = due.astimezone(ZoneInfo(zone))
    assert wall.date() == last + DAY
    assert wall.hour == wall.minute == 0


@pytest.mark.parametrize(
    ("installed", "due"),
    [
        (date(2026, 3, 2), date(2026, 3, 16)),  # nothing in between
        (date(2026, 2, 6), date(2026, 2, 27)),  # Spring Festival 15 to 23 February, 14 and 28 make up
        (date(2026, 4, 24), date(2026, 5, 12)),  # Labour Day 1 to 5 May, 9 May makes up
        (date(2026, 9, 21), date(2026, 10, 12)),  # Mid-Autumn 25 September, National Day 1 to 7 October, 10 makes up
    ],
)
def test_holidays_put_the_day_off_and_make_up_days_bring_it_back(installed: date, due: date) -> None:
    noon = datetime(installed.year, installed.month, installed.day, 4, tzinfo=UTC)
    end = rma.return_due(noon, 10, "Asia/Shanghai", works)
    assert (end.astimezone(ZoneInfo("Asia/Shanghai")) - DAY).date() == due


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_the_end_of_the_day_is_right_where_the_clock_is_changed(zone: str) -> None:
    for start in (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 10, 20, tzinfo=UTC)):
        for n in range(30):
            due = rma.return_due(start + n * DAY, 5, zone, rma.weekday).astimezone(ZoneInfo(zone))
            assert (due.hour, due.minute) == (0, 0)


@settings(deadline=None)
@given(st.integers(0, 5), st.integers(1, 10), st.sampled_from(ZONES))
def test_reminders_rise_and_come_on_working_days(before: int, every: int, zone: str) -> None:
    due = rma.return_due(START, 10, zone, works)
    found = an_rma(RmaState.HEALTHY, installed=START, return_due=due)
    when = list(islice(rma.reminders(found, before, every, zone, works), 6))
    assert when == sorted(set(when))
    assert due in when
    assert all(works((at - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()) for at in when if at >= due)


def test_a_part_is_owed_from_the_moment_that_it_is_due_until_it_went_back() -> None:
    found = an_rma(RmaState.HEALTHY, return_due=START + DAY)
    assert [rma.owed(found, START + n * DAY) for n in (0, 1, 2)] == [False, False, True]
    back = replace(found, state=RmaState.RETURNED, returned=START + 3 * DAY)
    assert [rma.owed(back, START + n * DAY) for n in (2, 3, 4)] == [True, False, False]
    assert (found.owes_return(START + 2 * DAY), back.owes_return(START + 2 * DAY)) == (True, False)


# ---------------------------------------------------------------- what the device says


def told(at: datetime, **serials: str) -> Batch:
    seen = [Observation(Subject("sw1"), Fact.SERIAL, serials.pop("box", "BOX1"))]
    for name, serial in serials.items():
        seen.append(Observation(Subject("sw1", ComponentKind.MODULE, name), Fact.SERIAL, serial))
    return Batch("sw1", Tier.IDENTITY, at, tuple(seen))


INSTALLED = an_rma(RmaState.INSTALLED, slot="sw1/module:psu", serial_in="NEW1", installed=START, serial_out="OLD1")


@pytest.mark.parametrize(
    ("batch", "saw"),
    [
        (None, (Sight.NOTHING, "")),
        (told(START - HOUR, psu="NEW1"), (Sight.NOTHING, "")),
        (told(START + HOUR, psu="new1 "), (Sight.NEW, "NEW1")),
        (told(START + HOUR, other="NEW1"), (Sight.NEW, "NEW1")),
        (told(START + HOUR, psu="OLD1"), (Sight.OLD, "OLD1")),
        (told(START + HOUR, psu="X9"), (Sight.OTHER, "X9")),
        (told(START + HOUR), (Sight.NOTHING, "")),
    ],
)
def test_what_the_device_tells_of_the_new_part(batch: Batch | None, saw: tuple[Sight, str]) -> None:
    assert rma.sight(INSTALLED, batch) == saw


def test_the_slot_is_where_the_serial_number_was_told() -> None:
    serials = rma.serials(told(START, psu="OLD1", fan="F1"))
    assert rma.slot_of(serials, "sw1", "", "OLD1") == "sw1/module:psu"
    assert rma.slot_of(serials, "sw1", "fan", "") == "sw1/module:fan"
    assert rma.slot_of(serials, "sw1", "nowhere", "") == "sw1"


def a_fault(cleared: datetime | None, device: str = "sw1") -> Fault:
    state = FaultState.CLEARED if cleared else FaultState.CONFIRMED
    return Fault(
        id="f",
        kind=FaultKind.CPU_HIGH,
        subject=Subject(device),
        state=state,
        began=START,
        reason="",
        confirmed=START,
        cleared=cleared,
    )


def test_health_counts_from_the_sight_of_the_part_or_the_end_of_the_last_fault() -> None:
    seen = replace(INSTALLED, state=RmaState.SEEN, seen=START + HOUR)
    quiet, heard = timedelta(minutes=30), START + 9 * HOUR
    assert rma.health(seen, (), heard).since == START + HOUR
    assert rma.health(seen, [a_fault(START + 2 * HOUR)], heard).since == START + 2 * HOUR
    assert rma.health(seen, [a_fault(None)], heard) == rma.Health(None, "cpu_high sw1")
    assert rma.health(seen, [a_fault(None, "sw2")], heard).since == START + HOUR
    assert rma.health(seen, (), START).since is None
    assert rma.health(seen, (), None).since is None
    sound = rma.health(seen, (), heard)
    assert not sound.healthy(START + HOUR + quiet - timedelta(seconds=1), quiet)
    assert sound.healthy(START + HOUR + quiet, quiet)


def test_the_failed_part_lies_at_the_site_from_then_on() -> None:
    old = rma.failed_part(replace(INSTALLED, site="branch"), None, START)
    assert old
    assert (old.serial, old.state, old.location) == ("OLD1", SpareState.DEFECTIVE, "branch")
    assert rma.failed_part(replace(INSTALLED, serial_out=""), None, START) is None
