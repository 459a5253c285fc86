"""SSH servers on the way: the device itself, and the jump hosts that lead to it, each with its own login and host key.

A jump host forwards a TCP connection (direct-tcpip, RFC 4254 §7.2), as OpenSSH's ProxyJump does: it sees neither the
device's password nor what the device prints.
"""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from agent.cases.outcome import Outcome
from agent.errors import DeviceError
from agent.inventory.device import HostKeys, JumpHost, Secret, SshAccess
from collectors.ssh.hosts import HostKey, Judgement, KnownHosts, Verdict, name_of

CONNECT_S = 15.0  # for TCP, and again for the banner and the authentication
UNANSWERED_MS = 30_000  # what was sent and not acknowledged for so long: the line is dead
SYSTEM_FILES = ("~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts")


class LoginError(DeviceError):
    """`again` says whether a second attempt can help; a wrong password must not be tried twice, it locks accounts."""

    def __init__(self, message: str, outcome: Outcome, *, again: bool = False) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.again = again


@dataclass(frozen=True, slots=True)
class Door:
    """One server, with its secrets resolved. Its `repr` shows none of them."""

    address: str
    access: SshAccess
    password: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    name: str = ""  # a jump host's

    def __str__(self) -> str:
        return f"{self.address} port {self.access.port}"

    @property
    def host(self) -> str:
        """As it stands in a file of host keys."""
        return name_of(self.address, self.access.port)

    def key(self) -> Any:
        """The private key to log in with, or None. Raises LoginError."""
        from paramiko.pkey import PKey
        from paramiko.ssh_exception import SSHException

        if not self.access.key_file:
            return None
        path = Path(self.access.key_file).expanduser()
        try:
            return PKey.from_path(path, self.passphrase.encode() or None)  # type: ignore[no-untyped-call]
        except (OSError, ValueError, TypeError, SSHException) as error:
            raise LoginError(
                f"The private key {path} cannot be used: {type(error).__name__}.", Outcome.NOT_SET_UP
            ) from error


def hops(hosts: Sequence[JumpHost], secret: Callable[[Secret], str]) -> tuple[Door, ...]:
    return tuple(door(host.address, host.access, secret, host.name) for host in hosts)


def door(address: str, access: SshAccess, secret: Callable[[Secret], str], name: str = "") -> Door:
    return Door(
        address=address,
        access=access,
        password=secret(access.password) if access.password else "",
        passphrase=secret(access.key_passphrase) if access.key_passphrase else "",
        name=name,
    )


# ---------------------------------------------------------------- host keys


def known_to(where: Door, own: Path | None) -> KnownHosts:
    """The agent's own file, and the inventory's; without one there, the user's and the machine's. Raises LoginError."""
    named = where.access.known_hosts
    if named and where.access.host_keys is HostKeys.STRICT and not Path(named).expanduser().is_file():
        raise LoginError(f"The file of known host keys, {named}, is not there.", Outcome.NOT_SET_UP)
    return KnownHosts(own, tuple(Path(file).expanduser() for file in ([named] if named else SYSTEM_FILES)))


class Policy:
    """paramiko's MissingHostKeyPolicy: paramiko itself knows no host, so that every key is judged here."""

    def __init__(self, where: Door, own: Path | None) -> None:
        self._where = where
        self._hosts = known_to(where, own)

    def missing_host_key(self, _client: Any, _name: str, key: Any) -> None:
        mode, presented = self._where.access.host_keys, HostKey(key.get_name(), key.asbytes())
        if mode is HostKeys.OFF:
            return
        try:
            judged = self._hosts.judge(self._where.host, presented)
            if judged.verdict is Verdict.UNKNOWN and mode is HostKeys.ACCEPT_NEW:
                judged = self._hosts.trust_first(self._where.host, presented)
        except OSError as error:
            raise LoginError(f"The known host keys cannot be read or written: {error}.", Outcome.NOT_SET_UP) from error
        if judged.verdict is not Verdict.KNOWN:
            raise _distrust(self._where, presented, judged)

    def transport(self, sock: Any, **options: Any) -> Any:
        """paramiko's transport_factory: asks first for the kind of key that the host is known by."""
        from paramiko.transport import Transport

        made = Transport(sock, **options)  # type: ignore[no-untyped-call]
        with suppress(OSError):
            kinds = self._hosts.kinds(self._where.host)
            wanted = made.get_security_options()  # type: ignore[no-untyped-call]
            wanted.key_types = sorted(wanted.key_types, key=lambda kind: _kind_of_key(kind) not in kinds)
        if isinstance(sock, socket.socket):
            with suppress(OSError, AttributeError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNANSWERED_MS)
        return made


