"""Long outputs: as many octets and pages as a device likes to send, in the memory of a short one."""

import asyncio
import json
import os
import sys
from pathlib import Path

from agent.cases.outcome import Outcome
from tests.integration import scripted_device as scripted
from tests.integration.scripted_device import Device, Script
from tests.ssh_shell import collect, text, watched

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = b"GigabitEthernet0/1 is up, line protocol is up, 12345 packets input\r\n" * 15_000  # 1.02 of them
CHILD = """
import json, resource, sys
from pathlib import Path
from agent.inventory.device import Device, HostKeys, Secret, SshAccess
from collectors.ssh.shell import NetmikoShell

port, folder, user, password = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
access = SshAccess(username=user, password=Secret("env:P"), port=port, host_keys=HostKeys.OFF)
device = Device(name="sw1", address="127.0.0.1", customer="c", site="s", platform="cisco_ios", ssh=access)
told = []
for topic in ("version", "tech"):
    (one,) = NetmikoShell(lambda _: password).collect(device, [(topic, {})], folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    told.append({"outcome": one.outcome, "bytes": one.path.stat().st_size, "peak": peak, "detail": one.detail})
print(json.dumps(told))
"""


async def test_a_hundred_megabytes_take_no_more_memory_than_one(tmp_path):
    async def print_(line, megabytes):
        for _ in range(megabytes):
            line.process.stdout.write(MEGABYTE)
            await line.process.stdout.drain()

    answers = {
        "show version": lambda line: print_(line, 1),
        "show tech-support": lambda line: print_(line, 100),
    }
    async with Device(Script(answers=answers)) as device:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, str(device.port), str(tmp_path / "out"), scripted.USER, scripted.PASSWORD,
            stdout=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        said, _ = await process.communicate()
    small, large = json.loads(said)
    assert (small["outcome"], large["outcome"]) == ("done", "done"), large["detail"]
    assert large["bytes"] > 100_000_000 and large["bytes"] == 100 * small["bytes"]
    assert large["peak"] - small["peak"] < 16_000_000


async def test_five_thousand_pages_are_turned(tmp_path):
    """Each page waits for its key, as on a device whose paging could not be turned off."""
    lines = [f"line {number}" for number in range(10_000)]
    script = Script(answers={"show version": "".join(f"{line}\n" for line in lines)}, page=2)
    async with Device(script) as device:
        (version,) = await collect(watched(device), tmp_path, "version")
    assert version.outcome is Outcome.DONE, version.detail
    assert [line for line in text(version).splitlines() if line] == lines


async def test_a_pager_that_comes_in_pieces_is_turned_and_leaves_no_trace(tmp_path):
    async def pages(line):
        for number in range(5):
            line.process.stdout.write(f"page {number}\r\n".encode())
            for piece in (b" -", b"-Mo", b"re-", b"- "):
                line.process.stdout.write(piece)
                await asyncio.sleep(0.02)
            assert await line.process.stdin.read(1) == b" "
            line.process.stdout.write(b"\x08" * 10 + b" " * 10 + b"\x08" * 10)
        line.process.stdout.write(b"the end\r\n")

    async with Device(Script(answers={"show version": pages})) as device:
        (version,) = await collect(watched(device), tmp_path, "version")
    assert text(version) == "".join(f"page {number}\n" for number in range(5)) + "the end\n"
