"""The second engine: pysnmp. Slower by far; the oracle of our own codec, and the way to rarer ciphers.

One SnmpEngine per credential scope, never per device: an engine costs 1.2 MB, and each target that it has met stays
with it for ever, so a scope's engine is made anew after some thousands of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyasn1.type import univ
from pysnmp.hlapi.v3arch import asyncio as hlapi
from pysnmp.proto import errind, rfc1905

from collectors.snmp import ber, pysnmp_transport
from collectors.snmp.session import Answer, Cause, Name, Raw, SnmpError, Tag, Target

pysnmp: Any = hlapi  # untyped in half
_TARGETS_PER_ENGINE = 2000
_AUTH = {
    "": pysnmp.usmNoAuthProtocol,
    "md5": pysnmp.usmHMACMD5AuthProtocol,
    "sha1": pysnmp.usmHMACSHAAuthProtocol,
    "sha224": pysnmp.usmHMAC128SHA224AuthProtocol,
    "sha256": pysnmp.usmHMAC192SHA256AuthProtocol,
    "sha384": pysnmp.usmHMAC256SHA384AuthProtocol,
    "sha512": pysnmp.usmHMAC384SHA512AuthProtocol,
}
_PRIV = {
    "": pysnmp.usmNoPrivProtocol,
    "des": pysnmp.usmDESPrivProtocol,
    "3des": pysnmp.usm3DESEDEPrivProtocol,
    "aes128": pysnmp.usmAesCfb128Protocol,
    "aes192": pysnmp.usmAesBlumenthalCfb192Protocol,
    "aes256": pysnmp.usmAesBlumenthalCfb256Protocol,
    "aes192c": pysnmp.usmAesCfb192Protocol,
    "aes256c": pysnmp.usmAesCfb256Protocol,
}
_SILENCE = (errind.RequestTimedOut,)
_CREDENTIALS = (
    errind.UnknownUserName, errind.WrongDigest, errind.DecryptionError, errind.UnsupportedSecurityLevel,
    errind.AuthenticationFailure, errind.AuthenticationError, errind.NotInTimeWindow,
)  # fmt: skip
_EXCEPTIONS = {
    rfc1905.NoSuchObject: Tag.NO_SUCH_OBJECT,
    rfc1905.NoSuchInstance: Tag.NO_SUCH_INSTANCE,
    rfc1905.EndOfMibView: Tag.END_OF_MIB_VIEW,
}


@dataclass(slots=True)
class _Scope:
    engine: Any
    credentials: Any
    senders: pysnmp_transport.Senders = field(default_factory=pysnmp_transport.Senders)
    kinds: dict[bool, Any] = field(default_factory=dict)  # of transport targets, by whether they are IPv6
    targets: dict[tuple[str, int, float], Any] = field(default_factory=dict)


class PysnmpEngine:
    """Implements session.Engine. Retries are not pysnmp's business: it sends once."""

    def __init__(self) -> None:
        self._scopes: dict[tuple[Any, ...], _Scope] = {}
        self._replaced: list[_Scope] = []

    async def get(self, target: Target, asked: Sequence[Name]) -> Answer:
        return await self._ask(target, pysnmp.get_cmd, (), asked)

    async def getnext(self, target: Target, asked: Sequence[Name]) -> Answer:
        return await self._ask(target, pysnmp.next_cmd, (), asked)

    async def getbulk(
        self,
        target: Target,
        names: Sequence[Name],
        non_repeaters: int,
        max_repetitions: int,
        columns: Sequence[Name] = (),  # noqa: ARG002 - it reads binding by binding
    ) -> Answer:
        return await self._ask(target, pysnmp.bulk_cmd, (non_repeaters, max_repetitions), names)

    async def close(self) -> None:
        for scope in (*self._scopes.values(), *self._replaced):
            scope.engine.close_dispatcher()
        self._scopes.clear()
        self._replaced.clear()
        await asyncio.sleep(0)  # its sockets close in the next turn of the loop

    async def _ask(
        self, target: Target, command: Callable[..., Awaitable[Any]], numbers: tuple[int, ...], asked: Sequence[Name]
    ) -> Answer:
        scope = self._scope(target)
        transport = await self._transport(scope, target)
        names = [pysnmp.ObjectType(pysnmp.ObjectIdentity(ber.oid_of(name))) for name in asked]
        try:
            indication, status, index, found = await command(
                scope.engine,
                scope.credentials,
                transport,
                pysnmp.ContextData(contextName=target.context.encode()),
                *numbers,
                *names,
                lookupMib=False,
            )
        except pysnmp.PySnmpError as error:
            raise SnmpError(Cause.GARBAGE, f"pysnmp: {type(error).__name__}") from error
        finally:
            strange = scope.senders.done(tuple(transport.transport_address)[:2])
        if indication is not None:
            raise _translated(indication, strange)
        told = [_tagged(value) for _, value in found]
        oids = [ber.name(tuple(name)) for name, _ in found]
        octets = sum(map(len, oids)) + sum(len(raw) for _, raw in told if isinstance(raw, bytes))
        return Answer(int(status), int(index), oids, [tag for tag, _ in told], [raw for _, raw in told], None, octets)

    def _scope(self, target: Target) -> _Scope:
        if target.version == "v3":
            key: tuple[Any, ...] = (
                target.user, target.auth_protocol, target.auth, target.priv_protocol, target.priv
            )  # fmt: skip
        else:
            key = (target.version, target.community)
        scope = self._scopes.get(key)
        if scope is not None and len(scope.targets) >= _TARGETS_PER_ENGINE:
            self._replaced.append(scope)
            scope = None
        if scope is None:
            scope = self._scopes[key] = _Scope(pysnmp.SnmpEngine(), _credentials(target))
        return scope

    async def _transport(self, scope: _Scope, target: Target) -> Any:
        key = (target.address, target.port, target.timeout)
        if key not in scope.targets:
            family = ":" in target.address
            if family not in scope.kinds:
                scope.kinds[family] = pysnmp_transport.target(scope.senders, target.address)
            try:
                made = await scope.kinds[family].create(
                    (target.address, target.port), timeout=target.timeout, retries=0
                )
            except pysnmp.PySnmpError as error:
                raise SnmpError(Cause.NO_SUCH_HOST, f"{target.address} does not resolve") from error
            scope.targets[key] = made
        return scope.targets[key]


