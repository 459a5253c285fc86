"""Many connections at once: who holds them must not take the open files that everything else needs."""

import asyncio
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from agent.observation import Event
from collectors.syslog.listener import SyslogListener
from collectors.syslog.stream import StreamPort

FILES = 400


@pytest.fixture
def few_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("few_files")
async def test_strangers_hold_an_eighth_of_the_open_files_and_the_known_still_come_in() -> None:
    heard: list[str] = []
    port = StreamPort("127.0.0.1", 0, known=lambda address: address == "127.9.9.9")
    await port.open(lambda source, line, _: heard.append(f"{source} {line.decode()}"))
    writers = []
    try:
        for number in range(120):
            opened = asyncio.open_connection(*port.address, local_addr=(f"127.8.{number % 12}.1", 0))
            writers.append((await opened)[1])
        async with asyncio.timeout(10):
            while port.refused["crowded"] < 120 - FILES // 8:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        _, known = await asyncio.open_connection(*port.address, local_addr=("127.9.9.9", 0))
        writers.append(known)
        known.write(b"honest\n")
        async with asyncio.timeout(10):
            while not heard:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        for writer in writers:
            writer.close()
        await port.close()
    assert heard == ["127.9.9.9 honest"]
    assert port.refused["crowded"] == 120 - FILES // 8


def test_a_running_agent_may_open_as_many_files_as_the_administrator_permits() -> None:
    code = (
        "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (256, 2048));"
        "from agent.cli import process; process.many_files(); print(r.getrlimit(r.RLIMIT_NOFILE))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "(2048, 2048)"


async def test_datagrams_come_through_while_many_streams_fill_the_room() -> None:
    """The owner takes slower than the streams could fill; a line over UDP must find room, and none is let go of."""
    room, waiting, most = 500, list[str](), 0
    heard: list[str] = []

    def take(event: Event) -> None:
        nonlocal most
        waiting.append(event.text)
        most = max(most, len(waiting))

    listener = SyslogListener("127.0.0.1", 0, lambda _: "", lambda: len(waiting) < room, tcp=("127.0.0.1", 0))
    await listener.start(take)
    assert listener.tcp
    writers = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as honest:
        try:
            for number in range(30):
                opened = asyncio.open_connection(*listener.tcp, local_addr=(f"127.8.{number}.1", 0))
                writers.append((await opened)[1])
                writers[-1].write(b"<13>noise\n" * 50_000)
            async with asyncio.timeout(20):
                while len(waiting) < room:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                honest.sendto(b"<13>honest", listener.address)
                while "honest" not in heard:
                    heard, waiting[:100] = waiting[:100], []
                    await asyncio.sleep(0.02)
                at_once = most
        finally:
            for writer in writers:
                writer.transport.abort()
            await listener.stop()
    assert at_once <= room
