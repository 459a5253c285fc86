"""Visits to devices for evidence, as the outbox holds them: rows first, so that the case shows what is on its way."""

from dataclasses import replace
from datetime import datetime

from agent.cases.case import Case, Evidence, EvidenceState
from agent.cases.playbook import Collect
from agent.ports import Job, JobKind, Transaction


def ask_device(tx: Transaction, case: Case, visit: Collect, now: datetime, again: str = "") -> None:
    """Once for a case, a tier and a device; `again` says what makes it another visit."""
    queued = Evidence(
        case=case.number,
        device=visit.device,
        command="",
        tier=visit.tier,
        state=EvidenceState.QUEUED,
        at=now,
    )
    rows = [tx.save_evidence(replace(queued, command=topic, topic=topic)) for topic, _ in visit.topics]
    payload = {
        "device": visit.device,
        "tier": visit.tier,
        "topics": [[topic, dict(parameters)] for topic, parameters in visit.topics],
        "rows": [row.id for row in rows],
    }
    job = Job(
        key=f"{case.name}/{visit.tier}/{visit.device}{f'/{again}' if again else ''}",
        kind=JobKind.COLLECT,
        due=now,
        payload=payload,
        case=case.number,
        lane=f"{visit.tier}:{visit.device}",
    )
    tx.enqueue([job])
