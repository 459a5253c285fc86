"""The syslog listener on a real socket, spoken to by a plain sender and by util-linux's logger."""

import asyncio
import shutil
import socket
import sys
from asyncio.subprocess import PIPE
from collections import Counter

import pytest

from agent.errors import ListenError
from agent.observation import Event, Source
from collectors.fairness import Limits
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


async def test_a_storm_is_sampled_counted_and_told_and_other_sources_are_all_heard():
    """The sender is another process; it offers about 50,000 lines a second."""
    events: list[Event] = []
    listener = SyslogListener("127.0.0.1", 0, lambda address: DEVICES.get(address, ""), limits=Limits(calm_s=0.5))
    await listener.start(events.append)
    quiet = [f"127.0.0.{n}" for n in range(2, 21)]
    flood = await asyncio.create_subprocess_exec(sys.executable, "-c", FLOOD, str(listener.address[1]), stdout=PIPE)
    said = 0
    while flood.returncode is None and said < 30:
        for source in quiet:
            send(listener.address, b"<13>line %d" % said, source=source)
        said += 1
        await asyncio.sleep(0.1)
    sent = int((await flood.communicate())[0])
    await until(lambda: any(event.name == "storm_over" for event in events), 20)
    await listener.stop()
    heard = Counter(event.sender for event in events if not event.mnemonic.startswith("NETCASE"))
    assert {source: heard[source] for source in quiet} == dict.fromkeys(quiet, said)
    assert heard["127.0.0.1"] + listener.dropped == sent
    begun, over = (next(e for e in events if e.name == name) for name in ("storm", "storm_over"))
    assert (begun.device, begun.mnemonic, begun.severity.value) == ("sw1", "NETCASE-4-STORM", "warning")
    assert int(over.data["received"]) + 1000 >= int(over.data["dropped"]) > 0


FLOOD = """
import socket, sys, time
to, line = ("127.0.0.1", int(sys.argv[1])), b"<189>1: sw1: Nov 22 01:02:03: %LINK-3-UPDOWN: Interface Gi0/1, changed state to up"
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
    out.bind(("127.0.0.1", 0))
    out.connect(to)
    began, sent = time.monotonic(), 0
    while (past := time.monotonic() - began) < 3:
        while sent < past * 50_000:
            out.send(line)
            sent += 1
        time.sleep(0.001)
print(sent)
"""  # noqa: E501


async def test_lines_wait_while_the_receiver_is_not_ready():
    events: list[Event] = []
    open_for = [3]
    listener = SyslogListener("127.0.0.1", 0, lambda _: "", lambda: len(events) < open_for[0])
    await listener.start(events.append)
    send(listener.address, *(b"<13>%d" % n for n in range(5)))
    await until(lambda: len(events) == 3)
    open_for[0] = 9
    await until(lambda: len(events) == 5)
    assert [event.text for event in events] == ["0", "1", "2", "3", "4"] and listener.dropped == 0
    await listener.stop()


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
