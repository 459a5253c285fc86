from dataclasses import replace
from datetime import date, timedelta

import pytest

from agent.cases import sla
from agent.cases.case import CaseState, Severity
from agent.cases.sla import Clock, Kind, State
from agent.inventory.holidays import Calendar
from agent.inventory.hours import OFFICE
from agent.inventory.inventory import Inventory
from agent.inventory.promises import Sla, within, working_days
from tests.unit.cases.slas import DAY, HOUR, MINUTE, Log, inventory_of, utc

MONDAY = utc("2026-03-02T08:00")
AROUND = inventory_of()
WAITING, WORKING, MONITORING = CaseState.WAITING_FOR_CUSTOMER, CaseState.IN_PROGRESS, CaseState.MONITORING


def clock(log: Log, kind: str, now: object, network: Inventory = AROUND) -> Clock:
    return getattr(sla.clocks(log.case, log.entries, network, now), kind)  # type: ignore[arg-type]


def test_a_new_p2_has_a_quarter_of_an_hour_to_answer_and_four_hours_to_restore():
    clocks = sla.clocks(*opened(), AROUND, MONDAY)
    assert [each.due - MONDAY for each in clocks if each.due] == [15 * MINUTE, HOUR, 4 * HOUR, HOUR]
    assert {each.state for each in clocks} == {State.RUNNING}
    assert clocks.next is not None and clocks.next.kind is Kind.RESPONSE


def opened(severity: Severity = Severity.P2) -> tuple[object, object]:
    log = Log(MONDAY, severity)
    return log.case, log.entries  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("act", "counts"),
    [
        (lambda log, at: log.note(at), True),
        (lambda log, at: log.assigned(at), True),
        (lambda log, at: log.moved(at, WORKING), True),
        (lambda log, at: log.on_site(at), True),
        (lambda log, at: log.note(at, "netcase"), False),
        (lambda log, at: log.weighed(at), False),
        (lambda log, at: log.mail(at), False),
        (lambda log, at: log.note(at, "Zhang Wei"), False),
        (lambda log, at: log.note(at, "zhang@acme.example"), False),
    ],
)
def test_the_first_act_of_one_of_our_people_is_the_answer(act, counts):
    log = Log(MONDAY)
    act(log, MONDAY + 10 * MINUTE)
    assert clock(log, "response", MONDAY + 12 * MINUTE).state is (State.MET if counts else State.RUNNING)


def test_an_answer_that_comes_too_late_is_missed_for_ever():
    log = Log(MONDAY).note(MONDAY + 20 * MINUTE)
    late = clock(log, "response", MONDAY + DAY)
    assert (late.state, late.met, late.breached) == (State.MISSED, MONDAY + 20 * MINUTE, MONDAY + 15 * MINUTE)
    assert late.remaining == -5 * MINUTE
    assert not late.ticks


def test_what_is_late_and_not_done_still_ticks():
    late = clock(Log(MONDAY), "restore", MONDAY + 5 * HOUR)
    assert (late.state, late.breached, late.remaining) == (State.MISSED, MONDAY + 4 * HOUR, -HOUR)
    assert late.ticks


def test_time_in_which_the_customer_is_waited_for_does_not_count():
    log = Log(MONDAY).moved(MONDAY + HOUR, WAITING)
    paused = clock(log, "restore", MONDAY + 9 * HOUR)
    assert (paused.state, paused.due, paused.elapsed, paused.remaining) == (State.PAUSED, None, HOUR, 3 * HOUR)
    log.moved(MONDAY + 9 * HOUR, WORKING)
    assert clock(log, "restore", MONDAY + 10 * HOUR).due == MONDAY + 12 * HOUR


def test_a_contract_names_the_states_that_stop_its_clocks():
    vendors = inventory_of(pauses=("with_vendor",))
    waits = Log(MONDAY).moved(MONDAY + HOUR, WAITING)
    assert clock(waits, "restore", MONDAY + 2 * HOUR, vendors).state is State.RUNNING
    away = Log(MONDAY).moved(MONDAY + HOUR, CaseState.WITH_VENDOR)
    assert clock(away, "restore", MONDAY + 2 * HOUR, vendors).state is State.PAUSED
    assert clock(away, "restore", MONDAY + 2 * HOUR).state is State.RUNNING


def test_raising_after_a_pause_keeps_the_pause():
    log = Log(MONDAY, Severity.P3).moved(MONDAY + HOUR, WAITING).moved(MONDAY + 21 * HOUR, WORKING)
    log.severity(MONDAY + 23 * HOUR, Severity.P2)
    assert clock(log, "restore", MONDAY + 23 * HOUR).due == MONDAY + 27 * HOUR
    log = Log(MONDAY, Severity.P3).moved(MONDAY + HOUR, WAITING).moved(MONDAY + 3 * HOUR, WORKING)
    log.severity(MONDAY + 25 * HOUR, Severity.P2)
    assert clock(log, "restore", MONDAY + 25 * HOUR).due == MONDAY + 26 * HOUR


