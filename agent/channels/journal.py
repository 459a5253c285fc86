"""What was handed over to others, remembered on this machine: between their "yes" and our own transaction a power cut
or a `kill -9` may come, and then the journal knows.

JSON lines: key, what (ending, taken, refused), said, at. `ending` is durable before the other side can have the
message, `taken` as soon as it said that it has. One that stands at `ending` may have arrived: that cannot be known from
here (two generals), and it is sent again, with the same key.
"""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from agent.errors import DeliveryError

KEPT = timedelta(days=7)  # much longer than anything is tried
_COMPACTED_FROM = 1_000_000  # bytes
_ENDING, _TAKEN, _REFUSED = "ending", "taken", "refused"


@dataclass(frozen=True, slots=True)
class Past:
    """`said`: what the other side answered when it took the message. `doubt`: it may have it, and may not."""

    said: str | None = None
    doubt: bool = False


class Journal:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._known: dict[str, Past] | None = None

    def of(self, key: str) -> Past:
        with self._lock:
            return self._read().get(key, Past())

    def ending(self, key: str) -> None:
        """From here on the other side may have it."""
        self._write(key, _ENDING, Past(doubt=True))

    def taken(self, key: str, said: str) -> None:
        """It has it. A journal that cannot be written now does not take that back."""
        with suppress(DeliveryError):
            self._write(key, _TAKEN, Past(said=said), said)

    def refused(self, key: str) -> None:
        """It has it not, and said so."""
        with suppress(DeliveryError):
            self._write(key, _REFUSED, Past())

    def once(self, key: str, hand_over: Callable[[], str]) -> str:
        """For what is handed over in one step: done, unless it was before."""
        past = self.of(key)
        if past.said is not None:
            return f"{past.said} (before)"
        self.ending(key)
        try:
            said = hand_over()
        except DeliveryError as error:
            if error.permanent:
                self.refused(key)
            raise
        self.taken(key, said)
        return said

    def _read(self) -> dict[str, Past]:
        if self._known is None:
            try:
                self._known = _compacted(self._file)
            except OSError as error:
                raise DeliveryError(f"cannot read the journal {self._file}: {error.strerror}") from error
        return self._known

    def _write(self, key: str, what: str, past: Past, said: str = "") -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self._lock:
            known = self._read()
            try:
                append(self._file, json.dumps({"key": key, "what": what, "said": said, "at": at}))
            except OSError as error:
                raise DeliveryError(f"cannot write the journal {self._file}: {error.strerror}") from error
            known[key] = past


def _compacted(file: Path) -> dict[str, Past]:
    """By key: the last word. A file that has grown large is written anew without what is long over."""
    since = (datetime.now(UTC) - KEPT).isoformat()
    last: dict[str, tuple[str, Past]] = {}
    with suppress(FileNotFoundError), file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            with suppress(ValueError, KeyError, TypeError):  # the torn last line of a crash
                entry = json.loads(line)
                if str(entry["at"]) >= since:
                    last[str(entry["key"])] = (line, _past(str(entry["what"]), str(entry["said"])))
    with suppress(FileNotFoundError):
        if file.stat().st_size > _COMPACTED_FROM:
            _replace(file, "".join(line if line.endswith("\n") else f"{line}\n" for line, _ in last.values()))
    return {key: past for key, (_, past) in last.items()}


def _past(what: str, said: str) -> Past:
    return Past(said=said) if what == _TAKEN else Past(doubt=what == _ENDING)


def _replace(file: Path, text: str) -> None:
    new = file.with_name(f"{file.name}.new")
    with new.open("w", encoding="utf-8") as writing:
        writing.write(text)
        writing.flush()
        os.fsync(writing.fileno())
    new.replace(file)
    sync_directory(file.parent)


def append(journal: Path, line: str) -> None:
    """Durable when it returns. A line that a crash tore is ended first."""
    journal.parent.mkdir(parents=True, exist_ok=True)
    new = not journal.exists()
    with journal.open("a+b") as file:
        if file.tell() and not _ends_whole(file.fileno(), file.tell()):
            file.write(b"\n")
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    if new:
        sync_directory(journal.parent)


def _ends_whole(descriptor: int, size: int) -> bool:
    return os.pread(descriptor, 1, size - 1) == b"\n"


def sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
