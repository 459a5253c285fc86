"""What customers are asked and answer: one survey a closed case."""

from datetime import datetime

from sqlalchemy import and_, or_, select

from agent.cases.survey import Survey
from agent.storage import tables
from agent.storage.part import Part, columns_of, made_of

_s = tables.answers.surveys


class Answers(Part):
    """A part of a transaction."""

    def save_survey(self, survey: Survey) -> None:
        """Insert or update by case."""
        self.durable = True
        self._upsert(_s, [columns_of(survey)])

    def survey(self, case: int) -> Survey | None:
        row = self._connection.execute(select(_s).where(_s.c.case_number == case)).first()
        return made_of(Survey, row) if row else None

    def surveys(self, start: datetime, end: datetime) -> tuple[Survey, ...]:
        """Those of cases that were asked about before `end` and may have been answered, or called back about, from
        `start` on; those that still owe a call as well. Oldest first."""
        c = _s.c
        owed = and_(c.call_back.is_not(None), c.called_back.is_(None))
        recent = or_(c.until >= start, c.answered >= start, c.called_back >= start, owed)
        known = or_(c.asked < end, and_(c.asked.is_(None), c.answered < end))
        query = select(_s).where(known, recent).order_by(c.case_number)
        return tuple(made_of(Survey, row) for row in self._connection.execute(query))