def test_raising_never_gives_more_time_than_there_was():
    log = Log(MONDAY, Severity.P3).severity(MONDAY + 23 * HOUR, Severity.P2)
    raised = clock(log, "restore", MONDAY + 23 * HOUR)
    assert (raised.due, raised.severity) == (MONDAY + 24 * HOUR, Severity.P3)


def test_lowering_gives_the_time_of_the_milder_severity_from_when_it_first_was_that_severe():
    log = Log(MONDAY, Severity.P4).severity(MONDAY + HOUR, Severity.P1).severity(MONDAY + 2 * HOUR, Severity.P3)
    lowered = clock(log, "restore", MONDAY + 4 * HOUR)
    assert (lowered.due, lowered.state) == (MONDAY + 25 * HOUR, State.RUNNING)


def test_nobody_has_to_be_on_site_for_information():
    clocks = sla.clocks(*opened(Severity.P4), AROUND, MONDAY)
    assert clocks.on_site.state is State.NOT_PROMISED
    assert clocks.on_site.reason.values == {"severity": "P4"}


def test_the_service_may_work_again_by_whatever_way_round():
    log = Log(MONDAY).works(MONDAY + 3 * HOUR)
    met = clock(log, "restore", MONDAY + 30 * HOUR)
    assert (met.state, met.met, met.elapsed) == (State.MET, MONDAY + 3 * HOUR, 3 * HOUR)


@pytest.mark.parametrize("state", [MONITORING, CaseState.RESOLVED])
def test_recovery_and_resolution_restore_the_service(state):
    log = Log(MONDAY).moved(MONDAY + 3 * HOUR, state, "netcase")
    assert clock(log, "restore", MONDAY + DAY).state is State.MET


def test_after_a_relapse_the_clock_runs_on_without_the_time_in_between():
    log = Log(MONDAY).moved(MONDAY + 3 * HOUR, MONITORING, "netcase").relapsed(MONDAY + 13 * HOUR)
    again = clock(log, "restore", MONDAY + 13 * HOUR)
    assert (again.state, again.due, again.elapsed) == (State.RUNNING, MONDAY + 14 * HOUR, 3 * HOUR)


def test_what_does_not_work_after_all_runs_on():
    log = Log(MONDAY).works(MONDAY + HOUR).works(MONDAY + 2 * HOUR, restored=False)
    assert clock(log, "restore", MONDAY + 2 * HOUR).due == MONDAY + 5 * HOUR


def test_an_answer_that_nobody_waits_for_any_more_is_neither_met_nor_missed():
    log = Log(MONDAY).moved(MONDAY + 5 * MINUTE, MONITORING, "netcase")
    clocks = sla.clocks(log.case, log.entries, AROUND, MONDAY + DAY)
    assert [each.state for each in clocks] == [State.OVER, State.OVER, State.MET, State.OVER]
    assert clocks.next is None and not clocks.breached


def test_the_state_has_to_be_told_anew_after_each_act():
    log = Log(MONDAY).note(MONDAY + 10 * MINUTE).note(MONDAY + 50 * MINUTE)
    assert clock(log, "update", MONDAY + HOUR).due == MONDAY + 110 * MINUTE


def test_updates_are_counted_one_by_one():
    log = Log(MONDAY).note(MONDAY + 10 * MINUTE).note(MONDAY + 3 * HOUR).note(MONDAY + 3.5 * HOUR)
    assert sla.updates(log.case, log.entries, AROUND, MONDAY + 3.6 * HOUR) == (3, 1)
    assert sla.updates(log.case, log.entries, AROUND, MONDAY + 6 * HOUR) == (4, 2)


def test_no_update_is_owed_while_the_service_works():
    log = Log(MONDAY).note(MONDAY + 10 * MINUTE).moved(MONDAY + 30 * MINUTE, MONITORING, "netcase")
    log.relapsed(MONDAY + 20 * HOUR)
    assert sla.updates(log.case, log.entries, AROUND, MONDAY + 20.5 * HOUR) == (1, 0)


def test_a_p1_of_an_office_hours_contract_runs_in_office_hours():
    friday = utc("2026-03-06T16:00")
    log = Log(friday, Severity.P1)
    office = inventory_of(OFFICE)
    assert clock(log, "restore", friday, office).due == utc("2026-03-09T10:00")
    assert clock(log, "response", friday, office).due == utc("2026-03-06T16:15")


