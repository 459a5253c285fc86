"""Finds the device's clock in a syslog header, and works out what it leaves unsaid: the year, the side of a zone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
# Hours east of UTC. Some names are used on two sides of the world: the one nearer to the arrival is meant.
_ZONES: dict[str, tuple[float, ...]] = {
    "UTC": (0,), "GMT": (0,), "Z": (0,), "WET": (0,), "WEST": (1,), "BST": (1,), "CET": (1,), "MET": (1,),
    "CEST": (2,), "MEST": (2,), "EET": (2,), "EEST": (3,), "MSK": (3,), "IST": (5.5, 1, 2), "CST": (8, -6),
    "BJT": (8,), "HKT": (8,), "SGT": (8,), "AWST": (8,), "JST": (9,), "KST": (9,), "ACST": (9.5,), "AEST": (10,),
    "ACDT": (10.5,), "AEDT": (11,), "NZST": (12,), "NZDT": (13,), "EST": (-5,), "EDT": (-4,), "CDT": (-5,),
    "MST": (-7,), "MDT": (-6,), "PST": (-8,), "PDT": (-7,), "BRT": (-3,), "ICT": (7,), "WIB": (7,), "MYT": (8,),
    "PHT": (8,), "PKT": (5,), "NPT": (5.75,), "GST": (4,), "TRT": (3,), "SAST": (2,), "CAT": (2,), "EAT": (3,),
    "WAT": (1,), "AST": (-4, 3), "ADT": (-3,), "NST": (-3.5,), "AKST": (-9,), "AKDT": (-8,), "HST": (-10,),
    "ART": (-3,), "CLT": (-4,), "CLST": (-3,), "COT": (-5,), "PET": (-5,),
}  # fmt: skip
_DAY = r"(?P<hour>\d\d?):(?P<minute>\d\d):(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9})|:(?P<thousandths>\d{3})(?!\d))?"
_ZONE = (
    rf"(?: ?(?P<offset>[+-]\d\d:?\d\d)(?!\d)| ?(?P<zone>{'|'.join(sorted(_ZONES, key=len, reverse=True))})(?![\w-]))?"
)
_STAMP = re.compile(
    rf"(?:(?P<y1>\d{{4}})[-/](?P<n1>\d\d?)[-/](?P<d1>\d\d?)[T -]"
    rf"|(?P<y2>\d{{4}})[ -](?P<m2>{'|'.join(_MONTHS)})[ -]{{1,2}}(?P<d2>\d\d?) "
    rf"|(?P<m3>{'|'.join(_MONTHS)}) {{1,2}}(?P<d3>\d\d?) (?:(?P<y3>\d{{4}}) )?)"
    rf"{_DAY}(?: (?P<y4>(?:19|20)\d\d)(?![\w.:-]))?{_ZONE}(?: [A-Z]{{2,5}}(?=:? ?(?:[%#]|$)))?"
)


@dataclass(frozen=True, slots=True)
class Stamp:
    at: datetime
    start: int
    end: int


def find(text: str, now: datetime) -> Stamp | None:
    """The first time that can be one (no 31 February). Without a zone it is taken as UTC."""
    for match in _STAMP.finditer(text):
        stamp = _stamp(match, now)
        if stamp is not None:
            return stamp
    return None


def find_all(text: str, now: datetime) -> list[Stamp]:
    return [stamp for match in _STAMP.finditer(text) if (stamp := _stamp(match, now)) is not None]


def since_1970(seconds: str) -> Stamp | None:
    try:
        return Stamp(datetime.fromtimestamp(int(seconds), UTC), 0, 0)
    except (ValueError, OverflowError, OSError):
        return None


def without(text: str, stamps: Sequence[Stamp]) -> str:
    for stamp in reversed(stamps):
        text = f"{text[: stamp.start]} {text[stamp.end :]}"
    return text


def _stamp(match: re.Match[str], now: datetime) -> Stamp | None:
    """Whole seconds are worked out once: many lines tell the same."""
    text, fraction = match[0], match["fraction"] or match["thousandths"]
    if fraction:
        where = match.start("fraction") if match["fraction"] else match.start("thousandths")
        where -= match.start()
        text = text[: where - 1] + text[where + len(fraction) :]
    at = _second(text, now.replace(minute=0, second=0, microsecond=0))
    if at is None:
        return None
    if fraction:
        at = at.replace(microsecond=int(fraction[:6].ljust(6, "0")))
    return Stamp(at, match.start(), match.end())


@lru_cache(4096)
def _second(text: str, near: datetime) -> datetime | None:
    """`near`, the hour of the arrival, gives the year and the side of the world."""
    match = _STAMP.match(text)
    if match is None:
        return None
    part = match.groupdict()
    named = part["m2"] or part["m3"]
    month = _MONTHS.index(named) + 1 if named else int(part["n1"])
    day = int(part["d1"] or part["d2"] or part["d3"])
    told = part["y1"] or part["y2"] or part["y3"] or part["y4"]
    time = month, day, int(part["hour"]), int(part["minute"]), int(part["second"])
    offsets = _offsets(part["offset"], part["zone"])
    found = _moments([int(told)] if told else [near.year], time, offsets)
    if not told and not any(abs(at - near) < _HALF_A_YEAR for at in found):
        found += _moments([near.year - 1, near.year + 1], time, offsets)
    return min(found, key=lambda at: abs(at - near)) if found else None


_HALF_A_YEAR = timedelta(days=182)
_UTC = [timedelta(0)]


def _moments(
    years: Sequence[int], time: tuple[int, int, int, int, int], offsets: Sequence[timedelta]
) -> list[datetime]:
    """Those that can be: no 31 February."""
    found = []
    for year in years:
        for offset in offsets:
            try:
                at = datetime(year, *time, tzinfo=UTC)
                found.append(at - offset if offset else at)
            except (ValueError, OverflowError):
                continue
    return found


def _offsets(offset: str | None, zone: str | None) -> list[timedelta]:
    if offset:
        sign = -1 if offset[0] == "-" else 1
        digits = offset[1:].replace(":", "")
        minutes = min(int(digits[:2]) * 60 + int(digits[2:]), 24 * 60 - 1)
        return [sign * timedelta(minutes=minutes)]
    return [timedelta(hours=hours) for hours in _ZONES[zone]] if zone else _UTC
