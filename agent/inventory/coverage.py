"""A contract's coverage hours and promises as they are written in an inventory."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from agent.inventory.fields import clock, duration, wrong
from agent.inventory.hours import MIDNIGHT, NAMED, WEEKDAYS, Hours
from agent.inventory.problems import instead, shown
from agent.inventory.promises import NOT_PROMISED, Promise, working_days

_ADVICE = 'Write 7x24, 5x8 or {days: [mon, tue, wed, thu, fri], from: "08:00", to: "20:00"}'


def written(value: object) -> Hours:
    """Of a contract's `coverage`: a name, or days and times. Raises what `fields.wrong` makes."""
    if isinstance(value, str):
        if value.strip() not in NAMED:
            raise wrong(f"{shown(value)!r} is none of the known coverage hours", _ADVICE)
        return NAMED[value.strip()]
    if not isinstance(value, dict):
        raise wrong("must be coverage hours", _ADVICE)
    for key in value:
        if key not in ("days", "from", "to"):
            raise wrong(f"{shown(key)!r} is no part of coverage hours", _ADVICE)
    begins, ends = (MIDNIGHT if value.get(key) in (None, "24:00") else clock(value[key]) for key in ("from", "to"))
    return Hours(days=_days(value.get("days", list(WEEKDAYS))), start=begins, end=ends)


def _days(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise wrong("days must be a list of days", _ADVICE)
    for day in value:
        if day not in WEEKDAYS:
            raise wrong(f"{shown(day)!r} is no day of the week", instead(str(day), WEEKDAYS))
    return tuple(day for day in WEEKDAYS if day in value)


_OWN = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "days": {"type": "array", "items": {"enum": list(WEEKDAYS)}, "minItems": 1},
        "from": {"type": "string", "pattern": r"^\d{1,2}:\d{2}$"},
        "to": {"type": "string", "pattern": r"^\d{1,2}:\d{2}$"},
    },
}
Coverage = Annotated[Hours, BeforeValidator(written), WithJsonSchema({"anyOf": [{"enum": list(NAMED)}, _OWN]})]

_WORKING_DAYS = re.compile(r"(\d{1,4}(?:\.\d)?)wd", re.ASCII)
_PROMISE_ADVICE = "Write a number and a unit: 15m, 4h, 2d, 5wd for working days, or none"


def promised(value: object) -> Promise:
    """`4h`, `5wd`, `none`. Raises what `fields.wrong` makes."""
    text = value.strip() if isinstance(value, str) else value
    if text == "none":
        return NOT_PROMISED
    days = _WORKING_DAYS.fullmatch(text) if isinstance(text, str) else None
    if days is None and isinstance(text, str) and text.endswith("wd"):
        raise wrong(f"{shown(text)!r} is not a number of working days", _PROMISE_ADVICE)
    promise = working_days(float(days[1])) if days else Promise(duration(text))
    if promise.length <= timedelta(0) or promise.length > _LONGEST:
        raise wrong(f"{shown(text)} cannot be promised: it is nothing, or longer than a year", _PROMISE_ADVICE)
    return promise


_LONGEST = timedelta(days=366)
_PROMISE_PATTERN = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|wd)|none)$"
_PROMISE_SCHEMA = {"type": "string", "pattern": _PROMISE_PATTERN, "examples": ["15m", "4h", "5wd", "none"]}
Promised = Annotated[Promise, BeforeValidator(promised), WithJsonSchema(_PROMISE_SCHEMA)]
