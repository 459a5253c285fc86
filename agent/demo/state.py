"""One device of the demonstration network, as it is now: everything its SNMP agent and its command line tell.

What moves by itself (counters, load, temperature) is a function of the time, so nothing runs in the background.
Times are seconds since the epoch.
"""

import math
import zlib
from collections import deque
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from agent.demo.hardware import ETHERNET, LOOPBACK, Hardware

_WAVE_S = 97.0  # traffic and load rise and fall this often: quick enough to be seen in a demonstration


def number(text: str) -> int:
    """A number that is always the same for the same text (Python's own hash differs from run to run)."""
    return zlib.crc32(text.encode())


@dataclass(slots=True)
class Flow:
    """A counter that grows at `rate` a second, half up and half down around it in waves."""

    rate: float
    since: float
    total: float = 0.0
    phase: float = 0.0

    def read(self, now: float) -> int:
        turn = 2 * math.pi / _WAVE_S
        swing = (math.cos(turn * self.since + self.phase) - math.cos(turn * now + self.phase)) / turn
        return int(self.total + self.rate * max(0.0, now - self.since + 0.5 * swing))

    def change(self, rate: float, now: float) -> None:
        self.total, self.since, self.rate = float(self.read(now)), now, rate


@dataclass(slots=True)
class Port:
    name: str  # ifName
    descr: str
    index: int  # ifIndex
    type: int
    speed: int
    mac: bytes
    number: int  # counts the ports from 1, as lldpLocPortNum does on many
    alias: str = ""
    address: str = ""  # of a /30, or the loopback's own
    admin: bool = True
    up: bool = False
    changed: float = 0.0  # when `up` last changed
    neighbour: tuple[str, str] | None = None  # device, port at the other end of the cable
    load: float = 0.0  # 0 to 1, while up
    parent: str = ""  # of a logical unit (Junos): the port that it runs on
    held_down: bool = False  # by a breakage: flapping
    in_octets: Flow = field(default_factory=lambda: Flow(0, 0))
    out_octets: Flow = field(default_factory=lambda: Flow(0, 0))
    in_errors: Flow = field(default_factory=lambda: Flow(0, 0))
    corrupt: bool = False  # by a breakage: one received frame in twenty is broken
    half: bool = False  # by a breakage: half duplex
    dim: bool = False  # by a breakage: little light arrives

    @property
    def physical(self) -> bool:
        return self.type == ETHERNET

    @property
    def prefix(self) -> int:
        return 32 if self.type == LOOPBACK else 30

    def run(self, up: bool, now: float) -> None:
        """Traffic flows while the port is up, and errors while it is corrupt."""
        bytes_s = self.load * self.speed / 8 if up else 0.0
        self.in_octets.change(bytes_s, now)
        self.out_octets.change(bytes_s * 0.6, now)
        self.in_errors.change(max(bytes_s / 600 * 0.05, 20.0) if up and self.corrupt else 0.0, now)
        if up != self.up:
            self.up, self.changed = up, now

    def zero(self, now: float) -> None:
        """As after a restart."""
        for flow in (self.in_octets, self.out_octets, self.in_errors):
            flow.total, flow.since = 0.0, now


@dataclass(slots=True)
class Peer:
    """A BGP session, seen from one end."""

    address: str  # the other end's
    local: str
    asn: int
    device: str
    port: str  # the local port that it runs over
    internal: bool
    up: bool = False
    changed: float = 0.0
    crashed: bool = False
    flaps: int = 0


@dataclass(slots=True)
class Adjacency:
    """An OSPF neighbour, seen from one end."""

    address: str  # the other end's
    device: str
    port: str  # the local port
    up: bool = False
    changed: float = 0.0
    stuck: bool = False  # by a breakage: the two ends do not agree on the MTU


@dataclass(slots=True)
class LogLine:
    at: float
    severity: int  # RFC 5424
    text: str  # in the vendor's words, mnemonic first