def _credentials(target: Target) -> Any:
    if target.version != "v3":
        return pysnmp.CommunityData(target.community.decode("latin-1"), mpModel=0 if target.version == "v1" else 1)
    return pysnmp.UsmUserData(
        target.user,
        authKey=target.auth.decode("latin-1") or None,
        privKey=target.priv.decode("latin-1") or None,
        authProtocol=_AUTH[target.auth_protocol],
        privProtocol=_PRIV[target.priv_protocol],
    )


def _translated(indication: Any, strange: Cause | None) -> SnmpError:
    if isinstance(indication, _SILENCE):
        return SnmpError(strange or Cause.TIMEOUT, "no answer" if strange is None else "no answer that can be used")
    if isinstance(indication, _CREDENTIALS):
        return SnmpError(Cause.WRONG_CREDENTIALS, str(indication))
    return SnmpError(Cause.GARBAGE, str(indication))


def _tagged(value: Any) -> tuple[int, Raw]:
    for kind, tag in _EXCEPTIONS.items():
        if isinstance(value, kind):
            return int(tag), None
    tag = next((t for t, kind in _KINDS.items() if isinstance(value, kind)), Tag.NULL)
    raw: Raw = None
    if tag in (Tag.INTEGER, Tag.COUNTER32, Tag.GAUGE32, Tag.TIMETICKS, Tag.COUNTER64):
        raw = int(value)
    elif tag == Tag.OID:
        raw = tuple(value)
    elif tag != Tag.NULL:
        raw = bytes(value)
    return int(tag), raw


# the order counts: pysnmp's own kinds before those that they are made of
_KINDS = {
    Tag.IP_ADDRESS: pysnmp.IpAddress,
    Tag.COUNTER32: pysnmp.Counter32,
    Tag.GAUGE32: pysnmp.Gauge32,
    Tag.TIMETICKS: pysnmp.TimeTicks,
    Tag.COUNTER64: pysnmp.Counter64,
    Tag.OPAQUE: pysnmp.Opaque,
    Tag.INTEGER: pysnmp.Integer32,
    Tag.OID: univ.ObjectIdentifier,
    Tag.OCTET_STRING: pysnmp.OctetString,
}
