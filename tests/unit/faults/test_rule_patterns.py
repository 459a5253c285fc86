"""Patterns of log lines: the same as `re`, in a time that no line and no pattern can stretch."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.faults.rules.events import LONGEST_TEXT
from agent.faults.rules.pattern import Pattern

_PIECES = ["a", "b", ".", "[ab]", r"\d", r"\b", "^", "$", "(?:ab|c)", "(a)", "(?i:A)", "*", "+", "{2}", "|", "(", ")"]


@given(st.lists(st.sampled_from(_PIECES), max_size=8).map("".join), st.text("abcAB1 ", max_size=10))
def test_a_pattern_finds_what_re_finds(pattern: str, line: str) -> None:
    try:
        wanted = re.compile(pattern).search(line) is not None
        made = Pattern(pattern)
    except (re.error, ValueError):
        return
    assert made.found(line) is wanted


@pytest.mark.parametrize(
    "pattern", ["(a|a)*b", "((a+)b?)+$", r"(\w+\s?)+:$", ".*.*.*.*.*x", "(a?){90}a{90}x", "(.*a){20}x", r"(a|b|ab)*\d"]
)
@pytest.mark.parametrize("line", ["a", "ab", "ab "])
def test_no_pattern_takes_long_on_the_wrong_line(pattern: str, line: str) -> None:
    began = time.process_time()
    Pattern(pattern).found((line * LONGEST_TEXT)[:LONGEST_TEXT])
    assert time.process_time() - began < 2


@pytest.mark.parametrize("pattern", ["(a)\\1", "(?=a)b", "((a{50}){50}){50}", "(()){4000000000}", "(a", "a++"])
def test_what_cannot_be_told_in_one_pass_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"looks|large|no regular"):
        Pattern(pattern)
