"""pysnmp's UDP, made to believe only whom was asked: of itself it takes any datagram that has the right number."""

from typing import Any

from pysnmp.carrier.asyncio.dgram import udp, udp6
from pysnmp.hlapi.v3arch import asyncio as hlapi

from collectors.snmp import ber
from collectors.snmp.session import Cause
from collectors.snmp.sockets import Address

pysnmp: Any = hlapi  # untyped in half


class Senders:
    """Who was asked under which number, and what else came than an answer. Of one engine."""

    def __init__(self) -> None:
        self._asked: dict[int, Address] = {}
        self._strange: dict[Address, Cause] = {}

    def sent(self, datagram: bytes, address: Address) -> None:
        self._asked[ber.identify(datagram)[1]] = address

    def believed(self, datagram: bytes, sender: Address) -> bool:
        try:
            _, number, _ = ber.identify(datagram)
            ber.whole(datagram)
        except ber.BadMessage as bad:
            if sender in self._asked.values():
                self._strange[sender] = bad.cause
            return False
        whom = self._asked.get(number, sender)
        if whom != sender:
            self._strange[whom] = Cause.WRONG_SOURCE
        return whom == sender

    def done(self, address: Address) -> Cause | None:
        """Forget the address; what came from it or in its name that was no answer."""
        self._asked = {number: whom for number, whom in self._asked.items() if whom != address}
        return self._strange.pop(address, None)


def target(senders: Senders, address: str) -> Any:
    """The class of transport target for the address's family."""
    carrier: Any = udp6.Udp6AsyncioTransport if ":" in address else udp.UdpAsyncioTransport
    kind: Any = pysnmp.Udp6TransportTarget if ":" in address else pysnmp.UdpTransportTarget

    class Transport(carrier):  # type: ignore[misc]
        def send_message(self, outgoing: bytes, address: Any) -> None:
            senders.sent(bytes(outgoing), tuple(address)[:2])
            super().send_message(outgoing, address)

        def datagram_received(self, datagram: bytes, sender: Any) -> None:
            if senders.believed(datagram, tuple(sender)[:2]):
                super().datagram_received(datagram, sender)

    class Target(kind):  # type: ignore[misc]
        PROTO_TRANSPORT = Transport

    return Target
