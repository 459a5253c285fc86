"""What time alone does to a case: clocks that run out, somebody who has to be told, somebody who owes an answer.

Each attendant looks at one side of a case, does what is due now, and returns when it wants to look again. A case is
looked at when the earliest of these times has come, or when anything was saved or written about it.
"""

from collections.abc import Callable
from datetime import datetime

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
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket
from agent.ports import Transaction

Attendant = Callable[[Desk, Docket], datetime | None]
"""Returns when to look again; None: time alone changes nothing more."""

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


def attend(tx: Transaction, inventory: Inventory, now: datetime, links: Links | None = None) -> int:
    """Looks at every case whose time has come; returns how many."""
    cases = tx.to_attend(now)
    for case in cases:
        desk = Desk(tx, inventory, now, links)
        again = [when for look in ATTENDANTS if (when := look(desk, _docket(tx, case.number))) is not None]
        tx.attend(case.number, min(again, default=FOREVER))
    return len(cases)


def _docket(tx: Transaction, number: int) -> Docket:
    """Read anew for each: the one before may have written."""
    case = tx.case(number)
    assert case is not None  # noqa: S101 - it was there a moment ago, in this transaction
    return Docket(case, tx.timeline(number))
