"""Channels beside e-mail and console, and what is told on all of them."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from agent.inventory.customers import Language
from agent.inventory.device import Secret

EMAIL, CONSOLE = "email", "console"
BUILT_IN = (EMAIL, CONSOLE)
TIMEOUT = timedelta(seconds=10)


class ChannelKind(StrEnum):
    APPRISE = "apprise"  # SMS and chat
    WEBHOOK = "webhook"  # signed JSON over HTTP
    ALERTMANAGER = "alertmanager"


class Reader(StrEnum):
    """What of a person stands in a channel's address."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSetup:
    """One of the inventory's `channels`. `url` and `secret` are references: what they stand for holds keys."""

    name: str
    kind: ChannelKind
    url: Secret
    secret: Secret | None = None  # what a webhook's messages are signed with
    to: Reader = Reader.NAME
    every_case: bool = False
    severities: tuple[str, ...] = ()  # of every case; empty: all
    customers: tuple[str, ...] = ()  # whose cases; empty: all
    language: Language = Language.EN
    timeout: timedelta = TIMEOUT

    @property
    def read_by_machines(self) -> bool:
        """What a program reads is never held back and never put together."""
        return self.kind is not ChannelKind.APPRISE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Of messages to one person on one channel: `burst` at once, then one `every`. P1 knows no limit."""

    burst: int = 20
    every: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """The policies of notifications."""

    at_once: tuple[str, ...] = ("P1", "P2")  # severities that quiet hours do not hold back
    customers: tuple[str, ...] = ("opened", "raised", "reopened", "state", "resolved")  # occasions they hear of
    evidence: bool = True  # a mail follows when the evidence is there
    rate: Rate = field(default_factory=Rate)
