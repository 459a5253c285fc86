"""Whatever bytes a device's terminal sends, however they are cut: no crash, no hang, bounded memory, clean lines.

NETCASE_FUZZ_INPUTS says how many inputs, 2000 unless told otherwise.
"""

import io
import os
import re
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.cases.outcome import Outcome
from collectors.ssh import session as sessions
from collectors.ssh import terminal
from collectors.ssh.login import MOST_KEYS, _last_line, read_banner
from collectors.ssh.scrub import Scrubber
from collectors.ssh.session import HEAD, TAIL, Output, Session

INPUTS = int(os.environ.get("NETCASE_FUZZ_INPUTS", "2000"))
PROMPT = b"sw1#"
ENDS = re.compile(rb"(?:^|[\r\n])sw1#\s*\Z")

PIECES = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=30).map(lambda text: text.encode("utf-8", "replace")),
    st.text("接口已启用 up", max_size=20).map(lambda text: text.encode("gb18030")),
    st.text("éüßÄñ abc", max_size=20).map(lambda text: text.encode("latin-1")),
    st.sampled_from(
        [
            b"\r\n", b"\n", b"\r", b"\r\r\n", b"\x08", b"\x08" * 40, b"\x1b", b"\x1b[", b"\x1b[K", b"\x1b[2K",
            b"\x1b[16D", b"\x1b[9999C", b"\x1b[99999999999999999999C", b"\x1b[5G", b"\x1b[0G", b"\x1b[?2004h",
            b"\x1b]0;title\x07", b"\x1b]0;no end", b"\x9b31m", b"--More--", b" --More-- ", b"---- More ----",
            b"---(more 14%)---", b"<--- More --->", b"--Mo", b"re--", PROMPT, b"\r\nsw1#", b"sw1# not yet",
            b"show version", b"\x00",
            b"\x03", b"Press any key to continue", b"[Y/N]:",
            b"\xe6\x8e", b"\xff\xfe", b"-----BEGIN RSA PRIVATE KEY-----", b"-----END RSA PRIVATE KEY-----",
            b"enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0", "\u202e\u2028".encode(),
        ]
    ),
    st.builds(lambda piece, times: piece * times, st.sampled_from([b"x", b"\x1b[C", b"ab\x08"]), st.integers(1, 400)),
)  # fmt: skip
STREAMS = st.lists(PIECES, max_size=25).map(b"".join)
CUTS = st.lists(st.integers(0, 2000), max_size=8)

few = settings(deadline=None, suppress_health_check=list(HealthCheck))


