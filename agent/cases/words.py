"""The words of a text as a search knows them: the same for what is looked through and for what is looked for, in
English and in Chinese, so that every database finds the same.

Latin words are folded (case, width, plural, -ing, -ed); a name with hyphens, dots or slashes (`LINK-3-UPDOWN`,
`GE0/0/1`) is a word, and so are its parts. Chinese has no blanks: each pair of neighbouring characters is a word, and
in a text that is looked through each character too, so that a word of one or two characters is found.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

MOST = 4_000  # different words of a text that are kept
MOST_ASKED = 48  # different words of a question that are looked for
LONGEST_TEXT = 200_000  # characters
LONGEST = 64  # characters of a word

_HAN = "㐀-䶿一-鿿豈-﫿\U00020000-\U000323af"
_RUNS = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<latin>[^\W{_HAN}]+(?:[-./:]+[^\W{_HAN}]+)*)")
_PARTS = re.compile(r"[-_./:]+")
_PARTICLES = re.compile("[的了]")
_DIGITS = re.compile(r"[\d\-./:]+")
_SILENTS = (
    "a an and are as at be been but by can could did do does for from had has have he her his how i if in into is it "
    "its itself me my no not of off on or our out she since so some than that the their them then there these they "
    "this to too us was we were what when where which while who why will with would you your utc"
)
_SILENT = frozenset(_SILENTS.split())


def indexed(text: str) -> frozenset[str]:
    """Every word under which the text is found."""
    found: dict[str, None] = {}
    for word in _all(text, every=True):
        found[word] = None
        if len(found) >= MOST:
            break
    return frozenset(found)


def asked(text: str) -> tuple[str, ...]:
    """The words that a question is about, in its order: without those that say nothing."""
    found = dict.fromkeys(word for word in _all(text, every=False) if word not in _SILENT)
    return tuple(found)[:MOST_ASKED]


def telling(text: str) -> tuple[str, ...]:
    """The same of a text that a machine wrote: without its numbers, too."""
    return tuple(word for word in asked(text) if not _DIGITS.fullmatch(word))


def line(words: Iterable[str]) -> str:
    """The words as the databases keep them: sorted, with blanks between them; none holds a blank."""
    return " ".join(sorted(words))


def _all(text: str, *, every: bool) -> Iterator[str]:
    plain = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).casefold()
    for run in _RUNS.finditer(plain):
        if run["han"]:
            for stretch in _PARTICLES.split(run["han"]):
                yield from _pairs(stretch, every)
        else:
            yield from _latin(run["latin"], every)


def _pairs(run: str, every: bool) -> Iterator[str]:
    if every or len(run) == 1:
        yield from run
    yield from (run[place : place + 2] for place in range(len(run) - 1))


def _latin(run: str, every: bool) -> Iterator[str]:
    parts = [part for part in _PARTS.split(run) if part]
    if len(parts) == 1:
        yield _folded(parts[0])
        return
    if every or any(character.isdigit() for character in run):
        yield run[:LONGEST]
    if every or not any(character.isdigit() for character in run):
        yield from map(_folded, parts)


def _folded(word: str) -> str:
    """Plural and verbal endings go, so that `flapping interfaces` finds `interface flaps`."""
    if not (word.isascii() and word.isalpha()) or len(word) < 4:
        return word[:LONGEST]
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
                word = word[:-1]
            break
    return word.removesuffix("e")[:LONGEST] if len(word) > 4 else word[:LONGEST]
