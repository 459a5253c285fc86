"""The trap listener on a real socket, told by net-snmp's own snmptrap and snmpinform."""

import asyncio
import shutil
import socket

import pytest

from agent.errors import ListenError
from agent.observation import ComponentKind, Event, Source, Subject
from collectors.snmp.traps.believed import Believed
from collectors.snmp.traps.listener import TrapListener
from collectors.snmp.traps.message import Reason

LINK_DOWN = ["1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.7", "i", "7", "1.3.6.1.2.1.31.1.1.1.1.7", "s", "Gi0/7"]


@pytest.fixture
async def heard():
    events: list[Event] = []
    listener = TrapListener(
        "127.0.0.1", 0, lambda address: {"127.0.0.1": "sw1"}.get(address, ""), Believed(frozenset({b"ours"}))
    )
    await listener.start(events.append)
    yield listener, events
    await listener.stop()


async def until(condition, seconds=5.0):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def net_snmp(program: str, listener: TrapListener, *arguments: str) -> int:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed (Debian package snmp)")
    host, port = listener.address
    arguments = tuple(f"{host}:{port}" if argument == "TO" else argument for argument in arguments)
    process = await asyncio.create_subprocess_exec(program, *arguments)
    return await process.wait()


@pytest.mark.system
async def test_net_snmps_v2c_trap_is_heard(heard):
    listener, events = heard
    assert await net_snmp("snmptrap", listener, "-v2c", "-c", "ours", "-m", "", "TO", "", *LINK_DOWN) == 0
    await until(lambda: events)
    assert (events[0].name, events[0].source, events[0].sender) == ("link_down", Source.TRAP, "127.0.0.1")
    assert events[0].subject == Subject("sw1", ComponentKind.INTERFACE, "Gi0/7")


@pytest.mark.system
async def test_net_snmps_v1_trap_is_heard(heard):
    listener, events = heard
    line = ["-v1", "-c", "ours", "-m", "", "TO", "1.3.6.1.4.1.8072.3.2.10", "10.9.9.9", "0", "0", "1"]
    assert await net_snmp("snmptrap", listener, *line) == 0
    await until(lambda: events)
    assert (events[0].name, events[0].data["agent"]) == ("restart", "10.9.9.9")


@pytest.mark.system
async def test_net_snmps_inform_gets_its_answer(heard):
    listener, events = heard
    line = ["-v2c", "-c", "ours", "-m", "", "-t", "5", "-r", "0", "TO", "", *LINK_DOWN]
    assert await net_snmp("snmpinform", listener, *line) == 0
    assert [event.name for event in events] == ["link_down"]


@pytest.mark.system
async def test_a_trap_of_another_community_is_counted_and_told_and_not_believed(heard):
    listener, events = heard
    assert await net_snmp("snmptrap", listener, "-v2c", "-c", "theirs", "-m", "", "TO", "", *LINK_DOWN) == 0
    await until(lambda: events)
    (told,) = events
    assert (told.name, told.device, told.data["reason"]) == ("trap_refused", "sw1", "wrong_community")
    assert listener.refused == {("127.0.0.1", Reason.WRONG_COMMUNITY): 1} and listener.unreadable == 1


async def test_garbage_is_counted_and_the_listener_goes_on(heard):
    listener, _ = heard
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for garbage in (b"\x30\x82", b"hello", b"\x30\x03\x02\x01\x03"):
            sender.sendto(garbage, listener.address)
    await until(lambda: listener.unreadable == 3)


async def test_a_port_that_is_taken_is_told_in_a_sentence(heard):
    listener, _ = heard
    with pytest.raises(ListenError, match="Cannot listen for SNMP traps"):
        await TrapListener(*listener.address, lambda _: "").start(lambda _: None)
