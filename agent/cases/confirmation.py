"""Whether the customer says that the fix works: asked once of every resolution, answered once.

The log decides. Each resolution has a mark, so that the answer to an earlier one says nothing of a later one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from agent.cases.case import Action, Case, CaseState, Entry
from agent.cases.intake import flat
from agent.errors import RefusedError

LONGEST_WORDS = 2000  # characters of what a customer writes
CUSTOMER = "customer"  # Entry.data["side"] of what they did themselves, which is no act of ours


class Answer(StrEnum):
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class How(StrEnum):
    """How an answer came."""

    LINK = "link"
    MAIL = "mail"
    PHONE = "phone"
    PAPER = "paper"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer as the log tells it."""

    answer: Answer
    at: datetime
    by: str
    how: str
    words: str


def mark(case: Case) -> str:
    """Which resolution; empty while there is none."""
    return f"{case.resolved:%Y%m%dT%H%M%S}" if case.resolved else ""


def asked(case: Case, log: Iterable[Entry]) -> datetime | None:
    """When the customer was asked of this resolution."""
    return next((e.at for e in _about(log, mark(case)) if e.data.get("what") == "asked"), None)


def given(log: Iterable[Entry], of: str) -> Given | None:
    """The answer to the resolution of that mark, be it the case's last or not."""
    found = next((e for e in _about(log, of) if e.data.get("what") in set(Answer)), None)
    if found is None:
        return None
    told = found.data
    return Given(answer=Answer(told["what"]), at=found.at, by=told["by"], how=told["how"], words=told.get("words", ""))


def _about(log: Iterable[Entry], of: str) -> list[Entry]:
    return [e for e in log if of and e.action is Action.CUSTOMER and e.data.get("resolution") == of]


def ask(case: Case, whom: str, now: datetime) -> Entry:
    data = {"what": "asked", "resolution": mark(case)}
    text = f"asked to confirm the fix: {whom}" if whom else "nobody can be asked to confirm the fix: no contact"
    return Entry(case=case.number, at=now, action=Action.CUSTOMER, text=text, data=data)


def answer(
    case: Case, log: Iterable[Entry], said: Answer, by: str, words: str, how: How, now: datetime, recorded: str = ""
) -> Entry:
    """Raises RefusedError where nothing is asked, or it was answered. `recorded`: by whom of ours, for the customer."""
    if not case.resolved:
        raise RefusedError(f"{case.name} is not resolved: there is no fix to confirm or to reject yet")
    if before := given(log, mark(case)):
        raise RefusedError(
            f"the fix was {before.answer} already, by {before.by} at {before.at:%Y-%m-%d %H:%M} UTC: an answer stays "
            "as it is"
        )
    if said is Answer.REJECTED and not words.strip():
        raise RefusedError("say what does not work: an engineer has to know where to look")
    verb = "confirmed the fix" if said is Answer.CONFIRMED else "rejected the fix"
    data = {"what": str(said), "resolution": mark(case), "by": by, "how": str(how), "words": words}
    data["side"] = "" if recorded else CUSTOMER
    text = f"{by} {verb}" + (f": {flat(words, 500)}" if words else "")
    return Entry(case=case.number, at=now, action=Action.CUSTOMER, text=text, actor=recorded or by, data=data)


def reopened(case: Case, by: str, now: datetime) -> tuple[Case, Entry]:
    """A rejected fix is none: whoever worked on it goes on. For a case that nobody closed.

    What recovered by itself stays known as such: it is no reason to resolve the case a second time.
    """
    state = CaseState.IN_PROGRESS if case.assignee else CaseState.NEW
    again = replace(case, state=state, live=True, resolved=None, updated=now, reopened=case.reopened + 1)
    data = {"from": str(case.state), "to": str(state)}
    return again, Entry(case=case.number, at=now, action=Action.STATE, text=f"{by} rejected the fix", data=data)
