from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from agent.faults.availability import Span
from reports import period

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_day_begins_at_midnight_where_people_live():
    found = period.day(date(2026, 11, 21), "Asia/Shanghai")
    assert found == Span(datetime(2026, 11, 20, 16, tzinfo=UTC), datetime(2026, 11, 21, 16, tzinfo=UTC))


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)])
def test_a_day_on_which_the_clock_is_changed_is_shorter_or_longer(day, hours):
    assert period.day(day, "Europe/Berlin").length == timedelta(hours=hours)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Havana", "Asia/Beirut", "Asia/Shanghai", "Asia/Kathmandu"])
def test_the_days_of_a_year_follow_each_other_without_a_gap(zone):
    days = [period.day(date(2026, 1, 1) + timedelta(days=n), zone) for n in range(365)]
    assert all(one.end == next_.start for one, next_ in pairwise(days))


def test_a_period_is_to_come_then_so_far_then_complete():
    day = period.day(date(2026, 11, 21), "UTC")
    assert [period.phase(day, moment) for moment in (day.start, NOON, day.end)] == ["future", "so_far", "complete"]
    assert period.so_far(day, NOON) == Span(day.start, NOON)
    assert period.so_far(day, day.start - timedelta(days=3)).length == timedelta(0)


def test_open_means_now_for_the_present_and_the_last_day_and_the_days_end_for_older_ones():
    day = period.day(date(2026, 11, 21), "UTC")
    assert period.as_of(day, day.end + timedelta(hours=8)) == day.end + timedelta(hours=8)
    assert period.as_of(day, day.end + timedelta(days=3)) == day.end


def test_today_is_told_by_the_clock_of_the_place():
    assert period.today(datetime(2026, 11, 21, 23, tzinfo=UTC), "Asia/Shanghai") == date(2026, 11, 22)
