"""Two histories of cases, compared."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agent.cases.comparison import Sort, Told, differences

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SOON = timedelta(seconds=10)
CUT = Told(
    problem="link|a--b", kind="interface_down", subject="a/interface:to-b", severity="P3", opened=AT, symptoms=("x",)
)
HOT = Told(problem="cpu_high|a", kind="cpu_high", subject="a/cpu:1", severity="P3", opened=AT + SOON, symptoms=())


def test_the_same_cases_in_another_order_have_no_difference() -> None:
    assert differences([CUT, HOT], [HOT, CUT], SOON) == []


def test_numbers_and_states_of_a_history_are_its_own() -> None:
    assert differences([CUT], [replace(CUT, number=7, state="closed")], SOON) == []


def test_a_case_of_one_history_only_is_told_with_the_side_it_is_on() -> None:
    gone, new = differences([CUT], [HOT], SOON)
    assert (gone.sort, gone.before, gone.after) == (Sort.ONLY_BEFORE, CUT, None)
    assert (new.sort, new.before, new.after) == (Sort.ONLY_AFTER, None, HOT)


def test_what_is_another_is_told_by_its_name() -> None:
    (found,) = differences([CUT], [replace(CUT, severity="P2", symptoms=("x", "y"))], SOON)
    assert found.sort is Sort.CHANGED
    assert found.changed == {"severity": ("P3", "P2"), "symptoms": (("x",), ("x", "y"))}


def test_moments_between_two_openings_are_no_difference_and_minutes_are() -> None:
    assert differences([CUT], [replace(CUT, opened=AT + SOON)], SOON) == []
    (found,) = differences([CUT], [replace(CUT, opened=AT + 2 * SOON)], SOON)
    assert list(found.changed) == ["opened"]


def test_of_several_cases_of_one_problem_the_first_belongs_to_the_first() -> None:
    again = replace(CUT, opened=AT + timedelta(hours=5))
    (found,) = differences([CUT, again], [CUT], SOON)
    assert (found.sort, found.before) == (Sort.ONLY_BEFORE, again)
