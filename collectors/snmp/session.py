"""The narrow port between the poller and an SNMP engine, and the words both sides use.

An engine sends one PDU and returns its answer. Walking, packing columns, order and row limits, halving after `tooBig`,
retries and back-off live above it in `walk.py`, once, for every engine.

Names cross the port as they stand on the wire, and answers as columns, not as bindings: a walk compares names by their
octets and reads the few that are new, which costs a fraction of making an OID of each.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple, Protocol

from agent.errors import DeviceError

Oid = tuple[int, ...]
Raw = (
    int | bytes | Oid | None
)  # by tag: integers int; strings, addresses and opaque bytes; OIDs tuples; exceptions None
Name = bytes  # an OID as the contents of its BER encoding (X.690 §8.19); ber.name and ber.oid_of translate


class Tag(IntEnum):
    """BER tags of RFC 2578 §7.1 and of RFC 3416 §3."""

    INTEGER = 0x02
    OCTET_STRING = 0x04
    NULL = 0x05
    OID = 0x06
    IP_ADDRESS = 0x40
    COUNTER32 = 0x41
    GAUGE32 = 0x42
    TIMETICKS = 0x43
    OPAQUE = 0x44
    COUNTER64 = 0x46
    NO_SUCH_OBJECT = 0x80
    NO_SUCH_INSTANCE = 0x81
    END_OF_MIB_VIEW = 0x82


class ErrorStatus(IntEnum):
    """RFC 3416 §3; those that change what we do next."""

    NO_ERROR = 0
    TOO_BIG = 1
    NO_SUCH_NAME = 2
    GEN_ERR = 5
    AUTHORIZATION_ERROR = 16


class Cause(StrEnum):
    """Why an SNMP conversation failed, in the device's own terms; these words stand in `Batch.failures`."""

    TIMEOUT = "timeout"  # silence
    WRONG_CREDENTIALS = (
        "wrong_credentials"  # it says so: unknown user, wrong digest, unsupported level, decryption error
    )
    GARBAGE = "garbage"  # an answer that is not SNMP
    TRUNCATED = "truncated"  # an answer that stops before its own length
    WRONG_SOURCE = "wrong_source"  # an answer to our request from another address
    NOT_INCREASING = "not_increasing"  # a walk that goes backwards or in circles
    ENDLESS = "endless"  # a walk past the row limit
    TOO_BIG = "too_big"  # even one value does not fit its answer
    AGENT_ERROR = "agent_error"  # genErr and its like
    REFUSED = "refused"  # the host says that nothing listens there
    TOO_SLOW = "too_slow"  # it answers, but the poll's deadline passed
    NO_SUCH_HOST = "no_such_host"  # the address does not resolve


class SnmpError(DeviceError):
    """One exchange that failed. `detail` never holds a credential."""

    def __init__(self, cause: Cause, detail: str = "") -> None:
        super().__init__(f"{cause}: {detail}" if detail else str(cause))
        self.cause = cause
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom to ask and how. `timeout` is of one PDU, in seconds; secrets do not show in `repr`."""

    address: str
    port: int = 161
    version: str = "v2c"  # v1 v2c v3
    community: bytes = field(default=b"", repr=False)
    user: str = ""
    auth_protocol: str = ""
    auth: bytes = field(default=b"", repr=False)
    priv_protocol: str = ""
    priv: bytes = field(default=b"", repr=False)
    context: str = ""  # v3's contextName
    timeout: float = 2.0
    retries: int = 1
    max_repetitions: int = 25
    columns: int = 5  # asked in one GETBULK
    bulk: bool = True


class Rows(NamedTuple):
    """Of a table: the ends of the names, which are the same in every column, and the values column by column."""

    tails: Sequence[bytes]
    columns: list[list[Raw]]


class Answer(NamedTuple):
    """The variable bindings as three lists of one length, in the order of the PDU; where an engine could read its
    beginning by rows, these stand in `rows` and only what follows them in the lists."""

    error_status: int
    error_index: int
    names: list[Name]
    tags: list[int]
    values: list[Raw]
    rows: Rows | None = None
    octets: int = 0  # of the message, about


class Engine(Protocol):
    """One PDU, one answer. Each call raises SnmpError and nothing else for what a device or the network does."""

    async def get(self, target: Target, names: Sequence[Name]) -> Answer: ...
    async def getnext(self, target: Target, names: Sequence[Name]) -> Answer: ...
    async def getbulk(
        self,
        target: Target,
        names: Sequence[Name],
        non_repeaters: int,
        max_repetitions: int,
        columns: Sequence[Name] = (),  # in which the names stand, where they are a walk's
    ) -> Answer: ...
    async def close(self) -> None: ...


def dotted(oid: Oid) -> str:
    return ".".join(map(str, oid))


def parse_oid(text: str) -> Oid:
    return tuple(int(part) for part in text.strip(".").split("."))
