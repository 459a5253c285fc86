"""The course of a case, read off its timeline: how severe it was when, when its clocks stand still, who did what.

The timeline alone decides, so that a clock can be reckoned anew at any time and comes out the same.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.cases.case import Action, Case, CaseState, Entry, Severity
from agent.cases.ledger import US
from agent.inventory.inventory import Inventory

SERVED = frozenset({CaseState.MONITORING, CaseState.RESOLVED, CaseState.CLOSED})
"""The service works, as far as anybody knows: there is nothing that a clock could measure."""

_STATES = {str(state): state for state in CaseState}
_SEVERITIES = {str(severity): severity for severity in Severity}
_NOT_OURS = frozenset({Action.OPENED, Action.CONTRACT, Action.MAIL, Action.SURVEY, Action.BRIDGE})
_THEIR_SIDE = frozenset({"customer", "theirs"})  # Entry.data["side"] of what they did, whoever wrote it down
_AT_ONCE = frozenset({Action.ASSIGNED, Action.ACKNOWLEDGED, Action.STATE})


@dataclass(frozen=True, slots=True)
class Stop:
    """From `start` until `end` (None: still) the clocks stand still."""

    start: datetime
    end: datetime | None
    state: CaseState
    served: bool  # the service works; else it waits in a state that stops the clocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Up to a moment. `severities` begin with that of the opening; `stops` are in order and do not overlap."""

    opened: datetime
    severities: tuple[tuple[datetime, Severity], ...]
    stops: tuple[Stop, ...]
    acts: tuple[datetime, ...]  # of our own people
    on_site: datetime | None
    resumed: datetime  # when it was opened, or last came back after the service had worked

    @property
    def severity(self) -> Severity:
        return self.severities[-1][1]

    def since(self, severity: Severity) -> datetime | None:
        """When it first was so severe, or worse."""
        return next((at for at, then in self.severities if then <= severity), None)

    @property
    def stopped(self) -> Stop | None:
        """What stops the clocks now."""
        return self.stops[-1] if self.stops and self.stops[-1].end is None else None

    @property
    def restored(self) -> datetime | None:
        """Since when the service works, where it does."""
        return self.stopped.start if self.stopped and self.stopped.served else None


def read(
    case: Case, log: Iterable[Entry], pauses: Collection[str], now: datetime, theirs: Collection[str] = ()
) -> Course:
    """`pauses` are states in which the clocks stand still, `theirs` names of people who are not ours."""
    lines = sorted((entry for entry in log if entry.at <= now), key=lambda entry: entry.at)
    stops, resumed = _stops(case, lines, pauses)
    return Course(
        opened=case.opened,
        severities=_severities(case, lines),
        stops=stops,
        acts=tuple(entry.at for entry in lines if is_ours(entry, case.opened, theirs)),
        on_site=next((entry.at for entry in lines if entry.action is Action.ON_SITE), None),
        resumed=resumed,
    )


def is_ours(entry: Entry, opened: datetime, theirs: Collection[str] = ()) -> bool:
    """Whether it shows that one of our people works on the case. Taking it down when it is opened is not yet that."""
    side = entry.data.get("side", "")
    if entry.actor == US or entry.actor in theirs or side in _THEIR_SIDE:
        return False
    if entry.action in _NOT_OURS:
        return entry.action is Action.MAIL and side == "ours"
    return entry.at > opened or entry.action in _AT_ONCE


def strangers(case: Case, inventory: Inventory) -> frozenset[str]:
    """Names under which the customer's people stand on the timeline."""
    customer = inventory.customers.get(case.customer)
    names = {case.reporter, case.reporter_address}
    for contact in customer.contacts if customer else ():
        names |= {contact.name, contact.email}
    ours = {name for key, person in inventory.people.items() for name in (key, person.name, person.email)}
    return frozenset(names - ours - {""})


def _severities(case: Case, lines: Sequence[Entry]) -> tuple[tuple[datetime, Severity], ...]:
    """An entry without a level that it became says only what was weighed."""
    told = [entry for entry in lines if entry.action is Action.SEVERITY and entry.data.get("to") in _SEVERITIES]
    if not told:
        return ((case.opened, case.severity),)
    first = told[0].data
    found = [(case.opened, _SEVERITIES.get(first.get("from", ""), _SEVERITIES[first["to"]]))]
    for entry in told:
        level = _SEVERITIES[entry.data["to"]]
        if level is not found[-1][1]:
            found.append((max(entry.at, case.opened), level))
    return tuple(found)


def became(entry: Entry, state: CaseState) -> CaseState:
    """The state of the case after an entry of its timeline."""
    if entry.action is Action.ASSIGNED:
        return CaseState.ASSIGNED if state is CaseState.NEW else state
    moved = entry.data.get("from", "") in _STATES and entry.data.get("to", "") in _STATES
    return _STATES[entry.data["to"]] if moved else state


def _stops(case: Case, lines: Sequence[Entry], pauses: Collection[str]) -> tuple[tuple[Stop, ...], datetime]:
    """And when it last went on after the service had worked."""
    state, served, resumed, found, held = CaseState.NEW, False, case.opened, list[Stop](), None
    for entry in lines:
        before, state = state, became(entry, state)
        was = served
        served = _is_served(entry, before, state, served)
        stands = served or state in pauses
        if held is not None and (not stands or held.served != served):
            found.append(Stop(held.start, entry.at, held.state, held.served))
            held = None
        if stands and held is None:
            held = Stop(entry.at, None, state, served)
        if was and not served:
            resumed = entry.at
    if held is not None:
        found.append(held)
    return tuple(stop for stop in found if stop.end is None or stop.start < stop.end), resumed


def _is_served(entry: Entry, before: CaseState, state: CaseState, served: bool) -> bool:
    if entry.action is Action.RESTORED:
        return entry.data.get("restored") != "no"
    if entry.action is Action.RELAPSED:
        return False
    if state in SERVED:
        return True
    return served and before not in SERVED
