"""Which past cases and FAQ entries are like a case, and why: one list, the best first."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import log2

from agent import locale
from agent.cases import signature
from agent.cases import words as texts
from agent.cases.case import Action, Case, CaseState, Entry
from agent.cases.ledger import US
from agent.cases.signature import Sameness, Signature
from agent.locale import N_

SHOWN = 5  # of each sort, on a case
FOUND_AT_LEAST = 0.4  # the share of the words, where nothing else is the same
WORTH = {
    Sameness.NOTHING: 0.0,
    Sameness.PLATFORM: 10.0,
    Sameness.KIND: 40.0,
    Sameness.VENDOR: 48.0,
    Sameness.KIND_AND_PLATFORM: 60.0,
    Sameness.MODEL: 70.0,
    Sameness.EVERYTHING: 80.0,
}
WORDS_WORTH = 50.0
MOST_HELPED_WORTH = 5.0
OF_WORDS = N_("{found} of {asked} words")


class Sort(StrEnum):
    """What may be like a case."""

    FAQ = "faq"
    CASE = "case"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something that may be like what is asked for. `answer` is what helped, on one line; `words` as indexed."""

    sort: Sort
    number: int
    title: str
    signature: Signature
    words: Collection[str]
    state: str
    at: datetime  # when it was opened, or last changed
    answer: str = ""
    helped: int = 0
    lines: int = 0  # of the timeline that its words were taken from

    @property
    def name(self) -> str:
        return f"FAQ-{self.number:06d}" if self.sort is Sort.FAQ else f"NC-{self.number:06d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """`reason` is an English sentence that `locale.reword` knows."""

    candidate: Candidate
    same: Sameness
    found: int  # of the words
    asked: int
    score: float
    reason: str


def rank(asked: Signature | None, words: Sequence[str], candidates: Iterable[Candidate]) -> tuple[Hit, ...]:
    """Those that are alike, the best first. A word that most candidates have tells little of one.

    Where the signatures have nothing in common there must be two of the words, or all, and not too few of them.
    """
    every = tuple(candidates)
    common = Counter(word for each in every for word in words if word in each.words)
    weights = {word: 1 / log2(1 + max(common[word], 1)) for word in words}
    hits = [hit for each in every if (hit := _hit(asked, words, weights, each))]
    return tuple(sorted(hits, key=lambda hit: (-hit.score, -hit.candidate.at.timestamp(), hit.candidate.name)))


def _hit(asked: Signature | None, words: Sequence[str], weights: dict[str, float], one: Candidate) -> Hit | None:
    same = signature.sameness(asked, one.signature) if asked else Sameness.NOTHING
    found = [word for word in words if word in one.words]
    if same < Sameness.KIND and not _enough(len(found), len(words)):
        return None
    share = sum(weights[word] for word in found) / sum(weights.values()) if words else 0.0
    used = MOST_HELPED_WORTH * (1 - 1 / (1 + one.helped))
    return Hit(
        candidate=one,
        same=same,
        found=len(found),
        asked=len(words),
        score=round(WORTH[same] + WORDS_WORTH * share + used, 3),
        reason=_reason(same, len(found), len(words)),
    )


def _enough(found: int, asked: int) -> bool:
    return found > 0 and (found == asked or (found >= 2 and found >= FOUND_AT_LEAST * asked))


def _reason(same: Sameness, found: int, asked: int) -> str:
    counted = OF_WORDS.replace("{found}", str(found)).replace("{asked}", str(asked)) if found else ""
    return ", ".join(part for part in (signature.SAID[same], counted) if part)


def best(hits: Iterable[Hit], sort: Sort, at_most: int = SHOWN) -> tuple[Hit, ...]:
    return tuple(hit for hit in hits if hit.candidate.sort is sort)[:at_most]


# ---------------------------------------------------------------- a case as one of those that are looked through

_UNTOLD = frozenset({Action.NOTIFIED, Action.FAQ, Action.SURVEY, Action.BRIDGE, Action.WARNED, Action.ESCALATED})


def title(case: Case) -> str:
    return case.title or str(case.subject)


def of_case(case: Case, of: Signature, log: Sequence[Entry]) -> Candidate:
    """Found by what it is about and by what was written on it; not by who was told."""
    kinds = [locale.word(str(case.kind), language) for language in locale.LANGUAGES]
    about = [case.name, case.title, str(case.subject), case.customer, case.site, case.serial, of.mnemonic, of.family]
    said = [entry.text for entry in log if entry.action not in _UNTOLD]
    return Candidate(
        sort=Sort.CASE,
        number=case.number,
        title=title(case),
        signature=of,
        words=texts.indexed("\n".join([*about, *kinds, *said])),
        state=str(case.state),
        at=case.opened,
        answer=_answer(log),
        lines=len(log),
    )


def _answer(log: Sequence[Entry]) -> str:
    """What a person last said of how it was solved, else of why it was closed; on one line."""
    by_people = [entry for entry in log if entry.action is Action.STATE and entry.actor != US]
    for end in (CaseState.RESOLVED, CaseState.CLOSED):
        if said := [entry.text for entry in by_people if entry.data.get("to") == end]:
            return " ".join(said[-1].split())[:300]
    return ""


def question(case: Case, log: Sequence[Entry]) -> tuple[str, ...]:
    """The words by which others like it are looked for: those of the fault, or of the person who reported it."""
    opened = next((entry for entry in log if entry.action is Action.OPENED), None)
    if case.root:
        return texts.telling(opened.data.get("reason", "") if opened else "")
    said = (opened.data.get("text", "") or opened.text) if opened else ""
    return texts.asked(f"{case.title}\n{said}")
