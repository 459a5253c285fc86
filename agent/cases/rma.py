"""Replacing failed hardware: one table of states, and the moves between them.

    requested → confirmed → sourced → shipped → delivered → installed → seen → healthy → returned → closed

The customer confirms; a spare of the site, else of headquarters, else of the vendor is promised; the device itself says
which serial number runs in it; time without a fault says that it is healthy. What is not done by then may be cancelled.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from agent.cases.case import Action, Case, Entry
from agent.cases.spares import Source, Spare, SpareState
from agent.errors import RefusedError
from agent.faults.fault import Fault
from agent.observation import Batch, ComponentKind, Fact, Subject


class RmaState(StrEnum):
    REQUESTED = "requested"
    CONFIRMED = "confirmed"  # by the customer
    SOURCED = "sourced"  # it is known where the new part comes from
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    INSTALLED = "installed"
    SEEN = "seen"  # the device itself told the new serial number
    HEALTHY = "healthy"
    RETURNED = "returned"  # the failed part went back
    CLOSED = "closed"
    CANCELLED = "cancelled"


S = RmaState
MOVES: Mapping[RmaState, frozenset[RmaState]] = {
    S.REQUESTED: frozenset({S.CONFIRMED, S.CANCELLED}),
    S.CONFIRMED: frozenset({S.SOURCED, S.CANCELLED}),
    S.SOURCED: frozenset({S.SHIPPED, S.CONFIRMED, S.CANCELLED}),  # confirmed: another part has to be found
    S.SHIPPED: frozenset({S.DELIVERED, S.CONFIRMED, S.CANCELLED}),
    S.DELIVERED: frozenset({S.INSTALLED, S.CONFIRMED, S.CANCELLED}),
    S.INSTALLED: frozenset({S.SEEN}),
    S.SEEN: frozenset({S.HEALTHY}),
    S.HEALTHY: frozenset({S.RETURNED, S.CLOSED}),  # closed: nothing has to go back
    S.RETURNED: frozenset({S.CLOSED}),
    S.CLOSED: frozenset(),
    S.CANCELLED: frozenset(),
}
OVER = frozenset({S.CLOSED, S.CANCELLED})
WAITING = frozenset({S.REQUESTED, S.CONFIRMED, S.SOURCED, S.SHIPPED, S.DELIVERED, S.INSTALLED, S.SEEN})
"""The case waits for the part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rma:
    """`slot` is the part of the device that told the failed serial number, as `Subject.parse` reads it.

    `source` is empty until it is known where the new part comes from; `location` is where it lay.
    """

    case: int
    device: str
    slot: str = ""
    part: str  # the part number
    serial_out: str  # empty: nobody can read it any more
    fault: str  # what is wrong with it
    site: str = ""
    address: str = ""
    contact: str = ""
    contract: str = ""
    contract_status: str = ""
    warning: str = ""  # what did not fit together when it was asked for
    state: RmaState = RmaState.REQUESTED
    serial_in: str = ""
    serial_seen: str = ""  # what the device told last, where that is another one
    source: str = ""  # a Source
    location: str = ""
    vendor: str = ""
    reference: str = ""  # the vendor's number for it
    tracking: str = ""
    return_tracking: str = ""
    requested: datetime
    requested_by: str
    confirmed: datetime | None = None
    confirmed_by: str = ""
    sourced: datetime | None = None
    shipped: datetime | None = None
    delivered: datetime | None = None
    installed: datetime | None = None
    seen: datetime | None = None
    healthy: datetime | None = None
    returned: datetime | None = None
    closed: datetime | None = None  # or cancelled
    return_due: datetime | None = None
    number: int = 0

    @property
    def name(self) -> str:
        return f"RMA-{self.number:06d}"

    @property
    def open(self) -> bool:
        return self.state not in OVER

    @property
    def back_by(self) -> datetime | None:
        """The last minute of the day on which the failed part is due: what a person reads as a day."""
        return self.return_due - timedelta(minutes=1) if self.return_due else None

    def owes_return(self, now: datetime) -> bool:
        """Whether the failed part should have gone back by now."""
        return self.open and self.returned is None and self.return_due is not None and now > self.return_due


