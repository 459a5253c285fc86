"""Whom a case reaches that is not over, and when: a pure function of its timeline and of the inventory.

Three ladders, each step of which is told once:

    paging   whoever is on call, level by level, until one of our people has done anything
    elapsed  the posts of the matrix, by the time since the case was opened or last came back
    stale    one post more when nobody of ours touched the case within its update interval

All of it stops when the service works again. An acknowledgement with an end holds the matrix back until then; when it
lapses what was held back is told, and whoever is on call is paged anew.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from agent.cases import course, oncall, sla
from agent.cases.case import Action, Case, CaseKind, CaseState, Entry
from agent.cases.course import Course
from agent.inventory import holidays, hours
from agent.inventory.holidays import PLAIN
from agent.inventory.inventory import Inventory
from agent.inventory.teams import LADDER
from agent.locale import N_, Text

T = TypeVar("T")
_AHEAD = timedelta(days=400)  # coverage hours come again within it
_OVER = frozenset({CaseState.RESOLVED, CaseState.CLOSED, CaseState.MONITORING})


class Trigger(StrEnum):
    PAGING = "paging"
    ELAPSED = "elapsed"
    STALE = "stale"


class Because(StrEnum):
    """What began a round of paging."""

    OPENED = "opened"
    RAISED = "raised"
    RELAPSED = "relapsed"
    LAPSED = "lapsed"  # the acknowledgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`key` is the same however often it is worked out; `told` is the timeline's line of it, if it was."""

    key: str
    trigger: Trigger
    due: datetime
    since: datetime  # what `after` counts from
    after: timedelta
    level: int = 0  # of the people on call
    post: str = ""
    because: Because = Because.OPENED
    held: Text | None = None  # why it is later than `since` and `after` say
    told: Entry | None = None

    def is_due(self, now: datetime) -> bool:
        return self.told is None and self.due <= now


def due(case: Case, log: Sequence[Entry], inventory: Inventory, now: datetime) -> tuple[Step, ...]:
    """What is to be told now. Tell the first and ask again: what is told decides what comes after it."""
    return tuple(step for step in plan(case, log, inventory, now) if step.is_due(now))


def first_due(steps: Iterable[Step], now: datetime) -> Step | None:
    return next((step for step in steps if step.is_due(now)), None)


def next_due(steps: Iterable[Step], now: datetime) -> datetime | None:
    """When the next step comes if nobody does anything."""
    return min((step.due for step in steps if step.told is None and step.due > now), default=None)


def plan(case: Case, log: Sequence[Entry], inventory: Inventory, now: datetime) -> tuple[Step, ...]:
    """Every step that was told, and those that come if nobody does anything, by time."""
    lines = sorted((entry for entry in log if entry.at <= now), key=lambda entry: entry.at)
    told = {entry.data["step"]: entry for entry in lines if entry.action is Action.ESCALATED and "step" in entry.data}
    coming: list[Step] = []
    known = course.read(case, lines, (), now, course.strangers(case, inventory))
    if not _is_over(case, known):
        coming += _paging(case, lines, known, inventory)
        coming += _matrix(case, lines, known, inventory)
        coming += _stale(case, lines, known, inventory, now)
    steps = {step.key: step for step in coming} | {key: _remembered(entry) for key, entry in told.items()}
    return tuple(sorted(steps.values(), key=lambda step: (step.told.at if step.told else step.due, step.key)))


def _is_over(case: Case, known: Course) -> bool:
    return known.restored is not None or case.state in _OVER or not case.live or case.merged_into > 0


# ---------------------------------------------------------------- paging


@dataclass(frozen=True, slots=True)
class _Round:
    starts: datetime
    because: Because


def _paging(case: Case, lines: Sequence[Entry], known: Course, inventory: Inventory) -> Iterator[Step]:
    """Of the last round only: an older one was answered, or the newer one has taken its place."""
    if case.kind is CaseKind.ON_CALL_GAP:
        return  # nobody is there; the project lead is told
    theirs = course.strangers(case, inventory)
    this = max(_rounds(case, lines, known, theirs), key=lambda each: each.starts)
    if any(_answers(at, this, case) for at in known.acts):
        return
    team = inventory.teams.get(oncall.team_of(case, inventory))
    levels = len(team.rungs) if team else 0
    before: list[int] = []
    for after, level in inventory.policies.paging.get(case.severity, {}).items():
        at = this.starts + after
        if level <= levels:
            key = f"{Trigger.PAGING}.{_stamp(this.starts)}.{level}{_again(level, before)}"
            step = Step(key=key, trigger=Trigger.PAGING, due=at, since=this.starts, after=after, level=level)
            yield replace(step, because=this.because)