def _kind_of_key(algorithm: str) -> str:
    """The signature algorithms of RFC 8332 are all for keys of kind ssh-rsa."""
    return "ssh-rsa" if algorithm.startswith("rsa-sha2-") else algorithm


def _distrust(where: Door, presented: HostKey, judged: Judgement) -> LoginError:
    if judged.verdict is Verdict.REVOKED:
        return LoginError(f"The host key of {where} ({presented}) is marked as revoked.", Outcome.HOST_KEY_REVOKED)
    if judged.verdict is Verdict.CHANGED:
        known = ", ".join(str(entry.key) for entry in judged.known[:4])
        return LoginError(
            f"The host key of {where} has changed: known is {known}, shown was {presented}. Somebody may be in "
            "between, or the device was replaced: check, then run netcase hostkeys accept.",
            Outcome.HOST_KEY_CHANGED,
        )
    why = " A certificate authority vouches for it, which is not read here." if judged.by_authority else ""
    return LoginError(
        f"The host key of {where} is not known: {presented}.{why} Check it, then run netcase hostkeys accept.",
        Outcome.HOST_KEY_UNKNOWN,
    )


# ---------------------------------------------------------------- jump hosts


class Way:
    """The jump hosts that are open, and at their end the connection to the device: `sock`, None where there are none.

    Raises LoginError. Closing it closes what came through it.
    """

    def __init__(self, hops: Sequence[Door], to: Door, own: Path | None) -> None:
        self.sock: Any = None
        self._clients: list[Any] = []
        try:
            for hop, onwards in pairwise([*hops, to]):
                self._clients.append(_entered(hop, self.sock, own))
                self.sock = _forwarded(self._clients[-1], hop, onwards, last=onwards is to)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        for client in reversed(self._clients):
            with suppress(OSError, EOFError):
                client.close()


def _entered(hop: Door, sock: Any, own: Path | None) -> Any:
    import paramiko

    untyped: Any = paramiko
    policy, client = Policy(hop, own), untyped.SSHClient()
    client.set_missing_host_key_policy(policy)
    try:
        client.connect(
            hop.address,
            hop.access.port,
            hop.access.username,
            hop.password or None,
            hop.key(),
            timeout=CONNECT_S,
            banner_timeout=CONNECT_S,
            auth_timeout=CONNECT_S,
            allow_agent=hop.access.ssh_agent,
            look_for_keys=False,
            sock=sock,
            transport_factory=policy.transport,
        )
    except border() as error:
        client.close()
        cause = explained(hop, error)
        raise LoginError(f"Jump host {hop.name}: {cause}", Outcome.JUMP_FAILED, again=cause.again) from error
    transport = client.get_transport()
    if transport is not None:
        transport.set_keepalive(15)
    return client


def _forwarded(client: Any, hop: Door, onwards: Door, *, last: bool) -> Any:
    from paramiko.ssh_exception import ChannelException

    there = (onwards.address, onwards.access.port)
    try:
        return client.get_transport().open_channel("direct-tcpip", there, ("127.0.0.1", 0), timeout=CONNECT_S)
    except ChannelException as error:
        if error.code == 1:  # administratively prohibited (RFC 4254 §5.1)
            message = f"Jump host {hop.name} does not let us through to {onwards}."
            raise LoginError(message, Outcome.JUMP_FAILED) from error
        message = f"Jump host {hop.name} cannot reach {onwards}."
        raise LoginError(message, Outcome.UNREACHABLE if last else Outcome.JUMP_FAILED, again=True) from error
    except border() as error:
        message = f"Jump host {hop.name} did not lead us to {onwards} in time."
        raise LoginError(message, Outcome.JUMP_FAILED, again=True) from error


