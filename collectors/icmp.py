"""ICMP echo to many hosts in one sweep: one socket a family, timed by the kernel, one timer for all.

Unprivileged datagram sockets where `net.ipv4.ping_group_range` holds our group, else raw ones, else nothing: then
asking raises NotPermittedError, because a host that was not asked is not down. (RFC 792, RFC 4443 §4)
"""

import asyncio
import contextlib
import heapq
import itertools
import os
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from agent.errors import UnavailableError

COUNT = 3  # echo requests a host
GAP_S = 0.05  # between two of them
_SO_TIMESTAMPNS: Final = getattr(socket, "SO_TIMESTAMPNS", 35)
_SOL_RAW, _FILTER = 255, 1  # linux/icmp.h: ICMP_FILTER, ICMPV6_FILTER
_REPLY = {socket.AF_INET: 0, socket.AF_INET6: 129}
_BUFFER = 4 << 20
_AT_ONCE = 64  # requests between two looks at what has come back; a stock socket buffer holds more replies than that
_TICK_S = 0.002
_HEADER, _NUMBERS, _STAMP = struct.Struct("!BBHHH8sII"), struct.Struct("!II"), struct.Struct("@ll")
Family = socket.AddressFamily


class NotPermittedError(UnavailableError):
    """The kernel permits neither kind of socket."""

    def __init__(self) -> None:
        super().__init__(
            "ICMP is not permitted: put our group into net.ipv4.ping_group_range, or give the process CAP_NET_RAW"
        )


@dataclass(frozen=True, slots=True)
class Echoes:
    """What came back of `sent` requests: round trips in milliseconds, in the order of sending."""

    sent: int
    rtts: tuple[float, ...] = ()

    @property
    def loss_pct(self) -> float:
        return 100 * (1 - len(self.rtts) / self.sent) if self.sent else 0.0

    @property
    def mean(self) -> float:
        return sum(self.rtts) / len(self.rtts)

    @property
    def jitter(self) -> float | None:
        """Mean difference between one round trip and the next (RFC 3550 §6.4.1, unsmoothed); None of fewer than two."""
        steps = [abs(after - before) for before, after in itertools.pairwise(self.rtts)]
        return sum(steps) / len(steps) if steps else None


@dataclass(slots=True)
class _Sweep:
    """Requests to hosts of one family. Request n goes to host n % hosts; it carries the sweep's number and its own."""

    number: int
    family: Family
    hosts: list[str]
    count: int
    gap: float
    within: float
    began: float  # seconds of the loop's clock
    done: "asyncio.Future[None]"
    sent: list[float] = field(default_factory=list)  # steady clock, by request
    requests: int = field(init=False)
    came: list[float] = field(init=False)  # round trips in milliseconds, by request; negative until the reply comes
    missing: int = field(init=False)

    def __post_init__(self) -> None:
        self.requests = self.missing = len(self.hosts) * self.count
        self.came = [-1.0] * self.requests

    def asked(self, request: int, address: str) -> bool:
        """Whether the request went there. The kernel may add a zone to an address of one link."""
        host = self.hosts[request % len(self.hosts)]
        return host == address or ("%" in address and host.partition("%")[0] == address.partition("%")[0])

    def due(self, now: float) -> float:
        """When to send the next request; after the last one, when to stop waiting."""
        if len(self.sent) < self.requests:
            return self.began + len(self.sent) // len(self.hosts) * self.gap
        return now + self.within

    def found(self) -> Iterator[tuple[str, Echoes]]:
        width = len(self.hosts)
        for n, host in enumerate(self.hosts):
            yield host, Echoes(self.count, tuple([rtt for rtt in self.came[n::width] if rtt >= 0]))


