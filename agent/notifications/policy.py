"""Who is told of what: the person on call of the customer's team, and the customer's own contacts."""

from dataclasses import dataclass
from enum import StrEnum

from agent.cases.case import Case
from agent.inventory.customers import Language
from agent.inventory.inventory import Inventory
from agent.notifications.news import News


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


def on_call(inventory: Inventory, customer: str, level: int = 1) -> str:
    """The key of the person on duty for a customer: the first of the team's list, on the next level the second, and so
    on; empty where there is none."""
    owner = inventory.customers.get(customer)
    team = inventory.teams.get(owner.team) if owner else None
    return team.on_call[level - 1] if team and len(team.on_call) >= level else ""


def recipients(case: Case, inventory: Inventory) -> list[Recipient]:
    """Ours first. A person without an address on a channel is left out there."""
    return [*ways_to(on_call(inventory, case.customer), inventory), *contacts(case, inventory)]


def ways_to(person: str, inventory: Inventory) -> list[Recipient]:
    """How one of ours is told, by the key of the person; nothing for a key that is nobody's."""
    known, found = inventory.people.get(person), []
    if known is None:
        return []
    for channel in known.channels:
        to = known.email if channel == "email" else known.name
        if to:
            found.append(Recipient(known.name, channel, to, known.language))
    return found


def contacts(case: Case, inventory: Inventory) -> list[Recipient]:
    """The people at the customer who want to be told."""
    customer = inventory.customers.get(case.customer)
    return [
        Recipient(contact.name, "email", contact.email, contact.language, customer=True)
        for contact in (customer.contacts if customer else ())
        if contact.notify and contact.email
    ]


def key(case: Case, occasion: Occasion, recipient: Recipient) -> str:
    """The same for the same news to the same person, however often it is worked out."""
    again = f".{case.reopened}" if case.reopened else ""
    what = f"{occasion}-{case.severity}" if occasion is Occasion.RAISED else occasion
    return f"{case.name}/{what}{again}/{recipient.channel}/{recipient.to}"


def news_key(case: Case, news: News, recipient: Recipient) -> str:
    """The same for the same news to the same person, however often it is worked out."""
    again = f".{news.again}" if news.again else ""
    return f"{news.once or case.name}/{news.occasion}{again}/{recipient.channel}/{recipient.to}"
