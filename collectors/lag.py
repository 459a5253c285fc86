"""How late the event loop runs, so that our own slowness is never told as a device that is down."""

import asyncio
from collections import deque

_EVERY_S = 0.05
_KEPT_S = 600.0
_WORTH_S = 0.02


class Lag:
    def __init__(self) -> None:
        self._late: deque[tuple[float, float]] = deque()  # (when by the loop's clock, seconds late)
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def start(self) -> None:
        if self._timer is None:
            self._arm(asyncio.get_running_loop().time() + _EVERY_S)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def worst(self, since: float) -> float:
        """Seconds by which the loop was late at worst since then; what it is late by just now counts."""
        worst = max((late for at, late in self._late if at >= since), default=0.0)
        return worst if self._timer is None else max(worst, asyncio.get_running_loop().time() - self._due)

    def _arm(self, due: float) -> None:
        self._due = due
        self._timer = asyncio.get_running_loop().call_at(due, self._tick, due)

    def _tick(self, due: float) -> None:
        now = asyncio.get_running_loop().time()
        if now - due > _WORTH_S:
            self._late.append((now, now - due))
        while self._late and self._late[0][0] < now - _KEPT_S:
            self._late.popleft()
        self._arm(now + _EVERY_S)
