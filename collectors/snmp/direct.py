"""The polling engine: our own codec on a few sockets. v1, v2c and v3.

An answer is believed when its request-id and its source address are those of a question that waits; everything else
that arrives is left unread but for its number, and remembered as the reason, should the question run out of time.
"""

import asyncio
import ipaddress
import random
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from collectors.snmp import ber, usm
from collectors.snmp.session import Answer, Cause, Name, SnmpError, Target
from collectors.snmp.sockets import BUFFER, Address, Line, Sockets

_K = TypeVar("_K")
_V = TypeVar("_V")
_RESYNCS = 3  # reports (clock, engine) answered with a corrected question before the device counts as hostile
_NAME_KEPT_S = 300.0
_TICK_S = 0.02
_FIRST_ID, _LAST_ID = 0x01000000, 0x7FFFFFFF  # of one length in BER
_KEPT = 65_536  # peers and names remembered; the oldest goes first
_SYS_UPTIME = ber.name((1, 3, 6, 1, 2, 1, 1, 3, 0))


@dataclass(slots=True)
class _Question:
    answer: "asyncio.Future[bytes]"  # the datagram; for v1 and v2c it has been read, for v3 it has not
    address: Address
    version: int  # on the wire
    until: float = 0.0
    columns: Sequence[Name] = ()
    line: Line | None = None
    read: Answer | None = None  # of v1 and v2c
    strange: Cause | None = None  # what arrived from or for it that was no answer


