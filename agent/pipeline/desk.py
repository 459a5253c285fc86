"""The desk at which a case is worked on, by a person, by the customer or by the clock: what it becomes, what is written
into its timeline and who is told of it are kept together or not at all, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from agent.cases.case import Case, Entry, Evidence
from agent.cases.links import Links, Purpose
from agent.inventory.inventory import Inventory
from agent.notifications import policy, wording
from agent.notifications.news import News
from agent.notifications.policy import Recipient
from agent.pipeline import posting, rosters
from agent.ports import Transaction


class Desk:
    """`links`: None where customers cannot reach the site."""

    def __init__(self, tx: Transaction, inventory: Inventory, now: datetime, links: Links | None = None) -> None:
        self.tx, self.inventory, self.now, self.links = tx, inventory, now, links

    def keep(self, case: Case, *entries: Entry) -> Case:
        """The case as it is from now on, with what its timeline says of it."""
        self.tx.save_case(case)
        self.tx.log(entries)
        return case

    def on_call(self, case: Case, level: int = 1) -> list[Recipient]:
        """Every way in which the person on duty of a level is told, of the team that looks after the customer."""
        return rosters.on_call(self.tx, self.inventory, case, level, self.now)

    def role(self, case: Case, role: str) -> list[Recipient]:
        """Every way in which the holder of a post (agent.inventory.teams.Post) is told; without one whoever is on
        call."""
        return rosters.holding(self.tx, self.inventory, case, role, self.now)[1]

    def engineer(self, case: Case) -> list[Recipient]:
        """Whoever works on it: the person it is assigned to, else the one on call."""
        return policy.ways_to(case.assignee, self.inventory) or self.on_call(case)

    def customer(self, case: Case) -> list[Recipient]:
        return policy.contacts(case, self.inventory)

    def link(
        self, case: Case, purpose: Purpose, recipient: Recipient, about: str = "", expires: datetime | None = None
    ) -> str:
        """The address at which this person answers, in their language; empty where customers cannot reach the site."""
        ends = expires or self.now + self.inventory.policies.customer.links_last
        address = self.links.url(purpose, case.number, recipient.to, ends, about) if self.links else ""
        return f"{address}?lang={recipient.language}" if address else ""

    @property
    def site(self) -> str:
        """The address under which our own people reach the pages from elsewhere; empty where they do not."""
        return self.links.site if self.links else ""

    def tell(self, case: Case, news: News, recipients: Iterable[Recipient], evidence: Sequence[Evidence] = ()) -> None:
        """Each is told once, however often this is called."""
        for each in recipients:
            if each.customer and not policy.customers_hear_of(news.occasion, self.inventory):
                continue
            worded = partial(wording.of_news, news, case, each, self.site, evidence)
            key = policy.news_key(case, news, each)
            posting.post(self.tx, self.inventory, self.now, case, each, key, news.occasion, worded)
