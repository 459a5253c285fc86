"""What time alone does to a case: clocks that run out, somebody who has to be told, somebody who owes an answer.

Each attendant looks at one side of a case, does what is due now, and returns when it wants to look again. A case is
looked at when the earliest of these times has come, or when anything was saved or written about it. What one attendant
fails at is undone, the others and the other cases go on, and the case is looked at again soon.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from agent.cases.case import Case
from agent.cases.links import Links
from agent.inventory.inventory import Inventory
from agent.inventory.windows import FOREVER
from agent.pipeline import (
    clocks,
    consenting,
    customer,
    escalating,
    learning,
    mirroring,
    proving,
    rma,
    surveying,
    vendor,
)
from agent.pipeline.apart import Apart
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket
from agent.ports import Transaction

Attendant = Callable[[Desk, Docket], datetime | None]
"""Returns when to look again; None: time alone changes nothing more."""
AT_ONCE = 100  # each takes some 20 ms, and polls wait for the same thread; the rest has its turn a moment later
AFTER_AN_ERROR = timedelta(minutes=1)

ATTENDANTS: tuple[Attendant, ...] = (
    clocks.tell,
    escalating.escalate,
    learning.learn,
    proving.attend,
    vendor.attend,
    rma.attend,
    customer.attend,
    consenting.attend,
    surveying.attend,
    mirroring.visit,
)


def attend(tx: Transaction, inventory: Inventory, now: datetime, links: Links | None = None) -> list[Exception]:
    """Looks at the cases whose time has come, so many of them at once; returns what went wrong."""
    one = Apart(tx)
    for case in tx.to_attend(now, AT_ONCE):
        desk = Desk(tx, inventory, now, links)
        when = [_look(one, look, desk, case) for look in ATTENDANTS]
        tx.attend(case.number, min((at for at in when if at is not None), default=FOREVER))
    return one.troubles


def _look(one: Apart, look: Attendant, desk: Desk, case: Case) -> datetime | None:
    again: datetime | None = desk.now + AFTER_AN_ERROR
    return one.do(f"{case.name}: {look.__module__}", lambda: look(desk, _docket(desk.tx, case.number)), again)


def _docket(tx: Transaction, number: int) -> Docket:
    """Read anew for each: the one before may have written."""
    case = tx.case(number)
    assert case is not None  # noqa: S101 - it was there a moment ago, in this transaction
    return Docket(case, tx.timeline(number))
