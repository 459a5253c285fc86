"""Tells that the evidence is there: the opening went out before any device could be asked."""

from datetime import datetime

from agent.cases.case import Action, EvidenceState
from agent.inventory.channels import EMAIL
from agent.locale import N_
from agent.notifications import digests
from agent.notifications.news import News
from agent.notifications.policy import Occasion
from agent.pipeline import posting
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket

_ON_ITS_WAY = (EvidenceState.QUEUED, EvidenceState.RUNNING)


def attend(desk: Desk, docket: Docket) -> datetime | None:
    """Once, when the quick evidence is in: by mail, to those of ours who were told of the problem by mail."""
    case = docket.case
    if not desk.inventory.policies.notifications.evidence or digests.is_over(case):
        return None
    if not any(entry.action is Action.EVIDENCE for entry in docket.log):
        return None
    rows = [row for row in desk.tx.evidence(case.number) if row.tier == "quick"]
    files = [row for row in rows if row.sha256]
    if not files or any(row.state in _ON_ITS_WAY for row in rows):
        return None
    news = News(
        occasion=Occasion.EVIDENCE,
        headline=N_("Evidence for case {name}, from {devices}"),
        values={"devices": ", ".join(sorted({row.device for row in files}))},
        closing=N_("What counts as a secret was struck out before anything was stored."),
    )
    people = [each for each in posting.told(desk.tx, case.number) if each.channel == EMAIL and not each.customer]
    desk.tell(case, news, people, evidence=desk.tx.evidence(case.number))
    return None
