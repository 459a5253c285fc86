"""Reads the ledgers of a period's cases."""

from agent.cases import ledger
from agent.cases.ledger import Ledger
from agent.faults.availability import Span
from agent.ports import Transaction

_MOST = 10_000  # cases


def read(tx: Transaction, period: Span, customer: str | None = None) -> tuple[Ledger, ...]:
    """Of the cases that were opened in the period, newest first."""
    cases = tx.cases(start=period.start, end=period.end, customer=customer, limit=_MOST)
    fresh = (case for case in cases if case.opened >= period.start)
    return tuple(ledger.of(case, tx.faults(case=case.number), tx.timeline(case.number)) for case in fresh)
