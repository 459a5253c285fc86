"""Regular expressions whose time grows with the length of a line and no faster, whatever the line holds.

Python's `re` goes back and tries again, and can do so for ever: `(a|a)*b`, or `.*.*.*.*x` on a long line. Here all ways
are gone at once (Thompson, 1968; Cox, "Regular Expression Matching Can Be Simple And Fast", 2007), and which ones are
left after a character is kept for the next time. `re` reads the pattern and tells which characters a place takes.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]  # no stubs; the same from 3.11 on
from typing import Any

MOST_PLACES = 800  # of a pattern, repetitions with a number written out
MOST_KEPT = 4_000  # steps
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)
_ONE = (_constants.LITERAL, _constants.NOT_LITERAL, _constants.ANY, _constants.IN)
_WORD = re.compile(r"\w")

Takes = Callable[[str], object]
Holds = Callable[[str, str], bool]  # between these two characters; empty: the line's beginning or end
Ways = frozenset[int]


class Pattern:
    """Raises ValueError for what is no regular expression, is too large, or cannot be told in one pass."""

    def __init__(self, text: str) -> None:
        try:
            parsed = _parser.parse(text)
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(f"is no regular expression: {error}") from None
        self._takes: dict[int, tuple[Takes, int]] = {}  # a place, what it takes, and where that leads
        self._leads: dict[int, tuple[tuple[int, ...], Holds | None]] = {}  # without taking anything, where it holds
        self._places = 0
        self._looks = False  # whether it matters what lies around
        self._state = parsed.state
        self._end = self._new()
        self._start = self._sequence(parsed, self._end, parsed.state.flags)
        self._kept: dict[tuple[Ways, str, str], Ways | None] = {}

    def found(self, line: str) -> bool:
        """Whether it is anywhere in the line."""
        ways: Ways = frozenset()
        before = ""
        for after in (*line, ""):
            key = (ways, before, after)
            if key not in self._kept:
                if len(self._kept) >= MOST_KEPT:
                    self._kept.clear()
                self._kept[key] = self._step(ways, before, after)
            went = self._kept[key]
            if went is None:
                return True
            ways, before = went, after if self._looks else ""
        return False

    def _step(self, ways: Ways, before: str, after: str) -> Ways | None:
        """Where the next character leads; None where the end was reached before it."""
        seen, open_ = {self._start, *ways}, [self._start, *ways]
        while open_:
            to, holds = self._leads.get(open_.pop(), ((), None))
            if holds is None or holds(before, after):
                open_ += [each for each in to if each not in seen]
                seen.update(to)
        if self._end in seen:
            return None
        if not after:
            return frozenset()
        return frozenset(
            self._takes[place][1] for place in seen if place in self._takes and self._takes[place][0](after)
        )

    # ------------------------------------------------------------ from its end to its beginning

    def _new(self) -> int:
        self._places += 1
        if self._places > MOST_PLACES:
            raise ValueError("is too large")
        return self._places

    def _lead(self, to: Iterable[int], holds: Holds | None = None) -> int:
        place = self._new()
        self._leads[place] = (tuple(to), holds)
        return place

    def _sequence(self, nodes: Any, to: int, flags: int) -> int:
        for node in reversed(list(nodes)):
            to = self._node(node, to, flags)
        return to

    def _node(self, node: Any, to: int, flags: int) -> int:
        what, about = node
        if what in _ONE:
            place = self._new()
            self._takes[place] = (self._one(node, flags), to)
            return place
        if what in _REPEATS:
            return self._repeat(*about, to=to, flags=flags)
        if what is _constants.BRANCH:
            return self._lead(self._sequence(way, to, flags) for way in about[1])
        if what is _constants.SUBPATTERN:
            _, more, less, inner = about
            return self._sequence(inner, to, (flags | more) & ~less)
        if what is _constants.AT:
            self._looks = True
            return self._lead((to,), _around(about, flags))
        raise ValueError("looks around, or back at what was found")

    def _repeat(self, least: int, most: int, inner: Any, *, to: int, flags: int) -> int:
        if most == _constants.MAXREPEAT:
            again = self._lead(())
            self._leads[again] = ((self._sequence(inner, again, flags), to), None)
            to = again
        else:
            end = to
            for _ in range(most - least):
                to = self._lead((self._sequence(inner, to, flags), end))
        for _ in range(least):
            to = self._lead((self._sequence(inner, to, flags),))  # counted, even where there is nothing in it
        return to

    def _one(self, node: Any, flags: int) -> Takes:
        alone = _parser.SubPattern(self._state, [node])
        takes: Takes = _compiler.compile(alone, flags).fullmatch
        return lru_cache(256)(takes)


def _around(where: Any, flags: int) -> Holds:
    lines = flags & re.MULTILINE
    word = re.compile(r"\w", re.ASCII) if flags & re.ASCII else _WORD

    def at_edge(before: str, after: str) -> bool:
        return bool(before and word.match(before)) is not bool(after and word.match(after))

    known: dict[Any, Holds] = {
        _constants.AT_BEGINNING: lambda before, _: not before or bool(lines and before == "\n"),
        _constants.AT_BEGINNING_STRING: lambda before, _: not before,
        _constants.AT_END: lambda _, after: not after or bool(lines and after == "\n"),
        _constants.AT_END_STRING: lambda _, after: not after,
        _constants.AT_BOUNDARY: at_edge,
        _constants.AT_NON_BOUNDARY: lambda before, after: not at_edge(before, after),
    }
    if where not in known:
        raise ValueError("looks around")
    return known[where]
