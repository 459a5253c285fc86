"""Bytes of a terminal become clean lines in a file."""

import io
import re
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.ssh import terminal
from collectors.ssh.scrub import Scrubber
from collectors.ssh.session import Output

PROMPT = re.compile(rb"(?:^|[\r\n])sw1#\s*\Z")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"plain\r", "plain"),
        (b"ab\x08c", "ac"),
        (b"  ---- More ----\x1b[16D                \x1b[16Dnext", "next"),
        (
            b" --More-- \x08\x08\x08\x08\x08\x08\x08\x08\x08\x08          \x08\x08\x08\x08\x08\x08\x08\x08\x08\x08next",
            "next",
        ),
        (b"---(more 14%)---\r                \rnext", "next"),
        (b"<--- More --->\r\x1b[Knext", "next"),
        (b"\x1b[1;31mred\x1b[0m and \x1b]0;title\x07plain", "red and plain"),
        (b"a\x1b[3Cb", "a   b"),
        (b"tab\tstays, bell\x07 does not", "tab\tstays, bell  does not"),
        (b"\x1b", ""),
    ],
)
def test_a_line_is_what_a_person_would_see(raw, shown):
    assert terminal.line(raw) == shown


@pytest.mark.parametrize(
    "tail",
    [
        b" --More-- ",
        b"x\r\n---- More ----",
        b"---(more)---",
        b"---(more 14%)---",
        b"<--- More --->",
        b"Press any key to continue...",
    ],
)
def test_every_vendors_pager_is_known(tail):
    assert terminal.PAGER.search(tail)


@pytest.mark.parametrize("tail", [b"sw1#", b"there is more", b"--More-- was printed here\r\n", b"-- more or less"])
def test_nothing_else_is_a_pager(tail):
    assert not terminal.PAGER.search(tail)


@given(st.binary(max_size=300))
def test_no_bytes_break_a_line(raw):
    shown = terminal.line(raw.replace(b"\n", b""))
    assert "\x1b" not in shown and "\r" not in shown and "\x08" not in shown


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=6))
def test_however_the_bytes_arrive_the_same_is_written(raw, cuts):
    def written(*chunks: bytes) -> bytes:
        file = io.BytesIO()
        out = Output(file, Scrubber())
        for chunk in chunks:
            out.write(chunk)
        out.finish(PROMPT)
        return file.getvalue()

    edges = sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    assert written(raw) == written(*(raw[a:b] for a, b in pairwise(edges)))


def test_echo_and_prompt_are_left_out_and_a_broken_line_is_kept():
    file = io.BytesIO()
    out = Output(file, Scrubber())
    out.expect_echo("show version")
    out.write(b"show version\r\nIOS\r\nsw1#")
    out.finish(PROMPT)
    out.expect_echo("show log")
    out.write(b"show log\r\nhalf a li")
    out.finish(PROMPT)
    assert file.getvalue() == b"IOS\nhalf a li\n"


def test_memory_stays_flat_however_much_is_printed(tmp_path):
    block = b"GigabitEthernet0/1 is up, line protocol is up, 12345 packets input\r\n" * 900
    with (tmp_path / "out").open("wb") as file:
        out = Output(file, Scrubber())
        out.write(block)
        tracemalloc.start()
        try:
            for _ in range(40):
                out.write(block)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 1_000_000


def test_a_line_without_an_end_is_cut_into_pieces():
    file = io.BytesIO()
    out = Output(file, Scrubber())
    for _ in range(10):
        out.write(b"x" * 60_000)
    out.finish(PROMPT)
    pieces = file.getvalue().splitlines()
    assert sum(map(len, pieces)) == 600_000 and max(map(len, pieces)) == terminal.LINE_LIMIT


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("接口 up".encode(), "接口 up"),
        ("接口 up".encode("gb18030"), "接口 up"),
        ("接口名称：镕".encode("gb18030"), "接口名称：镕"),
        ("détecté".encode("latin-1"), "détecté"),
        ("Müller, Straße 5".encode("latin-1"), "Müller, Straße 5"),
        ("Gerät ÄÖ".encode("latin-1"), "Gerät ÄÖ"),
        (b"caf\xe9", "café"),
        (b"80\xb0C", "80°C"),
        (b"\xff\xfe", "ÿþ"),
    ],
)
def test_a_line_is_decoded_by_what_it_looks_like_and_loses_no_letter(raw, shown):
    assert terminal.line(raw) == shown


def test_moves_of_the_cursor_alone_take_no_memory():
    assert terminal.line(b"\x1b[9999C" * 5000) == ""
    assert len(terminal.line(b"\x1b[9999C" * 5000 + b"x")) == terminal.WIDEST + 1


def test_a_long_line_is_not_cut_within_a_character():
    file = io.BytesIO()
    out = Output(file, Scrubber())
    out.write("接".encode() * 50_000)
    out.finish(PROMPT)
    assert file.getvalue().decode("utf-8").replace("\n", "") == "接" * 50_000
