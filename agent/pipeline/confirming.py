"""The customer's word on a fix: it closes nothing, since only a person of ours does, but a rejected fix is none."""

from agent import locale
from agent.cases import confirmation, correspondence
from agent.cases.case import Action, Case, CaseState, Entry, Origin, Severity
from agent.cases.confirmation import Answer, Given, How
from agent.cases.intake import Form
from agent.errors import CollisionError
from agent.locale import N_, Text
from agent.notifications import wording
from agent.notifications.news import News
from agent.notifications.policy import Recipient
from agent.pipeline import customer, intake
from agent.pipeline.desk import Desk
from agent.pipeline.questions import Choice, Question, Reply, Subject

TITLE = N_("Does it work again?")
LEAD = N_("We resolved case {name}. Please tell us whether it works as it should.")
CHOICES = (
    Choice(value=Answer.CONFIRMED, label=N_("Yes, it works")),
    Choice(value=Answer.REJECTED, label=N_("No, it does not work"), needs_words=True),
)
WORDS = N_("What does not work? (Needed when you say no.)")
SAID: dict[Answer, str] = {
    Answer.CONFIRMED: N_("{by} confirmed on {at:moment} that it works. Thank you: nothing more is to be done."),
    Answer.REJECTED: N_(
        "{by} told us on {at:moment} that it does not work. An engineer has been told and goes on with it."
    ),
}
ANEW = N_(
    "{by} told us on {at:moment} that it does not work. The case was closed by then, so case {other} was opened for it."
)
PASSED = N_(
    "Case {name} was opened again meanwhile: there is nothing to confirm now. We ask again when it is resolved."
)
MERGED = N_("Case {name} went on as case {other}: we ask about that one.")
HEADLINES: dict[Answer, str] = {
    Answer.CONFIRMED: N_("The customer confirms the fix of case {name}: {about}"),
    Answer.REJECTED: N_("The customer rejects the fix of case {name}: {about}"),
}
CLOSINGS: dict[Answer, str] = {
    Answer.CONFIRMED: N_("It can be closed: netcase case close {name} -m …"),
    Answer.REJECTED: N_("It is open again. Its clocks run on."),
}
CLOSED_BEFORE = N_("It was closed by then: case {other} was opened for it.")
HELD_BY_ANOTHER = N_("Another case is open for the same problem, so this one stays as it is: call the customer.")


class Fix:
    """`Asked` of a link whose `about` is the mark of a resolution."""

    def question(self, desk: Desk, about: Subject) -> Question:  # noqa: ARG002 - others look into the store
        case, log = about.case, about.log
        title, facts = Text(TITLE), _facts(about)
        if case.merged_into:
            other = Text(MERGED, {"name": case.name, "other": f"NC-{case.merged_into:06d}"})
            return Question(title=title, facts=facts, answered=other)
        if given := confirmation.given(log, about.ticket.about):
            return Question(title=title, facts=facts, answered=_answered(case, given, about))
        if confirmation.mark(case) != about.ticket.about:
            return Question(title=title, facts=facts, answered=Text(PASSED, {"name": case.name}))
        return Question(title=title, lead=Text(LEAD, {"name": case.name}), facts=facts, choices=CHOICES, words=WORDS)

    def take(self, desk: Desk, about: Subject, reply: Reply) -> None:
        decide(desk, about.case, Answer(reply.choice), about.signed(reply), reply.words, reply.how)


def _answered(case: Case, given: Given, about: Subject) -> Text:
    values = {"by": given.by, "at": given.at.isoformat()}
    other = next((e.data["anew"] for e in about.log if e.data.get("anew") and e.data["anew"] != case.name), "")
    return Text(ANEW, {**values, "other": other}) if other else Text(SAID[given.answer], values)


def _facts(about: Subject) -> tuple[tuple[str, Text], ...]:
    case = about.case
    shown = [
        (N_("Case"), Text("{name}, {severity}", {"name": case.name, "severity": case.severity})),
        (N_("Problem"), problem(case)),
        (N_("Opened"), Text("{at:moment}", {"at": case.opened.isoformat()})),
    ]
    if case.resolved:
        shown.append((N_("Resolved"), Text("{at:moment}", {"at": case.resolved.isoformat()})))
        shown.append((N_("How it was solved"), Text("{how:reword}", {"how": customer.fix(about.log)})))
    return tuple(shown)


def problem(case: Case) -> Text:
    if case.title:
        return Text("{title}", {"title": wording.line(case.title)})
    return Text("{kind:word}, {subject}", {"kind": case.kind, "subject": wording.line(str(case.subject))})


def decide(desk: Desk, case: Case, said: Answer, by: str, words: str, how: How, recorded: str = "") -> Case:
    """Raises RefusedError. Returns the case that goes on: this one, or the new one where this one was closed."""
    words = words[: confirmation.LONGEST_WORDS]
    entry = confirmation.answer(case, desk.tx.timeline(case.number), said, by, words, how, desk.now, recorded)
    desk.tx.log([entry])
    if said is Answer.CONFIRMED:
        _tell(desk, case, said, CLOSINGS[said], by, words)
        return case
    if case.state is CaseState.CLOSED:
        return _anew(desk, case, by, words)
    try:
        again = desk.keep(*confirmation.reopened(case, by, desk.now))
    except CollisionError:
        text = "it stays resolved: another case is open for the same problem"
        desk.tx.log([Entry(case=case.number, at=desk.now, action=Action.NOTE, text=text)])
        _tell(desk, case, said, HELD_BY_ANOTHER, by, words)
        return case
    _tell(desk, again, said, CLOSINGS[said], by, words)
    return again


def _anew(desk: Desk, case: Case, by: str, words: str) -> Case:
    """Closed is closed for ever: what does not work after it is a new case about the same."""
    form = Form(
        origin=Origin.WEB,
        title=f"{case.name} was closed and does not work: {words}",
        text=words,
        severity=case.severity,
        contract=case.contract,
        serial=case.serial,
        device=case.subject.device,
        customer=case.customer,
        reporter=by,
        reporter_address=case.reporter_address if correspondence.answers_for(case, desk.inventory) else "",
        key=f"rejected/{case.name}/{confirmation.mark(case)}",
    )
    new = intake.open_case(desk, form)
    data = {"anew": new.name}
    told = Entry(case=case.number, at=desk.now, action=Action.LINKED, text=f"{new.name} goes on with it", data=data)
    back = Entry(case=new.number, at=desk.now, action=Action.LINKED, text=f"goes on with {case.name}", data={})
    desk.tx.log([told, back])
    _tell(desk, case, Answer.REJECTED, CLOSED_BEFORE, by, words, other=new.name)
    return new


def _tell(desk: Desk, case: Case, said: Answer, closing: str, by: str, words: str, **values: str) -> None:
    severe = said is Answer.REJECTED and case.severity in {Severity.P1, Severity.P2}
    people = [*desk.engineer(case), *(desk.on_call(case) if severe else ())]
    for each in _once(people):
        news = News(
            occasion=str(said),
            headline=HEADLINES[said],
            values={"about": customer.about(case, each.language), **values},
            facts=((N_("Who answered"), by), (N_("What they wrote"), wording.line(words) or _nothing(each))),
            closing=closing,
            again=f"{desk.now:%Y%m%dT%H%M%S}",
        )
        desk.tell(case, news, [each])


def _nothing(to: Recipient) -> str:
    return locale.words(to.language)(N_("nothing"))


def _once(people: list[Recipient]) -> list[Recipient]:
    return list({(each.channel, each.to): each for each in people}.values())