# ---------------------------------------------------------------- who is there


def shown_key(to: Door, hops: Sequence[Door], own: Path | None) -> HostKey:
    """The key that the device shows now. No user name and no password goes to it. Raises LoginError."""
    way = Way(hops, to, own)
    try:
        sock = way.sock or socket.create_connection((to.address, to.access.port), CONNECT_S)
        transport = Policy(to, own).transport(sock)
        try:
            transport.banner_timeout = CONNECT_S
            transport.start_client(timeout=CONNECT_S)
            key = transport.get_remote_server_key()
            return HostKey(key.get_name(), key.asbytes())
        finally:
            transport.close()
    except border() as error:
        raise explained(to, error) from error
    finally:
        way.close()


# ---------------------------------------------------------------- what went wrong


def border() -> tuple[type[Exception], ...]:
    """All that paramiko and netmiko raise for what a device does, and what we made of it."""
    from netmiko.exceptions import NetmikoBaseException
    from paramiko.ssh_exception import SSHException

    return (LoginError, SSHException, NetmikoBaseException, OSError, EOFError, ValueError)


def explained(where: Door, error: Exception, platform: str = "") -> LoginError:
    """The cause as a sentence. It is looked for in the chain of exceptions: a changed host key comes as a timeout."""
    if isinstance(error, LoginError):
        return error
    from netmiko.exceptions import NetmikoAuthenticationException, ReadException, ReadTimeout
    from paramiko.ssh_exception import AuthenticationException

    chain = list(_chain(error))
    said = " ".join(str(link) for link in chain).lower()

    def any_of(*kinds: type[BaseException]) -> bool:
        return any(isinstance(link, kinds) for link in chain)

    if any_of(NetmikoAuthenticationException, AuthenticationException):
        means = "password" if where.password else "key"
        return LoginError(
            f"{where} did not accept the user name “{where.access.username}” with its {means}.", Outcome.WRONG_PASSWORD
        )
    if "no authentication methods" in said:
        return LoginError(f"There is no password and no key to log in to {where} with.", Outcome.NOT_SET_UP)
    if "no acceptable" in said or "incompatible ssh" in said:
        return LoginError(f"{where} and we have no SSH algorithm in common.", Outcome.NO_COMMON_ALGORITHM)
    if any_of(ConnectionRefusedError):
        return LoginError(f"{where} refused the connection.", Outcome.CONNECTION_REFUSED, again=True)
    if any(isinstance(link, OSError) and link.errno in _NO_ROUTE for link in chain):
        return LoginError(f"There is no route to {where}.", Outcome.NO_ROUTE, again=True)
    if any_of(ConnectionError, EOFError) or any(words in said for words in _DROPPED):
        return LoginError(f"{where} dropped the connection while we logged in.", Outcome.LOGIN_DROPPED, again=True)
    if platform and (any_of(ReadTimeout, ReadException) or "prompt" in said):
        return LoginError(
            f"{where} let us in, but its prompt was not recognised: is its platform {platform}?",
            Outcome.NO_PROMPT,
            again=True,
        )
    return LoginError(f"{where} cannot be reached.", Outcome.UNREACHABLE, again=True)


_NO_ROUTE = (101, 113)  # ENETUNREACH, EHOSTUNREACH
_DROPPED = ("socket is closed", "protocol banner", "eof", "connection reset", "no existing session", "channel closed")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, and everything that it came from, holds, or came up while it was handled."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop(0)
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, link.__context__, *getattr(link, "errors", {}).values()]
