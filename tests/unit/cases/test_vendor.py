"""A vendor's case on ours: whose it is, what they owe, and when somebody is told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cases import vendor
from agent.cases.case import Case, CaseKind, CaseState, Entry, Severity
from agent.cases.vendor import Handover, What
from agent.errors import RefusedError
from agent.inventory.vendors import Vendor
from agent.observation import Subject
from tests.story import START

HOUR = timedelta(hours=1)
CASE = Case(
    number=1,
    problem="p",
    kind=CaseKind.REPORTED,
    subject=Subject("sw1"),
    severity=Severity.P2,
    state=CaseState.NEW,
    opened=START,
    updated=START,
    root="",
)
MAKER = Vendor(name="maker", title="Maker TAC", severities={"P2": "Sev B"}, updates={"P2": 2 * HOUR})


def opened(**more: object) -> Handover:
    return vendor.opened(CASE, MAKER, "li", START, **more)[0]  # type: ignore[arg-type]


def test_their_words_and_their_interval_are_used_where_nothing_else_is_said() -> None:
    handover, entry = vendor.opened(CASE, MAKER, "li", START, reference="SR 9")
    assert (handover.severity, handover.due) == ("Sev B", START + 2 * HOUR)
    assert entry.text == "handed over to Maker TAC, their number SR 9, Sev B"
    plain = vendor.opened(CASE, Vendor(name="x"), "li", START)[0]
    assert (plain.severity, plain.due) == ("P2", START + 4 * HOUR)


def test_news_begin_their_clock_anew_and_keep_what_was_not_said_again() -> None:
    before = opened(reference="SR 9", contact="Kim")
    after, entry = vendor.updated(before, MAKER, Severity.P1, "they look at it", "li", START + HOUR, severity="Sev A")
    assert (after.reference, after.contact, after.severity) == ("SR 9", "Kim", "Sev A")
    assert (after.last, after.due) == (START + HOUR, START + 2 * HOUR)  # P1: every hour
    assert entry.data["what"] == What.UPDATED


def test_news_in_the_past_no_words_and_a_closed_case_are_refused() -> None:
    with pytest.raises(RefusedError, match="--next-update must lie ahead"):
        opened(due=START)
    with pytest.raises(RefusedError, match="say what the vendor told"):
        vendor.updated(opened(), MAKER, Severity.P2, "", "li", START + HOUR)
    done, _ = vendor.closed(opened(), "fixed", "li", START + HOUR)
    assert (done.open, done.due) == (False, None)
    with pytest.raises(RefusedError, match="not in the vendor's hands"):
        vendor.closed(done, "again", "li", START + 2 * HOUR)


def told(handover: Handover, what: What) -> Entry:
    return vendor.late(handover, what, "Maker TAC", "Li Na", START)


def test_overdue_news_remind_once_then_escalate_once() -> None:
    handover, grace = opened(), HOUR
    assert vendor.step(handover, [], grace, START) == vendor.Step(None, START + 2 * HOUR)
    assert vendor.step(handover, [], grace, START + 2 * HOUR) == vendor.Step(What.OVERDUE, START + 3 * HOUR)
    reminded = [told(handover, What.OVERDUE)]
    assert vendor.step(handover, reminded, grace, START + 2 * HOUR) == vendor.Step(None, START + 3 * HOUR)
    assert vendor.step(handover, reminded, grace, START + 3 * HOUR) == vendor.Step(What.ESCALATED, None)
    escalated = [*reminded, told(handover, What.ESCALATED)]
    assert vendor.step(handover, escalated, grace, START + 99 * HOUR) == vendor.Step(None, None)
    newer = replace(handover, due=START + 5 * HOUR)
    assert vendor.step(newer, escalated, grace, START + 5 * HOUR).what is What.OVERDUE


@given(st.lists(st.integers(0, 600), min_size=1, max_size=30))
def test_whenever_it_is_looked_at_each_step_is_told_at_most_once(minutes: list[int]) -> None:
    handover, log = opened(), []
    for minute in sorted(minutes):
        step = vendor.step(handover, log, HOUR, START + timedelta(minutes=minute))
        if step.what:
            log.append(told(handover, step.what))
    said = [entry.data["what"] for entry in log]
    assert len(said) == len(set(said))
    if max(minutes) >= 180:
        assert said[-1] == What.ESCALATED


def test_overdue_cases_come_first() -> None:
    late, soon, none = opened(), replace(opened(), due=START + 9 * HOUR), replace(opened(), due=None)
    ordered = vendor.by_urgency([(CASE, none), (CASE, soon), (CASE, late)], START + 3 * HOUR)
    assert [pair[1] for pair in ordered] == [late, soon, none]
    assert late.overdue(START + 3 * HOUR) == HOUR
    assert soon.overdue(START + 3 * HOUR) is None
