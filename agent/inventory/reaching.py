"""Channels and people's hours as they are written, made the domain's own, or told what is wrong with them."""

from typing import Any

from agent.inventory.attention import Attention, Digest
from agent.inventory.channels import BUILT_IN, EMAIL, TIMEOUT, ChannelKind, ChannelSetup, Rate, Reader, Telling
from agent.inventory.device import Secret
from agent.inventory.document import Channel, Person
from agent.inventory.handbook import Notifications
from agent.inventory.lines import Items, Map
from agent.inventory.problems import Problems, shown
from agent.inventory.reading import Written


def check(written: Written, problems: Problems) -> None:
    """Every channel that a person names is there, and has somewhere to go."""
    known = [*BUILT_IN, *written.names("channels")]
    for name, person in written.names("people").items():
        wanted = person.get("channels") if isinstance(person, Map) else None
        for index, channel in enumerate(wanted if isinstance(wanted, Items) else ()):
            if isinstance(channel, str) and channel not in known:
                advice = "Write it under channels: first"
                message = f"unknown channel {shown(channel)!r}"
                problems.add(("people", name, "channels", index), message, advice, options=known, wrote=channel)
    for name, one in written.people.items():
        _person(name, one, written, problems)
    said = written.policies.notifications
    if said is not None and said.at_once is not None and "P1" not in said.at_once:
        at = ("policies", "notifications", "at_once")
        problems.add(at, "leaves out P1, which no quiet hours hold back", "Write [P1], or [P1, P2]")
    for name, channel in written.channels.items():
        _channel(name, channel, written, problems)


def _person(name: str, person: Person, written: Written, problems: Problems) -> None:
    at = ("people", name)
    reads = {channel: _reader(channel, written) for channel in person.channels}
    email = next((channel for channel, read in reads.items() if read is Reader.EMAIL), None)
    if email is not None and person.email is None:
        said = "by e-mail" if email == EMAIL else f"by {shown(email)}"
        advice = "Write email:, or channels: [console]"
        problems.add((*at, "email"), f"is missing, and the person is told {said}", advice)
    phone = next((channel for channel, read in reads.items() if read is Reader.PHONE), None)
    if phone is not None and not any(c.isdigit() for c in person.phone):
        advice = "Write phone: in quotes, or other channels"
        problems.add((*at, "phone"), f"is missing, and the person is told by {shown(phone)}", advice)
    if person.quiet is not None and person.quiet.always:
        problems.add((*at, "quiet"), "is the whole day, every day", 'Write {from: "22:00", to: "07:00"}')
    if person.digest is not None and "P1" in person.digest.severities:
        problems.add((*at, "digest", "severities"), "P1 cannot wait for a digest", "Write [P3, P4]")


def _reader(channel: str, written: Written) -> Reader:
    if channel == EMAIL:
        return Reader.EMAIL
    setup = written.channels.get(channel)
    return setup.to if setup is not None else Reader.NAME


def _channel(name: str, channel: Channel, written: Written, problems: Problems) -> None:
    at = ("channels", name)
    if name in BUILT_IN:
        problems.add(at, "is a channel that is always there", "Give it another name: wecom, sms, tickets")
    if channel.kind is ChannelKind.WEBHOOK and channel.secret is None:
        advice = "Write secret: env:NAME; both sides know it, and messages are signed with it"
        problems.add((*at, "secret"), "is missing: a webhook is signed", advice)
    if channel.kind is not ChannelKind.WEBHOOK and channel.secret is not None:
        problems.add((*at, "secret"), "is only for a webhook", "Leave it out: keys of others stand in their URL")
    if channel.kind is not ChannelKind.APPRISE and channel.to is not Reader.NAME:
        problems.add((*at, "to"), "is only for apprise", "Leave it out")
    for index, customer in enumerate(channel.customers):
        if customer not in written.names("customers"):
            options = written.names("customers").keys()
            problems.add((*at, "customers", index), f"unknown customer {shown(customer)!r}", options=options)


def channels(written: Written) -> dict[str, ChannelSetup]:
    return {name: _setup(name, channel) for name, channel in written.channels.items() if name not in BUILT_IN}


def _setup(name: str, channel: Channel) -> ChannelSetup:
    return ChannelSetup(
        name=name,
        kind=channel.kind,
        url=Secret(channel.url),
        secret=Secret(channel.secret) if channel.secret else None,
        to=channel.to,
        every_case=channel.every_case,
        severities=tuple(channel.severities),
        customers=tuple(channel.customers),
        language=channel.language,
        timeout=channel.timeout or TIMEOUT,
    )


def attention(person: Person) -> Attention:
    said: dict[str, Any] = {"timezone": person.timezone} if person.timezone else {}
    if person.digest is not None:
        said["digest"] = Digest(at=tuple(person.digest.at), severities=tuple(person.digest.severities))
    return Attention(quiet=person.quiet, **said)


def telling(written: Notifications) -> Telling:
    plain = Telling()
    rate = written.rate
    return Telling(
        at_once=plain.at_once if written.at_once is None else tuple(written.at_once),
        customers=plain.customers if written.customers is None else tuple(written.customers),
        evidence=plain.evidence if written.evidence is None else written.evidence,
        rate=plain.rate if rate is None else Rate(burst=rate.burst, every=rate.every or plain.rate.every),
    )
