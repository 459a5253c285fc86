"""What the customer of a case was asked and said: the fix, planned changes, the survey, the call-back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.cases import confirmation, consent, survey
from agent.cases.case import Case, Entry
from agent.cases.confirmation import Given
from agent.cases.consent import Change
from agent.cases.survey import QUESTIONS, Survey


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`missing`: why a planned change may not be made yet; empty: nothing stands in the way."""

    asked: datetime | None
    given: Given | None
    changes: tuple[Change, ...]
    missing: str
    survey: Survey

    @property
    def any(self) -> bool:
        return bool(self.asked or self.given or self.changes or self.survey.standing != survey.Standing.NOT_ASKED)

    @property
    def scores(self) -> list[tuple[str, int]]:
        """A question's msgid, and the answer to it."""
        return [(QUESTIONS[topic], score) for topic, score in self.survey.scores.items()]


def of(case: Case, log: Sequence[Entry], now: datetime) -> Standing:
    return Standing(
        asked=confirmation.asked(case, log),
        given=confirmation.given(log, confirmation.mark(case)),
        changes=consent.changes(log, now),
        missing=consent.missing(case, log, now),
        survey=survey.of(case, log, now),
    )
