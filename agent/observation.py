"""What collectors hand over: observations, batches of them, and events.

A collector asks or listens and returns these; it knows nothing of faults. Every `datetime` is aware, in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

Value = bool | int | float | str


class ComponentKind(StrEnum):
    __hash__ = str.__hash__  # Enum's own is a Python call, and there is one for every observation

    DEVICE = "device"
    INTERFACE = "interface"
    CPU = "cpu"
    MEMORY = "memory"
    TEMPERATURE = "temperature"
    FAN = "fan"
    POWER_SUPPLY = "power_supply"
    BGP_PEER = "bgp_peer"
    NEIGHBOUR = "neighbour"
    ADDRESS = "address"
    SENSOR = "sensor"
    STORAGE = "storage"
    MODULE = "module"
    STACK = "stack"
    REDUNDANCY = "redundancy"
    CHASSIS_ALARM = "chassis_alarm"
    OSPF_NEIGHBOUR = "ospf_neighbour"
    BFD_SESSION = "bfd_session"
    LICENCE = "licence"
    CERTIFICATE = "certificate"
    RULE = "rule"  # what a rule about log lines is named


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What an observation or a fault is about: a device, or a device and one component.

    `kind` and `name` name the component: (interface, ifName), (bgp_peer, the peer's address), (fan, its name), …
    A device as a whole is kind `device` with an empty name.
    """

    device: str
    kind: ComponentKind = ComponentKind.DEVICE
    name: str = ""
    _hash: int = field(init=False, repr=False, compare=False)  # reckoned once: subjects are keys everywhere

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.device, self.kind, self.name)))

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        return self.device if self.kind is ComponentKind.DEVICE else f"{self.device}/{self.kind}:{self.name}"

    @classmethod
    def parse(cls, text: str) -> "Subject":
        """The inverse of `str()`. Device names hold no slash."""
        device, slash, rest = text.partition("/")
        if not slash:
            return cls(device)
        kind, _, name = rest.partition(":")
        return cls(device, ComponentKind(kind), name)


class Fact(StrEnum):
    """What is said of a subject; the type and unit of the value stand beside each."""

    __hash__ = str.__hash__

    # device
    ICMP_REACHABLE = "icmp_reachable"  # bool
    TCP_REACHABLE = "tcp_reachable"  # bool
    SNMP_REACHABLE = "snmp_reachable"  # bool; detail: a sentence when False
    RTT = "rtt_ms"  # float, milliseconds, mean of the echoes of one poll
    RTT_MIN = "rtt_min_ms"  # float
    RTT_MAX = "rtt_max_ms"  # float
    JITTER = "jitter_ms"  # float, mean difference between one round trip and the next
    LOSS = "loss_pct"  # float, percent
    UPTIME = "uptime_s"  # float, seconds since the network part of the system was re-initialised (sysUpTime)
    VENDOR = "vendor"  # str
    PLATFORM = "platform"  # str, netmiko's device_type name
    MODEL = "model"  # str
    VERSION = "version"  # str
    SERIAL = "serial"  # str
    SYS_NAME = "sys_name"  # str, SNMPv2-MIB::sysName
    SYS_DESCR = "sys_descr"  # str
    SYS_OBJECT_ID = "sys_object_id"  # str, dotted
    CLOCK = "clock"  # str, ISO 8601, HOST-RESOURCES-MIB::hrSystemDate
    NTP_STATE = "ntp_state"  # str: synchronised unsynchronised; detail: the device's own word
    NTP_STRATUM = "ntp_stratum"  # int, 16 is unsynchronised (RFC 5905)
    NTP_OFFSET = "ntp_offset_ms"  # float, milliseconds
    CONFIG_CHANGED = "config_changed"  # float, sysUpTime in seconds when the running configuration last changed
    CONFIG_SAVED = "config_saved"  # float, sysUpTime in seconds when it was last saved to where it survives a restart
    # interface (IF-MIB)
    ADMIN_STATUS = "admin_status"  # str: up down testing
    OPER_STATUS = "oper_status"  # str: up down testing unknown dormant notPresent lowerLayerDown
    IF_INDEX = "if_index"  # int
    IF_TYPE = "if_type"  # int, IANAifType
    ALIAS = "alias"  # str, ifAlias
    SPEED = "speed_bps"  # int, bits per second
    MTU = "mtu"  # int, octets
    MAC = "mac"  # str
    IN_OCTETS = "in_octets"  # int, counter
    OUT_OCTETS = "out_octets"  # int, counter
    IN_PACKETS = "in_packets"  # int, counter, unicast
    OUT_PACKETS = "out_packets"  # int, counter, unicast
    IN_ERRORS = "in_errors"  # int, counter
    OUT_ERRORS = "out_errors"  # int, counter
    IN_DISCARDS = "in_discards"  # int, counter
    OUT_DISCARDS = "out_discards"  # int, counter
    DUPLEX = "duplex"  # str: full half (dot3StatsDuplexStatus)
    LAG = "lag"  # str, ifName of the aggregate that the interface is configured to be a member of
    LAG_STATE = "lag_state"  # str: attached detached (dot3adAggPortAttachedAggID, IEEE 802.3ad)
    DISCONTINUITY = "discontinuity_s"  # float, seconds of sysUpTime (ifCounterDiscontinuityTime); 0: none since start
    # cpu, memory, storage
    USAGE = "usage_pct"  # float, percent
    USED = "used_pct"  # float, percent; detail: "reclaimable" where being full is no fault (caches, buffers)
    TOTAL_BYTES = "total_bytes"  # int
    # sensors and states
    CELSIUS = "celsius"  # float; `limit` is the device's own high threshold where it tells one
    SENSOR_VALUE = "sensor_value"  # float; detail: the unit (V A W dBm rpm Hz %RH …)
    STATE = "state"  # str: ok, failed, absent, unknown; detail: the device's own word
    # module (ENTITY-MIB): MODEL, SERIAL, VERSION and STATE too
    DESCR = "descr"  # str, entPhysicalDescr
    # bgp_peer (BGP4-MIB)
    BGP_STATE = "bgp_state"  # str: idle connect active opensent openconfirm established
    BGP_ADMIN = "bgp_admin"  # str: start stop
    REMOTE_AS = "remote_as"  # int
    # ospf_neighbour (OSPF-MIB, RFC 4750): the subject's name is the neighbour's address
    OSPF_STATE = "ospf_state"  # str: down attempt init twoWay exchangeStart exchange loading full
    ROUTER_ID = "router_id"  # str
    # bfd_session (BFD-STD-MIB, RFC 7331; CISCO-IETF-BFD-MIB): the subject's name is the peer's address
    BFD_STATE = "bfd_state"  # str: adminDown down init up failing
    # licence, certificate: the subject's name is what it is for
    EXPIRES = "expires"  # str, ISO 8601 time at which it ends
    # redundancy (HSRP, VRRP, chassis, HA): STATE, and
    ROLE = "redundancy_role"  # str: active standby, or the protocol's own word
    # neighbour (LLDP-MIB, CISCO-CDP-MIB): the subject's name is the local port
    REMOTE_NAME = "remote_name"  # str, lldpRemSysName
    REMOTE_PORT = "remote_port"  # str, lldpRemPortId, or lldpRemPortDesc where that names the interface
    REMOTE_ADDRESS = "remote_address"  # str, its management address
    REMOTE_PLATFORM = "remote_platform"  # str, cdpCachePlatform, or lldpRemSysDesc
    PROTOCOL = "protocol"  # str: lldp cdp
    # address (IP-MIB): the subject's name is the address
    ON_INTERFACE = "on_interface"  # str, ifName; detail: the prefix, "10.0.0.0/30"


