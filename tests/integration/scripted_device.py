"""A device that speaks SSH as it is told to: prompts, echo, paging, enable, and faults in the middle. Loopback only."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import asyncssh

Answer = str | bytes | Callable[["Line"], Awaitable[None]]
USER, PASSWORD = "netops", "let-me-in-77"


@dataclass
class Script:
    """`answers` by command; an empty `enable` means that login is privileged already."""

    prompt: str = "sw1#"
    answers: dict[str, Answer] = field(default_factory=dict)
    enable: str = ""
    page: int = 0  # lines
    pager: bytes = b" --More-- "
    erase: bytes = b"\x08" * 10 + b" " * 10 + b"\x08" * 10
    unknown: str = "% Invalid input detected"
    drop_after_login: bool = False
    banner: Answer = b"\r\nWelcome\r\n"
    press: bytes = b""  # asks for a key, behind the banner
    enable_takes_s: float = 0.0
    closes_after: int = 0  # commands of a session; the next one it hears ends the connection
    first_login_only: bool = False  # afterwards nobody is let in
    key_types: tuple[str, ...] = ("ssh-ed25519",)
    logins: int = 0
    heard: list[str] = field(default_factory=list)
    connections: set = field(default_factory=set)


class Line:
    """The terminal of one session."""

    def __init__(self, process, script: Script) -> None:
        self.process, self.script = process, script
        self.prompt = script.prompt.replace("#", ">") if script.enable else script.prompt

    async def run(self) -> None:
        if callable(self.script.banner):
            await self.script.banner(self)
        else:
            self.process.stdout.write(self.script.banner)
        if self.script.press:
            self.process.stdout.write(self.script.press)
            await self.process.stdin.read(1)
            self.process.stdout.write(b"\r\n")
        self.process.stdout.write(self.prompt.encode())
        answered = 0
        while (command := await self.read()) is not None:
            self.script.heard.append(command)
            if command in ("exit", "quit"):
                break
            if command == "enable" and self.script.enable:
                await self._enable()
            elif command:
                if self.script.closes_after and command in self.script.answers:
                    if answered == self.script.closes_after:
                        self.process.channel.get_connection().abort()
                        return
                    answered += 1
                await self._answer(command)
            self.process.stdout.write(self.prompt.encode())
        self.process.exit(0)

    async def read(self, *, echo: bool = True) -> str | None:
        text = b""
        while True:
            key = await self.process.stdin.read(1)
            if not key:
                return None
            if key in b"\r\n":
                self.process.stdout.write(b"\r\n")
                return text.decode()
            if key == b"\x03":
                self.process.stdout.write(b"^C\r\n")
                return ""
            text += key
            if echo:
                self.process.stdout.write(key)

    async def _enable(self) -> None:
        for _ in range(3):
            self.process.stdout.write(b"Password: ")
            given = await self.read(echo=False)
            await asyncio.sleep(self.script.enable_takes_s)
            if given == self.script.enable:
                self.prompt = self.prompt.replace(">", "#")
                return
        self.process.stdout.write(b"% Bad secrets\r\n\r\n")

    async def _answer(self, command: str) -> None:
        if command.startswith(("terminal ", "screen-length", "set cli")):
            return
        answer = self.script.answers.get(command, self.script.unknown + "\n")
        if callable(answer):
            await answer(self)
            return
        raw = answer if isinstance(answer, bytes) else answer.encode()
        lines = raw.replace(b"\r\n", b"\n").split(b"\n")
        for number, line in enumerate(lines[:-1], 1):
            self.process.stdout.write(line + b"\r\n")
            if self.script.page and number % self.script.page == 0 and number < len(lines) - 1:
                self.process.stdout.write(self.script.pager)
                if await self.process.stdin.read(1) == b"q":
                    break
                self.process.stdout.write(self.script.erase)
        self.process.stdout.write(lines[-1])


class _Server(asyncssh.SSHServer):
    def __init__(self, script: Script) -> None:
        self.script = script

    def connection_made(self, connection) -> None:
        self.script.logins += 1
        self.script.connections.add(connection)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        if self.script.first_login_only and self.script.logins > 1:
            return False
        return (username, password) == (USER, PASSWORD)


class Device:
    """`async with Device(script) as device:` listens on `device.port`, with the host key `device.key`."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.keys = [asyncssh.generate_private_key(kind) for kind in script.key_types]
        self.key = self.keys[0]
        self.port = 0

    async def __aenter__(self) -> "Device":
        async def serve(process) -> None:
            if self.script.drop_after_login:
                process.channel.get_connection().abort()
                return
            with contextlib.suppress(asyncssh.Error, OSError, asyncio.CancelledError):
                await Line(process, self.script).run()

        self._acceptor = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=self.keys,
            server_factory=lambda: _Server(self.script),
            process_factory=serve,
            encoding=None,
            line_editor=False,
        )
        self.port = self._acceptor.get_port()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._acceptor.close()
        for connection in self.script.connections:
            connection.abort()
            await connection.wait_closed()
        await self._acceptor.wait_closed()

    def known_hosts_line(self, key: int = 0) -> str:
        public = self.keys[key].export_public_key().decode().strip()
        return f"[127.0.0.1]:{self.port} {public}\n"
