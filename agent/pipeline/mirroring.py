"""Cases that stand in other ticket systems: when to go there, and what becomes of a case by what came back.

A visit is a job of the outbox. It reads their side first and then writes ours, each in a transaction of its own, so
that wherever it is broken off the next one begins where both sides truly are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agent.cases import mirror as mirrors
from agent.cases.case import Action, Case, Entry, Severity
from agent.cases.mirror import Heard, Mirror, MirrorState, Note, Remote, Ticket
from agent.errors import RefusedError
from agent.inventory.bridges import BridgeSetup
from agent.pipeline import moving
from agent.pipeline.desk import Desk
from agent.pipeline.docket import Docket
from agent.ports import Job, JobKind, JobState, Transaction

GIVEN_UP = "every attempt failed; see the log"


def visit(desk: Desk, docket: Docket) -> datetime | None:
    """An attendant: asks for a visit where something is to be told, or it is time to listen."""
    again: list[datetime] = []
    for setup in desk.inventory.bridges.values():
        known = desk.tx.mirror(docket.case.number, setup.name)
        if known is None and not mirrors.applies(docket.case, setup):
            continue
        digest = mirrors.digest(*_ours(docket.case, docket.log, setup))
        if known is not None and known.queued:
            known = _given_up(desk, known, digest)
        now, later = mirrors.next_visit(known, docket.case, digest, setup, desk.now)
        if now:
            ask(desk.tx, docket.case, setup, mirrors.asked(known, docket.case, setup, digest, desk.now), desk.now)
            later = desk.now + timedelta(minutes=5)
        if later is not None:
            again.append(later)
    return min(again, default=None)


def _ours(case: Case, log: Sequence[Entry], setup: BridgeSetup) -> tuple[Ticket, tuple[Note, ...]]:
    return mirrors.ticket(case, log, setup), mirrors.notes(log, setup)


def ask(tx: Transaction, case: Case, setup: BridgeSetup, asked: Mirror, now: datetime) -> None:
    tx.save_mirror(asked)
    tx.enqueue([Job(
        key=job_key(case.name, asked),
        kind=JobKind.BRIDGE,
        due=now,
        payload={"bridge": setup.name},
        case=case.number,
        lane=f"bridge/{setup.name}/{case.number}",
    )])  # fmt: skip


def job_key(case: str, mirror: Mirror) -> str:
    return f"{case}/bridge/{mirror.bridge}/{mirror.turn}"


def _given_up(desk: Desk, known: Mirror, digest: str) -> Mirror:
    """A visit that an error of ours ended is failed, and says so."""
    name = f"NC-{known.case:06d}"
    mine = [job for job in desk.tx.jobs(kind=JobKind.BRIDGE, case=known.case) if job.key == job_key(name, known)]
    if mine and mine[0].state is JobState.FAILED:
        said = mine[0].result or GIVEN_UP
        known = replace(known, state=MirrorState.FAILED, queued=False, said=said, tried=digest, at=desk.now)
        desk.tx.save_mirror(known)
    return known


def retry(tx: Transaction, case: Case, setup: BridgeSetup, now: datetime) -> Mirror:
    """A person asks for a visit now. Raises RefusedError where the case does not stand there and shall not."""
    known = tx.mirror(case.number, setup.name)
    if known is None and not mirrors.applies(case, setup):
        raise RefusedError(f"{case.name} does not go to {setup.name}: see its customers and severities")
    if known is not None and known.queued:
        raise RefusedError(f"{case.name} is on its way to {setup.name} already")
    digest = mirrors.digest(*_ours(case, tx.timeline(case.number), setup))
    asked = mirrors.asked(known, case, setup, digest, now)
    asked = replace(asked, state=MirrorState.PENDING, at=now)
    ask(tx, case, setup, asked, now)
    return asked


# ---------------------------------------------------------------- a visit


def found(tx: Transaction, case: Case, setup: BridgeSetup, theirs: str, *, made: bool, now: datetime) -> Mirror:
    """Their id is known from now on, whatever happens next."""
    kept = replace(_known(tx, case.number, setup), theirs=theirs)
    tx.save_mirror(kept)
    what = "made" if made else "found again"
    text = f"ticket {mirrors.bounded(theirs)} of {setup.name} was {what}"
    tx.log([mirrors.entry(case, setup, text, now, theirs=mirrors.bounded(theirs))])
    return kept


def hear(tx: Transaction, number: int, setup: BridgeSetup, remote: Remote, now: datetime) -> None:
    """What came back is on the case, and followed where it can be."""
    case, known = moving.known(tx, number), _known(tx, number, setup)
    heard = mirrors.hear(case, tx.timeline(number), known, remote, setup)
    for note in heard.notes:
        tx.log([mirrors.entry(case, setup, note.text, now, by=note.author or "somebody", note=note.id)])
    for text in heard.conflicts:
        tx.log([mirrors.entry(case, setup, f"bridge {setup.name}: {text}", now)])
    follows = _follow(tx, case, setup, heard, remote, now)
    if heard.level is not None:
        _raise(tx, number, heard.level, setup, now)
    known = replace(known, their_state=remote.state, their_level=remote.level, name=remote.name, link=remote.link)
    tx.save_mirror(known if follows else replace(known, ours=""))


def _follow(tx: Transaction, case: Case, setup: BridgeSetup, heard: Heard, remote: Remote, now: datetime) -> bool:
    """False where theirs cannot be followed: ours is written there again."""
    if heard.to is None:
        return True
    reason = f"bridge {setup.name} says {remote.state}"
    try:
        moving.move(tx, case.number, heard.to, mirrors.there(setup), reason, now)
    except RefusedError as error:
        tx.log([mirrors.entry(case, setup, f"{reason}, which is not followed: {error}", now)])
        return False
    return True


def _raise(tx: Transaction, number: int, level: Severity, setup: BridgeSetup, now: datetime) -> None:
    case, actor = moving.known(tx, number), mirrors.there(setup)
    data = {"from": str(case.severity), "to": str(level), "bridge": setup.name}
    text = f"bridge {setup.name} says {level}"
    tx.save_case(replace(case, severity=level, updated=now))
    tx.log([Entry(case=number, at=now, action=Action.SEVERITY, text=text, actor=actor, data=data)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What is told there on one visit. `whole`: all that there is; else the next visit tells more."""

    case: Case
    written: Ticket  # what is written there
    notes: tuple[Note, ...]
    whole: bool
    digest: str


