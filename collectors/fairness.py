"""Fair shares for whoever sends: each source waits in a bounded queue of its own, and the queues are emptied in turn.

What is kept is decided before anything is parsed, because parsing is what a storm must not cost: of one source the
first `rate` datagrams of every second, then one in `one_in`. Strangers, whose addresses may be forged, also share a
rate between them. Nobody may fill the room: a queue grows only while it is shorter than the room that is left, so there
is always some for who has been quiet. What is not kept is counted, by source, and a storm is told twice: when it begins
(with the first datagram that is let go) and when it is over (with what it came to).

Decides, and waits for nothing; time is an argument, in seconds of any steady clock. One thread may offer while another
takes.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from agent.observation import Event, Source, Subject, SyslogSeverity

T = TypeVar("T")
CROWD = ""  # in place of a source: nobody can say whose they were, or many strangers came at once


@dataclass(frozen=True, slots=True)
class Limits:
    rate: int = 1000  # datagrams a second of one source that are all kept
    one_in: int = 100  # beyond the rate
    per_source: int = 2000  # of one source that may wait
    waiting: int = 20_000  # of all sources together
    strangers: int = 1000  # unknown sources that are told apart; those beyond share one queue
    strangers_rate: int = 5000  # datagrams a second of all unknown sources together
    calm_s: float = 10.0  # a storm is over when so long nothing of it was let go


@dataclass(frozen=True, slots=True)
class Storm:
    """`source` has storms: this one begins (`over` is False) or is over, and so much has come of it."""

    source: str
    over: bool
    received: int
    kept: int
    lasted_s: float = 0.0

    @property
    def dropped(self) -> int:
        return self.received - self.kept


@dataclass(slots=True)
class _Sender(Generic[T]):
    name: str
    stranger: bool
    queue: deque[tuple[str, T]] = field(default_factory=deque)
    received: int = 0
    dropped: int = 0
    lost: int = 0  # of those received, the ones that never came this far
    seen: float = 0.0
    second: float = float("-inf")  # when the second began that `in_second` counts
    in_second: int = 0
    stormed: float | None = None  # since when
    let_go: float = 0.0  # when a datagram was dropped last
    before: tuple[int, int] = (0, 0)  # received and dropped until the storm

    def over_rate(self, rate: int, now: float) -> int:
        """How many too many this one is in its second; counts it."""
        if not 0 <= now - self.second < 1.0:
            self.second, self.in_second = now, 0
        self.in_second += 1
        return self.in_second - rate


class FairQueue(Generic[T]):
    """`known` says whose addresses are in the inventory; the others are strangers."""

    def __init__(self, limits: Limits | None = None, known: Callable[[str], bool] = lambda _: True) -> None:
        self.limits = limits or Limits()
        self.received = 0
        self.dropped = 0
        self.loud: dict[
            str, float
        ] = {}  # sources that sent twice the rate in this second, and what that is in a whole one
        self._known = known
        self._lock = threading.Lock()
        self._senders: dict[str, _Sender[T]] = {}
        self._crowd: _Sender[T] = _Sender(CROWD, stranger=True)
        self._strangers = 0  # of `_senders`
        self._swept = float("-inf")
        self._turns: tuple[deque[_Sender[T]], deque[_Sender[T]]] = deque(), deque()  # of the known, of strangers
        self._last = True  # whose turn it was: the strangers'
        self._waiting = self._strangers_waiting = 0
        self._told: list[Storm] = []

    def offer(self, source: str, datagram: T, now: float) -> bool:
        """Whether it was kept. O(1)."""
        with self._lock:
            sender = self._senders.get(source) or self._sender(source, now)
            self.received += 1
            sender.received += 1
            sender.seen = now
            too_many = sender.over_rate(self.limits.rate, now)
            if too_many == self.limits.rate:
                self.loud[source] = sender.in_second / max(now - sender.second, 0.001)
            if too_many > 0 and too_many % self.limits.one_in:
                return self._let_go(sender, now)
            if sender.stranger and sender is not self._crowd:
                self._crowd.received += 1
                too_many = self._crowd.over_rate(self.limits.strangers_rate, now)
                if too_many > 0 and too_many % self.limits.one_in:
                    return self._let_go(self._crowd, now, sender)
            if len(sender.queue) >= self._room(sender):
                return self._let_go(sender, now) if sender.queue else self._let_go(self._crowd, now, sender)
            if not sender.queue:
                self._turns[sender.stranger].append(sender)
            sender.queue.append((source, datagram))
            self._waiting += 1
            self._strangers_waiting += sender.stranger
            return True

    def lost(self, count: int, now: float, source: str = CROWD) -> None:
        """So many never came to be offered: the kernel let go of them; of whom, often nobody can say."""
        if count > 0:
            with self._lock:
                sender = self._senders.get(source, self._crowd)
                self.received += count
                sender.received += count
                sender.lost += count
                self._let_go(sender, now, count=count)

    def take(self) -> tuple[str, T] | None:
        """The next (source, datagram), one of each source in turn; None when nothing waits. O(1).

        The known and the strangers take turns, so that no number of forged sources makes a device wait for long.
        """
        with self._lock:
            self._last = not self._last if self._turns[not self._last] else self._last
            turns = self._turns[self._last]
            if not turns:
                return None
            sender = turns.popleft()
            taken = sender.queue.popleft()
            if sender.queue:
                turns.append(sender)
            self._waiting -= 1
            self._strangers_waiting -= sender.stranger
            return taken

    def storms(self, now: float) -> list[Storm]:
        """What is to be told: storms that began or ended since the last call. Call it every second or so."""
        with self._lock:
            told, self._told = self._told, []
            for sender in (*self._senders.values(), self._crowd):
                if sender.stormed is not None and now - sender.let_go >= self.limits.calm_s:
                    told.append(_storm(sender, over=True))
                    sender.stormed = None
            return told

    def counts(self) -> dict[str, tuple[int, int]]:
        """(received, dropped) of each source that is remembered: those of the last minutes."""
        with self._lock:
            return {name: (sender.received, sender.dropped) for name, sender in self._senders.items()}

    def come(self, sources: Iterable[str]) -> dict[str, int]:
        """How many were offered of these."""
        with self._lock:
            known = {source: self._senders.get(source, self._crowd) for source in sources}
            return {source: sender.received - sender.lost for source, sender in known.items()}

    def __len__(self) -> int:
        return self._waiting

    # ------------------------------------------------------------ admission

    def _room(self, sender: _Sender[T]) -> int:
        """How long this queue may be: as long as what is left (Choudhury and Hahne's dynamic threshold)."""
        left = self.limits.waiting - self._waiting
        if sender.stranger:  # they may have half of it all
            left = min(left, self.limits.waiting // 2 - self._strangers_waiting)
        return min(self.limits.per_source, left)

    def _let_go(self, blamed: _Sender[T], now: float, sender: _Sender[T] | None = None, count: int = 1) -> bool:
        self.dropped += count
        blamed.dropped += count
        blamed.let_go = now
        if sender is not None:
            sender.dropped += 1
        if blamed.stormed is None:
            blamed.stormed = now
            blamed.before = (blamed.received - count, blamed.dropped - count)
            self._told.append(_storm(blamed, over=False))
        return False

    def _sender(self, source: str, now: float) -> _Sender[T]:
        stranger = not self._known(source)
        if stranger and self._strangers >= self.limits.strangers and not self._forget(now):
            return self._crowd
        sender = self._senders[source] = _Sender(source, stranger)
        self._strangers += stranger
        return sender

    def _forget(self, now: float) -> bool:
        """Strangers that have been quiet make room for others; at most once a second, because all are looked at."""
        if now - self._swept < 1.0:
            return False
        self._swept = now
        idle = [s for s in self._senders.values() if s.stranger and self._is_idle(s, now)]
        for sender in idle:
            del self._senders[sender.name]
        self._strangers -= len(idle)
        return bool(idle)

    def _is_idle(self, sender: _Sender[T], now: float) -> bool:
        return not sender.queue and sender.stormed is None and now - sender.seen >= self.limits.calm_s


def _storm(sender: _Sender[T], *, over: bool) -> Storm:
    received, dropped = sender.received - sender.before[0], sender.dropped - sender.before[1]
    lasted = sender.let_go - sender.stormed if sender.stormed is not None else 0.0
    return Storm(sender.name, over, received, received - dropped, lasted)


def event(storm: Storm, source: Source, now: datetime, device: str) -> Event:
    """What is kept of a storm, beside its sample: a message of our own about the device."""
    who = storm.source or "senders that cannot be told apart"
    counts = f"{storm.received} came, {storm.kept} were kept, {storm.dropped} were let go"
    over = f"The storm from {who} is over: {counts} in {storm.lasted_s:.0f} s"
    begins = f"A storm from {who}: more comes than is kept; a sample of it is, and the rest is counted"
    data = {"received": storm.received, "kept": storm.kept, "dropped": storm.dropped, "seconds": round(storm.lasted_s)}
    return Event(
        device=device,
        sender=storm.source,
        source=source,
        arrived=now,
        severity=SyslogSeverity.NOTICE if storm.over else SyslogSeverity.WARNING,
        text=over if storm.over else begins,
        facility="syslog",
        mnemonic="NETCASE-5-STORM_OVER" if storm.over else "NETCASE-4-STORM",
        name="storm_over" if storm.over else "storm",
        subject=Subject(device) if device else None,
        data={name: str(value) for name, value in data.items()} if storm.over else {},
    )
