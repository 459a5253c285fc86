"""Strikes secrets out of what devices print, and counts them. How secrets are written stands in `secret_forms`.

It errs on the safe side: a word after “password” that is no secret may go with it. A struck secret leaves `<removed>`,
a private key its first and last line; every other character stays as it was.

Most of what a device prints holds no secret. `block` looks for the few literals that a line with one must hold, over
many lines at once, and takes only the lines that hold one apart.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from collectors.ssh.secret_forms import (
    A_PERSONS_WORDS,
    BEGIN_KEY,
    BY_NEEDLE,
    END_KEY,
    JUNOS_SECRET,
    KEY_LINE,
    LITERALS,
    REMOVED,
    RULES,
    SECTIONS,
    SHAPES,
    Rule,
    Section,
)

_ROUNDS = 20  # a line is gone over until nothing changes, but not for ever
_SECTION_LIMIT = 5_000  # lines; a section without an end does not make names of everything that follows

_HARMLESS_LIMIT, _HARMLESS_LONGEST = 2_000, 512  # lines remembered, and characters of the longest that is
_LOOK_BACK, _NEAR, _TRIES = 2_048, 256, 16  # octets before a cut, octets that a keyword reaches, places tried

Search = Callable[[str, int], int]


class Scrubber:
    """Remembers what it stands inside of. `known` are secrets to strike wherever they stand."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.count = 0
        self._known = sorted({secret for secret in known if len(secret) >= 4}, key=len, reverse=True)
        self._in_key = False
        self._section: Section | None = None
        self._section_lines = 0
        self._harmless: set[str] = set()  # lines gone over without striking anything: configurations repeat themselves

    def block(self, text: str) -> str:
        """Many lines, each with its end: the same as `line` makes of each of them."""
        lower = text.lower()
        if len(lower) != len(text) or any(secret in text for secret in self._known):
            return self._one_by_one(text, 0, len(text))[0]
        out: list[str] = []
        inner, done = self._one_by_one(text, 0, 0)
        out.append(inner)
        for start in _suspects(lower):
            if start >= done:
                stop, after = _ends(text, start)
                out += (text[done:start], self._suspect(text[start:stop]), text[stop:after])
                inner, done = self._one_by_one(text, after, after)
                out.append(inner)
        out.append(text[done:])
        return "".join(out)

    def _one_by_one(self, text: str, start: int, until: int) -> tuple[str, int]:
        """The lines from `start` to `until`, and on while they stand inside of something; where the next one begins."""
        out: list[str] = []
        while start < len(text) and (start < until or self._inside):
            stop, after = _ends(text, start)
            clean = self.line(text[start:stop])
            if clean is not None:
                out.append(clean + text[stop:after])
            start = after
        return "".join(out), start

    @property
    def _inside(self) -> bool:
        return self._in_key or self._section is not None

    def line(self, text: str) -> str | None:
        """The line, without its end, without its secrets; None for a line that is nothing but a part of one."""
        if self._in_key:
            if END_KEY.search(text):
                self._in_key = False
                return text
            if KEY_LINE.fullmatch(text):
                return None
            self._in_key = False  # the key was cut off: what follows is no part of it
        for secret in self._known:
            if secret in text:
                self.count += text.count(secret)
                text = text.replace(secret, REMOVED)
        if self._section is not None:
            text = self._in_section(self._section, text)
        lower = text.lower()
        return self._suspect(text) if any(search(lower, 0) >= 0 for search in _SEARCHES) else text

    def _suspect(self, text: str) -> str:
        if text in self._harmless:
            return text
        begin = BEGIN_KEY.search(text) if "-----BEGIN" in text else None
        clean = self._key(text, begin) if begin else self._struck(text)
        if clean == text and not self._inside and len(text) <= _HARMLESS_LONGEST:
            if len(self._harmless) >= _HARMLESS_LIMIT:
                self._harmless.clear()
            self._harmless.add(text)
        return clean

    def _in_section(self, section: Section, text: str) -> str:
        self._section_lines += 1
        if section.closes.match(text) or self._section_lines > _SECTION_LIMIT:
            self._section = None
            return text
        return section.rule.sub(self._second, text)

    def _key(self, text: str, begin: re.Match[str]) -> str:
        """A key that begins on this line, and may end on it."""
        head, rest = text[: begin.end()], text[begin.end() :]
        end = END_KEY.search(rest)
        body = rest[: end.start()] if end else rest
        self._in_key = end is None
        if body.strip() != REMOVED:
            self.count += 1
        return self._struck(head[: begin.start()]) + begin[0] + REMOVED + (rest[end.start() :] if end else "")

    def _struck(self, text: str) -> str:
        words = A_PERSONS_WORDS.match(text) is not None
        for _ in range(_ROUNDS):
            before = text
            if "SECRET-DATA" in text:
                text = JUNOS_SECRET.sub(self._first, text)
            for needle, shape in SHAPES:
                if needle in text:
                    text = shape.sub(self._whole, text)
            for rule in _called_for(text.lower()):
                if words and rule.spares_words:
                    continue
                text = rule.pattern.sub(self._second, text)
            if text == before:
                break
        for section in SECTIONS:
            if section.opens.match(text):
                self._section, self._section_lines = section, 0
        return text

    def _whole(self, _: re.Match[str]) -> str:
        self.count += 1
        return REMOVED

    def _first(self, match: re.Match[str]) -> str:
        if REMOVED in match[1]:
            return match[0]
        self.count += 1
        return REMOVED + match[2]

    def _second(self, match: re.Match[str]) -> str:
        if REMOVED in match[2]:
            return match[0]
        self.count += 1
        return match[1] + REMOVED


