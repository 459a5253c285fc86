"""Where things are and where netcase listens: command line first, then the environment, then the defaults.

Also the two ways in which configuration comes in from outside: texts from files, and secrets from their references.
"""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agent.errors import InventoryError, Problem, UnavailableError, UsageError

MAX_TEXT = 32 * 1024 * 1024  # bytes
MAX_SECRET = 64 * 1024  # bytes
MAX_ADDRESS = 200  # characters; longer ones are broken in mails
_WEB_ADDRESS = re.compile(
    r"https?://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/[A-Za-z0-9._~-]+)*/?"
)
_ENDPOINT = re.compile(r"(?:(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<host>[^\s:\[\]]*)):)?(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens. Port 0: one that is free."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyslogStreams:
    """Syslog beside UDP, and how much of one source is kept. TLS is spoken where there is a certificate."""

    over_tcp: bool = True
    tcp: Endpoint | None = None  # None: where UDP is
    tls: Endpoint = Endpoint("0.0.0.0", 6514)
    certificate: Path | None = None  # PEM
    key: Path | None = None  # PEM; None: it is in the certificate's file
    clients: Path | None = None  # PEM; an authority: only who shows a certificate of its may send
    rate: int = 1000  # UDP lines a second of one source that are all kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    inventory: Path = Path("inventory.yaml")
    data: Path = Path("netcase-data")  # evidence, reports, and the database unless `database` says otherwise
    database: str = ""  # an SQLAlchemy URL; may hold a password: never print it
    web: Endpoint = Endpoint("127.0.0.1", 8080)
    traps: Endpoint = Endpoint("0.0.0.0", 9162)
    syslog: Endpoint = Endpoint("0.0.0.0", 9514)
    syslog_streams: "SyslogStreams" = field(default_factory=lambda: SyslogStreams())
    public_url: str = ""  # the address under which customers reach the pages they answer on; empty: they cannot
    site_url: str = ""  # the address under which our own people reach the site, for links in mails; empty: none

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{(self.data / 'netcase.db').absolute()}"


def read(arguments: Mapping[str, str | Path | None], environment: Mapping[str, str] = os.environ) -> Settings:
    """From the command line (None: not given), then NETCASE_INVENTORY, _DATA, _DATABASE, _WEB, _TRAPS, _SYSLOG,
    _PUBLIC_URL and _SITE_URL.

    What else syslog wants comes from the environment alone.
    Raises UsageError, which names the option or the variable.
    """
    plain = Settings()
    found: dict[str, tuple[str, str]] = {}  # key: what was given, and by what
    for key in ("inventory", "data", "database", "web", "traps", "syslog"):
        variable = f"NETCASE_{key.upper()}"
        if (given := arguments.get(key)) is not None:
            found[key] = (str(given), f"--{key}")
        elif environment.get(variable):
            found[key] = (environment[variable], variable)
    return Settings(
        inventory=_path(*found["inventory"]) if "inventory" in found else plain.inventory,
        data=_path(*found["data"]) if "data" in found else plain.data,
        database=_database(*found["database"]) if "database" in found else plain.database,
        web=_endpoint(*found["web"], plain.web) if "web" in found else plain.web,
        traps=_endpoint(*found["traps"], plain.traps) if "traps" in found else plain.traps,
        syslog=_endpoint(*found["syslog"], plain.syslog) if "syslog" in found else plain.syslog,
        syslog_streams=_syslog_streams(environment),
        public_url=_address("public_url", arguments, environment),
        site_url=_address("site_url", arguments, environment),
    )


def _address(key: str, arguments: Mapping[str, str | Path | None], environment: Mapping[str, str]) -> str:
    given, option = arguments.get(key), f"--{key.replace('_', '-')}"
    return url(key, environment) if given is None else web_address(str(given), option)


def url(key: str, environment: Mapping[str, str] = os.environ) -> str:
    """NETCASE_PUBLIC_URL or NETCASE_SITE_URL, empty where it is not set. Raises UsageError."""
    variable = f"NETCASE_{key.upper()}"
    text = environment.get(variable, "")
    return web_address(text, variable) if text else ""


def web_address(text: str, by: str) -> str:
    """`https://cases.example.net`, perhaps with a path, without the slash that ends it. Raises UsageError."""
    match = _WEB_ADDRESS.fullmatch(text)
    if match is None or len(text) > MAX_ADDRESS or int(match["port"] or 0) > 65535:
        raise UsageError(
            f"{by} is {text[:MAX_ADDRESS]!r}: write the address under which people reach the web page, "
            "such as https://cases.example.net"
        )
    return text.rstrip("/")


def _syslog_streams(environment: Mapping[str, str]) -> SyslogStreams:
    """NETCASE_SYSLOG_TCP, _TLS, _CERTIFICATE, _KEY, _CLIENTS and _RATE."""
    plain = SyslogStreams()
    told = {key: (environment.get(f"NETCASE_SYSLOG_{key}", ""), f"NETCASE_SYSLOG_{key}") for key in _STREAM_KEYS}
    files = {key: _path(*told[key]) if told[key][0] else None for key in ("CERTIFICATE", "KEY", "CLIENTS")}
    tcp, by = told["TCP"]
    unused = [told[key][1] for key in ("TLS", "KEY", "CLIENTS") if told[key][0]]
    if unused and not files["CERTIFICATE"]:
        raise UsageError(f"{unused[0]} is of no use without a certificate: name its file in NETCASE_SYSLOG_CERTIFICATE")
    return SyslogStreams(
        over_tcp=tcp != "off",
        tcp=_endpoint(tcp, by, Settings().syslog) if tcp not in ("", "off") else None,
        tls=_endpoint(*told["TLS"], plain.tls) if told["TLS"][0] else plain.tls,
        certificate=files["CERTIFICATE"],
        key=files["KEY"],
        clients=files["CLIENTS"],
        rate=_rate(*told["RATE"]) if told["RATE"][0] else plain.rate,
    )


_STREAM_KEYS = ("TCP", "TLS", "CERTIFICATE", "KEY", "CLIENTS", "RATE")


def _rate(text: str, by: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 1_000_000):
        raise UsageError(f"{by} is {text!r}: write how many lines a second, 1 to 1000000")
    return int(text)


def _path(text: str, by: str) -> Path:
    if not text.strip() or "\0" in text:
        raise UsageError(f"{by} is empty: write a path")
    return _expanded(text)


def _expanded(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:  # ~nobody
        return Path(text)


def _database(text: str, by: str) -> str:
    scheme = text.partition("://")[0].partition("+")[0]
    if "://" not in text or scheme not in ("sqlite", "postgresql"):
        raise UsageError(f"{by} is no database URL: write postgresql://user@host/name or sqlite:////path/netcase.db")
    return text


def _endpoint(text: str, by: str, plain: Endpoint) -> Endpoint:
    """`8080`, `:8080`, `127.0.0.1:8080`, `[::1]:8080`."""
    match = _ENDPOINT.fullmatch(text.strip())
    if match is None or int(match["port"]) > 65535:
        raise UsageError(f"{by} is {text!r}: write a port from 0 to 65535, or an address and a port, such as {plain}")
    return Endpoint(match["v6"] or match["host"] or plain.host, int(match["port"]))


def read_text(path: Path) -> str:
    """A text that a person wrote, at most MAX_TEXT bytes. Raises UsageError or InventoryError with a sentence."""
    content = _read(path, str(path), MAX_TEXT)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        advice = "Save the file as UTF-8"
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            advice = "It is UTF-16: save it as UTF-8"
        raise InventoryError((Problem(str(path), line, "", "is not UTF-8", advice),)) from None


def _read(path: Path, name: str, limit: int) -> bytes:
    try:
        if stat.S_ISDIR(path.stat().st_mode):
            raise UsageError(f"{name} is a directory: write the path of a file")
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except FileNotFoundError:
        raise UsageError(f"{name} does not exist: check the path, or create the file") from None
    except PermissionError:
        raise UsageError(f"{name} may not be read: let the user that runs netcase read it") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no such path"
        raise UsageError(f"{name} cannot be read: {reason}") from error
    if len(content) > limit:
        raise UsageError(f"{name} is larger than {limit >> 10} KiB: that is not the right file")
    return content


def readable(path: str) -> bool:
    """Whether a file of that name can be read, as `agent.inventory.parse` asks of `file:` references."""
    expanded = _expanded(path)
    try:
        return expanded.is_file() and os.access(expanded, os.R_OK)
    except (OSError, ValueError):
        return False


def secret(reference: str, environment: Mapping[str, str] = os.environ) -> str:
    """What `env:NAME` or `file:/path` stands for, without the newline that ends a file.

    Raises UsageError when it is no reference, UnavailableError when nothing is there. Neither ever holds a secret.
    """
    kind, _, name = reference.partition(":")
    if kind == "env" and name:
        if not (value := environment.get(name)):
            raise UnavailableError(f"the environment variable {name} is not set or empty: run export {name}=…")
        return value
    if kind == "file" and name:
        return _secret_file(name)
    raise UsageError("a secret is given by reference: write env:NAME or file:/path")


def _secret_file(name: str) -> str:
    try:
        content = _read(_expanded(name), name, MAX_SECRET)
    except UsageError as error:
        raise UnavailableError(f"the secret file {error}") from error
    try:
        value = content.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise UnavailableError(f"the secret file {name} is not UTF-8: write the secret as text") from None
    if not value:
        raise UnavailableError(f"the secret file {name} is empty: write the secret into it")
    return value
