"""Reasons are kept as English sentences, in the record and in the database; here they are said in other languages.

Each sentence that a decision can utter stands here once, with a place for each value. A sentence is recognised by its
own words, its values are taken out, reworded where they are sentences themselves, and put into the translation. One
that is not recognised stays English.
"""

import re
from functools import cache

from agent.locale.catalogue import match, word, words
from agent.locale.said_of_cases import CASES
from agent.locale.said_of_evidence import EVIDENCE
from agent.locale.said_of_faults import FAULTS

SENTENCES = (*FAULTS, *CASES, *EVIDENCE)
_CODES = frozenset(
    {"clock", "part", "state", "turned", "kind", "fault", "status", "role", "occasion", "channel", "direction", "tier"}
    | {"origin"}
)
_ONE_WORD = frozenset(
    {
        "bridge",
        "theirs",
        "entry",
        "device",
        "interface",
        "customer",
        "site",
        "kind",
        "severity",
        "a",
        "b",
        "link",
        "count",
        "address",
        "port",
    }
)
_LONGEST = 2000
LEVEL = "{severity}: {reasons}"


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The most telling first: those with most words of their own, after the one whose beginning is unmistakable."""

    def compiled(text: str) -> re.Pattern[str]:
        parts = re.split(r"\{(\w+)\}", text)
        return re.compile("".join(_place(part) if i % 2 else re.escape(part) for i, part in enumerate(parts)))

    own_words = {text: len(re.sub(r"\{\w+\}", "", text)) for text in SENTENCES}
    return tuple(
        (text, compiled(text)) for text in sorted(SENTENCES, key=lambda text: (text != LEVEL, -own_words[text]))
    )


def _place(name: str) -> str:
    if name == "rma":
        return r"(?P<rma>RMA-\d+)"
    if name == "severity":
        return r"(?P<severity>P[1-4])"
    return rf"(?P<{name}>\S+?)" if name in _ONE_WORD else f"(?P<{name}>.+?)"


def reword(sentence: str, language: str, depth: int = 0) -> str:
    """An English sentence of ours in `language`; what is not ours comes back as it is."""
    if match(language) == "en" or depth > 3 or len(sentence) > _LONGEST:
        return sentence
    for text, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            said = words(language)(text)
            for name, value in found.groupdict().items():
                said = said.replace(f"{{{name}}}", _value(name, value, language, depth), 1)
            return said
    return sentence


def _value(name: str, value: str, language: str, depth: int) -> str:
    if name in _CODES:
        return word(value.replace(" ", "_"), language)
    parts = value.split("; ")
    said = [reword(part, language, depth + 1) for part in parts]
    if len(parts) > 1 and any(after == before for after, before in zip(said, parts, strict=True)):
        whole = reword(value, language, depth + 1)  # one sentence of ours may have a semicolon of its own
        return whole if whole != value else "; ".join(said)
    return "; ".join(said)
