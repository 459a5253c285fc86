"""What the shipped rules raise on 125 recorded devices, polled twice: what was wrong with them, and nothing else."""

import asyncio
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agent.faults import rules
from agent.faults.fault import FaultKind
from agent.faults.rules import Scene
from agent.inventory.device import Device, Method, Secret, SnmpAccess
from agent.observation import Batch, Subject, Tier
from collectors.collector import Collector

# Told by the devices themselves, each looked at by a person. Sessions of BGP are only counted.
EXPECTED: dict[str, set[str]] = {
    "ciscosb_cbs350-4x": {"duplex_changed gi1/0/12", "duplex_changed gi2/0/7"},  # 10 Mb/s, up
    "enterasys": {"memory_high RAM device", "storage_full Internal Flash Storage"},  # 92 % of both
    "fortigate_500d": {"sensor_out_of_range RPS 12V"},
    "ios_ie2000": {"power_supply_failed Sw1, PSB"},
    "iosxe_c9500x-svl": {f"power_supply_failed Switch {n} Power Supply Module 1" for n in (1, 2)},
    "iosxe_ct5760": {"storage_full flash"},
    "iosxr_asr9001": {"bgp_peer_down", "optical_power power Rx 0/0/2/2 (dBm)"},
    "iosxr_asr9901": {"bgp_peer_down"},
    "ironware": {"bgp_peer_down", "power_supply_failed Power supply 2"},
    "junos_qfx5130-32cd-evo": {"chassis_alarm Yellow alarm"},
    "panos_sensors_2": {"redundancy_lost HA local state"},
    "screenos": {"memory_high System"},
    "timos": {
        "memory_high System", "power_supply_failed Power Supply 1", "power_supply_failed Power Supply 2",
        "sensor_out_of_range 3/1/1 transmit bias", "optical_power 3/1/1 transmit power",
        "optical_power 3/1/1 receive power",
    },
    "timos_7750": {
        "chassis_alarm Minor alarm LED", *(f"power_supply_failed Chassis 1 PowShelf 1 PM {n}" for n in (8, 9, 10)),
    },
    "vrp_ne": {"bgp_peer_down"},
    # over the 70 °C of ours, where the device tells neither a limit nor a verdict
    "linux_lsi": {"temperature_high RAID controller 1", "temperature_high RAID controller 2"},
    "xos_sfp": {"temperature_high Chassis"},
}  # fmt: skip
BGP = {"iosxr_asr9001": 1, "iosxr_asr9901": 1, "ironware": 2, "vrp_ne": 49}
TWICE = (Tier.IDENTITY, Tier.STATUS, Tier.HEALTH) * 2


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


def device(name: str, port: int) -> Device:
    access = SnmpAccess(port=port, community=Secret(name))
    return Device(name=name, address="127.0.0.1", customer="c", site="s", reachability=(Method.SNMP,), snmp=access)


def raised(one: Device, batches: list[Batch]) -> set[tuple[FaultKind, Subject]]:
    """What the second poll of a tier calls bad, as if it had come at its turn."""
    states: dict[Subject, str] = {}
    before: dict[Tier, Batch] = {}
    found: set[tuple[FaultKind, Subject]] = set()
    for told in batches:
        previous = before.get(told.tier)
        batch = replace(told, at=previous.at + timedelta(minutes=5)) if previous else told
        scene = Scene(device=one, batch=batch, previous=previous, states=dict(states))
        if previous:
            found |= {(judged.kind, judged.subject) for judged in rules.judge(scene, rules.shipped()) if judged.bad}
        states |= rules.states(scene)
        before[told.tier] = batch
    return found


async def test_rules_find_what_was_wrong_and_nothing_else(conformance: Path, responder: int) -> None:
    names = sorted(folder.name for folder in (conformance / "given").iterdir() if folder.is_dir())
    collector = Collector(secret=lambda secret: secret.reference, window=8)

    async def seen(name: str) -> set[tuple[FaultKind, Subject]]:
        one = device(name, responder)
        return raised(one, [await collector.poll(one, tier) for tier in TWICE])

    found = dict(zip(names, await asyncio.gather(*map(seen, names)), strict=True))
    await collector.close()
    plain = {FaultKind.BGP_PEER_DOWN}
    told = {
        name: {str(kind) if kind in plain else f"{kind} {subject.name}" for kind, subject in faults}
        for name, faults in found.items()
        if faults
    }
    assert told == {name: faults for name, faults in EXPECTED.items() if name in names}
    sessions = Counter(name for name, faults in found.items() for kind, _ in faults if kind in plain)
    assert sessions == {name: count for name, count in BGP.items() if name in names}
