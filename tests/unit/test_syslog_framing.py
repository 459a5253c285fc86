"""Messages in a stream of octets, however the network cuts it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.syslog.framing import LIMIT, Framing

MESSAGES = [b"<13>one", b"<34>1 2026-11-22T01:02:03Z h a - - - two", b"<189>" + b"x" * 300, b"<1>\xe6\x8e\xa5"]


def counted(messages) -> bytes:
    return b"".join(b"%d %s" % (len(message), message) for message in messages)


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\x00", b"\n\n"])
def test_messages_end_with_a_line_feed_or_a_nul(ends):
    framing = Framing()
    assert framing.feed(b"".join(message + ends for message in MESSAGES)) == MESSAGES
    assert framing.counted is False and framing.end() == []


def test_octets_are_counted_where_the_stream_begins_with_a_count():
    framing = Framing()
    assert framing.feed(counted(MESSAGES)) == MESSAGES
    assert framing.counted is True


def test_a_counted_message_may_hold_line_feeds_and_be_followed_by_one():
    assert Framing().feed(b"9 <13>a\nb\nc\n7 <13>two") == [b"<13>a\nb\nc", b"<13>two"]


def test_a_line_that_begins_with_a_number_is_no_count():
    assert Framing().feed(b"2026 Nov 22 something\n17 bottles\n") == [b"2026 Nov 22 something", b"17 bottles"]


def test_a_count_that_is_none_sends_the_rest_the_other_way():
    framing = Framing()
    assert framing.feed(b"7 <13>one<13>two\n<13>three\n") == [b"<13>one", b"<13>two", b"<13>three"]
    assert framing.counted is False


def test_what_is_longer_than_the_limit_is_cut_and_counted_and_the_next_is_whole():
    long = b"<13>" + b"x" * (3 * LIMIT)
    for stream in (long + b"\n<13>next\n", counted([long, b"<13>next"])):
        framing = Framing()
        found = [message for start in range(0, len(stream), 1000) for message in framing.feed(stream[start:][:1000])]
        assert found == [long[:LIMIT], b"<13>next"] and framing.cut == 1


def test_the_last_message_needs_no_end():
    for stream in (b"<13>one\n<13>two", b"7 <13>one9 <13>two"):
        framing = Framing()
        assert framing.feed(stream) == [b"<13>one"] and framing.end() == [b"<13>two"]


@given(
    st.lists(st.binary(max_size=60).map(lambda raw: b"<13>x" + raw.translate(None, b"\n\r\x00 ")), max_size=8),
    st.lists(st.integers(1, 40), min_size=1, max_size=60),
    st.booleans(),
)
def test_however_a_stream_is_cut_the_messages_are_the_same(messages, sizes, by_count):
    stream = counted(messages) if by_count else b"".join(message + b"\n" for message in messages)
    framing, found, start = Framing(), [], 0
    while start < len(stream):
        size = sizes[start % len(sizes)]
        found += framing.feed(stream[start : start + size])
        start += size
    assert found + framing.end() == messages


@given(st.lists(st.binary(max_size=20_000), max_size=6))
def test_no_stream_is_held_beyond_its_bounds(chunks):
    framing = Framing()
    for chunk in chunks:
        assert all(len(message) <= LIMIT for message in framing.feed(chunk))
        assert len(framing._buffer) <= LIMIT + 12
    assert all(len(message) <= LIMIT for message in framing.end())
