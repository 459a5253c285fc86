"""Who is told of what: the person on call of the customer's team, the customer's own contacts, and the channels that
hear of every case."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from agent.cases.case import Case
from agent.inventory.channels import CONSOLE, EMAIL, ChannelSetup, Reader
from agent.inventory.customers import Language, Person
from agent.inventory.inventory import Inventory
from agent.notifications.news import News


class Occasion(StrEnum):
    OPENED = "opened"
    RAISED = "raised"  # the severity rose
    REOPENED = "reopened"  # a relapse after people were told that it is over
    RESOLVED = "resolved"
    STATE = "state"  # it moved on in a way that matters to the customer
    EVIDENCE = "evidence"  # what was asked of the devices is there
    UNREACHED = "unreached"  # somebody could not be told
    DIGEST = "digest"  # several messages in one


TELLS_OF_A_PROBLEM = frozenset({Occasion.OPENED, Occasion.RAISED, Occasion.REOPENED, "escalated", "paged"})
"""Who was told on none of these knows of no problem, and is not told that it is over."""


_OF_CHOICE = frozenset({"opened", "raised", "reopened", "state", "resolved"})


@dataclass(frozen=True, slots=True)
class Recipient:
    name: str
    channel: str
    to: str
    language: Language
    customer: bool = False  # one of theirs, not of ours
    person: str = ""  # one of ours: the key in the inventory


def bystanders(case: Case, inventory: Inventory, occasion: str) -> list[Recipient]:
    """Those who are told because of the customer and the case, whoever is on duty."""
    theirs = contacts(case, inventory) if customers_hear_of(occasion, inventory) else []
    return [*targets(case, inventory), *theirs]


def ways_to(person: str, inventory: Inventory) -> list[Recipient]:
    """How one of ours is told: on the first channel of theirs, and on the console beside it. Nothing for a key that is
    nobody's."""
    ways = every_way_to(person, inventory)
    pagers = [way for way in ways if way.channel != CONSOLE]
    return pagers[:1] + [way for way in ways if way.channel == CONSOLE]


def every_way_to(person: str, inventory: Inventory) -> list[Recipient]:
    """In the person's order; those on which there is an address."""
    known = inventory.people.get(person)
    if known is None:
        return []
    ways = ((channel, address_on(channel, known, inventory)) for channel in known.channels)
    return [Recipient(known.name, channel, to, known.language, person=person) for channel, to in ways if to]


def address_on(channel: str, person: Person, inventory: Inventory) -> str:
    """Empty where there is none."""
    setup = inventory.channels.get(channel)
    read = Reader.EMAIL if channel == EMAIL else setup.to if setup else Reader.NAME
    return {Reader.EMAIL: person.email, Reader.PHONE: dialled(person.phone), Reader.NAME: person.name}[read]


def dialled(phone: str) -> str:
    """A telephone number without what makes it readable."""
    return "".join(c for place, c in enumerate(phone) if (c.isascii() and c.isdigit()) or (c == "+" and place == 0))


def next_way(missed: Recipient, tried: Iterable[str], inventory: Inventory) -> Recipient | None:
    """The person's next channel; None for who is none of ours, or has no other that was not tried."""
    over = {CONSOLE, missed.channel, *tried}
    ways = every_way_to(missed.person, inventory)
    place = next((i for i, way in enumerate(ways) if way.channel == missed.channel), 0)
    return next((way for way in ways[place:] + ways[:place] if way.channel not in over), None)


def targets(case: Case, inventory: Inventory) -> list[Recipient]:
    """Channels that hear of every case, or of those of some customers or severities."""
    return [Recipient(setup.name, setup.name, setup.name, setup.language) for setup in _hearing_of(case, inventory)]


def _hearing_of(case: Case, inventory: Inventory) -> Iterator[ChannelSetup]:
    for setup in inventory.channels.values():
        severe = not setup.severities or case.severity in setup.severities
        if setup.every_case and severe and (not setup.customers or case.customer in setup.customers):
            yield setup


def contacts(case: Case, inventory: Inventory) -> list[Recipient]:
    """The people at the customer who want to be told."""
    customer = inventory.customers.get(case.customer)
    return [
        Recipient(contact.name, EMAIL, contact.email, contact.language, customer=True)
        for contact in (customer.contacts if customer else ())
        if contact.notify and contact.email
    ]


def customers_hear_of(occasion: str, inventory: Inventory) -> bool:
    """Of what is a question to them they always hear."""
    return occasion not in _OF_CHOICE or occasion in inventory.policies.notifications.customers


def key(case: Case, occasion: Occasion, recipient: Recipient) -> str:
    """The same for the same news to the same person, however often it is worked out."""
    again = f".{case.reopened}" if case.reopened else ""
    what = f"{occasion}-{case.severity}" if occasion is Occasion.RAISED else occasion
    return f"{case.name}/{what}{again}/{recipient.channel}/{recipient.to}"


def news_key(case: Case, news: News, recipient: Recipient) -> str:
    """The same for the same news to the same person, however often it is worked out."""
    again = f".{news.again}" if news.again else ""
    return f"{news.once or case.name}/{news.occasion}{again}/{recipient.channel}/{recipient.to}"


def on_channel(known: str, before: Recipient, now: Recipient) -> str:
    """A key of one way to somebody, made that of another."""
    return f"{known.removesuffix(f'/{before.channel}/{before.to}')}/{now.channel}/{now.to}"
