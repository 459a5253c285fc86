"""Notifications as JSON, for the outbox. Beside the message stands who it is for, which is not sent."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from agent.inventory.customers import Language
from agent.notifications.notification import Notification
from agent.notifications.policy import Recipient

_FIELDS = frozenset(field.name for field in fields(Notification))


def pack(notification: Notification, recipient: Recipient | None = None, occasion: str = "") -> dict[str, Any]:
    packed = {**asdict(notification), "about": dict(notification.about)}
    if recipient is None:
        return packed
    beside = {"name": recipient.name, "person": recipient.person, "customer": recipient.customer, "occasion": occasion}
    return packed | beside


def unpack(payload: Mapping[str, Any]) -> Notification:
    """Whatever else stands in the payload is left out."""
    known = {name: value for name, value in payload.items() if name in _FIELDS}
    return Notification(**{**known, "attachments": tuple(payload.get("attachments", ()))})


def recipient(payload: Mapping[str, Any]) -> Recipient:
    """Whom a packed message is for."""
    return Recipient(
        str(payload.get("name", payload["to"])),
        str(payload["channel"]),
        str(payload["to"]),
        Language(payload["language"]),
        customer=bool(payload.get("customer", False)),
        person=str(payload.get("person", "")),
    )


def occasion(payload: Mapping[str, Any]) -> str:
    return str(payload.get("occasion", "report"))
