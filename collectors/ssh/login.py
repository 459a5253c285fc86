"""Logs in with netmiko, which knows how each platform turns its paging off, and makes sure of the prompt itself.

netmiko takes a `#` in a banner for a prompt, and a question that is asked again for silence; so the banner is read to
its end before netmiko begins, and enable and the prompt are asked for on the bare channel.
"""

import logging
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.cases.outcome import Outcome
from collectors.ssh import commands, terminal
from collectors.ssh.doors import CONNECT_S, Door, LoginError, Policy, Way, border, explained

READ_S = 20.0  # for what netmiko reads while it prepares the session
ENABLE_S = 30.0  # for the answer to enable, which may wait for a TACACS+ server
SILENT_S = 0.3  # after a banner, before it is believed to be over
ASKED_S = 0.2  # after a prompt that was asked for; it must come twice
WORDLESS_S = 5.0  # a server that says nothing so long waits for us to press a key
KEEPALIVE_S = 15
LONGEST_BANNER = 1_000_000  # octets
MOST_KEYS = 20  # pressed for one banner

_PROMPT = re.compile(rb"[^\r\n]{0,120}[>#$%\])]\s{0,4}\Z")
_PRESS = re.compile(
    rb"(?:press|hit|strike|push)\b[^\r\n]{0,60}\b(?:any key|enter|return|key)\b[^\r\n]{0,60}\Z", re.IGNORECASE
)
_PASSWORD = re.compile(rb"assword:?\s{0,4}\Z")

logging.getLogger("paramiko").addHandler(logging.NullHandler())  # else it prints tracebacks where logging is not set up


@dataclass(frozen=True, slots=True)
class Login:
    """Where and how, with the secrets resolved. Its `repr` shows none of them."""

    platform: str
    door: Door
    hops: tuple[Door, ...] = ()
    enable: str = field(default="", repr=False)

    @property
    def secrets(self) -> list[str]:
        """What must never come back in a transcript."""
        return [self.enable, *(s for door in (self.door, *self.hops) for s in (door.password, door.passphrase))]


class Line:
    """An open, prepared, privileged session: paging off, `prompt` is what stands before the cursor."""

    def __init__(self, connection: Any, way: Way, prompt: bytes) -> None:
        self.channel = connection.remote_conn
        self.prompt = prompt
        self._connection = connection
        self._way = way

    def close(self) -> None:
        _close(self._connection, self._way)


def connect(login: Login, own: Path | None = None, *, enable: bool) -> Line:
    """`own` is the agent's file of known host keys. Raises LoginError."""
    way = Way(login.hops, login.door, own)
    connection: Any = None
    try:
        connection = _netmiko(login, way, own)
        connection._open()
        channel = connection.remote_conn
        prompt = ask_prompt(channel)
        if enable and login.enable and not prompt.endswith(b"#"):
            _privilege(channel, login)
            prompt = ask_prompt(channel)
    except border() as error:
        _close(connection, way)
        raise explained(login.door, error, login.platform) from error
    except BaseException:
        _close(connection, way)
        raise
    return Line(connection, way, prompt)


def _close(connection: Any, way: Way) -> None:
    with suppress(OSError, EOFError, ValueError, AttributeError):
        if connection is not None:
            connection.paramiko_cleanup()
    way.close()


def _netmiko(login: Login, way: Way, own: Path | None) -> Any:
    """netmiko's connection, not opened yet. Host keys, jump hosts and the banner are ours."""
    import netmiko

    access, policy = login.door.access, Policy(login.door, own)
    connection: Any = netmiko.ConnectHandler(
        device_type=commands.of(login.platform).login or login.platform,
        **commands.of(login.platform).arguments,
        host=login.door.address,
        port=access.port,
        username=access.username,
        password=login.door.password or None,
        pkey=login.door.key(),
        sock=way.sock,
        conn_timeout=CONNECT_S,
        auth_timeout=CONNECT_S,
        banner_timeout=CONNECT_S,
        read_timeout_override=READ_S,
        keepalive=KEEPALIVE_S,
        allow_agent=access.ssh_agent,
        auto_connect=False,
    )
    connection.key_policy = policy
    build, greet = connection._build_ssh_client, connection.special_login_handler

    def client() -> Any:
        made = build()
        made.connect = _with(made.connect, transport_factory=policy.transport)
        return made

    def greeted(*arguments: Any, **options: Any) -> None:
        asked = _last_line(read_banner(connection.remote_conn))  # netmiko may take what stands before for a prompt
        connection._read_buffer += asked.decode("utf-8", "replace")
        greet(*arguments, **options)

    connection._build_ssh_client, connection.special_login_handler = client, greeted
    return connection


