"""Listens for syslog over UDP (RFC 5426) and hands on events."""

from collections.abc import Callable
from datetime import UTC, datetime

from agent.observation import ComponentKind, Event, Source, Subject
from collectors.datagrams import Address, DatagramPort
from collectors.syslog import message, patterns


class SyslogListener:
    """`device_of` gives a device's name for a source address, or nothing: a stranger's messages are kept as well."""

    def __init__(self, host: str, port: int, device_of: Callable[[str], str]) -> None:
        self._port = DatagramPort("syslog", host, port)
        self._device_of = device_of
        self._handle: Callable[[Event], None] | None = None

    @property
    def address(self) -> Address:
        """Where it listens; the real port after `start`."""
        return self._port.address

    @property
    def dropped(self) -> int:
        """Datagrams that came faster than they were read."""
        return self._port.inbox.dropped

    @dropped.setter
    def dropped(self, count: int) -> None:
        self._port.inbox.dropped = count

    async def start(self, handle: Callable[[Event], None]) -> None:
        patterns.rules()
        self._handle = handle
        await self._port.open(self._take)

    async def stop(self) -> None:
        self._port.close()

    def _take(self, sender: str, datagram: bytes, _: object) -> None:
        now = datetime.now(UTC)
        if self._handle is not None and datagram.strip(b"\x00\r\n\t "):
            self._handle(event(datagram, now, sender, self._device_of(sender)))


def event(datagram: bytes, now: datetime, sender: str, device: str) -> Event:
    """What a datagram says. A subject needs a device that is known."""
    read = message.read(datagram, now)
    named = patterns.name(read)
    about = Subject(device, named.kind, named.component) if device and named.name else None
    data = dict(named.data)
    if read.host:
        data["host"] = read.host
    if read.app:
        data["app"] = read.app
    return Event(
        device=device,
        sender=sender,
        source=Source.SYSLOG,
        arrived=now,
        severity=read.severity,
        text=read.text,
        facility=read.facility,
        mnemonic=read.mnemonic,
        name=named.name,
        subject=about if about is None or about.name or about.kind is ComponentKind.DEVICE else None,
        stamped=read.stamped,
        data=data,
    )
