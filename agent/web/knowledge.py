"""What was learned before, beside a case: what is like it, and which entries helped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.cases import similar
from agent.cases.case import Case, Entry
from agent.cases.faq import Faq
from agent.cases.similar import Hit, Sort
from agent.pipeline import learning
from agent.ports import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is like a case; `helped` are the numbers of the entries that helped on it."""

    faqs: tuple[Hit, ...]
    cases: tuple[Hit, ...]
    entries: Mapping[int, Faq]
    helped: frozenset[int]


def of_case(tx: Transaction, case: Case, log: Sequence[Entry]) -> Known:
    hits = learning.alike(tx, case, log)
    faqs = similar.best(hits, Sort.FAQ)
    entries = {hit.candidate.number: entry for hit in faqs if (entry := tx.faq(hit.candidate.number))}
    helped = frozenset(number for number, when in tx.faq_uses(case.number).items() if when)
    return Known(faqs=faqs, cases=similar.best(hits, Sort.CASE), entries=entries, helped=helped)
