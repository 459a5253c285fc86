"""A few UDP sockets for many conversations: read until empty at every turn of the loop, which asyncio's own do not.

A socket's receive buffer bounds how many answers may come at once; past it the kernel drops them, and a healthy device
looks dead. So each socket carries as many questions as its buffer holds answers, and one more is opened when all do.
"""

import asyncio
import contextlib
import errno
import socket
import struct
from collections.abc import Callable

Address = tuple[str, int]
BUFFER = 8 << 20  # asked for; without CAP_NET_ADMIN the kernel gives some 400 kB
_ANSWER = 16_384  # of the buffer: an answer of 4 to 8 kB with the kernel's own share
_LARGEST = 65_536
_RECVERR = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}
_MSG_ERRQUEUE = 0x2000
_AT_ONCE = 256  # datagrams read in one turn, so that a flood does not hold the loop


class Line:
    """A socket and how many answers it waits for."""

    __slots__ = ("room", "socket", "waiting")

    def __init__(self, one: socket.socket) -> None:
        self.socket = one
        self.waiting = 0
        self.room = max(4, one.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // _ANSWER)


class Sockets:
    """`arrived(datagram, (address, port))` is called for each datagram, `refused((address, port))` for each of ours
    that a host returned because nothing listens there (ICMP port unreachable)."""

    def __init__(
        self,
        arrived: Callable[[bytes, Address], None],
        refused: Callable[[Address], None],
        most: int = 64,
        buffer: int = BUFFER,
    ) -> None:
        """`buffer`: octets of receive buffer asked for; 0 leaves the system's default."""
        self._arrived = arrived
        self._refused = refused
        self._most = most
        self._buffer = buffer
        self._open: dict[socket.AddressFamily, list[Line]] = {}
        self._space = bytearray(_LARGEST)
        self._view = memoryview(self._space)

    def __len__(self) -> int:
        return sum(map(len, self._open.values()))

    def send(self, data: bytes, address: Address) -> Line:
        """The line on which the answer will come; `done` gives it back. Raises OSError."""
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        line = self._free(family)
        with contextlib.suppress(BlockingIOError):  # a full send buffer is a lost datagram: it is asked again
            try:
                line.socket.sendto(data, address)
            except ConnectionRefusedError:  # about an earlier datagram, to whomever
                self._read_errors(line.socket)
                line.socket.sendto(data, address)
        line.waiting += 1
        return line

    def done(self, line: Line) -> None:
        line.waiting -= 1

    def drain(self) -> None:
        """Read whatever has arrived already."""
        for lines in self._open.values():
            for line in lines:
                self._read(line, to_the_end=True)

    def close(self) -> None:
        loop = asyncio.get_running_loop()
        for lines in self._open.values():
            for line in lines:
                loop.remove_reader(line.socket)
                line.socket.close()
        self._open.clear()

    def _free(self, family: socket.AddressFamily) -> Line:
        """The first with room, so that few of them have anything to read in one turn of the loop."""
        lines = self._open.setdefault(family, [])
        for line in lines:
            if line.waiting < line.room:
                return line
        if len(lines) < self._most:
            lines.append(self._create(family))
            return lines[-1]
        return min(lines, key=lambda line: line.waiting)

    def _create(self, family: socket.AddressFamily) -> Line:
        one = socket.socket(family, socket.SOCK_DGRAM)
        one.setblocking(False)
        if self._buffer:
            _widen(one, self._buffer)
        with contextlib.suppress(OSError):
            one.setsockopt(*_RECVERR[family], 1)
        one.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", 0))
        line = Line(one)
        asyncio.get_running_loop().add_reader(one, self._read, line)
        return line

    def _read(self, line: Line, *, to_the_end: bool = False) -> None:
        """Until nothing is there, or nothing more is waited for: what else comes wakes the loop again."""
        one, space, view, arrived = line.socket, self._space, self._view, self._arrived
        for _ in range(_AT_ONCE):
            try:
                n, sender = one.recvfrom_into(space)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self._read_errors(one)
                continue
            arrived(bytes(view[:n]), sender[:2])
            if not (line.waiting or to_the_end):
                return

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


def _widen(one: socket.socket, buffer: int) -> None:
    force = getattr(socket, "SO_RCVBUFFORCE", 33)
    try:
        one.setsockopt(socket.SOL_SOCKET, force, buffer)
    except OSError:  # needs CAP_NET_ADMIN
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
