"""Host keys: who each device proved to be, in the form of OpenSSH's known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).

Read are names, `[name]:port`, patterns, hashed names and the marker @revoked. What is signed by a certificate authority
(@cert-authority) is not: paramiko asks no device for a certificate. Written is one file only, the agent's own.
"""

import base64
import binascii
import fcntl
import hashlib
import hmac
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

LARGEST = 16_000_000  # octets of a file


class Verdict(StrEnum):
    KNOWN = "known"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class HostKey:
    kind: str  # ssh-ed25519, ecdsa-sha2-nistp256, ssh-rsa, …
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` shows it."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")

    def __str__(self) -> str:
        return f"{self.kind} {self.fingerprint}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a file: `where` is the file and the line's number."""

    names: tuple[str, ...]
    key: HostKey
    marker: str = ""  # @revoked, @cert-authority
    where: str = ""

    def names_host(self, name: str) -> bool:
        found = False
        for pattern in self.names:
            if _matches(pattern.removeprefix("!"), name):
                if pattern.startswith("!"):
                    return False
                found = True
        return found


@dataclass(frozen=True, slots=True)
class Judgement:
    """`known` are the entries that name the host; of a key that changed, what it should have been."""

    verdict: Verdict
    known: tuple[Entry, ...] = ()
    by_authority: bool = False  # a certificate authority is named for the host, which is not enough here


def name_of(address: str, port: int) -> str:
    return address.lower() if port == 22 else f"[{address.lower()}]:{port}"


class KnownHosts:
    """`own` is read and written, `others` are only read. A file of `others` that is not there knows nobody."""

    def __init__(self, own: Path | None, others: tuple[Path, ...] = ()) -> None:
        self._own = own
        self._others = others

    def entries(self, name: str) -> tuple[Entry, ...]:
        """Raises OSError when a file cannot be read."""
        files = (*((self._own,) if self._own else ()), *self._others)
        return tuple(entry for file in files for entry in _read(file) if entry.names_host(name))

    def kinds(self, name: str) -> frozenset[str]:
        """The kinds of key that the host is known by: these are asked for first."""
        return frozenset(entry.key.kind for entry in self.entries(name) if not entry.marker)

    def judge(self, name: str, key: HostKey) -> Judgement:
        found = self.entries(name)
        known = tuple(entry for entry in found if not entry.marker)
        if any(entry.marker == "@revoked" and entry.key.blob == key.blob for entry in found):
            return Judgement(Verdict.REVOKED, known)
        if any(entry.key.blob == key.blob for entry in known):
            return Judgement(Verdict.KNOWN, known)
        if known:
            return Judgement(Verdict.CHANGED, known)
        return Judgement(Verdict.UNKNOWN, by_authority=any(entry.marker == "@cert-authority" for entry in found))

    def trust_first(self, name: str, key: HostKey) -> Judgement:
        """Remembers the key of a host that nobody knew; who was quicker with another key wins."""
        if self._own is None:
            return Judgement(Verdict.KNOWN)
        with _alone(self._own):
            judged = self.judge(name, key)
            if judged.verdict is Verdict.UNKNOWN:
                _write(self._own, [*_lines(self._own), _line(name, key)])
                return Judgement(Verdict.KNOWN)
            return judged

    def accept(self, name: str, key: HostKey) -> tuple[Entry, ...]:
        """From now on this key and no other is the host's in our own file; returns what it takes the place of."""
        if self._own is None:
            raise FileNotFoundError("there is no file of known host keys to write")
        with _alone(self._own):
            replaced = tuple(e for e in _read(self._own) if not e.marker and e.names_host(name))
            kept = (_without(line, name) for line in _lines(self._own))
            _write(self._own, [*(line for line in kept if line is not None), _line(name, key)])
        return replaced


def _matches(pattern: str, name: str) -> bool:
    if not pattern.startswith("|1|"):
        # brackets stand for themselves here, only * and ? are patterns
        return fnmatchcase(name, pattern.lower().replace("[", "[[]"))
    try:
        salt, hashed = (base64.b64decode(part, validate=True) for part in pattern[3:].split("|", 1))
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(hmac.new(salt, name.encode(), hashlib.sha1).digest(), hashed)


def _read(file: Path) -> Iterator[Entry]:
    for number, line in enumerate(_lines(file), 1):
        entry = _entry(line, f"{file}:{number}")
        if entry is not None:
            yield entry


def _entry(line: str, where: str = "") -> Entry | None:
    """None for a comment, and for what is no key."""
    fields = line.split()
    marker = fields.pop(0) if fields and fields[0].startswith("@") else ""
    if len(fields) < 3 or fields[0].startswith("#"):
        return None
    try:
        blob = base64.b64decode(fields[2], validate=True)
    except (ValueError, binascii.Error):
        return None
    return Entry(tuple(fields[0].split(",")), HostKey(fields[1], blob), marker, where)


def _without(line: str, name: str) -> str | None:
    """The line without the host; None when it named no other. Patterns and markers stay: somebody wrote them."""
    entry = _entry(line)
    if entry is None or entry.marker or not entry.names_host(name):
        return line
    others = [each for each in entry.names if not (_matches(each, name) and "*" not in each and "?" not in each)]
    return " ".join([",".join(others), *line.split()[1:]]) if others else None


def _line(name: str, key: HostKey) -> str:
    return f"{name} {key.kind} {base64.b64encode(key.blob).decode()}"


def _lines(file: Path) -> list[str]:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST).decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """One writer at a time, whether a thread or a process."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file.with_name(f"{file.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(file: Path, lines: list[str]) -> None:
    """Whoever looks finds the file whole, the old or the new one."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)  # 0600
    new = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as target:
            target.write("".join(f"{line}\n" for line in lines))
            target.flush()
            os.fsync(target.fileno())
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
