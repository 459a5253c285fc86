"""A list of spare parts as people write it: CSV, from a spreadsheet or a stock system. All that is wrong is told at
once, with its line and what to write instead; a list with anything wrong in it changes nothing."""

import csv
import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agent.cases import spares
from agent.cases.spares import LONGEST_NOTE, Spare, SpareState
from agent.cases.statement import line as one_line
from agent.errors import Problem, RefusedError
from agent.inventory.problems import instead

NEEDED = ("part", "serial", "location")
COLUMNS = (*NEEDED, "model", "note")
_ALSO = {
    "part number": "part",
    "part_number": "part",
    "partnumber": "part",
    "pn": "part",
    "p/n": "part",
    "serial number": "serial",
    "serial_number": "serial",
    "serialnumber": "serial",
    "sn": "serial",
    "s/n": "serial",
    "site": "location",
    "部件号": "part",
    "备件号": "part",
    "序列号": "serial",
    "位置": "location",
    "库位": "location",
    "型号": "model",
    "备注": "note",
}
MOST_LINES = 100_000
MOST_BYTES = 20_000_000
_MOST_PROBLEMS = 100
_LONGEST_CELL = 2_000


@dataclass(frozen=True, slots=True)
class Read:
    """`spares` are whole only without `problems`."""

    spares: tuple[Spare, ...]
    problems: tuple[Problem, ...]


def decoded(raw: bytes, file: str) -> tuple[str, Problem | None]:
    """UTF-8, or GB 18030 as Chinese spreadsheets write it."""
    if len(raw) > MOST_BYTES:
        return "", Problem(file, 0, "", f"has more than {MOST_BYTES:,} bytes", "Import it in parts")
    if b"\0" in raw:
        return "", Problem(file, 0, "", "is no text", "Save the spreadsheet as CSV (UTF-8) and import that")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding), None
        except UnicodeDecodeError:
            continue
    return "", Problem(file, 0, "", "is neither UTF-8 nor GB 18030", "Save the spreadsheet as CSV (UTF-8)")


def read(
    text: str, file: str, sites: Collection[str], vendors: Collection[str], stock: Mapping[str, Spare], now: datetime
) -> Read:
    """`stock` are the parts that are known, by serial number; one that lies in stock is written over."""
    found: dict[str, Spare] = {}
    lines: dict[str, int] = {}
    problems: list[Problem] = []
    try:
        for number, row in _rows(text, file, problems):
            spare = _spare(row, number, file, sites, vendors, now, problems)
            if spare is None:
                continue
            if spare.serial in lines:
                message = f"the serial number {spare.serial} stands in line {lines[spare.serial]} already"
                problems.append(Problem(file, number, "serial", message, "Remove one of the two"))
            elif why := _taken(stock.get(spare.serial)):
                problems.append(Problem(file, number, "serial", why, "Leave the line out"))
            else:
                lines[spare.serial] = number
                found[spare.serial] = spare
            if len(problems) >= _MOST_PROBLEMS:
                break
    except csv.Error as error:
        problems.append(Problem(file, 0, "", f"is no CSV: {error}", "Save the spreadsheet as CSV (UTF-8)"))
    if not found and not problems:
        problems.append(Problem(file, 0, "", "holds no spare part", f"Begin with the line {','.join(COLUMNS)}"))
    return Read(tuple(found.values()), tuple(problems))


def _rows(text: str, file: str, problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line that is not empty, by column; the first line names them."""
    begins = text.partition("\n")[0]
    separator = max(",;\t", key=begins.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns: Sequence[str] | None = None
    for cells in reader:
        number = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if number > MOST_LINES:
            problems.append(Problem(file, number, "", f"has more than {MOST_LINES:,} lines", "Import it in parts"))
            return
        if columns is None:
            columns = _columns(cells, number, file, problems)
            if columns is None:
                return
        elif len(cells) != len(columns):
            message = f"has {len(cells)} cells, the first line names {len(columns)}"
            advice = f"Write one cell for each of {', '.join(columns)}; put a text with a {separator!r} in quotes"
            problems.append(Problem(file, number, "", message, advice))
        elif any(len(cell) > _LONGEST_CELL for cell in cells):
            message = f"has a cell of more than {_LONGEST_CELL:,} characters"
            problems.append(Problem(file, number, "", message, "Shorten it, or close the quotes that a line opens"))
        else:
            yield number, dict(zip(columns, cells, strict=True))


def _columns(cells: Sequence[str], number: int, file: str, problems: list[Problem]) -> Sequence[str] | None:
    names = [_ALSO.get(cell.strip().casefold(), cell.strip().casefold()) for cell in cells]
    before = len(problems)
    for name in names:
        if name not in COLUMNS:
            advice = instead(name, COLUMNS)
            problems.append(Problem(file, number, "", f"unknown column {one_line(name)[:60]!r}", advice))
        elif names.count(name) > 1:
            problems.append(Problem(file, number, "", f"names the column {name} twice", "Remove one of the two"))
    missing = [name for name in NEEDED if name not in names]
    if missing:
        advice = f"Begin with the line {','.join(COLUMNS)}"
        problems.append(Problem(file, number, "", f"lacks the column {' and '.join(missing)}", advice))
    return names if len(problems) == before else None


def _spare(
    row: Mapping[str, str],
    number: int,
    file: str,
    sites: Collection[str],
    vendors: Collection[str],
    now: datetime,
    problems: list[Problem],
) -> Spare | None:
    made: dict[str, str] = {}
    checks: Mapping[str, Callable[[str], str]] = {
        "part": spares.part_number,
        "serial": spares.serial_number,
        "location": lambda text: spares.place(text, sites, vendors),
        "model": lambda text: spares.part_number(text) if text.strip() else "",
        "note": lambda text: one_line(text)[:LONGEST_NOTE],
    }
    for column, check in checks.items():
        try:
            made[column] = check(row.get(column, ""))
        except RefusedError as error:
            message, _, advice = str(error).partition(": ")
            problems.append(Problem(file, number, column, message, advice[:1].upper() + advice[1:]))
    if len(made) < len(checks):
        return None
    part, serial, location, model, note = (made[name] for name in checks)
    return Spare(part=part, serial=serial, location=location, model=model, note=note, changed=now)


def _taken(known: Spare | None) -> str:
    """Why a part that is known cannot be put on a shelf by a list."""
    if known is None or known.state is SpareState.IN_STOCK:
        return ""
    held = f" by RMA-{known.rma:06d}" if known.rma else ""
    return f"{known.serial} is {known.state.replace('_', ' ')} at {known.location}{held}"


def merged(read_: Sequence[Spare], stock: Mapping[str, Spare]) -> tuple[list[Spare], int]:
    """What is to be saved, and how many of them are new; what stands there unchanged is left alone."""
    changed, new = [], 0
    for spare in read_:
        known = stock.get(spare.serial)
        if known is None:
            new += 1
            changed.append(spare)
        elif replace(known, changed=spare.changed) != spare:
            changed.append(spare)
    return changed, new
