"""Cases that have to do with each other, and what is refused."""

from dataclasses import replace

import pytest

from agent.cases import relations
from agent.cases.case import Action, Case, CaseKind, CaseState, Severity
from agent.errors import RefusedError
from agent.faults.fault import FaultKind
from agent.observation import Subject
from tests.story import START

ONE = Case(
    problem="device_unreachable|r1", kind=FaultKind.DEVICE_UNREACHABLE, subject=Subject("r1"), severity=Severity.P2,
    state=CaseState.NEW, opened=START, updated=START, root="f", number=7, customer="acme", contract="C-1",
)  # fmt: skip
TWO = replace(ONE, number=9, problem="device_unreachable|r2", subject=Subject("r2"))
CLOSED = {"state": CaseState.CLOSED, "live": False}


def test_a_link_stands_on_both_timelines_and_is_kept_by_the_older_case() -> None:
    relation, entries = relations.link(TWO, ONE, "li", "the same rack", START)
    assert (relation.case, relation.other, relation.reason) == (7, 9, "the same rack")
    assert [(e.case, e.text, e.action) for e in entries] == [
        (9, "linked to NC-000007: the same rack", Action.LINKED),
        (7, "linked to NC-000009: the same rack", Action.LINKED),
    ]


def test_nothing_is_linked_to_merged_into_or_a_part_of_itself() -> None:
    with pytest.raises(RefusedError, match="NC-000007 cannot be linked to itself"):
        relations.link(ONE, ONE, "li", "", START)
    with pytest.raises(RefusedError, match="NC-000007 cannot be merged into itself"):
        relations.merge(ONE, ONE, "li", "why", START)
    with pytest.raises(RefusedError, match="NC-000007 cannot be a part of itself"):
        relations.adopt(ONE, ONE, (), "li", "", START)
    with pytest.raises(RefusedError, match="NC-000009 is a part of NC-000007 already: it cannot be the other way"):
        relations.adopt(ONE, TWO, {7}, "li", "", START)


def test_a_case_with_an_open_part_is_not_finished() -> None:
    assert relations.unfinished(ONE, []) == ""
    assert relations.unfinished(ONE, [replace(TWO, state=CaseState.RESOLVED)]) == ""
    assert relations.unfinished(ONE, [TWO]).startswith("NC-000009 is a part of NC-000007 and not resolved")


def test_a_duplicate_ends_and_names_the_case_that_goes_on() -> None:
    over, entries = relations.merge(TWO, ONE, "li", "one cable", START)
    assert (over.state, over.live, over.merged_into, over.resolved) == (CaseState.RESOLVED, False, 7, START)
    assert [(e.case, e.text) for e in entries] == [
        (9, "merged into NC-000007, which goes on: one cable"),
        (7, "NC-000009 was merged into it: one cable"),
    ]


@pytest.mark.parametrize(
    ("case", "into", "reason", "says"),
    [
        (TWO, replace(ONE, merged_into=3), "x", "merge into NC-000003"),
        (replace(TWO, merged_into=3), ONE, "x", "was merged into NC-000003 already"),
        (TWO, replace(ONE, **CLOSED), "x", "NC-000007 is closed: link the two instead"),
        (TWO, replace(ONE, customer="other"), "x", "customers would read of each other"),
        (TWO, ONE, " ", "say why NC-000009 is the same trouble"),
    ],
)
def test_a_merge_that_would_lose_or_tell_too_much_is_refused(case: Case, into: Case, reason: str, says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        relations.merge(case, into, "li", reason, START)


def test_a_part_that_is_split_off_is_of_the_same_customer_contract_and_severity() -> None:
    part = relations.split(ONE, "k", "order a longer fibre", None, "li", START)
    assert (part.kind, part.parent, part.customer, part.contract) == (CaseKind.REPORTED, 7, "acme", "C-1")
    assert (part.severity, part.subject, part.root) == (Severity.P2, Subject("r1"), "")
    with pytest.raises(RefusedError, match="say what the new case is about"):
        relations.split(ONE, "k", " ", None, "li", START)
    with pytest.raises(RefusedError, match="is over"):
        relations.split(replace(ONE, **CLOSED), "k", "x", None, "li", START)
