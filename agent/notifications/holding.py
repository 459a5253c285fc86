"""When something is told: now, or later because of quiet hours, a digest, or too much at once. Pure functions."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from agent.inventory import hours
from agent.inventory.attention import Attention, Digest
from agent.inventory.channels import Rate, Telling

_MOMENT = timedelta(seconds=1)
_SPANS = 15  # of quiet hours that touch each other


class Held(StrEnum):
    """Why it is not told now."""

    NOT = ""
    QUIET = "quiet"
    DIGEST = "digest"
    RATE = "rate"
    BEFORE = "before"  # what it follows up is held itself


def due(attention: Attention, severity: str, policy: Telling, now: datetime) -> tuple[datetime, Held]:
    """A digest that would fall into quiet hours comes when they end."""
    at, why = now, Held.NOT
    if attention.digest and severity in attention.digest.severities:
        at, why = next_digest(attention.digest, attention.timezone, now), Held.DIGEST
    if attention.quiet and severity not in policy.at_once:
        ends = quiet_ends(attention.quiet, attention.timezone, at)
        if ends > at:
            at, why = ends, why or Held.QUIET
    return at, why


def quiet_ends(quiet: hours.Hours, timezone: str, at: datetime) -> datetime:
    """When the quiet hours that hold at that moment are over; `at` itself where none hold."""
    for _ in range(_SPANS):
        spans = hours.spans(quiet, timezone, at, at + _MOMENT)
        ends = next((end for start, end in spans if start <= at < end), at)
        if ends == at:
            break
        at = ends
    return at


def next_digest(digest: Digest, timezone: str, now: datetime) -> datetime:
    """The first of its times after now. A time that the clock skips is told an hour later, one shown twice once."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    times = (_at(today + timedelta(days=ahead), at, zone) for ahead in range(3) for at in digest.at)
    return min(each for each in times if each > now)


def _at(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def window(rate: Rate) -> timedelta:
    """What was sent longer ago than this does not count any more."""
    return rate.every * rate.burst


def next_free(sent: Iterable[datetime], now: datetime, rate: Rate) -> datetime:
    """When one more may be sent: now, or when the bucket has a token again. `sent`: when others were.

    The bucket holds `burst` tokens, gets one back `every` so often, and is never below empty: what went out beyond the
    limit because it had to does not make others wait for longer.
    """
    tokens, before = float(rate.burst), None
    for at in sorted(each for each in sent if each <= now):
        if before is not None:
            tokens = min(float(rate.burst), tokens + (at - before) / rate.every)
        tokens, before = max(0.0, tokens - 1), at
    if before is None:
        return now
    tokens = min(float(rate.burst), tokens + (now - before) / rate.every)
    return now if tokens >= 1 else now + (1 - tokens) * rate.every
