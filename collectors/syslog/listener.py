"""Listens for syslog over UDP (RFC 5426), TCP (RFC 6587) and TLS (RFC 5425), and hands on events."""

from collections.abc import Callable
from datetime import UTC, datetime

from agent.errors import ListenError
from agent.observation import ComponentKind, Event, Source, Subject
from collectors import fairness
from collectors.datagrams import Address, DatagramPort
from collectors.fairness import Limits, Storm
from collectors.ssh import scrub
from collectors.syslog import dialects, message, patterns
from collectors.syslog.stream import Certificates, StreamPort

_HOLD_COMMANDS = frozenset({"command", "config_changed"})  # events whose text may be what a person typed, secrets too


class SyslogListener:
    """UDP, and TCP and TLS where an address is given for them (port 0: UDP's own, where that is free).

    `device_of` gives a device's name for a source address, or nothing; `named` for what a line calls its host, which
    counts where the address says nothing (a relay's does not). A stranger's messages are kept as well. While `ready`
    says no, messages wait here, where each source has its share.
    """

    def __init__(
        self,
        host: str,
        port: int,
        device_of: Callable[[str], str],
        ready: Callable[[], bool] = lambda: True,
        limits: Limits | None = None,
        *,
        named: Callable[[str], str] = lambda _: "",
        tcp: Address | None = None,
        tls: Address | None = None,
        certificates: Certificates | None = None,
    ) -> None:
        def known(address: str) -> bool:
            return bool(device_of(address))

        self._port = DatagramPort("syslog", host, port, known, limits, ready)
        self._tcp = StreamPort(*tcp, known, ready) if tcp else None
        self._tls = StreamPort(*tls, known, ready, certificates) if tls and certificates else None
        self._device_of = device_of
        self._named = named
        self._handle: Callable[[Event], None] | None = None
        self._dropped = 0  # by who handles

    @property
    def address(self) -> Address:
        """Where it listens; the real port after `start`."""
        return self._port.address

    @property
    def tcp(self) -> Address | None:
        return self._tcp.address if self._tcp else None

    @property
    def tls(self) -> Address | None:
        return self._tls.address if self._tls else None

    @property
    def dropped(self) -> int:
        """Messages that came faster than they could be kept."""
        return self._port.dropped + self._dropped

    @dropped.setter
    def dropped(self, count: int) -> None:
        self._dropped = count - self._port.dropped

    async def start(self, handle: Callable[[Event], None]) -> None:
        patterns.rules()
        dialects.dialects()
        self._handle = handle
        try:
            await self._port.open(self._take, self._told)
            if self._tcp is not None:
                await self._open_beside(self._tcp)
            if self._tls is not None:
                await self._tls.open(self._line)
        except ListenError:
            await self.stop()
            raise

    async def _open_beside(self, tcp: StreamPort) -> None:
        """On UDP's port where any would do, so that a sender needs to know but one."""
        host, port = tcp.address
        tcp.address = (host, port or self._port.address[1])
        try:
            await tcp.open(self._line)
        except ListenError:
            if port:
                raise
            tcp.address = (host, 0)
            await tcp.open(self._line)

    async def stop(self) -> None:
        for stream in (self._tcp, self._tls):
            if stream is not None:
                await stream.close()
        self._port.close()

    def _take(self, sender: str, datagram: bytes, _: object, arrived: datetime) -> None:
        self._line(sender, datagram, arrived)

    def _line(self, sender: str, line: bytes, arrived: datetime) -> None:
        if self._handle is not None and line.strip(b"\x00\r\n\t "):
            self._handle(event(line, arrived, sender, self._device_of(sender), self._named))

    def _told(self, storm: Storm) -> None:
        if self._handle is not None:
            now = datetime.now(UTC)
            self._handle(fairness.event(storm, Source.SYSLOG, now, self._device_of(storm.source)))


def event(
    datagram: bytes, now: datetime, sender: str, device: str, named_device: Callable[[str], str] = lambda _: ""
) -> Event:
    """What a datagram says. A subject needs a device that is known, by its address or else by its name."""
    read = message.read(datagram, now)
    device = device or (named_device(read.host) if read.host else "")
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
        text=scrub.scrub(read.text)[0] if named.name in _HOLD_COMMANDS else read.text,
        facility=read.facility,
        mnemonic=read.mnemonic,
        name=named.name,
        subject=about if about is None or about.name or about.kind is ComponentKind.DEVICE else None,
        stamped=read.stamped,
        data=data,
    )
