"""Consent to a change, read off the log."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cases import consent
from agent.cases.case import Case, CaseState, Entry, Severity
from agent.cases.confirmation import How
from agent.cases.consent import Standing
from agent.errors import RefusedError
from agent.faults.fault import FaultKind
from agent.observation import Subject

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CASE = Case(
    problem="p",
    kind=FaultKind.FAN_FAILED,
    subject=Subject("core1"),
    severity=Severity.P3,
    state=CaseState.IN_PROGRESS,
    opened=NOW,
    updated=NOW,
    root="f",
    number=7,
)
HOLDS = ("monitoring", "resolved")


def asked(log=(), window=None, until=NOW + 24 * HOUR, now=NOW) -> Entry:
    return consent.ask(CASE, log, "swap the fan tray; 5 min; none; put it back", window, until, HOLDS, "li", now)


def answered(log, given=True, now=NOW + HOUR, by="Zhang Wei", words="go", document="") -> Entry:
    change = consent.changes(log, now)[-1]
    return consent.answer(CASE, change, given, by, words, How.LINK, now, document=document)


def test_nothing_is_missing_where_no_change_is_planned():
    assert consent.missing(CASE, [], NOW) == ""
    assert consent.held(CASE, "resolved", [], NOW) == ""


def test_a_planned_change_holds_up_the_moves_that_it_named_until_it_is_consented_to():
    log = [asked()]
    assert "has not consented to change 1 of NC-000007 yet" in consent.held(CASE, "resolved", log, NOW)
    assert consent.held(CASE, "with_vendor", log, NOW) == ""
    assert consent.held(CASE, "resolved", [*log, answered(log)], NOW + 2 * HOUR) == ""


def test_a_refused_change_holds_until_it_is_withdrawn():
    log = [asked()]
    log.append(answered(log, given=False, words="not this week"))
    assert consent.missing(CASE, log, NOW + HOUR).startswith("the customer (Zhang Wei) refused change 1 of")
    log.append(consent.withdraw(CASE, log, "li", "another way was found", NOW + 2 * HOUR))
    assert consent.missing(CASE, log, NOW + 2 * HOUR) == ""


def test_what_nobody_answers_expires_and_has_to_be_asked_anew():
    log = [asked()]
    late = NOW + 24 * HOUR
    assert consent.changes(log, late)[0].standing is Standing.EXPIRED
    assert "nobody answered about change 1" in consent.missing(CASE, log, late)
    with pytest.raises(RefusedError, match="the time to answer about change 1 is over"):
        answered(log, now=late)
    log.append(asked(log, until=late + HOUR, now=late))
    assert consent.planned(log, late).number == "2"


def test_a_page_that_was_signed_may_be_recorded_when_the_time_is_over():
    log = [asked()]
    log.append(answered(log, now=NOW + 30 * HOUR, document="12"))
    change = consent.planned(log, NOW + 31 * HOUR)
    assert (change.standing, change.document) == (Standing.GIVEN, "12")
    assert consent.missing(CASE, log, NOW + 31 * HOUR) == ""


def test_consent_holds_from_the_beginning_of_its_window_and_the_work_may_be_finished_after_it():
    window = (NOW + 10 * HOUR, NOW + 12 * HOUR)
    log = [asked(window=window, until=window[1])]
    log.append(answered(log))
    assert "from 2026-11-22 22:00 UTC on" in consent.missing(CASE, log, NOW + 9 * HOUR)
    assert consent.missing(CASE, log, NOW + 10 * HOUR) == ""
    assert consent.missing(CASE, log, NOW + 13 * HOUR) == ""


def test_a_window_written_on_another_clock_is_told_in_utc():
    shanghai = timezone(8 * HOUR)
    window = tuple((NOW + hours * HOUR).astimezone(shanghai) for hours in (10, 12))
    log = [asked(window=window, until=window[1])]
    log.append(answered(log))
    assert "from 2026-11-22 22:00 UTC on" in consent.missing(CASE, log, NOW + 9 * HOUR)
    assert "by 2026-11-23 00:00 UTC" in consent.missing(CASE, log[:1], NOW + 13 * HOUR)


def test_the_first_answer_stands():
    log = [asked()]
    log.append(answered(log, given=False, words="no"))
    second = replace(log[-1], data={**log[-1].data, "what": "given", "by": "Mallory"}, at=NOW + 2 * HOUR)
    change = consent.planned([*log, second], NOW + 3 * HOUR)
    assert (change.standing, change.by) == (Standing.REFUSED, "Zhang Wei")
    with pytest.raises(RefusedError, match="an answer stays as it is"):
        answered(log, now=NOW + 3 * HOUR)


def test_consent_is_given_by_name():
    log = [asked()]
    with pytest.raises(RefusedError, match="say who answers"):
        answered(log, by="  ")


def test_a_second_change_waits_until_the_first_is_answered():
    log = [asked()]
    with pytest.raises(RefusedError, match="being asked about change 1"):
        asked(log)
    log.append(answered(log))
    assert asked(log).data["change"] == "2"


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (replace(CASE, live=False), "is over"),
        (replace(CASE, merged_into=9), "is over"),
    ],
)
def test_nothing_is_asked_on_a_case_that_is_over(case, message):
    with pytest.raises(RefusedError, match=message):
        consent.ask(case, [], "x", None, NOW + HOUR, HOLDS, "li", NOW)


def test_a_window_lies_ahead_and_ends_after_it_begins():
    with pytest.raises(RefusedError, match="over already"):
        asked(window=(NOW - 2 * HOUR, NOW - HOUR))
    with pytest.raises(RefusedError, match="ends before it begins"):
        asked(window=(NOW + 2 * HOUR, NOW + HOUR))


@given(st.lists(st.sampled_from(["ask", "give", "refuse", "withdraw", "wait"]), max_size=12))
def test_whatever_is_done_in_whatever_order_the_case_is_free_only_by_consent_or_without_a_change(steps):
    log: list[Entry] = []
    now = NOW
    free = True
    for step in steps:
        now += HOUR
        try:
            if step == "ask":
                log.append(asked(log, until=now + 3 * HOUR, now=now))
                free = False
            elif step in ("give", "refuse") and log:
                log.append(answered(log, given=step == "give", now=now))
                free = step == "give"
            elif step == "withdraw":
                log.append(consent.withdraw(CASE, log, "li", "r", now))
                free = consent.planned(log, now) is None or consent.missing(CASE, log, now) == ""
            elif step == "wait":
                now += 4 * HOUR
        except RefusedError:
            pass
        assert (consent.missing(CASE, log, now) == "") is free
