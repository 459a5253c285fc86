"""Whom a case has reached and will reach, for whoever looks at it: step, due, who, how, delivered, read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.cases import escalation, oncall
from agent.cases.case import Case, Entry
from agent.cases.escalation import Step, Trigger
from agent.inventory.inventory import Inventory
from agent.locale import N_, Text
from agent.notifications import handover
from agent.pipeline import posting
from agent.ports import Job, JobState, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """`told` None: still to come, `who` is who would be told as things are now. `delivered` is a job's state, or empty
    where nobody could be told; `read` is when that person first did something on the case after it."""

    target: Text
    why: Text
    due: datetime
    who: str
    how: tuple[str, ...] = ()
    told: datetime | None = None
    delivered: str = ""
    read: datetime | None = None
    held: Text | None = None


def rungs(tx: Transaction, inventory: Inventory, case: Case, log: Sequence[Entry], now: datetime) -> tuple[Rung, ...]:
    steps = escalation.plan(case, log, inventory, now)
    if not steps:
        return ()
    jobs = posting.about(tx, case.number) + [j for j in tx.jobs(case=case.number) if j.state is JobState.FAILED]
    roster = handover.roster(inventory, tx.duties(now))
    return tuple(
        _told(step, step.told, jobs, log, inventory) if step.told else _coming(step, case, roster, inventory)
        for step in steps
    )


def _told(step: Step, entry: Entry, jobs: Iterable[Job], log: Iterable[Entry], inventory: Inventory) -> Rung:
    data = entry.data
    person = inventory.people.get(data.get("person", ""))
    stem = data.get("stem", "")
    mine = [job for job in jobs if stem and job.key.startswith(stem)]
    mine = [job for job in mine if job.payload.get("name", "") == data.get("who", "")]
    best = min(mine, key=_order, default=None)
    names = (data.get("person", ""), data.get("who", ""), person.email if person else "")
    reader = escalation.read_by(step, log, names)
    ways = tuple(str(job.payload["channel"]) for job in mine if job.state is JobState.DONE)
    return Rung(
        target=target(step),
        why=why(step),
        due=step.due,
        who=data.get("who", ""),
        how=ways or tuple(way for way in data.get("how", "").split(",") if way),
        told=entry.at,
        delivered=str(best.state) if best else "",
        read=reader.at if reader else None,
    )


def _order(job: Job) -> int:
    return (JobState.DONE, JobState.LEASED, JobState.WAITING, JobState.FAILED).index(job.state)


def _coming(step: Step, case: Case, roster: oncall.Roster, inventory: Inventory) -> Rung:
    if step.level:
        person = oncall.called(roster, case, step.level, step.due)
    else:
        person = _holder(step, case, roster, inventory)
    known = inventory.people.get(person)
    who = (known.name or person) if known else person
    return Rung(target=target(step), why=why(step), due=step.due, who=who, held=step.held)


def _holder(step: Step, case: Case, roster: oncall.Roster, inventory: Inventory) -> str:
    """Where nobody holds the post, or can be told, it is whoever is on call."""
    person, team = oncall.holder(case, step.post, inventory), oncall.team_of(case, inventory)
    if person in inventory.people and roster.reachable(person):
        return person
    on_duty = (oncall.who(roster, team, level, step.due).person for level in roster.levels(team))
    return next((each for each in on_duty if each in inventory.people and roster.reachable(each)), "")


def target(step: Step) -> Text:
    if step.level:
        return Text(N_("On call, level {level}"), {"level": step.level})
    return Text("{post:word}", {"post": step.post})


_WHY = {
    Trigger.PAGING: N_("not taken up for {after:duration}"),
    Trigger.ELAPSED: N_("not restored for {after:duration}"),
    Trigger.STALE: N_("not touched for {after:duration}"),
}


def why(step: Step) -> Text:
    if step.trigger is Trigger.PAGING and not step.after:
        return Text("{because:word}", {"because": f"paged_{step.because}"})
    return Text(_WHY[step.trigger], {"after": step.after.total_seconds()})