def _again(target: T, before: list[T]) -> str:
    """What tells the second step that reaches the same one from the first; a policy may call somebody once more."""
    before.append(target)
    times = before.count(target)
    return f".{times}" if times > 1 else ""


def _goes_on(entry: Entry) -> bool:
    """It was resolved, and is not any more. One that was only watched is the same trouble as before."""
    data = entry.data
    return data.get("from") == CaseState.RESOLVED and data.get("to", "") not in ("", *_OVER)


def _begun(case: Case, lines: Iterable[Entry]) -> datetime:
    """When the case was opened, or opened again."""
    return max((case.opened, *(entry.at for entry in lines if _goes_on(entry))))


def _answers(at: datetime, this: _Round, case: Case) -> bool:
    return at >= this.starts if this.starts == case.opened else at > this.starts


def _rounds(case: Case, lines: Sequence[Entry], known: Course, theirs: Collection[str]) -> Iterator[_Round]:
    """One of ours who opens it again is at work on it."""
    yield _Round(case.opened, Because.OPENED)
    for (_, before), (at, after) in zip(known.severities, known.severities[1:], strict=False):
        if after < before:
            yield _Round(at, Because.RAISED)
    for entry in lines:
        if _goes_on(entry) and not course.is_ours(entry, case.opened, theirs):
            yield _Round(entry.at, Because.RELAPSED)
    for hold in _holds(lines, known):
        if hold.lapsed:
            yield _Round(hold.ends, Because.LAPSED)


# ---------------------------------------------------------------- acknowledgements


@dataclass(frozen=True, slots=True)
class _Hold:
    """An acknowledgement that ends; `lapsed`: by itself, and not because something else took its place."""

    starts: datetime
    ends: datetime
    lapsed: bool


def _holds(lines: Sequence[Entry], known: Course) -> list[_Hold]:
    raised = [at for (_, b), (at, a) in zip(known.severities, known.severities[1:], strict=False) if a < b]
    breaks = [e.at for e in lines if e.action in (Action.ACKNOWLEDGED, Action.RELAPSED) or _goes_on(e)] + raised
    found = []
    for entry in lines:
        until = entry.data.get("until", "") if entry.action is Action.ACKNOWLEDGED else ""
        if until:
            ends = datetime.fromisoformat(until)
            earlier = min((at for at in breaks if entry.at < at < ends), default=None)
            found.append(_Hold(entry.at, earlier or ends, lapsed=earlier is None))
    return found


# ---------------------------------------------------------------- the matrix


def _matrix(case: Case, lines: Sequence[Entry], known: Course, inventory: Inventory) -> Iterator[Step]:
    base = _begun(case, lines)
    begun = known.severities[-1][0]  # it has this severity since then: an older step is told then
    before: list[str] = []
    for after, post in inventory.policies.escalation.get(case.severity, {}).items():
        plain = base + after
        at, held = _put_off(max(plain, begun), case, lines, known, inventory)
        if held is None and begun > plain:
            held = Text(N_("the severity changed"))
        key = f"{Trigger.ELAPSED}.{_stamp(base)}.{post}{_again(str(post), before)}"
        yield Step(key=key, trigger=Trigger.ELAPSED, due=at, since=base, after=after, post=str(post), held=held)


def _put_off(
    at: datetime, case: Case, lines: Sequence[Entry], known: Course, inventory: Inventory
) -> tuple[datetime, Text | None]:
    """Until no acknowledgement holds it back, and somebody may be told at that hour."""
    held = None
    for hold in sorted(_holds(lines, known), key=lambda each: each.starts):
        if hold.starts <= at < hold.ends:
            at, held = hold.ends, Text(N_("acknowledged until then"))
    if inventory.policies.escalation_hours.get(case.severity, "always") == "always":
        return at, held
    opens = _next_served(at, case, inventory)
    return (opens, Text(N_("outside the hours of the contract"))) if opens > at else (at, held)


