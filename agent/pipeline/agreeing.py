"""The customer confirms by a signed link that a failed part is replaced, or says that it is not to be."""

from agent.cases import rma
from agent.cases.confirmation import CUSTOMER
from agent.cases.rma import Rma, RmaState
from agent.errors import RefusedError
from agent.locale import N_, Text
from agent.pipeline import replacing
from agent.pipeline.desk import Desk
from agent.pipeline.questions import NOTHING, Choice, Question, Reply, Subject

YES, NO = "confirmed", "cancelled"


class Replacement:
    """Implements `questions.Asked`."""

    def question(self, desk: Desk, about: Subject) -> Question:
        found = _found(desk, about)
        return Question(
            title=Text("Replacement {rma}, case {name}", {"rma": found.name, "name": about.case.name}),
            lead=Text("A failed part of your network is to be replaced. A spare part is sent as soon as you confirm."),
            facts=tuple((label, Text("{value}", {"value": value})) for label, value in replacing.told(found).items()),
            choices=(
                Choice(value=YES, label=N_("Replace it")),
                Choice(value=NO, label=N_("Do not replace it"), needs_words=True),
            ),
            words=N_("When somebody is there to receive it, or why it is not to be replaced"),
            needs_name=True,
            answered=_answered(found),
        )

    def take(self, desk: Desk, about: Subject, reply: Reply) -> None:
        found, by = _found(desk, about), about.signed(reply)
        if reply.choice == YES:
            agreed = replacing.confirm(desk, found, by, by, CUSTOMER)
            if words := reply.words.strip():
                desk.tx.log([rma.entry(agreed, f"{found.name}: {words[:1000]}", desk.now, by, "words", CUSTOMER)])
        else:
            replacing.cancel(desk, found, by, reply.words.strip()[:1000], CUSTOMER)


def _found(desk: Desk, about: Subject) -> Rma:
    found = desk.tx.rma(rma.number_of(about.ticket.about))
    if found is None or found.case not in (about.case.number, about.case.merged_into):  # it goes on with the other
        raise RefusedError("what this link is about is no more")
    return found


def _answered(found: Rma) -> Text:
    if found.state is RmaState.CANCELLED:
        return Text("It is not replaced.")
    if found.confirmed is None:
        return NOTHING
    return Text("Confirmed by {by}, {at:moment}.", {"by": found.confirmed_by, "at": found.confirmed.isoformat()})
