"""A real SMTP server on loopback that writes every mail into a folder, as `0001-subject.eml`."""

import asyncio
import re
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from agent.errors import ListenError, UsageError

_LONGEST_NAME = 60
_MOST_BYTES = 32 * 2**20


class Mailbox:
    """Listens at `address` after `start`; port 0 takes a free one, and `address` then tells which."""

    def __init__(self, address: tuple[str, int], folder: Path) -> None:
        self.address, self.folder = address, folder
        self._server: asyncio.Server | None = None
        self._count = 0

    async def start(self) -> None:
        """Raises ListenError when the port is taken, UsageError when aiosmtpd is not installed."""
        try:
            from aiosmtpd.smtp import SMTP
        except ImportError:
            raise UsageError("the demonstration needs aiosmtpd: pip install netcase[demo]") from None
        self.folder.mkdir(parents=True, exist_ok=True)
        self._count = len(list(self.folder.glob("*.eml")))
        host, port = self.address
        try:
            self._server = await asyncio.get_running_loop().create_server(
                lambda: SMTP(self, data_size_limit=_MOST_BYTES, enable_SMTPUTF8=True, hostname="demo"), host, port
            )
        except OSError as error:
            sentence = f"the demonstration's mail server cannot use TCP {host}:{port}: {error.strerror}"
            raise ListenError(sentence) from error
        self.address = self._server.sockets[0].getsockname()[:2]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        self._count += 1
        message = message_from_bytes(envelope.content, policy=policy.default)
        subject = re.sub(r"[^\w.-]+", "-", str(message.get("Subject", "")))[:_LONGEST_NAME].strip("-.")
        target = self.folder / f"{self._count:04d}-{subject or 'mail'}.eml"
        target.write_bytes(envelope.content)
        return f"250 2.0.0 kept as {target.name}"
