"""Notifications as JSON, for the outbox."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from agent.notifications.notification import Notification


def pack(notification: Notification) -> dict[str, Any]:
    return asdict(notification)


def unpack(payload: Mapping[str, Any]) -> Notification:
    return Notification(**{**payload, "attachments": tuple(payload.get("attachments", ()))})
