"""The survey of a case, read off its log."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cases import survey
from agent.cases.case import Case, CaseState, Severity
from agent.cases.confirmation import How
from agent.cases.survey import Standing, Topic
from agent.errors import RefusedError
from agent.faults.fault import FaultKind
from agent.inventory.policies import Survey as Policy
from agent.observation import Subject

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
POLICY = Policy()
CASE = Case(
    problem="p",
    kind=FaultKind.FAN_FAILED,
    subject=Subject("core1"),
    severity=Severity.P3,
    state=CaseState.CLOSED,
    opened=NOW,
    updated=NOW,
    root="f",
    number=7,
    customer="acme",
    assignee="li",
    closed=NOW,
    live=False,
)


def answer(log, *scores, now=NOW + DAY, case=CASE):
    given = dict(zip(Topic, scores, strict=True))
    return survey.answer(case, survey.of(case, log, now), given, "Zhang", "hm", How.LINK, POLICY, now)


def test_an_unanswered_question_is_no_answer():
    with pytest.raises(RefusedError, match="skill has none"):
        survey.scores({"response": "5", "attitude": "5", "result": "5"})


@given(st.text(max_size=5))
def test_only_one_to_five_is_an_answer(text):
    given = dict.fromkeys(Topic, "3") | {"result": text}
    if text in {"1", "2", "3", "4", "5"}:
        assert survey.scores(given)[Topic.RESULT] == int(text)
    else:
        with pytest.raises(RefusedError):
            survey.scores(given)


def test_nobody_answered_is_no_answer_and_no_score():
    log = [survey.ask(CASE, "Zhang", POLICY, NOW)]
    assert survey.of(CASE, log, NOW + 13 * DAY).standing is Standing.ASKED
    found = survey.of(CASE, log, NOW + 14 * DAY)
    assert (found.standing, found.scores, found.lowest) == (Standing.NO_ANSWER, {}, None)


@given(st.lists(st.integers(1, 5), min_size=4, max_size=4))
def test_a_score_under_the_limit_and_no_other_obliges_to_call_back(scores):
    log = [survey.ask(CASE, "Zhang", POLICY, NOW)]
    found = survey.of(CASE, [*log, answer(log, *scores)], NOW + DAY)
    assert found.owes_call is (min(scores) < 3)
    assert list(found.scores.values()) == scores


def test_a_call_back_is_due_a_day_later_and_told_again_every_day_until_it_is_made():
    log = [survey.ask(CASE, "Zhang", POLICY, NOW)]
    log.append(answer(log, 5, 5, 5, 2, now=NOW))
    found = survey.of(CASE, log, NOW)
    told = [survey.overdue(found, POLICY, NOW + hours * timedelta(hours=1)) for hours in (23, 24, 47, 48, 72)]
    assert told == [0, 1, 1, 2, 3]
    log.append(survey.call_back(CASE, found, "apologised, a visit on Friday", "wang", NOW + 2 * DAY))
    after = survey.of(CASE, log, NOW + 9 * DAY)
    assert (after.owes_call, after.called_by, after.said) == (False, "wang", "apologised, a visit on Friday")
    assert survey.overdue(after, POLICY, NOW + 9 * DAY) == 0


def test_the_first_answer_stands():
    log = [survey.ask(CASE, "Zhang", POLICY, NOW)]
    log.append(answer(log, 1, 1, 1, 1))
    with pytest.raises(RefusedError, match="an answer stays as it is"):
        answer(log, 5, 5, 5, 5)
    twice = replace(log[-1], data={**log[-1].data, "result": "5"}, at=NOW + 3 * DAY)
    assert survey.of(CASE, [*log, twice], NOW + 3 * DAY).result == 1


def test_only_a_closed_case_that_was_not_merged_is_asked_about():
    with pytest.raises(RefusedError, match="not closed"):
        answer([], 5, 5, 5, 5, case=replace(CASE, state=CaseState.RESOLVED))
    with pytest.raises(RefusedError, match="NC-000009"):
        answer([], 5, 5, 5, 5, case=replace(CASE, merged_into=9))


@pytest.mark.parametrize(
    ("case", "contact", "policy", "reason"),
    [
        (CASE, True, POLICY, ""),
        (CASE, False, POLICY, "no survey: the customer has no contact who could be asked"),
        (replace(CASE, merged_into=9), True, POLICY, "no survey: merged into NC-000009, which is asked about"),
        (replace(CASE, customer=""), True, POLICY, "no survey: the case is no customer's"),
        (replace(CASE, closed=NOW - 15 * DAY), True, POLICY, "no survey: it was closed too long ago"),
        (CASE, True, Policy(send=False), "no survey: the inventory switches it off"),
    ],
)
def test_why_nobody_is_asked(case, contact, policy, reason):
    assert survey.reason_to_skip(case, policy, NOW + DAY, contact=contact) == reason


def test_nobody_has_to_call_who_was_content_and_nobody_calls_twice():
    log = [survey.ask(CASE, "Zhang", POLICY, NOW)]
    with pytest.raises(RefusedError, match="no score was low"):
        survey.call_back(CASE, survey.of(CASE, [*log, answer(log, 3, 3, 3, 3)], NOW), "x", "wang", NOW)
    log.append(answer(log, 1, 3, 3, 3))
    with pytest.raises(RefusedError, match="what came out"):
        survey.call_back(CASE, survey.of(CASE, log, NOW), " ", "wang", NOW)
    log.append(survey.call_back(CASE, survey.of(CASE, log, NOW), "x", "wang", NOW))
    with pytest.raises(RefusedError, match="called back already"):
        survey.call_back(CASE, survey.of(CASE, log, NOW), "y", "li", NOW)
