"""Consent to a change of a running network: the customer is asked in writing, and answers by name."""

from collections.abc import Iterable
from datetime import datetime

from agent import locale
from agent.cases import consent
from agent.cases.case import Case, Entry
from agent.cases.confirmation import LONGEST_WORDS, How
from agent.cases.consent import Change, Standing
from agent.cases.links import Purpose
from agent.errors import RefusedError
from agent.locale import N_, Text
from agent.notifications import wording
from agent.notifications.news import News
from agent.notifications.policy import Recipient
from agent.pipeline import customer
from agent.pipeline.confirming import problem
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket
from agent.pipeline.questions import Choice, Question, Reply, Subject

GIVE, REFUSE = "given", "refused"
TITLE = N_("May we make this change?")
LEAD = N_("For case {name} we want to change your running network. We do it only with your consent in writing.")
CHOICES = (
    Choice(value=GIVE, label=N_("I consent")),
    Choice(value=REFUSE, label=N_("I do not consent"), needs_words=True),
)
WORDS = N_("Conditions, or why not (needed when you do not consent)")
SAID: dict[Standing, str] = {
    Standing.GIVEN: N_("{by} consented on {at:moment}. We keep to the window and tell you when it is done."),
    Standing.REFUSED: N_("{by} did not consent on {at:moment}. Nothing will be changed; an engineer has been told."),
    Standing.WITHDRAWN: N_("The change was withdrawn on {at:moment}. Nothing will be changed, and nothing is asked."),
    Standing.EXPIRED: N_("The time to answer was over on {at:moment}. Nothing will be changed before we ask again."),
}
ASKED_HEADLINE = N_("Please consent to a change for case {name}: {about}")
ASKED_CLOSING = N_(
    "Nothing is changed before you have consented: follow the link in this mail and sign with your name."
)
ASKED_BY_MAIL = N_("Nothing is changed before you have consented: answer this mail with your name and your decision.")
HEADLINES: dict[Standing, str] = {
    Standing.GIVEN: N_("The customer consents to change {number} of case {name}: {about}"),
    Standing.REFUSED: N_("The customer refuses change {number} of case {name}: {about}"),
    Standing.EXPIRED: N_("Nobody answered about change {number} of case {name}: {about}"),
}
CLOSINGS: dict[Standing, str] = {
    Standing.GIVEN: N_("It may be made now, within its window."),
    Standing.REFUSED: N_(
        "It must not be made. Plan another, or withdraw it: netcase case consent withdraw {name} -m …"
    ),
    Standing.EXPIRED: N_("It must not be made. Call the customer and ask anew: netcase case consent ask {name} …"),
}
WINDOW = N_("{start:moment} to {end:moment}")


class Consent:
    """`Asked` of a link whose `about` is the number of a change."""

    def question(self, desk: Desk, about: Subject) -> Question:
        case, title = about.case, Text(TITLE)
        change = _change(about.log, about.ticket.about, desk.now)
        facts = _facts(case, change)
        if change.standing is not Standing.ASKED:
            values = {"by": change.by, "at": (change.at or desk.now).isoformat()}
            return Question(title=title, facts=facts, answered=Text(SAID[change.standing], values))
        lead = Text(LEAD, {"name": case.name})
        return Question(title=title, lead=lead, facts=facts, choices=CHOICES, words=WORDS, needs_name=True)

    def take(self, desk: Desk, about: Subject, reply: Reply) -> None:
        change = _change(about.log, about.ticket.about, desk.now)
        record(desk, about.case, change, reply.choice == GIVE, about.signed(reply), reply.words, reply.how)


def _change(log: Iterable[Entry], number: str, now: datetime) -> Change:
    found = next((c for c in consent.changes(log, now) if c.number == number), None)
    if found is None:
        raise RefusedError("the change that this link is about is no more")
    return found


def _facts(case: Case, change: Change) -> tuple[tuple[str, Text], ...]:
    shown = [
        (N_("Case"), Text("{name}, {severity}", {"name": case.name, "severity": case.severity})),
        (N_("Problem"), problem(case)),
        (N_("What is to be changed"), Text("{plan}", {"plan": change.what})),
    ]
    if change.starts and change.ends:
        window = {"start": change.starts.isoformat(), "end": change.ends.isoformat()}
        shown.append((N_("When"), Text(WINDOW, window)))
    shown.append((N_("Asked by"), Text("{who}", {"who": change.asked_by})))
    shown.append((N_("Please answer by"), Text("{at:moment}", {"at": change.until.isoformat()})))
    if change.words:
        shown.append((N_("What they wrote"), Text("{words}", {"words": change.words})))
    return tuple(shown)


