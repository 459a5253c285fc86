"""A checklist as data: what is checked, from which source, against which thresholds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from agent.errors import UsageError

SOURCES = frozenset({"history", "snmp", "ssh"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    id: str
    title: str  # a msgid
    source: str  # history, snmp, ssh
    advice: str  # a msgid
    topic: str = ""  # what an ssh item asks
    thresholds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    name: str
    title: str  # a msgid
    period: timedelta
    items: tuple[Item, ...]


def parse(text: str) -> Checklist:
    """From YAML. UsageError names what is missing or unknown."""
    try:
        body = yaml.safe_load(text)
        return Checklist(
            name=str(body["name"]),
            title=str(body["title"]),
            period=timedelta(days=float(body["period_days"])),
            items=tuple(_item(each) for each in body["items"]),
        )
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"the checklist cannot be read: {error}") from error


def _item(body: Mapping[str, Any]) -> Item:
    item = Item(
        id=str(body["id"]),
        title=str(body["title"]),
        source=str(body["source"]),
        advice=str(body["advice"]),
        topic=str(body.get("topic", "")),
        thresholds={str(key): float(value) for key, value in body.get("thresholds", {}).items()},
    )
    if item.source not in SOURCES:
        raise ValueError(f"{item.id}: source {item.source} is none of {', '.join(sorted(SOURCES))}")
    if (item.source == "ssh") != bool(item.topic):
        raise ValueError(f"{item.id}: an ssh item names a topic, and no other item does")
    return item


@cache
def shipped(name: str = "quarterly") -> Checklist:
    """One of the checklists that come with the product. UsageError names those there are."""
    folder = files("agent.inspection").joinpath("checklists")
    known = {place.name.removesuffix(".yaml"): place for place in folder.iterdir() if place.name.endswith(".yaml")}
    if name not in known:
        raise UsageError(f"there is no checklist {name!r}; there are: {', '.join(sorted(known))}")
    return parse(known[name].read_text(encoding="utf-8"))


def topics(checklist: Checklist) -> tuple[str, ...]:
    """What has to be asked over SSH."""
    return tuple(dict.fromkeys(item.topic for item in checklist.items if item.topic))
