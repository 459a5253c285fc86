"""Who is on duty now, with what was changed at run time, and how they are told."""

from datetime import datetime

from agent.cases import oncall
from agent.cases.case import Case
from agent.cases.oncall import Roster
from agent.inventory.inventory import Inventory
from agent.notifications import handover, policy
from agent.notifications.policy import Recipient
from agent.ports import Transaction


def roster(tx: Transaction, inventory: Inventory, since: datetime) -> Roster:
    """As it is from `since` on."""
    return handover.roster(inventory, tx.duties(since))


def on_duty(tx: Transaction, inventory: Inventory, case: Case, level: int, now: datetime) -> str:
    """The key of the person who is called; empty where nobody is."""
    return oncall.called(roster(tx, inventory, now), case, level, now)


def on_call(tx: Transaction, inventory: Inventory, case: Case, level: int, now: datetime) -> list[Recipient]:
    return policy.ways_to(on_duty(tx, inventory, case, level, now), inventory)


def holding(tx: Transaction, inventory: Inventory, case: Case, post: str, now: datetime) -> tuple[str, list[Recipient]]:
    """Who holds a post for the case, and how they are told; where nobody does, or can be told, whoever is on call."""
    person = oncall.holder(case, post, inventory)
    ways = policy.ways_to(person, inventory)
    if ways:
        return person, ways
    levels = roster(tx, inventory, now).levels(oncall.team_of(case, inventory))
    for level in levels:
        person = on_duty(tx, inventory, case, level, now)
        if ways := policy.ways_to(person, inventory):
            return person, ways
    return "", []