def test_holidays_stop_office_hours_and_not_those_around_the_clock():
    eve = utc("2026-09-30T08:00")  # 16:00 in Shanghai; National Day is off until 7 October, the 10th makes up
    log = Log(eve, Severity.P2)
    office = inventory_of(OFFICE, "Asia/Shanghai", "CN")
    assert clock(log, "restore", eve, office).due == utc("2026-10-08T04:00")
    around = inventory_of(timezone="Asia/Shanghai", holidays="CN")
    assert clock(log, "restore", eve, around).due == eve + 4 * HOUR


def test_a_make_up_saturday_is_served_like_a_weekday():
    saturday = utc("2026-10-10T01:00")
    log = Log(saturday, Severity.P2)
    office = inventory_of(OFFICE, "Asia/Shanghai", "CN")
    assert clock(log, "restore", saturday, office).due == utc("2026-10-10T05:00")
    assert clock(log, "restore", saturday, inventory_of(OFFICE, "Asia/Shanghai")).due == utc("2026-10-12T05:00")


def test_five_working_days_leave_out_the_spring_festival_and_count_the_days_that_make_up_for_it():
    friday = utc("2026-02-13T02:00")  # 10:00 in Shanghai; Saturday the 14th is worked, the 16th to 23rd are off
    log = Log(friday, Severity.P4)
    china = inventory_of(OFFICE, "Asia/Shanghai", "CN")
    assert clock(log, "restore", friday, china).due == utc("2026-02-27T02:00")
    assert clock(log, "restore", friday, inventory_of(OFFICE, "Asia/Shanghai")).due == utc("2026-02-20T02:00")


def test_a_working_day_is_as_long_as_the_day_is():
    """On 29 March 2026 clocks in Berlin go forward; a house that works that Sunday has a day of 23 hours."""
    house = Calendar(name="house", workdays=frozenset({date(2026, 3, 29)}))
    berlin = inventory_of(timezone="Europe/Berlin", holidays="house", calendars={"house": house},
                          sla={"P4": Sla(restore=working_days(1))})  # fmt: skip
    sunday = utc("2026-03-28T23:00")
    assert clock(Log(sunday, Severity.P4), "restore", sunday, berlin).due == utc("2026-03-29T23:00")


def test_a_promise_that_no_hour_ahead_counts_for_is_never_due():
    never = inventory_of(
        OFFICE,
        holidays="closed",
        calendars={"closed": Calendar(name="closed", add=frozenset(MONDAY.date() + n * DAY for n in range(-5, 1500)))},
    )
    stuck = clock(Log(MONDAY), "restore", MONDAY, never)
    assert (stuck.state, stuck.due, stuck.warn) == (State.RUNNING, None, None)


def test_somebody_is_warned_when_four_fifths_of_the_time_that_counts_are_gone():
    assert clock(Log(MONDAY), "restore", MONDAY).warn == MONDAY + 4 * HOUR * 0.8
    assert not sla.clocks(*opened(), AROUND, MONDAY + 11 * MINUTE).at_risk(MONDAY + 11 * MINUTE)
    risky = sla.clocks(*opened(), AROUND, MONDAY + 12 * MINUTE).at_risk(MONDAY + 12 * MINUTE)
    assert [each.kind for each in risky] == [Kind.RESPONSE]
    hasty = replace(AROUND, policies=replace(AROUND.policies, sla_warning_pct=50.0))
    assert clock(Log(MONDAY), "restore", MONDAY, hasty).warn == MONDAY + 2 * HOUR


def test_a_contract_may_promise_more_than_is_usual_and_less():
    golden = inventory_of(sla={"P2": Sla(response=within(minutes=5), restore=within(hours=1))})
    clocks = sla.clocks(*opened(), golden, MONDAY)
    assert clocks.restore.due == MONDAY + HOUR
    assert clocks.on_site.state is State.NOT_PROMISED


def test_without_a_contract_a_case_has_what_is_usual_around_the_clock():
    log = Log(MONDAY)
    stranger = replace(log.case, contract="")
    assert sla.clocks(stranger, log.entries, inventory_of(OFFICE), MONDAY).restore.due == MONDAY + timedelta(hours=4)


def test_what_the_timeline_says_of_later_is_not_looked_at():
    log = Log(MONDAY)
    before = sla.clocks(log.case, log.entries, AROUND, MONDAY + HOUR)
    log.moved(MONDAY + 2 * HOUR, CaseState.RESOLVED)
    assert sla.clocks(log.case, log.entries, AROUND, MONDAY + HOUR) == before
