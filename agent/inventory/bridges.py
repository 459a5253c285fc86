"""Other ticket systems in which cases stand too, as an inventory tells of them: how they are reached, which cases go
there, and what they call states and severities."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from agent.inventory.device import Secret
from agent.inventory.fields import Duration, Name, Reference, Switch, Text, wrong
from agent.inventory.problems import Problems
from agent.inventory.section import Section

Level = Literal["P1", "P2", "P3", "P4"]
State = Literal[
    "new",
    "assigned",
    "in_progress",
    "waiting_for_customer",
    "rma_pending",
    "with_vendor",
    "monitoring",
    "resolved",
    "closed",
]
_LOOPBACK = re.compile(r"http://(?:127\.[0-9.]+|localhost|\[::1\])(?::[0-9]+)?(?:/|$)")


class BridgeKind(StrEnum):
    ZAMMAD = "zammad"
    SERVICENOW = "servicenow"
    JIRA = "jira"
    GLPI = "glpi"
    REST = "rest"  # docs/reference/bridges.md says what it speaks
    WEBHOOK = "webhook"  # is told, and tells nothing back


class Wins(StrEnum):
    """Whose state stands when both changed since they were last the same."""

    OURS = "ours"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeSetup:
    """`states` and `levels` are our words → theirs; of several of ours that they call the same, any is meant."""

    name: str  # the key
    kind: BridgeKind
    url: str
    token: Secret | None = None
    user: str = ""
    app_token: Secret | None = None
    customers: tuple[str, ...] = ()  # empty: all
    severities: tuple[str, ...] = ()  # empty: all
    states: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    wins: Wins = Wins.OURS
    notes: bool = True
    key: str = "netcase"
    every: timedelta = timedelta(minutes=5)
    timeout: timedelta = timedelta(seconds=20)


_WORK = ("assigned", "in_progress", "waiting_for_customer", "rma_pending", "with_vendor", "monitoring")


def _same(*words: str) -> dict[str, str]:
    return {word: word for word in words}


# What the products call states and severities as they are delivered; `states` and `levels` of the inventory lie over it
STATES: Mapping[BridgeKind, Mapping[str, str]] = {
    BridgeKind.ZAMMAD: {"new": "new", **dict.fromkeys(_WORK, "open"), "resolved": "closed", "closed": "closed"},
    BridgeKind.SERVICENOW: {
        "new": "1",
        **dict.fromkeys(_WORK, "2"),
        **dict.fromkeys(("waiting_for_customer", "rma_pending", "with_vendor"), "3"),
        "resolved": "6",
        "closed": "7",
    },
    BridgeKind.JIRA: {"new": "To Do", **dict.fromkeys(_WORK, "In Progress"), "resolved": "Done", "closed": "Done"},
    BridgeKind.GLPI: {
        "new": "1",
        **dict.fromkeys(_WORK, "2"),
        **dict.fromkeys(("waiting_for_customer", "rma_pending", "with_vendor"), "4"),
        "resolved": "5",
        "closed": "6",
    },
    BridgeKind.REST: _same("new", *_WORK, "resolved", "closed"),
    BridgeKind.WEBHOOK: _same("new", *_WORK, "resolved", "closed"),
}
LEVELS: Mapping[BridgeKind, Mapping[str, str]] = {
    BridgeKind.ZAMMAD: {"P1": "3 high", "P2": "3 high", "P3": "2 normal", "P4": "1 low"},
    BridgeKind.SERVICENOW: {"P1": "1/1", "P2": "1/2", "P3": "2/2", "P4": "3/2"},  # impact/urgency
    BridgeKind.JIRA: {"P1": "Highest", "P2": "High", "P3": "Medium", "P4": "Low"},
    BridgeKind.GLPI: {"P1": "6", "P2": "5", "P3": "3", "P4": "2"},
    BridgeKind.REST: _same("P1", "P2", "P3", "P4"),
    BridgeKind.WEBHOOK: _same("P1", "P2", "P3", "P4"),
}


def address(value: object) -> str:
    text = value.strip().rstrip("/") if isinstance(value, str) else ""
    if not re.fullmatch(r"https?://[^\s<>\"'@?#\\]{1,500}", text) or not text.isprintable() or not text.isascii():
        raise wrong("must be the address of a server", "Write it as https://desk.example.net, without a log-in in it")
    return text


Url = Annotated[str, BeforeValidator(address), WithJsonSchema({"type": "string", "pattern": "^https?://"})]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]


class WrittenBridge(Section):
    kind: BridgeKind
    """What it is: zammad, servicenow, jira, glpi, rest, or a webhook that is told and tells nothing back."""
    url: Url
    """Where it is reached; of Zammad, Jira, GLPI and ServiceNow the address that people open."""
    token: Reference | None = None
    """What we show there, by reference: an API token, a password, or the key that signs a webhook's messages."""
    user: Text = ""
    """Who logs in, where a token alone does not do: ServiceNow, Jira in the cloud."""
    app_token: Reference | None = None
    """GLPI's token of the application, by reference."""
    customers: list[Name] = []  # noqa: RUF012 - pydantic gives every model a default of its own
    """Whose cases go there; []: all."""
    severities: list[Level] = []  # noqa: RUF012
    """Cases of which severities go there; []: all. A case that stands there stays there."""
    states: dict[State, Text] = {}  # noqa: RUF012
    """What they call our states, where it is not what the product is delivered with."""
    levels: dict[Level, Text] = {}  # noqa: RUF012
    """What they call our severities, where it is not what the product is delivered with."""
    fields: dict[Text, Text] = {}  # noqa: RUF012
    """More of a new ticket; {customer} {site} {device} {contract} {case} {severity} stand for the case's."""
    wins: Wins = Wins.OURS
    """Whose state stands when both changed: ours or theirs."""
    notes: Switch = True
    """Whether notes go there and come back."""
    key: Key = "netcase"
    """What tells our tickets from those of another netcase in the same system."""
    every: Duration = timedelta(minutes=5)
    """How often their state is read."""
    timeout: Duration = timedelta(seconds=20)
    """How long one answer may take."""
    allow_http: Switch = False
    """Whether it may be asked without encryption; on loopback it always may."""


