"""A few UDP sockets for many conversations: read until empty at every turn of the loop, which asyncio's own do not."""

import asyncio
import contextlib
import errno
import socket
import struct
from collections.abc import Callable

Address = tuple[str, int]
_BUFFER = 8 << 20  # 500 devices in flight overrun the default 208 kB; the kernel gives what it allows
_LARGEST = 65_536
_RECVERR = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}
_MSG_ERRQUEUE = 0x2000
_AT_ONCE = 256  # datagrams read in one turn, so that a flood does not hold the loop


class Sockets:
    """`arrived(datagram, (address, port))` is called for each datagram, `refused((address, port))` for each of ours
    that a host returned because nothing listens there (ICMP port unreachable)."""

    def __init__(
        self, arrived: Callable[[bytes, Address], None], refused: Callable[[Address], None], each: int = 2
    ) -> None:
        self._arrived = arrived
        self._refused = refused
        self._each = each
        self._open: dict[socket.AddressFamily, list[socket.socket]] = {}
        self._space = bytearray(_LARGEST)
        self._view = memoryview(self._space)

    def send(self, data: bytes, address: Address) -> None:
        """Raises OSError."""
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        sockets = self._open.get(family) or self._create(family)
        one = sockets[hash(address) % len(sockets)]
        with contextlib.suppress(BlockingIOError):  # a full send buffer is a lost datagram: it is asked again
            try:
                one.sendto(data, address)
            except ConnectionRefusedError:  # about an earlier datagram, to whomever
                self._read_errors(one)
                one.sendto(data, address)

    def drain(self) -> None:
        """Read whatever has arrived already."""
        for sockets in self._open.values():
            for one in sockets:
                self._read(one)

    def close(self) -> None:
        loop = asyncio.get_running_loop()
        for sockets in self._open.values():
            for one in sockets:
                loop.remove_reader(one)
                one.close()
        self._open.clear()

    def _create(self, family: socket.AddressFamily) -> list[socket.socket]:
        loop = asyncio.get_running_loop()
        made: list[socket.socket] = []
        self._open[family] = made
        for _ in range(self._each):
            one = socket.socket(family, socket.SOCK_DGRAM)
            one.setblocking(False)
            _widen(one)
            with contextlib.suppress(OSError):
                one.setsockopt(*_RECVERR[family], 1)
            one.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", 0))
            loop.add_reader(one, self._read, one)
            made.append(one)
        return made

    def _read(self, one: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            try:
                n, sender = one.recvfrom_into(self._space)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self._read_errors(one)
                continue
            self._arrived(bytes(self._view[:n]), (sender[0], sender[1]))

    def _read_errors(self, one: socket.socket) -> None:
        """The queue of ICMP errors (ip(7), IP_RECVERR): whose address was refused."""
        for _ in range(_AT_ONCE):
            try:
                _, ancillary, _, asked = one.recvmsg(64, 512, _MSG_ERRQUEUE)
            except OSError:
                return
            codes = [struct.unpack_from("=I", data)[0] for _, _, data in ancillary if len(data) >= 4]  # ee_errno
            if errno.ECONNREFUSED in codes and asked:
                self._refused((asked[0], asked[1]))


def _widen(one: socket.socket) -> None:
    force = getattr(socket, "SO_RCVBUFFORCE", 33)
    try:
        one.setsockopt(socket.SOL_SOCKET, force, _BUFFER)
    except OSError:  # needs CAP_NET_ADMIN
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
