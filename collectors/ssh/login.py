"""Logs in with netmiko, and says in a sentence why it did not work.

netmiko and paramiko raise many things, and hide the cause of some: a changed host key comes as a timeout. The cause is
in the chain of exceptions, and looked for there.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import DeviceError
from agent.inventory.device import SshAccess

CONNECT_S = 15.0  # for TCP, and again for the banner and the authentication
READ_S = 20.0  # for what netmiko reads while it prepares the session: prompt, paging, enable
KEEPALIVE_S = 15


logging.getLogger("paramiko").addHandler(logging.NullHandler())  # else it prints tracebacks where logging is not set up

_ASKED = r"assword:?\s*$|[>#]\s*$"


class LoginError(DeviceError):
    """`again` says whether a second attempt can help; a wrong password must not be tried twice, it locks accounts."""

    def __init__(self, message: str, *, again: bool) -> None:
        super().__init__(message)
        self.again = again


@dataclass(frozen=True, slots=True)
class Login:
    """Where and how, with the secrets resolved. Its `repr` shows none of them."""

    platform: str
    address: str
    access: SshAccess
    password: str
    enable: str

    def __repr__(self) -> str:
        return f"Login({self.access.username}@{self.address}:{self.access.port}, {self.platform})"


def connect(login: Login, *, enable: bool) -> Any:
    """A netmiko connection, prepared (paging off) and, where asked, privileged. Raises LoginError."""
    import netmiko
    from netmiko.exceptions import NetmikoBaseException
    from paramiko.ssh_exception import SSHException

    known = (SSHException, NetmikoBaseException, OSError, EOFError, ValueError)
    try:
        connection = netmiko.ConnectHandler(**_arguments(login))
    except known as error:
        raise _explained(login, error) from error
    try:
        if enable and login.enable and not connection.check_enable_mode():
            _privilege(connection, login)
    except LoginError:
        connection.paramiko_cleanup()
        raise
    except known as error:
        connection.paramiko_cleanup()
        raise _explained(login, error) from error
    return connection


def _privilege(connection: Any, login: Login) -> None:
    """As netmiko's `enable`, which takes a question that is asked again for silence and waits until its time is up."""
    connection.clear_buffer()
    connection.write_channel("enable\n")
    said = connection.read_until_pattern(_ASKED)
    if "assword" in said:
        connection.write_channel(login.enable + "\n")
        said = connection.read_until_pattern(_ASKED)
    if not re.search(r"#\s*$", said):
        raise LoginError(f"{login.address} let us in, but did not accept the enable secret.", again=False)


def _arguments(login: Login) -> dict[str, Any]:
    access = login.access
    arguments: dict[str, Any] = {
        "device_type": login.platform,
        "host": login.address,
        "port": access.port,
        "username": access.username,
        "password": login.password or None,
        "secret": login.enable,
        "ssh_strict": access.strict_host_key,
        "system_host_keys": access.strict_host_key and not access.known_hosts,
        "conn_timeout": CONNECT_S,
        "auth_timeout": CONNECT_S,
        "banner_timeout": CONNECT_S,
        "read_timeout_override": READ_S,
        "keepalive": KEEPALIVE_S,
        "allow_agent": False,
    }
    if access.known_hosts:
        arguments |= {"alt_host_keys": True, "alt_key_file": _known_hosts(access)}
    if access.key_file:
        arguments["pkey"] = _key(access.key_file)
    return arguments


def _known_hosts(access: SshAccess) -> str:
    path = Path(access.known_hosts).expanduser()
    if not access.strict_host_key:
        path.touch(mode=0o600, exist_ok=True)  # new keys are added to it; a changed one is refused even so
    elif not path.is_file():
        raise LoginError(f"The file of known host keys, {path}, is not there.", again=False)
    return str(path)


def _key(file: str) -> Any:
    from paramiko.pkey import PKey
    from paramiko.ssh_exception import SSHException

    path = Path(file).expanduser()
    try:
        return PKey.from_path(path)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError, SSHException) as error:
        raise LoginError(f"The private key {path} cannot be used: {type(error).__name__}.", again=False) from error


def _explained(login: Login, error: Exception) -> LoginError:
    if isinstance(error, LoginError):
        return error
    from netmiko.exceptions import NetmikoAuthenticationException, ReadException, ReadTimeout
    from paramiko.ssh_exception import AuthenticationException, BadHostKeyException

    where = f"{login.address} port {login.access.port}"
    chain = list(_chain(error))
    said = " ".join(str(link) for link in chain).lower()

    def any_of(*kinds: type[BaseException]) -> bool:
        return any(isinstance(link, kinds) for link in chain)

    if any_of(BadHostKeyException):
        return LoginError(
            f"The host key of {where} has changed. Somebody may be in between, or the device was replaced: check, and "
            "correct the file of known host keys.",
            again=False,
        )
    if "not found in known_hosts" in said:
        return LoginError(
            f"The host key of {where} is not known. Check it, and add it to the known host keys.", again=False
        )
    if any_of(NetmikoAuthenticationException, AuthenticationException):
        means = "key" if login.access.key_file and not login.password else "password"
        return LoginError(
            f"{where} did not accept the user name “{login.access.username}” with its {means}.", again=False
        )
    if "no acceptable" in said or "incompatible ssh" in said:
        return LoginError(f"{where} and we have no SSH algorithm in common.", again=False)
    if any_of(ConnectionRefusedError) or "unable to connect to port" in said:
        return LoginError(f"{where} refused the connection.", again=True)
    if any_of(ConnectionError, EOFError) or any(words in said for words in _DROPPED):
        return LoginError(f"{where} dropped the connection while we logged in.", again=True)
    if any_of(ReadTimeout, ReadException):
        return LoginError(
            f"{where} let us in, but its prompt was not recognised: is its platform {login.platform}?", again=True
        )
    return LoginError(f"{where} cannot be reached.", again=True)


_DROPPED = ("socket is closed", "protocol banner", "eof", "connection reset", "no existing session", "channel closed")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, and everything that it came from or came up while it was handled."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop(0)
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, link.__context__]
