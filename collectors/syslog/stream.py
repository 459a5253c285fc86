"""Listens for syslog over TCP (RFC 6587) and over TLS (RFC 5425).

A stream can be slowed down, so nothing of it is dropped: a source of more than RATE lines a second is read when the
second is over, and so is everybody while the agent has no room. Connections are few, and a stranger's fewer.
"""

import asyncio
import contextlib
import resource
import socket
import ssl
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from agent.errors import ListenError
from collectors.datagrams import PAUSE_S, TURN_S, Address, sentence
from collectors.syslog.framing import Framing

CHUNK = 16 * 1024  # octets handled before others have their turn
RATE = 5000  # lines a second of one source
CONNECTIONS = 1000  # at once, or a quarter of the files that the process may have open; strangers may hold half of them
PER_SOURCE = 20
HANDSHAKE_S = 10.0
FIRST_S = 60.0  # until a connection has said something
IDLE_S = 24 * 3600.0  # long, because many senders lose a line when they find a connection closed

Take = Callable[[str, bytes, datetime], None]  # source, line, arrival


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files. With `clients`, only who shows a certificate of that authority may send."""

    certificate: Path
    key: Path | None = None  # None: in the certificate's file
    clients: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Raises ListenError that names the file."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        for path in filter(None, (self.certificate, self.key, self.clients)):
            _readable(path)
        try:
            made.load_cert_chain(self.certificate, self.key, password=_no_password)
        except (ssl.SSLError, OSError, ValueError) as error:
            files = f"{self.certificate}" + (f" and {self.key}" if self.key else "")
            why = "they must be a PEM certificate and its own unencrypted key"
            raise ListenError(f"Cannot listen for syslog over TLS: {files} cannot be used: {why}.") from error
        if self.clients is not None:
            try:
                made.load_verify_locations(self.clients)
            except (ssl.SSLError, OSError) as error:
                why = "it must hold PEM certificates of an authority"
                raise ListenError(
                    f"Cannot listen for syslog over TLS: {self.clients} cannot be used: {why}."
                ) from error
            made.verify_mode = ssl.CERT_REQUIRED
        return made


def _no_password() -> bytes:
    """Asked for when a key is encrypted; without this OpenSSL would ask on the terminal."""
    raise ValueError("the key is encrypted")


def _readable(path: Path) -> None:
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ListenError(f"Cannot listen for syslog over TLS: {path} cannot be read: {why}.") from error


@dataclass(slots=True)
class _Pace:
    """What a source may still send in its second."""

    second: float = 0.0
    lines: int = 0

    def wait_s(self, lines: int, now: float) -> float:
        """Seconds to wait after so many lines more."""
        if now - self.second >= 1.0:
            self.second, self.lines = now, 0
        self.lines += lines
        return 0.0 if self.lines <= RATE else self.second + self.lines / RATE - now


@dataclass(slots=True)
class _Peer:
    connections: int = 0
    pace: _Pace = field(default_factory=_Pace)


class StreamPort:
    """One TCP port; with `certificates` it speaks TLS."""

    def __init__(
        self,
        host: str,
        port: int,
        known: Callable[[str], bool] = lambda _: True,
        ready: Callable[[], bool] = lambda: True,
        certificates: Certificates | None = None,
    ) -> None:
        self.address: Address = (host, port)
        self.refused = Counter[str]()  # why: how many connections
        self.cut = 0  # lines longer than is kept
        self._known = known
        self._ready = ready
        self._certificates = certificates
        self._context: ssl.SSLContext | None = None
        self._take: Take | None = None
        self._server: asyncio.Server | None = None
        self._peers: dict[str, _Peer] = {}
        self._strangers = 0
        self._room = CONNECTIONS
        self._turn = asyncio.Lock()  # fair: who waits longest is next
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, take: Take) -> None:
        """Raises ListenError."""
        self._take = take
        self._room = _room()
        if self._certificates is not None:
            self._context = self._certificates.context()
        what = "syslog over TLS" if self._context else "syslog"
        try:
            self._server = await asyncio.start_server(self._connected, *self.address, limit=CHUNK, reuse_address=True)
        except OSError as error:
            raise ListenError(sentence(what, "TCP", self.address, error)) from error
        self.address = self._server.sockets[0].getsockname()[:2]

    async def close(self) -> None:
        """What was read is handed on; connections are closed."""
        if self._server is None:
            return
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._server = None

    # ------------------------------------------------------------ one connection

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            await self._serve(reader, writer)
        except asyncio.CancelledError:
            return  # by `close`; asyncio would log it as an error of the server
        finally:
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told = writer.get_extra_info("peername")
        if not told:
            return  # gone already
        source = str(told[0]).removeprefix("::ffff:")
        with self._counted(source) as peer:
            if peer is None:
                return
            _keep_alive(writer)
            try:
                if self._context is not None:
                    await writer.start_tls(self._context, ssl_handshake_timeout=HANDSHAKE_S)
                await self._read(reader, source, peer)
            except ssl.SSLError:
                self.refused["tls"] += 1
            except (OSError, TimeoutError):
                return

    @contextlib.contextmanager
    def _counted(self, source: str) -> Iterator[_Peer | None]:
        """The peer, with this connection counted; None when there is no room for it."""
        stranger = not self._known(source)
        peer = self._peers.get(source) or _Peer()
        every = sum(each.connections for each in self._peers.values())
        crowded = every >= self._room or (stranger and self._strangers >= self._room // 2)
        if crowded or peer.connections >= PER_SOURCE:
            self.refused["crowded"] += 1
            yield None
            return
        self._peers[source] = peer
        peer.connections += 1
        self._strangers += stranger
        try:
            yield peer
        finally:
            peer.connections -= 1
            self._strangers -= stranger
            if not peer.connections:
                self._peers.pop(source, None)

    async def _read(self, reader: asyncio.StreamReader, source: str, peer: _Peer) -> None:
        framing, patience, lines = Framing(), FIRST_S, deque[bytes]()
        try:
            while octets := await asyncio.wait_for(reader.read(CHUNK), patience):
                patience = IDLE_S
                lines.extend(framing.feed(octets))
                count = len(lines)
                while lines:
                    await self._have_a_turn(source, lines)
                await asyncio.sleep(peer.pace.wait_s(count, time.monotonic()))
        finally:
            self._hand_on(source, [*lines, *framing.end()])
            self.cut += framing.cut

    async def _have_a_turn(self, source: str, lines: deque[bytes]) -> None:
        """One connection at a time, for as long as there is room: what streams fill, datagrams are dropped for."""
        async with self._turn:
            while not self._ready():  # noqa: ASYNC110  # it is asked, it cannot tell
                await asyncio.sleep(PAUSE_S)
            end = time.monotonic() + TURN_S
            while lines and self._ready() and time.monotonic() < end:
                self._hand_on(source, [lines.popleft()])
            await asyncio.sleep(0)

    def _hand_on(self, source: str, lines: list[bytes]) -> None:
        arrived = datetime.now(UTC)
        for line in lines:
            try:
                if self._take is not None:
                    self._take(source, line, arrived)
            except Exception as error:  # costs that line, not the connection
                told = {"message": "a line of syslog could not be handed on", "exception": error}
                asyncio.get_running_loop().call_exception_handler(told)


def _room() -> int:
    """Connections at once. Whoever holds them must not take the files that polls and the database need."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return CONNECTIONS if files == resource.RLIM_INFINITY else min(CONNECTIONS, files // 4)


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    """So that a sender that vanished does not hold its connection for a day."""
    opened = writer.get_extra_info("socket")
    with contextlib.suppress(OSError, AttributeError):
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 300)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 60)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 5)
