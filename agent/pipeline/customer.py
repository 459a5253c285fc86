"""What the customer is told while a case goes on, and who at the customer that is."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from agent import locale
from agent.cases import confirmation, correspondence, intake
from agent.cases.case import Action, Case, CaseState, Entry
from agent.cases.ledger import US
from agent.cases.links import Purpose
from agent.locale import N_
from agent.notifications import policy, wording
from agent.notifications.news import News
from agent.notifications.policy import Occasion, Recipient
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket
from agent.pipeline.intake import language_of

HEADLINES: Mapping[CaseState, str] = {
    CaseState.IN_PROGRESS: N_("Work has begun on case {name}: {about}"),
    CaseState.WAITING_FOR_CUSTOMER: N_("We need something from you for case {name}: {about}"),
    CaseState.WITH_VENDOR: N_("The manufacturer works with us on case {name}: {about}"),
    CaseState.RMA_PENDING: N_("A part is being replaced in case {name}: {about}"),
    CaseState.MONITORING: N_("It works again and is watched, case {name}: {about}"),
}
CLOSINGS: Mapping[CaseState, str] = {
    CaseState.IN_PROGRESS: N_("An engineer works on it. We write again as soon as there is news."),
    CaseState.WAITING_FOR_CUSTOMER: N_("Please answer this mail: we go on as soon as we have it."),
    CaseState.WITH_VENDOR: N_("We stay in charge of it, and write again as soon as there is news."),
    CaseState.RMA_PENDING: N_("We write again when the part is on its way, and before anything is changed."),
    CaseState.MONITORING: N_("We watch whether it stays so, and ask you to confirm it then."),
}
REASONS: Mapping[CaseState, str] = {CaseState.WAITING_FOR_CUSTOMER: N_("What we need")}
"""Where the customer reads why; elsewhere what an engineer writes of a move is for our own people."""
BACK = N_("The fault is back, case {name}: {about}")
BACK_CLOSING = N_("It came back while we watched. We are at it again.")
RESOLVED = N_("Resolved, case {name}: {about}")
CONFIRM = N_("Please say whether it works: follow the link in this mail. No password is needed, and it takes a minute.")
CONFIRM_BY_MAIL = N_("Please answer this mail and say whether it works, so that we can close the case.")
ONCE = frozenset({CaseState.IN_PROGRESS, CaseState.MONITORING})
"""Told of once in the life of a case, and once more after each time that it was opened again."""
LATEST = timedelta(days=3)  # what is older is no news any more: nobody was told while the agent did not run
MOVED = frozenset({Action.STATE, Action.RELAPSED})


def audience(desk: Desk, case: Case) -> list[Recipient]:
    """The customer's contacts and whoever reported it or a duplicate of it, each once: those who may answer for the
    customer."""
    theirs = [case, *(replace(each, customer=case.customer) for each in desk.tx.duplicates(case.number))]
    own = [
        Recipient(each.reporter or address, "email", address, language_of(desk, each), customer=True)
        for each in theirs
        if (address := intake.mail_of(each)) and correspondence.answers_for(each, desk.inventory)
    ]
    everyone = [*own, *desk.customer(case)]
    return list({(each.channel, each.to.casefold()): each for each in reversed(everyone)}.values())[::-1]


def names(people: Iterable[Recipient]) -> str:
    return ", ".join(dict.fromkeys(each.name for each in people))


def about(case: Case, language: str) -> str:
    if case.title:
        return wording.line(case.title)
    return locale.say(N_("{kind:word}, {subject}"), language, kind=case.kind, subject=wording.line(str(case.subject)))


def when(desk: Desk, case: Case, at: datetime, language: str) -> str:
    """On the clock of the case's site."""
    site = desk.inventory.sites.get(case.site)
    return locale.moment(at, language, site.timezone if site else "UTC")


def attend(desk: Desk, docket: Docket) -> datetime | None:
    """Tells of the state that the case came to, and asks whether a fix works."""
    case, log = docket.case, docket.log
    if case.merged_into:
        return None
    occasion = str(Occasion.RESOLVED if case.state is CaseState.RESOLVED else Occasion.STATE)
    people = audience(desk, case) if policy.customers_hear_of(occasion, desk.inventory) else []
    if case.state is CaseState.RESOLVED:
        fresh = case.resolved is not None and desk.now - case.resolved <= LATEST
        if (people or case.customer) and fresh and confirmation.asked(case, log) is None:
            _ask(desk, case, log, people)
    elif people:
        _tell_of_state(desk, case, log, people)
    return None


