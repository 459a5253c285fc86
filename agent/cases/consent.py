"""The customer's written consent to a change of a running network: asked with what, when, risk and way back, given or
refused by name, and kept on the case before the case may go on.

A pure function of the log. Of several changes of a case each is asked about by its number; what was withdrawn binds
nobody, and consent that nobody gave in time has to be asked for anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from agent.cases.case import Action, Case, Entry
from agent.cases.confirmation import CUSTOMER, How
from agent.cases.intake import flat
from agent.errors import RefusedError

LONGEST_CHANGE = 4000  # characters of what is to be done


class Standing(StrEnum):
    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


OPEN = frozenset({Standing.ASKED, Standing.EXPIRED})
ANSWERED = frozenset({Standing.GIVEN, Standing.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be done to a running network. `until`: no answer counts from then on."""

    number: str  # counted from 1 within the case
    what: str
    asked: datetime
    asked_by: str
    until: datetime
    starts: datetime | None = None  # the window in which it is to be done
    ends: datetime | None = None
    holds: frozenset[str] = frozenset()  # what may not be done before: states of the case, steps of an RMA
    standing: Standing = Standing.ASKED
    at: datetime | None = None  # of the answer, or of the withdrawal
    by: str = ""
    how: str = ""
    words: str = ""
    document: str = ""  # the evidence that shows it: a signed page, a fax


def changes(log: Iterable[Entry], now: datetime) -> tuple[Change, ...]:
    """In the order in which they were planned."""
    found: dict[str, Change] = {}
    for entry in log:
        if entry.action is Action.CONSENT:
            number, what = entry.data.get("change", ""), entry.data.get("what", "")
            if what == Standing.ASKED:
                found[number] = _planned(number, entry)
            elif number in found and what in set(Standing):
                found[number] = _answered(found[number], Standing(what), entry)
    return tuple(_in_time(each, now) for each in found.values())


def _planned(number: str, entry: Entry) -> Change:
    data = entry.data
    return Change(
        number=number,
        what=data["plan"],
        asked=entry.at,
        asked_by=entry.actor,
        until=datetime.fromisoformat(data["until"]).astimezone(UTC),
        starts=_moment(data, "starts"),
        ends=_moment(data, "ends"),
        holds=frozenset(data.get("holds", "").split()),
    )


def _moment(data: Mapping[str, str], key: str) -> datetime | None:
    return datetime.fromisoformat(data[key]).astimezone(UTC) if data.get(key) else None


def _answered(change: Change, standing: Standing, entry: Entry) -> Change:
    """The first answer stands; only a withdrawal comes after one. A paper may be recorded when the time is over."""
    if change.standing not in OPEN and standing is not Standing.WITHDRAWN:
        return change
    told = entry.data
    return replace(
        change,
        standing=standing,
        at=entry.at,
        by=told.get("by", entry.actor),
        how=told.get("how", ""),
        words=told.get("words", ""),
        document=told.get("document", ""),
    )


def _in_time(change: Change, now: datetime) -> Change:
    if change.standing is Standing.ASKED and now >= change.until:
        return replace(change, standing=Standing.EXPIRED, at=change.until)
    return change


def planned(log: Iterable[Entry], now: datetime) -> Change | None:
    """The change that binds the case: the last one that was not withdrawn."""
    return next((c for c in reversed(changes(log, now)) if c.standing is not Standing.WITHDRAWN), None)


def missing(case: Case, log: Iterable[Entry], now: datetime) -> str:
    """Why a planned change may not be made (yet), and what to do; empty: nothing is missing."""
    change = planned(log, now)
    if change is None:
        return ""
    which, way_out = f"change {change.number} of {case.name}", f"netcase case consent withdraw {case.name}"
    if change.standing is Standing.ASKED:
        record = f"netcase case consent record {case.name}"
        return f"the customer has not consented to {which} yet: wait, record it ({record}) or withdraw it ({way_out})"
    if change.standing is Standing.REFUSED:
        return f"the customer ({change.by}) refused {which}: ask about another change, or withdraw it ({way_out})"
    if change.standing is Standing.EXPIRED:
        return f"nobody answered about {which} by {_utc(change.until)}: ask anew, or withdraw it ({way_out})"
    if change.starts and now < change.starts:
        return f"the customer consented to {which} from {_utc(change.starts)} on: wait, or withdraw it ({way_out})"
    return ""


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def held(case: Case, to: str, log: Iterable[Entry], now: datetime) -> str:
    """The same, where the change holds that up: a state that the case shall come to, or a step of an RMA."""
    entries = tuple(log)
    change = planned(entries, now)
    return missing(case, entries, now) if change and to in change.holds else ""


