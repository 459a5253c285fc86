"""A contract's coverage hours as they are written in an inventory."""

from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from agent.inventory.fields import clock, wrong
from agent.inventory.hours import MIDNIGHT, NAMED, WEEKDAYS, Hours
from agent.inventory.problems import instead, shown

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
