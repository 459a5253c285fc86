"""The codec: what it encodes it decodes, and what is wrong on the wire has a name."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.snmp import ber
from collectors.snmp.session import Cause, Tag

OIDS = st.tuples(st.sampled_from([1, 0, 2]), st.integers(0, 39)).flatmap(
    lambda head: st.lists(st.integers(0, 2**32 - 1), max_size=30).map(lambda rest: (*head, *rest))
)


def answer(*varbinds: bytes, request_id: int = 7, status: int = 0, index: int = 0) -> bytes:
    body = ber.integer(request_id) + ber.integer(status) + ber.integer(index) + ber.tlv(0x30, b"".join(varbinds))
    return ber.message(1, b"public", ber.tlv(ber.RESPONSE, body))


def varbind(oid: tuple[int, ...], value: bytes) -> bytes:
    return ber.tlv(0x30, ber.tlv(0x06, ber.oid_body(oid)) + value)


def told(data: bytes) -> list[tuple[tuple[int, ...], int, object]]:
    answer = ber.community_message(data)[-1]
    return list(zip(map(ber.oid_of, answer.names), answer.tags, answer.values, strict=True))


@given(OIDS)
def test_every_object_identifier_survives_the_wire(oid: tuple[int, ...]) -> None:
    assert ber.oid_of(ber.oid_body(oid)) == oid


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_integer_survives_the_wire(value: int) -> None:
    data = answer(varbind((1, 3, 6), ber.integer(value)))
    assert told(data) == [((1, 3, 6), Tag.INTEGER, value)]


@given(st.binary(max_size=70_000))
def test_every_string_survives_the_wire(value: bytes) -> None:
    data = answer(varbind((1, 3, 6, 1), ber.tlv(4, value)))
    assert told(data) == [((1, 3, 6, 1), Tag.OCTET_STRING, value)]


@pytest.mark.parametrize(
    ("tag", "octets", "value"),
    [
        (0x41, b"\xff\xff\xff\xff", 2**32 - 1),  # without its leading zero
        (0x41, b"\x00\xff\xff\xff\xff", 2**32 - 1),
        (0x41, b"\xff\xff\xff\xff\xff\xff\xff\xfe", 2**32 - 2),  # sign-extended
        (0x46, b"\xff" * 8, 2**64 - 1),
        (0x42, b"", 0),
        (0x02, b"\xff", -1),
    ],
)
def test_badly_encoded_integers_are_read_as_they_are_meant(tag: int, octets: bytes, value: int) -> None:
    data = answer(varbind((1, 3, 6, 1), ber.tlv(tag, octets)))
    assert told(data) == [((1, 3, 6, 1), tag, value)]


def test_exceptions_have_no_value() -> None:
    data = answer(varbind((1, 3, 6, 1), b"\x80\x00"), varbind((1, 3, 6, 2), b"\x82\x00"))
    assert [(tag, raw) for _, tag, raw in told(data)] == [
        (Tag.NO_SUCH_OBJECT, None),
        (Tag.END_OF_MIB_VIEW, None),
    ]


def test_half_a_datagram_is_truncated_and_still_tells_which_question_it_answers() -> None:
    data = answer(*(varbind((1, 3, 6, 1, n), ber.integer(n)) for n in range(50)), request_id=4711)
    with pytest.raises(ber.BadMessage) as caught:
        ber.community_message(data[:200])
    assert (caught.value.cause, caught.value.request_id) == (Cause.TRUNCATED, 4711)


@given(st.binary(max_size=400))
def test_noise_is_bad_and_nothing_worse(noise: bytes) -> None:
    with pytest.raises(ber.BadMessage):
        ber.community_message(noise)


@given(st.data())
def test_an_answer_with_flipped_octets_is_read_or_bad_and_nothing_worse(data: st.DataObject) -> None:
    message = bytearray(answer(*(varbind((1, 3, 6, 1, 2, n), ber.tlv(0x41, b"\x7f")) for n in range(5))))
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ber.BadMessage):
        ber.community_message(bytes(message))
