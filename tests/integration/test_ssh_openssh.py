"""A real OpenSSH server on loopback, read through netmiko as platform `linux`, signed in to with a key."""

import asyncio
import getpass
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from agent.cases.case import EvidenceState
from agent.inventory.device import Device, SshAccess
from collectors.ssh.shell import NetmikoShell

pytestmark = pytest.mark.system

SSHD = "/usr/sbin/sshd"


def _key(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _configured(tmp_path: Path, port: int) -> tuple[Path, Path]:
    """(the user's key, the file of known hosts)"""
    if not Path(SSHD).exists() or shutil.which("ssh-keygen") is None:
        pytest.skip("sshd is not installed (Debian package openssh-server)")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where root's sshd separates its privileges
    host, user = _key(tmp_path / "host"), _key(tmp_path / "user")
    (tmp_path / "authorized").write_text(user.with_suffix(".pub").read_text())
    (tmp_path / "known").write_text(f"[127.0.0.1]:{port} {host.with_suffix('.pub').read_text()}")
    settings = {
        "Port": port, "ListenAddress": "127.0.0.1", "HostKey": host, "AuthorizedKeysFile": tmp_path / "authorized",
        "PidFile": "none", "UsePAM": "no", "StrictModes": "no", "PasswordAuthentication": "no",
        "PermitRootLogin": "yes", "PrintMotd": "no", "SetEnv": "LC_ALL=C.UTF-8",
    }  # fmt: skip
    (tmp_path / "sshd_config").write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    return user, tmp_path / "known"


@pytest.fixture
async def sshd(tmp_path):
    port = _free_port()
    user, known = _configured(tmp_path, port)
    server = await asyncio.create_subprocess_exec(
        SSHD, "-D", "-e", "-f", str(tmp_path / "sshd_config"), stderr=asyncio.subprocess.DEVNULL
    )
    await _listening(port)
    yield port, user, known
    server.terminate()
    await server.wait()


async def _listening(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            await writer.wait_closed()
            return


async def collect(sshd, into: Path, *topics: str):
    port, key, known = sshd
    access = SshAccess(username=getpass.getuser(), key_file=str(key), port=port, known_hosts=str(known))
    device = Device(name="srv", address="127.0.0.1", customer="c", site="s", platform="linux", ssh=access)
    asked = [(topic, {}) for topic in topics]
    return await asyncio.to_thread(lambda: list(NetmikoShell(lambda _: "").collect(device, asked, into)))


async def test_a_real_server_answers_the_quick_topics(sshd, tmp_path):
    found = await collect(sshd, tmp_path / "out", "version", "uptime", "memory", "interfaces", "clock")
    texts = {one.topic: one.path.read_text("utf-8") for one in found if one.path}
    assert [(one.topic, one.state, one.detail) for one in found] == [
        (topic, EvidenceState.DONE, "") for topic in ("version", "uptime", "memory", "interfaces", "clock")
    ]
    assert texts["version"].startswith(f"===== uname -a =====\n{os.uname().sysname} ")
    assert "MemTotal:" in texts["memory"] and "\x1b" not in "".join(texts.values())
    assert not any(line.endswith(("uname -a", "free -b")) for line in texts["version"].splitlines())


async def test_a_changed_host_key_of_a_real_server_is_refused(sshd, tmp_path):
    port, _, known = sshd
    known.write_text(f"[127.0.0.1]:{port} {_key(tmp_path / 'other').with_suffix('.pub').read_text()}")
    (version,) = await collect(sshd, tmp_path / "out", "version")
    assert version.state is EvidenceState.FAILED and "has changed" in version.detail


async def test_a_key_that_the_server_does_not_know_is_named(sshd, tmp_path):
    port, _, known = sshd
    stranger = _key(tmp_path / "stranger")
    (version,) = await collect((port, stranger, known), tmp_path / "out", "version")
    assert version.state is EvidenceState.FAILED and "with its key" in version.detail
