"""What an engineer says on the way: somebody is there, the service works again, or does not after all; and how severe
it is in a person's eyes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from agent.cases import course, moves
from agent.cases.case import Action, Case, CaseState, Entry, Severity
from agent.errors import RefusedError

_OVER = frozenset({CaseState.RESOLVED, CaseState.CLOSED})


def arrived(case: Case, actor: str, reason: str, now: datetime) -> Entry:
    """Raises RefusedError for a case that nobody works on any more."""
    _still_open(case, "nobody has to be on site")
    text = f"on site: {reason}" if reason else "on site"
    return Entry(case=case.number, at=now, action=Action.ON_SITE, text=text, actor=actor)


def restored(case: Case, log: Sequence[Entry], actor: str, reason: str, now: datetime) -> Entry:
    """The service works, by whatever way round; what is broken may still have to be mended."""
    _still_open(case, "its service works")
    if since := course.read(case, log, (), now).restored:
        raise RefusedError(f"the service of {case.name} works since {since:%Y-%m-%d %H:%M:%S} UTC already")
    if not reason:
        raise RefusedError(f"say how the service of {case.name} came to work again")
    text = f"the service works again: {reason}"
    return Entry(case=case.number, at=now, action=Action.RESTORED, text=text, actor=actor, data={"restored": "yes"})


def lost_again(case: Case, log: Sequence[Entry], actor: str, reason: str, now: datetime) -> Entry:
    """It does not work after all: the clocks go on, with the time in between left out."""
    _still_open(case, "re-open it first")
    if course.read(case, log, (), now).restored is None:
        raise RefusedError(f"nothing says that the service of {case.name} works")
    if not reason:
        raise RefusedError(f"say what does not work on {case.name}")
    text = f"the service does not work after all: {reason}"
    return Entry(case=case.number, at=now, action=Action.RESTORED, text=text, actor=actor, data={"restored": "no"})


def weighed(case: Case, to: Severity, actor: str, reason: str, now: datetime) -> tuple[Case, Entry]:
    """A person's word on how severe it is. What makes it worse than it was weighed so far still raises it."""
    _still_open(case, "its severity stays as it was")
    if to is case.severity:
        raise RefusedError(f"{case.name} is {to} already")
    if not reason:
        raise RefusedError(f"say why {case.name} becomes {to}")
    raised = to < case.severity
    known = moves.unacknowledged(case) if raised else case
    text = f"{'raised' if raised else 'lowered'} from {case.severity} to {to}: {reason}"
    data = {"from": str(case.severity), "to": str(to)}
    entry = Entry(case=case.number, at=now, action=Action.SEVERITY, text=text, actor=actor, data=data)
    return replace(known, severity=to, updated=now), entry


def _still_open(case: Case, otherwise: str) -> None:
    if case.state in _OVER or case.merged_into:
        raise RefusedError(f"{case.name} is {case.state}: {otherwise}")
