"""Real OpenSSH servers on loopback, each with a key of its own, for whoever holds a private key that it knows."""

import asyncio
import getpass
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from agent.inventory.device import HostKeys, Secret, SshAccess

SSHD = "/usr/sbin/sshd"


def keypair(path: Path, passphrase: str = "", kind: str = "ed25519") -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(path)], check=True)
    return path


def public(key: Path) -> str:
    return key.with_suffix(".pub").read_text()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sshd:
    """`async with Sshd(folder, user_key) as server:`; its host key is `server.host`, what it logged `server.log`."""

    def __init__(self, folder: Path, user: Path, **settings: object) -> None:
        if not Path(SSHD).exists() or shutil.which("ssh-keygen") is None:
            pytest.skip("sshd is not installed (Debian package openssh-server)")
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where root's sshd separates its privileges
        folder.mkdir(parents=True, exist_ok=True)
        self.port, self.folder, self.user, self.host = free_port(), folder, user, keypair(folder / "host")
        (folder / "authorized").write_text(public(user))
        every = {
            "Port": self.port, "ListenAddress": "127.0.0.1", "HostKey": self.host, "PidFile": "none", "UsePAM": "no",
            "AuthorizedKeysFile": folder / "authorized", "StrictModes": "no", "PasswordAuthentication": "no",
            "PermitRootLogin": "yes", "PrintMotd": "no", "SetEnv": "LC_ALL=C.UTF-8", "LogLevel": "DEBUG1",
            "MaxStartups": "100", **settings,
        }  # fmt: skip
        (folder / "sshd_config").write_text("".join(f"{key} {value}\n" for key, value in every.items()))

    async def __aenter__(self) -> "Sshd":
        with (self.folder / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                SSHD, "-D", "-e", "-f", str(self.folder / "sshd_config"), stderr=log
            )
        async with asyncio.timeout(10):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.05)
                    continue
                writer.close()
                await writer.wait_closed()
                return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")

    def known_hosts_line(self) -> str:
        return f"[127.0.0.1]:{self.port} {public(self.host)}"

    def access(self, known_hosts: Path, key: Path | None = None, passphrase: str = "") -> SshAccess:
        return SshAccess(
            username=getpass.getuser(),
            key_file=str(key or self.user),
            key_passphrase=Secret(passphrase) if passphrase else None,
            port=self.port,
            known_hosts=str(known_hosts),
            host_keys=HostKeys.STRICT,
        )
