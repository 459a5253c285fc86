"""Things that are all needed, things of which one is enough, and the hours that count."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from agent.faults import availability
from agent.faults.availability import Availability, Span
from tests.unit.faults.history import DAY, divisions, down, hours, kind_at, many, moments, span

ORDER = ["down", "unobserved", "planned", "up"]  # of things that are all needed
ENOUGH = ["up", "unobserved", "planned", "down"]  # of things of which one is enough


def test_two_that_are_both_needed_are_down_when_either_is():
    a = availability.divide(DAY, [DAY], [down(2, 4)])
    b = availability.divide(DAY, [DAY], [down(3, 6)], [span(10, 11)])
    assert availability.every(DAY, [a, b]).sums == hours(up=19, down=4, planned=1)


def test_two_of_which_one_is_enough_are_down_when_both_are():
    a = availability.divide(DAY, [DAY], [down(2, 4)])
    b = availability.divide(DAY, [DAY], [down(3, 6)])
    assert availability.any_of(DAY, [a, b]).sums == hours(up=23, down=1)


def test_the_one_that_is_left_in_planned_work_makes_an_outage_planned():
    lost = availability.divide(DAY, [DAY], [down(2, 6)])
    worked_on = availability.divide(DAY, [DAY], [down(3, 4)], [span(3, 5)])
    assert availability.any_of(DAY, [lost, worked_on]).sums == hours(up=22, planned=2)


def test_nothing_at_all_is_unobserved():
    assert availability.any_of(DAY, []).sums == hours(unobserved=24)


def test_a_network_is_the_weighted_mean_of_its_devices():
    parts = [hours(up=24), hours(up=12, down=12), hours(unobserved=24)]
    assert availability.network(parts, [3, 1, 100]).mean_pct == 87.5
    assert availability.network(parts).mean_pct == 75.0


@given(st.lists(divisions(), min_size=1, max_size=4), st.lists(moments, max_size=8))
def test_at_every_moment_the_worst_or_the_best_of_them_counts(each, probes):
    needed, enough = availability.every(DAY, each), availability.any_of(DAY, each)
    for moment in (probe for probe in probes if DAY.start <= probe < DAY.end):
        kinds = [kind_at(division, moment) for division in each]
        assert kind_at(needed, moment) == min(kinds, key=ORDER.index)
        assert kind_at(enough, moment) == min(kinds, key=ENOUGH.index)
    assert needed.sums.period == enough.sums.period == DAY.length


@given(divisions(), many)
def test_within_hours_the_four_add_up_to_the_hours(division, covered):
    counted = availability.total(availability.intersect(covered, [DAY]))
    assert division.within(covered).sums.period == counted


@given(divisions(), many, st.lists(moments, max_size=4))
def test_hours_of_pieces_of_a_period_add_up_to_those_of_the_whole(division, covered, cuts):
    edges = sorted({DAY.start, DAY.end, *(cut for cut in cuts if DAY.start < cut < DAY.end)})
    pieces = [availability.intersect(covered, [Span(*pair)]) for pair in itertools.pairwise(edges)]
    summed = sum((division.within(piece).sums for piece in pieces), Availability())
    assert summed == division.within(covered).sums
