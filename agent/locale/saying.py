"""A sentence with values in it, worded in a language."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from agent.locale import figures
from agent.locale.catalogue import word, words
from agent.locale.sentences import reword

Plain = str | int | float


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence still without a language: a msgid, and the values of its places."""

    text: str
    values: Mapping[str, Plain] = field(default_factory=dict)


_PLACE = re.compile(r"\{(\w+)(?::(\w+))?\}")


def _length(value: Any) -> timedelta:
    return value if isinstance(value, timedelta) else timedelta(seconds=float(value))


def _time(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _words(value: Any, language: str) -> str:
    return ", ".join(word(str(code), language) for code in str(value).split(","))


_KINDS: dict[str, Callable[[Any, str, str], str]] = {
    "duration": lambda value, language, _zone: figures.duration(_length(value), language),
    "moment": lambda value, language, zone: figures.moment(_time(value), language, zone),
    "short": lambda value, language, zone: figures.moment(_time(value), language, zone, year=False),
    "clock": lambda value, _language, zone: figures.clock(_time(value), zone),
    "day": lambda value, language, _zone: figures.day(_day(value), language),
    "percent": lambda value, language, _zone: figures.percent(float(value), language),
    "whole": lambda value, _language, _zone: figures.number(float(value), 0),
    "one": lambda value, _language, _zone: figures.number(float(value), 1),
    "word": lambda value, language, _zone: _words(value, language),
    "text": lambda value, language, _zone: words(language)(str(value)),
    "reword": lambda value, language, _zone: reword(str(value), language),
}


def say(text: str, language: str, timezone: str = "UTC", /, **values: Any) -> str:
    """`text` (a msgid) in `language`, each `{name}` or `{name:kind}` replaced by its value.

    Kinds: `duration` (timedelta or seconds), `moment`, `short` and `clock` (aware datetime or ISO text, on `timezone`'s
    clock), `day` (date), `percent` (two digits, cut), `whole` and `one` (digits after the point), `word` (a code of
    ours, or several with commas), `text` (another msgid), `reword` (a sentence that is kept in English). Without a kind
    numbers get thousands marks, text stands as it is. A place without a value stays as it stands. Values are never
    looked into, so they may come from anywhere.
    """

    def put(place: re.Match[str]) -> str:
        name, kind = place.groups()
        if name not in values:
            return place.group()
        value = values[name]
        if kind in _KINDS:
            return _KINDS[kind](value, language, timezone)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return figures.number(value)
        return str(value)

    return _PLACE.sub(put, words(language)(text))
