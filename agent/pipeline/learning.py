"""What was learned before: each case is remembered by its words and its signature, is shown what is like it, and asks
for an FAQ entry when it is closed and nothing is known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from agent.cases import faq, signature, similar, words
from agent.cases.case import Action, Case, Entry
from agent.cases.faq import Faq, FaqState
from agent.cases.signature import Sameness, Signature
from agent.cases.similar import Candidate, Hit, Sort
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.notifications.news import News
from agent.observation import Tier
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket
from agent.ports import Transaction

WORTH_SHOWING = 3  # of each sort, in the timeline
MOST_MESSAGES = 500
MOST_COMPARED = 80


def sign(tx: Transaction, inventory: Inventory, case: Case) -> Signature:
    """The signature of a case, from all that is known of its device now."""
    name = case.subject.device
    if not name:
        return signature.of(case, None, (), ())
    batch = tx.latest(name, Tier.IDENTITY)
    start, end = signature.around(case)
    events = tx.events(start=start, end=end, device=name, limit=MOST_MESSAGES)
    return signature.of(case, inventory.devices.get(name), batch.observations if batch else (), events)


def signed(tx: Transaction, case: Case) -> Signature:
    """The signature by which the case was last remembered."""
    known = tx.remembered(Sort.CASE, case.number)
    return known.signature if known else signature.of(case, None, (), ())


def alike(tx: Transaction, case: Case, log: Sequence[Entry]) -> tuple[Hit, ...]:
    """Past cases and published FAQ entries that are like the case, the best first."""
    return _alike(tx, case, signed(tx, case), log)


def search(tx: Transaction, text: str, *sorts: Sort) -> tuple[Hit, ...]:
    """What has these words, the best first; retired entries and drafts too: who looks for them shall find them."""
    asked = words.asked(text)
    return similar.rank(None, asked, [each for each in tx.candidates(None, asked) if each.sort in (sorts or Sort)])


def _alike(tx: Transaction, case: Case, own: Signature, log: Sequence[Entry]) -> tuple[Hit, ...]:
    asked = similar.question(case, log)
    candidates = [
        each
        for each in tx.candidates(own, asked, MOST_COMPARED)
        if not (each.sort is Sort.CASE and each.number in {case.number, case.merged_into, case.parent})
        and not (each.sort is Sort.FAQ and each.state != FaqState.PUBLISHED)
    ]
    return similar.rank(own, asked, candidates)


def learn(desk: Desk, docket: Docket) -> datetime | None:
    """An attendant: remembers the case as it is now; shows, once, what is like it; asks, once, for an entry.

    Thousands of cases may be looked at in a storm: what was found out and has not changed is not looked for again.
    """
    case, log = docket.case, docket.log
    known = desk.tx.remembered(Sort.CASE, case.number)
    now_signed = _signed_now(desk, case, known)
    if known is None or _as(case, log, now_signed) != (known.lines, known.state, known.title, known.signature):
        desk.tx.remember(similar.of_case(case, now_signed, log))
    if case.closed is not None:
        _ask(desk, case, log, now_signed)
    elif (known is None or known.signature != now_signed) and not _is_shown(log):
        _show(desk, case, _alike(desk.tx, case, now_signed, log))
    return None


def _as(case: Case, log: Sequence[Entry], signed: Signature) -> tuple[int, str, str, Signature]:
    return len(log), str(case.state), similar.title(case), signed


def _is_shown(log: Sequence[Entry]) -> bool:
    return any(entry.action is Action.FAQ and "shown" in entry.data for entry in log)


def _signed_now(desk: Desk, case: Case, known: Candidate | None) -> Signature:
    if known is None or not known.signature.family or desk.now <= signature.around(case)[1]:
        return sign(desk.tx, desk.inventory, case)
    same = (known.signature.kind, known.title) == (str(case.kind), similar.title(case))
    return known.signature if same else sign(desk.tx, desk.inventory, case)


def _show(desk: Desk, case: Case, hits: Sequence[Hit]) -> None:
    """What is alike enough to be read by somebody in a hurry."""
    known = [hit for hit in similar.best(hits, Sort.FAQ, WORTH_SHOWING) if _tells(hit)]
    past = [hit for hit in similar.best(hits, Sort.CASE, WORTH_SHOWING) if _tells(hit) and hit.candidate.answer]
    if known or past:
        desk.tx.faq_shown(case.number, [hit.candidate.number for hit in known], desk.now)
        desk.tx.log([faq.shown_entry(case, [*known, *past], desk.now)])
    if known:
        said = (f"{hit.candidate.name} {hit.candidate.title}: {hit.candidate.answer}" for hit in known)
        facts = tuple((N_("Seen before"), text) for text in said)
        desk.tell(case, replace(_SEEN, facts=facts), desk.engineer(case))


def _tells(hit: Hit) -> bool:
    """The same kind of box, or what was said in words."""
    return hit.same >= Sameness.VENDOR or (hit.same <= Sameness.KIND and hit.found >= 2)


def _ask(desk: Desk, case: Case, log: Sequence[Entry], signed: Signature) -> None:
    """Only where it would be asked if nothing were known is it looked up what is."""
    policies = desk.inventory.policies
    if not faq.wanted(case, log, policies, ()):
        return
    why = faq.wanted(case, log, policies, _alike(desk.tx, case, signed, log))
    if not why:
        return
    desk.tx.log([faq.asked_entry(case, why, desk.now)])
    if case.assignee:
        desk.tell(case, _WANTED, desk.engineer(case))


_SEEN = News(
    occasion="seen_before",
    headline=N_("Seen before: what helped on others like case {name}"),
    closing=N_("When an entry helps, say so: netcase case helped {name} FAQ-…"),
)
_WANTED = News(
    occasion="faq_wanted",
    headline=N_("What was learned? Case {name}"),
    closing=N_(
        "Nothing is written down yet of how this is mended. Please write it down, so that the next one of its kind "
        "need not be solved twice: netcase faq write {name}"
    ),
)


# ---------------------------------------------------------------- what people do with entries


def keep(tx: Transaction, entry: Faq, note: str) -> Faq:
    """An entry as it is from now on, found by its words."""
    kept = tx.save_faq(entry, note)
    tx.remember(faq.as_candidate(kept))
    return kept


def helped(tx: Transaction, case: Case, entry: Faq, actor: str, now: datetime) -> bool:
    """Counted once a case; whether it is new."""
    if not tx.faq_helped(case.number, entry.number, now, actor):
        return False
    tx.log([faq.helped_entry(case, entry, actor, now)])
    return True
