"""Names events by the patterns in `data/*.yaml`: which mnemonics, which text, which part of it is the subject."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import yaml

from agent.observation import ComponentKind
from collectors.syslog.message import Message

SUBJECTS = {"interface": ComponentKind.INTERFACE, "peer": ComponentKind.BGP_PEER}


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    text: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Named:
    """`kind` and `component` are the subject where the text tells one; `data` holds every named part."""

    name: str = ""
    kind: ComponentKind = ComponentKind.DEVICE
    component: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


def name(message: Message) -> Named:
    """The first rule for the message's key that fits its text; an empty name where none does."""
    for rule in rules().get(message.key, ()):
        match = rule.text.match(message.text)
        if match:
            return _named(rule.name, {key: value for key, value in match.groupdict().items() if value})
    return Named()


def _named(event: str, data: Mapping[str, str]) -> Named:
    for group, kind in SUBJECTS.items():
        if group in data:
            return Named(event, kind, data[group].rstrip(".:"), data)
    return Named(event, data=data)


@cache
def rules() -> Mapping[str, tuple[Rule, ...]]:
    """By key, in the files' order."""
    found: dict[str, list[Rule]] = {}
    for file in sorted(resources.files("collectors.syslog").joinpath("data").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            for entry in yaml.safe_load(file.read_text("utf-8")):
                rule = Rule(entry["name"], _compiled(entry.get("text", "^")))
                for key in entry["codes"]:
                    found.setdefault(key, []).append(rule)
    return {key: tuple(value) for key, value in found.items()}


def _compiled(text: str) -> re.Pattern[str]:
    """A bounded search, unless the rule is anchored, so that a hostile text costs little."""
    return re.compile(text if text.startswith("^") else f".{{0,200}}?(?:{text})")
