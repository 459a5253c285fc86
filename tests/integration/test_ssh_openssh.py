"""A real OpenSSH server on loopback, read through netmiko as platform `linux`, signed in to with a key."""

import asyncio
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from agent.cases.case import EvidenceState
from agent.cases.outcome import Outcome
from agent.inventory.device import Device
from collectors.ssh.shell import NetmikoShell
from tests.sshd import Sshd, keypair, public

pytestmark = pytest.mark.system("sshd")


@pytest.fixture
async def sshd(tmp_path):
    async with Sshd(tmp_path / "srv", keypair(tmp_path / "user")) as server:
        (tmp_path / "known").write_text(server.known_hosts_line())
        yield server


async def collect(sshd: Sshd, tmp_path: Path, *topics: str, key: Path | None = None, **changes: object):
    access = replace(sshd.access(tmp_path / "known", key), **changes)
    device = Device(name="srv", address="127.0.0.1", customer="c", site="s", platform="linux", ssh=access)
    asked = [(topic, {}) for topic in topics]
    return await asyncio.to_thread(lambda: list(NetmikoShell(lambda _: "").collect(device, asked, tmp_path / "out")))


async def test_a_real_server_answers_the_quick_topics(sshd, tmp_path):
    found = await collect(sshd, tmp_path, "version", "uptime", "memory", "interfaces", "clock")
    texts = {one.topic: one.path.read_text("utf-8") for one in found if one.path}
    assert [(one.topic, one.state, one.detail) for one in found] == [
        (topic, EvidenceState.DONE, "") for topic in ("version", "uptime", "memory", "interfaces", "clock")
    ]
    assert texts["version"].startswith(f"===== uname -a =====\n{os.uname().sysname} ")
    assert "MemTotal:" in texts["memory"] and "\x1b" not in "".join(texts.values())
    assert not any(line.endswith(("uname -a", "free -b")) for line in texts["version"].splitlines())


async def test_a_changed_host_key_of_a_real_server_is_refused(sshd, tmp_path):
    (tmp_path / "known").write_text(f"[127.0.0.1]:{sshd.port} {public(keypair(tmp_path / 'other'))}")
    (version,) = await collect(sshd, tmp_path, "version")
    assert version.outcome is Outcome.HOST_KEY_CHANGED and "Accepted" not in sshd.log


async def test_a_key_that_the_server_does_not_know_is_named(sshd, tmp_path):
    (version,) = await collect(sshd, tmp_path, "version", key=keypair(tmp_path / "stranger"))
    assert version.outcome is Outcome.WRONG_PASSWORD and "with its key" in version.detail


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
async def test_keys_of_every_kind_log_in(sshd, tmp_path, kind):
    key = keypair(tmp_path / kind, kind=kind)
    (sshd.folder / "authorized").write_text(public(key))
    (version,) = await collect(sshd, tmp_path, "uptime", key=key)
    assert version.outcome is Outcome.DONE, version.detail


@pytest.mark.skipif(
    shutil.which("ssh-agent") is None, reason="ssh-agent is not installed (Debian package openssh-client)"
)
async def test_an_ssh_agent_is_asked_only_where_the_inventory_says_so(sshd, tmp_path, monkeypatch):
    agent = await asyncio.create_subprocess_exec(
        "ssh-agent", "-D", "-a", str(tmp_path / "agent"), stdout=asyncio.subprocess.PIPE
    )
    try:
        await agent.stdout.readline()  # it listens now
        monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
        added = await asyncio.create_subprocess_exec("ssh-add", "-q", str(sshd.user))
        assert await added.wait() == 0
        (without,) = await collect(sshd, tmp_path, "uptime", key_file="")
        (asked,) = await collect(sshd, tmp_path, "uptime", key_file="", ssh_agent=True)
    finally:
        agent.terminate()
        await agent.wait()
    assert (without.outcome, asked.outcome) == (Outcome.NOT_SET_UP, Outcome.DONE), asked.detail
