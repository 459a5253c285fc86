"""Which commands answer a topic on a platform: `data/<platform>.yaml`, filled in with validated parameters."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from ipaddress import ip_address
from typing import Any

import yaml

from agent.errors import RefusedError

SECONDS = 30.0  # how long a command may take where its entry does not say

_INTERFACE = re.compile(r"[A-Za-z](?:[A-Za-z0-9_/:@-]|\.(?!\.)){0,62}")
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
    topics: Mapping[str, Topic]
    enable: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    lines: tuple[str, ...]
    seconds: float
    answers: Mapping[str, str]

    def __str__(self) -> str:
        return "; ".join(self.lines)


def command(platform: str, topic: str, parameters: Mapping[str, str]) -> Command:
    """Raises RefusedError for a platform, a topic or a parameter that is not known."""
    found = of(platform).topics.get(topic)
    if found is None:
        raise RefusedError(f"There is no command for “{topic}” on {platform}.")
    safe = {name: _valid(name, value) for name, value in parameters.items()}
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


@cache
def platforms() -> Mapping[str, Platform]:
    data = resources.files("collectors.ssh").joinpath("data")
    documents = {
        file.name.removesuffix(".yaml"): yaml.safe_load(file.read_text("utf-8"))
        for file in data.iterdir()
        if file.name.endswith(".yaml")
    }
    known = {name: _platform(document, documents) for name, document in documents.items()}
    return known | {also: known[name] for name, document in documents.items() for also in document.get("also", [])}


def _platform(document: Mapping[str, Any], documents: Mapping[str, Any]) -> Platform:
    parent = _platform(documents[document["like"]], documents) if "like" in document else Platform({})
    topics = {name: _topic(entry) for name, entry in document["commands"].items()}
    return Platform({**parent.topics, **topics}, bool(document.get("enable", parent.enable)))


def _topic(entry: Mapping[str, Any]) -> Topic:
    return Topic(
        run=_lines(entry["run"]),
        ipv6=_lines(entry.get("ipv6", [])),
        seconds=float(entry.get("seconds", SECONDS)),
        answers=entry.get("answers", {}),
    )


def _lines(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _filled(topic: str, template: str, parameters: Mapping[str, str]) -> str:
    missing = [name for name in _PARAMETER.findall(template) if name not in parameters]
    if missing:
        raise RefusedError(f"“{topic}” needs to be told: {', '.join(missing)}.")
    return _PARAMETER.sub(lambda match: parameters[match[1]], template)


def _valid(name: str, value: str) -> str:
    validate = VALID.get(name)
    if validate is None:
        raise RefusedError(f"Commands take no parameter “{name}”.")
    return validate(value)


def interface(value: str) -> str:
    """An interface name without spaces, quotes or anything that a shell would read."""
    if not _INTERFACE.fullmatch(value):
        raise RefusedError(f"{value[:80]!r} is no interface name that may stand in a command.")
    return value


def peer(value: str) -> str:
    """An IPv4 or IPv6 address without a zone, in its canonical form."""
    try:
        address = ip_address(value)
    except ValueError as error:
        raise RefusedError(f"{value[:80]!r} is no IP address.") from error
    if "%" in value:
        raise RefusedError(f"{value[:80]!r} has a zone, which may not stand in a command.")
    return str(address)


VALID: Mapping[str, Callable[[str], str]] = {"interface": interface, "peer": peer}
