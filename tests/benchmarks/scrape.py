"""How much a scrape of a large agent holds up its event loop.

    python tests/benchmarks/scrape.py [--devices 1000] [--ports 48] [--seconds 20]

Fills a store with devices × ports, serves the site from this process's event loop as the agent does, scrapes it from
another process every second, refreshes the snapshot all the while (far more often than the agent would), and prints
how late the loop woke a sleeper: idle, while scraped, and while scraped with the snapshot being made.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from prometheus_client import CollectorRegistry

sys.path.insert(0, str(Path(__file__).parents[2]))

from agent.inventory.customers import Customer, Site
from agent.inventory.device import Device, Role
from agent.inventory.inventory import Inventory
from agent.metrics import Metrics
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier
from agent.ports import Store
from agent.storage.engine import open_store
from agent.web import site
from agent.web.metrics_page import MetricsPage

SCRAPER = """
import sys, time, urllib.request
times = []
while True:
    request = urllib.request.Request(sys.argv[1], headers={"Accept-Encoding": "gzip"})
    started = time.monotonic()
    size = len(urllib.request.urlopen(request).read())
    print(f"{time.monotonic() - started:.3f} {size}", flush=True)
    time.sleep(1)
"""
NOW = datetime.now(UTC)


def network(devices: int) -> Inventory:
    return Inventory(
        devices={
            name: Device(name=name, address="127.0.0.1", customer="acme", site="hq", role=Role.ACCESS)
            for name in (f"switch-{n:05d}" for n in range(devices))
        },
        customers={"acme": Customer(name="acme")},
        sites={"hq": Site(name="hq", customer="acme")},
    )


def fill(store: Store, inventory: Inventory, ports: int) -> None:
    for name in inventory.devices:
        with store.begin() as tx:
            tx.change(Subject(name), "up", NOW - timedelta(hours=30))
            tx.cover(name, "reachability", NOW - timedelta(hours=30), timedelta(0))
            tx.cover(name, "reachability", NOW, timedelta(hours=31))
            interfaces = [Subject(name, ComponentKind.INTERFACE, f"GigabitEthernet1/0/{n}") for n in range(ports)]
            for interface in interfaces:
                tx.change(interface, "up", NOW - timedelta(hours=30))
            tx.keep(Batch(device=name, tier=Tier.HEALTH, at=NOW, observations=tuple(health(name, interfaces))))


def health(name: str, interfaces: list[Subject]) -> list[Observation]:
    counters = (Fact.IN_OCTETS, Fact.OUT_OCTETS, Fact.IN_ERRORS, Fact.OUT_ERRORS, Fact.IN_DISCARDS, Fact.OUT_DISCARDS)
    return [
        *(Observation(interface, fact, 123_456_789) for interface in interfaces for fact in counters),
        Observation(Subject(name, ComponentKind.CPU, "1"), Fact.USAGE, 20.0),
        Observation(Subject(name, ComponentKind.MEMORY, "1"), Fact.USED, 60.0),
        Observation(Subject(name, ComponentKind.TEMPERATURE, "1"), Fact.CELSIUS, 30.0),
    ]


async def lag(seconds: float) -> str:
    """The lags of a sleeper that is to wake every 5 ms."""
    loop = asyncio.get_running_loop()
    lags = []
    end = loop.time() + seconds
    while loop.time() < end:
        due = loop.time() + 0.005
        await asyncio.sleep(0.005)
        lags.append(loop.time() - due)
    lags.sort()
    middle, most, last = (lags[int(len(lags) * share)] * 1e3 for share in (0.5, 0.99, 0.999999))
    return f"median {middle:6.2f} ms   99 % {most:6.2f} ms   max {last:6.2f} ms"


async def measure(store: Store, inventory: Inventory, seconds: float) -> None:
    page = MetricsPage(Metrics(CollectorRegistry()), store, inventory, lambda: NOW)
    cpu, wall = time.process_time(), time.monotonic()
    page.refresh()
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    print(f"a snapshot       {cpu:.2f} s CPU, {wall:.2f} s, {len(page.page()):,} bytes")
    print(f"idle             {await lag(seconds / 2)}")
    app = site.create(
        store, inventory, None, Metrics(CollectorRegistry()), lambda: NOW, lambda *_: b"", refresh_s=10_000
    )  # type: ignore[arg-type]
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    address = f"http://127.0.0.1:{port}/metrics"
    scraper = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SCRAPER, address, stdout=asyncio.subprocess.PIPE
    )
    assert scraper.stdout
    await scraper.stdout.readline()  # the first scrape is answered when the first snapshot is there
    print(f"scraped          {await lag(seconds)}")
    refreshing = asyncio.create_task(page.keep_fresh(every_s=0.0))
    print(f"… and refreshed  {await lag(seconds)}")
    refreshing.cancel()
    scraper.terminate()
    answers = (await scraper.stdout.read()).decode().split("\n")[:-1]
    took = sorted(float(line.split()[0]) for line in answers)
    packed = int(answers[-1].split()[1])
    print(f"a scrape took    median {took[len(took) // 2]:.3f} s, max {took[-1]:.3f} s, {packed:,} bytes packed")
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(serving, refreshing, return_exceptions=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--ports", type=int, default=48)
    parser.add_argument("--seconds", type=float, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/netcase.db")
        inventory = network(chosen.devices)
        fill(store, inventory, chosen.ports)
        print(f"{chosen.devices} devices × {chosen.ports} interfaces")
        asyncio.run(measure(store, inventory, chosen.seconds))
        store.close()


if __name__ == "__main__":
    main()
