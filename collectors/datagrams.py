"""A UDP port that is listened on, for syslog and for traps alike."""

import asyncio
import errno
import socket
import time
from collections.abc import Callable
from typing import Any

from agent.errors import ListenError
from collectors.inbox import Inbox

RECEIVE_BUFFER = 8 * 1024 * 1024  # octets asked of the kernel, which may give less to an unprivileged process
TURN_S = 0.01  # seconds of handling before the loop may do something else

Address = tuple[str, int]
Take = Callable[[str, bytes, tuple[Any, ...]], None]  # source address, datagram, where an answer would go


class DatagramPort(asyncio.DatagramProtocol):
    """Receives into an inbox and hands on from the event loop, never from the socket.

    An exception of the receiver goes to the loop's exception handler and costs that datagram, not the listener.
    """

    def __init__(self, what: str, host: str, port: int) -> None:
        self.address: Address = (host, port)
        self.inbox: Inbox[tuple[bytes, tuple[Any, ...]]] = Inbox()
        self._what = what
        self._take: Take | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._scheduled = False

    async def open(self, take: Take) -> None:
        loop = asyncio.get_running_loop()
        self._take = take
        try:
            opened = _socket(*self.address)
        except OSError as error:
            raise ListenError(_sentence(self._what, self.address, error)) from error
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=opened)
        self.address = opened.getsockname()[:2]

    def close(self) -> None:
        """What waits is handed on first."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None
            while self._take is not None and len(self.inbox):
                self._turn()
        self._take = None

    def send(self, datagram: bytes, to: tuple[Any, ...]) -> None:
        if self._transport is not None:
            self._transport.sendto(datagram, to)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self.inbox.put(str(addr[0]).removeprefix("::ffff:"), (data, addr))
        self._schedule()

    def error_received(self, exc: Exception) -> None:
        """An ICMP error about an answer of ours: no concern of a listener."""

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self._scheduled = False
        try:
            end = time.monotonic() + TURN_S
            while time.monotonic() < end:
                waiting = self.inbox.take()
                if waiting is None or self._take is None:
                    return
                source, (datagram, address) = waiting
                self._take(source, datagram, address)
        finally:
            if len(self.inbox) and self._transport is not None:
                self._schedule()


def _socket(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    opened = socket.socket(family, kind, protocol)
    try:
        opened.setblocking(False)
        for option in (getattr(socket, "SO_RCVBUFFORCE", 33), socket.SO_RCVBUF):  # 33: Linux; needs CAP_NET_ADMIN
            try:
                opened.setsockopt(socket.SOL_SOCKET, option, RECEIVE_BUFFER)
                break
            except OSError:
                continue
        opened.bind(address)
    except OSError:
        opened.close()
        raise
    return opened


def _sentence(what: str, address: Address, error: OSError) -> str:
    where = f"UDP port {address[1]} on {address[0] or 'all addresses'}"
    if error.errno == errno.EADDRINUSE:
        return f"Cannot listen for {what}: {where} is taken by another program. Stop it, or choose another port."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Cannot listen for {what}: {where} is not permitted. Ports below 1024 need root; choose a higher one."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"Cannot listen for {what}: {address[0]} is not an address of this machine."
    return f"Cannot listen for {what} on {where}: {error.strerror or error}."
