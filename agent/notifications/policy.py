"""Who is told of what: the person on call of the customer's team, and the customer's own contacts."""

from dataclasses import dataclass
from enum import StrEnum

from agent.cases.case import Case
from agent.inventory.customers import Language
from agent.inventory.inventory import Inventory


class Occasion(StrEnum):
    OPENED = "opened"
    RAISED = "raised"  # the severity rose
    REOPENED = "reopened"  # a relapse after people were told that it is over
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Recipient:
    name: str
    channel: str
    to: str
    language: Language
    customer: bool = False  # one of theirs, not of ours


def on_call(inventory: Inventory, customer: str) -> str:
    """The key of the person on duty for a customer: the first of the team's list; empty where there is none."""
    owner = inventory.customers.get(customer)
    team = inventory.teams.get(owner.team) if owner else None
    return team.on_call[0] if team and team.on_call else ""


def recipients(case: Case, inventory: Inventory) -> list[Recipient]:
    """Ours first. A person without an address on a channel is left out there."""
    found = []
    if person := inventory.people.get(on_call(inventory, case.customer)):
        for channel in person.channels:
            to = person.email if channel == "email" else person.name
            if to:
                found.append(Recipient(person.name, channel, to, person.language))
    customer = inventory.customers.get(case.customer)
    for contact in customer.contacts if customer else ():
        if contact.notify and contact.email:
            found.append(Recipient(contact.name, "email", contact.email, contact.language, customer=True))
    return found


def key(case: Case, occasion: Occasion, recipient: Recipient) -> str:
    """The same for the same news to the same person, however often it is worked out."""
    again = f".{case.reopened}" if case.reopened else ""
    what = f"{occasion}-{case.severity}" if occasion is Occasion.RAISED else occasion
    return f"{case.name}/{what}{again}/{recipient.channel}/{recipient.to}"
