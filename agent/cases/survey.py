"""What the customer thinks of a closed case: four questions, 1 to 5, and none has a default answer.

A score under the policy's limit obliges the technical manager to call the customer back. The log decides; the store
keeps what is gathered once a week.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from agent.cases.case import Action, Case, CaseState, Entry
from agent.cases.confirmation import CUSTOMER, How
from agent.cases.intake import flat
from agent.errors import RefusedError
from agent.inventory.policies import Survey as Policy
from agent.locale import N_

LOWEST, HIGHEST = 1, 5


class Topic(StrEnum):
    RESPONSE = "response"
    SKILL = "skill"
    ATTITUDE = "attitude"
    RESULT = "result"


QUESTIONS: Mapping[Topic, str] = {
    Topic.RESPONSE: N_("How quickly did we respond?"),
    Topic.SKILL: N_("How skilled was the engineer?"),
    Topic.ATTITUDE: N_("How was the engineer's attitude?"),
    Topic.RESULT: N_("How satisfied are you with the result?"),
}


class Standing(StrEnum):
    NOT_ASKED = "unasked"
    ASKED = "asked"
    SKIPPED = "skipped"  # nobody is asked; the log says why
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """One case's. `call_back`: by when somebody has to have called; None: nobody has to."""

    case: int
    customer: str = ""
    engineer: str = ""
    standing: Standing = Standing.NOT_ASKED
    asked: datetime | None = None
    until: datetime | None = None
    reminded: datetime | None = None
    answered: datetime | None = None
    by: str = ""
    how: str = ""
    response: int | None = None
    skill: int | None = None
    attitude: int | None = None
    result: int | None = None
    comment: str = ""
    call_back: datetime | None = None
    called_back: datetime | None = None
    called_by: str = ""
    said: str = ""  # what came out of the call

    @property
    def scores(self) -> dict[Topic, int]:
        found = {topic: getattr(self, topic) for topic in Topic}
        return {topic: score for topic, score in found.items() if score is not None}

    @property
    def lowest(self) -> int | None:
        return min(self.scores.values(), default=None)

    @property
    def owes_call(self) -> bool:
        return self.call_back is not None and self.called_back is None


def of(case: Case, log: Iterable[Entry], now: datetime) -> Survey:
    """As the log tells it; the first answer stands."""
    found = Survey(case=case.number, customer=case.customer, engineer=case.assignee)
    for entry in log:
        if entry.action is Action.SURVEY:
            found = _after(found, entry)
    if found.standing is Standing.ASKED and found.until and now >= found.until:
        return replace(found, standing=Standing.NO_ANSWER)
    return found


def _after(found: Survey, entry: Entry) -> Survey:
    told, what = entry.data, entry.data.get("what")
    if what == "asked" and found.asked is None:
        return replace(found, standing=Standing.ASKED, asked=entry.at, until=datetime.fromisoformat(told["until"]))
    if what == "skipped":
        return replace(found, standing=Standing.SKIPPED)
    if what == "reminded":
        return replace(found, reminded=entry.at)
    if what == "answered" and found.answered is None:
        due = datetime.fromisoformat(told["call_back"]) if told.get("call_back") else None
        return replace(
            found,
            standing=Standing.ANSWERED,
            answered=entry.at,
            by=told["by"],
            how=told["how"],
            comment=told.get("comment", ""),
            call_back=due,
            response=int(told["response"]),
            skill=int(told["skill"]),
            attitude=int(told["attitude"]),
            result=int(told["result"]),
        )
    if what == "called_back" and found.called_back is None:
        return replace(found, called_back=entry.at, called_by=entry.actor, said=told["said"])
    return found


def reason_to_skip(case: Case, policy: Policy, now: datetime, *, contact: bool) -> str:
    """Why nobody is asked, as a sentence; empty: somebody is."""
    if not policy.send:
        return "no survey: the inventory switches it off"
    if case.merged_into:
        return f"no survey: merged into NC-{case.merged_into:06d}, which is asked about"
    if not case.customer:
        return "no survey: the case is no customer's"
    if case.closed is None or now - case.closed > policy.last:
        return "no survey: it was closed too long ago"
    return "" if contact else "no survey: the customer has no contact who could be asked"


