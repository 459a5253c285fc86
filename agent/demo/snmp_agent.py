"""A real SNMP agent for one device, by pysnmp: v2c and v3, with the device's table behind it.

It shares no code with the collectors, so that the two prove each other. A dead agent (or a device that cannot be
reached) keeps its socket and says nothing, as in life: whoever asks waits for his timeout.
"""

import asyncio
import socket
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import cmdrsp
from pysnmp.entity.rfc3413 import context as pysnmp_context
from pysnmp.proto import api, rfc1905
from pysnmp.proto import rfc1902 as pysnmp_types
from pysnmp.smi import error as pysnmp_errors

from agent.demo.mibs.table import Cell, Oid, Plain, Table, Tag, oid
from agent.errors import ListenError
from agent.inventory.device import SnmpAccess

context: Any = pysnmp_context  # pysnmp has no types of its own
rfc1902: Any = pysnmp_types
smi_error: Any = pysnmp_errors
v2c: Any = api.v2c

_TYPES: dict[Tag, Callable[[Any], Any]] = {
    Tag.INTEGER: rfc1902.Integer32,
    Tag.STRING: rfc1902.OctetString,
    Tag.OBJECT_ID: rfc1902.ObjectIdentifier,
    Tag.ADDRESS: rfc1902.IpAddress,
    Tag.COUNTER: rfc1902.Counter32,
    Tag.GAUGE: rfc1902.Gauge32,
    Tag.TICKS: rfc1902.TimeTicks,
    Tag.COUNTER64: rfc1902.Counter64,
}
_AUTH = {
    "md5": config.USM_AUTH_HMAC96_MD5,
    "sha1": config.USM_AUTH_HMAC96_SHA,
    "sha224": config.USM_AUTH_HMAC128_SHA224,
    "sha256": config.USM_AUTH_HMAC192_SHA256,
    "sha384": config.USM_AUTH_HMAC256_SHA384,
    "sha512": config.USM_AUTH_HMAC384_SHA512,
}
_PRIV = {
    "des": config.USM_PRIV_CBC56_DES,
    "aes128": config.USM_PRIV_CFB128_AES,
    "aes192": config.USM_PRIV_CFB192_AES,
    "aes256": config.USM_PRIV_CFB256_AES,
}
_LEVELS = {(False, False): "noAuthNoPriv", (True, False): "authNoPriv", (True, True): "authPriv"}
_MOST_VARBINDS = 160  # of one answer to a GETBULK
_SNMP_ENGINE = oid("1.3.6.1.6.3.10.2.1")
_BOOTS_SINCE = 1_767_225_600  # 2026-01-01: snmpEngineBoots counts the seconds since, so that it only ever grows
_ENTERPRISE = 8072  # net-snmp's number, in the engine ID of RFC 3411 §5

VarBind = tuple[Any, Any]


