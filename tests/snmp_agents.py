"""Small real SNMP agents on loopback: good ones and hostile ones, each a coroutine-free datagram protocol."""

import asyncio
import bisect
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import cast

from collectors.snmp import ber, usm
from collectors.snmp.session import Oid, Target

IF_ENTRY, IFX_ENTRY = (1, 3, 6, 1, 2, 1, 2, 2, 1), (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
UNSIGNED = Target(address="", version="v3")
Table = dict[Oid, bytes]
Answering = Callable[[bytes], "bytes | list[bytes]"]


def varbind(oid: Oid, value: bytes) -> bytes:
    return ber.tlv(0x30, ber.tlv(0x06, ber.oid_body(oid)) + value)


def switch(ports: int = 8) -> Table:
    """What a small switch would answer."""
    table: Table = {
        (1, 3, 6, 1, 2, 1, 1, 1, 0): ber.tlv(4, b"A switch"),
        (1, 3, 6, 1, 2, 1, 1, 2, 0): ber.tlv(6, ber.oid_body((1, 3, 6, 1, 4, 1, 99999, 1))),
        (1, 3, 6, 1, 2, 1, 1, 3, 0): ber.integer(123456, 0x43),
        (1, 3, 6, 1, 2, 1, 1, 5, 0): ber.tlv(4, b"sw"),
        (1, 3, 6, 1, 2, 1, 2, 1, 0): ber.integer(ports),
    }
    for port in range(1, ports + 1):
        table[(*IF_ENTRY, 2, port)] = ber.tlv(4, f"port {port}".encode())
        for column, value in ((3, 6), (4, 1500), (7, 1), (8, 1)):
            table[(*IF_ENTRY, column, port)] = ber.integer(value)
        for column in (13, 14, 19, 20):
            table[(*IF_ENTRY, column, port)] = ber.integer(port, 0x41)
        table[(*IFX_ENTRY, 1, port)] = ber.tlv(4, f"ge{port}".encode())
        for column in (6, 7, 10, 11):
            table[(*IFX_ENTRY, column, port)] = ber.integer(port << 33, 0x46)
        table[(*IFX_ENTRY, 15, port)] = ber.integer(1000, 0x42)
    return table


class Agent:
    """Answers v2c from a table. Subclasses are hostile in one way each."""

    def __init__(self, table: Table | None = None) -> None:
        self.asked = 0
        self.replace(table or switch())

    def replace(self, table: Table) -> None:
        """From now on it is this that it answers from."""
        self.table, self.oids = table, sorted(table)

    def answer(self, data: bytes) -> bytes | list[bytes]:
        self.asked += 1
        tag, request_id, first, second, names = question(data)
        return reply(request_id, *self.found(tag, first, second, names))

    def found(self, tag: int, first: int, second: int, names: list[Oid]) -> tuple[list[bytes], int, int]:
        """(bindings, error-status, error-index)."""
        if tag == ber.GET:
            return [varbind(oid, self.table.get(oid, b"\x80\x00")) for oid in names], 0, 0
        out, at = [], list(names)
        for _ in range(second if tag == ber.GETBULK else 1):
            for place, oid in enumerate(at):
                at[place], binding = self.following(oid)
                out.append(binding)
        return out, 0, 0

    def following(self, oid: Oid) -> tuple[Oid, bytes]:
        place = bisect.bisect_right(self.oids, oid)
        if place == len(self.oids):
            return oid, varbind(oid, b"\x82\x00")
        return self.oids[place], varbind(self.oids[place], self.table[self.oids[place]])


class Silent(Agent):
    def answer(self, data: bytes) -> bytes | list[bytes]:
        self.asked += 1
        return []


class Garbage(Agent):
    def answer(self, data: bytes) -> bytes | list[bytes]:
        return b"\xde\xad\xbe\xef" * 9


class HalfAnAnswer(Agent):
    def answer(self, data: bytes) -> bytes | list[bytes]:
        whole = super().answer(data)
        assert isinstance(whole, bytes)
        return whole[: len(whole) * 2 // 3]


class Circle(Agent):
    """Its interface table leads back to its beginning."""

    def following(self, oid: Oid) -> tuple[Oid, bytes]:
        following, binding = super().following(oid)
        if oid[: len(IFX_ENTRY)] == IFX_ENTRY and oid[-1] == 5 and len(oid) > len(IFX_ENTRY):
            following = (*oid[:-1], 2)
            return following, varbind(following, self.table[following])
        return following, binding


class Endless(Agent):
    """A table whose next row is always there."""

    def following(self, oid: Oid) -> tuple[Oid, bytes]:
        entry = (*IFX_ENTRY, 1)
        if oid[: len(entry)] == entry:
            following = (*entry, oid[-1] + 1) if len(oid) > len(entry) else (*entry, 1)
            return following, varbind(following, ber.tlv(4, b"x"))
        return super().following(oid)


class TooBig(Agent):
    """Fits `room` bindings into an answer, and says tooBig for more."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def found(self, tag: int, first: int, second: int, names: list[Oid]) -> tuple[list[bytes], int, int]:
        bindings, _, _ = super().found(tag, first, second, names)
        return ([], 1, 0) if len(bindings) > self.room else (bindings, 0, 0)


class HalfDeaf(Agent):
    """Never answers about one column."""

    def answer(self, data: bytes) -> bytes | list[bytes]:
        deaf = (*IFX_ENTRY, 1)
        return [] if any(oid[: len(deaf)] == deaf for oid in question(data)[4]) else super().answer(data)


class Repeating(Agent):
    """Its table tells each row twice."""

    def following(self, oid: Oid) -> tuple[Oid, bytes]:
        following, binding = super().following(oid)
        if oid[: len(IFX_ENTRY)] == IFX_ENTRY and len(oid) > len(IFX_ENTRY) + 1 and oid[-1] == 4:
            return oid, varbind(oid, self.table[oid])
        return following, binding


class NoBulk(Agent):
    """Says genErr to every GETBULK of more than one row."""

    def found(self, tag: int, first: int, second: int, names: list[Oid]) -> tuple[list[bytes], int, int]:
        return ([], 5, 1) if tag == ber.GETBULK and second > 1 else super().found(tag, first, second, names)


class LosesLarge(Agent):
    """Never answers with more than `room` bindings: its answers are lost on the way."""

    def __init__(self, room: int) -> None:
        super().__init__(switch(30))
        self.room = room

    def answer(self, data: bytes) -> bytes | list[bytes]:
        tag, _, _, repetitions, names = question(data)
        lost = tag == ber.GETBULK and len(names) * repetitions > self.room
        self.asked += lost
        return [] if lost else super().answer(data)


class Indefinite(Agent):
    """Writes lengths that SNMP forbids and BER knows (X.690 §8.1.3.6): pysnmp reads them."""

    def answer(self, data: bytes) -> bytes | list[bytes]:
        tag, request_id, first, second, names = question(data)
        bindings, status, index = self.found(tag, first, second, names)
        listed = b"\x30\x80" + b"".join(bindings) + b"\x00\x00"
        body = ber.integer(request_id) + ber.integer(status) + ber.integer(index) + listed
        return ber.message(1, b"public", ber.tlv(ber.RESPONSE, body))


class Chatter(Agent):
    """Answers everything twice, between two datagrams of noise."""

    def answer(self, data: bytes) -> bytes | list[bytes]:
        whole = super().answer(data)
        assert isinstance(whole, bytes)
        return [b"noise", whole, whole, b""]


def question(data: bytes) -> tuple[int, int, int, int, list[Oid]]:
    """(PDU tag, request-id, first number, second number, names) of a request."""
    _, tag, request_id, asked = ber.community_message(data)
    return tag, request_id, asked.error_status, asked.error_index, [ber.oid_of(name) for name in asked.names]


def reply(request_id: int, bindings: list[bytes], status: int = 0, index: int = 0) -> bytes:
    return ber.message(1, b"public", response(request_id, bindings, status, index))


def response(request_id: int, bindings: list[bytes], status: int = 0, index: int = 0, tag: int = ber.RESPONSE) -> bytes:
    body = ber.integer(request_id) + ber.integer(status) + ber.integer(index) + ber.tlv(0x30, b"".join(bindings))
    return ber.tlv(tag, body)


class Secure(Agent):
    """Answers v3 to one user (RFC 3414 §3.2), and reports what it does not believe."""

    def __init__(
        self, user: Target, table: Table | None = None, engine_id: bytes = b"\x80\x00\x1f\x88\x04agent"
    ) -> None:
        super().__init__(table)
        self.user, self.engine_id, self.boots, self.skew = user, engine_id, 1, 0
        self.contexts = [b""]
        self.reports: list[int] = []
        self.began = time.monotonic()

    def restart(self) -> None:
        self.boots, self.began, self.skew = self.boots + 1, time.monotonic(), 0

    def peer(self) -> usm.Peer:
        return usm.Peer(self.engine_id, self.boots, int(time.monotonic() - self.began) + self.skew, 0.0)

    def answer(self, data: bytes) -> bytes | list[bytes]:
        self.asked += 1
        message, user = usm.unpack(data), self.user
        if message.engine_id != self.engine_id:
            return self.report(message, usm.UNKNOWN_ENGINE_ID)
        if message.user.decode() != user.user:
            return self.report(message, 3)
        if user.auth_protocol and not usm.authentic(user, message, data):
            return self.report(message, 5)
        if message.boots != self.boots or abs(message.time - self.peer().time) > usm.WINDOW_S or self.refuses():
            return self.report(message, usm.NOT_IN_TIME_WINDOW, replace(user, priv_protocol=""))
        try:
            body, i, end = usm.scoped_pdu(user, message)
            tag, request_id, asked = ber.response(body, i, end)
            context = body[ber.header(body, 0)[1] : i]
        except ber.BadMessage:
            return []  # as net-snmp does with what it cannot decrypt
        if ber.octets(context, ber.octets(context, 0, len(context))[1], len(context))[0] not in self.contexts:
            return []
        found = self.found(tag, asked.error_status, asked.error_index, [ber.oid_of(name) for name in asked.names])
        level = user if message.flags & usm.PRIV else replace(user, priv_protocol="")
        return usm.pack(level, self.peer(), message.id, response(request_id, *found), 0.0, flags=0, context=context)

    def refuses(self) -> bool:
        return False

    def report(self, message: usm.Message, number: int, user: Target = UNSIGNED) -> bytes:
        """Signed where a user is named."""
        self.reports.append(number)
        oid = (1, 3, 6, 1, 6, 3, 15, 1, 1, number, 0)
        pdu = response(0, [varbind(oid, ber.integer(len(self.reports), 0x41))], tag=ber.REPORT)
        return usm.pack(user, self.peer(), message.id, pdu, 0.0, flags=0)


class Rebooting(Secure):
    """Restarts after every so many questions."""

    every = 20

    def answer(self, data: bytes) -> bytes | list[bytes]:
        if self.asked and self.asked % self.every == 0:
            self.restart()
        return super().answer(data)


class Unsure(Secure):
    """Says notInTimeWindow to every tenth question for no reason."""

    def refuses(self) -> bool:
        return self.asked % 10 == 0


class _Served(asyncio.DatagramProtocol):
    def __init__(self, answer: Answering, elsewhere: asyncio.DatagramTransport | None = None) -> None:
        self.answer, self.elsewhere = answer, elsewhere

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answers = self.answer(data)
        for one in answers if isinstance(answers, list) else [answers]:
            (self.elsewhere or self.transport).sendto(one, addr)


@asynccontextmanager
async def served(agent: Agent, *, from_elsewhere: bool = False) -> AsyncIterator[int]:
    """The port on 127.0.0.1 where the agent listens. `from_elsewhere`: it answers from another address."""
    loop = asyncio.get_running_loop()
    other = None
    if from_elsewhere:
        other, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.2", 0))
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Served(agent.answer, other), local_addr=("127.0.0.1", 0)
    )
    try:
        yield int(transport.get_extra_info("sockname")[1])
    finally:
        transport.close()
        if other:
            other.close()
        await asyncio.sleep(0)
