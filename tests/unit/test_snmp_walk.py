"""Walks against agents that are wrong in one way each: each is named in its own terms, and none holds up the others."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from agent.errors import UsageError
from agent.inventory.device import Device, Method, Polling, Secret, SnmpAccess
from agent.observation import Batch, ComponentKind, Fact, Subject, Tier
from collectors.collector import Collector
from collectors.snmp import pysnmp_engine  # noqa: F401 - slow to import: not while devices wait
from collectors.snmp.direct import DirectEngine
from collectors.snmp.session import Oid, Target
from collectors.snmp.walk import Column, Conversation
from tests import snmp_agents as agents

NAMES = (*agents.IFX_ENTRY, 1)
COUNTERS = [(*agents.IFX_ENTRY, column) for column in (6, 7, 10, 11, 15)]


@pytest.fixture
async def engine() -> AsyncIterator[DirectEngine]:
    one = DirectEngine()
    yield one
    await one.close()


def target(port: int, **more: object) -> Target:
    usual = Target(address="127.0.0.1", port=port, community=b"public", timeout=0.4, retries=1)
    return replace(usual, **more)  # type: ignore[arg-type]


async def walk(engine: DirectEngine, port: int, *oids: Oid, **more: object) -> tuple[Conversation, dict[Oid, Column]]:
    conversation = Conversation(engine, target(port, **more))
    return conversation, await conversation.walk(oids)


def causes(conversation: Conversation) -> set[str]:
    return {str(failure.cause) for failure in conversation.failures}


async def test_a_walk_reads_every_column_to_its_end(engine: DirectEngine) -> None:
    async with agents.served(agents.Agent(agents.switch(60))) as port:
        conversation, columns = await walk(engine, port, NAMES, *COUNTERS)
    assert {len(c.rows) for c in columns.values()} == {60} and all(c.complete for c in columns.values())
    assert columns[NAMES].rows[(3,)] == b"ge3" and not conversation.failures


async def test_an_agent_without_getbulk_is_walked_row_by_row(engine: DirectEngine) -> None:
    async with agents.served(agents.Agent()) as port:
        conversation, columns = await walk(engine, port, NAMES, bulk=False)
    assert len(columns[NAMES].rows) == 8 and columns[NAMES].complete and not conversation.failures


async def test_what_is_not_there_is_empty_and_complete(engine: DirectEngine) -> None:
    async with agents.served(agents.Agent()) as port:
        conversation, columns = await walk(engine, port, (1, 3, 6, 1, 2, 1, 15, 3, 1, 2))
        assert await conversation.get([(1, 3, 6, 1, 2, 1, 15, 2, 0)]) == {}
    assert not columns[(1, 3, 6, 1, 2, 1, 15, 3, 1, 2)].rows and not conversation.failures


@pytest.mark.parametrize(
    ("agent", "cause"),
    [(agents.Silent, "timeout"), (agents.Garbage, "garbage"), (agents.HalfAnAnswer, "truncated")],
)
async def test_an_agent_that_cannot_be_understood_is_named(engine: DirectEngine, agent: type, cause: str) -> None:
    async with agents.served(agent()) as port:
        conversation, columns = await walk(engine, port, NAMES)
    assert causes(conversation) == {cause}
    assert not conversation.answered and not columns[NAMES].complete


async def test_an_answer_from_another_address_is_not_believed(engine: DirectEngine) -> None:
    async with agents.served(agents.Agent(), from_elsewhere=True) as port:
        conversation, _ = await walk(engine, port, NAMES)
    assert causes(conversation) == {"wrong_source"}


async def test_a_host_where_nothing_listens_says_so_at_once_and_harms_no_other(engine: DirectEngine) -> None:
    async with agents.served(agents.Agent()) as port:
        async with agents.served(agents.Agent()) as closed:
            pass
        both = await asyncio.gather(
            *(walk(engine, p, NAMES, *COUNTERS, timeout=20.0) for p in (port, closed, port, closed, port))
        )
    assert [causes(conversation) for conversation, _ in both] == [set(), {"refused"}, set(), {"refused"}, set()]
    assert all(columns[NAMES].complete for _, columns in both[::2])


async def test_a_table_that_runs_in_circles_is_left(engine: DirectEngine) -> None:
    async with agents.served(agents.Circle()) as port:
        conversation, columns = await walk(engine, port, NAMES, COUNTERS[0])
    assert causes(conversation) == {"not_increasing"}
    assert not columns[NAMES].complete


async def test_a_table_without_an_end_is_left(engine: DirectEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.snmp.walk.ROWS", 500)
    async with agents.served(agents.Endless()) as port:
        conversation, columns = await walk(engine, port, NAMES, COUNTERS[0])
    assert causes(conversation) == {"endless"}
    assert not columns[NAMES].complete and columns[COUNTERS[0]].complete


@pytest.mark.parametrize("room", [1, 3, 7, 40])
async def test_too_big_answers_are_halved_until_they_fit(engine: DirectEngine, room: int) -> None:
    async with agents.served(agents.TooBig(room)) as port:
        conversation, columns = await walk(engine, port, NAMES, *COUNTERS)
        scalars = await conversation.get([(1, 3, 6, 1, 2, 1, 1, n, 0) for n in (1, 2, 3, 5)])
    assert all(len(c.rows) == 8 and c.complete for c in columns.values())
    assert len(scalars) == 4 and not conversation.failures


async def test_an_agent_that_fits_nothing_says_too_big(engine: DirectEngine) -> None:
    async with agents.served(agents.TooBig(0)) as port:
        conversation, columns = await walk(engine, port, NAMES)
    assert causes(conversation) == {"too_big"} and not columns[NAMES].complete


async def test_noise_beside_the_answer_does_no_harm(engine: DirectEngine) -> None:
    async with agents.served(agents.Chatter()) as port:
        conversation, columns = await walk(engine, port, NAMES)
    assert len(columns[NAMES].rows) == 8 and not conversation.failures


async def test_a_column_that_is_never_answered_does_not_lose_the_others(engine: DirectEngine) -> None:
    async with agents.served(agents.HalfDeaf()) as port:
        conversation = Conversation(engine, target(port))
        await conversation.get([(1, 3, 6, 1, 2, 1, 1, 3, 0)])
        deaf = await conversation.walk([NAMES])
        rest = await conversation.walk(COUNTERS)
    assert causes(conversation) == {"timeout"} and not deaf[NAMES].complete
    assert all(column.complete for column in rest.values())


# ---------------------------------------------------------------- the collector among them


def device(name: str, port: int, patience: float = 1.0) -> Device:
    return Device(
        name=name,
        address="127.0.0.1",
        customer="c",
        site="s",
        reachability=(Method.SNMP,),
        snmp=SnmpAccess(port=port, community=Secret("env:X")),
        polling=Polling(timeout=timedelta(seconds=patience), retries=1),
    )


async def test_good_devices_are_polled_whole_beside_hostile_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collectors.snmp.walk.ROWS", 2000)
    hostile = {
        "silent": agents.Silent(),
        "garbage": agents.Garbage(),
        "half": agents.HalfAnAnswer(),
        "circle": agents.Circle(),
        "endless": agents.Endless(),
    }
    collector = Collector(secret=lambda _: "public")
    async with AsyncExitStack() as stack:
        bad = [device(name, await stack.enter_async_context(agents.served(one)), 2.0) for name, one in hostile.items()]
        good = [device(f"good-{n}", await stack.enter_async_context(agents.served(agents.Agent()))) for n in range(20)]
        order: list[str] = []
        await collector.start()

        async def poll(one: Device, tier: Tier) -> Batch:
            batch = await collector.poll(one, tier)
            order.append(one.name)
            return batch

        batches = await asyncio.gather(*(poll(one, Tier.STATUS) for one in (*bad, *good)))
        await collector.close()
    by_name = {batch.device: batch for batch in batches}
    for one in good:
        batch = by_name[one.name]
        assert ComponentKind.INTERFACE in batch.complete and batch.failures == ()
        assert sum(o.fact is Fact.OPER_STATUS for o in batch.observations) == 8
    told = {name: by_name[name].failures for name in hostile}
    assert told == {
        "silent": ("timeout",),
        "garbage": ("garbage",),
        "half": ("truncated",),
        "circle": ("not_increasing",),
        "endless": ("endless",),
    }
    assert all(order.index(one.name) < order.index("silent") for one in good)


async def test_devices_that_were_dead_last_time_take_no_slot_from_the_others() -> None:
    collector = Collector(secret=lambda _: "public", window=1, slow_window=3)
    order: list[str] = []
    async with AsyncExitStack() as stack:
        dead = [
            device(f"dead-{n}", await stack.enter_async_context(agents.served(agents.Silent())), 0.5) for n in range(3)
        ]
        good = [device(f"good-{n}", await stack.enter_async_context(agents.served(agents.Agent()))) for n in range(5)]
        await asyncio.gather(*(collector.poll(one, Tier.STATUS) for one in dead))

        async def poll(one: Device) -> None:
            await collector.poll(one, Tier.STATUS)
            order.append(one.name)

        await asyncio.gather(*(poll(one) for one in (*dead, *good)))
        await collector.close()
    assert order[:5] == [one.name for one in good]


async def test_a_silent_device_is_observed_as_not_reachable() -> None:
    collector = Collector(secret=lambda _: "public")
    async with agents.served(agents.Silent()) as port:
        batch = await collector.poll(device("d", port), Tier.STATUS)
    await collector.close()
    [told] = [o for o in batch.observations if o.fact is Fact.SNMP_REACHABLE]
    assert told.subject == Subject("d") and told.value is False and "timeout" in told.detail


async def test_a_device_that_answers_nonsense_is_unobserved_and_not_down() -> None:
    collector = Collector(secret=lambda _: "public")
    async with agents.served(agents.Garbage()) as port:
        batch = await collector.poll(device("d", port), Tier.STATUS)
    await collector.close()
    assert batch.observations == () and batch.failures == ("garbage",)


async def test_a_lagging_event_loop_is_overload_and_not_a_device_that_is_down() -> None:
    collector = Collector(secret=lambda _: "public")
    await collector.start()
    async with agents.served(agents.Silent()) as port:
        polling = asyncio.create_task(collector.poll(device("d", port, 0.4), Tier.STATUS))
        await asyncio.sleep(0.3)
        time.sleep(0.5)  # noqa: ASYNC251 - the very thing under test
        batch = await polling
    await collector.close()
    assert batch.failures == ("overload",)
    assert not any(o.fact is Fact.SNMP_REACHABLE for o in batch.observations)


async def test_a_credential_that_cannot_be_read_is_told_and_nothing_is_asked() -> None:
    def missing(_: Secret) -> str:
        raise UsageError("X is not set")

    silent = agents.Silent()
    collector = Collector(secret=missing)
    async with agents.served(silent) as port:
        batch = await collector.poll(device("d", port), Tier.STATUS)
    await collector.close()
    assert batch.failures == ("no_credentials",) and silent.asked == 0 and batch.observations == ()
