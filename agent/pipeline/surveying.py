"""The survey after a case: sent once, reminded of once, answered once; who was dissatisfied is called back."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from agent import locale
from agent.cases import survey
from agent.cases.case import Case, CaseState, Entry
from agent.cases.confirmation import LONGEST_WORDS, How
from agent.cases.links import Purpose
from agent.cases.survey import QUESTIONS, Standing, Survey, Topic
from agent.locale import N_, Text
from agent.notifications import wording
from agent.notifications.news import News
from agent.notifications.policy import Recipient
from agent.pipeline import customer
from agent.pipeline.confirming import problem
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket
from agent.pipeline.questions import Choice, Question, Reply, Scale, Subject

MANAGER, ABOVE = "technical_manager", "technical_director"
SEND = "send"
TITLE = N_("How did we do?")
LEAD = N_("Case {name} is closed. Please answer four questions: 1 is very bad, 5 is very good.")
CHOICES = (Choice(value=SEND, label=N_("Send")),)
SCALES = tuple(Scale(name=topic, label=QUESTIONS[topic]) for topic in Topic)
WORDS = N_("What should we do better? (Optional.)")
THANKS = N_("{by} answered on {at:moment}. Thank you.")
CALLED = N_("{by} answered on {at:moment}. Thank you. We are sorry that it was not as it should be, and call you.")
PASSED = N_("The time to answer was over on {at:moment}. Thank you all the same: write to us at any time.")
HEADLINES = (
    N_("How did we do? Case {name}: {about}"),
    N_("A reminder: how did we do? Case {name}: {about}"),
)
CLOSING = N_("Four questions, 1 to 5, one minute: follow the link in this mail. No password is needed.")
BY_MAIL = N_("Please answer this mail with four figures from 1 (very bad) to 5 (very good), in this order.")
CALL_BACK = N_("Call the customer back, case {name}: {about}")
CALL_BACK_CLOSING = N_("When you have called: netcase case callback {name} -m …")
OVERDUE = N_("The call-back is overdue, case {name}: {about}")


class Satisfaction:
    """`Asked` of a survey's link."""

    def question(self, desk: Desk, about: Subject) -> Question:
        case, title = about.case, Text(TITLE)
        found, facts = survey.of(case, about.log, desk.now), _facts(case)
        if found.answered:
            said = CALLED if found.call_back else THANKS
            return Question(title=title, facts=facts + _scores(found), answered=_said(said, found.by, found.answered))
        if found.standing is Standing.NO_ANSWER and found.until:
            return Question(title=title, facts=facts, answered=_said(PASSED, "", found.until))
        lead = Text(LEAD, {"name": case.name})
        return Question(title=title, lead=lead, facts=facts, choices=CHOICES, scales=SCALES, words=WORDS)

    def take(self, desk: Desk, about: Subject, reply: Reply) -> None:
        given = survey.scores(reply.scores)
        record(desk, about.case, given, about.signed(reply), reply.words, reply.how)


def _said(msgid: str, by: str, at: datetime) -> Text:
    return Text(msgid, {"by": by, "at": at.isoformat()})


def _facts(case: Case) -> tuple[tuple[str, Text], ...]:
    closed = (N_("Closed"), Text("{at:moment}", {"at": (case.closed or case.updated).isoformat()}))
    return (
        (N_("Case"), Text("{name}, {severity}", {"name": case.name, "severity": case.severity})),
        (N_("Problem"), problem(case)),
        closed,
    )


def _scores(found: Survey) -> tuple[tuple[str, Text], ...]:
    return tuple((QUESTIONS[topic], Text("{score}", {"score": score})) for topic, score in found.scores.items())


def record(
    desk: Desk,
    case: Case,
    given: Mapping[Topic, int],
    by: str,
    comment: str,
    how: How,
    recorded: str = "",
) -> Survey:
    """Raises RefusedError. A low score obliges the manager from now on."""
    log, policy = desk.tx.timeline(case.number), desk.inventory.policies.customer.survey
    before = survey.of(case, log, desk.now)
    entry = survey.answer(case, before, given, by, comment[:LONGEST_WORDS], how, policy, desk.now, recorded)
    found = _keep(desk, case, [*log, entry], entry)
    if found.call_back:
        _tell_manager(desk, case, found, CALL_BACK, "", desk.role(case, MANAGER))
    return found


def called(desk: Desk, case: Case, said: str, actor: str) -> Survey:
    """Raises RefusedError where nobody has to be called."""
    log = desk.tx.timeline(case.number)
    entry = survey.call_back(case, survey.of(case, log, desk.now), said[:LONGEST_WORDS], actor, desk.now)
    return _keep(desk, case, [*log, entry], entry)


