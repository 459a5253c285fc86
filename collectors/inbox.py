"""Where datagrams wait: a bounded queue for each source, so that one loud sender cannot drown the others."""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Inbox(Generic[T]):
    """`put` and `take` are O(1). A datagram beyond a limit is dropped and counted, never waited for."""

    per_source: int = 2000  # datagrams of one source that may wait
    sources: int = 10_000  # senders with something waiting; addresses can be forged, so they are bounded too
    dropped: int = 0
    _queues: dict[str, deque[T]] = field(default_factory=dict)
    _turns: deque[str] = field(default_factory=deque)

    def put(self, source: str, datagram: T) -> None:
        queue = self._queues.get(source)
        if queue is None:
            if len(self._queues) >= self.sources:
                self.dropped += 1
                return
            queue = self._queues[source] = deque()
            self._turns.append(source)
        if len(queue) >= self.per_source:
            self.dropped += 1
            return
        queue.append(datagram)

    def take(self) -> tuple[str, T] | None:
        """The next (source, datagram), one of each source in turn; None when nothing waits."""
        if not self._turns:
            return None
        source = self._turns.popleft()
        queue = self._queues[source]
        datagram = queue.popleft()
        if queue:
            self._turns.append(source)
        else:
            del self._queues[source]
        return source, datagram

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))
