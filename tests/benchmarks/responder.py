"""A switch with 48 ports that answers SNMP v2c and v3 at every loopback address but those of 127.2: these are dead.

All devices have one table, so an answer is encoded once and remembered by its question: the responder costs next to
nothing beside what it measures. `python tests/benchmarks/responder.py PORT` prints `ready PORT`.
"""

import bisect
import contextlib
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from collectors.snmp import ber, usm
from collectors.snmp.session import Name, Oid, Target

PORTS, EXTRA = 48, 4
USER = Target(
    address="", version="v3", user="monitor", auth_protocol="sha1", auth=b"authsecret",
    priv_protocol="aes128", priv=b"privsecret",
)  # fmt: skip
# What the benchmarks poll: 36 scalars and 20 columns of 52 interfaces are 1,076 values.
SCALARS: list[Oid] = [(1, 3, 6, 1, 2, 1, 1, n, 0) for n in (1, 2, 3, 4, 5, 6)]
SCALARS += [(1, 3, 6, 1, 2, 1, 11, n, 0) for n in range(1, 31)]
COLUMNS: list[Oid] = [(1, 3, 6, 1, 2, 1, 2, 2, 1, n) for n in (2, 3, 4, 5, 6, 7, 8, 13, 14, 19, 20)]
COLUMNS += [(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, n) for n in (1, 6, 7, 8, 9, 10, 11, 15, 18)]
_LARGEST = 65_000
_IP_PKTINFO = 8
_AWAKE_S = 0.02


def text(value: str) -> bytes:
    return ber.tlv(4, value.encode())


def table() -> dict[Oid, bytes]:
    """About 1,100 values: 20 interface columns × 52, entities, processor, memory, sensors, fans."""
    made: dict[Oid, bytes] = {}

    def put(oid: str, value: bytes) -> None:
        made[tuple(map(int, oid.split(".")))] = value

    put(
        "1.3.6.1.2.1.1.1.0",
        text("Cisco IOS Software, C3560E Software (C3560E-UNIVERSALK9-M), Version 15.0(2)SE7, RELEASE"),
    )
    put("1.3.6.1.2.1.1.2.0", ber.tlv(6, ber.oid_body((1, 3, 6, 1, 4, 1, 9, 1, 1226))))
    put("1.3.6.1.2.1.1.3.0", ber.integer(987_654_321, 0x43))
    put("1.3.6.1.2.1.1.4.0", text("noc@example.org"))
    put("1.3.6.1.2.1.1.5.0", text("switch"))
    put("1.3.6.1.2.1.1.6.0", text("room 12"))
    for counter in range(1, 31):
        put(f"1.3.6.1.2.1.11.{counter}.0", ber.integer(counter * 12_345, 0x41))
    put("1.3.6.1.2.1.2.1.0", ber.integer(PORTS + EXTRA))
    put("1.3.6.1.2.1.15.2.0", ber.integer(65001))
    for port in range(1, PORTS + EXTRA + 1):
        _interface(put, port)
    for index, (kind, name) in enumerate(((3, "Chassis"), (9, "Module"), (6, "PSU 1"), (6, "PSU 2"), (7, "Fan 1")), 1):
        put(f"1.3.6.1.2.1.47.1.1.1.1.2.{index}", text(name))
        put(f"1.3.6.1.2.1.47.1.1.1.1.4.{index}", ber.integer(0 if index == 1 else 1))
        put(f"1.3.6.1.2.1.47.1.1.1.1.5.{index}", ber.integer(kind))
        put(f"1.3.6.1.2.1.47.1.1.1.1.7.{index}", text(name))
        put(f"1.3.6.1.2.1.47.1.1.1.1.11.{index}", text(f"SN{index:08}"))
    put("1.3.6.1.4.1.9.9.109.1.1.1.1.2.1", ber.integer(1))
    put("1.3.6.1.4.1.9.9.109.1.1.1.1.8.1", ber.integer(17, 0x42))
    for pool, name in enumerate(("Processor", "I/O"), 1):
        put(f"1.3.6.1.4.1.9.9.48.1.1.1.2.{pool}", text(name))
        put(f"1.3.6.1.4.1.9.9.48.1.1.1.5.{pool}", ber.integer(40_000_000, 0x42))
        put(f"1.3.6.1.4.1.9.9.48.1.1.1.6.{pool}", ber.integer(60_000_000, 0x42))
    for sensor in range(1, 7):
        put(f"1.3.6.1.4.1.9.9.13.1.3.1.2.{sensor}", text(f"Sensor {sensor}"))
        put(f"1.3.6.1.4.1.9.9.13.1.3.1.3.{sensor}", ber.integer(30 + sensor, 0x42))
        put(f"1.3.6.1.4.1.9.9.13.1.3.1.4.{sensor}", ber.integer(60))
        put(f"1.3.6.1.4.1.9.9.13.1.3.1.6.{sensor}", ber.integer(1))
    for part in (1, 2):
        for branch in (4, 5):
            put(f"1.3.6.1.4.1.9.9.13.1.{branch}.1.2.{part}", text(f"Part {part}"))
            put(f"1.3.6.1.4.1.9.9.13.1.{branch}.1.3.{part}", ber.integer(1))
    return made