def _with(call: Any, **more: Any) -> Any:
    return lambda *arguments, **options: call(*arguments, **options, **more)


# ---------------------------------------------------------------- on the bare channel


def read_banner(channel: Any) -> bytes:
    """All that comes before the first prompt. Pages are turned, and keys pressed where the banner asks for one."""
    said, pressed, begun = b"", 0, time.monotonic()
    while time.monotonic() - begun < READ_S and len(said) < LONGEST_BANNER:
        more = _until_silent(channel, SILENT_S, SILENT_S if said else WORDLESS_S)
        said += more
        tail = terminal.without_colours(said[-4096:])
        if pressed < MOST_KEYS and more and (key := _asked_key(tail)):
            channel.sendall(key)
            said, pressed = said + b"\n", pressed + 1
        elif not more or _PROMPT.search(tail):
            break
    return said


def _asked_key(tail: bytes) -> bytes:
    if terminal.PAGER.search(tail):
        return b" "
    return b"\n" if _PRESS.search(tail) else b""


def ask_prompt(channel: Any) -> bytes:
    """What stands before the cursor, said twice in a row: a late line of a banner is no prompt. Raises LoginError."""
    before = b""
    for _ in range(6):
        channel.sendall(b"\n")
        said = _last_line(_until_silent(channel, ASKED_S, READ_S))
        if said and said == before:
            return said
        before = said
    raise ValueError("no prompt came back twice")


def _last_line(raw: bytes) -> bytes:
    lines = [line.strip() for line in re.split(rb"[\r\n]+", terminal.without_colours(raw))]
    return next((line for line in reversed(lines) if line), b"")


def _privilege(channel: Any, login: Login) -> None:
    """A device that takes a wrong secret asks again, or says no and shows its prompt: both are told at once."""
    channel.sendall(b"enable\n")
    said = _until(channel, _PASSWORD)
    if _PASSWORD.search(said):
        channel.sendall(login.enable.encode() + b"\n")
        said = _until(channel, _PASSWORD)
    if not said:
        raise ValueError("no prompt came back from enable")
    if not said.rstrip().endswith(b"#"):
        raise LoginError(f"{login.door} let us in, but did not accept the enable secret.", Outcome.WRONG_ENABLE)


def _until(channel: Any, question: re.Pattern[bytes]) -> bytes:
    """The end of what came, up to the question or a prompt, and silence; empty where neither came."""
    said, begun = b"", time.monotonic()
    while time.monotonic() - begun < ENABLE_S:
        more = _until_silent(channel, ASKED_S)
        said = (said + more)[-65_536:]
        tail = terminal.without_colours(said[-4096:])
        if not more and (question.search(tail) or re.search(rb"[\r\n][^\r\n]*[>#]\s*\Z", tail)):
            return tail
    return b""


def _until_silent(channel: Any, silence: float, first: float | None = None) -> bytes:
    """What comes until nothing came for so long; the first octet may take `first` seconds. EOFError when it closes."""
    said, begun = b"", time.monotonic()
    while len(said) < LONGEST_BANNER and time.monotonic() - begun < READ_S:
        channel.settimeout(silence if said else first or silence)
        try:
            chunk = channel.recv(65_536)
        except TimeoutError:
            break
        if not chunk:
            raise EOFError
        said += chunk
    return said
