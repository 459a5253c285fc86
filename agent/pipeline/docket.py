"""A case and its timeline, as they are when an attendant looks; the attendants are named in `attending`."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.cases.case import Case, Entry


@dataclass(frozen=True, slots=True)
class Docket:
    case: Case
    log: Sequence[Entry]
