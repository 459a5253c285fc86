"""What people answer by a signed link, or by telephone: what is asked, and what is done with the answer.

`question` looks and changes nothing, because mail scanners follow links; `answer` takes the answer once, and says what
was answered when it comes a second time.
"""

from collections.abc import Mapping

from agent.cases import confirmation
from agent.cases.case import Case
from agent.cases.links import Purpose, Ticket
from agent.errors import RefusedError
from agent.notifications import wording
from agent.pipeline import agreeing, confirming, consenting, customer, surveying
from agent.pipeline.desk import Desk
from agent.pipeline.questions import (
    ALL_OF_THEM,
    CHOOSE,
    SAY_WHY,
    SCORES,
    SIGN,
    Asked,
    Question,
    Reply,
    Subject,
    WrongAnswerError,
)

ANSWERS: Mapping[Purpose, Asked] = {
    Purpose.CONFIRM: confirming.Fix(),
    Purpose.CONSENT: consenting.Consent(),
    Purpose.SURVEY: surveying.Satisfaction(),
    Purpose.RMA: agreeing.Replacement(),
}


def question(desk: Desk, ticket: Ticket) -> Question:
    """Raises RefusedError where what the ticket is about is no more."""
    about = _subject(desk, ticket)
    return ANSWERS[ticket.purpose].question(desk, about)


def answer(desk: Desk, ticket: Ticket, reply: Reply) -> Question:
    """How it stands afterwards. Raises RefusedError, or WrongAnswerError where the page is to be filled in again."""
    desk.tx.attend(ticket.case, desk.now)  # whoever answers at the same moment waits, and finds this answer
    about, asked = _subject(desk, ticket), ANSWERS[ticket.purpose]
    now = asked.question(desk, about)
    if now.answered.text:
        return now
    _complete(now, reply)
    asked.take(desk, about, reply)
    return asked.question(desk, _subject(desk, ticket))


def _subject(desk: Desk, ticket: Ticket) -> Subject:
    case = desk.tx.case(ticket.case)
    if case is None or ticket.purpose not in ANSWERS:
        raise RefusedError("what this link is about is no more")
    return Subject(case, desk.tx.timeline(case.number), ticket, holder(desk, case, ticket))


def holder(desk: Desk, case: Case, ticket: Ticket) -> str:
    """The name behind the ticket's digest, as far as the customer still has that person."""
    if desk.links is not None:
        for each in customer.audience(desk, case):
            if desk.links.is_for(ticket, each.to):
                return each.name
    return confirmation.CUSTOMER


def _complete(asked: Question, reply: Reply) -> None:
    choice = next((each for each in asked.choices if each.value == reply.choice), None)
    if choice is None:
        raise WrongAnswerError(CHOOSE)
    if asked.needs_name and not wording.line(reply.name):
        raise WrongAnswerError(SIGN)
    if choice.needs_words and not reply.words.strip():
        raise WrongAnswerError(SAY_WHY)
    if any(reply.scores.get(scale.name) not in SCORES for scale in asked.scales):
        raise WrongAnswerError(ALL_OF_THEM)
