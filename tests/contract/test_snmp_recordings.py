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

# recall that must hold over all recordings, those of platforms without a data file of their own included
RECALL = {
    "vendor": 0.98,
    "platform": 0.98,
    "version (literal in walk)": 0.92,
    "interface admin": 1.0,
    "interface oper": 1.0,
    "interface in_octets": 1.0,
    "interface out_octets": 1.0,
    "interface speed_bps": 0.98,
    "interface name": 0.98,
    "cpu": 0.5,
    "temperature": 0.55,
    "fan state": 0.6,
    "temperature state": 0.8,
}
PRECISION = {
    "temperature": 0.92,
    "psu state": 1.0,
    "fan state": 1.0,
    "temperature state": 1.0,
    "known fault found": 1.0,
}


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
