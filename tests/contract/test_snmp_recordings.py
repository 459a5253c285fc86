"""What 125 recorded devices told, judged by the given scorer: what must hold, over all of them."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.inventory.device import Device, Method, Secret, SnmpAccess
from agent.observation import Tier
from collectors.collector import Collector
from collectors.probe import as_document

# recall that must hold over all recordings
RECALL = {
    "vendor": 0.97,
    "platform": 0.97,
    "version (literal in walk)": 0.95,
    "serial (literal in walk)": 0.9,
    "hardware (literal in walk)": 0.9,
    **{f"interface {fact}": 0.998 for fact in ("admin", "oper", "speed_bps", "in_octets", "out_octets", "mtu", "mac")},
    "interface name": 0.998,
    "cpu": 0.93,
    "memory": 0.93,
    "temperature": 0.9,
    "fanspeed": 0.9,
    "voltage": 0.9,
    "dbm": 0.9,
    "psu state": 0.9,
    "fan state": 0.9,
    "temperature state": 0.9,
    "known fault found": 1.0,
}
# three power modules in service with an active alarm count as found too much; so does bias current told in amperes
UNEXPECTED = {"known fault found": 0.75, "current": 0.87}
PRECISION = {**dict.fromkeys(RECALL, 0.9), **UNEXPECTED}


@pytest.fixture(scope="module")
def responder(conformance: Path) -> Iterator[int]:
    """The port where the recordings answer; the community is the recording's name."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    command = [sys.executable, "-u", str(conformance / "serve.py"), str(conformance / "given"), f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        while (line := process.stdout.readline().strip()) != "ready":
            assert line or process.poll() is None, "the responder ended"
        yield port
        process.terminate()


async def probe(collector: Collector, name: str, port: int, into: Path) -> list[str]:
    access = SnmpAccess(port=port, community=Secret(name))
    device = Device(name=name, address="127.0.0.1", customer="c", site="s", reachability=(Method.SNMP,), snmp=access)
    batches = [await collector.poll(device, tier) for tier in (Tier.IDENTITY, Tier.STATUS, Tier.HEALTH)]
    (into / f"{name}.json").write_text(json.dumps(as_document(name, batches)))
    return [f"{name}: {failure}" for batch in batches for failure in batch.failures]


async def test_recorded_devices_are_told_as_well_as_promised(conformance: Path, responder: int, tmp_path: Path) -> None:
    given = conformance / "given"
    names = sorted(folder.name for folder in given.iterdir() if folder.is_dir())
    results = tmp_path / "results"
    results.mkdir()
    collector = Collector(secret=lambda secret: secret.reference, window=8)
    failures = await asyncio.gather(*(probe(collector, name, responder, results) for name in names))
    await collector.close()
    assert [failure for told in failures for failure in told] == []
    score = [
        sys.executable,
        str(conformance / "score.py"),
        str(given),
        str(results),
        "--json",
        str(tmp_path / "score.json"),
    ]
    await asyncio.to_thread(subprocess.run, score, check=True, capture_output=True)
    facts = json.loads((tmp_path / "score.json").read_text())["facts"]
    short = {fact: facts[fact]["recall"] for fact, least in RECALL.items() if facts[fact]["recall"] < least}
    wrong = {
        fact: facts[fact]["precision"] for fact, least in PRECISION.items() if (facts[fact]["precision"] or 0) < least
    }
    assert (short, wrong) == ({}, {})
