"""The syslog decoder against what nobody should send: no crash, no hang, bounded memory.

NETCASE_FUZZ_INPUTS says how many inputs, 2,000 unless told; half of them are built of what the dialects look for, so
that the expressions are really walked into.
"""

import os
import re
import time
import tracemalloc
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from collectors.syslog import dialects, message, patterns
from collectors.syslog.framing import LIMIT, Framing
from collectors.syslog.listener import event

INPUTS = int(os.environ.get("NETCASE_FUZZ_INPUTS", "2000"))
NOW = datetime(2026, 11, 22, 1, 2, 10, tzinfo=UTC)
HANG_S = 2.0  # processor seconds; the worst line known costs a few milliseconds
MEMORY = 64 * 1024 * 1024  # octets beyond the start

pytestmark = pytest.mark.timeout(max(120, INPUTS // 20))
fuzzed = settings(
    max_examples=max(1, INPUTS // 4),
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@contextmanager
def no_hang(most: float = HANG_S) -> Iterator[None]:
    """Of the processor's time, not the clock's; what never ends is pytest-timeout's."""
    began = time.process_time()
    yield
    assert time.process_time() - began < most


def check(raw: bytes) -> None:
    with no_hang():
        read = event(raw, NOW, "192.0.2.1", "d1")
    assert len(read.text) <= message.TEXT_LIMIT
    assert len(read.mnemonic) <= 128 and all(len(value) <= message.TEXT_LIMIT for value in read.data.values())
    assert not any(unicodedata.category(char) == "Cc" for char in read.text + read.mnemonic + read.data.get("host", ""))
    assert read.subject is None or read.subject.device == "d1"


def _words() -> list[str]:
    """What the dialects and patterns look for, and the separators between."""
    keys = [key.replace("/", "-5-", 1) for key in patterns.rules()]
    literal = re.compile(r"[A-Za-z][A-Za-z ,:=-]{3,40}")
    every = [rule.text.pattern for rules in patterns.rules().values() for rule in rules]
    every += [dialect.tag.pattern for dialect in dialects.dialects()]
    said = sorted({word for pattern in every for word in literal.findall(pattern)})
    header = [
        *("<189>", "<0>", "<191>", "1 2026-11-22T01:02:03Z ", "Nov 22 01:02:03 ", "2026 Nov 22 01:02:03.456 CST "),
        *("12: ", "2w3d: ", "sw1 ", "sw1: ", "RP/0/RSP0/CPU0:", "%%01", "%", "- ", "[a b=\"c\"]", "date=2026-11-22 "),
        *("time=01:02:03 ", "logid=1 ", "logdesc=\"", "Event|403|LOG_INFO|AMM|1/1|", "TMNX: 17 Base "),
        *("1,2026/11/22 01:02:03,", "interface,info ", "<Info:vlan.msgs.x> "),
        "An alarm 1 level 5 occurred at 01:02:03 11-22-2026 sent by MCP %IFM%",
    ]  # fmt: skip
    values = ["10.0.0.1", "2001:db8::1", "GigabitEthernet0/1", "interface ", "neighbor ", "to ", "down", "Up", "(", ")"]
    return [
        *header,
        *keys,
        *said,
        *values,
        ":",
        " ",
        ",",
        '"',
        "\\",
        "=",
        "/",
        "-",
        ".",
        "\x00",
        "\n",
        "接口",
        "\u202e",
    ]


WORDS = _words()
LINES = st.lists(st.sampled_from(WORDS), max_size=60).map("".join)
REPEATED = st.tuples(LINES, st.sampled_from(WORDS), st.integers(1, 600), LINES).map(
    lambda part: part[0] + part[1] * part[2] + part[3]
)


@fuzzed
@given(st.one_of(st.binary(max_size=9000), st.binary(max_size=400).map(lambda raw: b"<189>1 " + raw)))
def test_no_octets_whatever_crash_or_hang(raw):
    check(raw)


@fuzzed
@given(LINES)
def test_no_line_of_what_the_dialects_look_for_crashes_or_hangs(line):
    check(line.encode())


@fuzzed
@given(REPEATED)
def test_no_word_however_often_repeated_hangs(line):
    check(line.encode()[:20_000])


@fuzzed
@given(st.lists(st.one_of(st.binary(max_size=3000), LINES.map(str.encode)), max_size=8))
def test_no_stream_crashes_or_outgrows_its_bounds(chunks):
    framing = Framing()
    for chunk in chunks:
        with no_hang():
            assert all(len(line) <= LIMIT for line in framing.feed(chunk))
        assert len(framing._buffer) <= LIMIT + 16
    assert all(len(line) <= LIMIT for line in framing.end())


def test_no_expression_of_the_data_is_caught_by_its_own_words():
    """Each against the words it looks for, repeated and mixed: what makes a search polynomial shows here."""
    literal = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ,:=-]{1,40}")
    every = {rule.text.pattern: rule.text.match for rules in patterns.rules().values() for rule in rules}
    every |= {
        dialect.tag.pattern: lambda text, tag=dialect.tag: tag.search(text, 0, 1024) for dialect in dialects.dialects()
    }
    common = ["a", " ", "1.", "a ", "interface ", "(", "<", ",", ":", "peer 1", "neighbor 1.1.1.1 ", "x=", "["]
    for pattern, match in every.items():
        words = [*common, *literal.findall(pattern)]
        mixed = " ".join(words)
        for word in words:
            for text in (word * 2048, mixed * 99, word + mixed * 3 + word * 600, mixed + word * 600):
                with no_hang(0.25):
                    match(text[: message.TEXT_LIMIT])


def test_memory_does_not_grow_with_the_lines_that_were_read():
    """Caches are bounded: a hundred thousand senders, names and codes that come once leave nothing behind."""
    for number in range(200):
        event(f"<189>1: h{number}: %X{number}-3-Y{number}: z".encode(), NOW, "192.0.2.1", "d1")
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(max(2000, INPUTS // 20)):
        event(f"<189>1: h{number}: %X{number}-3-Y{number}: {number} z".encode() * 20, NOW, f"{number}", f"d{number}")
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert now - before < 1024 * 1024 and peak - before < MEMORY
