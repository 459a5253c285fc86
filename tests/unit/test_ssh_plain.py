"""Lines that need no cleaning are told from those that do, and come out as if each had been cleaned alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.ssh import plain, terminal

PIECES = [
    b"a",
    b" ",
    b"\t",
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\r\n",
    b"--More--",
    b"more",
    b"\x08",
    b"\x1b[K",
    b"\xff",
    b"\x00",
    b"~",
]


def one_by_one(raw: bytes) -> str:
    return "".join(f"{terminal.line(line)}\n" for line in raw.split(b"\n")[:-1])


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=3), max_size=40).map(b"".join))
def test_many_lines_at_once_are_what_each_would_be_alone(raw):
    whole = raw + b"\n"
    text = plain.lines(whole)
    assert text is None or text == one_by_one(whole)


def test_ordinary_output_is_plain():
    raw = b"GigabitEthernet0/1 is up  \r\n\tHardware is Gigabit\r\n\r\n"
    assert plain.lines(raw) == one_by_one(raw) == "GigabitEthernet0/1 is up\n\tHardware is Gigabit\n\n"


@pytest.mark.parametrize("odd", [b"\x08", b"\x1b[1m", b" --More-- ", "中".encode(), b"\x00", b"a\rb", b"Press any key"])
def test_what_a_terminal_acts_on_is_not(odd):
    assert plain.lines(b"one\r\n" + odd + b"two\r\n") is None
