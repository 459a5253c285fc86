"""Which commands answer a topic on a platform: `data/<platform>.yaml`, filled in with validated parameters."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from ipaddress import ip_address
from typing import Any

import yaml

from agent.errors import RefusedError

SECONDS = 30.0  # how long a command may take where its entry does not say
REFUSED_WITHIN = 3  # lines that say something: a device says at once that it does not take a command

_HEAD = 8192  # characters of an answer that a refusal may stand in
_INTERFACE = r"[A-Za-z](?:[A-Za-z0-9_/:@-]|\.(?!\.)){0,62}"
_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Topic:
    """`run` are its commands with {parameters}; `ipv6` replaces them for an IPv6 peer; `answers` go to questions."""

    run: tuple[str, ...]
    ipv6: tuple[str, ...] = ()
    seconds: float = SECONDS
    answers: Mapping[str, str] = field(default_factory=dict)  # by a pattern at the end of the output


@dataclass(frozen=True, slots=True)
class Platform:
    """`none` are topics that it has no command for, and why. `login` is netmiko's device_type.

    `arguments` go to netmiko beside it. `prompt` stands alone on the last line; `pagers` stand at its end, each with
    the key that goes on. `refusals` are its sentences for a command that it did not take, among the first
    `refused_within` lines. `paging_off` is sent at login, and holds for the session only. `interface` is the form of
    an interface's name.
    """

    topics: Mapping[str, Topic]
    none: Mapping[str, str] = field(default_factory=dict)
    login: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    enable: bool = False
    interface: str = _INTERFACE
    prompt: str = ""
    paging_off: tuple[str, ...] = ()
    pagers: Mapping[str, str] = field(default_factory=dict)
    refusals: tuple[str, ...] = ()
    refused_within: int = REFUSED_WITHIN


@dataclass(frozen=True, slots=True)
class Command:
    lines: tuple[str, ...]
    seconds: float
    answers: Mapping[str, str]

    def __str__(self) -> str:
        return "; ".join(self.lines)


def command(platform: str, topic: str, parameters: Mapping[str, str]) -> Command:
    """Raises RefusedError for a platform, a topic or a parameter that is not known."""
    known = of(platform)
    found = known.topics.get(topic)
    if found is None:
        if topic in known.none:
            raise RefusedError(f"{platform} has no command for “{topic}”: {known.none[topic]}")
        raise RefusedError(f"There is no command for “{topic}” on {platform}.")
    safe = {name: parameter(platform, name, value) for name, value in parameters.items()}
    templates = found.ipv6 if found.ipv6 and ":" in safe.get("peer", "") else found.run
    return Command(tuple(_filled(topic, template, safe) for template in templates), found.seconds, found.answers)


def of(platform: str) -> Platform:
    known = platforms()
    if not platform:
        raise RefusedError("The device's platform is not known, so no command can be chosen. Name it in the inventory.")
    if platform not in known:
        raise RefusedError(
            f"No commands are known for the platform “{platform}”, only for: {', '.join(sorted(known))}."
        )
    return known[platform]


def refusal(platform: str, head: str) -> str:
    """The sentence in which the device says that it did not take the command; empty where it took it.

    `head` is the beginning of what one command printed, a few lines. The device's `^` under the wrong word is no line.
    """
    pattern = _refusals(platform)
    if pattern is None:
        return ""
    said = [line.strip() for line in head[:_HEAD].splitlines() if line.strip(" \t^")]
    return next((line[:200] for line in said[: of(platform).refused_within] if pattern.match(line)), "")


@cache
def _refusals(platform: str) -> re.Pattern[str] | None:
    sentences = platforms()[platform].refusals if platform in platforms() else ()
    return re.compile("|".join(f"(?:{sentence})" for sentence in sentences), re.IGNORECASE) if sentences else None


@cache
def platforms() -> Mapping[str, Platform]:
    data = resources.files("collectors.ssh").joinpath("data")
    documents = {
        file.name.removesuffix(".yaml"): yaml.safe_load(file.read_text("utf-8"))
        for file in data.iterdir()
        if file.name.endswith(".yaml")
    }
    known = {name: _platform(name, documents) for name in documents}
    return known | {also: known[name] for name, document in documents.items() for also in document.get("also", [])}


def _platform(name: str, documents: Mapping[str, Any]) -> Platform:
    """With what it takes from the platform that it is `like`. A topic is in `commands` or in `none`, never in both."""
    document = documents[name]
    parent = _platform(document["like"], documents) if "like" in document else Platform({})
    topics = {topic: _topic(entry) for topic, entry in document["commands"].items()}
    none = document.get("none", {})
    return Platform(
        topics={topic: entry for topic, entry in {**parent.topics, **topics}.items() if topic not in none},
        none={topic: why for topic, why in {**parent.none, **none}.items() if topic not in topics},
        login=document.get("login", name),
        arguments=document.get("arguments", parent.arguments),
        enable=bool(document.get("enable", parent.enable)),
        interface=document.get("interface", parent.interface),
        prompt=document.get("prompt", parent.prompt),
        paging_off=_lines(document.get("paging_off", parent.paging_off)),
        pagers=document.get("pagers", parent.pagers),
        refusals=_lines(document.get("refusals", parent.refusals)),
        refused_within=int(document.get("refused_within", parent.refused_within)),
    )


def _topic(entry: Mapping[str, Any]) -> Topic:
    return Topic(
        run=_lines(entry["run"]),
        ipv6=_lines(entry.get("ipv6", [])),
        seconds=float(entry.get("seconds", SECONDS)),
        answers=entry.get("answers", {}),
    )


def _lines(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _filled(topic: str, template: str, parameters: Mapping[str, str]) -> str:
    missing = [name for name in _PARAMETER.findall(template) if name not in parameters]
    if missing:
        raise RefusedError(f"“{topic}” needs to be told: {', '.join(missing)}.")
    return _PARAMETER.sub(lambda match: parameters[match[1]], template)


def parameter(platform: str, name: str, value: str) -> str:
    """The value as it may stand in a command: without anything that a device would read as more than a word."""
    if name == "interface":
        return _interface(of(platform).interface, value)
    if name == "peer":
        return _peer(value)
    raise RefusedError(f"Commands take no parameter “{name}”.")


def _interface(form: str, value: str) -> str:
    if not re.fullmatch(form, value, re.ASCII):
        raise RefusedError(f"{value[:80]!r} is no interface name that may stand in a command.")
    return value


def _peer(value: str) -> str:
    """An IPv4 or IPv6 address without a zone, in its canonical form."""
    try:
        address = ip_address(value)
    except ValueError as error:
        raise RefusedError(f"{value[:80]!r} is no IP address.") from error
    if "%" in value:
        raise RefusedError(f"{value[:80]!r} has a zone, which may not stand in a command.")
    return str(address)
