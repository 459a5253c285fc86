"""A UDP port that is listened on, for syslog and for traps alike."""

import asyncio
import errno
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from agent.errors import ListenError
from collectors import reader, shedding
from collectors.fairness import FairQueue, Limits, Storm

RECEIVE_BUFFER = 32 * 1024 * 1024  # octets asked of the kernel, which may give less to an unprivileged process
SIZE = 8192  # octets read of a datagram
TURN_S = 0.01  # seconds of handling before the loop may do something else
PAUSE_S = 0.05  # seconds until a receiver that was not ready is asked again

Address = tuple[str, int]
Take = Callable[[str, bytes, tuple[Any, ...], datetime], None]  # source, datagram, where an answer goes, arrival


class DatagramPort:
    """A thread reads and admits (`collectors.fairness`), the event loop hands on: the sources in turn.

    Of a source that sends twice its rate the kernel drops the most (`collectors.shedding`).

    While `ready` says no, datagrams wait where each source has its share. An exception of the receiver goes to the
    loop's exception handler and costs that datagram, not the listener.
    """

    def __init__(
        self,
        what: str,
        host: str,
        port: int,
        known: Callable[[str], bool] = lambda _: True,
        limits: Limits | None = None,
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self.address: Address = (host, port)
        self.queue: FairQueue[tuple[bytes, tuple[Any, ...], datetime]] = FairQueue(limits, known)
        self._what = what
        self._ready = ready
        self._take: Take | None = None
        self._told: Callable[[Storm], None] = lambda _: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._socket: socket.socket | None = None
        self._reader: reader.Reader | None = None
        self._scheduled = False
        self._tick: asyncio.TimerHandle | None = None
        self._lost = 0  # the kernel's count that is already in the queue's
        self._shedder = shedding.Shedder(self.queue.limits.rate)
        self._shedding = threading.Lock()

    @property
    def dropped(self) -> int:
        """Datagrams that came and were not kept, here or in the kernel."""
        return self.queue.dropped

    async def open(self, take: Take, told: Callable[[Storm], None] = lambda _: None) -> None:
        """`told` hears of every storm that begins or ends. Raises ListenError."""
        self._loop, self._take, self._told = asyncio.get_running_loop(), take, told
        try:
            self._socket = _socket(*self.address)
        except OSError as error:
            raise ListenError(sentence(self._what, "UDP", self.address, error)) from error
        self.address = self._socket.getsockname()[:2]
        self._lost = reader.lost(self._socket)
        self._reader = reader.Reader(self._socket, SIZE, self._admit, self._what)
        self._look()

    def close(self) -> None:
        """What waits is handed on first."""
        if self._reader is None or self._socket is None:
            return
        self._reader.stop()
        self._reader = None
        self._count_lost(time.monotonic())
        while self._take is not None and len(self.queue):
            self._hand_on()
        for storm in self.queue.storms(float("inf")):
            self._told(storm)
        if self._tick is not None:
            self._tick.cancel()
        self._socket.close()
        self._socket = self._take = None

    def send(self, datagram: bytes, to: tuple[Any, ...]) -> None:
        """An answer. What cannot be sent is as good as lost on the way."""
        if self._socket is not None:
            try:
                self._socket.sendto(datagram, to)
            except OSError:
                return

    # ------------------------------------------------------------ on the reader's thread

    def _admit(self, datagrams: reader.Datagrams) -> None:
        now, arrived = time.monotonic(), datetime.now(UTC)
        for address, datagram in datagrams:
            self.queue.offer(address[0].removeprefix("::ffff:"), (datagram, address, arrived), now)
        if self.queue.loud:
            self._shed_loud(now)
        if not self._scheduled and self._loop is not None:
            self._scheduled = True
            try:
                self._loop.call_soon_threadsafe(self._turn)
            except RuntimeError:  # the loop was closed before the port
                return

    def _shed_loud(self, now: float) -> None:
        with self._shedding:
            loud, self.queue.loud = self.queue.loud, {}
            come = self.queue.come(loud)
            begun = [s for s, a_second in loud.items() if self._shedder.begin(s, a_second, come[s], now)]
            if begun and self._socket is not None:
                shedding.attach(self._socket, self._shedder.one_in)

    # ------------------------------------------------------------ on the event loop

    def _turn(self) -> None:
        self._scheduled = False
        if self._take is None or self._loop is None:
            return
        try:
            self._hand_on()
        finally:
            if len(self.queue) and not self._scheduled:
                self._scheduled = True
                self._loop.call_later(0 if self._ready() else PAUSE_S, self._turn)

    def _hand_on(self) -> None:
        end = time.monotonic() + TURN_S
        while self._take is not None and time.monotonic() < end and (self._ready() or self._reader is None):
            waiting = self.queue.take()
            if waiting is None:
                return
            source, (datagram, address, arrived) = waiting
            self._take(source, datagram, address, arrived)

    def _look(self) -> None:
        """Every second: what the kernel lost, and which storms are to be told."""
        now = time.monotonic()
        self._count_lost(now)
        for storm in self.queue.storms(now):
            self._told(storm)
        if self._loop is not None:
            self._tick = self._loop.call_later(1.0, self._look)

    def _count_lost(self, now: float) -> None:
        if self._socket is None:
            return
        with self._shedding:
            total = reader.lost(self._socket)
            lost, self._lost = (total - self._lost) % 2**32, total
            if self._shedder.one_in:
                shares = self._shedder.adjust(self.queue.come(self._shedder.one_in), lost, now)
                shedding.attach(self._socket, self._shedder.one_in)
                for source, count in shares.items():
                    self.queue.lost(count, now, source)
                lost -= sum(shares.values())
            self.queue.lost(lost, now)


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


def sentence(what: str, protocol: str, address: Address, error: OSError) -> str:
    """Why nothing can be listened for there, and what to do."""
    where = f"{protocol} port {address[1]} on {address[0] or 'all addresses'}"
    if error.errno == errno.EADDRINUSE:
        return f"Cannot listen for {what}: {where} is taken by another program. Stop it, or choose another port."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Cannot listen for {what}: {where} is not permitted. Ports below 1024 need root; choose a higher one."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"Cannot listen for {what}: {address[0]} is not an address of this machine."
    return f"Cannot listen for {what} on {where}: {error.strerror or error}."
