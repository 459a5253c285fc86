"""Whatever arrives where SNMP answers are expected: it is read, or refused in words of ours; never a crash, a hang, or
more memory than the datagram is worth.

Hypothesis makes valid messages of every version, and each is mangled in many ways; there is plain noise too. A short
run is part of every test run; `NETCASE_FUZZ_INPUTS=100000` makes it that many inputs, for all the tests of this file
together.
"""

import itertools
import os
import random
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.snmp import ber, usm
from collectors.snmp.session import Answer, SnmpError, Target
from collectors.snmp.walk import Conversation
from tests import snmp_agents as agents

INPUTS = int(os.environ.get("NETCASE_FUZZ_INPUTS", "0"))
EACH = 25  # inputs made of one example
TESTS = 5
FUZZ = settings(
    max_examples=max(60, 1 + INPUTS // EACH // TESTS), deadline=None, derandomize=not INPUTS, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)  # fmt: skip
pytestmark = pytest.mark.timeout(120 + INPUTS // 20)

PLAIN = Target(address="", version="v3", user="u")
SIGNED = replace(PLAIN, auth_protocol="sha256", auth=b"authsecret")
USERS = [
    PLAIN,
    SIGNED,
    replace(SIGNED, auth_protocol="md5", priv_protocol="des", priv=b"privsecret"),
    replace(SIGNED, auth_protocol="sha1", priv_protocol="aes128", priv=b"privsecret"),
]
PEER = usm.Peer(b"\x80\x00\x1f\x88\x04agent", 3, 1000, 0.0)
COLUMN = (1, 3, 6, 1, 2, 1, 2, 2, 1, 10)

oids = st.lists(st.integers(0, 2**32 - 1), max_size=12).map(lambda rest: (*COLUMN, *rest))
integers = st.builds(ber.integer, st.integers(-(2**63), 2**64), st.sampled_from([2, 0x41, 0x42, 0x43, 0x46, 0x47]))
strings = st.builds(ber.tlv, st.sampled_from([4, 0x40, 0x44, 0x45, 3]), st.binary(max_size=60))
names = oids.map(lambda oid: ber.tlv(6, ber.oid_body(oid)))
empties = st.sampled_from([b"\x05\x00", b"\x80\x00", b"\x81\x00", b"\x82\x00", b"\x06\x00", b"\x02\x00", b"\x41\x00"])
strange = st.builds(ber.tlv, st.integers(0, 255), st.binary(max_size=20))
bindings = st.lists(st.builds(agents.varbind, oids, st.one_of(integers, strings, names, empties, strange)), max_size=12)
pdus = st.builds(
    agents.response,
    st.integers(-(2**31), 2**31 - 1),
    bindings,
    st.integers(0, 20),
    st.integers(0, 20),
    st.sampled_from([ber.RESPONSE, ber.REPORT, ber.GET, 0xA4, 0x30]),
)
community = st.builds(ber.message, st.sampled_from([0, 1]), st.binary(max_size=20), pdus)


@st.composite
def secured(draw: st.DrawFn) -> bytes:
    user = draw(st.sampled_from(USERS))
    clock = draw(st.sampled_from([0.0, 1.0, 500.0]))
    return usm.pack(user, PEER, draw(st.integers(1, 2**31 - 1)), draw(pdus), clock, flags=draw(st.sampled_from([0, 4])))


def mangled(data: bytes, dice: random.Random) -> bytes:
    """Octets changed, put in, taken out, doubled; the end cut off; lengths that lie."""
    out = bytearray(data)
    for _ in range(dice.randrange(1, 7)):
        at = dice.randrange(max(1, len(out)))
        match dice.randrange(7):
            case 0 | 1:
                out[at : at + 1] = bytes([dice.randrange(256)])
            case 2:
                out[at:at] = dice.randbytes(dice.randrange(1, 7))
            case 3:
                del out[at : at + dice.randrange(1, 9)]
            case 4:
                out[at:at] = out[at : at + dice.randrange(1, 41)]
            case 5:
                out[at : at + 1] = dice.choice([b"\x80", b"\x84\xff\xff\xff\xff", b"\x82\xff\xff", b"\x89", b"\xff"])
            case _:
                del out[at:]
    return bytes(out)


def many(message: bytes, seed: int) -> list[bytes]:
    dice = random.Random(seed)
    return [message, dice.randbytes(dice.randrange(300)), *(mangled(message, dice) for _ in range(EACH - 2))]


seeds = st.integers(0, 2**32)
datagrams = st.builds(many, st.one_of(community, secured()), seeds)


def sound(answer: Answer, data: bytes) -> None:
    """What was read is as long as it may be: three lists of one length, no more than the datagram holds."""
    assert len(answer.names) == len(answer.tags) == len(answer.values) <= len(data) // 6
    for value in answer.values:
        if isinstance(value, int):
            assert -(2**71) <= value < 2**71
        elif value is not None:
            assert len(value) <= len(data)


@FUZZ
@given(datagrams)
def test_every_datagram_is_identified_or_refused(several: list[bytes]) -> None:
    for data in several:
        try:
            version, number, at = ber.identify(data)
        except ber.BadMessage:
            continue
        assert version in (0, 1, 3) and number.bit_length() <= 8 * len(data) and 0 <= at <= len(data)


@FUZZ
@given(st.builds(many, community, seeds))
def test_every_community_message_is_read_or_refused(several: list[bytes]) -> None:
    for data in several:
        try:
            _, _, _, answer = ber.community_message(data)
        except ber.BadMessage:
            continue
        sound(answer, data)


@FUZZ
@given(st.builds(many, secured(), seeds), st.sampled_from(USERS))
def test_every_v3_message_is_opened_or_refused(several: list[bytes], user: Target) -> None:
    for data in several:
        try:
            message = usm.unpack(data)
            assert message == usm._unpack(data)
            believed = usm.authentic(user, message, data)
            body, start, end = usm.scoped_pdu(user, message)
            _, _, answer = ber.response(body, start, end)
            usm.check(user, replace(PEER), message, believed, 0.0)
            for name in answer.names:
                usm.report_of(ber.oid_of(name))
        except ber.BadMessage:
            continue
        sound(answer, data)


ENTRIES = [(1, 3, 6, 1, 2, 1, 2, 2, 1), (1, 3, 6, 1, 2, 1, 31, 1, 1, 1), (1, 3, 6, 1, 4, 1, 9, 9, 13, 1, 3, 1)]
KINDS = [
    st.builds(ber.integer, st.integers(0, 2**32 - 1), st.sampled_from([0x41, 0x42, 0x43])),
    st.builds(ber.integer, st.integers(0, 2**64 - 1), st.just(0x46)),
    st.builds(ber.integer, st.integers(-(2**31), 2**31 - 1)),
    st.builds(ber.tlv, st.sampled_from([4, 0x40]), st.binary(max_size=80)),
]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[bytes], bytes]:
    """(columns, bindings) of some rows; indices that could be taken for values among them."""
    width = draw(st.integers(1, 5))
    columns = [(*draw(st.sampled_from(ENTRIES)), draw(st.sampled_from([2, 6, 70, 1000])) + n) for n in range(width)]
    kinds = [draw(st.sampled_from(KINDS)) for _ in columns]
    index = st.lists(st.sampled_from([1, 2, 4, 6, 48, 65, 70, 300]), min_size=1, max_size=6).map(tuple)
    rows = draw(st.lists(index, min_size=1, max_size=6))
    told = []
    for row in rows:
        for column, kind in zip(columns, kinds, strict=True):
            hole = draw(st.integers(0, 30)) == 0
            told.append(agents.varbind((*column, *(draw(index) if hole else row)), draw(kind)))
    return [ber.name(column) for column in columns], b"".join(told)


def flat(answer: Answer, columns: list[bytes]) -> list[tuple[bytes, object]]:
    told = [
        (column + tail, values[n])
        for n, tail in enumerate(answer.rows.tails if answer.rows else ())
        for column, values in zip(columns, answer.rows.columns if answer.rows else (), strict=True)
    ]
    return [*told, *zip(answer.names, answer.values, strict=True)]


@FUZZ
@given(tables(), seeds)
def test_an_answer_read_by_rows_is_what_it_is_read_by_bindings(one: tuple[list[bytes], bytes], seed: int) -> None:
    columns, told = one
    whole = ber.tlv(ber.RESPONSE, b"\x02\x01\x07\x02\x01\x00\x02\x01\x00" + ber.tlv(0x30, told))
    ber.response(whole, 0, len(whole), columns)  # learns the columns' types
    dice = random.Random(seed)
    assert flat(ber.response(whole, 0, len(whole), columns)[2], columns) == flat(
        ber.response(whole, 0, len(whole))[2], columns
    )
    for _ in range(EACH):
        bent = ber.tlv(ber.RESPONSE, b"\x02\x01\x07\x02\x01\x00\x02\x01\x00" + ber.tlv(0x30, mangled(told, dice)))
        try:
            by_rows = flat(ber.response(bent, 0, len(bent), columns)[2], columns)
            by_bindings = flat(ber.response(bent, 0, len(bent))[2], columns)
        except ber.BadMessage:
            continue
        assert by_rows == by_bindings


class Scripted:
    """An engine that answers at once, with what was made up, in turn and for ever."""

    def __init__(self, answers: list[bytes]) -> None:
        self.answers, self.asked = answers, 0

    async def getbulk(self, target: Target, names: object, *_: object) -> Answer:
        self.asked += 1
        assert self.asked < 400, "it does not end"
        try:
            return ber.community_message(self.answers[self.asked % len(self.answers)])[-1]
        except ber.BadMessage as bad:
            raise SnmpError(bad.cause, str(bad)) from bad

    get = getnext = close = getbulk


@FUZZ
@given(st.builds(many, community, seeds), st.integers(1, 5), st.integers(1, EACH))
def test_a_walk_comes_to_an_end_whatever_it_is_told(several: list[bytes], width: int, turns: int) -> None:
    engine = Scripted(several[:turns])
    conversation = Conversation(engine, Target(address="", columns=width))  # type: ignore[arg-type]
    walking = conversation.walk([(*COLUMN[:-1], n) for n in range(8, 14)])
    with pytest.raises(StopIteration) as ended:
        walking.send(None)
    for column in ended.value.value.values():
        assert all(a < b for a, b in itertools.pairwise(column.rows))


def test_the_largest_datagrams_cost_memory_in_proportion() -> None:
    smallest = b"\x30\x05\x06\x01\x2b\x05\x00"
    for one in (smallest, agents.varbind((*COLUMN, 2**32 - 1), ber.tlv(4, b""))):
        data = ber.message(1, b"public", agents.response(1, [one] * (65_000 // len(one))))
        tracemalloc.start()
        answer = ber.community_message(data)[-1]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(answer.names) == 65_000 // len(one) and peak < 40 * len(data)
