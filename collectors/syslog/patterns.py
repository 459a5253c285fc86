"""Names events by the patterns in `data/*.yaml`: which mnemonics, which text, which part of it is the subject."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import yaml

from agent.observation import ComponentKind
from collectors.syslog.message import Message

BEGINS, LIMIT = 200, 600  # characters in which what a rule looks for must begin, and end
SUBJECTS = {  # by the name of the group, the first that is there
    "peer": ComponentKind.BGP_PEER,
    "neighbour": ComponentKind.OSPF_NEIGHBOUR,
    "interface": ComponentKind.INTERFACE,
    "fan": ComponentKind.FAN,
    "power_supply": ComponentKind.POWER_SUPPLY,
    "sensor": ComponentKind.TEMPERATURE,
    "module": ComponentKind.MODULE,
}


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
    """The first rule that fits, of those for the message's key, then of those for its kind (`FORTIOS/*`)."""
    for key in (message.key, f"{message.key.partition('/')[0]}/*"):
        for rule in rules().get(key, ()):
            match = rule.text.search(message.about, 0, LIMIT)
            if match and match.start() <= BEGINS:
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
        if file.name.endswith(".yaml") and file.name != "dialects.yaml":
            for entry in yaml.safe_load(file.read_text("utf-8")):
                rule = Rule(entry["name"], re.compile(_anchored(entry.get("text", "^"))))
                for key in entry["codes"]:
                    found.setdefault(key, []).append(rule)
    return {key: tuple(value) for key, value in found.items()}


def _anchored(text: str) -> str:
    """One that says itself how far into the text it looks need not be tried anew at every place."""
    return f"^(?:{text})" if text.startswith((".{0,", "(?i:.{0,")) else text
