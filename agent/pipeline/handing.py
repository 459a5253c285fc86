"""Handing a case over to a vendor and taking it back, in the caller's transaction."""

from datetime import datetime

from agent.cases import moves, vendor
from agent.cases.case import Case, CaseState
from agent.cases.vendor import Handover
from agent.errors import CollisionError, RefusedError
from agent.inventory.vendors import Vendor
from agent.pipeline.desk import Desk


def vendor_of(desk: Desk, name: str) -> Vendor:
    """By its short name; without one the only vendor that there is. Raises RefusedError."""
    known = desk.inventory.vendors
    if not name and len(known) == 1:
        return next(iter(known.values()))
    if name not in known:
        names = ", ".join(sorted(known)[:12]) or "none: write one under vendors: in the inventory first"
        what = f"no vendor is called {name}" if name else "say which vendor, with --vendor"
        raise RefusedError(f"{what}: write one of {names}")
    return known[name]


def holding(desk: Desk, case: Case) -> Handover:
    """The vendor that has the case now. Raises RefusedError."""
    found = desk.tx.handovers(case.number, only_open=True)
    if not found:
        raise RefusedError(f"{case.name} is in no vendor's hands: netcase case vendor open {case.name}")
    return found[-1]


def open_(
    desk: Desk,
    case: Case,
    name: str,
    actor: str,
    *,
    reference: str = "",
    severity: str = "",
    contact: str = "",
    due: datetime | None = None,
) -> Handover:
    to = vendor_of(desk, name)
    handover, entry = vendor.opened(
        case, to, actor, desk.now, reference=reference, severity=severity, contact=contact, due=due
    )
    try:
        handover = desk.tx.save_handover(handover)
    except CollisionError as error:
        has = desk.tx.handovers(case.number, only_open=True)
        raise RefusedError(f"{case.name} is in the hands of {has[-1].vendor if has else 'a vendor'} already") from error
    if case.state is CaseState.WITH_VENDOR:
        desk.tx.log([entry])
    else:
        moved, state = moves.move(
            case, CaseState.WITH_VENDOR, actor, f"in the hands of {to.title or to.name}", desk.now
        )
        desk.keep(moved, state, entry)
    return handover


def update(
    desk: Desk,
    case: Case,
    text: str,
    actor: str,
    *,
    reference: str = "",
    severity: str = "",
    contact: str = "",
    due: datetime | None = None,
) -> Handover:
    before = holding(desk, case)
    to = desk.inventory.vendors.get(before.vendor) or Vendor(name=before.vendor)
    after, entry = vendor.updated(
        before,
        to,
        case.severity,
        text,
        actor,
        desk.now,
        reference=reference,
        severity=severity,
        contact=contact,
        due=due,
    )
    desk.tx.save_handover(after)
    desk.tx.log([entry])
    return after


def close(desk: Desk, case: Case, text: str, actor: str) -> Handover:
    """Work on the case goes on with us."""
    after, entry = vendor.closed(holding(desk, case), text, actor, desk.now)
    desk.tx.save_handover(after)
    if case.state is CaseState.WITH_VENDOR:
        moved, state = moves.move(case, CaseState.IN_PROGRESS, actor, "back from the vendor", desk.now)
        desk.keep(moved, entry, state)
    else:
        desk.tx.log([entry])
    return after
