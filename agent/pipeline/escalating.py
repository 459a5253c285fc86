"""Tells whoever a case reaches that is not over. Each step stands on the timeline, told or not, and is told once."""

from collections.abc import Collection, Iterable
from datetime import datetime

from agent.cases import escalation
from agent.cases.case import Case, CaseKind
from agent.cases.escalation import Because, Step, Trigger
from agent.locale import N_
from agent.notifications import policy
from agent.notifications.news import News
from agent.notifications.policy import Occasion, Recipient
from agent.pipeline import rosters
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket
from agent.ports import JobKind

PAGED, ESCALATED = "paged", "escalated"
_SAID_BY: dict[Because, Occasion] = {
    Because.OPENED: Occasion.OPENED,
    Because.RAISED: Occasion.RAISED,
    Because.RELAPSED: Occasion.REOPENED,
}
_HEADLINES = {  # by occasion and whether a person opened the case, and gave it its title
    (PAGED, False): N_("Level {level} is called, {severity} case {name}: {kind:word}, {subject}"),
    (PAGED, True): N_("Level {level} is called, {severity} case {name}: {title}"),
    (ESCALATED, False): N_("Escalated to the {post:word}, {severity} case {name}: {kind:word}, {subject}"),
    (ESCALATED, True): N_("Escalated to the {post:word}, {severity} case {name}: {title}"),
}
_CLOSINGS = {
    Because.OPENED: N_("The case was just opened. Take it up: netcase case ack {name}"),
    Because.RAISED: N_("Its severity rose. Take it up: netcase case ack {name}"),
    Because.RELAPSED: N_("The fault is back. Take it up: netcase case ack {name}"),
    Because.LAPSED: N_("The acknowledgement has ended, and it is not over. Take it up: netcase case ack {name}"),
}
_UNANSWERED = N_("Nobody has taken it up for {after:duration}. Take it up: netcase case ack {name}")
_ELAPSED = N_("The service has not worked again for {after:duration}. See where it stands: netcase case show {name}")
_STALE = N_("Nobody has touched the case for {after:duration}: its state has to be kept current.")


def escalate(desk: Desk, docket: Docket) -> datetime | None:
    """An attendant: tells what is due, returns when the next step is."""
    case, log = docket.case, list(docket.log)
    plan = escalation.plan(case, log, desk.inventory, desk.now)
    while step := escalation.first_due(plan, desk.now):
        person, ways = _whom(desk, case, step)
        stem = _tell(desk, case, step, ways)
        name = ways[0].name if ways else ""
        entry = escalation.told_entry(case, step, person, name, [way.channel for way in ways], stem, desk.now)
        desk.tx.log([entry])
        log.append(entry)
        plan = escalation.plan(case, log, desk.inventory, desk.now)
    return escalation.next_due(plan, desk.now)


def _whom(desk: Desk, case: Case, step: Step) -> tuple[str, list[Recipient]]:
    if step.level:
        person = rosters.on_duty(desk.tx, desk.inventory, case, step.level, desk.now)
        return person, policy.ways_to(person, desk.inventory)
    return rosters.holding(desk.tx, desk.inventory, case, step.post, desk.now)


def _tell(desk: Desk, case: Case, step: Step, ways: Iterable[Recipient]) -> str:
    """Returns what the keys of the messages begin with."""
    if said := _said_already(desk, case, step, {(way.channel, way.to) for way in ways}):
        return said
    news = _news(case, step)
    desk.tell(case, news, ways)
    return f"{case.name}/{news.occasion}.{news.again}/"


def _said_already(desk: Desk, case: Case, step: Step, ways: Collection[tuple[str, str]]) -> str:
    """Whoever is on call at the opening is told of it anyway: a second message would say the same."""
    occasion = _SAID_BY.get(step.because)
    if step.trigger is not Trigger.PAGING or step.after or occasion is None:
        return ""
    for job in desk.tx.jobs(kind=JobKind.NOTIFY, case=case.number):
        told = job.payload.get("occasion") == str(occasion) and (job.payload["channel"], job.payload["to"]) in ways
        if told and job.key.startswith(f"{case.name}/{occasion}"):
            stem = job.key.removesuffix(f"/{job.payload['channel']}/{job.payload['to']}")
            if occasion is Occasion.OPENED or _is_of_this_round(stem, case, occasion):
                return f"{stem}/"
    return ""


def _is_of_this_round(stem: str, case: Case, occasion: Occasion) -> bool:
    """Keys tell how severe it became, and how often it was open again."""
    again = f".{case.reopened}" if case.reopened else ""
    what = f"{occasion}-{case.severity}" if occasion is Occasion.RAISED else str(occasion)
    return stem == f"{case.name}/{what}{again}"


def _news(case: Case, step: Step) -> News:
    occasion = PAGED if step.trigger is Trigger.PAGING else ESCALATED
    values = {
        "level": step.level,
        "post": step.post,
        "kind": str(case.kind),
        "subject": str(case.subject) if case.subject.device else case.title,
        "title": case.title,
        "after": step.after,
    }
    return News(
        occasion=occasion,
        headline=_HEADLINES[occasion, case.kind is CaseKind.REPORTED],
        values=values,
        closing=_closing(step),
        again=step.key,
    )


def _closing(step: Step) -> str:
    match step.trigger:
        case Trigger.PAGING:
            return _UNANSWERED if step.after else _CLOSINGS[step.because]
        case Trigger.ELAPSED:
            return _ELAPSED
        case Trigger.STALE:
            return _STALE
