"""Understands what a device printed, with patterns as data (readings/*.yaml, by topic and platform).

What cannot be understood is `None`, never a guess: a check that was not answered is not passed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_LONGEST_TEXT, _LONGEST_LINE, _LONGEST_SAID = 200_000, 400, 200
_REFUSED = re.compile(
    r"^\s*(?:%|error:|unknown command|invalid|unrecognized|syntax error|permission denied)|command not found",
    re.IGNORECASE | re.MULTILINE,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Reading:
    """`means` is `ok`, `bad` or `none`; `line` is the device's own words that say so."""

    means: str
    line: str


def read(topic: str, platform: str, text: str) -> Reading | None:
    """The first pattern found decides. None when none is, or when the platform has no patterns."""
    text = _bounded(text)
    for rule in _rules(topic).get(platform, ()):
        if "pattern" in rule and (found := _compiled(rule["pattern"]).search(text)):
            return Reading(rule["means"], _lines_of(text, found))
        if "nothing" in rule and not text:
            return Reading(rule["nothing"], "")
    return None


def clock(platform: str, text: str) -> datetime | None:
    """The device's own clock, where it is printed with a zone that is the same everywhere."""
    for rule in _rules("clock").get(platform, ()):
        if "time" in rule and (found := _compiled(rule["time"]).search(_bounded(text))):
            return _time(found.groupdict())
    return None


def _time(parts: Mapping[str, str]) -> datetime | None:
    month = parts["month"].lower()
    number = _MONTHS.index(month) + 1 if month in _MONTHS else int(month) if month.isdigit() else 0
    zone = {"UTC": "+00:00", "GMT": "+00:00", "Z": "+00:00"}.get(parts["zone"].upper(), parts["zone"])
    if not re.fullmatch(r"[+-]\d\d:\d\d", zone):
        return None
    try:
        return datetime.fromisoformat(f"{parts['year']}-{number:02d}-{int(parts['day']):02d}T{parts['time']}{zone}")
    except ValueError:
        return None


def refused(text: str) -> str:
    """The line in which the device says that it did not do what it was asked, or nothing."""
    text = _bounded(text)
    found = _REFUSED.search(text)
    return _lines_of(text, found) if found else ""


def _bounded(text: str) -> str:
    """Short enough, in short lines and without empty ones, so that no pattern takes long over it."""
    return "\n".join(line[:_LONGEST_LINE] for line in text[:_LONGEST_TEXT].splitlines() if line.strip())


def _lines_of(text: str, found: re.Match[str]) -> str:
    """The whole lines in which it was found, as one."""
    start, end = text.rfind("\n", 0, found.start()) + 1, text.find("\n", found.end())
    words = " ".join(text[start : end if end >= 0 else len(text)].split())
    return words if len(words) <= _LONGEST_SAID else words[: _LONGEST_SAID - 1] + "…"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)


@cache
def _rules(topic: str) -> dict[str, list[dict[str, Any]]]:
    place = files("agent.inspection").joinpath("readings", f"{topic}.yaml")
    body: dict[str, Any] = yaml.safe_load(place.read_text(encoding="utf-8"))
    return {platform: body[rules] if isinstance(rules, str) else rules for platform, rules in body.items()}


def moment(text: str) -> datetime | None:
    """ISO 8601 with a zone; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
