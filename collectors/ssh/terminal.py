"""Makes readable lines of the bytes that a device's terminal sends: erasures carried out, pagers and colours gone."""

import re

from collectors import text as texts

LINE_LIMIT = 65_536  # octets; a longer line is cut into several
WIDEST = 4096  # columns that a cursor can be moved to

# --More--, ---- More ----, <--- More --->, ---(more 14%)---
_MORE = r"(?:<?-{1,4} ?\(?[Mm][Oo][Rr][Ee](?: ?\d{1,3}%)?\)? ?-{1,4}>?(?: or \(q\)uit)?|Press any key to continue)"
PAGER = re.compile(_MORE.encode() + rb"[ \t.]{0,8}\Z")
_PAGER_TEXT = re.compile(rf"^\s?{_MORE}(?:\s|$)")
_SEQUENCE = re.compile(
    r"\x1b\[(?P<numbers>[0-9;?]{0,16})(?P<letter>[@-~])|\x1b\][^\x07\x1b]{0,256}(?:\x07|\x1b\\)|\x1b[@-Z\\-_=>78]"
    r"|\x1b[()][0-9A-B]"
)
_SPECIAL = re.compile(r"[\x08\x1b\r]")
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\xfe]|[\x80-\xff]", re.DOTALL)
_ANSI = re.compile(rb"\x1b\[[0-9;?]{0,16}[@-~]|\x1b[=>78]|\x1b\][^\x07]{0,256}\x07")


def without_colours(raw: bytes) -> bytes:
    return _ANSI.sub(b"", raw)


def cut(raw: bytes) -> int:
    """Where a line that is too long is cut: at most LINE_LIMIT octets, and not within a character of UTF-8."""
    at = LINE_LIMIT
    while at > LINE_LIMIT - 4 and raw[at] & 0xC0 == 0x80:
        at -= 1
    return at if at > LINE_LIMIT - 4 else LINE_LIMIT


def whole_characters(raw: bytes) -> bytes:
    """Without the beginning of a character of UTF-8 that the end of the connection cut off.

    A single high octet after plain ASCII may be a whole character of Latin-1, and stays.
    """
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        cut_off = error.reason == "unexpected end of data" and error.start >= len(raw) - 3
        if cut_off and (len(raw) - error.start > 1 or not raw[: error.start].isascii()):
            return raw[: error.start]
    return raw


def decoded(raw: bytes) -> str:
    """UTF-8, else GB 18030 where most of it is pairs of high octets as in Chinese, else Latin-1. No octet is lost."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    pairs = _PAIR.findall(raw)
    if sum(len(pair) == 2 and pair[1] >= 0xA1 for pair in pairs) * 2 > len(pairs):
        try:
            return raw.decode("gb18030")
        except UnicodeDecodeError:
            pass
    return raw.decode("latin-1")


def line(raw: bytes) -> str:
    """One line as a person would see it, without its end."""
    text = decoded(raw).rstrip("\r\n")
    if _SPECIAL.search(text):
        text = _shown(text)
    return texts.lines(_PAGER_TEXT.sub("", text)).rstrip()


def _shown(text: str) -> str:
    """What stands on the line after backspaces, carriage returns and cursor moves (ECMA-48).

    What is left blank is filled up only when something is written behind it: moves alone take no memory.
    """
    cells: list[str] = []
    column = position = 0
    while position < len(text):
        char = text[position]
        sequence = _SEQUENCE.match(text, position) if char == "\x1b" else None
        if sequence is not None:
            column = _moved(cells, column, sequence)
            position = sequence.end()
            continue
        position += 1
        if char == "\x08":
            column = max(0, column - 1)
        elif char == "\r":
            column = 0
        elif char != "\x1b":
            if column > len(cells):
                cells.extend(" " * (column - len(cells)))
            cells[column : column + 1] = [char]
            column += 1
    return "".join(cells)


def _moved(cells: list[str], column: int, sequence: re.Match[str]) -> int:
    letter, numbers = sequence["letter"], sequence["numbers"] or ""
    count = min(int(numbers), 4096) if numbers.isdecimal() else 0
    if letter == "D":
        return max(0, column - (count or 1))
    if letter == "C":
        return max(column, min(column + (count or 1), WIDEST))
    if letter == "G":
        return min(max(0, count - 1), len(cells))
    if letter == "K" and count in (0, 2):
        del cells[0 if count == 2 else column :]
    return column
