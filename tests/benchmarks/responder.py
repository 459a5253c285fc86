"""A switch with 48 ports that answers SNMP v2c at every loopback address: `python tests/benchmarks/responder.py PORT`.

All devices have one table, so an answer is encoded once and remembered by its question: the responder costs next to
nothing beside what it measures. Prints `ready`.
"""

import bisect
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from collectors.snmp import ber
from collectors.snmp.session import Oid

PORTS, EXTRA = 48, 4
_LARGEST = 65_000
_IP_PKTINFO = 8


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
    put("1.3.6.1.2.1.1.5.0", text("switch"))
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
    for column, value in ((3, 6), (4, 1500), (7, 1), (8, 1)):
        put(f"{entry}.{column}.{port}", ber.integer(value))
    for column in (13, 14, 19, 20):
        put(f"{entry}.{column}.{port}", ber.integer(port, 0x41))
    put(f"{extended}.1.{port}", text(f"Gi0/{port}"))
    for column in (6, 7, 8, 9, 10, 11):
        put(f"{extended}.{column}.{port}", ber.integer((port << 34) + column, 0x46))
    put(f"{extended}.15.{port}", ber.integer(1000, 0x42))
    put(f"{extended}.18.{port}", text(f"to room {port}"))


class Responder:
    def __init__(self) -> None:
        self.table = table()
        self.oids = sorted(self.table)
        self.remembered: dict[bytes, bytes] = {}

    def answer(self, data: bytes) -> bytes:
        """The request-id stands in the middle: what stands around it decides the answer."""
        community, tag, request_id, asked = ber.community_message(data)
        number = ber.integer(request_id)
        at = data.index(number)
        question = bytes((tag,)) + data[at + len(number) :]
        rest = self.remembered.get(question)
        if rest is None:
            bindings = self.found(tag, asked.error_index, [ber.oid_of(name) for name in asked.names])
            rest = self.remembered[question] = ber.integer(0) + ber.integer(0) + ber.tlv(0x30, b"".join(bindings))
        return ber.message(1, community, ber.tlv(ber.RESPONSE, number + rest))

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
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        one.bind(("0.0.0.0", port))
        print("ready", one.getsockname()[1], flush=True)
        while True:
            data, ancillary, _, sender = one.recvmsg(_LARGEST, 64)
            asked = next(d[8:12] for _, kind, d in ancillary if kind == _IP_PKTINFO)  # ipi_addr
            if asked[0] != 127 or not sender[0].startswith("127."):
                continue
            source = [(socket.IPPROTO_IP, _IP_PKTINFO, struct.pack("@i4s4s", 0, asked, b"\0" * 4))]
            one.sendmsg([responder.answer(data)], source, 0, sender)


if __name__ == "__main__":
    serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
