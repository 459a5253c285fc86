"""ICMP echo to many hosts over one socket a family, timed by the kernel.

Unprivileged datagram sockets where `net.ipv4.ping_group_range` holds our group, else raw ones, else nothing: then
`ping` raises NotPermittedError, because a host that was not asked is not down. (RFC 792, RFC 4443 §4)
"""

import asyncio
import contextlib
import ipaddress
import os
import socket
import struct
import time
from dataclasses import dataclass
from typing import Final

from agent.errors import UnavailableError

_SO_TIMESTAMPNS: Final = getattr(socket, "SO_TIMESTAMPNS", 35)
_REQUEST = {socket.AF_INET: 8, socket.AF_INET6: 128}
_REPLY = {socket.AF_INET: 0, socket.AF_INET6: 129}
_BUFFER = 4 << 20
_AT_ONCE = 256
Family = socket.AddressFamily


class NotPermittedError(UnavailableError):
    """The kernel permits neither kind of socket."""

    def __init__(self) -> None:
        super().__init__(
            "ICMP is not permitted: put our group into net.ipv4.ping_group_range, or give the process CAP_NET_RAW"
        )


@dataclass(slots=True)
class _Echo:
    answer: "asyncio.Future[float | None]"
    address: str
    sent_wall: float  # seconds; the kernel stamps by the same clock
    sent: float  # seconds, monotonic: holds when somebody sets the wall clock


class Pinger:
    """Belongs to the event loop it is started in."""

    def __init__(self) -> None:
        self._sockets: dict[Family, tuple[socket.socket, bool]] = {}  # (socket, raw)
        self._waiting: dict[int, _Echo] = {}
        self._sequence = 0
        self._token = os.urandom(8)  # a raw socket hears everybody's echoes: ours carry this
        self._id = int.from_bytes(os.urandom(2), "big")

    async def ping(self, address: str, within: float) -> float | None:
        """Round trip in milliseconds, or None after `within` seconds. Raises NotPermittedError."""
        loop = asyncio.get_running_loop()
        family, address = await _resolve(address)
        if not address:
            return None
        one, _ = self._sockets.get(family) or self._open(family)
        sequence = self._next()
        echo = _Echo(loop.create_future(), address, time.time(), time.perf_counter())
        self._waiting[sequence] = echo
        timer = loop.call_later(within, self._expire, echo)
        try:
            with contextlib.suppress(BlockingIOError):
                one.sendto(self._request(family, sequence), (address, 0))
            return await echo.answer
        except PermissionError:  # a firewall of our own host; nothing was asked
            raise NotPermittedError from None
        except OSError:  # no route: nothing can answer
            return None
        finally:
            timer.cancel()
            del self._waiting[sequence]

    def close(self) -> None:
        loop = asyncio.get_running_loop()
        for one, _ in self._sockets.values():
            loop.remove_reader(one)
            one.close()
        self._sockets.clear()

    def _open(self, family: Family) -> tuple[socket.socket, bool]:
        protocol = socket.IPPROTO_ICMP if family == socket.AF_INET else socket.IPPROTO_ICMPV6
        for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
            try:
                one = socket.socket(family, kind, protocol)
            except PermissionError:
                continue
            one.setblocking(False)
            with contextlib.suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            opened = self._sockets[family] = (one, kind == socket.SOCK_RAW)
            asyncio.get_running_loop().add_reader(one, self._read, one, family, opened[1])
            return opened
        raise NotPermittedError

    def _next(self) -> int:
        """A sequence number that no echo in flight has."""
        for _ in range(0x10000):
            self._sequence = (self._sequence + 1) & 0xFFFF
            if self._sequence not in self._waiting:
                return self._sequence
        raise UnavailableError("more than 65,536 echoes in flight")

    def _request(self, family: Family, sequence: int) -> bytes:
        """The kernel writes the identifier of a datagram socket, and the checksum of ICMPv6."""
        body = struct.pack("!HH", self._id, sequence) + self._token
        head = bytes((_REQUEST[family], 0))
        return head + (_checksum(head + b"\0\0" + body) if family == socket.AF_INET else b"\0\0") + body

    def _expire(self, echo: _Echo) -> None:
        for family, (one, raw) in self._sockets.items():
            self._read(one, family, raw)  # the reply may have been waiting while the loop was busy
        if not echo.answer.done():
            echo.answer.set_result(None)

    def _read(self, one: socket.socket, family: Family, raw: bool) -> None:
        for _ in range(_AT_ONCE):
            try:
                data, ancillary, _, sender = one.recvmsg(2048, 64)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue
            if raw and family == socket.AF_INET and data:
                data = data[(data[0] & 0x0F) * 4 :]  # raw IPv4 sockets hand over the IP header
            self._take(data, ancillary, str(sender[0]), family)

    def _take(self, data: bytes, ancillary: list[tuple[int, int, bytes]], sender: str, family: Family) -> None:
        if len(data) < 16 or data[0] != _REPLY[family] or data[8:16] != self._token:
            return
        echo = self._waiting.get(struct.unpack_from("!H", data, 6)[0])
        if echo is None or echo.answer.done() or sender.partition("%")[0] != echo.address:
            return
        took = time.perf_counter() - echo.sent
        stamped = _stamp(ancillary)
        if stamped is not None and 0 <= stamped - echo.sent_wall <= took:
            took = stamped - echo.sent_wall
        echo.answer.set_result(took * 1000)


async def _resolve(address: str) -> tuple[Family, str]:
    """(family, numeric address); an empty address when the name does not resolve."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(address, None, type=socket.SOCK_DGRAM)
        except OSError:
            return socket.AF_INET, ""
        return found[0][0], str(found[0][4][0])
    return (socket.AF_INET if parsed.version == 4 else socket.AF_INET6), str(parsed)


def _checksum(data: bytes) -> bytes:
    """RFC 1071."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    total += total >> 16
    return struct.pack("!H", ~total & 0xFFFF)


def _stamp(ancillary: list[tuple[int, int, bytes]]) -> float | None:
    """The kernel's time of arrival, seconds since the epoch."""
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(data) >= 16:
            seconds, nanoseconds = struct.unpack("@ll", data[:16])
            return float(seconds) + float(nanoseconds) / 1e9
    return None
