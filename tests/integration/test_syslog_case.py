"""From a line to a case: a real logger(1), a real agent, and a device that is polled only because of the line."""

import asyncio
import io
import json
import socket
import sys
from asyncio.subprocess import PIPE
from datetime import timedelta

import pytest

from agent.app import agent as running
from agent.app import compose, strangers
from agent.app.compose import Memory
from agent.cases.case import Case
from agent.observation import Source, Subject, Tier
from agent.scheduler import offset
from agent.settings import Endpoint, Settings
from agent.storage.engine import open_store
from agent.storage.evidence import FileEvidence

INVENTORY = """
version: 1
agent: {attached_to: [hub]}
policies:
  settle: 0s
  confirmation: {device_unreachable: {count: 2, hold: 0s}}
customers: {us: {}}
sites: {lab: {customer: us}}
defaults:
  site: lab
  reachability: [tcp]
  polling: {status: 10m, timeout: 500ms, retries: 0, recheck: 200ms}
devices:
  hub: {address: 127.0.0.2, tcp_port: %(hub)d}
  edge7: {address: 127.0.0.1, tcp_port: %(edge)d}
links:
  - [hub, edge7]
"""


async def until(condition, seconds=30.0):
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def answering(address: str) -> asyncio.Server:
    return await asyncio.start_server(lambda _, writer: writer.close(), address, 0)


@pytest.mark.system("logger")
@pytest.mark.parametrize("options", [["-d"], ["-T"], ["-T", "--octet-count"]], ids=["udp", "tcp", "octet-counted"])
async def test_a_line_of_a_real_logger_reaches_a_case(tmp_path, monkeypatch, options):
    monkeypatch.setattr(running, "STRANGERS_EVERY", 0.1)
    hub, edge = await answering("127.0.0.2"), await answering("127.0.0.1")
    ports = {name: server.sockets[0].getsockname()[1] for name, server in (("hub", hub), ("edge", edge))}
    (tmp_path / "inventory.yaml").write_text(INVENTORY % ports)
    here = Endpoint("127.0.0.1", 0)
    settings = Settings(inventory=tmp_path / "inventory.yaml", data=tmp_path, web=here, traps=here, syslog=here)
    inventory = compose.read_inventory(settings.inventory)
    for name in inventory.devices:
        first = offset(f"{name}/{Tier.STATUS}", timedelta(minutes=10))
        assert first > timedelta(minutes=1), "nothing but the line may have it polled"
    memory = Memory(open_store(settings.database_url), FileEvidence(tmp_path / "evidence"), tmp_path)
    agent = running.Agent(settings, inventory, memory, out=io.StringIO())
    await agent.start()
    try:
        for name in inventory.devices:
            agent.ask((name, Tier.STATUS))
        await until(lambda: states(memory) == ["up", "up"])
        edge.close()
        await edge.wait_closed()
        host, port = agent._listeners[Source.SYSLOG].address
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.9", 0))
            stranger.sendto(b"<13>who am I", (host, port))
        command = ["logger", *options, "-n", host, "-P", str(port), "-p", "local7.err", "-t", "edge7"]
        sent = await asyncio.create_subprocess_exec(
            *command, "%LINK-3-UPDOWN: Interface GigabitEthernet0/1, changed state to down"
        )
        assert await sent.wait() == 0
        await until(lambda: cases(memory))
        await until(lambda: strangers_of(memory))
    finally:
        await agent.stop()
        hub.close()
    (case,) = cases(memory)
    with memory.store.read() as tx:
        lines = {(event.device, event.sender, event.name) for event in tx.events()}
    (stranger,) = strangers_of(memory)
    memory.store.close()
    assert case.subject == Subject("edge7")
    assert lines == {("edge7", "127.0.0.1", "link_down"), ("", "127.0.0.9", "")}
    assert (stranger.sender, stranger.source, stranger.messages, stranger.line) == (
        "127.0.0.9",
        "syslog",
        1,
        "who am I",
    )
    shown = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent", "senders", "--data", str(tmp_path), "--json"), stdout=PIPE
    )
    assert [each["sender"] for each in json.loads((await shown.communicate())[0])] == ["127.0.0.9"]


def states(memory: Memory) -> list[str]:
    with memory.store.read() as tx:
        return [str(tx.states(name).get(Subject(name))) for name in ("hub", "edge7")]


def cases(memory: Memory) -> tuple[Case, ...]:
    with memory.store.read() as tx:
        return tx.cases()


def strangers_of(memory: Memory) -> list[strangers.Stranger]:
    with memory.store.read() as tx:
        return strangers.read(tx.document(strangers.KIND, strangers.KEY))
