"""The trap listener on a real socket, told by net-snmp's own snmptrap and snmpinform, v1 and v2c."""

import asyncio
import shutil
import socket

import pytest

from agent.errors import ListenError
from agent.observation import ComponentKind, Event, Source, Subject
from collectors.snmp import ber
from collectors.snmp.traps import message
from collectors.snmp.traps.believed import Believed
from collectors.snmp.traps.listener import TrapListener
from collectors.snmp.traps.message import Reason

LINK_DOWN = ["1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.7", "i", "7", "1.3.6.1.2.1.31.1.1.1.1.7", "s", "Gi0/7"]


DEVICES = {"127.0.0.1": "sw1", "127.0.0.2": "sw2", "10.9.9.9": "behind"}


@pytest.fixture
async def heard():
    events: list[Event] = []
    listener = TrapListener("127.0.0.1", 0, lambda address: DEVICES.get(address, ""), Believed(frozenset({b"ours"})))
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


@pytest.mark.system("snmptrap")
async def test_a_strangers_trap_is_kept_and_a_proxys_is_the_agents_behind_it(heard):
    listener, events = heard
    line = ["-c", "ours", "-m", "", "--clientaddr=127.0.0.77"]
    assert await net_snmp("snmptrap", listener, "-v2c", *line, "TO", "", *LINK_DOWN) == 0
    await until(lambda: len(events) == 1)
    enterprise = ["TO", "1.3.6.1.4.1.8072.3.2.10", "10.9.9.9", "2", "0", "1"]
    assert await net_snmp("snmptrap", listener, "-v1", *line, *enterprise) == 0
    await until(lambda: len(events) == 2)
    proxied = ["TO", "", *LINK_DOWN, "1.3.6.1.6.3.18.1.3.0", "a", "10.9.9.9"]
    assert await net_snmp("snmptrap", listener, "-v2c", *line, *proxied) == 0
    await until(lambda: len(events) == 3)
    assert [(event.device, event.sender) for event in events] == [
        ("", "127.0.0.77"),
        ("behind", "127.0.0.77"),
        ("behind", "127.0.0.77"),
    ]
    assert [event.data.get("agent") for event in events] == [None, "10.9.9.9", "10.9.9.9"]


async def test_an_inform_that_comes_again_is_answered_again_and_counts_once(heard):
    listener, events = heard
    same, other = inform(1), inform(2)
    answers = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for datagram in (same, same, other, same):
            sender.sendto(datagram, listener.address)
            answers.append(await asyncio.wait_for(asyncio.get_running_loop().sock_recv(sender, 4096), 5))
    assert answers[0] == answers[1] == answers[3] != answers[2]
    assert [event.name for event in events] == ["restart", "restart"]


async def test_a_storm_from_one_source_does_not_hide_anothers_trap(heard):
    listener, events = heard
    storm = ber.message(1, b"ours", trap(1))
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as loud,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as calm,
    ):
        loud.bind(("127.0.0.1", 0))
        calm.bind(("127.0.0.2", 0))
        for number in range(10_000):
            loud.sendto(storm, listener.address)
            if number % 200 == 0:
                await asyncio.sleep(0)
            if number == 5000:
                calm.sendto(ber.message(1, b"ours", trap(2)), listener.address)
    await until(lambda: any(event.device == "sw2" for event in events))
    await until(lambda: any(event.name == "storm" for event in events))
    kept = sum(event.device == "sw1" and event.name == "restart" for event in events)
    assert listener.dropped > 0 and kept + listener.dropped <= 10_000
    assert [event.device for event in events if event.name == "storm"] == ["sw1"]


def trap(request: int, tag: int = message.TRAP) -> bytes:
    oid, cold_start = (ber.oid_body((1, 3, 6, 1, 6, 3, 1, 1, *end)) for end in ((4, 1, 0), (5, 1)))
    binding = ber.tlv(0x30, ber.tlv(0x06, oid) + ber.tlv(0x06, cold_start))
    return message.pdu(tag, request, ber.tlv(0x30, binding))


def inform(request: int) -> bytes:
    return ber.message(1, b"ours", trap(request, message.INFORM))


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
