"""What a person or netmiko meets after login: prompt, echo, enable, paging, and a long output that takes its time."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import asyncssh

from agent.demo import cli
from agent.demo.cli.command import View
from agent.demo.fabric import Fabric
from agent.demo.state import Box

_PAGE = 24  # lines, where the terminal does not say how high it is
_CHUNK, _PAUSE_S = 16_384, 0.12  # a long output comes in such pieces: a slow management CPU
_LONGEST_LINE = 4_096
_MORE = {
    "cisco": " --More-- ",
    "arista": " --More-- ",
    "huawei": "  ---- More ----",
    "comware": "---- More ----",
    "juniper": "---(more)---",
}
_NEEDS_ENABLE = ("cisco", "arista")


class Server(asyncssh.SSHServer):
    """Accepts the one user with the one password."""

    def __init__(self, username: str, password: str, sessions: set[Any]) -> None:
        self._username, self._password, self._sessions = username, password, sessions
        self._connection: Any = None

    def connection_made(self, conn: Any) -> None:
        self._connection = conn
        self._sessions.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._sessions.discard(self._connection)

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return username == self._username and password == self._password


class Terminal:
    def __init__(self, process: Any, box: Box, whole: Fabric, enable: str) -> None:
        self._process, self._box, self._whole, self._enable = process, box, whole, enable
        self._privileged = box.family not in _NEEDS_ENABLE
        self._paging = True
        self._waiting = b""

    async def run(self) -> None:
        try:
            if self._process.command:
                self._write(self._answer(str(self._process.command)))
            else:
                await self._converse()
            self._process.exit(0)
        except (asyncssh.Error, ConnectionError, BrokenPipeError, asyncio.IncompleteReadError):
            self._process.close()

    def _prompt(self) -> str:
        name = self._box.name
        if self._box.family in ("huawei", "comware"):
            return f"<{name}>"
        if self._box.family == "juniper":
            return f"{self._process.get_extra_info('username')}@{name}> "
        return f"{name}{'#' if self._privileged else '>'}"

    async def _converse(self) -> None:
        self._write(cli.greeting(self._box))
        while True:
            self._write(self._prompt())
            line = await self._line()
            if line is None or line in ("exit", "quit", "logout"):
                return
            if line == "enable" and self._box.family in _NEEDS_ENABLE:
                await self._escalate()
            elif cli.disables_paging(self._box, line):
                self._paging = False
                self._write(cli.paging_off(self._box))
            elif question := cli.question(self._box, line):
                self._write(question)
                if (await self._line() or "").lower() == "n":
                    await self._show(self._answer(line))
                else:
                    self._write("Error: Permission denied.\n")
            elif line:
                await self._show(self._answer(line))

    def _answer(self, line: str) -> str:
        view = View(self._box, self._whole, time.time(), self._privileged)
        return cli.answer(view, line)

    async def _escalate(self) -> None:
        if self._enable and not self._privileged:
            self._write("Password: ")
            if await self._line(echo=False) != self._enable:
                self._write("% Access denied\n" if self._box.family == "cisco" else "% Bad secret\n")
                return
        self._privileged = True

    async def _show(self, text: str) -> None:
        if not self._paging:
            await self._pour(text)
            return
        more = _MORE[self._box.family]
        for number, page in enumerate(_pages(text, self._process.get_terminal_size()[1] or _PAGE)):
            if number:
                self._write(more)
                key = await self._key()
                self._write("\r" + " " * len(more) + "\r")
                if key in (b"q", b"Q", b"\x03", b""):
                    return
            self._write(page)

    async def _pour(self, text: str) -> None:
        for start in range(0, len(text), _CHUNK):
            if start:
                await asyncio.sleep(_PAUSE_S)
            self._write(text[start : start + _CHUNK])
            await self._process.stdout.drain()

    def _write(self, text: str) -> None:
        self._process.stdout.write(text.replace("\r\n", "\n").replace("\n", "\r\n").encode())

    async def _key(self) -> bytes:
        """One byte; empty at the end of the session. What the client says of its window is passed over."""
        while not self._waiting:
            try:
                self._waiting = await self._process.stdin.read(1024)
            except (asyncssh.TerminalSizeChanged, asyncssh.BreakReceived):
                continue
            except asyncssh.SignalReceived:
                return b""
            if not self._waiting:
                return b""
        key, self._waiting = self._waiting[:1], self._waiting[1:]
        return key

    async def _line(self, *, echo: bool = True) -> str | None:
        """What was typed until Enter; None at the end of the session."""
        typed = b""
        while True:
            key = await self._key()
            if key in (b"", b"\x04"):
                return None
            if key in (b"\r", b"\n"):
                if key == b"\r" and self._waiting.startswith(b"\n"):
                    self._waiting = self._waiting[1:]
                self._write("\n")
                return typed.decode("utf-8", "replace").strip()
            if key == b"\x03":
                typed = b""
                self._write("^C\n" + self._prompt())
            elif key in (b"\x08", b"\x7f"):
                if typed and echo:
                    self._process.stdout.write(b"\x08 \x08")
                typed = typed[:-1]
            elif key >= b" " and len(typed) < _LONGEST_LINE:
                typed += key
                if echo:
                    self._process.stdout.write(key)


def _pages(text: str, height: int) -> Iterator[str]:
    lines = text.splitlines(keepends=True)
    for start in range(0, len(lines), height - 1):
        yield "".join(lines[start : start + height - 1])
