"""A program is told of each change of a case, as `agent.channels.webhook` signs it, and tells nothing back."""

# ruff: noqa: ARG002 - it is asked as the others are

import json
import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from agent.cases import mirror as mirrors
from agent.cases.mirror import Note, Remote, Ticket
from agent.channels import http
from agent.channels.bridges.exchange import Exchange
from agent.channels.webhook import KEY, SIGNATURE, TIMESTAMP, idempotency_key, signature
from agent.errors import DeliveryError
from agent.inventory.bridges import BridgeSetup


class WebhookBridge:
    def __init__(
        self, setup: BridgeSetup, secret: Callable[[str], str], *, context: ssl.SSLContext | None = None
    ) -> None:
        self.name = setup.name
        self._setup, self._context = setup, context
        self._http = Exchange(setup, secret, context=context)

    def check(self) -> str:
        return self._post("check", f"{self._setup.key}-check", {}) or f"bridge {self.name} answers"

    def find(self, key: str) -> str:
        """Whoever listens knows a ticket that was made already by its key."""
        return ""

    def create(self, ticket: Ticket) -> str:
        self._post("created", ticket.key, _plain(ticket))
        return ticket.key

    def read(self, theirs: str, *, notes: bool) -> Remote | None:
        return None

    def update(self, theirs: str, ticket: Ticket, was: Remote | None, notes: Sequence[Note]) -> None:
        told = [{"key": n.id, "at": n.at, "author": n.author, "text": n.text} for n in notes]
        said = mirrors.digest(ticket, notes)
        self._post("updated", f"{theirs}/{said}", {**_plain(ticket), "notes": told})

    def _post(self, event: str, key: str, body: dict[str, Any]) -> str:
        secret = self._http.reveal(self._setup.token)
        sent = json.dumps({"version": 1, "event": event, "key": key, **body}, ensure_ascii=False)
        content = sent.encode("utf-8", "replace")
        timestamp = str(int(datetime.now(UTC).timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "netcase",
            TIMESTAMP: timestamp,
            SIGNATURE: signature(secret, timestamp, content),
            KEY: idempotency_key(key),
        }
        timeout_s = self._setup.timeout.total_seconds()
        try:
            http.post(
                self._setup.url, content, headers, timeout_s, context=self._context, secrets=frozenset({secret} - {""})
            )
        except DeliveryError as error:
            raise DeliveryError(f"bridge {self.name}: {error}", permanent=error.permanent) from None
        return f"bridge {self.name} answers"


def _plain(ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket": ticket.key,
        "title": ticket.title,
        "text": ticket.text,
        "state": ticket.state,
        "severity": ticket.level,
        "closing": ticket.closing,
        "fields": dict(ticket.fields),
    }
