"""A device as the inventory knows it, group defaults already merged in."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from agent.observation import Fact, Observation, Subject


class Role(StrEnum):
    CORE = "core"
    DISTRIBUTION = "distribution"
    EDGE = "edge"
    FIREWALL = "firewall"
    BRANCH = "branch"
    ACCESS = "access"
    SERVER = "server"
    OTHER = "other"


class Method(StrEnum):
    """A way to find out whether a device is reachable."""

    ICMP = "icmp"
    SNMP = "snmp"
    TCP = "tcp"


class Management(StrEnum):
    """How the agent reaches the device: through the watched network, or past it."""

    IN_BAND = "in-band"
    OUT_OF_BAND = "out-of-band"


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential by reference: `env:NAME` or `file:/path`. Never the secret itself."""

    reference: str

    def __str__(self) -> str:
        return self.reference


@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpAccess:
    """v1 and v2c: `community`. v3: `user`, with `auth` and `priv` where used (USM, RFC 3414; AES, RFC 3826)."""

    version: str = "v2c"  # v1, v2c, v3
    port: int = 161
    community: Secret | None = None
    user: str = ""
    auth_protocol: str = ""  # md5 sha1 sha224 sha256 sha384 sha512
    auth: Secret | None = None
    priv_protocol: str = ""  # des 3des aes128 aes192 aes256 aes192c aes256c
    priv: Secret | None = None
    context: str = ""  # contextName


class HostKeys(StrEnum):
    """Which host keys are believed. A key that changed is so in no mode but `off`."""

    STRICT = "strict"  # known ones
    ACCEPT_NEW = "accept_new"  # and the first one of each device, which is remembered
    OFF = "off"  # every one


@dataclass(frozen=True, slots=True, kw_only=True)
class SshAccess:
    username: str
    password: Secret | None = None
    key_file: str = ""
    key_passphrase: Secret | None = None
    ssh_agent: bool = False  # offer the keys that it holds
    enable: Secret | None = None
    port: int = 22
    known_hosts: str = ""  # a file that is read beside the agent's own; empty: the user's and the machine's
    host_keys: HostKeys = HostKeys.STRICT
    jump: tuple["JumpHost", ...] = ()  # in the order in which they are passed


@dataclass(frozen=True, slots=True, kw_only=True)
class JumpHost:
    """An SSH server through which devices are reached."""

    name: str
    address: str
    access: SshAccess


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    status: timedelta = timedelta(seconds=60)
    health: timedelta = timedelta(seconds=300)
    identity: timedelta = timedelta(hours=6)
    recheck: timedelta = timedelta(seconds=15)  # a suspect device, until it is believed up or down
    timeout: timedelta = timedelta(seconds=2)
    retries: int = 1
    max_repetitions: int = 25
    columns_per_pdu: int = 5
    bulk: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    name: str
    address: str
    customer: str
    site: str
    platform: str = ""  # netmiko's device_type name; empty: told by SNMP
    role: Role = Role.OTHER
    group: str = ""
    contract: str = ""
    reachability: tuple[Method, ...] = (Method.ICMP,)  # up when any of these answers
    tcp_port: int = 22
    certificate_ports: tuple[int, ...] = ()  # TLS ports whose certificates are watched
    snmp: SnmpAccess | None = None
    ssh: SshAccess | None = None
    polling: Polling = field(default_factory=Polling)
    management: Management = Management.IN_BAND
    parents: tuple[str, ...] = ()
    redundant_with: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    ignore_interfaces: tuple[str, ...] = ()  # shell patterns on ifName
    software_target: str = ""
    availability_target_pct: float | None = None
    availability_weight: float | None = None
    thresholds: "Thresholds" = field(default_factory=lambda: Thresholds())


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What the inventory says for this device, before which the rules' own numbers give way; None: nothing.

    Raise at `…`, clear below `…_clear`. Percent; errors in percent of the packets of an interval.
    """

    cpu_pct: float | None = None
    cpu_clear_pct: float | None = None
    memory_pct: float | None = None
    memory_clear_pct: float | None = None
    storage_pct: float | None = None
    temperature_c: float | None = None  # where the device tells no limit of its own
    temperature_hysteresis_c: float | None = None
    errors_pct: float | None = None
    errors_clear_pct: float | None = None
    errors_at_least: int | None = None  # errors in the interval, so that one error of ten packets is no fault


def reachable(device: Device, observations: tuple[Observation, ...]) -> bool | None:
    """Whether any method that counts for the device answered; None where none was tried."""
    facts = {Method.ICMP: Fact.ICMP_REACHABLE, Method.SNMP: Fact.SNMP_REACHABLE, Method.TCP: Fact.TCP_REACHABLE}
    counted = {facts[method] for method in device.reachability}
    answers = [bool(o.value) for o in observations if o.subject == Subject(device.name) and o.fact in counted]
    return any(answers) if answers else None
