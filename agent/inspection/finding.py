"""What a check found, before it is put into the checklist's frame."""

from dataclasses import dataclass
from enum import StrEnum

from agent.locale import Text

_LONGEST = 300


class Result(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict, not a password
    WARN = "warn"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    NOT_CHECKED = "not_checked"


NOTHING = Text("{nothing}", {"nothing": "–"})


@dataclass(frozen=True, slots=True)
class Finding:
    result: Result
    measured: Text
    threshold: Text
    evidence: Text


def not_checked(why: Text) -> Finding:
    return Finding(Result.NOT_CHECKED, NOTHING, NOTHING, why)


def not_applicable(why: Text) -> Finding:
    return Finding(Result.NOT_APPLICABLE, NOTHING, NOTHING, why)


def graded(value: float, warn: float, fail: float) -> Result:
    """`fail` at or above its threshold, `warn` at or above its own."""
    return Result.FAIL if value >= fail else Result.WARN if value >= warn else Result.PASS


def short(*words: str) -> str:
    """Names and device words for a place in a text, as many as can be read."""
    text = ", ".join(words)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
