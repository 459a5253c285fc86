"""YAML text to maps and lists that remember the line of every key.

Plain words stay text: `no` is "no", 10:20:30 is "10:20:30" and 17.10 is "17.10"; the model decides what is a number.
Only an empty value, `~` and `null` are None. Aliases and tags are refused (groups share values, and a bomb of aliases
cannot be written without them), and so is what is too deep or too wide to be an inventory.
"""

import re
from collections.abc import Iterator
from typing import NoReturn

import yaml

from agent.inventory.problems import Path, Problems, shown

MAX_CHARACTERS = 32 * 1024 * 1024
MAX_DEPTH = 20
MAX_WIDTH = (
    1_000  # keys or items of one map or list; the entries of a section (devices, sites, links, …) are not counted
)

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Map(dict[str, object]):
    """A YAML map; `lines` says where each key stands."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


class Items(list[object]):
    """A YAML list; `lines` says where each item begins."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []


def line_of(root: object, path: Path) -> int:
    """The line of the deepest part of `path` that exists; 0 for the whole text."""
    line = 0
    for step in path:
        if isinstance(root, Map) and isinstance(step, str):
            if step not in root:
                break
            line, root = root.lines[step], root[step]
        elif isinstance(root, Items) and isinstance(step, int) and step < len(root):
            line, root = root.lines[step], root[step]
    return line


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def compose(text: str, problems: Problems) -> object:
    """Maps, lists, text and None. Keys that stand twice are noted in `problems`, the first counts.

    Raises InventoryError with all that was noted where the text cannot be read to its end.
    """
    if _is_text(text, problems):
        builder = _Builder(problems)
        try:
            for event in _events(text):
                builder.take(event)
        except yaml.MarkedYAMLError as error:
            _syntax(text, error, problems)
        except yaml.YAMLError as error:
            problems.add((), f"is not YAML: {shown(error)}")
        except _StopError:
            pass
        else:
            return builder.root
    problems.raise_any()
    return None


def _is_text(text: str, problems: Problems) -> bool:
    if len(text) > MAX_CHARACTERS:
        problems.add((), f"is larger than {MAX_CHARACTERS >> 20} MiB", "That is no inventory: check the path")
        return False
    if control := _CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        problems.add((), f"holds the character U+{ord(control[0]):04X}, which no text does", "Remove it", line=line)
        return False
    return True


def _events(text: str) -> Iterator[yaml.Event]:
    loader = _Loader(text)
    try:
        while loader.check_event():
            yield loader.get_event()  # type: ignore[no-untyped-call]
    finally:
        loader.dispose()


def _syntax(text: str, error: yaml.MarkedYAMLError, problems: Problems) -> None:
    """libyaml says "cannot start any token" of a tab: say it in words, and for every such line at once."""
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 0
    tabs = _tabs(text)
    if {line, line - 1} & set(tabs):
        for tab in tabs[:100]:
            problems.add((), "the line is indented with a tab", "Write spaces: YAML takes no tabs there", line=tab)
        return
    advice = "Check the colons, brackets, quotes and indentation of this line and the one before"
    if error.context and error.context_mark and ("flow" in error.context or "quoted" in error.context):
        advice = f"Check what begins in line {error.context_mark.line + 1}: a bracket or quote may not be closed"
    if error.problem and ("mapping values" in error.problem or "unexpected ':'" in error.problem):
        advice = "Put a text that holds a colon in quotes, write a space after the colon of a key, and one key a line"
    problems.add((), f"is not YAML: {error.problem or error.context}", advice, line=line)


def _tabs(text: str) -> list[int]:
    rows = text.split("\n")
    return [number for number, row in enumerate(rows, 1) if "\t" in row[: len(row) - len(row.lstrip())]]


class _StopError(Exception):
    """The text cannot be read on; the problem has been noted."""