class Observation(NamedTuple):
    """One fact about one subject, seen by one collector at one time (the batch's).

    A tuple because there are a thousand in every poll, and a frozen dataclass takes four times as long to make.
    """

    subject: Subject
    fact: Fact
    value: Value
    detail: str = ""
    limit: float | None = None
    low_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reading that was not believed: what stood on the wire, and why it is no reading."""

    subject: Subject
    fact: Fact
    raw: str
    reason: str


class Source(StrEnum):
    ICMP = "icmp"
    TCP = "tcp"
    SNMP = "snmp"
    SYSLOG = "syslog"
    TRAP = "trap"
    SSH = "ssh"


class Tier(StrEnum):
    """How often a question is asked (the intervals are the inventory's)."""

    STATUS = "status"  # reachability, uptime, interface and BGP states
    HEALTH = "health"  # counters, CPU, memory, sensors, fans, power supplies
    IDENTITY = "identity"  # who it is, addresses, neighbours


@dataclass(frozen=True, slots=True)
class Batch:
    """One poll of one device: one transaction.

    `complete` lists the component kinds whose table was read to its end, so that a component that is missing
    can be told from one that was not asked for ("no such object" is not "no peers"). `failures` says what did
    not work in the device's own terms, one short cause each: `timeout`, `wrong_credentials`, `garbage`,
    `not_increasing`, `too_big`, `truncated`, `endless`, `refused`, `wrong_source`, `agent_error`, `too_slow`,
    `no_such_host`; and ours, not the device's: `overload`, `not_permitted` (ICMP), `no_credentials`.
    """

    device: str
    tier: Tier
    at: datetime
    observations: tuple[Observation, ...]
    complete: frozenset[ComponentKind] = frozenset()
    failures: tuple[str, ...] = ()
    took_s: float = 0.0
    refused: tuple[Refusal, ...] = ()  # at most 100


class SyslogSeverity(StrEnum):
    """RFC 5424 §6.2.1; `.level` is the number on the wire."""

    EMERGENCY = "emergency"
    ALERT = "alert"
    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"
    INFO = "info"
    DEBUG = "debug"

    @property
    def level(self) -> int:
        return list(SyslogSeverity).index(self)


@dataclass(frozen=True, slots=True)
class Event:
    """A syslog message or a trap, normalised.

    `device` is empty when the sender is in nobody's inventory; `sender` is the source address always. `name` is
    ours (`link_down`, `link_up`, `bgp_down`, `bgp_up`, `restart`, `fan_failed`, `power_failed`, `temperature_high`,
    …) or empty. `mnemonic` is the device's own (`LINK-3-UPDOWN`, a trap's OID). `stamped` is the device's clock,
    where it told one.
    """

    device: str
    sender: str
    source: Source
    arrived: datetime
    severity: SyslogSeverity
    text: str
    facility: str = ""
    mnemonic: str = ""
    name: str = ""
    subject: Subject | None = None
    stamped: datetime | None = None
    data: Mapping[str, str] = field(default_factory=dict)
