"""Puts together what was held: one message to each person and channel, when the time has come."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from agent.cases.case import Case
from agent.inventory.inventory import Inventory
from agent.notifications import digests, wire
from agent.notifications.digests import Story
from agent.notifications.policy import Occasion, Recipient
from agent.pipeline.apart import Apart
from agent.pipeline.posting import LEFT_OUT, about, attention
from agent.ports import Job, JobKind, Store, Transaction

AT_ONCE = 1000
TOLD_IN = "told in "
_MOMENT = timedelta(minutes=1)


def gather(store: Store, inventory: Inventory, now: datetime, site: str = "") -> list[Exception]:
    """Returns what went wrong: that stays held for a moment longer. Taking what was held and putting in what is told of
    it is one transaction: whatever happens after it finds either the one or the other."""
    with store.read() as tx:
        if not tx.notices_due(now):
            return []
    with store.begin() as tx:
        by: dict[tuple[str, str], list[Job]] = defaultdict(list)
        for job in tx.lease(JobKind.NOTICE, now, _MOMENT, "gather", AT_ONCE):
            by[str(job.payload["channel"]), str(job.payload["to"])].append(job)
        one = Apart(tx)
        for (channel, _), held in by.items():
            told = partial(_tell, tx, inventory, now, sorted(held, key=lambda job: job.id), site)
            one.do(f"what was held by {channel}", told, None)
        return one.troubles


def _tell(tx: Transaction, inventory: Inventory, now: datetime, held: Sequence[Job], site: str) -> None:
    recipient = wire.recipient(held[-1].payload)
    cases = {number: tx.case(number) for number in dict.fromkeys(job.case for job in held)}
    heard = {number for number in cases if _heard(tx, number, recipient)}
    gone = {number for number, case in cases.items() if digests.is_over(case) and number not in heard}
    left = [job for job in held if job.case not in gone]
    key = f"digest/{recipient.channel}/{recipient.to}/{held[0].id}"
    if len(held) == 1 and left:
        key = f"{held[0].key}/held"
        payload = dict(held[0].payload)  # its own key in it stays: what follows it up answers that one
    else:
        zone = attention(recipient, inventory).timezone
        stories = [_story(case, left) for number, case in cases.items() if case and number not in gone]
        message = digests.message(key, recipient, stories, len(gone), zone, site)
        payload = wire.pack(message, recipient, Occasion.DIGEST)
        payload["cases"] = [story.case.number for story in stories]
    tx.keep_notice(key, recipient.channel, recipient.to, now, held=False)
    case = held[0].case if len(held) == 1 and left else 0
    tx.enqueue([Job(key=key, kind=JobKind.NOTIFY, due=now, payload=payload, case=case)])
    for job in held:
        tx.finish(job, now, LEFT_OUT if job.case in gone else f"{TOLD_IN}{key}")


def _heard(tx: Transaction, case: int, recipient: Recipient) -> bool:
    """Whether something about the case was told there otherwise, with others in a message before this one too."""
    mine = (job for job in about(tx, case) if job.kind is JobKind.NOTIFY or job.result.startswith(TOLD_IN))
    return any((job.payload["channel"], job.payload["to"]) == (recipient.channel, recipient.to) for job in mine)


def _story(case: Case, held: Sequence[Job]) -> Story:
    of = [job.payload for job in held if job.case == case.number]
    return Story(case, [(datetime.fromisoformat(each["posted"]), wire.occasion(each)) for each in of])