class Pinger:
    """Belongs to the event loop it is first used in."""

    def __init__(self) -> None:
        self._sockets: dict[Family, tuple[socket.socket, bool]] = {}  # (socket, raw)
        self._sweeps: dict[int, _Sweep] = {}  # those that are waited for
        self._due: list[tuple[float, int]] = []  # a heap: when, which sweep
        self._timer: asyncio.TimerHandle | None = None
        self._number = 0
        self._token = os.urandom(8)  # a raw socket hears everybody's echoes: ours carry this
        self._id = int.from_bytes(os.urandom(2), "big")
        self._sum = sum(struct.unpack("!HH4H", struct.pack("!HH8s", 8 << 8, self._id, self._token)))

    async def ping(self, address: str, within: float, count: int = COUNT, gap: float = GAP_S) -> Echoes:
        """`within` seconds each request is waited for. Raises NotPermittedError."""
        return (await self.sweep([address], within, count, gap))[address]

    async def sweep(
        self, addresses: Iterable[str], within: float, count: int = COUNT, gap: float = GAP_S
    ) -> dict[str, Echoes]:
        """All at once, by address; a name that does not resolve answers nothing. Raises NotPermittedError."""
        places = {said: _parsed(said) or await _resolved(said) for said in addresses}
        families = {place[0] for place in places.values() if place}
        for family in families:
            self._open(family)
        sweeps = [
            self._started(family, sorted({p[1] for p in places.values() if p and p[0] is family}), within, count, gap)
            for family in families
        ]
        self._work()
        try:
            for sweep in sweeps:
                await sweep.done
        finally:
            for sweep in sweeps:
                self._sweeps.pop(sweep.number, None)
        found = {host: echoes for sweep in sweeps for host, echoes in sweep.found()}
        return {said: found[place[1]] if place else Echoes(count) for said, place in places.items()}

    def close(self) -> None:
        loop = asyncio.get_running_loop()
        if self._timer:
            self._timer.cancel()
            self._timer = None
        for one, _ in self._sockets.values():
            loop.remove_reader(one)
            one.close()
        self._sockets.clear()

    # ------------------------------------------------------------ sending, and giving up

    def _started(self, family: Family, hosts: list[str], within: float, count: int, gap: float) -> _Sweep:
        loop = asyncio.get_running_loop()
        self._number = (self._number + 1) & 0xFFFFFFFF
        sweep = _Sweep(self._number, family, hosts, count, gap, within, loop.time(), loop.create_future())
        self._sweeps[sweep.number] = sweep
        heapq.heappush(self._due, (sweep.began, sweep.number))
        return sweep

    def _work(self) -> None:
        """Whatever is due, a handful at a time; then sleep until the next is."""
        loop, due, left = asyncio.get_running_loop(), self._due, _AT_ONCE
        now = loop.time()
        while due and due[0][0] <= now and left > 0:
            _, number = heapq.heappop(due)
            sweep = self._sweeps.get(number)
            if sweep is None or sweep.done.done():
                continue
            if len(sweep.sent) == sweep.requests:
                self._read(sweep.family)  # the reply may have been waiting while the loop was busy
                self._end(sweep)
                continue
            left -= self._send(sweep, now, left)
            heapq.heappush(due, (sweep.due(now), number))
        for family in self._sockets:
            self._read(family)
        if due:
            self._wake_at(max(due[0][0], now + _TICK_S))

    def _wake_at(self, when: float) -> None:
        if self._timer is None or self._timer.when() > when:
            if self._timer:
                self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_at(when, self._woken)

    def _woken(self) -> None:
        self._timer = None
        self._work()

    def _end(self, sweep: _Sweep) -> None:
        if not sweep.done.done():
            sweep.done.set_result(None)

    def _send(self, sweep: _Sweep, now: float, most: int) -> int:
        """So many of the requests that are due; returns how many were sent, 0 where the send buffer is full."""
        hosts, sent, clock = sweep.hosts, sweep.sent, time.perf_counter
        send, pack = self._sockets[sweep.family][0].sendto, _HEADER.pack
        first, width = len(sent), len(hosts)
        last = min(first + most, (1 + int((now - sweep.began) / sweep.gap if sweep.gap else sweep.count)) * width)
        v4, token, id_, number = sweep.family == socket.AF_INET, self._token, self._id, sweep.number
        known = self._sum + (number >> 16) + (number & 0xFFFF)
        for request in range(first, min(last, sweep.requests)):
            sequence = request & 0xFFFF  # RFC 1071: the words that change are added to those that do not
            total = known + 2 * sequence + (request >> 16)
            total = (total >> 16) + (total & 0xFFFF)
            check = ~(total + (total >> 16)) & 0xFFFF if v4 else 0  # the kernel reckons ICMPv6's
            at = clock()
            try:
                send(
                    pack(8 if v4 else 128, 0, check, id_, sequence, token, number, request), (hosts[request % width], 0)
                )
            except BlockingIOError:
                return most  # nothing was asked yet: this is asked again
            except PermissionError:  # a firewall of our own host; nothing was asked
                sweep.done.set_exception(NotPermittedError())
                return most
            except OSError:  # no route: nothing can answer
                pass
            sent.append(at)
        return len(sent) - first

    # ------------------------------------------------------------ sockets, and what comes back

    def _open(self, family: Family) -> None:
        if family in self._sockets:
            return
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
            if kind == socket.SOCK_RAW:
                _replies_only(one, family)
            self._sockets[family] = (one, kind == socket.SOCK_RAW)
            asyncio.get_running_loop().add_reader(one, self._read, family)
            return
        raise NotPermittedError

    def _read(self, family: Family) -> None:
        """Written out in one piece: it runs for every echo of every device."""
        one, raw = self._sockets[family]
        headed, reply, token, sweeps = raw and family == socket.AF_INET, _REPLY[family], self._token, self._sweeps
        receive, unpack, clock = one.recvmsg, _NUMBERS.unpack_from, time.perf_counter
        offset = time.time() - clock()  # the kernel stamps by the wall clock
        for _ in range(4 * _AT_ONCE):
            try:
                data, ancillary, _, sender = receive(256, 64)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue
            if headed and data:
                data = data[(data[0] & 0x0F) * 4 :]  # raw IPv4 sockets hand over the IP header
            if len(data) < 24 or data[0] != reply or data[8:16] != token:
                continue
            number, request = unpack(data, 16)
            sweep = sweeps.get(number)
            if sweep is None or request >= len(sweep.sent) or not sweep.asked(request, sender[0]):
                continue
            sent = sweep.sent[request]
            took, at_most = _stamp(ancillary) - offset - sent, clock() - sent
            if sweep.came[request] < 0:
                sweep.came[request] = 1000 * (took if 0 <= took <= at_most else at_most)
                sweep.missing -= 1
                if not sweep.missing:
                    self._end(sweep)


