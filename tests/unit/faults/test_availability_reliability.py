from datetime import timedelta

from hypothesis import given

from agent.faults import availability
from agent.faults.availability import reliability
from agent.faults.availability.reliability import Outage
from tests.unit.faults.history import DAY, at, divisions, down, interval, many, span

HOUR = timedelta(hours=1)


def test_what_never_failed_has_no_mean_time_of_anything():
    found = reliability.of(availability.divide(DAY, [DAY], []))
    assert (found.outages, found.mtbf, found.mttr, found.longest) == ((), None, None, None)


def test_two_outages_have_a_mean_time_between_and_a_mean_time_to_repair():
    found = reliability.of(availability.divide(DAY, [DAY], [down(2, 3), down(10, 13)]))
    assert found.outages == (Outage(at(2), at(3), HOUR), Outage(at(10), at(13), 3 * HOUR))
    assert (found.mtbf, found.mttr, found.longest) == (10 * HOUR, 2 * HOUR, 3 * HOUR)


def test_what_was_never_up_failed_at_once():
    found = reliability.of(availability.divide(DAY, [DAY], [down(-1)]))
    assert (found.mtbf, found.mttr) == (timedelta(0), 24 * HOUR)


def test_planned_work_is_no_outage():
    assert reliability.outages(availability.divide(DAY, [DAY], [down(2, 3)], [span(1, 4)])) == ()


def test_an_outage_that_goes_through_planned_work_or_a_gap_is_one():
    through = availability.divide(DAY, [span(0, 6), span(8, 24)], [down(2, 10)], [span(3, 4)])
    assert reliability.outages(through) == (Outage(at(2), at(10), 5 * HOUR),)


def test_two_outages_between_which_it_was_up_for_a_moment_are_two():
    found = reliability.outages(availability.divide(DAY, [DAY], [down(2, 3), interval("up", 3, 3.01), down(3.01, 4)]))
    assert [outage.start for outage in found] == [at(2), at(3.01)]


def test_an_outage_over_night_is_one_of_two_days_of_office_hours():
    working = [span(9, 17), span(33, 41)]
    long = availability.Span(at(0), at(48))
    one = availability.divide(long, [long], [down(16, 34)])
    two = availability.divide(long, [long], [down(16, 18), down(30, 34)])
    assert reliability.outages(one, working) == (Outage(at(16), at(34), 2 * HOUR),)
    assert [outage.down for outage in reliability.outages(two, working)] == [HOUR, HOUR]


def test_an_outage_outside_the_hours_that_count_is_none():
    found = reliability.of(availability.divide(DAY, [DAY], [down(2, 3), down(10, 11)]), [span(9, 17)])
    assert (len(found.outages), found.mtbf, found.mttr) == (1, 7 * HOUR, HOUR)


@given(divisions(), many)
def test_outages_hold_all_the_time_that_is_down_and_no_more(division, covered):
    assert sum((o.down for o in reliability.outages(division)), timedelta(0)) == division.sums.down
    within = division.within(covered).sums
    assert sum((o.down for o in reliability.outages(division, covered)), timedelta(0)) == within.down