class DirectEngine:
    """Implements session.Engine. One instance serves every device; it belongs to the event loop it is first used in."""

    def __init__(self, buffer: int | None = None) -> None:
        """`buffer`: octets of receive buffer a socket asks for; 0 leaves the system's default."""
        self._sockets = Sockets(self._arrived, self._refused, buffer=BUFFER if buffer is None else buffer)
        self._waiting: dict[int, _Question] = {}
        self._peers: dict[Address, usm.Peer] = {}
        self._names: dict[str, tuple[str, float]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._id = random.randrange(_FIRST_ID, _LAST_ID)  # noqa: S311 - unlikely to repeat after a restart is enough

    async def get(self, target: Target, names: Sequence[Name]) -> Answer:
        return await self._ask(target, ber.GET, 0, 0, names)

    async def getnext(self, target: Target, names: Sequence[Name]) -> Answer:
        return await self._ask(target, ber.GETNEXT, 0, 0, names)

    async def getbulk(
        self,
        target: Target,
        names: Sequence[Name],
        non_repeaters: int,
        max_repetitions: int,
        columns: Sequence[Name] = (),
    ) -> Answer:
        return await self._ask(target, ber.GETBULK, non_repeaters, max_repetitions, names, columns)

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for question in self._waiting.values():
            self._fail(question, SnmpError(Cause.TIMEOUT, "the poller stops"))
        self._sockets.close()

    @property
    def sockets(self) -> int:
        """How many are open."""
        return len(self._sockets)

    # ------------------------------------------------------------ one question

    async def _ask(
        self,
        target: Target,
        tag: int,
        first: int,
        second: int,
        names: Sequence[Name],
        columns: Sequence[Name] = (),
    ) -> Answer:
        loop = asyncio.get_running_loop()
        known, until = self._names.get(target.address, ("", 0.0))
        address = (known if loop.time() < until else await self._resolve(target.address), target.port)
        if target.version == "v3":
            return await self._ask_v3(target, address, tag, first, second, names, columns)
        number, version = self._next(), 0 if target.version == "v1" else 1
        data = ber.message(version, target.community, ber.pdu(tag, number, first, second, names))
        question = _Question(loop.create_future(), address, version, columns=columns)
        await self._exchange(question, number, data, target.timeout)
        return question.read or Answer(0, 0, [], [], [])  # it is there: _arrived reads before it tells

    async def _exchange(self, question: _Question, number: int, data: bytes, within: float) -> bytes:
        """The datagram that answers. Raises SnmpError."""
        loop = asyncio.get_running_loop()
        question.until = loop.time() + within
        if self._timer is None:
            self._timer = loop.call_later(_TICK_S, self._tick, loop)
        self._waiting[number] = question
        try:
            question.line = self._sockets.send(data, question.address)
            if "%" in question.address[0]:  # an interface's link: answers come without its name
                question.address = (question.address[0].partition("%")[0], question.address[1])
            return await question.answer
        except OSError as error:
            raise SnmpError(Cause.REFUSED, error.strerror or str(error)) from error
        finally:
            del self._waiting[number]
            self._release(question)

    def _release(self, question: _Question) -> None:
        if question.line is not None:
            self._sockets.done(question.line)
            question.line = None

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        """One timer for all questions: a timer for each costs more than its question."""
        now = loop.time()
        late = [question for question in self._waiting.values() if question.until <= now]
        if late:
            self._sockets.drain()  # the answers may have been waiting while the loop was busy
        for question in late:
            cause = question.strange or Cause.TIMEOUT
            self._fail(question, SnmpError(cause, _TOLD[cause]))
        self._timer = loop.call_later(_TICK_S, self._tick, loop) if self._waiting else None

    def _fail(self, question: _Question, error: SnmpError) -> None:
        if not question.answer.done():
            question.answer.set_exception(error)
            self._release(question)

    def _next(self) -> int:
        self._id = self._id + 1 if self._id < _LAST_ID else _FIRST_ID
        return self._id

    async def _resolve(self, name: str) -> str:
        loop = asyncio.get_running_loop()
        try:
            address = str(ipaddress.ip_address(name))
        except ValueError:
            try:
                found = await loop.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
            except OSError as error:
                raise SnmpError(Cause.NO_SUCH_HOST, f"{name} does not resolve") from error
            address = str(found[0][4][0])
        _remember(self._names, name, (address, loop.time() + _NAME_KEPT_S))
        return address

    # ------------------------------------------------------------ what arrives

    def _arrived(self, data: bytes, sender: Address) -> None:
        try:
            version, number, at = ber.identify(data)
        except ber.BadMessage as bad:
            self._strange(bad.cause, sender)
            return
        question = self._waiting.get(number)
        if question is None or question.answer.done():
            return  # late, or twice
        if question.address != sender:
            question.strange = Cause.WRONG_SOURCE
            return
        try:
            if version != question.version:
                raise ber.BadMessage(Cause.GARBAGE, "an answer of another SNMP version")
            if version != 3:
                question.read = _read(data, at, question.columns)
        except ber.BadMessage as bad:
            self._fail(question, SnmpError(bad.cause, str(bad)))
            return
        question.answer.set_result(data)
        self._release(question)

    def _refused(self, address: Address) -> None:
        for question in self._waiting.values():
            if question.address == address:
                self._fail(question, SnmpError(Cause.REFUSED, _TOLD[Cause.REFUSED]))

    def _strange(self, cause: Cause, sender: Address) -> None:
        for other in self._waiting.values():
            if other.address == sender:
                other.strange = cause

    # ------------------------------------------------------------ v3

    async def _ask_v3(
        self,
        target: Target,
        address: Address,
        tag: int,
        first: int,
        second: int,
        names: Sequence[Name],
        columns: Sequence[Name],
    ) -> Answer:
        peer = self._peers.get(address) or await self._discover(target, address)
        try:
            answer, report = await self._settle(target, address, peer, tag, first, second, names, columns)
        except SnmpError as failure:
            if failure.cause is Cause.TIMEOUT and target.priv_protocol and not self._proven(address):
                await self._doubt(target, address)
            raise
        if answer is not None:
            return answer
        if report == usm.NOT_IN_TIME_WINDOW:
            raise SnmpError(Cause.WRONG_CREDENTIALS, "its clock never agrees with itself (not in time window)")
        raise SnmpError(Cause.WRONG_CREDENTIALS, usm.REPORTS.get(report, "a report of unknown kind"))

    async def _settle(
        self,
        target: Target,
        address: Address,
        peer: usm.Peer,
        tag: int,
        first: int,
        second: int,
        names: Sequence[Name],
        columns: Sequence[Name],
    ) -> tuple[Answer | None, int]:
        """(the answer, 0) or (None, the last report's number), after correcting our clock or the engine ID."""
        report = 0
        for _ in range(_RESYNCS + 1):
            number = self._next()
            datagram = usm.pack(target, peer, number, ber.pdu(tag, number, first, second, names), _clock())
            question = _Question(asyncio.get_running_loop().create_future(), address, 3)
            data = await self._exchange(question, number, datagram, target.timeout)
            answer, report = self._open(target, peer, data, number, columns)
            if answer is not None:
                return answer, 0
            if report == usm.UNKNOWN_ENGINE_ID:
                peer = await self._discover(target, address)
            elif report != usm.NOT_IN_TIME_WINDOW:
                break
        return None, report

    async def _discover(self, target: Target, address: Address) -> usm.Peer:
        number = self._next()
        question = _Question(asyncio.get_running_loop().create_future(), address, 3)
        data = await self._exchange(question, number, usm.discovery(number, number), target.timeout)
        try:
            message = usm.unpack(data)
        except ber.BadMessage as bad:
            raise SnmpError(bad.cause, str(bad)) from bad
        if not 5 <= len(message.engine_id) <= 32:
            raise SnmpError(Cause.GARBAGE, "no engine ID in answer to discovery")
        if message.boots < 0 or message.time < 0:
            raise SnmpError(Cause.GARBAGE, "a clock before its beginning in answer to discovery")
        peer = usm.Peer(message.engine_id)
        peer.learn(message.boots, message.time, _clock())
        _remember(self._peers, address, peer)
        return peer

    def _proven(self, address: Address) -> bool:
        peer = self._peers.get(address)
        return peer is None or peer.proven

    async def _doubt(self, target: Target, address: Address) -> None:
        """Agents drop what they cannot decrypt. Asked without privacy, one that believes our digest answers."""
        signed = replace(target, priv_protocol="", priv=b"")
        peer = self._peers[address]
        for _ in range(2):  # the first may only set our clock
            number = self._next()
            datagram = usm.pack(signed, peer, number, ber.pdu(ber.GET, number, 0, 0, [_SYS_UPTIME]), _clock())
            question = _Question(asyncio.get_running_loop().create_future(), address, 3)
            data = await self._exchange(question, number, datagram, target.timeout)
            answer, report = self._open(signed, peer, data, number)
            if answer is not None:
                raise SnmpError(Cause.WRONG_CREDENTIALS, usm.REPORTS[usm.DECRYPTION_ERROR])
            if report != usm.NOT_IN_TIME_WINDOW:
                raise SnmpError(Cause.WRONG_CREDENTIALS, usm.REPORTS.get(report, "a report of unknown kind"))

    def _open(
        self, target: Target, peer: usm.Peer, data: bytes, number: int, columns: Sequence[Name] = ()
    ) -> tuple[Answer | None, int]:
        """(the answer, 0), or (None, the report's number). Learns the peer's clock from what is authentic."""
        try:
            message = usm.unpack(data)
            believed = usm.authentic(target, message, data)
            body, start, end = usm.scoped_pdu(target, message)
            tag, request_id, answer = ber.response(body, start, end, columns)
            if tag == ber.REPORT:
                return None, self._report(peer, message, answer, believed)
            usm.check(target, peer, message, believed, _clock())
            if tag != ber.RESPONSE or request_id != number:
                raise ber.BadMessage(Cause.GARBAGE, "a PDU that answers nothing")
        except ber.BadMessage as bad:
            raise SnmpError(bad.cause, str(bad)) from bad
        if believed:
            peer.learn(message.boots, message.time, _clock())
        peer.proven = True
        return answer, 0

    def _report(self, peer: usm.Peer, message: usm.Message, answer: Answer, believed: bool) -> int:
        report = usm.report_of(ber.oid_of(answer.names[0])) if answer.names else 0
        if report == usm.NOT_IN_TIME_WINDOW and believed:
            peer.learn(message.boots, message.time, _clock())
        return report


_TOLD = {
    Cause.TIMEOUT: "no answer",
    Cause.GARBAGE: "what it answers is not SNMP",
    Cause.TRUNCATED: "its answers stop in the middle",
    Cause.WRONG_SOURCE: "it answers from another address",
    Cause.REFUSED: "nothing listens on its SNMP port",
}


def _read(data: bytes, at: int, columns: Sequence[Name]) -> Answer:
    """The answer in a v1 or v2c message whose PDU is at `at`. Raises ber.BadMessage."""
    _, stop = ber.whole(data)
    tag, _, answer = ber.response(data, at, stop, columns)
    if tag != ber.RESPONSE:
        raise ber.BadMessage(Cause.GARBAGE, f"a PDU of tag {tag:#x} in answer")
    return answer


def _remember(kept: dict[_K, _V], key: _K, value: _V) -> None:
    if len(kept) >= _KEPT and key not in kept:
        del kept[next(iter(kept))]
    kept[key] = value


def _clock() -> float:
    return asyncio.get_running_loop().time()
