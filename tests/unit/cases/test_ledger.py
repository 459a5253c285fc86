"""The ledger of a case: what is proven of its times, and how fast we were over many."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agent.cases import ledger
from agent.cases.case import Action, Case, CaseState, Entry, Severity
from agent.cases.ledger import Step, Took
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.observation import ComponentKind, Subject

EIGHT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return EIGHT + timedelta(seconds=seconds)


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


ROOT = Fault(
    id="root",
    subject=Subject("r1"),
    kind=FaultKind.DEVICE_UNREACHABLE,
    state=FaultState.CONFIRMED,
    last_good=at(0),
    began=at(60),
    confirmed=at(90),
    reason="no answer",
)
SYMPTOM = replace(
    ROOT, id="port", subject=Subject("r2", ComponentKind.INTERFACE, "to-r1"), last_good=at(-20), began=at(40)
)
CASE = Case(
    problem="device_unreachable|r1",
    kind=FaultKind.DEVICE_UNREACHABLE,
    subject=Subject("r1"),
    severity=Severity.P2,
    state=CaseState.MONITORING,
    opened=at(110),
    updated=at(1000),
    root="root",
    customer="acme",
    number=7,
    began=at(60),
    recovered=at(960),
)


def entry(seconds: float, action: Action, actor: str = "netcase", **data: str) -> Entry:
    return Entry(case=7, at=at(seconds), action=action, text="…", actor=actor, data=data)


TIMELINE = (
    entry(110, Action.OPENED),
    entry(115, Action.NOTIFIED, delivered="no"),
    entry(131, Action.NOTIFIED, delivered="yes"),
    entry(700, Action.NOTE, "li"),
    entry(410, Action.ASSIGNED, "wang"),
)


def test_the_beginning_lies_between_the_last_good_and_the_first_bad_observation():
    found = ledger.of(CASE, [ROOT], TIMELINE)
    assert (found.after, found.detected) == (at(0), at(60))
    assert found.steps[Step.DETECTION] == Took(s(0), s(60))
    assert found.steps[Step.RESTORATION] == Took(s(900), s(960))


def test_what_both_ends_are_known_of_is_exact():
    steps = ledger.of(CASE, [ROOT], TIMELINE).steps
    exact = {step: took.most for step, took in steps.items() if took.least == took.most}
    assert exact == {Step.CONFIRMATION: s(30), Step.OPENING: s(50), Step.TELLING: s(21), Step.ANSWER: s(300)}


def test_the_first_person_to_do_anything_is_who_answered():
    found = ledger.of(CASE, [ROOT], TIMELINE)
    assert (found.acted, found.actor) == (at(410), "wang")


def test_a_symptom_seen_before_its_root_is_when_the_problem_was_detected():
    found = ledger.of(CASE, [ROOT, SYMPTOM], TIMELINE)
    assert (found.after, found.detected) == (at(0), at(40))
    assert found.steps[Step.DETECTION].most == s(40)


def test_a_symptom_seen_while_the_root_was_still_good_shows_nothing_of_the_root():
    early = replace(SYMPTOM, began=at(-5))
    assert ledger.of(CASE, [ROOT, early], TIMELINE).detected == at(60)


def test_what_has_not_happened_has_no_time():
    fresh = ledger.of(replace(CASE, recovered=None), [replace(ROOT, last_good=None, confirmed=None)], [])
    assert (fresh.after, fresh.confirmed, fresh.told, fresh.acted, fresh.recovered) == (None,) * 5
    assert list(fresh.steps) == [Step.OPENING]


def test_a_case_whose_faults_are_gone_still_has_its_own_times():
    found = ledger.of(CASE, [], TIMELINE)
    assert (found.after, found.detected, found.told) == (None, at(60), at(131))


def test_without_a_good_observation_restoration_is_told_from_the_first_bad_one():
    steps = ledger.of(CASE, [replace(ROOT, last_good=None)], TIMELINE).steps
    assert Step.DETECTION not in steps
    assert steps[Step.RESTORATION] == Took(s(900), s(900))


def test_of_ten_cases_nine_were_not_slower_than_p90():
    ten = [ledger.of(replace(CASE, opened=at(60 + n)), [ROOT], []) for n in range(1, 11)]
    found = ledger.speeds(ten)[Step.OPENING]
    assert (found.cases, found.mean, found.median, found.p90, found.worst) == (10, s(5.5), s(5.5), s(9), s(10))


def test_of_no_case_there_is_nothing_to_say():
    assert ledger.speeds([]) == {}


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=30))
def test_median_is_not_above_p90_and_p90_not_above_the_worst(lengths):
    found = ledger.speeds([ledger.of(replace(CASE, opened=at(60 + n)), [ROOT], []) for n in lengths])[Step.OPENING]
    assert found.median <= found.p90 <= found.worst == s(max(lengths))
    assert sum(s(n) <= found.p90 for n in lengths) >= 0.9 * len(lengths)
