"""A time ahead in which nobody can be called: a case of its own, until somebody can."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from agent.cases.case import Action, Case, CaseKind, CaseState, Entry, Severity
from agent.cases.oncall import Gap, Hole
from agent.observation import Subject

_PLACE = "{team}, level {level}, from {starts:%Y-%m-%d %H:%M} until {ends:%Y-%m-%d %H:%M} UTC"
_SENTENCES = {
    Hole.NOBODY: "nobody is on call: {place}",
    Hole.UNKNOWN_PERSON: "{person} is on call and not known: {place}",
    Hole.NO_CHANNEL: "{person} is on call and cannot be told on any channel: {place}",
}
FILLED = "somebody is on call again"


def problem(team: str, level: int) -> str:
    return f"{CaseKind.ON_CALL_GAP}|{team}|{level}"


def case_for(gap: Gap, now: datetime) -> Case:
    return Case(
        problem=problem(gap.team, gap.level),
        kind=CaseKind.ON_CALL_GAP,
        subject=Subject(""),
        severity=Severity.P3,
        state=CaseState.NEW,
        opened=now,
        updated=now,
        root="",
        title=f"{gap.team} L{gap.level}",
    )


def sentence(gap: Gap, now: datetime) -> str:
    """English; agent.locale.sentences knows each."""
    place = _PLACE.format(team=gap.team, level=gap.level, starts=moment(gap, now), ends=gap.ends)
    return _SENTENCES[gap.why].format(person=gap.person, place=place)


def moment(gap: Gap, now: datetime) -> datetime:
    """A time in it by which it is known again: where it begins, or now where it has begun."""
    return max(gap.starts, now)


def told(log: Iterable[Entry]) -> frozenset[datetime]:
    """A moment of each of the gaps that a case tells of, without those that were filled since."""
    found: set[str] = set()
    for entry in log:
        if "gap" in entry.data:
            found.add(entry.data["gap"])
        found -= set(entry.data.get("filled", "").split(","))
    return frozenset(map(datetime.fromisoformat, found))


def is_told(gap: Gap, moments: Iterable[datetime]) -> bool:
    return any(gap.starts <= at < gap.ends for at in moments)


def first_entry(case: Case, gap: Gap, now: datetime) -> Entry:
    return _entry(case, gap, Action.OPENED, now)


def another(case: Case, gap: Gap, now: datetime) -> tuple[Case, Entry]:
    """One more of the same team and level; a case that was resolved is open again."""
    if case.state is not CaseState.RESOLVED:
        return replace(case, updated=now), _entry(case, gap, Action.NOTE, now)
    state = CaseState.IN_PROGRESS if case.assignee else CaseState.NEW
    again = replace(case, state=state, resolved=None, reopened=case.reopened + 1, updated=now)
    entry = _entry(case, gap, Action.RELAPSED, now)
    return again, replace(entry, data={**entry.data, "from": str(case.state), "to": str(state)})


def over(case: Case, gone: Iterable[datetime], now: datetime) -> tuple[Case, Entry]:
    """The last of them was filled, or has passed: the case is resolved, unless a person resolved it before."""
    filled = ",".join(at.isoformat() for at in sorted(gone))
    if case.state in (CaseState.RESOLVED, CaseState.CLOSED):
        data = {"filled": filled}
        return case, Entry(case=case.number, at=now, action=Action.NOTE, text=FILLED, data=data)
    data = {"filled": filled, "from": str(case.state), "to": str(CaseState.RESOLVED)}
    entry = Entry(case=case.number, at=now, action=Action.STATE, text=FILLED, data=data)
    return replace(case, state=CaseState.RESOLVED, resolved=now, updated=now), entry


def _entry(case: Case, gap: Gap, action: Action, now: datetime) -> Entry:
    return Entry(
        case=case.number, at=now, action=action, text=sentence(gap, now), data={"gap": moment(gap, now).isoformat()}
    )