def _keep(desk: Desk, case: Case, log: Iterable[Entry], entry: Entry) -> Survey:
    """The log decides, and what is gathered every week goes with it."""
    desk.tx.log([entry])
    found = survey.of(case, log, desk.now)
    desk.tx.save_survey(found)
    return found


def attend(desk: Desk, docket: Docket) -> datetime | None:
    case, log = docket.case, docket.log
    if case.state is not CaseState.CLOSED:
        return None
    policy, found = desk.inventory.policies.customer.survey, survey.of(case, log, desk.now)
    if found.standing is Standing.NOT_ASKED:
        found = _send(desk, case, log)
    if found.standing is Standing.ASKED and found.asked and found.until:
        remind = found.asked + policy.remind_after
        if found.reminded or remind >= found.until:
            return found.until
        if desk.now < remind:
            return remind
        people = customer.audience(desk, case)
        _write_to(desk, case, people, found.until, reminder=True)
        _keep(desk, case, log, survey.remind(case, customer.names(people), desk.now))
        return found.until
    if found.standing is Standing.NO_ANSWER:
        desk.tx.save_survey(found)
        return None
    return _press(desk, case, found, log)


def _send(desk: Desk, case: Case, log: Iterable[Entry]) -> Survey:
    policy, people = desk.inventory.policies.customer.survey, customer.audience(desk, case)
    if reason := survey.reason_to_skip(case, policy, desk.now, contact=bool(people)):
        entry = survey.skip(case, reason, desk.now)
    else:
        entry = survey.ask(case, customer.names(people), policy, desk.now)
        _write_to(desk, case, people, desk.now + policy.last, reminder=False)
    return _keep(desk, case, [*log, entry], entry)


def _write_to(desk: Desk, case: Case, people: Iterable[Recipient], until: datetime, *, reminder: bool) -> None:
    for each in people:
        _ = locale.words(each.language)
        link = desk.link(case, Purpose.SURVEY, each, expires=until)
        facts = [(str(place), _(QUESTIONS[topic])) for place, topic in enumerate(Topic, 1)]
        facts.append((N_("Please answer by"), customer.when(desk, case, until, each.language)))
        news = News(
            occasion="survey",
            headline=HEADLINES[reminder],
            values={"about": customer.about(case, each.language)},
            facts=tuple(facts),
            closing=CLOSING if link else BY_MAIL,
            links=((N_("Answer here"), link),) if link else (),
            again="reminder" if reminder else "",
        )
        desk.tell(case, news, [each])


def _press(desk: Desk, case: Case, found: Survey, log: Iterable[Entry]) -> datetime | None:
    """A call that is overdue is told of again and again, one step higher as well, until it was made."""
    if not found.owes_call or found.call_back is None:
        return None
    policy = desk.inventory.policies.customer.survey
    times, before = survey.overdue(found, policy, desk.now), survey.warned(log)
    if times > before:
        people = [*desk.role(case, MANAGER), *desk.role(case, ABOVE)]
        once = list({(each.channel, each.to): each for each in people}.values())
        _tell_manager(desk, case, found, OVERDUE, str(times), once)
        desk.tx.log([survey.warn(case, times, customer.names(once), desk.now)])
    return found.call_back + times * survey.again(policy)


def _tell_manager(desk: Desk, case: Case, found: Survey, headline: str, again: str, people: list[Recipient]) -> None:
    for each in people:
        scores = (f"{locale.word(topic, each.language)} {score}" for topic, score in found.scores.items())
        facts = [
            (N_("Scores"), ", ".join(scores)),
            (N_("Who answered"), wording.line(found.by)),
            (N_("What they wrote"), wording.line(found.comment) or "–"),
            (N_("Telephone"), _telephones(desk, case) or "–"),
            (N_("Call back by"), customer.when(desk, case, found.call_back or desk.now, each.language)),
        ]
        news = News(
            occasion="call_back",
            headline=headline,
            values={"about": customer.about(case, each.language)},
            facts=tuple(facts),
            closing=CALL_BACK_CLOSING,
            again=again,
        )
        desk.tell(case, news, [each])


def _telephones(desk: Desk, case: Case) -> str:
    """The customer's, so that nobody has to look for them."""
    known = desk.inventory.customers.get(case.customer)
    found = [f"{each.name} {each.phone}" for each in (known.contacts if known else ()) if each.phone]
    if case.reporter_address and "@" not in case.reporter_address:
        found.insert(0, f"{case.reporter} {case.reporter_address}")
    return wording.line(", ".join(dict.fromkeys(found)))
