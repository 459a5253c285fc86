"""inventory.yaml, as text, to an Inventory that is whole and consistent, or to all that is wrong with it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from agent.inventory import (
    calendars,
    care,
    credentials,
    merging,
    planning,
    promises,
    reaching,
    references,
    rotas,
    ticketing,
    vendors,
    vendors_written,
)
from agent.inventory.credentials import Environment, Readable
from agent.inventory.customers import Contact, Contract, Customer, Person, Site
from agent.inventory.device import Secret
from agent.inventory.document import Contract as WrittenContract
from agent.inventory.handbook import Consequence as WrittenConsequence
from agent.inventory.handbook import DailyReport as WrittenReport
from agent.inventory.handbook import Policies as WrittenPolicies
from agent.inventory.inventory import Inventory, Link
from agent.inventory.lines import compose, line_of
from agent.inventory.mailbox_written import check as check_mailbox
from agent.inventory.mailbox_written import mailbox
from agent.inventory.policies import Confirmation, Consequence, DailyReport, Flapping, Policies, Smtp
from agent.inventory.problems import Problems
from agent.inventory.promises import Sla
from agent.inventory.reading import Written, read
from agent.inventory.section import Section


def parse(text: str, file: str, environment: Environment, file_readable: Readable | None = None) -> Inventory:
    """Raises InventoryError with every problem: its line in `file`, its key, and what to write instead.

    `environment` looks a variable up (None: not set), to tell at once of secrets that are missing; their values are
    not kept. `file_readable` does the same for files; without it they are not looked for.
    """
    problems = Problems(file)
    root = compose(text, problems)
    problems.locate = partial(line_of, root)
    written = read(root, problems)
    references.check(written, problems)
    reaching.check(written, problems)
    credentials.check(written, environment, file_readable, problems)
    check_mailbox(written.policies.mailbox, file_readable, problems)
    inventory = _inventory(written, problems)
    problems.raise_any()
    return inventory


def _inventory(written: Written, problems: Problems) -> Inventory:
    devices = merging.devices(written, problems)
    references.parents(written, devices, problems)
    ticketing.check(written.bridges, written.names("customers"), problems)
    vendors_written.check(written.policies.rma, (*written.names("sites"), vendors.HEADQUARTERS), problems)
    return Inventory(
        devices=devices,
        customers={name: _customer(name, written) for name in written.customers},
        calendars=calendars.made(written, problems),
        contracts=_contracts(written, problems),
        sites={name: _site(name, written) for name in written.sites},
        channels=reaching.channels(written),
        people=_people(written),
        teams=rotas.teams(written, problems),
        bridges={name: ticketing.setup(name, one) for name, one in written.bridges.items()},
        vendors={name: vendors_written.vendor(name, one) for name, one in written.vendors.items()},
        links=_links(written, problems),
        windows=planning.windows(written, problems),
        attached_to=tuple(written.agent.attached_to),
        policies=_policies(written.policies),
        snmp=credentials.snmp_accesses(written),
    )


def _said(section: Section) -> dict[str, Any]:
    """What was written in a section, without what was left to its default."""
    return {key: value for key in section.model_fields_set if (value := getattr(section, key)) is not None}


def _customer(name: str, written: Written) -> Customer:
    said = _said(written.customers[name])
    said["contacts"] = tuple(Contact(**_said(contact)) for contact in said.get("contacts", ()))
    return Customer(name=name, **said)


def _contracts(written: Written, problems: Problems) -> dict[str, Contract]:
    for number, contract in written.contracts.items():
        if contract.ends < contract.starts:
            message = f"the contract ends on {contract.ends}, before it starts on {contract.starts}"
            problems.add(("contracts", number, "ends"), message, "Write the last day that it covers")
        calendars.check(("contracts", number, "holidays"), contract.holidays or "", written, problems)
    usual = _sla(promises.SHIPPED, written.policies)
    return {number: _contract(number, contract, usual) for number, contract in written.contracts.items()}


def _contract(number: str, written: WrittenContract, usual: Mapping[str, Sla]) -> Contract:
    said = _said(written)
    for key in {"pauses"} & said.keys():
        said[key] = tuple(dict.fromkeys(said[key]))
    said["sla"] = _sla(usual, written) if written.sla else {}
    return Contract(number=number, **{**said, "serials": frozenset(said.get("serials", ()))})


def _sla(below: Mapping[str, Sla], written: WrittenContract | WrittenPolicies) -> dict[str, Sla]:
    return promises.over(below, {level: _said(sla) for level, sla in written.sla.items()})


def _site(name: str, written: Written) -> Site:
    said = _said(written.sites[name])
    said.pop("ssh_jump", None)  # its devices have it
    return Site(name=name, **said)


def _people(written: Written) -> dict[str, Person]:
    people = {}
    for name, person in written.people.items():
        said = {"name": name, **_said(person), "channels": tuple(person.channels)}
        for key in ("timezone", "quiet", "digest"):
            said.pop(key, None)
        said["attention"] = reaching.attention(person)
        if person.token is not None:
            said["token"] = Secret(person.token)
        people[name] = Person(**said)
    return people


def _links(written: Written, problems: Problems) -> tuple[Link, ...]:
    links: dict[str, Link] = {}
    for index, ends in written.links.items():
        at = ("links", index)
        (a, _, a_interface), (b, _, b_interface) = (end.partition(":") for end in ends)
        for position, name in enumerate((a, b)):
            if name not in written.names("devices"):
                references.unknown((*at, position), "devices", name, written, problems)
        if a == b:
            problems.add(at, "joins a device to itself", "Write the device at the other end of the cable")
        link = Link(a, a_interface.strip(), b, b_interface.strip())
        if link.key in links:
            problems.add(at, "stands in the list already", "Remove one of the two")
        links[link.key] = link
    return tuple(links.values())


def _policies(written: WrittenPolicies) -> Policies:
    said = _said(written)
    plain = Policies()
    said["confirmation"] = {kind: Confirmation(**_said(one)) for kind, one in written.confirmation.items()}
    if written.flapping is not None:
        said["flapping"] = Flapping(**_said(written.flapping))
    if written.rma is not None:
        said["rma"] = vendors_written.replacing(written.rma)
    if written.severity is not None:
        said["severity"] = _consequence(written.severity)
    said["sla"] = _sla(plain.sla, written)
    if written.daily_report is not None:
        said["daily_report"] = _daily(written.daily_report)
    if written.smtp is not None:
        said["smtp"] = Smtp(**_said(written.smtp))
    if written.mailbox is not None:
        said["mailbox"] = mailbox(_said(written.mailbox))
    if written.notifications is not None:
        said["notifications"] = reaching.telling(written.notifications)
    if written.customer is not None:
        said["customer"] = care.customer_care(written.customer)
    if written.weekly_reports is not None:
        said["weekly_reports"] = care.weekly_reports(written.weekly_reports)
    if written.faq_wanted is not None:
        said["faq_wanted"] = tuple(dict.fromkeys(written.faq_wanted))
    said |= rotas.policies(written)
    return replace(plain, **said)


def _consequence(written: WrittenConsequence) -> Consequence:
    said, plain = _said(written), Consequence()
    for key in {"roles", "out_of_hours"} & said.keys():
        said[key] = {str(role): level for role, level in said[key].items()}
    said["roles"] = plain.roles | said.get("roles", {})
    return replace(plain, **said)


def _daily(written: WrittenReport) -> DailyReport:
    said = _said(written)
    for key in {"languages", "to"} & said.keys():
        said[key] = tuple(said[key])
    return replace(DailyReport(), **said)
