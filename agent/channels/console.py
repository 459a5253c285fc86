"""The console: one line a notification, and a journal that remembers which were printed."""

import json
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TextIO

from agent.channels.journal import append
from agent.errors import DeliveryError
from agent.notifications.notification import Notification


class ConsoleChannel:
    """Prints on `stream` and keeps `journal` (JSON lines: key, to, language, subject, text, answers).

    The journal is written first and is durable before the line is printed: a notification that is tried again
    after a crash stands in it already, and is not printed twice.
    """

    name = "console"

    def __init__(self, stream: TextIO, journal: Path) -> None:
        self._stream = stream
        self._journal = journal
        self._lock = Lock()
        self._known: set[str] | None = None

    def send(self, notification: Notification) -> str:
        with self._lock:
            if notification.key in self._keys():
                return "printed before"
            self._remember(notification)
            return self._print(_plain(f"to {notification.to}: {notification.subject}"))

    def _keys(self) -> set[str]:
        if self._known is None:
            try:
                self._known = _read(self._journal)
            except OSError as error:
                raise DeliveryError(f"cannot read the journal {self._journal}: {error.strerror}") from error
        return self._known

    def _remember(self, notification: Notification) -> None:
        try:
            append(self._journal, json.dumps(_entry(notification)))
        except OSError as error:
            raise DeliveryError(f"cannot write the journal {self._journal}: {error.strerror}") from error
        self._keys().add(notification.key)

    def _print(self, line: str) -> str:
        encoding = self._stream.encoding or "utf-8"  # io.StringIO has none
        try:
            self._stream.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
            self._stream.flush()
        except (OSError, ValueError):  # a closed terminal; the journal has it
            return "the console is gone; in the journal"
        return "printed"


def _entry(notification: Notification) -> dict[str, str]:
    names = ("key", "to", "language", "subject", "text", "answers")
    return {name: getattr(notification, name) for name in names}


def _read(journal: Path) -> set[str]:
    keys = set()
    with suppress(FileNotFoundError), journal.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            with suppress(ValueError, KeyError, TypeError):  # the torn last line of a crash
                keys.add(str(json.loads(line)["key"]))
    return keys


def _plain(text: str) -> str:
    """One line without control characters: what a device calls itself must not move the cursor."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