class _Instrumentation:
    """What the command responders ask: our table instead of pysnmp's MIB tree."""

    def __init__(self, table: Callable[[], Table]) -> None:
        self._table = table

    def read_variables(self, *var_binds: VarBind, **how: Any) -> list[VarBind]:
        _allowed(var_binds, how)
        table, now = self._table(), time.time()
        return [(name, self._get(table, tuple(name), now)) for name, _ in var_binds]

    def read_next_variables(self, *var_binds: VarBind, **how: Any) -> list[VarBind]:
        _allowed(var_binds, how)
        table, now = self._table(), time.time()
        return [self._next(table, tuple(name), now) for name, _ in var_binds]

    def read_bulk(self, var_binds: list[VarBind], non_repeaters: int, repetitions: int, **how: Any) -> list[VarBind]:
        """RFC 3416 §4.2.3, in one go and shortened to what fits an answer."""
        _allowed(var_binds, how)
        table, now = self._table(), time.time()
        answer = [self._next(table, tuple(name), now) for name, _ in var_binds[:non_repeaters]]
        names = [name for name, _ in var_binds[non_repeaters:]]
        rows = min(repetitions, max(1, (_MOST_VARBINDS - len(answer)) // len(names))) if names else 0
        for _ in range(rows):
            row = [self._next(table, tuple(name), now) for name in names]
            answer += row
            names = [name for name, _ in row]
            if all(value is rfc1905.endOfMibView for _, value in row):
                break
        return answer

    def write_variables(self, *var_binds: VarBind, **_how: Any) -> list[VarBind]:
        raise smi_error.NotWritableError(name=var_binds[0][0], idx=0)

    @staticmethod
    def _get(table: Table, name: Oid, now: float) -> Any:
        found = table.get(name, now)
        if found:
            return _value(*found)
        return rfc1905.noSuchInstance if table.has_object(name) else rfc1905.noSuchObject

    @staticmethod
    def _next(table: Table, name: Oid, now: float) -> VarBind:
        found = table.after(name, now)
        if found is None:
            return _name(name), rfc1905.endOfMibView
        return _name(found[0]), _value(found[1], found[2])


@lru_cache(maxsize=16_384)
def _name(oid_: Oid) -> Any:
    return rfc1902.ObjectName(oid_)


@lru_cache(maxsize=16_384)
def _value(tag: Tag, plain: Plain) -> Any:
    """Building pysnmp's objects is half the cost of an answer, and they never change: most are asked for again."""
    return _TYPES[tag](plain.encode() if isinstance(plain, str) and tag is Tag.STRING else plain)


def _allowed(var_binds: Any, how: dict[str, Any]) -> None:
    """Ask the access control once a request: it is what refuses an unencrypted question of a v3 user."""
    check = how.get("acFun")
    if check and var_binds:
        check("read", var_binds[0], snmpEngine=how["snmpEngine"], idx=0)


class _Bulk(cmdrsp.BulkCommandResponder):
    def handle_management_operation(self, snmpEngine: Any, stateReference: Any, contextName: Any, PDU: Any) -> None:  # type: ignore[override]  # noqa: N803
        asked = v2c.apiPDU.get_varbinds(PDU)
        non_repeaters = min(max(int(v2c.apiBulkPDU.get_non_repeaters(PDU)), 0), len(asked))
        repetitions = max(int(v2c.apiBulkPDU.get_max_repetitions(PDU)), 0)
        instrumentation: Any = self.snmpContext.get_mib_instrum(contextName)
        answer = instrumentation.read_bulk(
            asked, non_repeaters, repetitions, snmpEngine=snmpEngine, acFun=self.verify_access
        )
        self.send_varbinds(snmpEngine, stateReference, 0, 0, answer)
        self.release_state_information(stateReference)  # type: ignore[no-untyped-call]


class _Transport(udp.UdpAsyncioTransport):
    """Hears nothing while it is mute."""

    mute = False

    def datagram_received(self, datagram: bytes, transportAddress: Any) -> None:  # noqa: N803
        if not self.mute:
            super().datagram_received(datagram, transportAddress)


class SnmpAgent:
    """Answers at `address` what was shown to it last. `secrets` are the plain community, or auth and priv passwords."""

    def __init__(self, address: tuple[str, int], access: SnmpAccess, secrets: dict[str, str]) -> None:
        self.address = address
        self.table = Table(())
        self._access, self._secrets = access, secrets
        self._engine: Any = None
        self._transport: Any = None

    async def start(self) -> None:
        """Raises ListenError when the port is taken."""
        listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            listening.bind(self.address)
        except OSError as error:
            listening.close()
            raise ListenError(f"the demonstration network cannot use UDP {self.address}: {error.strerror}") from error
        listening.setblocking(False)
        self.address = listening.getsockname()
        self._open(listening)
        await asyncio.wait_for(self._transport._lport, 5)

    def _open(self, listening: socket.socket) -> None:
        it = _engine(engine_id(self.address))
        self._transport = _Transport()
        config.add_transport(it, udp.DOMAIN_NAME, self._transport.open_server_mode(sock=listening))
        self._users(it)
        where = context.SnmpContext(it)
        where.unregister_context_name(b"")
        where.register_context_name(b"", _Instrumentation(lambda: self.table))
        for responder in (cmdrsp.GetCommandResponder, cmdrsp.NextCommandResponder, cmdrsp.SetCommandResponder, _Bulk):
            responder(it, where)
        self._engine = it

    def _users(self, it: Any) -> None:
        access, everything = self._access, (1,)
        if access.version == "v2c":
            config.add_v1_system(it, "reader", self._secrets["community"])
            config.add_vacm_user(it, 2, "reader", "noAuthNoPriv", everything, ())
            return
        auth, priv = self._secrets.get("auth"), self._secrets.get("priv")
        config.add_v3_user(
            it,
            access.user,
            _AUTH[access.auth_protocol] if auth else config.USM_AUTH_NONE,
            auth,
            _PRIV[access.priv_protocol] if priv else config.USM_PRIV_NONE,
            priv,
        )
        config.add_vacm_user(it, 3, access.user, _LEVELS[bool(auth), bool(priv)], everything, ())

    def show(self, cells: list[Cell]) -> None:
        """What the device is now. The agent adds its own snmpEngine group (SNMP-FRAMEWORK-MIB, RFC 3411)."""
        self.table = Table([*cells, *self._own()])

    def _own(self) -> list[Cell]:
        boots, seconds = self._engine.get_mib_builder().import_symbols(
            "__SNMP-FRAMEWORK-MIB", "snmpEngineBoots", "snmpEngineTime"
        )
        return [
            ((*_SNMP_ENGINE, 1, 0), Tag.STRING, engine_id(self.address)),
            ((*_SNMP_ENGINE, 2, 0), Tag.INTEGER, int(boots.syntax)),
            ((*_SNMP_ENGINE, 3, 0), Tag.INTEGER, lambda _: int(seconds.syntax.clone())),
            ((*_SNMP_ENGINE, 4, 0), Tag.INTEGER, 65507),
        ]

    def silence(self, mute: bool) -> None:
        if self._transport:
            self._transport.mute = mute

    async def stop(self) -> None:
        if self._engine:
            self._engine.close_dispatcher()
            self._engine = self._transport = None
            await asyncio.sleep(0)

    async def restart(self) -> None:
        """As after a reboot of the device: snmpEngineBoots is one higher, snmpEngineTime begins again."""
        await self.stop()
        await self.start()


def _engine(name: bytes) -> Any:
    """An engine of that ID. If the constructor got it, pysnmp would count boots in a file that all users share."""
    it = engine.SnmpEngine()
    own, boots = it.get_mib_builder().import_symbols("__SNMP-FRAMEWORK-MIB", "snmpEngineID", "snmpEngineBoots")
    own.syntax = it.snmpEngineID = own.syntax.clone(name)
    boots.syntax = boots.syntax.clone(int(time.time()) - _BOOTS_SINCE)
    return it


def engine_id(address: tuple[str, int]) -> bytes:
    """Format 4 of SnmpEngineID, text: one an address and port, the same at every start."""
    return (0x80000000 + _ENTERPRISE).to_bytes(4, "big") + b"\x04" + f"demo-{address[0]}-{address[1]}".encode()[:27]