def number_of(text: str) -> int:
    """Of `RMA-000012` or `12`; 0 when it is neither."""
    digits = text.strip().upper().removeprefix("RMA-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


_AT: Mapping[RmaState, str] = {state: str(state) for state in RmaState if state is not S.CANCELLED} | {
    S.CANCELLED: "closed"
}


def moved(rma: Rma, to: RmaState, now: datetime, **known: object) -> Rma:
    """Raises RefusedError, which says what can be done instead."""
    if to not in MOVES[rma.state]:
        allowed = ", ".join(sorted(MOVES[rma.state])) or "nothing: request a new one"
        raise RefusedError(f"{rma.name} is {rma.state} and cannot become {to}; possible from here: {allowed}")
    return replace(rma, **{"state": to, _AT[to]: now, **known})  # type: ignore[arg-type]


def entry(rma: Rma, text: str, now: datetime, actor: str, what: str = "", side: str = "") -> Entry:
    """A line of the case's timeline. `what` tells apart what is no change of state; `side`: what the customer did
    themselves is no act of ours."""
    data = {"rma": rma.name, "state": str(rma.state), "what": what or str(rma.state)}
    data |= {"side": side} if side else {}
    return Entry(case=rma.case, at=now, action=Action.RMA, text=text, actor=actor, data=data)


# ---------------------------------------------------------------- the new part


def sourced(rma: Rma, spare: Spare, now: datetime) -> Rma:
    return moved(
        rma, S.SOURCED, now, serial_in=spare.serial, source=str(spare.source), location=spare.location, vendor=""
    )


def from_vendor(rma: Rma, vendor: str, now: datetime) -> Rma:
    """No spare of ours: the vendor sends one, whose serial number is told when it is."""
    return moved(rma, S.SOURCED, now, serial_in="", source=str(Source.VENDOR), location="", vendor=vendor)


def looked_for_again(rma: Rma, now: datetime) -> Rma:
    """The part that was promised is not there, lost or broken: another one is looked for."""
    gone = {"serial_in": "", "source": "", "location": "", "vendor": "", "tracking": "", "confirmed": rma.confirmed}
    return moved(rma, S.CONFIRMED, now, **gone, sourced=None, shipped=None, delivered=None)


def failed_part(rma: Rma, known: Spare | None, now: datetime) -> Spare | None:
    """What was taken out of the device, from the moment in which the new part is in; None without a serial number."""
    if not rma.serial_out:
        return None
    old = known or Spare(serial=rma.serial_out, part=rma.part, location=rma.site, changed=now)
    return replace(old, location=rma.site, state=SpareState.DEFECTIVE, rma=rma.number, changed=now)


# ---------------------------------------------------------------- what the device says


def serials(batch: Batch | None) -> dict[str, str]:
    """Serial numbers that a device told of itself and its parts, in capitals, by the subject that has them."""
    told = (o for o in (batch.observations if batch else ()) if o.fact is Fact.SERIAL)
    return {str(o.subject): str(o.value).strip().upper() for o in told if str(o.value).strip()}


def slot_of(told: Mapping[str, str], device: str, component: str, serial: str) -> str:
    """Which part of a device is meant: the one that tells the serial number, else the one that is named, else the
    device itself."""
    for subject, found in told.items():
        if serial and found == serial:
            return subject
    parts = [kind for kind in ComponentKind if kind is not ComponentKind.DEVICE] if component else []
    named = [str(Subject(device, kind, component)) for kind in parts]
    return next((subject for subject in named if subject in told), str(Subject(device)))


class Sight(StrEnum):
    NEW = "new"  # the serial number that was recorded
    OTHER = "other"  # one that nobody recorded
    OLD = "old"  # still the failed one
    NOTHING = "nothing"  # the device has not told since


def sight(rma: Rma, batch: Batch | None) -> tuple[Sight, str]:
    """What the device says of the new part since it was installed, and the serial number that it tells."""
    if batch is None or rma.installed is None or batch.at < rma.installed:
        return Sight.NOTHING, ""
    told = serials(batch)
    if rma.serial_in and rma.serial_in in told.values():
        return Sight.NEW, rma.serial_in
    found = told.get(rma.slot, "")
    if not found:
        return Sight.NOTHING, ""
    return (Sight.OLD if found == rma.serial_out else Sight.OTHER), found


@dataclass(frozen=True, slots=True)
class Health:
    """`since`: without a fault from then on; None while there is one, and `trouble` names it."""

    since: datetime | None
    trouble: str = ""

    def healthy(self, now: datetime, quiet: timedelta) -> bool:
        return self.since is not None and now - self.since >= quiet


def health(rma: Rma, faults: Iterable[Fault], heard: datetime | None) -> Health:
    """`faults` are the device's, over or not, since the new part was seen; `heard` is when the device last answered."""
    since = rma.seen or rma.requested
    known = [fault for fault in faults if fault.subject.device == rma.device]
    for fault in known:
        if fault.cleared is None:
            return Health(None, f"{fault.kind} {fault.subject}")
    if heard is None or heard < since:
        return Health(None, "the device has not answered since")
    return Health(max([since, *(fault.cleared for fault in known if fault.cleared)]))


# ---------------------------------------------------------------- the failed part


def return_due(installed: datetime, days: int, zone: str, works: Callable[[date], bool]) -> datetime:
    """The end of the last of so many working days after the day of the installation, on the site's clock."""
    day = installed.astimezone(ZoneInfo(zone)).date()
    return _end_of(_after(day, days, works), zone)


def reminders(rma: Rma, before: int, every: int, zone: str, works: Callable[[date], bool]) -> Iterable[datetime]:
    """When the engineer is reminded: so many working days before it is due, when it is, again and again. Endless."""
    assert rma.return_due is not None  # noqa: S101 - the caller asks for nothing else
    last = (rma.return_due - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()
    if before:
        yield _start_of(_before(last, before, works), zone)
    yield rma.return_due
    day = last
    while True:
        day = _after(day, every, works)
        yield _end_of(day, zone)


def _after(day: date, days: int, works: Callable[[date], bool]) -> date:
    while days:
        day += timedelta(days=1)
        days -= works(day)
    return day


def _before(day: date, days: int, works: Callable[[date], bool]) -> date:
    while days:
        day -= timedelta(days=1)
        days -= works(day)
    return day


def _start_of(day: date, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=ZoneInfo(zone)).astimezone(_UTC)


def _end_of(day: date, zone: str) -> datetime:
    after = day + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(zone)).astimezone(_UTC)


_UTC = ZoneInfo("UTC")


def weekday(day: date) -> bool:
    """Monday to Friday: what counts as a working day where no calendar of holidays is known."""
    return day.weekday() < 5


# ---------------------------------------------------------------- asking for it


def warning(serial: str, told: Mapping[str, str], contract_status: str) -> str:
    """What does not fit together, for the person who asks to see: no reason to refuse."""
    said = []
    if contract_status and contract_status != "valid":
        said.append(f"the contract is {contract_status.replace('_', ' ')}")
    if serial and told and serial not in told.values():
        said.append("the device tells no such serial number")
    return "; ".join(said)


def waits(rmas: Iterable[Rma], case: Case) -> bool:
    """Whether the case still waits for any part."""
    return any(rma.state in WAITING for rma in rmas if rma.case == case.number)


def standing(rma: Rma, at: datetime) -> RmaState:
    """The state in which it was at a moment, as its own times tell."""
    reached = [state for state in RmaState if state not in OVER and _reached(rma, str(state), at)]
    if rma.closed is not None and rma.closed <= at:
        return rma.state
    return reached[-1] if reached else S.REQUESTED


def _reached(rma: Rma, name: str, at: datetime) -> bool:
    when = getattr(rma, name)
    return when is not None and when <= at


def owed(rma: Rma, at: datetime) -> bool:
    """Whether the failed part was late at that moment."""
    back = min((when for when in (rma.returned, rma.closed) if when is not None), default=None)
    return rma.return_due is not None and at > rma.return_due and (back is None or back > at)