def chunks(raw: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    return [raw[a:b] for a, b in pairwise(edges)]


def written(pieces: list[bytes], known: tuple[str, ...] = ()) -> tuple[bytes, Output]:
    file = io.BytesIO()
    out = Output(file, Scrubber(known))
    out.expect_echo("show version")
    for piece in pieces:
        out.write(piece)
        assert len(out.tail) <= TAIL and len(out._rest) <= terminal.LINE_LIMIT and len(out.head) <= 2 * HEAD + 1
    out.finish(ENDS)
    return file.getvalue(), out


@settings(few, max_examples=INPUTS * 4 // 10)
@given(STREAMS, CUTS)
def test_a_stream_becomes_clean_lines_however_it_is_cut(raw, cuts):
    whole, out = written([raw])
    assert written(chunks(raw, cuts))[0] == whole
    text = whole.decode("utf-8")
    assert all(char in "\n\t" or char.isprintable() or ord(char) > 0x9F for char in text)
    assert not whole or whole.endswith(b"\n")
    assert out.size == len(raw)


@settings(few, max_examples=INPUTS * 2 // 10)
@given(STREAMS)
def test_a_line_grows_by_no_more_than_the_width_of_a_terminal(raw):
    line = raw.replace(b"\n", b"")
    shown = terminal.line(line)
    assert len(shown) <= len(line) + terminal.WIDEST and not set(shown) & set("\r\x08\x1b\n\x00\x07")
    assert len(terminal.without_colours(line)) <= len(line)
    terminal.PAGER.search(line)
    assert b"\n" not in _last_line(raw) and b"\r" not in _last_line(raw)


@settings(few, max_examples=INPUTS // 10)
@given(st.text(max_size=60))
def test_text_in_utf_8_comes_back_as_it_is_and_loses_only_the_character_that_was_cut_off(text):
    raw = f"接{text}".encode("utf-8", "replace")
    whole = raw.decode("utf-8")
    assert terminal.decoded(raw) == whole
    for end in range(3, len(raw)):
        kept = terminal.decoded(terminal.whole_characters(raw[:end]))
        assert whole.startswith(kept) and len(kept.encode()) > end - 4


@settings(few, max_examples=INPUTS // 10)
@given(st.binary(max_size=200))
def test_no_octet_is_lost_whatever_the_encoding(raw):
    said = terminal.decoded(raw)
    assert raw in {said.encode("utf-8"), said.encode("gb18030"), said.encode("latin-1", "replace")}


class Channel:
    """Says what it is told to, in pieces; then it is silent, or closed."""

    def __init__(self, pieces: list[bytes], *, closes: bool) -> None:
        self.pieces, self.closes, self.closed, self.sent, self.reads = list(pieces), closes, False, b"", 0

    def settimeout(self, _: float) -> None:
        pass

    def recv_ready(self) -> bool:
        return False

    def get_transport(self) -> "Channel":
        return self

    def is_active(self) -> bool:
        return True

    def sendall(self, raw: bytes) -> None:
        self.sent += raw

    def recv(self, _: int) -> bytes:
        self.reads += 1
        if self.pieces:
            return self.pieces.pop(0)
        if self.closes:
            return b""
        raise TimeoutError


@pytest.fixture(scope="module")
def hurried():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sessions, "SILENCE_S", 0.0)
        patch.setattr(sessions, "RECOVERY_S", 0.0)
        yield


@settings(few, max_examples=INPUTS // 10)
@given(raw=STREAMS, cuts=CUTS, closes=st.booleans(), ended=st.booleans())
def test_every_conversation_ends_in_an_outcome(hurried, raw, cuts, closes, ended):
    pieces = [piece for piece in chunks(raw + (b"\r\nsw1#" if ended else b""), cuts) if piece]
    channel, file = Channel(pieces, closes=closes), io.BytesIO()
    session = Session(channel, PROMPT, size_limit=2000)
    found = session.run("show version", 0.005, {r"\[Y/N\]:": "n"}, Output(file, Scrubber()))
    assert found.outcome in {Outcome.DONE, Outcome.DROPPED, Outcome.ENDLESS, Outcome.TIMED_OUT}
    assert found.outcome is not Outcome.DROPPED or closes
    assert channel.sent.startswith(b"show version\n")
    assert set(channel.sent[len("show version\n") :]) <= set(b" n\n\x03")


@settings(few, max_examples=INPUTS // 10)
@given(raw=STREAMS, cuts=CUTS, closes=st.booleans())
def test_a_banner_is_read_to_its_end_with_few_keys(hurried, raw, cuts, closes):
    channel = Channel([piece for piece in chunks(raw, cuts) if piece], closes=closes)
    try:
        said = read_banner(channel)
    except EOFError:
        assert closes
        return
    assert set(channel.sent) <= set(b" \n") and len(channel.sent) <= MOST_KEYS
    assert len(said) <= len(raw) + MOST_KEYS


ENDLESS = [
    b"x",
    b"\x1b[4096C",
    b"\x1b[2Kx",
    b"\x1b[4096Cx\r",
    b"\x08",
    b"\x1b[K",
    b"\r",
    b"\xe6\x8e",
    b"--More--",
    b"\x1b]0;",
]


@pytest.mark.parametrize("unit", ENDLESS)
def test_memory_is_bounded_by_one_line_whatever_it_is_made_of(unit, tmp_path):
    chunk = unit * (65_536 // len(unit))
    with (tmp_path / "out").open("wb") as file:
        out = Output(file, Scrubber())
        tracemalloc.start()
        try:
            for _ in range(4):
                out.write(chunk)
            out.finish(ENDS)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 16_000_000
