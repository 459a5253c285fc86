"""Alertmanager is told as Prometheus tells it: POST /api/v2/alerts.

A case is one alert from its opening until it is resolved. Its labels never change, so that Alertmanager knows it again:
`alertname`, `case`, `customer`; what does change (severity, state, subject) are annotations. Sending the same twice
changes nothing there, so no journal is needed.
"""

import json
import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from agent.channels import http
from agent.errors import DeliveryError, NetcaseError
from agent.inventory.channels import ChannelSetup
from agent.notifications.notification import Notification

ALERTNAME, TEST = "netcase_case", "netcase_test"
PATH = "/api/v2/alerts"
_ENDLESS = timedelta(days=3650)  # without an end Alertmanager takes it for over after some minutes
_TEST_LASTS = timedelta(minutes=1)
_OVER = ("resolved", "closed")
_NOTES = ("severity", "state", "kind", "subject", "title", "site", "contract", "occasion")


class AlertmanagerChannel:
    def __init__(
        self, setup: ChannelSetup, secret: Callable[[str], str], *, context: ssl.SSLContext | None = None
    ) -> None:
        self.name = setup.name
        self._setup, self._secret, self._context = setup, secret, context

    def send(self, notification: Notification) -> str:
        return self.send_all([notification])

    def send_all(self, notifications: Sequence[Notification]) -> str:
        now = datetime.now(UTC)
        try:
            url = address(self._secret(str(self._setup.url)))
            alerts = [alert(notification, now) for notification in notifications]
            body = json.dumps(alerts, ensure_ascii=False).encode("utf-8", "replace")
            headers = {"Content-Type": "application/json", "User-Agent": "netcase"}
            timeout_s = self._setup.timeout.total_seconds()
            return str(http.post(url, body, headers, timeout_s, context=self._context))
        except DeliveryError as error:
            raise DeliveryError(f"alertmanager {self.name}: {error}", permanent=error.permanent) from None
        except NetcaseError as error:
            raise DeliveryError(f"alertmanager {self.name}: {error}") from error


def address(url: str) -> str:
    """Of the API, whether the URL names it or only the server."""
    plain = url.strip().rstrip("/")
    return plain if plain.endswith(PATH) else plain + PATH


def alert(notification: Notification, now: datetime) -> dict[str, object]:
    about = notification.about
    if "case" not in about:
        labels = {"alertname": TEST, "to": notification.to}
        starts, ends = now, now + _TEST_LASTS
    else:
        labels = {"alertname": ALERTNAME, "case": about["case"], "customer": about.get("customer", "")}
        starts = datetime.fromisoformat(about["opened"])
        over = about.get("resolved") or about.get("closed") if about.get("state") in _OVER else ""
        ends = datetime.fromisoformat(over) if over else starts + _ENDLESS
    notes = {"summary": notification.subject, "description": notification.text}
    notes |= {name: about[name] for name in _NOTES if name in about}
    made: dict[str, object] = {"labels": labels, "annotations": notes, "startsAt": _time(starts), "endsAt": _time(ends)}
    return made | ({"generatorURL": about["link"]} if "link" in about else {})


def _time(at: datetime) -> str:
    """RFC 3339."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
