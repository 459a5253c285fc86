"""What was done about a case: its timeline, the decisions, the rows of its evidence."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, insert, select, update

from agent.cases.case import Decision, Entry, Evidence, EvidenceState
from agent.storage import tables
from agent.storage.part import Part, columns_of, made_of

_NOTHING_READ = (EvidenceState.REFUSED, EvidenceState.FAILED)


class Record(Part):
    def log(self, entries: Iterable[Entry]) -> None:
        rows = [columns_of(entry) for entry in entries]
        if rows:
            self.durable = True
            self._connection.execute(insert(tables.entries), rows)
            told = sorted({row["case_number"] for row in rows})
            self._connection.execute(update(tables.cases).where(tables.cases.c.number.in_(told)).values(attend=None))

    def timeline(self, case: int) -> tuple[Entry, ...]:
        """Oldest first; those of one time in the order in which they were written."""
        t = tables.entries.c
        query = select(tables.entries).where(t.case_number == case).order_by(t.at, t.id)
        return tuple(made_of(Entry, row) for row in self._connection.execute(query))

    def record(self, decisions: Iterable[Decision]) -> None:
        rows = [columns_of(decision) for decision in decisions]
        if rows:
            self.durable = True
            self._connection.execute(insert(tables.decisions), rows)

    def decisions(self, about: str, limit: int = 100) -> tuple[Decision, ...]:
        """Newest first."""
        t = tables.decisions.c
        query = select(tables.decisions).where(t.about == about).order_by(t.at.desc(), t.id.desc()).limit(limit)
        return tuple(
            made_of(Decision, row, reasons=tuple(row.reasons), would_change=tuple(row.would_change))
            for row in self._connection.execute(query)
        )

    def save_evidence(self, evidence: Evidence) -> Evidence:
        """Insert (id 0) or update; returns it with its id."""
        self.durable = True
        row = columns_of(evidence, but=["id"])
        if evidence.id:
            self._connection.execute(update(tables.evidence).where(tables.evidence.c.id == evidence.id).values(row))
            return evidence
        key = self._connection.execute(insert(tables.evidence), row).inserted_primary_key
        assert key is not None  # noqa: S101 - the driver's promise for a table with a serial key
        return replace(evidence, id=key[0])

    def evidence(self, case: int) -> tuple[Evidence, ...]:
        """In the order in which it was asked for."""
        t = tables.evidence.c
        query = select(tables.evidence).where(t.case_number == case).order_by(t.id)
        return tuple(made_of(Evidence, row) for row in self._connection.execute(query))

    def last_collected(self, device: str, tier: str) -> datetime | None:
        """When evidence of that tier was last queued or collected for the device.

        What was refused, or failed before the device had anything to do, does not count.
        """
        t = tables.evidence.c
        query = select(func.max(t.at)).where(t.device == device, t.tier == tier, t.state.not_in(_NOTHING_READ))
        return self._connection.execute(query).scalar()
