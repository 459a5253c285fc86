"""Our codec, and pysnmp for the few agents whose answers only that can read.

An answer that is garbage to the first engine is asked for once more with the second. Which of them reads a device is
remembered for a while, also that neither does, so that a hostile device does not cost twice at every poll.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from collectors.snmp.session import Answer, Cause, Engine, Name, SnmpError, Target

log = structlog.get_logger()

_KEPT_S = 6 * 3600.0
_KEPT = 4096  # devices
_Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Known:
    second: bool  # whether the second engine reads it
    until: float


class FallbackEngine:
    """Implements session.Engine. `second` makes the other engine; it is slow to import, so it is made in a thread."""

    def __init__(
        self, first: Engine, second: Callable[[], Engine], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._first = first
        self._make = second
        self._second: Engine | None = None
        self._clock = clock
        self._known: dict[_Key, _Known] = {}

    async def get(self, target: Target, names: Sequence[Name]) -> Answer:
        return await self._ask(target, lambda engine: engine.get(target, names))

    async def getnext(self, target: Target, names: Sequence[Name]) -> Answer:
        return await self._ask(target, lambda engine: engine.getnext(target, names))

    async def getbulk(
        self,
        target: Target,
        names: Sequence[Name],
        non_repeaters: int,
        max_repetitions: int,
        columns: Sequence[Name] = (),
    ) -> Answer:
        return await self._ask(
            target, lambda engine: engine.getbulk(target, names, non_repeaters, max_repetitions, columns)
        )

    async def close(self) -> None:
        await self._first.close()
        if self._second is not None:
            await self._second.close()

    async def _ask(self, target: Target, question: Callable[[Engine], Awaitable[Answer]]) -> Answer:
        known = self._remembered(target)
        if known is not None and known.second:
            return await question(await self._other())
        try:
            return await question(self._first)
        except SnmpError as failure:
            if failure.cause is not Cause.GARBAGE or known is not None:
                raise
            return await self._again(target, question, failure)

    async def _again(
        self, target: Target, question: Callable[[Engine], Awaitable[Answer]], failure: SnmpError
    ) -> Answer:
        try:
            answer = await question(await self._other())
        except SnmpError:
            self._remember(target, second=False)
            raise failure from None
        self._remember(target, second=True)
        log.warning("snmp_fallback", address=target.address, port=target.port, engine="pysnmp", reason=failure.detail)
        return answer

    async def _other(self) -> Engine:
        if self._second is None:
            made = await asyncio.to_thread(self._make)
            self._second = self._second or made
        return self._second

    def _remembered(self, target: Target) -> _Known | None:
        if not self._known:
            return None
        key = (target.address, target.port)
        known = self._known.get(key)
        if known is not None and known.until <= self._clock():
            del self._known[key]
            return None
        return known

    def _remember(self, target: Target, *, second: bool) -> None:
        if len(self._known) >= _KEPT:
            del self._known[next(iter(self._known))]
        self._known[(target.address, target.port)] = _Known(second, self._clock() + _KEPT_S)