def between(raw: bytes, limit: int) -> int:
    """Where a line that is too long is cut, at most after `limit` octets: so that no secret is parted from its keyword.

    A cut is good where both sides, scrubbed alone, come to the same as both together, and a secret that begins shortly
    before the limit is on its far side.
    """
    begin = max(0, limit - _LOOK_BACK)
    window = raw[begin:limit].decode("latin-1")
    spaces = [at + 1 for at, char in enumerate(window) if char == " "]
    if not _suspects(window.lower()):
        return begin + spaces[-1] if spaces else limit
    whole, near = scrub(window)[0], len(window) - _NEAR
    places = [*reversed([at for at in spaces if at <= near][-_TRIES:]), *[at for at in spaces if at > near][:_TRIES]]
    for at in places:
        if scrub(window[:at])[0] + scrub(window[at:])[0] == whole:
            return begin + at
    return limit


def _ends(text: str, start: int) -> tuple[int, int]:
    """Where the line that begins there ends, without and with its end."""
    end = text.find("\n", start)
    return (len(text), len(text)) if end < 0 else (end, end + 1)


def _suspects(lower: str) -> list[int]:
    """Where the lines begin that hold one of the literals."""
    starts = set()
    for search in _SEARCHES:
        at = search(lower, 0)
        while at >= 0:
            starts.add(lower.rfind("\n", 0, at) + 1)
            end = lower.find("\n", at)
            at = search(lower, end) if end >= 0 else -1
    return sorted(starts)


def _called_for(lower: str) -> list[Rule]:
    numbers = {number for needle, called in BY_NEEDLE if needle in lower for number in called}
    rules = [RULES[number] for number in sorted(numbers)]
    return [rule for rule in rules if all(_holds(lower, group) for group in rule.needles[1:])]


def _holds(lower: str, needles: frozenset[str]) -> bool:
    return any(needle in lower for needle in needles)


def _searches() -> Iterator[Search]:
    """One a first letter: a pattern that begins with one letter is found ten times faster than one of several."""
    for first, literals in groupby(sorted(LITERALS), key=lambda literal: literal[0]):
        rests = [literal[1:] for literal in literals]
        yield _found(first + rests[0]) if len(rests) == 1 else _matched(first, rests)


def _found(literal: str) -> Search:
    return lambda text, start: text.find(literal, start)


def _matched(first: str, rests: list[str]) -> Search:
    search = re.compile(f"{re.escape(first)}(?:{'|'.join(map(re.escape, rests))})").search

    def at(text: str, start: int) -> int:
        match = search(text, start)
        return match.start() if match else -1

    return at


_SEARCHES = tuple(_searches())


def scrub(text: str, known: Iterable[str] = ()) -> tuple[str, int]:
    """The whole of a text: (without secrets, how many were struck)."""
    scrubber = Scrubber(known)
    return scrubber.block(text), scrubber.count