# ---------------------------------------------------------------- what is written into the log


def ask(
    case: Case,
    log: Iterable[Entry],
    what: str,
    window: tuple[datetime, datetime] | None,
    until: datetime,
    holds: Iterable[str],
    actor: str,
    now: datetime,
) -> Entry:
    """Raises RefusedError where there is nothing to ask, or nobody would be bound by the answer."""
    if not case.live or case.closed or case.merged_into:
        raise RefusedError(f"{case.name} is over: no change is planned on it any more")
    if not what.strip():
        raise RefusedError("say what is to be changed, when, what can go wrong and how it is undone: --change …")
    if window and not now < window[1]:
        raise RefusedError("the window is over already: it must lie ahead")
    if window and not window[0] < window[1]:
        raise RefusedError("the window ends before it begins")
    every = changes(log, now)
    before = next((c for c in every if c.standing is Standing.ASKED), None)
    if before:
        raise RefusedError(
            f"the customer is being asked about change {before.number} of {case.name}: wait for the answer, or "
            f"withdraw it first (netcase case consent withdraw {case.name})"
        )
    number = str(len(every) + 1)
    data = {"what": str(Standing.ASKED), "change": number, "plan": what, "until": until.isoformat()}
    data["holds"] = " ".join(holds)
    if window:
        data |= {"starts": window[0].isoformat(), "ends": window[1].isoformat()}
    text = f"consent asked for change {number}: {flat(what, 500)}"
    return Entry(case=case.number, at=now, action=Action.CONSENT, text=text, actor=actor, data=data)


def answer(
    case: Case,
    change: Change,
    given: bool,
    by: str,
    words: str,
    how: How,
    now: datetime,
    recorded: str = "",
    document: str = "",
) -> Entry:
    """Raises RefusedError where it was answered or its time is over. `recorded`: by whom of ours, for the customer.

    A paper that was signed in time may be recorded later.
    """
    if change.standing in ANSWERED:
        when = _utc(change.at or now)
        raise RefusedError(
            f"change {change.number} was answered already ({change.standing}), by {change.by} at {when}: an answer "
            "stays as it is"
        )
    if change.standing is Standing.WITHDRAWN:
        raise RefusedError(f"change {change.number} was withdrawn: nothing is asked about it any more")
    if change.standing is Standing.EXPIRED and not document:
        raise RefusedError(f"the time to answer about change {change.number} is over: it has to be asked anew")
    if not by.strip():
        raise RefusedError("say who answers: consent is given by name")
    standing = Standing.GIVEN if given else Standing.REFUSED
    data = {
        "what": str(standing),
        "change": change.number,
        "by": by,
        "how": str(how),
        "words": words,
        "side": "" if recorded else CUSTOMER,
        "document": document,
    }
    verb = "consented to" if given else "refused"
    text = f"{by} {verb} change {change.number}" + (f": {flat(words, 500)}" if words else "")
    return Entry(case=case.number, at=now, action=Action.CONSENT, text=text, actor=recorded or by, data=data)


def withdraw(case: Case, log: Iterable[Entry], actor: str, reason: str, now: datetime) -> Entry:
    change = planned(log, now)
    if change is None:
        raise RefusedError(f"no change is planned on {case.name}: there is nothing to withdraw")
    if not reason.strip():
        raise RefusedError('say why the change is withdrawn: -m "…"')
    data = {"what": str(Standing.WITHDRAWN), "change": change.number}
    text = f"change {change.number} withdrawn: {flat(reason, 500)}"
    return Entry(case=case.number, at=now, action=Action.CONSENT, text=text, actor=actor, data=data)


def expired(case: Case, change: Change, now: datetime) -> Entry:
    """Written down once, so that it is told once; the time itself decides."""
    data = {"what": str(Standing.EXPIRED), "change": change.number}
    text = f"nobody answered about change {change.number} in time"
    return Entry(case=case.number, at=now, action=Action.CONSENT, text=text, data=data)
