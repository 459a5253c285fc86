"""Shifts as a calendar (iCalendar, RFC 5545), for the reader's own calendar program."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from agent.cases.rota import Shift

_LINE = 75  # octets of a line, RFC 5545 §3.1


def render(shifts: Iterable[Shift], names: dict[str, str], now: datetime) -> str:
    """`names`: how people are called, by their keys. Times are in UTC: no program has to know a zone."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//netcase//on call//EN", "CALSCALE:GREGORIAN"]
    for shift in shifts:
        if shift.person:
            lines += _event(shift, names, now)
    return "".join(f"{folded}\r\n" for line in (*lines, "END:VCALENDAR") for folded in _fold(line))


def _event(shift: Shift, names: dict[str, str], now: datetime) -> list[str]:
    who = names.get(shift.person, shift.person)
    return [
        "BEGIN:VEVENT",
        f"UID:{_text(shift.team)}-{shift.level}-{_time(shift.starts)}@netcase",
        f"DTSTAMP:{_time(now)}",
        f"DTSTART:{_time(shift.starts)}",
        f"DTEND:{_time(shift.ends)}",
        f"SUMMARY:{_text(f'{shift.team} L{shift.level}: {who}')}",
        f"CATEGORIES:{_text(str(shift.reason or ''))}",
        *([f"DESCRIPTION:{_text(shift.why)}"] if shift.why else []),
        "END:VEVENT",
    ]


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    flat = "".join(c if c.isprintable() else " " for c in text)
    for mark in "\\;,":
        flat = flat.replace(mark, f"\\{mark}")
    return flat


def _fold(line: str) -> Iterator[str]:
    """What is longer goes on in a next line, which begins with a blank; no character is cut in two."""
    part, size = "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > _LINE:
            yield part
            part, size = " ", 1
        part, size = part + character, size + octets
    yield part
