"""Whatever a device prints is cleaned, scrubbed and written; never a crash, a hang, or more memory than a few lines.

Hypothesis mangles pieces of every vendor's configuration and plain noise. A short run is part of every test run;
`NETCASE_FUZZ_INPUTS=100000` makes it that many inputs, for all the tests of this file together.
"""

import io
import os
import random
import re
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import RefusedError
from collectors.ssh import commands, guard
from collectors.ssh.scrub import REMOVED, Scrubber, scrub
from collectors.ssh.session import Output
from tests.unit.scrub_samples import EVIDENCE, KEYS, PLATFORMS

INPUTS = int(os.environ.get("NETCASE_FUZZ_INPUTS", "2000"))
TESTS = 4
FUZZ = settings(
    max_examples=max(50, INPUTS // TESTS), deadline=None, derandomize=INPUTS == 2000, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)  # fmt: skip
pytestmark = pytest.mark.timeout(180 + INPUTS // 20)

PROMPT = re.compile(rb"(?:^|[\r\n])sw1#\s*\Z")
LINES = [
    line
    for marked in (*PLATFORMS.values(), *KEYS.values(), EVIDENCE)
    for line in marked.replace("⟦", "").replace("⟧", "").split("\n")
]
NOISE = [
    "\x08",
    "\x1b[K",
    "\x1b[16D",
    "\r",
    " --More-- ",
    "---- More ----",
    "\t",
    "\x00",
    "密码",
    "\U0001f600",
    "İ",
    "\u2028",
]
PIECES = st.sampled_from(LINES) | st.sampled_from(NOISE) | st.text(max_size=30)
PRINTED = st.lists(PIECES, max_size=12).flatmap(
    lambda pieces: st.sampled_from(["\n", "\r\n", " ", ""]).map(lambda by: by.join(pieces))
)


def mangled(raw: bytes, seed: int) -> bytes:
    """A few octets turned, cut out, doubled or put elsewhere."""
    draw = random.Random(seed)
    data = bytearray(raw)
    for _ in range(draw.randrange(6)):
        if not data:
            break
        at = draw.randrange(len(data))
        match draw.randrange(4):
            case 0:
                data[at] = draw.randrange(256)
            case 1:
                del data[at : at + draw.randrange(1, 20)]
            case 2:
                data[at:at] = data[at : at + draw.randrange(1, 20)] * draw.randrange(1, 5)
            case _:
                data[at:at] = bytes(draw.randrange(256) for _ in range(draw.randrange(1, 8)))
    return bytes(data)


def written(raw: bytes, seed: int) -> tuple[bytes, int]:
    draw, file, scrubber = random.Random(seed), io.BytesIO(), Scrubber(["n0tAWord"])
    out = Output(file, scrubber)
    start = 0
    while start < len(raw):
        end = start + draw.choice([1, 7, 100, 4096])
        out.write(raw[start:end])
        start = end
    out.finish(PROMPT)
    return file.getvalue(), scrubber.count


@FUZZ
@given(PRINTED, st.integers(0, 2**32), st.sampled_from(["utf-8", "gb18030", "latin-1"]))
def test_whatever_is_printed_is_written_the_same_however_it_arrives(text, seed, encoding):
    raw = mangled(text.encode(encoding, "replace"), seed)
    assert written(raw, 1) == written(raw, seed)


@FUZZ
@given(PRINTED)
def test_scrubbing_twice_strikes_nothing_more(text):
    once, _ = scrub(text)
    assert scrub(once) == (once, 0)


@FUZZ
@given(PRINTED)
def test_what_is_left_is_a_part_of_what_was_printed(text):
    """Lossless but for the secrets: the pieces between the marks stand in the input, in their order."""
    scrubbed, count = scrub(text)
    at = 0
    for piece in re.split(rf"{REMOVED}|\n", scrubbed):
        found = text.find(piece, at)
        assert found >= 0, piece
        at = found + len(piece)
    assert count or scrubbed == text


@FUZZ
@given(st.sampled_from(sorted(commands.platforms())), PRINTED | st.text(max_size=80))
def test_nothing_that_is_printed_passes_the_guard_or_breaks_the_refusals(platform, text):
    assert isinstance(commands.refusal(platform, text), str)
    try:
        guard.check(platform, text)
    except RefusedError:
        return
    templates = {line for topic in commands.of(platform).topics.values() for line in (*topic.run, *topic.ipv6)}
    assert any(text.startswith(template.partition("{")[0]) for template in templates)
    assert re.fullmatch(r"[\x20-\x7e]{1,200}", text) and not re.search(r"[;&<>`$\\!?*#()\[\]'~^%]", text)


@pytest.mark.parametrize(
    "piece", [b"x", b"secret=", b"password hunter2 ", b"\x08\x1b[C", "密".encode("gb18030"), b"-----BEGIN "]
)
def test_a_line_without_an_end_takes_little_memory(piece):
    block = piece * (32_768 // len(piece))
    file = io.BytesIO()
    out = Output(file, Scrubber())
    out.write(block)
    tracemalloc.start()
    try:
        for _ in range(5):
            out.write(block)
            file.seek(0)
            file.truncate()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 12_000_000


def test_megabytes_without_a_line_end_take_little_memory():
    """A hundred of them in a long run."""
    block = b"x password hunter2 " * 3000
    file = io.BytesIO()
    out = Output(file, Scrubber())
    tracemalloc.start()
    try:
        for _ in range((100_000_000 if INPUTS >= 100_000 else 400_000) // len(block)):
            out.write(block)
            file.seek(0)
            file.truncate()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 12_000_000
