"""The credentials and the jump hosts of inventory.yaml, as they are written."""

from typing import Annotated, Literal

from pydantic import Field

from agent.inventory.device import HostKeys
from agent.inventory.fields import Address, Name, Port, Reference, Switch, Text
from agent.inventory.section import Section


class SnmpV1(Section):
    kind: Literal["snmp_v1"]
    """SNMP version 1, for devices that know no other: no GETBULK, no 64-bit counters."""
    community: Reference
    """The community string, by reference."""
    port: Port = 161
    """UDP port of the agent on the device."""


class SnmpV2c(Section):
    kind: Literal["snmp_v2c"]
    """SNMP version 2c."""
    community: Reference
    """The community string, by reference."""
    port: Port = 161
    """UDP port of the agent on the device."""


class SnmpV3(Section):
    kind: Literal["snmp_v3"]
    """SNMP version 3 with the User-based Security Model."""
    user: Annotated[str, Field(min_length=1, max_length=32)]
    """The user's name."""
    auth_protocol: Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] | None = None
    """How messages are authenticated."""
    auth: Reference | None = None
    """The authentication password, by reference."""
    priv_protocol: Literal["des", "3des", "aes128", "aes192", "aes256", "aes192c", "aes256c"] | None = None
    """How messages are encrypted; aes192c and aes256c make their keys as Cisco's agents do."""
    priv: Reference | None = None
    """The encryption password, by reference."""
    context: Text = ""
    """Name of the context that is asked (contextName), where the device keeps what is watched in one."""
    port: Port = 161
    """UDP port of the agent on the device."""


class Ssh(Section):
    kind: Literal["ssh"]
    """Log-in over SSH."""
    username: Annotated[str, Field(min_length=1, max_length=100)]
    """The user to log in as; reading rights are enough."""
    password: Reference | None = None
    """The password, by reference."""
    key_file: Text = ""
    """File with a private key, used instead of a password."""
    key_passphrase: Reference | None = None
    """What the private key is encrypted with, by reference."""
    ssh_agent: Switch = False
    """Offer the keys that the SSH agent of the agent's user holds (SSH_AUTH_SOCK)."""
    enable: Reference | None = None
    """The enable secret, by reference, where `show` commands need it."""
    port: Port = 22
    """TCP port of the SSH server on the device."""
    known_hosts: Text = ""
    """File with host keys, read beside the agent's own; empty: the known_hosts of its user and of the machine."""
    host_keys: HostKeys | None = None
    """Believe known host keys only; or the first of each device too, and remember it; or all."""
    strict_host_key: Switch = True
    """Older than host_keys: false is accept_new."""


class JumpHost(Section):
    address: Address
    """Under which the agent, or the jump host before it, reaches it."""
    ssh: Name
    """Credential with which it is logged in to."""
    port: Port | None = None
    """TCP port, where it differs from the credential's."""


Credential = Annotated[SnmpV1 | SnmpV2c | SnmpV3 | Ssh, Field(discriminator="kind")]
Snmp = SnmpV1 | SnmpV2c | SnmpV3
CREDENTIALS: dict[str, type[Snmp | Ssh]] = {"snmp_v1": SnmpV1, "snmp_v2c": SnmpV2c, "snmp_v3": SnmpV3, "ssh": Ssh}
