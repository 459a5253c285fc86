"""The syslog listener on a real socket, spoken to by a plain sender and by util-linux's logger."""

import asyncio
import shutil
import socket

import pytest

from agent.errors import ListenError
from agent.observation import Event, Source
from collectors.syslog.listener import SyslogListener

DEVICES = {"127.0.0.1": "sw1"}


@pytest.fixture
async def heard():
    events: list[Event] = []
    listener = SyslogListener("127.0.0.1", 0, lambda address: DEVICES.get(address, ""))
    await listener.start(events.append)
    yield listener, events
    await listener.stop()


async def until(condition, seconds=5.0):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def send(to, *datagrams: bytes, source: str = "127.0.0.1") -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        for datagram in datagrams:
            sender.sendto(datagram, to)


async def test_a_line_becomes_an_event_of_the_device_that_sent_it(heard):
    listener, events = heard
    send(listener.address, b"<189>1: Nov 22 01:02:03: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down")
    await until(lambda: events)
    assert (events[0].device, events[0].name, events[0].source) == ("sw1", "link_down", Source.SYSLOG)


async def test_a_stranger_is_heard_under_its_address(heard):
    listener, events = heard
    send(listener.address, b"<13>hello", source="127.0.0.9")
    await until(lambda: events)
    assert (events[0].device, events[0].sender) == ("", "127.0.0.9")


async def test_empty_datagrams_say_nothing(heard):
    listener, events = heard
    send(listener.address, b"", b"\r\n\x00", b"<13>end")
    await until(lambda: events)
    assert [event.text for event in events] == ["end"]


async def test_a_flood_is_bounded_and_counted_and_another_source_is_still_heard(heard):
    listener, events = heard
    listener._port.inbox.per_source = 50
    for n in range(200):
        listener._port.datagram_received(b"<13>%d" % n, ("127.0.0.1", 1))
    listener._port.datagram_received(b"<13>quiet", ("127.0.0.9", 1))
    assert listener.dropped == 150
    await until(lambda: len(events) == 51)
    assert [event.text for event in events[:2]] == ["0", "quiet"]


async def test_a_receiver_that_fails_costs_one_message(heard):
    listener, events = heard
    problems = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    listener._handle = lambda event: events.append(event) if event.text != "bad" else 1 / 0
    send(listener.address, b"<13>one", b"<13>bad", b"<13>two")
    await until(lambda: len(events) == 2)
    assert len(problems) == 1 and [event.text for event in events] == ["one", "two"]


async def test_a_taken_port_is_told_in_a_sentence(heard):
    listener, _ = heard
    second = SyslogListener(*listener.address, lambda _: "")
    with pytest.raises(ListenError, match="is taken by another program"):
        await second.start(lambda _: None)


async def test_an_address_of_another_machine_is_told_in_a_sentence():
    with pytest.raises(ListenError, match="is not an address of this machine"):
        await SyslogListener("192.0.2.1", 0, lambda _: "").start(lambda _: None)


@pytest.mark.system
@pytest.mark.parametrize("form", ["--rfc3164", "--rfc5424"])
async def test_loggers_own_messages_are_understood(heard, form):
    if shutil.which("logger") is None:
        pytest.skip("logger is not installed (Debian package bsdutils)")
    listener, events = heard
    host, port = listener.address
    command = ["logger", form, "-n", host, "-P", str(port), "-d", "-p", "local3.warning", "-t", "bgpd", "x 10.0.0.1 y"]
    process = await asyncio.create_subprocess_exec(*command)
    assert await process.wait() == 0
    await until(lambda: events)
    event = events[0]
    assert (event.severity.value, event.facility, event.data["app"]) == ("warning", "local3", "bgpd")
    assert event.text.endswith("x 10.0.0.1 y") and event.data["host"] and event.stamped is not None
