"""Listens for SNMP traps and informs, and hands on events."""

import hashlib
import os
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from agent.observation import Event, Source
from collectors import fairness
from collectors.datagrams import Address, DatagramPort
from collectors.fairness import Storm
from collectors.snmp.traps import naming, reading, refusals, security
from collectors.snmp.traps.believed import Believed
from collectors.snmp.traps.message import NotATrapError, Reason
from collectors.snmp.traps.refusals import Refusals
from collectors.snmp.traps.security import Security
from collectors.snmp.traps.table import table

REPEATS, REPEATED_S = 4096, 60.0  # informs that are remembered, and for how long: a lost answer brings them again


class TrapListener:
    """`device_of` names the device of an address, or nobody; `engine_id` is ours, that v3 informs are sent to.

    `counted` hears of each datagram that is not believed; the owner of events hears of their beginning.
    """

    def __init__(
        self,
        host: str,
        port: int,
        device_of: Callable[[str], str],
        believed: Believed | None = None,
        engine_id: bytes = b"",
        ready: Callable[[], bool] = lambda: True,
        counted: Callable[[Reason], None] = lambda _: None,
    ) -> None:
        self._port = DatagramPort("SNMP traps", host, port, known=lambda address: bool(device_of(address)), ready=ready)
        self._device_of = device_of
        self._counted = counted
        self._security = Security(believed or Believed(), engine_id or security.engine_id(os.urandom(8)))
        self._handle: Callable[[Event], None] | None = None
        self._answered: OrderedDict[bytes, float] = OrderedDict()
        self._refusals = Refusals()
        self._more = 0
        self.unreadable = 0  # datagrams that were no trap, or of somebody who is not believed

    @property
    def address(self) -> Address:
        """Where it listens; the real port after `start`."""
        return self._port.address

    @property
    def engine_id(self) -> bytes:
        return self._security.engine_id

    @property
    def dropped(self) -> int:
        """Datagrams that came faster than they were read, and what the owner adds."""
        return self._port.dropped + self._more

    @dropped.setter
    def dropped(self, count: int) -> None:
        self._more = count - self._port.dropped

    @property
    def refused(self) -> dict[tuple[str, Reason], int]:
        """What was not believed, by sender and reason."""
        return self._refusals.counts()

    async def start(self, handle: Callable[[Event], None]) -> None:
        table()
        self._handle = handle
        await self._port.open(self._take, self._storm)

    async def stop(self) -> None:
        self._port.close()

    def _take(self, sender: str, datagram: bytes, address: tuple[Any, ...], arrived: datetime) -> None:
        try:
            trap = reading.read(datagram, self._security, sender)
        except NotATrapError as refused:
            self._refuse(refused, sender, address)
            return
        if trap.answer:
            self._port.send(trap.answer, address)
            if self._repeated(sender, trap.request):
                return
        if self._handle is not None:
            self._handle(naming.event(trap, arrived, sender, self._device_of))

    def _repeated(self, sender: str, request: bytes) -> bool:
        """Whether this inform came already: its sender did not get our answer, and has the same to say again."""
        now = time.monotonic()
        key = hashlib.blake2b(request, key=sender.encode()[:64], digest_size=16).digest()
        before = self._answered.pop(key, None)
        self._answered[key] = now
        if len(self._answered) > REPEATS:
            self._answered.popitem(last=False)
        return before is not None and now - before < REPEATED_S

    def _refuse(self, refused: NotATrapError, sender: str, address: tuple[Any, ...]) -> None:
        if refused.answer:
            self._port.send(refused.answer, address)
        if refused.usual:
            return
        self.unreadable += 1
        self._counted(refused.reason)
        told = self._refusals.add(sender, refused.reason, time.monotonic())
        if told is not None and self._handle is not None:
            self._handle(refusals.event(told, datetime.now(UTC), self._device_of(told.sender)))

    def _storm(self, storm: Storm) -> None:
        if self._handle is not None:
            self._handle(fairness.event(storm, Source.TRAP, datetime.now(UTC), self._device_of(storm.source)))