def _parsed(address: str) -> tuple[Family, str] | None:
    """As the kernel will write it in a reply; an address with a zone is left to the resolver."""
    for family in (socket.AF_INET, socket.AF_INET6):
        with contextlib.suppress(OSError):
            return family, socket.inet_ntop(family, socket.inet_pton(family, address))
    return None


async def _resolved(name: str) -> tuple[Family, str] | None:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    except OSError:
        return None
    return found[0][0], str(found[0][4][0])


def _stamp(ancillary: list[tuple[int, int, bytes]]) -> float:
    """The kernel's time of arrival, seconds since the epoch; 0 where it tells none."""
    if ancillary and ancillary[0][1] == _SO_TIMESTAMPNS and len(ancillary[0][2]) >= 16:
        seconds, nanoseconds = _STAMP.unpack_from(ancillary[0][2])
        return float(seconds + nanoseconds * 1e-9)
    return 0.0


def _replies_only(one: socket.socket, family: Family) -> None:
    """A raw socket hears every ICMP message of the machine; the kernel keeps the others away (ICMP_FILTER, icmp(7))."""
    with contextlib.suppress(OSError):
        if family == socket.AF_INET:
            one.setsockopt(_SOL_RAW, _FILTER, struct.pack("@I", ~(1 << _REPLY[family]) & 0xFFFFFFFF))
        else:
            blocked = [0xFFFFFFFF] * 8
            blocked[_REPLY[family] >> 5] &= ~(1 << (_REPLY[family] & 31))
            one.setsockopt(socket.IPPROTO_ICMPV6, _FILTER, struct.pack("@8I", *blocked))
