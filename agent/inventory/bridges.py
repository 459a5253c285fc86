"""Other ticket systems in which cases stand too, as an inventory tells of them: how they are reached, which cases go
there, and what they call states and severities."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from agent.inventory.device import Secret


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