# ---------------------------------------------------------------- what is written into the log


def skip(case: Case, reason: str, now: datetime) -> Entry:
    return Entry(case=case.number, at=now, action=Action.SURVEY, text=reason, data={"what": "skipped"})


def ask(case: Case, whom: str, policy: Policy, now: datetime) -> Entry:
    data = {"what": "asked", "until": (now + policy.last).isoformat()}
    return Entry(case=case.number, at=now, action=Action.SURVEY, text=f"survey sent to {whom}", data=data)


def remind(case: Case, whom: str, now: datetime) -> Entry:
    text = f"reminded of the survey: {whom}"
    return Entry(case=case.number, at=now, action=Action.SURVEY, text=text, data={"what": "reminded"})


def scores(given: Mapping[str, str]) -> dict[Topic, int]:
    """Raises RefusedError for a question that was not answered, and for what is no answer."""
    found = {}
    for topic in Topic:
        text = given.get(topic, "")
        if text not in {str(score) for score in range(LOWEST, HIGHEST + 1)}:
            raise RefusedError(f"every question wants an answer from {LOWEST} to {HIGHEST}: {topic} has none")
        found[topic] = int(text)
    return found


def answer(
    case: Case,
    found: Survey,
    given: Mapping[Topic, int],
    by: str,
    comment: str,
    how: How,
    policy: Policy,
    now: datetime,
    recorded: str = "",
) -> Entry:
    """Raises RefusedError. `recorded`: by whom of ours, who had the customer on the telephone."""
    if case.state is not CaseState.CLOSED:
        raise RefusedError(f"{case.name} is not closed: the customer is asked when it is")
    if case.merged_into:
        raise RefusedError(f"{case.name} was merged into NC-{case.merged_into:06d}: ask about that one")
    if found.answered:
        raise RefusedError(
            f"the survey was answered already, by {found.by} at {found.answered:%Y-%m-%d %H:%M} UTC: an answer stays "
            "as it is"
        )
    low = min(given.values()) < policy.call_back_under
    data = {str(topic): str(score) for topic, score in given.items()} | {
        "what": "answered",
        "by": by,
        "how": str(how),
        "comment": comment,
        "side": "" if recorded else CUSTOMER,
        "call_back": (now + policy.call_back_within).isoformat() if low else "",
    }
    told = ", ".join(f"{topic} {given[topic]}" for topic in Topic)
    text = f"{by} answered the survey: {told}" + (f": {flat(comment, 500)}" if comment else "")
    return Entry(case=case.number, at=now, action=Action.SURVEY, text=text, actor=recorded or by, data=data)


def call_back(case: Case, found: Survey, said: str, actor: str, now: datetime) -> Entry:
    if found.call_back is None:
        raise RefusedError(f"nobody has to call the customer of {case.name} back: no score was low")
    if found.called_back:
        when = f"{found.called_back:%Y-%m-%d %H:%M} UTC"
        raise RefusedError(f"the customer was called back already, by {found.called_by} at {when}")
    if not said.strip():
        raise RefusedError('say what came out of the call: -m "…"')
    data = {"what": "called_back", "said": said}
    return Entry(
        case=case.number, at=now, action=Action.SURVEY, text=f"called back: {flat(said, 500)}", actor=actor, data=data
    )


def warn(case: Case, times: int, whom: str, now: datetime) -> Entry:
    data = {"what": "call_back_overdue", "times": str(times)}
    text = f"the call-back is overdue, told {whom}" if whom else "the call-back is overdue, and nobody can be told"
    return Entry(case=case.number, at=now, action=Action.SURVEY, text=text, data=data)


def warned(log: Iterable[Entry]) -> int:
    """How often it was told that the call-back is overdue."""
    return sum(e.action is Action.SURVEY and e.data.get("what") == "call_back_overdue" for e in log)


def overdue(found: Survey, policy: Policy, now: datetime) -> int:
    """How often that should have been told by now: when it was due, and once more every time it lasts as long again."""
    if not found.owes_call or found.call_back is None or now < found.call_back:
        return 0
    return 1 + (now - found.call_back) // again(policy)


def again(policy: Policy) -> timedelta:
    """How long after one warning the next one comes."""
    return max(policy.call_back_within, timedelta(hours=1))
