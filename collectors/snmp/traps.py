"""Listens for SNMP traps and informs, v1 and v2c, and hands on events.

pysnmp's codec reads them. Its engine is not used: it would have to be told every community beforehand, and keep each
for ever; traps of communities that nobody told us are evidence, too.
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from ipaddress import ip_address
from typing import Any

import yaml

from agent.observation import ComponentKind, Event, Source, Subject, SyslogSeverity
from collectors import fairness
from collectors import text as texts
from collectors.datagrams import Address, DatagramPort
from collectors.fairness import Storm

VARBIND_LIMIT = 64  # varbinds read of a trap
VALUE_LIMIT = 256  # characters kept of a value
TEXT_LIMIT = 2048

_TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"  # snmpTrapOID.0
_UPTIME = "1.3.6.1.2.1.1.3.0"  # sysUpTime.0
_GENERIC = "1.3.6.1.6.3.1.1.5"  # snmpTraps, RFC 3418
_STATUS_WORDS = ("up", "down", "testing", "unknown", "dormant", "notPresent", "lowerLayerDown")
_STATUSES = dict(zip("1234567", _STATUS_WORDS, strict=True))
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)


class NotATrapError(ValueError):
    """The datagram is no trap that can be read, or its community is not one of ours."""


@dataclass(frozen=True, slots=True)
class Trap:
    """`varbinds` are (OID, value as text) without sysUpTime and snmpTrapOID; `answer` is what an inform waits for."""

    oid: str
    varbinds: tuple[tuple[str, str], ...]
    agent: str = ""  # a v1 trap's agent-addr
    answer: bytes = b""


class TrapListener:
    """`communities` are those to believe; None believes all. `device_of` names the device of an address, or nobody."""

    def __init__(
        self, host: str, port: int, device_of: Callable[[str], str], communities: frozenset[str] | None = None
    ) -> None:
        self._port = DatagramPort("SNMP traps", host, port, lambda address: bool(device_of(address)))
        self._device_of = device_of
        self._communities = communities
        self._handle: Callable[[Event], None] | None = None
        self._dropped = 0  # by who handles
        self.unreadable = 0  # datagrams that were no trap, or of a community that is not ours

    @property
    def address(self) -> Address:
        """Where it listens; the real port after `start`."""
        return self._port.address

    @property
    def dropped(self) -> int:
        """Datagrams that came faster than they were read."""
        return self._port.dropped + self._dropped

    @dropped.setter
    def dropped(self, count: int) -> None:
        self._dropped = count - self._port.dropped

    async def start(self, handle: Callable[[Event], None]) -> None:
        _known()
        self._handle = handle
        await self._port.open(self._take, self._told)

    async def stop(self) -> None:
        self._port.close()

    def _take(self, sender: str, datagram: bytes, address: tuple[Any, ...], arrived: datetime) -> None:
        try:
            trap = read(datagram, self._communities)
        except NotATrapError:
            self.unreadable += 1
            return
        if trap.answer:
            self._port.send(trap.answer, address)
        if self._handle is not None:
            self._handle(event(trap, arrived, sender, self._device_of(sender)))

    def _told(self, storm: Storm) -> None:
        if self._handle is not None:
            self._handle(fairness.event(storm, Source.TRAP, datetime.now(UTC), self._device_of(storm.source)))


def read(datagram: bytes, communities: frozenset[str] | None = None) -> Trap:
    """A v1 trap is translated to v2 by RFC 3584 §3.1. Raises NotATrapError, never anything else."""
    from pyasn1.error import PyAsn1Error
    from pysnmp.proto.error import ProtocolError

    try:
        return _read(datagram, communities)
    except NotATrapError:
        raise
    except (*_UNREADABLE, PyAsn1Error, ProtocolError) as error:
        raise NotATrapError(f"not an SNMP message: {type(error).__name__}") from error


def _read(datagram: bytes, communities: frozenset[str] | None) -> Trap:
    from pyasn1.codec.ber import decoder, encoder
    from pysnmp.proto import api as codecs

    api: Any = codecs
    version = int(api.decodeMessageVersion(datagram))
    if version not in (api.SNMP_VERSION_1, api.SNMP_VERSION_2C):
        raise NotATrapError(f"SNMP version {version} is not read here")
    module: Any = api.PROTOCOL_MODULES[version]
    message, _ = decoder.decode(datagram, asn1Spec=module.Message())
    _believe(bytes(module.apiMessage.get_community(message)), communities)
    pdu = module.apiMessage.get_pdu(message)
    if version == api.SNMP_VERSION_1:
        if pdu.tagSet != module.TrapPDU.tagSet:
            raise NotATrapError("not a trap")
        return _first(module.apiTrapPDU, pdu)
    inform = pdu.tagSet == module.InformRequestPDU.tagSet
    if not inform and pdu.tagSet != module.SNMPv2TrapPDU.tagSet:
        raise NotATrapError("neither a trap nor an inform")
    varbinds = [(str(oid), _text(value)) for oid, value in module.apiPDU.get_varbinds(pdu)[:VARBIND_LIMIT]]
    named = next((value for oid, value in varbinds if oid == _TRAP_OID), "")
    if not named:
        raise NotATrapError("a trap without snmpTrapOID")
    answer = encoder.encode(_answer(module, message, pdu)) if inform else b""
    return Trap(named, tuple(pair for pair in varbinds if pair[0] not in (_TRAP_OID, _UPTIME)), answer=answer)


def _believe(community: bytes, communities: frozenset[str] | None) -> None:
    if communities is not None and not any(hmac.compare_digest(community, ours.encode()) for ours in communities):
        raise NotATrapError("a community that is not ours")


def _first(api: Any, pdu: Any) -> Trap:
    generic, specific = int(api.get_generic_trap(pdu)), int(api.get_specific_trap(pdu))
    oid = f"{api.get_enterprise(pdu)}.0.{specific}" if generic == 6 else f"{_GENERIC}.{generic + 1}"
    varbinds = tuple((str(name), _text(value)) for name, value in api.get_varbinds(pdu)[:VARBIND_LIMIT])
    return Trap(oid, varbinds, agent=api.get_agent_address(pdu).prettyPrint())


def _answer(module: Any, message: Any, pdu: Any) -> Any:
    """RFC 3416 §4.2.7: the same request-id and varbinds, as a response."""
    response = module.apiMessage.get_response(message)
    answered = module.apiMessage.get_pdu(response)
    module.apiPDU.set_varbinds(answered, module.apiPDU.get_varbinds(pdu))
    return response


def _text(value: Any) -> str:
    from pysnmp.proto import rfc1902

    types: Any = rfc1902
    if isinstance(value, types.IpAddress):
        return str(value.prettyPrint())
    if isinstance(value, types.OctetString):
        raw = bytes(value)
        text = texts.decode(raw)
        printable = all(char.isprintable() or char in "\r\n\t" for char in text)
        return texts.one_line(text, VALUE_LIMIT) if printable else raw[: VALUE_LIMIT // 2].hex()
    return texts.one_line(str(value.prettyPrint()), VALUE_LIMIT)


def event(trap: Trap, now: datetime, sender: str, device: str) -> Event:
    """What a trap says. An unknown one is kept, under its OID."""
    kind = _known().traps.get(trap.oid, _Kind(mib=trap.oid))
    data, subject = _details(trap, device)
    restored = bool(kind.state) and data.get(kind.state) in kind.ok
    return Event(
        device=device,
        sender=sender,
        source=Source.TRAP,
        arrived=now,
        severity=SyslogSeverity.NOTICE if restored else kind.severity,
        text=" ".join([kind.mib, *(f"{name}={value}" for name, value in data.items())])[:TEXT_LIMIT],
        mnemonic=trap.oid,
        name=kind.ok_name if restored else kind.name,
        subject=subject or (Subject(device) if device and kind.name else None),
        data=data,
    )


def _details(trap: Trap, device: str) -> tuple[dict[str, str], Subject | None]:
    data = {"agent": trap.agent} if trap.agent and trap.agent != "0.0.0.0" else {}
    interface = peer = ""
    for oid, value in trap.varbinds:
        column, index = _column(oid)
        if column is None:
            data[oid] = value
            continue
        data[column.name] = _STATUSES.get(value, value) if column.name in ("ifAdminStatus", "ifOperStatus") else value
        if column.interface and value and (column.name == "ifName" or not interface):
            interface = value
        if column.name.startswith("if") and index:
            data.setdefault("ifIndex", index)
        if column.peer and not peer:
            peer = _peer(index)
    if peer:
        data["peer"] = peer
        return data, Subject(device, ComponentKind.BGP_PEER, peer) if device else None
    return data, Subject(device, ComponentKind.INTERFACE, interface) if device and interface else None


def _column(oid: str) -> "tuple[_Column | None, str]":
    """The known column that an OID is of, and the index behind it."""
    numbers = oid.split(".")
    for length in range(len(numbers), 6, -1):
        column = _known().columns.get(".".join(numbers[:length]))
        if column is not None:
            return column, ".".join(numbers[length:])
    return None, ""


def _peer(index: str) -> str:
    """The address at the end of an index: IPv4 alone, or after an InetAddressType, with its length or without."""
    numbers = [int(number) for number in index.split(".") if number]
    for kind, length in ((2, 16), (1, 4)):
        octets = numbers[-length:]
        before = numbers[:-length]
        told = before[-1:] == [kind] or before[-2:] == [kind, length] or len(numbers) == length == 4
        if told and len(octets) == length and max(octets) < 256:
            return str(ip_address(bytes(octets)))
    return ""


@dataclass(frozen=True, slots=True)
class _Kind:
    mib: str
    name: str = ""
    severity: SyslogSeverity = SyslogSeverity.NOTICE
    state: str = ""
    ok: tuple[str, ...] = ()
    ok_name: str = ""


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    interface: bool = False
    peer: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    traps: Mapping[str, _Kind] = field(default_factory=dict)
    columns: Mapping[str, _Column] = field(default_factory=dict)


@cache
def _known() -> _Known:
    document = yaml.safe_load(resources.files("collectors.snmp").joinpath("data/traps.yaml").read_text("utf-8"))
    traps = {oid: _kind(**entry) for oid, entry in document["traps"].items()}
    varbinds = document["varbinds"].items()
    columns = {oid: _Column(entry["name"], "interface" in entry, "peer" in entry) for oid, entry in varbinds}
    return _Known(traps, columns)


def _kind(severity: str = "notice", ok: tuple[str, ...] = (), **rest: str) -> _Kind:
    return _Kind(severity=SyslogSeverity(severity), ok=tuple(ok), **rest)
