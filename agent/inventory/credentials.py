"""How a device is logged in to: credentials checked, and made the domain's own. Secrets stay references throughout."""

from collections.abc import Callable, Iterator

from agent.inventory import access
from agent.inventory.device import HostKeys, JumpHost, Secret, SnmpAccess, SshAccess
from agent.inventory.fields import is_reference
from agent.inventory.lines import Map
from agent.inventory.problems import Path, Problems, shown
from agent.inventory.reading import Written

Environment = Callable[[str], str | None]
Readable = Callable[[str], bool]

_SECRETS = ("community", "auth", "priv", "password", "key_passphrase", "enable")


def check(written: Written, environment: Environment, file_readable: Readable | None, problems: Problems) -> None:
    """Every reference can be followed, and what belongs together stands together."""
    for path, reference in _references(written):
        kind, _, target = reference.partition(":")
        if kind == "env":
            _variable(path, target, environment, problems)
        elif file_readable is not None:
            _file(path, target, file_readable, problems)
    for name, credential in written.names("credentials").items():
        if isinstance(credential, Map) and credential.get("kind") == "snmp_v3":
            _usm(("credentials", name), credential, problems)
        if isinstance(credential, Map) and credential.get("kind") == "ssh":
            _ssh(("credentials", name), credential, file_readable, problems)


def _references(written: Written) -> Iterator[tuple[Path, str]]:
    """Those that are well-formed, of credentials that are or are not."""
    for name, credential in written.names("credentials").items():
        if isinstance(credential, Map):
            for key in _SECRETS:
                if is_reference(found := credential.get(key)):
                    yield ("credentials", name, key), str(found)
    for name, person in written.names("people").items():
        if isinstance(person, Map) and is_reference(found := person.get("token")):
            yield ("people", name, "token"), str(found)
    for name, channel in written.names("channels").items():
        if isinstance(channel, Map):
            for key in ("url", "secret"):
                if is_reference(found := channel.get(key)):
                    yield ("channels", name, key), str(found)
    for name, bridge in written.names("bridges").items():
        if isinstance(bridge, Map):
            for key in ("token", "app_token"):
                if is_reference(found := bridge.get(key)):
                    yield ("bridges", name, key), str(found)
    for section in ("smtp", "mailbox"):
        server = written.names("policies").get(section)
        if isinstance(server, Map) and is_reference(found := server.get("password")):
            yield ("policies", section, "password"), str(found)


def _variable(path: Path, name: str, environment: Environment, problems: Problems) -> None:
    value = environment(name)
    if not value:
        state = "not set" if value is None else "empty"
        problems.add(path, f"the environment variable {shown(name)} is {state}", f"Run: export {shown(name)}=…")


def _file(path: Path, name: str, file_readable: Readable, problems: Problems) -> None:
    if not file_readable(name):
        advice = "Create it, and let the user that runs the agent read it"
        problems.add(path, f"the file {shown(name, 200)} is missing or cannot be read", advice)


def _usm(at: Path, v3: Map, problems: Problems) -> None:
    """RFC 3414: noAuthNoPriv, authNoPriv or authPriv; a protocol and its password go together."""
    for protocol, secret in (("auth_protocol", "auth"), ("priv_protocol", "priv")):
        if (v3.get(protocol) is None) != (v3.get(secret) is None):
            here, other = (protocol, secret) if v3.get(secret) is None else (secret, protocol)
            problems.add((*at, here), f"stands without {other}", f"Write {other}: as well, or leave both out")
    if v3.get("priv") is not None and v3.get("auth") is None:
        problems.add(
            (*at, "priv"), "SNMPv3 encrypts only what it authenticates", "Write auth_protocol: and auth: as well"
        )


def _ssh(at: Path, ssh: Map, file_readable: Readable | None, problems: Problems) -> None:
    if not ssh.get("password") and not ssh.get("key_file") and str(ssh.get("ssh_agent")).lower() != "true":
        problems.add(at, "has neither password nor key_file", "Write password: env:NAME or key_file: /path")
    if ssh.get("key_passphrase") and not ssh.get("key_file"):
        problems.add((*at, "key_passphrase"), "stands without key_file", "Write key_file: as well, or leave it out")
    for key in ("key_file", "known_hosts"):
        name = ssh.get(key)
        if isinstance(name, str) and name and file_readable is not None:
            _file((*at, key), name, file_readable, problems)


def snmp_accesses(written: Written) -> tuple[SnmpAccess, ...]:
    return tuple(snmp_access(one, None) for one in written.credentials.values() if isinstance(one, access.Snmp))


def snmp_access(credential: access.Snmp, port: int | None) -> SnmpAccess:
    if not isinstance(credential, access.SnmpV3):
        version = credential.kind.removeprefix("snmp_")
        return SnmpAccess(version=version, community=Secret(credential.community), port=port or credential.port)
    return SnmpAccess(
        version="v3",
        port=port or credential.port,
        user=credential.user,
        auth_protocol=credential.auth_protocol or "",
        auth=_secret(credential.auth),
        priv_protocol=credential.priv_protocol or "",
        priv=_secret(credential.priv),
        context=credential.context,
    )


def jump_host(name: str, written: Written) -> JumpHost | None:
    """None where it is malformed, or its credential is."""
    host = written.jump_hosts.get(name)
    credential = written.credentials.get(host.ssh) if host else None
    if host is None or not isinstance(credential, access.Ssh):
        return None
    return JumpHost(name=name, address=host.address, access=ssh_access(credential, host.port))


def ssh_access(credential: access.Ssh, port: int | None, jump: tuple[JumpHost, ...] = ()) -> SshAccess:
    return SshAccess(
        username=credential.username,
        password=_secret(credential.password),
        key_file=credential.key_file,
        key_passphrase=_secret(credential.key_passphrase),
        ssh_agent=credential.ssh_agent,
        enable=_secret(credential.enable),
        port=port or credential.port,
        known_hosts=credential.known_hosts,
        host_keys=credential.host_keys or (HostKeys.STRICT if credential.strict_host_key else HostKeys.ACCEPT_NEW),
        jump=jump,
    )


def _secret(reference: str | None) -> Secret | None:
    return None if reference is None else Secret(reference)
