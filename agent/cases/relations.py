"""Cases that have to do with each other: parts of one trouble, the same trouble twice, two worth reading together.

A case may be a part of one other (its parent); a duplicate is merged into the case that goes on, with its faults; any
two may be linked. A case is split when a part of its work needs a record of its own: the part is its child.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from agent.cases.case import Action, Case, CaseKind, CaseState, Entry, Origin
from agent.errors import RefusedError
from agent.observation import Subject

OVER = frozenset({CaseState.RESOLVED, CaseState.CLOSED})


class Sort(StrEnum):
    RELATED = "related"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Two cases that a person linked, `case` the older of them; or `other`, a duplicate, merged into `case`."""

    case: int
    other: int
    sort: Sort = Sort.RELATED
    at: datetime
    actor: str
    reason: str = ""


def link(one: Case, other: Case, actor: str, reason: str, now: datetime) -> tuple[Relation, list[Entry]]:
    _different(one, other, "linked to")
    first, second = sorted((one, other), key=lambda case: case.number)
    relation = Relation(case=first.number, other=second.number, at=now, actor=actor, reason=reason)
    more = f": {reason}" if reason else ""
    return relation, [
        _entry(a, f"linked to {b.name}{more}", b, "related", actor, now) for a, b in ((one, other), (other, one))
    ]


def adopt(child: Case, parent: Case, above: Collection[int], actor: str, reason: str, now: datetime) -> list[Entry]:
    """`above` are the numbers of the parent's own parents, so that nothing becomes a part of itself."""
    _different(child, parent, "a part of")
    if child.number in above:
        raise RefusedError(f"{parent.name} is a part of {child.name} already: it cannot be the other way round as well")
    if child.parent == parent.number:
        raise RefusedError(f"{child.name} is a part of {parent.name} already")
    if parent.state is CaseState.CLOSED or parent.merged_into:
        raise RefusedError(f"{parent.name} is over: nothing becomes a part of it any more")
    more = f": {reason}" if reason else ""
    return [
        _entry(child, f"a part of {parent.name} now{more}", parent, "parent", actor, now),
        _entry(parent, f"{child.name} is a part of it now{more}", child, "child", actor, now),
    ]


def let_go(child: Case, parent: Case, actor: str, reason: str, now: datetime) -> list[Entry]:
    if child.parent != parent.number:
        raise RefusedError(f"{child.name} is no part of {parent.name}")
    more = f": {reason}" if reason else ""
    return [
        _entry(child, f"no part of {parent.name} any more{more}", parent, "unparent", actor, now),
        _entry(parent, f"{child.name} is no part of it any more{more}", child, "unchild", actor, now),
    ]


def part_of(child: Case, parent: int, now: datetime) -> Case:
    """`parent` 0: of no case."""
    return replace(child, parent=parent, updated=now)


def unfinished(parent: Case, children: Iterable[Case]) -> str:
    """Why a case cannot be resolved or closed yet; empty: no part of it is open."""
    names = [child.name for child in children if child.state not in OVER]
    if not names:
        return ""
    verb = "is a part" if len(names) == 1 else "are parts"
    return f"{', '.join(names)} {verb} of {parent.name} and not resolved: do that first, or `netcase case unpart`"


def merge(case: Case, into: Case, actor: str, reason: str, now: datetime) -> tuple[Case, list[Entry]]:
    """The duplicate ends; the other takes its place, and from now on its faults."""
    _different(case, into, "merged into")
    if into.merged_into:
        raise RefusedError(f"{into.name} was merged itself: merge into NC-{into.merged_into:06d}")
    if case.merged_into:
        raise RefusedError(f"{case.name} was merged into NC-{case.merged_into:06d} already")
    for each in (case, into):
        if each.state is CaseState.CLOSED:
            raise RefusedError(f"{each.name} is closed: link the two instead")
    if into.state is CaseState.RESOLVED and case.state is not CaseState.RESOLVED:
        raise RefusedError(f"{into.name} is resolved and {case.name} is not: reopen {into.name} first")
    if case.customer and into.customer and case.customer != into.customer:
        raise RefusedError(
            f"{case.name} is {case.customer}'s and {into.name} is {into.customer}'s: customers would read of each other"
        )
    if not reason.strip():
        raise RefusedError(f'say why {case.name} is the same trouble as {into.name}: -m "…"')
    over = replace(
        case, state=CaseState.RESOLVED, resolved=now, updated=now, live=False, merged_into=into.number, parent=0
    )
    data = {"from": str(case.state), "to": str(CaseState.RESOLVED), "into": into.name}
    text = f"merged into {into.name}, which goes on: {reason}"
    return over, [
        Entry(case=case.number, at=now, action=Action.STATE, text=text, actor=actor, data=data),
        _entry(into, f"{case.name} was merged into it: {reason}", case, "merged", actor, now),
    ]


def split(case: Case, key: str, title: str, subject: Subject | None, actor: str, now: datetime) -> Case:
    """A part of the work as a case of its own, not stored yet: of the same customer, contract and severity."""
    if case.state is CaseState.CLOSED or case.merged_into:
        raise RefusedError(f"{case.name} is over: open a new case and link the two")
    if not title.strip():
        raise RefusedError('say what the new case is about: --title "…"')
    return Case(
        problem=f"{CaseKind.REPORTED}|{key}",
        kind=CaseKind.REPORTED,
        subject=subject or case.subject,
        severity=case.severity,
        state=CaseState.NEW,
        opened=now,
        updated=now,
        root="",
        customer=case.customer,
        site=case.site,
        contract=case.contract,
        contract_status=case.contract_status,
        origin=Origin.HOTLINE,
        title=title,
        reporter=actor,
        parent=case.number,
        began=now,
    )


def split_entries(case: Case, part: Case, actor: str, now: datetime) -> list[Entry]:
    data, text = {"reason": part.title}, f"split off {case.name}: {part.title}"
    return [
        Entry(case=part.number, at=now, action=Action.OPENED, text=text, actor=actor, data=data),
        _entry(case, f"{part.name} was split off: {part.title}", part, "child", actor, now),
    ]


def _different(one: Case, other: Case, what: str) -> None:
    if one.number == other.number:
        raise RefusedError(f"{one.name} cannot be {what} itself")


def _entry(case: Case, text: str, other: Case, relation: str, actor: str, now: datetime) -> Entry:
    data = {"other": other.name, "relation": relation}
    return Entry(case=case.number, at=now, action=Action.LINKED, text=text, actor=actor, data=data)
