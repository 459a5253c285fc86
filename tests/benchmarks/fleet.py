"""Many devices at once: `python tests/benchmarks/fleet.py dead|flight|memory`.

dead    Healthy polls a second, and their CPU, with no dead device and with one in ten dead (2 s, one retry).
flight  500 devices in flight on the system's default socket buffers, without a retry: every false timeout is counted.
memory  Resident memory after each cycle of polls over --devices devices: what one device costs, and whether it grows.

The simulated switches are those of responder.py; quote ratios, the machine is shared.
"""

import argparse
import asyncio
import gc
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agent.inventory.device import Device, Method, Polling, Secret, SnmpAccess
from agent.observation import Tier
from collectors.collector import Collector
from collectors.snmp.direct import DirectEngine
from collectors.snmp.session import Target
from collectors.snmp.walk import Conversation
from tests.benchmarks.responder import COLUMNS, SCALARS, serving


def switch(number: int, port: int, *, dead: bool = False, patience: float = 2.0) -> Device:
    return Device(
        name=f"{'dead' if dead else 'sw'}-{number}",
        address=f"127.{2 if dead else 1}.{number // 250}.{number % 250 + 1}",
        customer="c",
        site="s",
        reachability=(Method.SNMP,),
        snmp=SnmpAccess(port=port, community=Secret("public")),
        polling=Polling(timeout=timedelta(seconds=patience), retries=1),
    )


# ---------------------------------------------------------------- one in ten dead


async def throughput(devices: list[Device], seconds: float) -> tuple[float, float, int]:
    """(healthy polls a second, CPU ms of each, polls of healthy devices that failed) while every device is polled
    again as soon as it is done."""
    one, polls, failed = Collector(secret=lambda _: "public"), 0, 0
    until = float("inf")

    async def again(device: Device) -> None:
        nonlocal polls, failed
        await one.poll(device, Tier.IDENTITY)
        while time.monotonic() < until:
            batch = await one.poll(device, Tier.STATUS)
            healthy = device.name.startswith("sw")
            polls += healthy
            failed += healthy and bool(batch.failures)

    running = [asyncio.create_task(again(device)) for device in devices]
    await asyncio.sleep(12)  # until every dead device is known to be
    polls, cpu, began = 0, time.process_time(), time.monotonic()
    until = began + seconds
    await asyncio.sleep(seconds)
    cpu, took = time.process_time() - cpu, time.monotonic() - began
    told = polls / took, 1e3 * cpu / max(1, polls), failed
    await asyncio.gather(*running)
    await one.close()
    return told


async def dead(chosen: argparse.Namespace, port: int) -> None:
    count = chosen.devices or 200
    healthy = [switch(n, port) for n in range(count)]
    gone = [switch(n, port, dead=True) for n in range(count // 10)]
    for title, devices in (("none dead", healthy), ("one in ten more, dead", healthy + gone)) * 2:
        rate, cpu, failed = await throughput(devices, chosen.seconds)
        print(f"{title:24} {rate:7.1f} healthy polls/s  {cpu:6.2f} ms CPU each  {failed} failed", flush=True)


# ---------------------------------------------------------------- 500 in flight


async def flight(chosen: argparse.Namespace, port: int) -> None:
    count = chosen.devices or 500
    engine = DirectEngine(buffer=0)
    failures: list[str] = []
    values = 0

    async def poll(number: int) -> None:
        nonlocal values
        address = f"127.1.{number // 250}.{number % 250 + 1}"
        target = Target(address=address, port=port, community=b"public", timeout=5.0, retries=0)
        conversation = Conversation(engine, target)
        scalars, columns = await conversation.get(SCALARS), await conversation.walk(COLUMNS)
        values += len(scalars) + sum(len(column.rows) for column in columns.values())
        failures.extend(str(failure) for failure in conversation.failures)

    for cycle in range(1, chosen.cycles + 1):
        values, began = 0, time.monotonic()
        await asyncio.gather(*(poll(number) for number in range(count)))
        took = time.monotonic() - began
        told = f"{values / count:.0f} values a device, {len(failures)} failures"
        print(f"cycle {cycle}: {told}, {engine.sockets} sockets, {took:.1f} s", flush=True)
    await engine.close()
    for failure in sorted(set(failures)):
        print(failure)


# ---------------------------------------------------------------- memory


def resident_mb() -> float:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def memory(chosen: argparse.Namespace, port: int) -> None:
    count = chosen.devices or 10_000
    one = Collector(secret=lambda _: "public")
    devices = [switch(n, port, patience=10) for n in range(count)]
    before, failures = resident_mb(), 0
    print(f"before          {before:8.1f} MB", flush=True)
    for tier in (Tier.IDENTITY, *(Tier.STATUS, Tier.HEALTH) * chosen.cycles):
        began, failures = time.process_time(), 0

        async def poll(device: Device, tier: Tier = tier) -> int:
            return len((await one.poll(device, tier)).failures)

        for start in range(0, count, 500):  # a scheduler deals them out; 10,000 tasks at once would be what is measured
            failures += sum(await asyncio.gather(*map(poll, devices[start : start + 500])))
        cpu, now = time.process_time() - began, resident_mb()
        each = 1e3 * (now - before) / count
        print(f"{tier:10} {now:13.1f} MB {each:8.2f} kB a device, {failures} failures, {cpu:.0f} s CPU", flush=True)
    await one.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("dead", "flight", "memory"))
    parser.add_argument("--devices", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=10, help="dead: measured so long")
    parser.add_argument("--cycles", type=int, default=3, help="flight, memory: so often")
    chosen = parser.parse_args()
    with serving() as port:
        asyncio.run({"dead": dead, "flight": flight, "memory": memory}[chosen.what](chosen, port))


if __name__ == "__main__":
    main()