def setup(name: str, written: WrittenBridge) -> BridgeSetup:
    return BridgeSetup(
        name=name,
        kind=written.kind,
        url=written.url,
        token=Secret(written.token) if written.token else None,
        user=written.user,
        app_token=Secret(written.app_token) if written.app_token else None,
        customers=tuple(dict.fromkeys(written.customers)),
        severities=tuple(dict.fromkeys(written.severities)),
        states={**STATES[written.kind], **{str(state): word for state, word in written.states.items()}},
        levels={**LEVELS[written.kind], **{str(level): word for level, word in written.levels.items()}},
        fields=dict(written.fields),
        wins=written.wins,
        notes=written.notes,
        key=written.key,
        every=written.every,
        timeout=written.timeout,
    )


NEEDED: Mapping[BridgeKind, tuple[str, ...]] = {BridgeKind.ZAMMAD: ("group", "customer"), BridgeKind.JIRA: ("project",)}


def check(bridges: Mapping[str, WrittenBridge], customers: Collection[str], problems: Problems) -> None:
    for name, bridge in bridges.items():
        at = ("bridges", name)
        if bridge.url.startswith("http://") and not bridge.allow_http and not _LOOPBACK.match(bridge.url):
            advice = "Write https://, or allow_http: true where the way there is safe"
            problems.add((*at, "url"), "would send the token and the cases without encryption", advice)
        if bridge.token is None:
            problems.add((*at, "token"), "is missing", "Write token: env:NAME, or file:/path")
        for key in NEEDED.get(bridge.kind, ()):
            if key not in bridge.fields:
                advice = f"Write fields: {{{key}: …}}: {bridge.kind} makes no ticket without"
                problems.add((*at, "fields"), f"lacks {key}", advice)
        for index, customer in enumerate(bridge.customers):
            if customer not in customers:
                problems.add((*at, "customers", index), "is no customer", options=list(customers), wrote=customer)
        if bridge.every < timedelta(seconds=10):
            problems.add((*at, "every"), "would ask without a pause", "Write 10s or more, as 5m")
