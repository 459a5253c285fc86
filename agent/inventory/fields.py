"""What may stand as a value in an inventory: durations, addresses, names, references to secrets, …

Each is a pydantic type: text in, the domain's own type out, and a schema that editors understand. A refused value
raises `wrong(message, advice)`; what a person wrote is repeated in the message only where it cannot be a secret.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from ipaddress import ip_address
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from agent.inventory.platforms import PLATFORMS
from agent.inventory.problems import instead, shown

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)", re.ASCII)
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(days=3660)
_HOST = re.compile(
    r"(?=.{1,253}$)(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?", re.ASCII | re.IGNORECASE
)
_NUMERIC = re.compile(r"[0-9.]+|.*\.[0-9]+\.?", re.ASCII)
_EMAIL = re.compile(r"[^@\s<>,;:\"()]+@[^@\s<>,;:\"()]+")
_NAME = re.compile(r"[^\s/:,.-][^\s/:,]{0,63}")  # names become parts of paths and of command lines
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:[^\0\n]+", re.ASCII)


def wrong(message: str, advice: str = "") -> PydanticCustomError:
    return PydanticCustomError("wrong", "{message}", {"message": message, "advice": advice})


def _text(value: object, what: str, advice: str) -> str:
    if not isinstance(value, str):
        raise wrong(f"must be {what}", advice)
    return value


def duration(value: object) -> timedelta:
    advice = "Write a number and a unit: 500ms, 60s, 5m, 6h or 2d"
    match = _DURATION.fullmatch(_text(value, "a duration", advice).strip())
    if match is None:
        raise wrong(f"{shown(value)!r} is not a duration", advice)
    seconds = float(match[1]) * _UNITS[match[2]]
    if seconds > _LONGEST.total_seconds():
        raise wrong(f"{shown(value)} is longer than ten years", advice)
    return timedelta(seconds=seconds)


def _interval(value: object) -> timedelta:
    length = duration(value)
    if length < timedelta(milliseconds=10):
        raise wrong(f"{shown(value)} is too short", "Write at least 10ms")
    return length


def address(value: object) -> str:
    """An IPv4 or IPv6 address, in its shortest form, or a host name (RFC 1123, underscores let through)."""
    advice = "Write an IPv4 or IPv6 address or a host name"
    text = _text(value, "an address", advice).strip()
    try:
        ip = ip_address(text)
    except ValueError:
        if _HOST.fullmatch(text) and not _NUMERIC.fullmatch(text):
            return text.lower()
        raise wrong(f"{shown(text)!r} is not an address", advice) from None
    if ip.is_multicast or ip.is_unspecified or text == "255.255.255.255":
        raise wrong(f"{shown(text)} cannot be the address of one device", advice)
    return str(ip)


def name(value: object) -> str:
    text = _text(value, "a name", "Write a word")
    if not _NAME.fullmatch(text) or not text.isprintable():
        raise wrong(
            f"{shown(text)!r} cannot be a name",
            "Write 1 to 64 letters, digits, - _ . and none of space / : , and begin with a letter or digit",
        )
    return text


def number(value: object) -> str:
    """Of a contract: whatever is printed on it."""
    text = _text(value, "a contract number", "Write it as it stands on the contract").strip()
    if not 1 <= len(text) <= 100 or not text.isprintable():
        raise wrong(f"{shown(text)!r} cannot be a contract number", "Write 1 to 100 printable characters")
    return text


def serial(value: object) -> str:
    """Of hardware, as serial numbers are compared: without spaces, in capitals."""
    text = _text(value, "a serial number", "Write it in quotes, as it stands on the label")
    written = "".join(text.split()).upper()
    if not 1 <= len(written) <= 100 or not written.isprintable():
        raise wrong(f"{shown(text)!r} cannot be a serial number", "Write 1 to 100 printable characters")
    return written


def email(value: object) -> str:
    text = _text(value, "an e-mail address", "Write it as name@example.net").strip()
    if len(text) > 254 or not _EMAIL.fullmatch(text) or not text.isprintable():
        raise wrong(f"{shown(text)!r} is not an e-mail address", "Write it as name@example.net")
    return text


def reference(value: object) -> str:
    """A credential by reference. A secret in the clear is refused without being repeated."""
    if not is_reference(value):
        raise wrong(
            "must be a reference to a secret, not the secret itself (it is not repeated here)",
            "Write env:NAME and set that environment variable, or file:/path to a file that only the agent can read",
        )
    return str(value)


def is_reference(value: object) -> bool:
    return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None


@lru_cache(maxsize=1024)
def _zone(text: str) -> bool:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError):  # KeyError: ZoneInfoNotFoundError
        return False
    return True


def timezone(value: object) -> str:
    text = _text(value, "a time zone", "Write its name: Asia/Shanghai, UTC").strip()
    if not text or len(text) > 100 or not _zone(text):
        raise wrong(f"{shown(text)!r} is not a time zone", instead(text, available_timezones()))
    return text


def moment(value: object) -> datetime:
    """A time with its offset from UTC, as UTC."""
    advice = "Write it as 2026-11-22T01:00:00+08:00"
    try:
        at = datetime.fromisoformat(_text(value, "a time", advice).strip())
    except ValueError:
        raise wrong(f"{shown(value)!r} is not a time", advice) from None
    if at.tzinfo is None:
        raise wrong(f"{shown(value)} does not say in which time zone", f"{advice}: +08:00 is China, Z is UTC")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise wrong(f"{shown(value)!r} is not a time", advice) from None


def day(value: object) -> date:
    advice = "Write it as 2026-12-31"
    try:
        return date.fromisoformat(_text(value, "a date", advice).strip())
    except ValueError:
        raise wrong(f"{shown(value)!r} is not a date", advice) from None


def clock(value: object) -> time:
    advice = 'Write it as "07:30"'
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", _text(value, "a time of day", advice).strip(), re.ASCII)
    if match is None:
        raise wrong(f"{shown(value)!r} is not a time of day", advice)
    return time(int(match[1]), int(match[2]))


def switch(value: object) -> bool:
    """Only true and false: `port: off` and `bulk: 1` mean something else to everyone who reads them."""
    if value in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return str(value).lower() == "true"
    raise wrong("must be true or false")


def _schema(validate: Callable[[object], Any], **schema: object) -> tuple[BeforeValidator, WithJsonSchema]:
    return BeforeValidator(validate), WithJsonSchema(dict(schema))


_DURATION_SCHEMA = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$", "examples": ["500ms", "60s", "6h"]}

Duration = Annotated[timedelta, *_schema(duration, **_DURATION_SCHEMA)]
Interval = Annotated[timedelta, *_schema(_interval, **_DURATION_SCHEMA)]  # a duration that cannot be nothing
Address = Annotated[str, *_schema(address, type="string", examples=["192.0.2.1", "2001:db8::1", "sw1.example.net"])]
Name = Annotated[str, *_schema(name, type="string", pattern=r"^[^\s/:,.-][^\s/:,]{0,63}$")]
Number = Annotated[str, *_schema(number, type="string", minLength=1, maxLength=100)]
Serial = Annotated[str, *_schema(serial, type="string", minLength=1, maxLength=100)]
Email = Annotated[str, *_schema(email, type="string", pattern=r"^[^@\s]+@[^@\s]+$")]
Reference = Annotated[
    str,
    *_schema(reference, type="string", pattern=r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$", examples=["env:COMMUNITY"]),
]
Timezone = Annotated[str, *_schema(timezone, type="string", examples=["Asia/Shanghai", "UTC"])]
Moment = Annotated[datetime, *_schema(moment, type="string", examples=["2026-11-22T01:00:00+08:00"])]
Day = Annotated[date, *_schema(day, type="string", pattern=r"^\d{4}-\d{2}-\d{2}$")]
Clock = Annotated[time, *_schema(clock, type="string", pattern=r"^\d{1,2}:\d{2}$")]
Switch = Annotated[bool, *_schema(switch, type="boolean")]
Text = Annotated[str, Field(max_length=1_000)]
Port = Annotated[int, Field(ge=1, le=65535)]
Percent = Annotated[float, Field(gt=0, le=100)]


def _platform(value: object) -> str:
    text = _text(value, "a platform", "Write netmiko's device_type: cisco_ios, huawei, linux")
    if text not in PLATFORMS:
        raise wrong(f"unknown platform {shown(text)!r}", instead(text, PLATFORMS))
    return text


def _one(value: object) -> int:
    if value not in ("1", 1):
        raise wrong("this version of netcase reads version 1 of the format", "Write version: 1")
    return 1


platform = BeforeValidator(_platform)
number_one = BeforeValidator(_one)
