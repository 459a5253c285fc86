"""What the tests of the SSH shell share: a watched device, a collection from it, and what came of it."""

import asyncio
from dataclasses import replace
from pathlib import Path

from agent.inventory.device import Device as WatchedDevice
from agent.inventory.device import HostKeys, JumpHost, Secret, SshAccess
from collectors.ssh import commands
from collectors.ssh.shell import NetmikoShell
from tests.integration import scripted_device as scripted
from tests.integration.scripted_device import Device

SECRETS = {"env:P": scripted.PASSWORD, "env:E": "en-able-88", "env:WRONG": "wr0ng-wr0ng", "env:K": "pass phrase"}


def watched(
    device: Device,
    platform: str = "cisco_ios",
    *,
    password: str = "env:P",
    enable: str | None = None,
    known_hosts: Path | str = "",
    host_keys: HostKeys = HostKeys.OFF,
    jump: tuple[JumpHost, ...] = (),
    address: str = "127.0.0.1",
) -> WatchedDevice:
    access = SshAccess(
        username=scripted.USER,
        password=Secret(password),
        enable=Secret(enable) if enable else None,
        port=device.port,
        known_hosts=str(known_hosts),
        host_keys=host_keys,
        jump=jump,
    )
    return WatchedDevice(name="sw1", address=address, customer="c", site="s", platform=platform, ssh=access)


async def collect(device, folder: Path, *topics, size_limit=200_000_000, own: Path | None = None):
    shell = NetmikoShell(lambda secret: SECRETS[secret.reference], size_limit, own)
    asked = [topic if isinstance(topic, tuple) else (topic, {}) for topic in topics]
    return await asyncio.to_thread(lambda: list(shell.collect(device, asked, folder / "out")))


def text(transcript) -> str:
    return transcript.path.read_text("utf-8")


def shortened(monkeypatch, topic: str, seconds: float) -> None:
    topics = commands.of("cisco_ios").topics
    monkeypatch.setitem(topics, topic, replace(topics[topic], seconds=seconds))


async def endless(line) -> None:
    while True:
        line.process.stdout.write(b"and so on\r\n" * 1000)
        await line.process.stdout.drain()
        await asyncio.sleep(0.01)
