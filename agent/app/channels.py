"""Every channel that an inventory names, made ready to send."""

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from agent.channels.alertmanager import AlertmanagerChannel
from agent.channels.console import ConsoleChannel
from agent.channels.email import EmailChannel
from agent.channels.journal import Journal
from agent.channels.sms_chat import AppriseChannel
from agent.channels.webhook import WebhookChannel
from agent.inventory.channels import ChannelKind, ChannelSetup
from agent.inventory.inventory import Inventory
from agent.ports import Channel

PRINTED, HANDED_OVER = "notifications.jsonl", "handed-over.jsonl"  # in the data folder


def build(inventory: Inventory, folder: Path, secret: Callable[[str], str], out: TextIO) -> dict[str, Channel]:
    """By name. `secret` follows a reference when a message is sent, so that a key may be changed while the agent
    runs."""
    journal = Journal(folder / HANDED_OVER)
    found: dict[str, Channel] = {"console": ConsoleChannel(out, folder / PRINTED)}
    if smtp := inventory.policies.smtp:
        found["email"] = EmailChannel(smtp, secret, journal=journal)
    return found | {name: _of(setup, secret, journal) for name, setup in inventory.channels.items()}


def _of(setup: ChannelSetup, secret: Callable[[str], str], journal: Journal) -> Channel:
    if setup.kind is ChannelKind.WEBHOOK:
        return WebhookChannel(setup, secret, journal)
    if setup.kind is ChannelKind.ALERTMANAGER:
        return AlertmanagerChannel(setup, secret)
    return AppriseChannel(setup, secret, journal)
