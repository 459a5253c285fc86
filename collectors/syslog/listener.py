"""Listens for syslog over UDP (RFC 5426) and hands on events."""

from collections.abc import Callable
from datetime import UTC, datetime

from agent.observation import ComponentKind, Event, Source, Subject
from collectors import fairness
from collectors.datagrams import Address, DatagramPort
from collectors.fairness import Limits, Storm
from collectors.syslog import message, patterns


class SyslogListener:
    """`device_of` gives a device's name for a source address, or nothing: a stranger's messages are kept as well.

    While `ready` says no, messages wait here, where each source has its share.
    """

    def __init__(
        self,
        host: str,
        port: int,
        device_of: Callable[[str], str],
        ready: Callable[[], bool] = lambda: True,
        limits: Limits | None = None,
    ) -> None:
        self._port = DatagramPort("syslog", host, port, lambda address: bool(device_of(address)), limits, ready)
        self._device_of = device_of
        self._handle: Callable[[Event], None] | None = None
        self._dropped = 0  # by who handles

    @property
    def address(self) -> Address:
        """Where it listens; the real port after `start`."""
        return self._port.address

    @property
    def dropped(self) -> int:
        """Messages that came faster than they could be kept."""
        return self._port.dropped + self._dropped

    @dropped.setter
    def dropped(self, count: int) -> None:
        self._dropped = count - self._port.dropped

    async def start(self, handle: Callable[[Event], None]) -> None:
        patterns.rules()
        self._handle = handle
        await self._port.open(self._take, self._told)

    async def stop(self) -> None:
        self._port.close()

    def _take(self, sender: str, datagram: bytes, _: object, arrived: datetime) -> None:
        if self._handle is not None and datagram.strip(b"\x00\r\n\t "):
            self._handle(event(datagram, arrived, sender, self._device_of(sender)))

    def _told(self, storm: Storm) -> None:
        if self._handle is not None:
            now = datetime.now(UTC)
            self._handle(fairness.event(storm, Source.SYSLOG, now, self._device_of(storm.source)))


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
