"""Collects everything that is wrong with an inventory, and words it for the person who wrote it."""

import difflib
import heapq
from collections.abc import Callable, Collection
from itertools import takewhile

from agent.errors import InventoryError, Problem

Path = tuple[str | int, ...]

SHOWN = 100  # problems told; the rest are counted
STORED = 1_000
ENOUGH = 10_000  # after so many nobody reads on, and neither does the parser


class Problems:
    """Notes problems while a text is read; `raise_any` tells them all at once, in the order of the lines."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.count = 0
        self.locate: Callable[[Path], int] = lambda _path: 0  # the line of a key, once there is a text to find it in
        self._noted: list[tuple[int, Path, str, str, Collection[str] | None, str]] = []

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def enough(self) -> bool:
        return self.count >= ENOUGH

    def add(
        self,
        path: Path,
        message: str,
        advice: str = "",
        *,
        line: int = 0,
        options: Collection[str] | None = None,
        wrote: str = "",
    ) -> None:
        """`options` are what could stand there instead of what the person `wrote`: near ones make the advice."""
        self.count += 1
        if len(self._noted) < STORED:
            self._noted.append((line or self.locate(path), path, message, advice, options, wrote))

    def raise_any(self) -> None:
        if not self._noted:
            return
        first = sorted(self._noted, key=lambda noted: noted[0])[:SHOWN]
        told = [self._tell(*noted) for noted in first]
        if self.count > len(told):
            more = self.count - len(told)
            told.append(Problem(self.file, 0, "", f"and {more} more problems", "Mend those above and check again"))
        raise InventoryError(tuple(told))

    def _tell(
        self, line: int, path: Path, message: str, advice: str, options: Collection[str] | None, wrote: str
    ) -> Problem:
        if options is not None:
            advice = instead(wrote, options) or advice
        return Problem(self.file, line, dotted(path), message, advice)


def dotted(path: Path) -> str:
    """("links", 3, 0) is links[3][0]; ("devices", "a", "site") is devices.a.site."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{shown(step)}" if text else shown(step)
    return text


def shown(value: object, limit: int = 60) -> str:
    """What a person wrote, short and safe to print on a terminal."""
    text = str(value)
    text = text if len(text) <= limit else text[:limit] + "…"
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def instead(wrote: str, options: Collection[str]) -> str:
    """What to write instead: all options where they are few, else the near ones, else some."""
    if not options:
        return ""
    if len(options) <= 8:
        return _one_of(_near_first(wrote, options))
    near = _near(wrote, options)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return _one_of(sorted(options)[:8]) + ", …"


def _one_of(options: Collection[str]) -> str:
    names = ", ".join(shown(option) for option in options)
    return f"Write one of: {names}" if len(options) > 1 else f"Write {names}"


def _near_first(wrote: str, options: Collection[str]) -> list[str]:
    near = _near(wrote, options)
    return near + sorted(option for option in options if option not in near)


def _near(wrote: str, options: Collection[str]) -> list[str]:
    """At most three. Of very many options only those are compared that begin and end most like it."""
    wrote = wrote[:100]
    candidates = [option for option in options if abs(len(option) - len(wrote)) <= 3]
    if len(candidates) > 300:
        candidates = heapq.nlargest(300, candidates, key=lambda option: _ends_alike(option, wrote))
    by_lower = {c.lower(): c for c in candidates}
    close = difflib.get_close_matches(wrote.lower(), by_lower, n=3, cutoff=0.6)
    ratios = {match: difflib.SequenceMatcher(None, match, wrote.lower()).ratio() for match in close}
    return [by_lower[match] for match in close if ratios[match] > max(ratios.values()) - 0.15]


def _ends_alike(a: str, b: str) -> int:
    """How many characters two words share at their beginnings and at their ends."""
    pairs = list(zip(a, b, strict=False))
    backwards = list(zip(a[::-1], b[::-1], strict=False))
    return sum(1 for _ in takewhile(_same, pairs)) + sum(1 for _ in takewhile(_same, backwards))


def _same(pair: tuple[str, str]) -> bool:
    return pair[0] == pair[1]
