"""Many connections at once: who holds them must not take the open files that everything else needs."""

import asyncio
import resource
import subprocess
import sys
from collections.abc import Iterator

import pytest

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
