from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from agent.inventory import coverage, hours
from agent.inventory.hours import ALWAYS, OFFICE, WEEKDAYS, Hours

HOUR = timedelta(hours=1)
NEW_YORK = "America/New_York"  # 2026: forward on 8 March, back on 1 November


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def length(found: object) -> timedelta:
    return sum((end - start for start, end in found), timedelta(0))  # type: ignore[attr-defined]


def test_always_is_the_whole_period():
    start, end = utc("2026-03-01"), utc("2026-04-01T05:00")
    assert list(hours.spans(ALWAYS, "UTC", start, end)) == [(start, end)]
    assert list(hours.spans(ALWAYS, "UTC", end, start)) == []


def test_office_hours_are_nine_to_five_on_working_days_of_that_clock():
    found = list(hours.spans(OFFICE, "Asia/Shanghai", utc("2026-03-06T00:00"), utc("2026-03-10T00:00")))
    friday, monday = found
    assert friday == (utc("2026-03-06T01:00"), utc("2026-03-06T09:00"))
    assert monday == (utc("2026-03-09T01:00"), utc("2026-03-09T09:00"))


def test_office_hours_keep_to_the_wall_when_the_clock_is_changed():
    week = list(hours.spans(OFFICE, NEW_YORK, utc("2026-03-06T00:00"), utc("2026-03-10T04:00")))
    assert [start.hour for start, _ in week] == [14, 13]
    assert all(end - start == 8 * HOUR for start, end in week)


@pytest.mark.parametrize(
    ("day", "covered"), [("2026-03-07", 24), ("2026-03-08", 23), ("2026-11-01", 25), ("2026-11-02", 24)]
)
def test_a_day_of_changing_clocks_is_as_long_as_it_is(day, covered):
    every = Hours(days=WEEKDAYS, start=time(0), end=time(0))
    begin = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(NEW_YORK))
    whole = (begin.astimezone(UTC), (begin + timedelta(days=1)).astimezone(UTC))
    found = list(hours.spans(every, NEW_YORK, *whole, holidays={date(2020, 1, 1)}))
    assert whole in found
    assert whole[1] - whole[0] == covered * HOUR


def test_an_hour_that_the_clock_skips_has_no_length():
    night = Hours(days=("sun",), start=time(1), end=time(4))
    skipped = Hours(days=("sun",), start=time(2), end=time(3))
    period = utc("2026-03-08T00:00"), utc("2026-03-09T00:00")
    assert length(hours.spans(night, NEW_YORK, *period)) == 2 * HOUR
    assert list(hours.spans(skipped, NEW_YORK, *period)) == []


def test_hours_that_end_in_a_skipped_hour_end_where_the_clock_skips():
    early = Hours(days=("sun",), start=time(1), end=time(2, 30))
    found = list(hours.spans(early, NEW_YORK, utc("2026-03-08T00:00"), utc("2026-03-09T00:00")))
    assert found == [(utc("2026-03-08T06:00"), utc("2026-03-08T07:00"))]


def test_an_hour_that_the_clock_shows_twice_counts_twice():
    night = Hours(days=("sun",), start=time(1), end=time(2))
    period = utc("2026-11-01T00:00"), utc("2026-11-02T00:00")
    assert length(hours.spans(night, NEW_YORK, *period)) == 2 * HOUR


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin():
    night = Hours(days=("fri",), start=time(22), end=time(6))
    found = list(hours.spans(night, "UTC", utc("2026-03-07T00:00"), utc("2026-03-14T00:00")))
    assert found == [
        (utc("2026-03-06T22:00"), utc("2026-03-07T06:00")),
        (utc("2026-03-13T22:00"), utc("2026-03-14T06:00")),
    ]


def test_nothing_is_covered_from_a_holiday_on():
    period = utc("2026-03-02"), utc("2026-03-04")
    assert length(hours.spans(OFFICE, "UTC", *period)) == 16 * HOUR
    assert length(hours.spans(OFFICE, "UTC", *period, holidays={date(2026, 3, 2)})) == 8 * HOUR


def test_hours_are_told_by_their_name_or_as_they_are_written():
    assert [str(ALWAYS), str(OFFICE)] == ["7x24", "5x8"]
    assert str(Hours(days=("mon", "tue"), start=time(8), end=time(0))) == "mon,tue 08:00-24:00"


clocks = st.times().map(lambda at: at.replace(second=0, microsecond=0))
written = st.builds(Hours, days=st.lists(st.sampled_from(WEEKDAYS), unique=True).map(tuple), start=clocks, end=clocks)
zones = st.sampled_from(["UTC", "Asia/Shanghai", NEW_YORK, "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"])
moments = st.integers(0, 365 * 24 * 60).map(lambda minutes: utc("2026-01-01") + timedelta(minutes=minutes))


@given(written, zones, moments, st.timedeltas(timedelta(0), timedelta(days=20)))
def test_a_covered_moment_reads_on_the_wall_as_the_hours_say(own, zone, start, reach):
    clock, over_night = ZoneInfo(zone), own.end <= own.start
    found = list(hours.spans(own, zone, start, start + reach))
    assert found == sorted(found)
    for opens, closes in [] if own.always else found:
        changed = opens.astimezone(clock).utcoffset() != closes.astimezone(clock).utcoffset()
        wall = (opens + (closes - opens) / 2).astimezone(clock).time()
        inside = (wall >= own.start or wall < own.end) if over_night else own.start <= wall < own.end
        assert inside or changed


@given(written, zones, moments, st.timedeltas(timedelta(0), timedelta(days=20)), st.floats(0, 1))
def test_hours_of_two_pieces_are_those_of_the_whole(own, zone, start, reach, part):
    end, cut = start + reach, start + reach * part
    pieces = {*hours.spans(own, zone, start, cut), *hours.spans(own, zone, cut, end)}
    assert own.always or pieces == set(hours.spans(own, zone, start, end)) or cut in (start, end)


@pytest.mark.parametrize(
    "wrong", ["always", {"days": []}, {"days": ["monday"]}, {"from": "25:00"}, {"at": "1"}, ["mon"]]
)
def test_hours_that_mean_nothing_are_refused_with_advice(wrong):
    with pytest.raises(PydanticCustomError):
        coverage.written(wrong)


def test_hours_are_read_as_they_are_written():
    own = {"days": ["sat", "mon"], "from": "08:00", "to": "24:00"}
    assert coverage.written(own) == Hours(days=("mon", "sat"), start=time(8), end=time(0))
    assert coverage.written("7x24") is ALWAYS
    assert coverage.written({"from": "20:00", "to": "08:00"}) == Hours(start=time(20), end=time(8))
