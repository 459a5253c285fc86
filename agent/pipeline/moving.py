"""What a person does to a case and to the cases around it, in the caller's transaction; every refusal says why."""

from datetime import datetime

from agent.cases import closing, consent, moves, relations
from agent.cases.case import Case, CaseState, Entry
from agent.cases.relations import Relation, Sort
from agent.errors import RefusedError, UsageError
from agent.observation import Subject
from agent.ports import Transaction

MOST_ABOVE = 100  # parents of parents


def known(tx: Transaction, number: int) -> Case:
    if (case := tx.case(number)) is None:
        raise UsageError(f"there is no case NC-{number:06d}: `netcase cases` lists them")
    return case


def move(tx: Transaction, number: int, to: CaseState, actor: str, reason: str, now: datetime) -> Case:
    case = known(tx, number)
    moved, entry = moves.move(case, to, actor, reason, now)
    if to in relations.OVER and (why := relations.unfinished(case, tx.children(number))):
        raise RefusedError(why)
    if why := consent.held(case, to, tx.timeline(number), now):
        raise RefusedError(why)
    return _keep(tx, moved, entry)


def link(tx: Transaction, one: int, other: int, actor: str, reason: str, now: datetime) -> bool:
    """False when they are linked already."""
    relation, entries = relations.link(known(tx, one), known(tx, other), actor, reason, now)
    if not tx.relate(relation):
        return False
    tx.log(entries)
    return True


def adopt(tx: Transaction, child: int, parent: int, actor: str, reason: str, now: datetime) -> Case:
    """The child, which is a part of the parent from now on and of no other case any more."""
    case = known(tx, child)
    entries = relations.adopt(case, known(tx, parent), _above(tx, parent), actor, reason, now)
    return _keep(tx, relations.part_of(case, parent, now), *entries)


def let_go(tx: Transaction, child: int, actor: str, reason: str, now: datetime) -> Case:
    case = known(tx, child)
    if not case.parent:
        raise RefusedError(f"{case.name} is no part of another case")
    entries = relations.let_go(case, known(tx, case.parent), actor, reason, now)
    return _keep(tx, relations.part_of(case, 0, now), *entries)


def merge(tx: Transaction, number: int, into: int, actor: str, reason: str, now: datetime) -> Case:
    """The case that goes on; it has the faults, the parts and the duplicates of the other from now on."""
    case, log = known(tx, number), tx.timeline(number)
    over, entries = relations.merge(case, known(tx, into), actor, reason, now)
    if why := consent.missing(case, log, now):  # the other case would do without it what this one may not
        raise RefusedError(why)
    tx.save_case(over)
    inherit(tx, number, into, now)
    goes_on = known(tx, into)
    if goes_on.state is CaseState.MONITORING and any(fault.active for fault in tx.faults(case=into)):
        _keep(tx, *closing.relapse(goes_on, now))
    tx.relate(Relation(case=into, other=number, sort=Sort.DUPLICATE, at=now, actor=actor, reason=reason))
    tx.log(entries)
    return known(tx, into)


def inherit(tx: Transaction, number: int, into: int, now: datetime) -> None:
    """The faults, the parts and the duplicates of a case that ends are the other's from now on."""
    above = {into, *_above(tx, into)}  # of these one may be a part of the case that ends, and none a part of itself
    for child in tx.children(number):
        tx.save_case(relations.part_of(child, 0 if child.number in above else into, now))
    tx.take_over(number, into)


def split(
    tx: Transaction, number: int, key: str, title: str, subject: Subject | None, actor: str, now: datetime
) -> Case:
    """The part, a case of its own from now on. `key` is one that nothing else has."""
    case = known(tx, number)
    part = tx.open_case(relations.split(case, key, title, subject, actor, now))
    tx.log(relations.split_entries(case, part, actor, now))
    return part


def _above(tx: Transaction, number: int) -> set[int]:
    found: set[int] = set()
    while number and len(found) < MOST_ABOVE:
        case = tx.case(number)
        number = case.parent if case else 0
        found.add(number)
    return found - {0}


def _keep(tx: Transaction, case: Case, *entries: Entry) -> Case:
    tx.save_case(case)
    tx.log(entries)
    return case
