"""Contracts of cases: what is written down of them, and who is told of one that does not hold."""

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from agent.cases import contract, intake, opening
from agent.cases.case import Case
from agent.cases.contract import Claim, Finding, Status
from agent.errors import RefusedError
from agent.inventory.inventory import Inventory
from agent.locale import N_
from agent.notifications.news import News
from agent.observation import Batch, Fact, Tier
from agent.pipeline.desk import Desk
from agent.ports import Transaction

WHAT_IS_WRONG: Mapping[Status, str] = {
    Status.EXPIRED: N_("The contract of case {name} has ended"),
    Status.NOT_COVERED: N_("The contract of case {name} does not cover it"),
    Status.UNKNOWN: N_("No contract is known for case {name}"),
}


def serials(tx: Transaction, inventory: Inventory, claim: Claim) -> dict[str, str]:
    """Device by serial number, its own and its parts', as the latest polls told: of the device that is named where it
    has the number, else of all of them, which are many."""
    if not contract.serial(claim.serial):
        return {}
    named = contract.find_device(claim.device, inventory)
    latest = tx.latest(named.name, Tier.IDENTITY) if named else None
    if named and latest and contract.serial(claim.serial) in (own := _serials(named.name, latest)):
        return own
    found: dict[str, str] = {}
    for device, batch in tx.latest_all(Tier.IDENTITY).items():
        found |= _serials(device, batch)
    return found


def _serials(device: str, batch: Batch) -> dict[str, str]:
    told = (str(seen.value) for seen in batch.observations if seen.fact is Fact.SERIAL)
    return {contract.serial(number): device for number in told if number.strip()}


def look_up(desk: Desk, claim: Claim) -> Finding:
    known = serials(desk.tx, desk.inventory, claim)
    return contract.look_up(claim, desk.inventory, known, desk.now)


def found(desk: Desk, case: Case) -> None:
    """Of a case that a fault opened: which contract its device is under stands on it."""
    finding = opening.contract_of(case.subject.device, desk.inventory, desk.now)
    desk.tx.log([intake.contract_entry(case, finding, desk.now)])
    tell_account(desk, case, finding)


def tell_account(desk: Desk, case: Case, found: Finding) -> None:
    """Whoever looks after the contract hears of one that does not hold: once a day, however many cases there are.

    Who is told of the opening anyway reads it there.
    """
    if found.status is Status.VALID:
        return
    told = {(each.channel, each.to) for each in desk.on_call(case)}
    recipients = [each for each in desk.role(case, "account") if (each.channel, each.to) not in told]
    today = desk.now.astimezone(ZoneInfo(desk.inventory.policies.daily_report.timezone)).date()
    news = News(
        occasion="contract",
        headline=WHAT_IS_WRONG[found.status],
        facts=(
            (N_("Why"), found.because),
            (N_("Contract"), found.number or "–"),
            (N_("Customer"), found.customer or "–"),
            (N_("Problem"), case.about),
        ),
        closing=N_("The case is worked on all the same. Correct it with: netcase case contract {name} NUMBER"),
        once=f"contract/{found.number or found.device or found.customer}/{today}",
    )
    desk.tell(case, news, recipients)


def correct(desk: Desk, case: Case, number: str, actor: str) -> tuple[Case, Finding]:
    """The case under another contract from now on; raises RefusedError for one that nobody knows."""
    known = contract.find_contract(number, desk.inventory)
    if known is None:
        raise RefusedError(f"no contract has the number {number}: `netcase contracts` lists them")
    claim = Claim(number=known.number, serial=case.serial, device=case.subject.device, customer=case.customer)
    found = look_up(desk, claim)
    customer = case.customer or found.customer
    after = replace(case, contract=found.number, contract_status=found.status, customer=customer, updated=desk.now)
    return desk.keep(after, intake.contract_entry(after, found, desk.now, actor)), found