def _next_served(at: datetime, case: Case, inventory: Inventory) -> datetime:
    agreed = sla.terms(case, inventory)
    if agreed.hours.always:
        return at
    last = at + _AHEAD
    days = holidays.of(agreed.calendar, at.year - 1, last.year) if agreed.calendar else PLAIN
    spans = hours.spans(agreed.hours, agreed.timezone, at, last, days.holidays, days.workdays)
    return max(at, next((opens for opens, _ in spans), at))


# ---------------------------------------------------------------- a state that nobody keeps current


def _stale(case: Case, lines: Sequence[Entry], known: Course, inventory: Inventory, now: datetime) -> Iterator[Step]:
    clock = sla.clocks(case, lines, inventory, now).update
    posts = _column(case, inventory)
    if clock.due is None or clock.began is None or not posts:
        return
    since, begun = max((known.resumed, *known.acts[-1:])), _begun(case, lines)
    key = f"{Trigger.STALE}.{_stamp(since)}"
    before = [e for e in lines if e.action is Action.ESCALATED and e.at >= begun and e.data.get("step") != key]
    reached = max((posts.index(p) for e in before if (p := e.data.get("post", "")) in posts), default=-1)
    at, held = _put_off(clock.due, case, lines, known, inventory)
    after = clock.promise.length if clock.promise else clock.due - since
    post = posts[min(reached + 1, len(posts) - 1)]
    yield Step(key=key, trigger=Trigger.STALE, due=at, since=since, after=after, post=post, held=held)


def _column(case: Case, inventory: Inventory) -> list[str]:
    """The posts that a case of its severity ever reaches, from the lowest."""
    told = set(inventory.policies.escalation.get(case.severity, {}).values())
    return [str(post) for post in LADDER if post in told]


# ---------------------------------------------------------------- on the timeline


def told_entry(case: Case, step: Step, person: str, who: str, how: Iterable[str], stem: str, now: datetime) -> Entry:
    """`stem` is what the keys of the messages begin with; without a person nobody could be told."""
    data = {
        "step": step.key,
        "trigger": str(step.trigger),
        "due": step.due.isoformat(),
        "since": step.since.isoformat(),
        "after": str(int(step.after.total_seconds())),
        "because": str(step.because),
        "person": person,
        "who": who,
        "how": ",".join(how),
        "stem": stem,
    }
    data |= {"level": str(step.level)} if step.level else {"post": step.post}
    return Entry(case=case.number, at=now, action=Action.ESCALATED, text=_sentence(step, who, data["how"]), data=data)


def _sentence(step: Step, who: str, how: str) -> str:
    """English; agent.locale.sentences knows each."""
    time = _span(step.after)
    target = f"level {step.level}" if step.level else step.post.replace("_", " ")
    told = f"{target} told: {who} by {how}" if who else f"{target}: there is nobody to tell"
    match step.trigger:
        case Trigger.PAGING if not step.after:
            return f"{told}; {_BEGAN[step.because]}"
        case Trigger.PAGING:
            return f"{told}; nobody took it up for {time}"
        case Trigger.ELAPSED:
            return f"{told}; not restored for {time}"
        case _:
            return f"{told}; nobody touched it for {time}"


_BEGAN = {
    Because.OPENED: "the case was opened",
    Because.RAISED: "the severity rose",
    Because.RELAPSED: "the fault is back",
    Because.LAPSED: "the acknowledgement has ended",
}


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds()) // 60
    hours_, minutes = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours_} h" if hours_ else "", f"{minutes} min" if minutes else "") if part)


def _remembered(entry: Entry) -> Step:
    """A step as it was told: it may not come any more as things are now."""
    data = entry.data
    return Step(
        key=data["step"],
        trigger=Trigger(data["trigger"]),
        due=datetime.fromisoformat(data["due"]),
        since=datetime.fromisoformat(data["since"]),
        after=timedelta(seconds=int(data["after"])),
        level=int(data.get("level", "0")),
        post=data.get("post", ""),
        because=Because(data["because"]),
        told=entry,
    )


def _stamp(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%S}"


# ---------------------------------------------------------------- who read it


def read_by(step: Step, log: Iterable[Entry], names: Iterable[str]) -> Entry | None:
    """The first thing that whoever was told did on the case after it: then it was read. `names` are theirs."""
    if step.told is None:
        return None
    theirs, after = set(names) - {""}, step.told.at
    later = sorted((e for e in log if e.at >= after and e.actor in theirs), key=lambda entry: entry.at)
    return next(iter(later), None)
