"""Bridges as an inventory writes them."""

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from agent.inventory.bridges import LEVELS, STATES, BridgeKind, BridgeSetup, Wins
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
