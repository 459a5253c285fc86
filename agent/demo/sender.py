"""Syslog and traps as the devices send them: UDP, each from its own address, encoded by pysnmp, not by our codec."""

import socket
from collections.abc import Iterable
from typing import Any

from pyasn1.codec.ber import encoder
from pysnmp.proto import api
from pysnmp.proto import rfc1902 as pysnmp_types

from agent.demo import wording
from agent.demo.fabric import Happening, Happens
from agent.demo.mibs.table import Oid, oid
from agent.demo.state import Box

rfc1902: Any = pysnmp_types  # pysnmp has no types of its own
v2c: Any = api.v2c

_SYS_UP_TIME, _TRAP_OID = oid("1.3.6.1.2.1.1.3.0"), oid("1.3.6.1.6.3.1.1.4.1.0")
_COLD_START, _LINK_DOWN, _LINK_UP = (oid(f"1.3.6.1.6.3.1.1.5.{number}") for number in (1, 3, 4))
_BGP_ESTABLISHED, _BGP_BACKWARD = oid("1.3.6.1.2.1.15.0.1"), oid("1.3.6.1.2.1.15.0.2")  # BGP4-MIB, RFC 4273
_IF, _IF_NAME = oid("1.3.6.1.2.1.2.2.1"), oid("1.3.6.1.2.1.31.1.1.1.1")
_BGP_PEER = oid("1.3.6.1.2.1.15.3.1")
_ENVMON = oid("1.3.6.1.4.1.9.9.13.1")
_CISCO = {  # the notification, and the table and state column of what it tells
    Happens.HOT: (oid("1.3.6.1.4.1.9.9.13.3.0.3"), 3, 6),
    Happens.FAN_FAILED: (oid("1.3.6.1.4.1.9.9.13.3.0.4"), 4, 3),
    Happens.POWER_FAILED: (oid("1.3.6.1.4.1.9.9.13.3.0.5"), 5, 3),
}
_JUNIPER = {
    Happens.POWER_FAILED: oid("1.3.6.1.4.1.2636.4.1.1"),
    Happens.FAN_FAILED: oid("1.3.6.1.4.1.2636.4.1.2"),
    Happens.HOT: oid("1.3.6.1.4.1.2636.4.1.3"),
}
_JUNIPER_DESCR = oid("1.3.6.1.4.1.2636.3.1.13.1.5")

Bindings = list[tuple[Oid, Any]]


class Sender:
    """What the devices say to the agent's listeners."""

    def __init__(self, syslog: tuple[str, int], traps: tuple[str, int], community: str) -> None:
        self._syslog, self._traps, self._community = syslog, traps, community
        self._sockets: dict[str, socket.socket] = {}
        self._counts: dict[str, int] = {}

    def tell(self, box: Box, happened: Iterable[Happening], now: float) -> None:
        """Write the device's log; and when the agent can be reached from it, send syslog and traps."""
        for it in happened:
            for line in wording.lines(box, it, now):
                box.log.append(line)
                self._counts[box.name] = number = self._counts.get(box.name, 0) + 1
                if box.answers:
                    self._send(box, wording.datagram(box, line, number), self._syslog)
            bindings = _bindings(box, it)
            if bindings and box.answers:
                self._send(box, trap(self._community, box.uptime(now), bindings), self._traps)

    def close(self) -> None:
        for it in self._sockets.values():
            it.close()
        self._sockets.clear()

    def _send(self, box: Box, data: bytes, to: tuple[str, int]) -> None:
        if box.address not in self._sockets:
            it = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            it.setblocking(False)
            it.bind((box.address, 0))
            self._sockets[box.address] = it
        try:
            self._sockets[box.address].sendto(data, to)
        except OSError:
            return  # nobody listens (ECONNREFUSED of the datagram before): a device does not care


def trap(community: str, uptime_s: float, bindings: Bindings) -> bytes:
    """An SNMPv2-Trap message (RFC 3416 §4.2.6); the first binding is the trap's OID and its value unused."""
    (kind, _), *rest = bindings
    pdu = v2c.TrapPDU()
    v2c.apiTrapPDU.set_defaults(pdu)
    head = [(_SYS_UP_TIME, rfc1902.TimeTicks(int(uptime_s * 100) % 2**32)), (_TRAP_OID, rfc1902.ObjectIdentifier(kind))]
    v2c.apiTrapPDU.set_varbinds(pdu, [(rfc1902.ObjectName(name), value) for name, value in (*head, *rest)])
    message = v2c.Message()
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_community(message, community)
    v2c.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


def _bindings(box: Box, it: Happening) -> Bindings:
    """The trap of a happening: its OID, then its objects. Empty where the vendor sends none."""
    if it.what in (Happens.LINK_DOWN, Happens.LINK_UP):
        return _link(box, it)
    if it.what in (Happens.BGP_DOWN, Happens.BGP_UP):
        return _bgp(box, it)
    if it.what is Happens.RESTART:
        return [(_COLD_START, None)]
    return _environment(box, it)


def _link(box: Box, it: Happening) -> Bindings:
    port = box.ports[it.subject]
    index = (port.index,)
    return [
        (_LINK_UP if port.up else _LINK_DOWN, None),
        ((*_IF, 1, *index), rfc1902.Integer32(port.index)),
        ((*_IF, 7, *index), rfc1902.Integer32(1 if port.admin else 2)),
        ((*_IF, 8, *index), rfc1902.Integer32(1 if port.up else 2)),
        (_IF_NAME + index, rfc1902.OctetString(port.name.encode())),
    ]


def _bgp(box: Box, it: Happening) -> Bindings:
    peer = box.peers[it.subject]
    index = tuple(map(int, peer.address.split(".")))
    return [
        (_BGP_ESTABLISHED if peer.up else _BGP_BACKWARD, None),
        ((*_BGP_PEER, 7, *index), rfc1902.IpAddress(peer.address)),
        ((*_BGP_PEER, 14, *index), rfc1902.OctetString(b"\x00\x00" if peer.up else b"\x04\x00")),
        ((*_BGP_PEER, 2, *index), rfc1902.Integer32(6 if peer.up else 3)),
    ]


def _environment(box: Box, it: Happening) -> Bindings:
    """CISCO-ENVMON-MIB and JUNIPER-MIB notifications; the others tell it by syslog alone here."""
    name = rfc1902.OctetString(it.subject.encode())
    if box.family == "cisco" and it.what in _CISCO:
        kind, table, state = _CISCO[it.what]
        row = _cisco_row(box, it)
        critical = rfc1902.Integer32(3)
        return [(kind, None), ((*_ENVMON, table, 1, 2, row), name), ((*_ENVMON, table, 1, state, row), critical)]
    if box.family == "juniper" and it.what in _JUNIPER:
        return [(_JUNIPER[it.what], None), ((*_JUNIPER_DESCR, 9, 1, 0, 0), name)]
    return []


def _cisco_row(box: Box, it: Happening) -> int:
    hardware = box.hardware
    if it.what is Happens.FAN_FAILED:
        return 1014 + hardware.fans.index(it.subject)
    if it.what is Happens.POWER_FAILED:
        return 1030 + hardware.power_supplies.index(it.subject)
    return 1006