def ask(desk: Desk, case: Case, what: str, window: tuple[datetime, datetime] | None, actor: str) -> Change:
    """Raises RefusedError, where nobody can be asked as well."""
    care = desk.inventory.policies.customer
    until = window[1] if window else desk.now + care.consent_last
    log = desk.tx.timeline(case.number)
    entry = consent.ask(case, log, what[: consent.LONGEST_CHANGE], window, until, care.consent_for, actor, desk.now)
    desk.tx.log([entry])
    change = consent.changes([*log, entry], desk.now)[-1]
    for each in customer.audience(desk, case):
        _write_to(desk, case, change, each)
    return change


def _write_to(desk: Desk, case: Case, change: Change, to: Recipient) -> None:
    link = desk.link(case, Purpose.CONSENT, to, change.number, change.until)
    facts = [(N_("What is to be changed"), wording.line(change.what))]
    if change.starts and change.ends:
        start, end = (customer.when(desk, case, at, to.language) for at in (change.starts, change.ends))
        facts.append((N_("When"), f"{start} – {end}"))
    facts.append((N_("Asked by"), wording.line(change.asked_by)))
    facts.append((N_("Please answer by"), customer.when(desk, case, change.until, to.language)))
    news = News(
        occasion="consent",
        headline=ASKED_HEADLINE,
        values={"about": customer.about(case, to.language)},
        facts=tuple(facts),
        closing=ASKED_CLOSING if link else ASKED_BY_MAIL,
        links=((N_("Consent, or do not"), link),) if link else (),
        again=change.number,
    )
    desk.tell(case, news, [to])


def record(
    desk: Desk,
    case: Case,
    change: Change,
    given: bool,
    by: str,
    words: str,
    how: How,
    recorded: str = "",
    document: str = "",
) -> None:
    """Raises RefusedError."""
    short = words[:LONGEST_WORDS]
    desk.tx.log([consent.answer(case, change, given, by, short, how, desk.now, recorded, document)])
    _tell(desk, case, change, Standing.GIVEN if given else Standing.REFUSED, by, short)


def withdraw(desk: Desk, case: Case, actor: str, reason: str) -> None:
    """Raises RefusedError. Whoever was asked hears that nothing is to be answered any more."""
    log = desk.tx.timeline(case.number)
    change = consent.planned(log, desk.now)
    desk.tx.log([consent.withdraw(case, log, actor, reason, desk.now)])
    for each in customer.audience(desk, case) if change else ():
        news = News(
            occasion="consent_withdrawn",
            headline=N_("The change for case {name} is withdrawn: {about}"),
            values={"about": customer.about(case, each.language)},
            facts=((N_("Why"), wording.line(reason)),),
            closing=N_("Nothing will be changed, and nothing is to be answered."),
            again=change.number if change else "",
        )
        desk.tell(case, news, [each])


def _tell(desk: Desk, case: Case, change: Change, standing: Standing, by: str, words: str) -> None:
    for each in desk.engineer(case):
        _ = locale.words(each.language)
        facts = [(N_("What is to be changed"), wording.line(change.what))]
        facts += [(N_("Who answered"), by or _(N_("nobody"))), (N_("What they wrote"), wording.line(words) or "–")]
        news = News(
            occasion=f"consent_{standing}",
            headline=HEADLINES[standing],
            values={"about": customer.about(case, each.language), "number": change.number},
            facts=tuple(facts),
            closing=CLOSINGS[standing],
            again=change.number,
        )
        desk.tell(case, news, [each])


def attend(desk: Desk, docket: Docket) -> datetime | None:
    """The engineer hears of a question that nobody answered in time."""
    case, log = docket.case, docket.log
    change = consent.planned(log, desk.now)
    if change is None or case.closed or case.merged_into:
        return None
    if change.standing is Standing.ASKED:
        return change.until
    told = any(e.data.get("what") == Standing.EXPIRED and e.data.get("change") == change.number for e in log)
    if change.standing is Standing.EXPIRED and not told:
        desk.tx.log([consent.expired(case, change, desk.now)])
        _tell(desk, case, change, Standing.EXPIRED, "", "")
    return None