class _Frame:
    """A map or list that is being filled; of a map also the key whose value comes next."""

    __slots__ = ("holds", "key", "line", "waiting", "width")

    def __init__(self, holds: Map | Items) -> None:
        self.holds = holds
        self.key = ""
        self.line = 0
        self.waiting = False  # for the value of `key`
        self.width = 0


class _Builder:
    """Puts events together without recursion, so that depth costs nothing."""

    def __init__(self, problems: Problems) -> None:
        self.root: object = None
        self._problems = problems
        self._stack: list[_Frame] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._stack.pop()
        elif isinstance(event, yaml.AliasEvent):
            self._stop(
                event, f"uses the alias *{shown(event.anchor)}", "Write the value out, or share it through a group"
            )
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop(event, "begins a second document", "Remove the line ---: an inventory is one document")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        frame = self._stack[-1] if self._stack else None
        if event.tag is not None:
            self._tagged(event, event.tag)
        if frame is not None and isinstance(frame.holds, Map) and not frame.waiting:
            self._name(frame, frame.holds, event)
        else:
            self._put(None if event.implicit[0] and event.value in _NULLS else event.value, event)

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if event.tag is not None:
            self._tagged(event, event.tag)
        frame = self._stack[-1] if self._stack else None
        if frame is not None and isinstance(frame.holds, Map) and not frame.waiting:
            self._stop(event, "has a map or a list where a key should stand", "Put a text that begins with { in quotes")
        if len(self._stack) >= MAX_DEPTH:
            self._stop(event, f"is nested more than {MAX_DEPTH} deep", "No key of an inventory is: check the brackets")
        inner: Map | Items = Map() if isinstance(event, yaml.MappingStartEvent) else Items()
        self._put(inner, event)
        self._stack.append(_Frame(inner))

    def _name(self, frame: _Frame, holds: Map, event: yaml.ScalarEvent) -> None:
        frame.key, frame.line, frame.waiting = event.value, _line(event), True
        self._widen(frame, event)
        if event.value in holds:
            self._twice(holds.lines[event.value], frame.line)

    def _put(self, value: object, event: yaml.Event) -> None:
        if not self._stack:
            self.root = value
            return
        frame = self._stack[-1]
        holds = frame.holds
        if isinstance(holds, Items):
            holds.append(value)
            holds.lines.append(_line(event))
            self._widen(frame, event)
            return
        frame.waiting = False
        if frame.key not in holds:
            holds[frame.key] = value
            holds.lines[frame.key] = frame.line

    def _widen(self, frame: _Frame, event: yaml.Event) -> None:
        frame.width += 1
        if frame.width > MAX_WIDTH and len(self._stack) != 2:
            self._stop(
                event, f"has more than {MAX_WIDTH} keys", "That is no inventory: check the indentation and the path"
            )

    def _twice(self, first: int, line: int) -> None:
        path = self._path()
        if path[:-1] == ("devices",):
            self._problems.add(
                path, f"two devices have this name, the first in line {first}", "Give each its own", line=line
            )
        else:
            self._problems.add(path, f"is written twice, first in line {first}", "Keep one of the two", line=line)
        if self._problems.enough:
            raise _StopError

    def _tagged(self, event: yaml.Event, tag: str) -> None:
        self._stop(
            event, f"uses the YAML tag {shown(tag)}", "Remove what begins with an exclamation mark, or put it in quotes"
        )

    def _stop(self, event: yaml.Event, message: str, advice: str) -> NoReturn:
        self._problems.add(self._path(), message, advice, line=_line(event))
        raise _StopError

    def _path(self) -> Path:
        """Where we are: of all maps around us the key, of all lists the index."""
        if not self._stack:
            return ()
        last = self._stack[-1]
        around = [len(f.holds) - 1 if isinstance(f.holds, Items) else f.key for f in self._stack[:-1]]
        here = len(last.holds) if isinstance(last.holds, Items) else last.key if last.waiting else None
        return tuple(around) if here is None else (*around, here)
