"""A program is told: a POST with JSON, signed, with a key by which it knows a repeat.

    X-Netcase-Timestamp: 1772452800                      seconds since 1970-01-01 UTC
    X-Netcase-Signature: v1=<hex>                        HMAC-SHA256 over "<timestamp>.<body>"
    Idempotency-Key: <hex>                               the same however often the same message is sent

Whoever receives it computes the signature over the bytes that came, compares in constant time, refuses a timestamp that
is further than `WINDOW` from its own clock, and answers a key that it has seen with 200.
"""

import hashlib
import hmac
import json
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from agent.channels import http
from agent.channels.journal import Journal
from agent.errors import DeliveryError, NetcaseError
from agent.inventory.channels import ChannelSetup
from agent.notifications.notification import Notification

WINDOW = timedelta(minutes=5)
TIMESTAMP, SIGNATURE, KEY = "X-Netcase-Timestamp", "X-Netcase-Signature", "Idempotency-Key"


class WebhookChannel:
    def __init__(
        self,
        setup: ChannelSetup,
        secret: Callable[[str], str],
        journal: Journal,
        *,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.name = setup.name
        self._setup, self._secret, self._journal, self._context = setup, secret, journal, context

    def send(self, notification: Notification) -> str:
        try:
            url = self._secret(str(self._setup.url))
            key = self._secret(str(self._setup.secret or ""))
        except NetcaseError as error:
            raise DeliveryError(f"webhook {self.name}: {error}") from error
        try:
            return self._journal.once(notification.key, lambda: self._post(url, key, notification))
        except DeliveryError as error:
            raise DeliveryError(f"webhook {self.name}: {error}", permanent=error.permanent) from None

    def _post(self, url: str, key: str, notification: Notification) -> str:
        body = json.dumps(payload(notification), ensure_ascii=False).encode("utf-8", "replace")
        timestamp = str(int(datetime.now(UTC).timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "netcase",
            TIMESTAMP: timestamp,
            SIGNATURE: signature(key, timestamp, body),
            KEY: idempotency_key(notification.key),
        }
        timeout_s = self._setup.timeout.total_seconds()
        return str(http.post(url, body, headers, timeout_s, context=self._context, secrets=frozenset({key})))


def signature(key: str, timestamp: str, body: bytes) -> str:
    signed = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


def idempotency_key(key: str) -> str:
    """A header carries no Chinese: the key's digest stands for it."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]


def payload(notification: Notification) -> dict[str, object]:
    return {
        "version": 1,
        "key": notification.key,
        "to": notification.to,
        "language": notification.language,
        "subject": notification.subject,
        "text": notification.text,
        "short": notification.short,
        "answers": notification.answers,
        **{name: value for name, value in notification.about.items() if name not in _OWN},
    }


_OWN = frozenset({"version", "key", "to", "language", "subject", "text", "short", "answers"})
