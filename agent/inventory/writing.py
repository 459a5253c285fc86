"""Adds entries to an inventory as a person would: at the end of their section, indented alike, nothing else moved."""

import re
from collections.abc import Sequence

from agent.errors import UsageError
from agent.inventory import lines
from agent.inventory.lines import Items, Map
from agent.inventory.problems import Problems

_INDENT = re.compile(r" *")


def added(text: str, section: str, entries: Sequence[str], file: str) -> str:
    """The text with more entries: items of a list (`links`), or `name: {…}` of a map (`devices`).

    Raises UsageError where the section is written in a way that this cannot extend; InventoryError for what is no YAML.
    """
    problems = Problems(file)
    root = lines.compose(text, problems)
    problems.raise_any()
    bullet = "- " if section == "links" else ""
    held = root.get(section) if isinstance(root, Map) else None
    if not isinstance(root, Map) or held is None:
        body = "".join(f"  {bullet}{entry}\n" for entry in entries)
        if isinstance(root, Map) and section in root:
            raise UsageError(f"{file}: {section}: is empty; remove that line, or write the first entry yourself")
        return f"{text.rstrip()}\n\n{section}:\n{body}"
    written = text.splitlines(keepends=True)
    starts = list(held.lines.values()) if isinstance(held, Map) else held.lines if isinstance(held, Items) else []
    if not starts or root.lines[section] in starts:
        raise UsageError(f"{file}: {section}: is written on one line; write one entry a line, then accept again")
    last = max(starts)
    indent = _INDENT.match(written[last - 1])[0]  # type: ignore[index]
    end = _end(written, last, len(indent))
    if not written[end - 1].endswith("\n"):
        written[end - 1] += "\n"
    written[end:end] = [f"{indent}{bullet}{entry}\n" for entry in entries]
    return "".join(written)


def _end(written: Sequence[str], start: int, indent: int) -> int:
    """How many lines of the text stand before the end of the entry that begins on line `start` (counted from 1)."""
    end = start
    for number in range(start, len(written)):
        line = written[number]
        if line.strip() and len(_INDENT.match(line)[0]) <= indent:  # type: ignore[index]
            break
        if line.strip():
            end = number + 1
    return end