def errand(tx: Transaction, number: int, setup: BridgeSetup, remote: Remote | None) -> Errand:
    case, known = moving.known(tx, number), _known(tx, number, setup)
    ticket, notes = _ours(case, tx.timeline(number), setup)
    there = {*known.told, *(mirrors.marks(remote.notes, ticket.key) if remote else ())}
    left = tuple(note for note in notes if note.id not in there)
    return Errand(
        case=case,
        written=mirrors.as_told(ticket, case, known, remote, setup),
        notes=left[: mirrors.MOST_TOLD],
        whole=len(left) <= mirrors.MOST_TOLD,
        digest=mirrors.digest(ticket, notes),
    )


def done(tx: Transaction, setup: BridgeSetup, errand: Errand, now: datetime) -> None:
    """They know what they were told, which is the case as it was when the errand began."""
    number = errand.case.number
    known = _known(tx, number, setup)
    state = MirrorState.IN_STEP if errand.whole else MirrorState.PENDING
    if known.tried and errand.whole:
        tx.log([mirrors.entry(errand.case, setup, f"bridge {setup.name} is in step again", now)])
    tx.save_mirror(
        replace(
            known,
            state=state,
            at=now if state is not known.state else known.at,
            checked=now,
            queued=False,
            ours=str(errand.case.state),
            level=str(errand.case.severity),
            their_state=errand.written.state,
            their_level=errand.written.level,
            sent=errand.digest if errand.whole else "",
            tried="",
            told=tuple(dict.fromkeys((*known.told, *(note.id for note in errand.notes)))),
            said="",
        )
    )
    tx.attend(number, now)


def _known(tx: Transaction, number: int, setup: BridgeSetup) -> Mirror:
    known = tx.mirror(number, setup.name)
    assert known is not None  # noqa: S101 - it was asked for
    return known


def failed(tx: Transaction, number: int, setup: BridgeSetup, said: str, *, final: bool, now: datetime) -> None:
    known = tx.mirror(number, setup.name)
    if known is None:
        return
    case = moving.known(tx, number)
    if final:
        digest = mirrors.digest(*_ours(case, tx.timeline(number), setup))
        known = replace(known, state=MirrorState.FAILED, queued=False, tried=digest, at=now)
        tx.log([mirrors.entry(case, setup, f"bridge {setup.name} was not told: {said}", now)])
    tx.save_mirror(replace(known, said=mirrors.bounded(said, 500)))
