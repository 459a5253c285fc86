"""What was learned from a case, kept so that the next one of its kind need not be solved twice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from agent import locale
from agent.cases import words
from agent.cases.case import Action, Case, CaseKind, CaseState, Entry
from agent.cases.ledger import US
from agent.cases.signature import Sameness, Signature
from agent.cases.similar import Candidate, Hit, Sort
from agent.errors import RefusedError
from agent.inventory.policies import Policies

LONGEST = 20_000  # characters of one part of an entry
LONGEST_TITLE = 200
NOTHING_KNOWN_BELOW = Sameness.KIND_AND_PLATFORM  # an entry that is less alike does not answer for a case


class FaqState(StrEnum):
    DRAFT = "draft"  # written, and shown to nobody who does not look for it
    PUBLISHED = "published"
    RETIRED = "retired"  # true no longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a person writes: Markdown, but for the title, which is one line."""

    title: str
    symptom: str
    fix: str
    cause: str = ""
    prevention: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faq:
    """An entry. Number 0: not stored yet. `revision` counts from 1; `shown` and `helped` count cases."""

    signature: Signature
    written: Written
    author: str
    at: datetime
    changed: datetime
    changed_by: str
    state: FaqState = FaqState.DRAFT
    source: int = 0  # the number of the case that it was learned from
    revision: int = 1
    number: int = 0
    shown: int = 0
    helped: int = 0

    @property
    def name(self) -> str:
        return f"FAQ-{self.number:06d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """How an entry was, and who made it so."""

    revision: int
    at: datetime
    actor: str
    note: str
    state: FaqState
    written: Written


MOVES: Mapping[FaqState, frozenset[FaqState]] = {
    FaqState.DRAFT: frozenset({FaqState.PUBLISHED, FaqState.RETIRED}),
    FaqState.PUBLISHED: frozenset({FaqState.RETIRED, FaqState.DRAFT}),
    FaqState.RETIRED: frozenset({FaqState.PUBLISHED}),
}


def first(written: Written, signature: Signature, source: Case | None, author: str, now: datetime) -> Faq:
    """Raises RefusedError, which says what is missing."""
    return Faq(
        signature=signature,
        written=checked(written),
        author=author,
        at=now,
        changed=now,
        changed_by=author,
        source=source.number if source else 0,
    )


def edited(entry: Faq, written: Written, actor: str, now: datetime) -> Faq:
    new = checked(written)
    if new == entry.written:
        raise RefusedError(f"{entry.name} says that already: nothing was changed")
    return replace(entry, written=new, changed=now, changed_by=actor, revision=entry.revision + 1)


def moved(entry: Faq, to: FaqState, actor: str, now: datetime) -> Faq:
    if to not in MOVES[entry.state]:
        allowed = ", ".join(sorted(MOVES[entry.state]))
        raise RefusedError(f"{entry.name} is {entry.state} and cannot become {to}; possible from here: {allowed}")
    return replace(entry, state=to, changed=now, changed_by=actor, revision=entry.revision + 1)


def checked(written: Written) -> Written:
    """What can be kept of it. Raises RefusedError for what lacks the parts without which it helps nobody."""
    title = " ".join(_clean(written.title).split())
    if not title or len(title) > LONGEST_TITLE:
        raise RefusedError(
            f"an entry has a title of 1 to {LONGEST_TITLE} characters: write it as `# …` on the first line"
        )
    parts = {part: _clean(getattr(written, part)).strip() for part in ("symptom", "cause", "fix", "prevention")}
    for part in ("symptom", "fix"):
        if not parts[part]:
            raise RefusedError(
                f"the entry says nothing under `## {part.capitalize()}`: write what was seen, and what helped"
            )
    if long := next((part for part, text in parts.items() if len(text) > LONGEST), ""):
        raise RefusedError(f"`## {long.capitalize()}` has more than {LONGEST} characters: attach the rest to the case")
    if written.language not in locale.LANGUAGES:
        raise RefusedError(f"language {written.language} is not known: write one of {', '.join(locale.LANGUAGES)}")
    return Written(title=title, language=written.language, **parts)


def _clean(text: str) -> str:
    """Line ends and tabs stay, other control characters go."""
    return "".join(c for c in text.replace("\r\n", "\n") if c in "\n\t" or c.isprintable())


def as_candidate(entry: Faq) -> Candidate:
    said = entry.written
    kind = [locale.word(entry.signature.kind, language) for language in locale.LANGUAGES]
    text = "\n".join([said.title, said.symptom, said.cause, said.fix, said.prevention, *kind, entry.name])
    return Candidate(
        sort=Sort.FAQ,
        number=entry.number,
        title=said.title,
        signature=entry.signature,
        words=words.indexed(text),
        state=str(entry.state),
        at=entry.changed,
        answer=" ".join(said.fix.split())[:300],
        helped=entry.helped,
    )


# ---------------------------------------------------------------- on a case


def shown_entry(case: Case, hits: Iterable[Hit], now: datetime) -> Entry:
    """What is alike, as it stands in the timeline when it was found."""
    named = "; ".join(f"{hit.candidate.name} – {_short(hit.candidate.title)} [{hit.reason}]" for hit in hits)
    data = {"shown": ",".join(hit.candidate.name for hit in hits)}
    return Entry(case=case.number, at=now, action=Action.FAQ, text=f"seen before: {named}", data=data)


def _short(title: str) -> str:
    flat = " ".join(title.split()).replace(";", ",")
    return flat if len(flat) <= 80 else flat[:79] + "…"


def helped_entry(case: Case, entry: Faq, actor: str, now: datetime) -> Entry:
    text = f"FAQ entry {entry.name} helped: {entry.written.title}"
    return Entry(case=case.number, at=now, action=Action.FAQ, text=text, actor=actor, data={"helped": entry.name})


def written_entry(case: Case, entry: Faq, actor: str, now: datetime) -> Entry:
    text = f"FAQ entry {entry.name} was written from it: {entry.written.title}"
    return Entry(case=case.number, at=now, action=Action.FAQ, text=text, actor=actor, data={"wrote": entry.name})


def wanted(case: Case, log: Iterable[Entry], policies: Policies, known: Iterable[Hit]) -> str:
    """Why the engineer is asked to write an entry, a sentence; empty: not asked.

    Once a case: when a person closed it, its severity is one of which entries are wanted, and none that is published
    answers for its kind of fault.
    """
    lines = tuple(log)
    if case.state is not CaseState.CLOSED or str(case.severity) not in policies.faq_wanted or case.merged_into:
        return ""
    if case.kind is CaseKind.ON_CALL_GAP:  # of the duty roster there is nothing to learn
        return ""
    if any(entry.action is Action.FAQ and {"asked", "wrote", "helped"} & set(entry.data) for entry in lines):
        return ""
    if not any(entry.action is Action.STATE and entry.actor != US for entry in lines):
        return ""
    if any(hit.same >= NOTHING_KNOWN_BELOW and hit.candidate.state == FaqState.PUBLISHED for hit in known):
        return ""
    return f"nothing is written down of how {case.kind} is mended: netcase faq write {case.name}"


def asked_entry(case: Case, why: str, now: datetime) -> Entry:
    data = {"asked": case.assignee or "yes"}
    return Entry(case=case.number, at=now, action=Action.FAQ, text=why, data=data)
