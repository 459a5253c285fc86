"""Who sends syslog or traps and is in nobody's inventory: a bounded list, kept, and shown by `netcase senders`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.observation import Event
from agent.ports import Store
from collectors.ssh import scrub

MOST = 1000  # senders remembered; the one that has been silent longest makes room
LINE = 200  # characters kept of the last line
KIND, KEY = "senders", "unknown"


@dataclass(frozen=True, slots=True)
class Stranger:
    sender: str
    source: str  # syslog or trap
    first: datetime
    last: datetime
    messages: int
    line: str
    host: str = ""  # what the line calls its host


class Strangers:
    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Stranger] = {}  # the longest silent first
        self.changed = False

    def hear(self, event: Event) -> None:
        """O(1). What a storm let go of counts as heard."""
        if event.device or not event.sender:
            return
        key = event.sender, str(event.source)
        before = self._known.pop(key, None)
        ours = event.mnemonic.startswith("NETCASE-")
        count = int(event.data.get("dropped", "0")) if ours else 1
        line, host = (before.line, before.host) if ours and before else (event.text[:LINE], event.data.get("host", ""))
        first, messages = (before.first, before.messages) if before else (event.arrived, 0)
        self._known[key] = Stranger(*key, first, event.arrived, messages + count, line, host)
        if len(self._known) > MOST:
            del self._known[next(iter(self._known))]
        self.changed = True

    def listed(self) -> list[Stranger]:
        """Who was heard last comes first."""
        return list(reversed(self._known.values()))

    def save(self, store: Store, now: datetime, listed: list[Stranger]) -> None:
        senders = [
            {
                "sender": each.sender,
                "source": each.source,
                "first": each.first.isoformat(),
                "last": each.last.isoformat(),
                "messages": each.messages,
                "line": scrub.scrub(each.line)[0],
                "host": each.host,
            }
            for each in listed
        ]
        with store.begin() as tx:
            tx.save_document(KIND, KEY, now, {"senders": senders})

    def recall(self, store: Store) -> None:
        """Goes on counting where the last run left off."""
        with store.read() as tx:
            before = {(each.sender, each.source): each for each in reversed(read(tx.document(KIND, KEY)))}
        self._known = before | self._known  # what was heard meanwhile comes last


def read(body: Mapping[str, Any] | None) -> list[Stranger]:
    """Of a saved document; who was heard last comes first."""
    return [
        Stranger(
            each["sender"],
            each["source"],
            datetime.fromisoformat(each["first"]),
            datetime.fromisoformat(each["last"]),
            each["messages"],
            each["line"],
            each.get("host", ""),
        )
        for each in (body or {}).get("senders", [])
    ]
