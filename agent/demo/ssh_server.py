"""A real SSH server for one device, by asyncssh: prompts, enable, paging, and answers worked out from its state."""

import asyncio
from typing import Any

from agent import settings
from agent.demo.door import Darkness, listening
from agent.demo.fabric import Fabric
from agent.demo.state import Box
from agent.errors import UsageError
from agent.inventory.device import SshAccess


class SshServer:
    def __init__(self, box: Box, whole: Fabric, address: str, access: SshAccess) -> None:
        self.address = (address, access.port)
        self._box, self._whole, self._access = box, whole, access
        self._darkness = Darkness()
        self._acceptor: Any = None
        self._key: Any = None
        self._lit = True
        self._sessions: set[Any] = set()

    async def start(self) -> None:
        """Raises ListenError when the port is taken, UsageError when asyncssh is not installed."""
        asyncssh = _asyncssh()
        if self._key is None:
            self._key = asyncssh.generate_private_key("ssh-ed25519")
        await self._open()

    async def _open(self) -> None:
        from agent.demo.terminal import Server

        it = listening(self.address)
        self.address = it.getsockname()
        self._acceptor = await _asyncssh().listen(
            sock=it,
            server_host_keys=[self._key],
            server_factory=lambda: Server(self._access.username, self._password(), self._sessions),
            process_factory=self._serve,
            encoding=None,
            line_editor=False,
            login_timeout=30,
        )

    async def _serve(self, process: Any) -> None:
        from agent.demo.terminal import Terminal

        enable = settings.secret(str(self._access.enable)) if self._access.enable else ""
        await Terminal(process, self._box, self._whole, enable).run()

    def _password(self) -> str:
        return settings.secret(str(self._access.password)) if self._access.password else ""

    async def reach(self, lit: bool) -> None:
        """Dark: open sessions break off, and who connects gets no answer at all."""
        if lit == self._lit:
            return
        self._lit = lit
        if lit:
            self._darkness.lift()
            await self._open()
        else:
            await self._close()
            await self._darkness.fall(self.address)

    async def stop(self) -> None:
        self._darkness.lift()
        await self._close()

    async def _close(self) -> None:
        if self._acceptor is None:
            return
        acceptor, self._acceptor = self._acceptor, None
        acceptor.close()
        for connection in list(self._sessions):
            connection.abort()
        await acceptor.wait_closed()
        await asyncio.sleep(0)

    def known_host_lines(self) -> list[str]:
        """For a known_hosts file: `[address]:port type key`."""
        public = self._key.export_public_key().decode().strip() if self._key else ""
        kind, key = public.split()[:2]
        host, port = self.address
        return [f"[{host}]:{port} {kind} {key}\n"] if port != 22 else [f"{host} {kind} {key}\n"]


def _asyncssh() -> Any:
    try:
        import asyncssh
    except ImportError:
        raise UsageError("the demonstration needs asyncssh: pip install netcase[demo]") from None
    return asyncssh
