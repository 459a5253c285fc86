"""What every engine must survive, told in the same words by both: agents that are wrong in one way each."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from collectors.snmp import ber, direct, usm
from collectors.snmp.direct import DirectEngine
from collectors.snmp.fallback import FallbackEngine
from collectors.snmp.pysnmp_engine import PysnmpEngine
from collectors.snmp.session import Engine, Oid, SnmpError, Tag, Target
from collectors.snmp.walk import Column, Conversation, Pace
from tests import snmp_agents as agents

NAMES = (*agents.IFX_ENTRY, 1)
COUNTERS = [(*agents.IFX_ENTRY, column) for column in (6, 7, 10, 11, 15)]
UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
USER = Target(
    address="127.0.0.1", version="v3", user="monitor", auth_protocol="sha256", auth=b"authsecret",
    priv_protocol="aes128", priv=b"privsecret", timeout=2.0,
)  # fmt: skip
SILENT = {"timeout", "garbage", "truncated"}  # what is no answer is waited out by one engine or both
LEVELS = [("", ""), ("md5", "des"), ("sha1", "3des"), ("sha1", "aes256"), ("sha224", "aes192c"), ("sha1", "aes256c"),
          ("sha384", "aes192"), ("sha512", "")]  # fmt: skip


@pytest.fixture(params=["direct", "pysnmp"])
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    one: Engine = DirectEngine() if request.param == "direct" else PysnmpEngine()
    yield one
    await one.close()


def plain(port: int, **more: object) -> Target:
    usual = Target(address="127.0.0.1", port=port, community=b"public", timeout=2.0, retries=1)
    return replace(usual, **more)  # type: ignore[arg-type]


async def walk(engine: Engine, target: Target, *oids: Oid) -> tuple[Conversation, dict[Oid, Column]]:
    conversation = Conversation(engine, target)
    return conversation, await conversation.walk(oids)


def causes(conversation: Conversation) -> set[str]:
    return {str(failure.cause) for failure in conversation.failures}


# ---------------------------------------------------------------- answers that are wrong


@pytest.mark.parametrize(
    ("agent", "cause"),
    [
        (agents.Silent, "timeout"),
        (agents.Garbage, "garbage"),
        (agents.HalfAnAnswer, "truncated"),
        (agents.Circle, "not_increasing"),
        (agents.Repeating, "not_increasing"),
        (lambda: agents.TooBig(0), "too_big"),
    ],
)
async def test_what_is_wrong_with_an_agent_is_named(
    engine: Engine, agent: Callable[[], agents.Agent], cause: str
) -> None:
    async with agents.served(agent()) as port:
        target = plain(port, timeout=0.3 if cause in SILENT else 2.0)
        conversation, columns = await walk(engine, target, NAMES)
    assert causes(conversation) == {cause} and not columns[NAMES].complete


async def test_an_answer_from_another_address_is_believed_by_no_engine(engine: Engine) -> None:
    async with agents.served(agents.Agent(), from_elsewhere=True) as port:
        conversation, _ = await walk(engine, plain(port, timeout=0.3), NAMES)
    assert causes(conversation) == {"wrong_source"} and not conversation.answered


@pytest.mark.parametrize("agent", [lambda: agents.TooBig(7), agents.NoBulk, lambda: agents.LosesLarge(20)])
async def test_an_agent_that_can_do_less_is_asked_for_less(engine: Engine, agent: Callable[[], agents.Agent]) -> None:
    one = agent()
    rows = sum(oid[: len(NAMES)] == NAMES for oid in one.table)
    async with agents.served(one) as port:
        lossy = isinstance(one, agents.LosesLarge)
        conversation = Conversation(engine, plain(port, timeout=0.4 if lossy else 2.0))
        assert await conversation.get([UPTIME])  # as every poll begins: it lives
        columns = await conversation.walk([NAMES, *COUNTERS])
    assert {len(c.rows) for c in columns.values()} == {rows} and all(c.complete for c in columns.values())
    assert not conversation.failures


async def test_what_a_device_copes_with_is_remembered_and_tried_anew_in_time(engine: Engine) -> None:
    agent, pace = agents.LosesLarge(20), Pace()
    async with agents.served(agent) as port:
        conversation = Conversation(engine, plain(port, timeout=0.4), None, pace)
        assert await conversation.get([UPTIME])
        first = await conversation.walk(COUNTERS)
        lost = agent.asked
        second = await Conversation(engine, plain(port), None, pace).walk(COUNTERS)
    assert 0 < pace.repetitions <= 4 and all(c.complete for c in (*first.values(), *second.values()))
    assert lost > 0
    pace.answers = 99
    repetitions = pace.repetitions
    pace.answered()
    assert pace.repetitions == 2 * repetitions


async def test_a_v1_agent_is_walked_to_the_end_of_its_mib(engine: Engine) -> None:
    class Old(agents.Agent):
        def answer(self, data: bytes) -> bytes | list[bytes]:
            tag, request_id, first, second, names = agents.question(data)
            bindings, _, _ = self.found(tag, first, second, names)
            bad = next((n for n, b in enumerate(bindings, 1) if b[-2] in (0x80, 0x82)), 0)
            asked = [agents.varbind(oid, b"\x05\x00") for oid in names]
            pdu = agents.response(request_id, asked if bad else bindings, 2 if bad else 0, bad)
            return ber.message(0, b"public", pdu)

    table = {oid: value for oid, value in agents.switch().items() if value[0] != Tag.COUNTER64}  # RFC 2576 §4.1.2.1
    async with agents.served(Old(table)) as port:
        target = plain(port, version="v1")
        conversation, columns = await walk(engine, target, NAMES, *((*agents.IF_ENTRY, n) for n in (2, 8, 13, 20)))
        scalars = await conversation.get([UPTIME, (1, 3, 6, 1, 2, 1, 99, 0), (1, 3, 6, 1, 2, 1, 1, 5, 0)])
    assert {len(c.rows) for c in columns.values()} == {8} and all(c.complete for c in columns.values())
    assert len(scalars) == 2 and not conversation.failures


async def test_missing_objects_and_rows_are_left_out(engine: Engine) -> None:
    table = agents.switch()
    del table[(*NAMES, 3)], table[(*COUNTERS[0], 1)]
    async with agents.served(agents.Agent(table)) as port:
        conversation, columns = await walk(engine, plain(port), NAMES, *COUNTERS)
        scalars = await conversation.get([(1, 3, 6, 1, 2, 1, 99, 0), UPTIME])
    assert sorted(columns[NAMES].rows) == [(n,) for n in (1, 2, 4, 5, 6, 7, 8)]
    assert sorted(columns[COUNTERS[0]].rows) == [(n,) for n in range(2, 9)]
    assert set(scalars) == {UPTIME} and not conversation.failures


@pytest.mark.parametrize("length", [200, 2_000, 12_000])
async def test_answers_of_up_to_64_kilobytes_are_read(engine: Engine, length: int) -> None:
    table: agents.Table = {(*NAMES, n): ber.tlv(4, bytes([n]) * length) for n in range(1, 6)}
    async with agents.served(agents.Agent(table)) as port:
        conversation, columns = await walk(engine, plain(port, max_repetitions=5, timeout=2.0), NAMES)
    assert [len(value) for value in columns[NAMES].rows.values() if isinstance(value, bytes)] == [length] * 5
    assert columns[NAMES].complete and not conversation.failures


async def test_badly_encoded_integers_are_read_by_our_codec_and_by_the_other_refused(engine: Engine) -> None:
    table = agents.switch()
    table[(*COUNTERS[0], 1)] = b"\x41\x04\xff\xff\xff\xff"
    async with agents.served(agents.Agent(table)) as port:
        patience = 2.0 if isinstance(engine, DirectEngine) else 0.3
        conversation, columns = await walk(engine, plain(port, timeout=patience), COUNTERS[0])
    if isinstance(engine, DirectEngine):
        assert columns[COUNTERS[0]].rows[(1,)] == 2**32 - 1 and not conversation.failures
    else:
        assert conversation.failures and not columns[COUNTERS[0]].complete


async def test_a_conversation_is_bounded_in_octets(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.snmp.walk.OCTETS", 50_000)
    table: agents.Table = {(*NAMES, n): ber.tlv(4, b"x" * 1000) for n in range(1, 100)}
    async with agents.served(agents.Agent(table)) as port:
        conversation, columns = await walk(engine, plain(port), NAMES, COUNTERS[0])
    assert causes(conversation) == {"endless"} and len(columns[NAMES].rows) < 60


# ---------------------------------------------------------------- SNMPv3


@pytest.mark.parametrize(("auth", "priv"), LEVELS)
async def test_every_way_to_sign_and_hide_is_understood(engine: Engine, auth: str, priv: str) -> None:
    user = replace(USER, auth_protocol=auth, auth=b"authsecret" if auth else b"", priv_protocol=priv,
                   priv=b"privsecret" if priv else b"")  # fmt: skip
    async with agents.served(agents.Secure(user)) as port:
        conversation, columns = await walk(engine, replace(user, port=port), NAMES)
    assert len(columns[NAMES].rows) == 8 and columns[NAMES].complete and not conversation.failures


@pytest.mark.parametrize("agent", [agents.Rebooting, agents.Unsure])
async def test_an_engine_that_restarts_or_doubts_our_clock_is_followed(
    engine: Engine, agent: type[agents.Secure]
) -> None:
    one = agent(USER)
    async with agents.served(one) as port:
        conversation, columns = await walk(engine, replace(USER, port=port, bulk=False), NAMES, *COUNTERS)
        for _ in range(40):
            assert await conversation.get([UPTIME])
    assert all(len(c.rows) == 8 and c.complete for c in columns.values()) and not conversation.failures
    assert one.reports.count(usm.NOT_IN_TIME_WINDOW) >= 2


async def test_a_clock_that_leapt_is_learned_anew(engine: Engine) -> None:
    agent = agents.Secure(USER)
    async with agents.served(agent) as port:
        conversation = Conversation(engine, replace(USER, port=port))
        assert await conversation.get([UPTIME])
        agent.skew = 170
        assert await conversation.get([UPTIME])
    assert agent.reports.count(usm.NOT_IN_TIME_WINDOW) >= 1 and not conversation.failures


async def test_170_idle_seconds_are_no_reason_to_ask_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    agent, engine = agents.Secure(USER), DirectEngine()
    agent.skew = 1000
    async with agents.served(agent) as port:
        conversation = Conversation(engine, replace(USER, port=port))
        assert await conversation.get([UPTIME])
        asked, agent.skew = agent.asked, 1170
        now = direct._clock
        monkeypatch.setattr(direct, "_clock", lambda: now() + 170)
        assert await conversation.get([UPTIME])
    await engine.close()
    assert agent.asked == asked + 1 and not conversation.failures


async def test_three_devices_may_share_an_engine_id(engine: Engine) -> None:
    clones = [agents.Secure(USER) for _ in range(3)]
    for n, clone in enumerate(clones):
        clone.boots, clone.skew = n + 1, 5000 * n
    async with agents.served(clones[0]) as a, agents.served(clones[1]) as b, agents.served(clones[2]) as c:
        for _ in range(3):
            for port in (a, b, c):
                conversation, columns = await walk(engine, replace(USER, port=port), NAMES)
                assert columns[NAMES].complete and not conversation.failures
    if isinstance(engine, DirectEngine):  # pysnmp keeps one clock for an engine ID
        assert max(clone.reports.count(usm.NOT_IN_TIME_WINDOW) for clone in clones) == 0


async def test_a_context_is_asked_by_its_name(engine: Engine) -> None:
    agent = agents.Secure(USER)
    agent.contexts = [b"vrf-blue"]
    async with agents.served(agent) as port:
        right, columns = await walk(engine, replace(USER, port=port, context="vrf-blue"), NAMES)
        wrong, _ = await walk(engine, replace(USER, port=port, context="vrf-red", retries=0, timeout=0.2), NAMES)
    assert columns[NAMES].complete and not right.failures
    assert wrong.failures


WRONG = {
    "user": ({"user": "nobody"}, "unknown user"),
    "authentication password": ({"auth": b"wrongsecret"}, "wrong digest"),
    "authentication protocol": ({"auth_protocol": "sha1"}, "wrong digest"),
    "privacy password": ({"priv": b"wrongsecret"}, "decryption error"),
    "privacy protocol": ({"priv_protocol": "aes256"}, "decryption error"),
}


@pytest.mark.parametrize("wrong", sorted(WRONG))
async def test_which_credential_is_wrong_is_told_apart(wrong: str) -> None:
    changed, word = WRONG[wrong]
    engine = DirectEngine()
    async with agents.served(agents.Secure(USER)) as port:
        user = replace(USER, port=port, timeout=0.5 if "privacy" in wrong else 2.0)
        conversation, _ = await walk(engine, replace(user, **changed), NAMES)  # type: ignore[arg-type]
    await engine.close()
    assert causes(conversation) == {"wrong_credentials"}
    assert word in conversation.failures[-1].detail and "secret" not in str(conversation.failures)


# ---------------------------------------------------------------- the fallback


async def test_an_agent_that_only_pysnmp_can_read_is_read_by_it_from_then_on() -> None:
    second = PysnmpEngine()
    engine = FallbackEngine(DirectEngine(), lambda: second)
    agent = agents.Indefinite()
    async with agents.served(agent) as port:
        conversation, columns = await walk(engine, plain(port), NAMES, *COUNTERS)
        assert all(len(c.rows) == 8 and c.complete for c in columns.values()) and not conversation.failures
        asked = agent.asked = 0
        assert await conversation.get([UPTIME]) and agent.asked == asked
    await engine.close()


async def test_an_agent_that_neither_engine_can_read_costs_twice_only_once() -> None:
    made: list[PysnmpEngine] = []

    def make() -> Engine:
        made.append(PysnmpEngine())
        return made[-1]

    now = 0.0
    engine = FallbackEngine(DirectEngine(), make, clock=lambda: now)

    class Counting(agents.Garbage):
        def answer(self, data: bytes) -> bytes | list[bytes]:
            self.asked += 1
            return super().answer(data)

    agent = Counting()
    async with agents.served(agent) as port:
        seen = []
        for now in (0.0, 1.0, 7 * 3600.0):  # noqa: B007 - the clock reads it
            agent.asked = 0
            with pytest.raises(SnmpError, match="garbage"):
                await engine.get(plain(port, timeout=0.3), [ber.name(UPTIME)])
            seen.append(agent.asked)
    await engine.close()
    assert seen == [2, 1, 2] and len(made) == 1
    await asyncio.sleep(0)