def _tell_of_state(desk: Desk, case: Case, log: Iterable[Entry], people: list[Recipient]) -> None:
    entries = list(log)
    came = next((e for e in reversed(entries) if e.action in MOVED and e.data.get("to") == case.state), None)
    told = [e.data for e in entries if e.action is Action.CUSTOMER and e.data.get("what") == "told"]
    if came is None or desk.now - came.at > LATEST:
        return
    if case.state is CaseState.MONITORING and came.actor == US:
        return  # what recovers by itself may flap: the quiet time decides, and then the fix is asked about
    if came.action is Action.RELAPSED:
        _tell_of_relapse(desk, case, came, told, people)
    elif case.state in desk.inventory.policies.customer.told_of and case.state in HEADLINES:
        since = str(case.reopened) if case.state in ONCE else came.at.isoformat()
        if not any((e["state"], e["since"]) == (case.state, since) for e in told):
            _tell(desk, case, HEADLINES[case.state], CLOSINGS[case.state], case.state, since, came, people)


def _tell_of_relapse(
    desk: Desk, case: Case, came: Entry, told: list[Mapping[str, str]], people: list[Recipient]
) -> None:
    """Only whoever was told that it works again, and once: what comes and goes is told of when it is over."""
    last = next((e for e in reversed(told)), None)
    if last and last["state"] == CaseState.MONITORING and last["since"] == str(case.reopened):
        _tell(desk, case, BACK, BACK_CLOSING, "back", str(case.reopened), came, people)


def _tell(
    desk: Desk, case: Case, headline: str, closing: str, state: str, since: str, came: Entry, people: list[Recipient]
) -> None:
    for each in people:
        facts = [(REASONS[case.state], wording.line(came.text))] if case.state in REASONS else []
        facts += [
            (N_("Severity"), str(case.severity)),
            (N_("Case opened"), when(desk, case, case.opened, each.language)),
        ]
        news = News(
            occasion=Occasion.STATE,
            headline=headline,
            values={"about": about(case, each.language)},
            facts=tuple(facts),
            closing=closing,
            again=f"{state}.{since}",
        )
        desk.tell(case, news, [each])
    data = {"what": "told", "state": str(state), "since": since}
    what = "the fault is back" if state == "back" else f"it is {state.replace('_', ' ')}"
    text = f"the customer is told that {what}: {names(people)}"
    desk.tx.log([Entry(case=case.number, at=desk.now, action=Action.CUSTOMER, text=text, data=data)])


def _ask(desk: Desk, case: Case, log: Iterable[Entry], people: list[Recipient]) -> None:
    """Of a resolution everybody at the customer is told, and whoever answers first decides."""
    how = fix(log)
    for each in people:
        link = desk.link(case, Purpose.CONFIRM, each, confirmation.mark(case))
        began, over = case.began or case.opened, case.recovered or case.resolved or desk.now
        facts = [
            (N_("How it was solved"), wording.line(locale.reword(how, each.language))),
            (N_("Began"), when(desk, case, began, each.language)),
            (N_("Recovered"), when(desk, case, over, each.language)),
            (N_("Lasted"), locale.duration(over - began, each.language)),
        ]
        news = News(
            occasion=Occasion.RESOLVED,
            headline=RESOLVED,
            values={"about": about(case, each.language)},
            facts=tuple(facts),
            closing=CONFIRM if link else CONFIRM_BY_MAIL,
            links=((N_("Say whether it works"), link),) if link else (),
            again=confirmation.mark(case),
        )
        desk.tell(case, news, [each])
    desk.tx.log([confirmation.ask(case, names(people), desk.now)])


def fix(log: Iterable[Entry]) -> str:
    """What the log says of how it was resolved."""
    return next(
        (e.text for e in reversed(list(log)) if e.action in MOVED and e.data.get("to") == CaseState.RESOLVED), ""
    )
