"""What a poll costs: `python tests/benchmarks/poll.py --devices N [--engine direct]`.

N simulated switches (48 ports, about 1,000 values each) answer from a process of their own. Each engine polls them, in
a process of its own, once to warm up and then measured: the collector alone, then the whole pipeline into a store.
Quote ratios: the machine is shared, and seconds differ from day to day.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from agent.inventory.customers import Customer, Site  # noqa: E402
from agent.inventory.device import Device, Method, Polling, Secret, SnmpAccess  # noqa: E402
from agent.inventory.inventory import Inventory  # noqa: E402
from agent.observation import Tier  # noqa: E402
from agent.pipeline import Pipeline  # noqa: E402
from agent.storage.engine import open_store  # noqa: E402
from collectors.collector import Collector  # noqa: E402
from tests.benchmarks.responder import serving  # noqa: E402

TIERS = "identity,status,health"


def network(count: int, port: int) -> Inventory:
    """Devices at 127.1.0.1 and on."""
    access = SnmpAccess(port=port, community=Secret("env:PUBLIC"))
    polling = Polling(timeout=timedelta(seconds=5), retries=2)
    devices = {
        f"sw-{n:05}": Device(
            name=f"sw-{n:05}",
            address=f"127.1.{n // 250}.{n % 250 + 1}",
            customer="c",
            site="s",
            reachability=(Method.SNMP,),
            snmp=access,
            polling=polling,
        )
        for n in range(count)
    }
    return Inventory(devices=devices, customers={"c": Customer(name="c")}, sites={"s": Site(name="s", customer="c")})


async def measure(engine: str, count: int, port: int, tiers: list[Tier], url: str) -> dict[str, Any]:
    inventory = network(count, port)
    collector = Collector(secret=lambda _: "public", engine=engine)
    pipeline = Pipeline(open_store(url), inventory)
    await collector.start()
    loop, results = asyncio.get_running_loop(), {"values": 0, "failures": 0}

    async def once(device: Device, keep: ThreadPoolExecutor | None) -> None:
        for tier in tiers:
            batch = await collector.poll(device, tier)
            results["values"] += len(batch.observations)
            results["failures"] += len(batch.failures)
            if keep is not None:
                await loop.run_in_executor(keep, pipeline.observe, batch)

    async def cycle(keep: ThreadPoolExecutor | None) -> tuple[float, float]:
        """(CPU seconds, seconds) of one poll of everything."""
        results.update(values=0, failures=0)
        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.gather(*(once(device, keep) for device in inventory.devices.values()))
        return time.process_time() - cpu, time.perf_counter() - wall

    await cycle(None)  # warm-up: names, profiles, and who every device is
    alone_cpu, alone_wall = await cycle(None)
    with ThreadPoolExecutor(1) as keep:
        whole_cpu, whole_wall = await cycle(keep)
    await collector.close()
    values = results["values"]
    return {
        "engine": engine,
        "devices": count,
        "values": values,
        "failures": results["failures"],
        "collector_cpu_s_per_device": alone_cpu / count,
        "collector_devices_per_s": count / alone_wall,
        "cpu_s_per_device": whole_cpu / count,
        "cpu_us_per_value": 1e6 * whole_cpu / max(values, 1),
        "devices_per_s": count / whole_wall,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def child(arguments: argparse.Namespace) -> None:
    tiers = [Tier(tier) for tier in arguments.tiers.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database or f"sqlite:///{folder}/benchmark.db"
        print(json.dumps(asyncio.run(measure(arguments.engine, arguments.devices, arguments.port, tiers, url))))


def run(arguments: argparse.Namespace, engine: str, port: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--child", "--engine", engine, "--devices", str(arguments.devices)]
    command += ["--port", str(port), "--tiers", arguments.tiers, "--database", arguments.database]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return dict(json.loads(told.strip().splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=100)
    parser.add_argument("--engine", choices=("direct", "pysnmp"), help="only this one")
    parser.add_argument("--tiers", default=TIERS)
    parser.add_argument("--database", default="", help="URL of the store; else SQLite in a temporary folder")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments)
        return
    with serving() as port:
        engines = [arguments.engine] if arguments.engine else ["direct", "pysnmp"]
        measured = [run(arguments, engine, port) for engine in engines]
    print(json.dumps(measured, indent=1) if arguments.json else as_text(measured))


ROWS = (
    ("values a device", lambda m: f"{m['values'] / m['devices']:.0f}"),
    ("failures", lambda m: str(m["failures"])),
    ("collector: CPU ms a device", lambda m: f"{1e3 * m['collector_cpu_s_per_device']:.2f}"),
    ("collector: devices/s", lambda m: f"{m['collector_devices_per_s']:.0f}"),
    ("whole pipeline: CPU s a device", lambda m: f"{m['cpu_s_per_device']:.5f}"),
    ("whole pipeline: CPU µs a value", lambda m: f"{m['cpu_us_per_value']:.2f}"),
    ("whole pipeline: devices/s", lambda m: f"{m['devices_per_s']:.0f}"),
    ("peak memory, MB", lambda m: f"{m['peak_mb']:.0f}"),
)


def as_text(measured: list[dict[str, Any]]) -> str:
    lines = ["{:34}".format("") + "".join(f"{m['engine']:>12}" for m in measured)]
    lines += [f"{title:34}" + "".join(f"{told(m):>12}" for m in measured) for title, told in ROWS]
    if len(measured) == 2:
        direct, pysnmp = measured
        for title, key in (("collector", "collector_cpu_s_per_device"), ("whole pipeline", "cpu_s_per_device")):
            lines.append(f"pysnmp costs {pysnmp[key] / direct[key]:.1f} times the CPU of direct ({title})")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
