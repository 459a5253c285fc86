"""What customers are asked and answer: one survey a closed case, as the case's log tells it."""

from datetime import datetime
from typing import Protocol

from agent.cases.survey import Survey


class Answers(Protocol):
    """A part of `ports.Transaction`."""

    def save_survey(self, survey: Survey) -> None:
        """Insert or update by case."""

    def survey(self, case: int) -> Survey | None: ...
    def surveys(self, start: datetime, end: datetime) -> tuple[Survey, ...]:
        """Those of cases that were asked about before `end` and may have been answered, or called back about, from
        `start` on; those that still owe a call as well. Oldest first."""
