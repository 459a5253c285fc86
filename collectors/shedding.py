"""Sheds a storm in the kernel: of a source that floods a socket only one datagram in so many is let into its buffer.

Reading 50,000 datagrams a second to throw 49,000 away costs a third of a processor, and while the machine is busy
elsewhere they fill the buffer and push out everybody else's. A classic BPF program (Linux socket(7), SO_ATTACH_FILTER;
no privilege needed) drops by source address and at random before the buffer, and the socket counts what it dropped.
"""

import contextlib
import ctypes
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

MOST = 32  # sources shed at once
SETTLED_S = 0.5  # seconds of shedding until it is known how much a source sends
_ATTACH, _DETACH = getattr(socket, "SO_ATTACH_FILTER", 26), 27
_NET, _RANDOM = 0xFFF00000, 0xFFFFF038  # SKF_NET_OFF; SKF_AD_OFF + SKF_AD_RANDOM (linux/filter.h)
_LD_W, _LD_B, _RSH, _MOD, _JEQ, _RET = 0x20, 0x30, 0x74, 0x94, 0x15, 0x06
_ALL = 0xFFFFFFFF

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, constant


@dataclass(slots=True)
class Shedder:
    """Which sources are shed, and how much: so that about `rate` datagrams a second of each come through."""

    rate: int
    one_in: dict[str, int] = field(default_factory=dict)
    _looked: dict[str, tuple[float, int]] = field(default_factory=dict)  # when, and how many had come then

    def begin(self, source: str, a_second: float, come: int, now: float) -> bool:
        """Whether a source that sends so many a second, `come` of them until now, is shed from now on."""
        if source in self.one_in or len(self.one_in) >= MOST or a_second < 2 * self.rate or not _is_address(source):
            return False
        self.one_in[source] = round(a_second / self.rate)
        self._looked[source] = now, come
        return True

    def adjust(self, come: Mapping[str, int], lost: int, now: float) -> dict[str, int]:
        """`come` of each source that got through, `lost` in the kernel since the last time; returns whose they were."""
        through = {source: come.get(source, 0) - self._looked[source][1] for source in self.one_in}
        weight = {source: count * (self.one_in[source] - 1) + 1 for source, count in through.items()}
        shares = {source: lost * count // sum(weight.values()) for source, count in weight.items()}
        for source, count in through.items():
            seconds = now - self._looked[source][0]
            if seconds < SETTLED_S:
                continue
            self._looked[source] = now, come.get(source, 0)
            offered = count * self.one_in[source] / seconds
            if offered < 1.5 * self.rate:
                del self.one_in[source], self._looked[source]
            else:
                self.one_in[source] = max(2, round(offered / self.rate))
        return shares


def _is_address(source: str) -> bool:
    try:
        return bool(ip_address(source.partition("%")[0]))
    except ValueError:
        return False


def attach(opened: socket.socket, one_in: Mapping[str, int]) -> bool:
    """Whether the kernel does it from now on; with nothing to shed, the program is taken away."""
    try:
        if not one_in:
            with contextlib.suppress(OSError):  # there was none
                opened.setsockopt(socket.SOL_SOCKET, _DETACH, 0)
            return True
        instructions = program(one_in)
        code = b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
        held = ctypes.create_string_buffer(code, len(code))
        told = struct.pack("@HP", len(instructions), ctypes.addressof(held))
        opened.setsockopt(socket.SOL_SOCKET, _ATTACH, told)
    except OSError:
        return False
    return True


def program(one_in: Mapping[str, int]) -> list[Instruction]:
    """Accepts everything but all but one in so many of these sources."""
    four: list[list[Instruction]] = []
    six: list[list[Instruction]] = []
    for source, number in one_in.items():
        address = ip_address(source.partition("%")[0])
        (four if address.version == 4 else six).append(_of(address.packed, 12 if address.version == 4 else 8, number))
    old = [instruction for block in four for instruction in block]
    new = [instruction for block in six for instruction in block]
    return [
        (_LD_B, 0, 0, _NET),
        (_RSH, 0, 0, 4),  # the IP version
        (_JEQ, 1, 0, 4),
        (0x05, 0, 0, len(old) + 1),  # past IPv4's
        *old,
        (_RET, 0, 0, _ALL),
        *new,
        (_RET, 0, 0, _ALL),
    ]


def _of(address: bytes, at: int, number: int) -> list[Instruction]:
    words = [int.from_bytes(address[start : start + 4], "big") for start in range(0, len(address), 4)]
    sample = [(_LD_W, 0, 0, _RANDOM), (_MOD, 0, 0, number), (_JEQ, 0, 1, 0), (_RET, 0, 0, _ALL), (_RET, 0, 0, 0)]
    compare: list[Instruction] = []
    for place, word in enumerate(words):
        rest = 2 * (len(words) - place - 1) + len(sample)
        compare += [(_LD_W, 0, 0, _NET + at + 4 * place), (_JEQ, 0, rest, word)]
    return compare + sample