def _interface(put: Callable[[str, bytes], None], port: int) -> None:
    entry, extended = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
    put(f"{entry}.2.{port}", text(f"GigabitEthernet0/{port}"))
    put(f"{entry}.6.{port}", ber.tlv(4, bytes((2, 0, 0, 0, 0, port))))
    put(f"{entry}.5.{port}", ber.integer(1_000_000_000, 0x42))
    for column, value in ((3, 6), (4, 1500), (7, 1), (8, 1)):
        put(f"{entry}.{column}.{port}", ber.integer(value))
    for column in (13, 14, 19, 20):
        put(f"{entry}.{column}.{port}", ber.integer(port * 7919, 0x41))
    put(f"{extended}.1.{port}", text(f"Gi0/{port}"))
    for column in (6, 7, 8, 9, 10, 11):
        put(f"{extended}.{column}.{port}", ber.integer((port << 34) + column, 0x46))
    put(f"{extended}.15.{port}", ber.integer(1000, 0x42))
    put(f"{extended}.18.{port}", text(f"to room {port}"))


class Responder:
    def __init__(self) -> None:
        self.table = table()
        self.oids = sorted(self.table)
        self.remembered: dict[tuple[int, int, tuple[Name, ...]], bytes] = {}
        self.began = time.monotonic()

    def answer(self, data: bytes, address: bytes) -> bytes:
        if ber.identify(data)[0] == 3:
            return self.secure(data, address)
        community, tag, request_id, asked = ber.community_message(data)
        return ber.message(1, community, self.pdu(tag, request_id, asked.error_index, asked.names))

    def pdu(self, tag: int, request_id: int, repetitions: int, names: Sequence[Name]) -> bytes:
        question = (tag, repetitions, tuple(names))
        rest = self.remembered.get(question)
        if rest is None:
            bindings = self.found(tag, repetitions, [ber.oid_of(name) for name in names])
            rest = self.remembered[question] = b"\x02\x01\x00\x02\x01\x00" + ber.tlv(0x30, b"".join(bindings))
        return ber.tlv(ber.RESPONSE, ber.integer(request_id) + rest)

    def secure(self, data: bytes, address: bytes) -> bytes:
        """As an engine of its own at every address; its clock is believed to be right (RFC 3414 §3.2 7a)."""
        peer = usm.Peer(b"\x80\x00\x1f\x88\x01" + address, 1, 1000 + int(time.monotonic() - self.began))
        message = usm.unpack(data)
        unknown = message.engine_id != peer.engine_id
        if unknown or abs(message.time - peer.time) > usm.WINDOW_S:
            number = usm.UNKNOWN_ENGINE_ID if unknown else usm.NOT_IN_TIME_WINDOW
            counter = self.binding((1, 3, 6, 1, 6, 3, 15, 1, 1, number, 0), ber.integer(1, 0x41))
            report = ber.tlv(ber.REPORT, b"\x02\x01\x00" * 3 + ber.tlv(0x30, counter))
            user = Target(address="") if unknown else replace(USER, priv_protocol="")
            return usm.pack(user, peer, message.id, report, 0.0, flags=0)
        body, i, end = usm.scoped_pdu(USER, message)
        tag, request_id, asked = ber.response(body, i, end)
        pdu = self.pdu(tag, request_id, asked.error_index, asked.names)
        return usm.pack(USER, peer, message.id, pdu, 0.0, flags=0)

    def found(self, tag: int, repetitions: int, names: list[Oid]) -> list[bytes]:
        if tag == ber.GET:
            return [self.binding(oid, self.table.get(oid, b"\x80\x00")) for oid in names]
        out, at = [], list(names)
        for _ in range(repetitions if tag == ber.GETBULK else 1):
            for place, oid in enumerate(at):
                following = bisect.bisect_right(self.oids, oid)
                if following == len(self.oids):
                    out.append(self.binding(oid, b"\x82\x00"))
                    continue
                at[place] = self.oids[following]
                out.append(self.binding(at[place], self.table[at[place]]))
        return out

    @staticmethod
    def binding(oid: Oid, value: bytes) -> bytes:
        return ber.tlv(0x30, ber.tlv(6, ber.oid_body(oid)) + value)


def serve(port: int) -> None:
    """For ever. Answers from the address that was asked (IP_PKTINFO), as a device of its own would."""
    responder = Responder()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        for option in (33, socket.SO_RCVBUF):  # SO_RCVBUFFORCE first: every device would have a buffer of its own
            with contextlib.suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, option, 16 << 20)
                break
        one.bind(("0.0.0.0", port))
        print("ready", one.getsockname()[1], flush=True)
        one.setblocking(False)
        while True:
            data, ancillary, _, sender = _received(one)
            asked = next(d[8:12] for _, kind, d in ancillary if kind == _IP_PKTINFO)  # ipi_addr
            if asked[0] != 127 or asked[1] == 2 or not sender[0].startswith("127."):
                continue
            source = [(socket.IPPROTO_IP, _IP_PKTINFO, struct.pack("@i4s4s", 0, asked, b"\0" * 4))]
            with contextlib.suppress(ber.BadMessage):
                one.sendmsg([responder.answer(data, asked)], source, 0, sender)


def _received(one: socket.socket) -> Any:
    """Looks again for a moment before it sleeps: to wake a sleeping process would be charged to who sends."""
    until = time.monotonic() + _AWAKE_S
    while True:
        try:
            return one.recvmsg(_LARGEST, 64)
        except BlockingIOError:
            if time.monotonic() > until:
                select.select([one], [], [])


@contextlib.contextmanager
def serving() -> Iterator[int]:
    """The responder in a process of its own; its port."""
    with subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline().split()[1])
        finally:
            process.terminate()


if __name__ == "__main__":
    serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
