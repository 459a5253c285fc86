"""What a large output costs to read: our shell, netmiko's send_command, and a bare copy of the octets.

    python tests/benchmarks/ssh.py [--megabytes 100]

A device of our own (asyncssh) prints on loopback; each client reads it in a process of its own, and its CPU time and
its greatest memory are told, with the ratio to ours. Ours writes a file, cleaned and without secrets; send_command
returns a string; the copy does nothing but copy.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(ROOT := Path(__file__).resolve().parents[2]))

from tests.integration import scripted_device as scripted

LINES = 15_000
MEGABYTE = b"GigabitEthernet0/1 is up, line protocol is up, 12345 packets input\r\n" * LINES
FRAME = """
import json, resource, sys
from pathlib import Path
port, into, user, password = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
before = resource.getrusage(resource.RUSAGE_SELF)
{body}
after = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({{
    "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
    "peak_mb": after.ru_maxrss / 1024, "lines": lines,
}}))
"""
NETMIKO = """
import netmiko
connection = netmiko.ConnectHandler(
    device_type="cisco_ios", host="127.0.0.1", port=port, username=user, password=password,
    conn_timeout=30, read_timeout_override=900,
)
"""
CLIENTS = {
    "netcase": """
from agent.inventory.device import Device, HostKeys, Secret, SshAccess
from collectors.ssh.shell import NetmikoShell
access = SshAccess(username=user, password=Secret("env:P"), port=port, host_keys=HostKeys.OFF)
device = Device(name="sw1", address="127.0.0.1", customer="c", site="s", platform="cisco_ios", ssh=access)
(one,) = NetmikoShell(lambda _: password, 10**12).collect(device, [("tech", {})], into)
with one.path.open("rb") as file:
    lines = sum(1 for _ in file)
""",
    "send_command": NETMIKO
    + """
said = connection.send_command("show tech-support", read_timeout=900)
(into / "out").write_text(said)
lines = said.count("\\n") + 1
""",
    "copy": NETMIKO
    + """
channel, tail, lines = connection.remote_conn, b"", -1  # one is the command's echo
channel.sendall(b"show tech-support\\n")
with (into / "out").open("wb") as file:
    while not tail.endswith(b"\\nsw1#"):
        chunk = channel.recv(65536)
        file.write(chunk)
        lines += chunk.count(b"\\n")
        tail = (tail + chunk)[-100:]
""",
}


async def measure(client: str, port: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", FRAME.format(body=CLIENTS[client]),
            str(port), folder, scripted.USER, scripted.PASSWORD,
            stdout=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        said, _ = await process.communicate()
    return json.loads(said)


async def main(megabytes: int) -> None:
    async def print_(line: scripted.Line) -> None:
        for _ in range(megabytes):
            line.process.stdout.write(MEGABYTE)
            await line.process.stdout.drain()

    async with scripted.Device(scripted.Script(answers={"show tech-support": print_})) as device:
        found = {client: await measure(client, device.port) for client in CLIENTS}
    print(f"{megabytes} MB, {megabytes * LINES} lines")
    print(f"{'client':14} {'CPU s':>7} {'× ours':>7} {'peak MB':>8} {'× ours':>7} {'lines':>9}")
    ours = found["netcase"]
    for client, one in found.items():
        cpu, memory = one["cpu_s"] / ours["cpu_s"], one["peak_mb"] / ours["peak_mb"]
        print(f"{client:14} {one['cpu_s']:7.2f} {cpu:7.2f} {one['peak_mb']:8.1f} {memory:7.2f} {one['lines']:9.0f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=100)
    asyncio.run(main(parser.parse_args().megabytes))