@dataclass(slots=True)
class Box:
    """A device."""

    name: str
    address: str  # on loopback
    hardware: Hardware
    site: str
    serial: str
    ports: dict[str, Port]
    booted: float
    router_id: str
    peers: dict[str, Peer] = field(default_factory=dict)  # by the other end's address
    adjacencies: dict[str, Adjacency] = field(default_factory=dict)  # by the other end's address
    powered: bool = True
    reachable: bool = True  # a path from the agent's place to it is left
    agent_dead: bool = False
    hot: bool = False
    busy: bool = False
    leaking: bool = False
    full: bool = False  # the flash
    lost_time: bool = False
    touched: float = 0.0  # when its configuration last changed; 0: when it was read, at the start
    dead_fans: set[str] = field(default_factory=set)
    dead_supplies: set[str] = field(default_factory=set)
    log: deque[LogLine] = field(default_factory=lambda: deque(maxlen=500))

    @property
    def asn(self) -> int:
        return self.hardware.asn

    @property
    def family(self) -> str:
        return self.hardware.family

    @property
    def answers(self) -> bool:
        return self.powered and self.reachable

    @property
    def mac(self) -> bytes:
        return next(iter(self.ports.values())).mac

    def uptime(self, now: float) -> float:
        return max(0.0, now - self.booted)

    @property
    def synchronised(self) -> bool:
        """As its NTP has it: a clock that is far off follows nobody."""
        return not self.lost_time and abs(self.hardware.skew_s) <= 1

    @property
    def configured(self) -> int:
        """sysUpTime, in hundredths of a second, when its configuration last changed."""
        return int(max(self.touched - self.booted, 31.0) * 100) % 2**32

    def clock(self, now: float) -> float:
        return now - self.hardware.skew_s

    def _wave(self, what: str, now: float) -> float:
        return math.sin(2 * math.pi * now / _WAVE_S + number(self.name + what) % 628 / 100)

    def cpu_pct(self, now: float) -> int:
        usual, wave = self.hardware.cpu_pct, self._wave("cpu", now)
        return round(96 + 2 * wave if self.busy else usual + 5 * wave)

    def memory_pct(self, now: float) -> int:
        return round((95 if self.leaking else self.hardware.memory_pct) + self._wave("mem", now))

    def memory_bytes(self, now: float) -> tuple[int, int]:
        """(used, total)."""
        total = self.hardware.memory_mb * 2**20
        return total * self.memory_pct(now) // 100, total

    def celsius(self, sensor: int, now: float) -> int:
        """Of the sensor with that position. Heat is told by the first one."""
        it = self.hardware.sensors[sensor]
        if self.hot and sensor == 0:
            return round(it.limit + 6)
        return round(it.celsius + 1.5 * self._wave(it.name, now))


def serial(device: str, hardware: Hardware) -> str:
    """A serial number in the vendor's style."""
    n = number(device)
    styles = {
        "cisco": f"FCW{n % 10000:04d}{'ABCDEFGHJKLMNPQRSTUVWXYZ'[n // 7 % 24]}0{n // 3 % 90 + 10}",
        "juniper": f"{'JN' if 'mx' in hardware.model else 'CX'}{n % 10**10:010d}",
        "arista": f"JPE{n % 10**8:08d}",
        "huawei": f"210235{n % 10**10:010d}DM"[:20],
        "comware": f"CN{n % 10**8:08d}",
    }
    return styles[hardware.family]


def mac(device: str, port: int) -> bytes:
    """A locally administered address (bit 1 of the first octet), so that it is nobody's."""
    return b"\x02" + number(device).to_bytes(4, "big")[1:] + port.to_bytes(2, "big")


def box(device: str, address: str, site: str, hardware: Hardware, order: int, now: float) -> Box:
    """The device with its built-in ports, nothing connected. `order` counts the devices from 1."""
    ports = {}
    for position, it in enumerate(hardware.sockets, start=1):
        index = _index(hardware.family, position)
        ports[it.name] = Port(it.name, it.descr, index, it.type, it.speed, mac(device, position), position)
    router_id = str(IPv4Address("10.0.0.0") + order)
    for port in ports.values():
        port.changed = now
        if port.type == LOOPBACK:
            port.address = router_id
        port.admin = not port.physical
    booted = now - 86400 * (7 + number(device) % 300) - number(device) % 86400
    return Box(device, address, hardware, site, serial(device, hardware), ports, booted, router_id)


def add_port(it: Box, name: str, now: float, type_: int = ETHERNET, speed: int = 10**9, parent: str = "") -> Port:
    """A port that the hardware does not have but a link needs, or a logical unit on one."""
    position = len(it.ports) + 1
    index = _index(it.family, position)
    port = Port(name, name, index, type_, speed, mac(it.name, position), position, changed=now, parent=parent)
    it.ports[name] = port
    return port


def _index(family: str, position: int) -> int:
    """ifIndex counts from 1 with some, and starts far up with others."""
    return position + {"juniper": 500, "comware": 0, "huawei": 4, "cisco": 0}.get(family, 0)
