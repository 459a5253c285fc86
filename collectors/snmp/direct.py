"""The polling engine: our own codec on a few sockets. v1, v2c and v3.

An answer is believed when its request-id and its source address are those of a question that waits; everything else
that arrives is remembered as the reason, should the question run out of time.
"""

import asyncio
import ipaddress
import random
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from collectors.snmp import ber, usm
from collectors.snmp.session import Answer, Cause, Oid, SnmpError, Target
from collectors.snmp.sockets import Address, Sockets

_RESYNCS = 3  # reports (clock, engine) answered with a corrected question before the device counts as hostile
_NAME_KEPT_S = 300.0


@dataclass(slots=True)
class _Question:
    answer: "asyncio.Future[tuple[bytes, Answer | usm.Message]]"
    address: Address
    strange: Cause | None = None  # what arrived from or for it that was no answer


class DirectEngine:
    """Implements session.Engine. One instance serves every device; it belongs to the event loop it is first used in."""

    def __init__(self, sockets: int = 2) -> None:
        self._sockets = Sockets(self._arrived, self._refused, sockets)
        self._waiting: dict[int, _Question] = {}
        self._peers: dict[Address, usm.Peer] = {}
        self._names: dict[str, tuple[str, float]] = {}
        self._id = random.randrange(1, 0x7FFFFFFF)  # noqa: S311 - unlikely to repeat after a restart is enough

    async def get(self, target: Target, oids: Sequence[Oid]) -> Answer:
        return await self._ask(target, ber.GET, 0, 0, oids)

    async def getnext(self, target: Target, oids: Sequence[Oid]) -> Answer:
        return await self._ask(target, ber.GETNEXT, 0, 0, oids)

    async def getbulk(self, target: Target, oids: Sequence[Oid], non_repeaters: int, max_repetitions: int) -> Answer:
        return await self._ask(target, ber.GETBULK, non_repeaters, max_repetitions, oids)

    async def close(self) -> None:
        self._sockets.close()

    # ------------------------------------------------------------ one question

    async def _ask(self, target: Target, tag: int, first: int, second: int, oids: Sequence[Oid]) -> Answer:
        address = (await self._resolve(target.address), target.port)
        if target.version == "v3":
            return await self._ask_v3(target, address, tag, first, second, oids)
        number = self._next()
        pdu = ber.pdu(tag, number, first, second, oids)
        data = ber.message(0 if target.version == "v1" else 1, target.community, pdu)
        _, answer = await self._exchange(number, data, address, target.timeout)
        if not isinstance(answer, Answer):
            raise SnmpError(Cause.GARBAGE, "a v3 message in answer to a community")
        return answer

    async def _exchange(
        self, number: int, data: bytes, address: Address, within: float
    ) -> tuple[bytes, Answer | usm.Message]:
        loop = asyncio.get_running_loop()
        question = _Question(loop.create_future(), address)
        self._waiting[number] = question
        timer = loop.call_later(within, self._expire, question)
        try:
            self._sockets.send(data, address)
            return await question.answer
        except OSError as error:
            raise SnmpError(Cause.REFUSED, error.strerror or str(error)) from error
        finally:
            timer.cancel()
            del self._waiting[number]

    def _expire(self, question: _Question) -> None:
        self._sockets.drain()  # the answer may have been waiting while the loop was busy
        if not question.answer.done():
            cause = question.strange or Cause.TIMEOUT
            question.answer.set_exception(SnmpError(cause, _TOLD[cause]))

    def _next(self) -> int:
        self._id = self._id % 0x7FFFFFFF + 1
        return self._id

    async def _resolve(self, name: str) -> str:
        loop = asyncio.get_running_loop()
        known, until = self._names.get(name, ("", 0.0))
        if loop.time() < until:
            return known
        try:
            address = str(ipaddress.ip_address(name))
        except ValueError:
            try:
                found = await loop.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
            except OSError as error:
                raise SnmpError(Cause.NO_SUCH_HOST, f"{name} does not resolve") from error
            address = str(found[0][4][0])
        self._names[name] = (address, loop.time() + _NAME_KEPT_S)
        return address

    # ------------------------------------------------------------ what arrives

    def _arrived(self, data: bytes, sender: Address) -> None:
        try:
            if _version(data) == 3:
                message = usm.unpack(data)
                self._answer(message.id, sender, data, message)
            else:
                _, tag, number, status, index, varbinds = ber.community_message(data)
                if tag != ber.RESPONSE:
                    raise ber.BadMessage(Cause.GARBAGE, f"a PDU of tag {tag:#x} in answer", number)
                self._answer(number, sender, data, Answer(status, index, varbinds))
        except ber.BadMessage as bad:
            self._strange(bad, sender)

    def _answer(self, number: int, sender: Address, data: bytes, answer: Answer | usm.Message) -> None:
        question = self._waiting.get(number)
        if question is None or question.answer.done():
            return  # late, or twice
        if question.address != sender:
            question.strange = Cause.WRONG_SOURCE
            return
        question.answer.set_result((data, answer))

    def _refused(self, address: Address) -> None:
        for question in self._waiting.values():
            if question.address == address and not question.answer.done():
                question.answer.set_exception(SnmpError(Cause.REFUSED, _TOLD[Cause.REFUSED]))

    def _strange(self, bad: ber.BadMessage, sender: Address) -> None:
        question = self._waiting.get(bad.request_id) if bad.request_id is not None else None
        if question is not None and question.address == sender:
            if not question.answer.done():
                question.answer.set_exception(SnmpError(bad.cause, str(bad)))
            return
        for other in self._waiting.values():
            if other.address == sender:
                other.strange = bad.cause

    # ------------------------------------------------------------ v3

    async def _ask_v3(
        self, target: Target, address: Address, tag: int, first: int, second: int, oids: Sequence[Oid]
    ) -> Answer:
        peer = self._peers.get(address) or await self._discover(target, address)
        report = 0
        for _ in range(_RESYNCS + 1):
            number = self._next()
            datagram = usm.pack(target, peer, number, ber.pdu(tag, number, first, second, oids), _clock())
            data, message = await self._exchange(number, datagram, address, target.timeout)
            if not isinstance(message, usm.Message):
                raise SnmpError(Cause.GARBAGE, "a community message in answer to v3")
            answer, report = self._open(target, peer, data, message)
            if answer is not None:
                return answer
            if report == usm.UNKNOWN_ENGINE_ID:
                peer = await self._discover(target, address)
            elif report != usm.NOT_IN_TIME_WINDOW:
                break
        if report == usm.NOT_IN_TIME_WINDOW:
            raise SnmpError(Cause.WRONG_CREDENTIALS, "its clock never agrees with itself (not in time window)")
        raise SnmpError(Cause.WRONG_CREDENTIALS, usm.REPORTS.get(report, "a report of unknown kind"))

    async def _discover(self, target: Target, address: Address) -> usm.Peer:
        number = self._next()
        _, message = await self._exchange(number, usm.discovery(number, number), address, target.timeout)
        if not isinstance(message, usm.Message) or not 5 <= len(message.engine_id) <= 32:
            raise SnmpError(Cause.GARBAGE, "no engine ID in answer to discovery")
        if message.boots < 0 or message.time < 0:
            raise SnmpError(Cause.GARBAGE, "a clock before its beginning in answer to discovery")
        peer = self._peers[address] = usm.Peer(message.engine_id)
        peer.learn(message.boots, message.time, _clock())
        return peer

    def _open(self, target: Target, peer: usm.Peer, data: bytes, message: usm.Message) -> tuple[Answer | None, int]:
        """(the answer, 0), or (None, the report's number). Learns the peer's clock from what is authentic."""
        try:
            believed = usm.authentic(target, message, data)
            body, start, end = usm.scoped_pdu(target, message)
            tag, _, status, index, varbinds = ber.response(body, start, end)
        except ber.BadMessage as bad:
            raise SnmpError(bad.cause, str(bad)) from bad
        if tag == ber.REPORT:
            report = usm.report_of(varbinds[0][0]) if varbinds else 0
            if report == usm.NOT_IN_TIME_WINDOW and believed:
                peer.learn(message.boots, message.time, _clock())
            return None, report
        if target.auth_protocol and not believed:
            raise SnmpError(Cause.GARBAGE, "an answer whose digest is wrong")
        if target.priv_protocol and not message.flags & usm.PRIV:
            raise SnmpError(Cause.GARBAGE, "an answer in the clear where privacy was asked")
        if message.engine_id != peer.engine_id or (believed and not peer.timely(message.boots, message.time, _clock())):
            raise SnmpError(Cause.GARBAGE, "an answer from another engine or another time")
        if believed:
            peer.learn(message.boots, message.time, _clock())
        return Answer(status, index, varbinds), 0


_TOLD = {
    Cause.TIMEOUT: "no answer",
    Cause.GARBAGE: "what it answers is not SNMP",
    Cause.TRUNCATED: "its answers stop in the middle",
    Cause.REFUSED: "nothing listens on its SNMP port",
    Cause.WRONG_SOURCE: "it answers from another address",
}


def _clock() -> float:
    return asyncio.get_running_loop().time()


def _version(data: bytes) -> int:
    """The version on the wire: 0 v1, 1 v2c, 3 v3. Raises ber.BadMessage."""
    try:
        _, i, _ = ber.header(data, 0)
        return ber.number(data, i, len(data))[0]
    except IndexError:
        raise ber.BadMessage(Cause.GARBAGE, "too short for a message") from None
