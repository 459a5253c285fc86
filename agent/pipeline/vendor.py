"""A vendor that owes news: the engineer is reminded, then the project lead is told."""

from dataclasses import replace
from datetime import datetime, timedelta

from agent.cases import vendor
from agent.cases.case import Case
from agent.cases.ledger import US
from agent.cases.vendor import Handover, What
from agent.locale import N_
from agent.notifications.news import News
from agent.notifications.policy import Recipient
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket

OCCASION = "vendor"
LOOK_AGAIN = timedelta(hours=1)
HEADLINES = {
    What.OVERDUE: N_("{vendor} owes news on case {name}"),
    What.ESCALATED: N_("{vendor} still owes news on case {name}"),
}


def attend(desk: Desk, docket: Docket) -> datetime | None:
    if docket.case.merged_into:
        return _follow(desk, docket.case)
    if docket.case.closed:
        _end(desk, docket.case)
        return None
    again = [_look(desk, docket, each) for each in desk.tx.handovers(docket.case.number, only_open=True)]
    return min((when for when in again if when is not None), default=None)


def _end(desk: Desk, case: Case) -> None:
    """Of a case that is over a vendor owes no news."""
    for handover in desk.tx.handovers(case.number, only_open=True):
        after, entry = vendor.closed(handover, "our case was closed, and the vendor's with it", US, desk.now)
        desk.tx.save_handover(after)
        desk.tx.log([entry])


def _follow(desk: Desk, case: Case) -> datetime | None:
    """A vendor goes on with the case that goes on; where that one is in a vendor's hands already, when it is back."""
    if not desk.tx.handovers(case.number, only_open=True):
        return None
    if desk.tx.handovers(case.merged_into, only_open=True):
        return desk.now + LOOK_AGAIN
    for handover in desk.tx.handovers(case.number, only_open=True):
        after = replace(handover, case=case.merged_into)
        desk.tx.save_handover(after)
        desk.tx.log([vendor.moved(after, case.name, desk.now)])
    return None


def _look(desk: Desk, docket: Docket, handover: Handover) -> datetime | None:
    step = vendor.step(handover, docket.log, desk.inventory.policies.rma.vendor_grace, desk.now)
    if step.what is not None:
        _tell(desk, docket.case, handover, step.what)
    return step.again


def _tell(desk: Desk, case: Case, handover: Handover, what: What) -> None:
    people = desk.engineer(case)
    if what is What.ESCALATED:
        people = [*people, *desk.role(case, "project_lead")]
    each = {(person.channel, person.to): person for person in people}
    owner = desk.inventory.vendors.get(handover.vendor)
    title = owner.title or owner.name if owner else handover.vendor
    names = ", ".join(dict.fromkeys(person.name for person in each.values())) or "nobody"
    desk.tx.log([vendor.late(handover, what, title, names, desk.now)])
    desk.tell(case, _news(handover, what, title, owner.phone if owner else ""), _once(each))


def _once(people: dict[tuple[str, str], Recipient]) -> list[Recipient]:
    return list(people.values())


def _news(handover: Handover, what: What, title: str, phone: str) -> News:
    facts = (
        (N_("Their number"), handover.reference),
        (N_("Their severity"), handover.severity),
        (N_("Contact"), handover.contact),
        (N_("Telephone"), phone),
        (N_("News due"), f"{handover.due:%Y-%m-%d %H:%M} UTC" if handover.due else ""),
    )
    return News(
        occasion=OCCASION,
        again=f"{what}/{handover.id}/{handover.due:%Y%m%dT%H%M%S}",
        headline=HEADLINES[what],
        values={"vendor": title},
        facts=tuple(pair for pair in facts if pair[1]),
        closing=N_("Ask them, then write down what they say: netcase case vendor update {name} -m …"),
    )
