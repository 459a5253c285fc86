"""Puts messages into the outbox: to go at once, or held and told later with others. In the caller's transaction, so
that what was decided and who is told of it are kept together or not at all."""

from collections.abc import Callable, Iterable
from datetime import datetime

from agent.cases.case import Case, Severity
from agent.inventory.attention import Attention
from agent.inventory.inventory import Inventory
from agent.notifications import holding, wire
from agent.notifications.holding import Held
from agent.notifications.notification import Notification
from agent.notifications.policy import TELLS_OF_A_PROBLEM, Recipient
from agent.ports import Job, JobKind, JobState, Transaction

LEFT_OUT = "left out: it was over before anybody was told"


def post(
    tx: Transaction,
    inventory: Inventory,
    now: datetime,
    case: Case,
    recipient: Recipient,
    key: str,
    occasion: str,
    worded: Callable[[], Notification],
) -> bool:
    """Whether it is news to the recipient; what has a known key was put to them before, and is not put again."""
    if tx.noticed(key):
        return False
    due, why = _when(tx, inventory, now, case, recipient, occasion)
    tx.keep_notice(key, recipient.channel, recipient.to, now, held=bool(why))
    kept = wire.pack(worded(), recipient, occasion) | {"posted": now.isoformat(), "held": str(why)}
    kind = JobKind.NOTICE if why else JobKind.NOTIFY
    urgent = case.severity == Severity.P1
    tx.enqueue([Job(key=key, kind=kind, due=due, payload=kept, case=case.number, urgent=urgent)])
    return True


def _when(
    tx: Transaction, inventory: Inventory, now: datetime, case: Case, recipient: Recipient, occasion: str
) -> tuple[datetime, Held]:
    setup = inventory.channels.get(recipient.channel)
    if setup is not None and setup.read_by_machines:
        return now, Held.NOT
    policies = inventory.policies.notifications
    due, why = holding.due(attention(recipient, inventory), case.severity, policies, now)
    if case.severity != Severity.P1:
        sent = tx.notices_sent(recipient.channel, recipient.to, now - holding.window(policies.rate))
        free = holding.next_free(sent, now, policies.rate)
        if free > due:
            due, why = free, Held.RATE
        if occasion not in TELLS_OF_A_PROBLEM and (wait := _waits_for(tx, case, recipient)):
            due, why = max(due, wait), why or Held.BEFORE
    return due, why


def attention(recipient: Recipient, inventory: Inventory) -> Attention:
    """Only our own people have hours of their own."""
    person = inventory.people.get(recipient.person)
    return person.attention if person else Attention()


def _waits_for(tx: Transaction, case: Case, recipient: Recipient) -> datetime | None:
    """When the recipient is told of the problem, who heard nothing of the case yet: its end is not told before."""
    mine = [job for job in about(tx, case.number) if job.payload["to"] == recipient.to]
    mine = [job for job in mine if job.payload["channel"] == recipient.channel]
    if any(job.kind is JobKind.NOTIFY for job in mine):
        return None
    return max((job.due for job in mine if job.state is JobState.WAITING), default=None)


def about(tx: Transaction, case: int) -> list[Job]:
    """All that was put to anybody about a case, and not given up."""
    kinds = (JobKind.NOTIFY, JobKind.NOTICE)
    return [job for job in tx.jobs(case=case) if job.kind in kinds and job.state is not JobState.FAILED]


def told(tx: Transaction, case: int, occasions: Iterable[str] = TELLS_OF_A_PROBLEM) -> list[Recipient]:
    """Everybody who heard of the problem, or will: once each, however often."""
    wanted = frozenset(occasions)
    jobs = (job for job in about(tx, case) if wire.occasion(job.payload) in wanted and job.result != LEFT_OUT)
    return list({(r.channel, r.to): r for r in (wire.recipient(job.payload) for job in jobs)}.values())
