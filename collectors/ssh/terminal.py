"""Makes readable lines of the bytes that a device's terminal sends: erasures carried out, pagers and colours gone."""

import re

from collectors import text as texts

LINE_LIMIT = 65_536  # octets; a longer line is cut into several

# --More--, ---- More ----, <--- More --->, ---(more 14%)---
_MORE = r"(?:<?-{1,4} ?\(?[Mm][Oo][Rr][Ee](?: ?\d{1,3}%)?\)? ?-{1,4}>?(?: or \(q\)uit)?|Press any key to continue)"
PAGER = re.compile(_MORE.encode() + rb"[ \t.]{0,8}\Z")
_PAGER_TEXT = re.compile(rf"^\s?{_MORE}(?:\s|$)")
_SEQUENCE = re.compile(
    r"\x1b\[(?P<numbers>[0-9;?]{0,16})(?P<letter>[@-~])|\x1b\][^\x07\x1b]{0,256}(?:\x07|\x1b\\)|\x1b[@-Z\\-_=>78]"
    r"|\x1b[()][0-9A-B]"
)
_SPECIAL = re.compile(r"[\x08\x1b\r]")
_ANSI = re.compile(rb"\x1b\[[0-9;?]{0,16}[@-~]|\x1b[=>78]|\x1b\][^\x07]{0,256}\x07")


def without_colours(raw: bytes) -> bytes:
    return _ANSI.sub(b"", raw)


def line(raw: bytes) -> str:
    """One line as a person would see it, without its end."""
    text = texts.decode(raw).rstrip("\r\n")
    if _SPECIAL.search(text):
        text = _shown(text)
    return texts.lines(_PAGER_TEXT.sub("", text)).rstrip()


def _shown(text: str) -> str:
    """What stands on the line after backspaces, carriage returns and cursor moves (ECMA-48)."""
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
            cells[column : column + 1] = [char]
            column += 1
    return "".join(cells)


def _moved(cells: list[str], column: int, sequence: re.Match[str]) -> int:
    letter, numbers = sequence["letter"], sequence["numbers"] or ""
    count = min(int(numbers), 4096) if numbers.isdecimal() else 0
    if letter == "D":
        return max(0, column - (count or 1))
    if letter == "C":
        column += count or 1
        cells.extend(" " * (column - len(cells)))
    elif letter == "G":
        column = min(max(0, count - 1), len(cells))
    elif letter == "K" and count in (0, 2):
        del cells[0 if count == 2 else column :]
        cells.extend(" " * (column - len(cells)))
    return column
