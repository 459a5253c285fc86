"""What a device is made of and whom it knows, for its page: modules, storage, sensors, states, neighbours, time.

Every list is bounded, and says how many it left out: what needs a look stands first, the rest as its names run.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from agent.faults import bounds, rules
from agent.faults.bounds import Mark
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject
from agent.web import facts as told_of
from agent.web.facts import Facts, Told, value, word
from agent.web.snapshot import ADJACENT

_MOST = 300  # rows of one list
_MILLI_BELOW = 1.0  # a laser's bias current is read in mA
_UNITS = {ComponentKind.TEMPERATURE: "°C", ComponentKind.FAN: "rpm"}
_STANDING = (ComponentKind.CHASSIS_ALARM, ComponentKind.REDUNDANCY, ComponentKind.STACK)
_REPLACEABLE = (ComponentKind.POWER_SUPPLY, ComponentKind.FAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A state, and the device's own word for it. Modules tell what they are as well."""

    kind: ComponentKind
    name: str
    state: str = ""
    word: str = ""
    model: str = ""
    serial: str = ""
    version: str = ""
    descr: str = ""

    @property
    def bad(self) -> bool:
        return self.state == "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    name: str
    used_pct: float
    total_bytes: float | None
    limit: float | None  # None where being full is no fault

    @property
    def bad(self) -> bool:
        return self.limit is not None and self.used_pct >= self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """`state` is the device's own verdict; `mark` what its limits say of its reading."""

    kind: ComponentKind
    name: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    mark: Mark
    state: str
    word: str

    @property
    def bad(self) -> bool:
        return self.mark in {Mark.HIGH, Mark.LOW} or self.state == "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    port: str
    name: str
    remote_port: str
    address: str
    platform: str
    protocol: str
    device: str  # of the inventory, where the neighbour is one by name or address
    bad: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjacency:
    """One OSPF neighbour."""

    address: str
    router_id: str
    state: str

    @property
    def bad(self) -> bool:
        return self.state not in ADJACENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbelieved:
    name: str
    fact: str
    raw: str
    reason: str
    bad: bool = False


R = TypeVar("R", Part, Volume, Sensor, Neighbour, Adjacency, Unbelieved)


@dataclass(frozen=True, slots=True)
class Table(Generic[R]):
    """`rows` as the names run; `urgent` are those of them that need a look; `left_out` do not stand in it."""

    rows: tuple[R, ...] = ()
    left_out: int = 0

    @property
    def urgent(self) -> tuple[R, ...]:
        return tuple(row for row in self.rows if row.bad)

    def __len__(self) -> int:
        return len(self.rows) + self.left_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What the device says of its time. Offset in milliseconds."""

    said: str  # its clock, where it cannot be read as a time of a known zone
    at: datetime | None
    state: str
    word: str
    stratum: int | None
    offset_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """Milliseconds and percent of the last poll's echoes."""

    mean: float | None
    least: float | None
    most: float | None
    jitter: float | None
    loss: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    standing: Table[Part]  # chassis alarms, redundancy, stack
    units: Table[Part]  # power supplies and fans
    modules: Table[Part]
    storage: Table[Volume]
    sensors: Table[Sensor]
    neighbours: Table[Neighbour]
    ospf: Table[Adjacency]
    unbelieved: Table[Unbelieved]
    clock: Clock | None
    round_trip: RoundTrip | None


def read(facts: Facts, own: Told, batches: Iterable[Batch], known_as: Callable[[str, str], str]) -> Parts:
    """`known_as` names the device of the inventory that goes by a name or an address, or "" for a stranger."""
    return Parts(
        standing=_table([_part(s, f) for s, f in told_of.of(facts, *_STANDING) if Fact.STATE in f]),
        units=_table([_part(s, f) for s, f in told_of.of(facts, *_REPLACEABLE) if Fact.STATE in f]),
        modules=_table([_part(s, f) for s, f in told_of.of(facts, ComponentKind.MODULE)]),
        storage=_table(list(_volumes(facts))),
        sensors=_table(list(_sensors(facts))),
        neighbours=_table([_neighbour(s, f, known_as) for s, f in told_of.of(facts, ComponentKind.NEIGHBOUR)]),
        ospf=_table([_adjacency(s, f) for s, f in told_of.of(facts, ComponentKind.OSPF_NEIGHBOUR)]),
        unbelieved=_table(list(_unbelieved(batches))),
        clock=_clock(own),
        round_trip=_round_trip(own),
    )


def _table(rows: Sequence[R]) -> Table[R]:
    """Of too many, those that need a look stay before others."""
    if len(rows) <= _MOST:
        return Table(tuple(rows))
    chosen = sorted(range(len(rows)), key=lambda place: (not rows[place].bad, place))[:_MOST]
    return Table(tuple(rows[place] for place in sorted(chosen)), len(rows) - _MOST)


def _part(subject: Subject, told: Told) -> Part:
    state = told.get(Fact.STATE)
    return Part(
        kind=subject.kind,
        name=subject.name,
        state=str(state.value) if state else "",
        word=state.detail if state else "",
        model=word(told, Fact.MODEL),
        serial=word(told, Fact.SERIAL),
        version=word(told, Fact.VERSION),
        descr=word(told, Fact.DESCR),
    )


def _volumes(facts: Facts) -> Iterator[Volume]:
    for subject, told in told_of.of(facts, ComponentKind.STORAGE):
        used = told.get(Fact.USED)
        if used is not None:
            yield Volume(
                name=subject.name,
                used_pct=float(used.value),
                total_bytes=value(told, Fact.TOTAL_BYTES),
                limit=None if used.detail == "reclaimable" else rules.in_force().limit("storage_full"),
            )


def _sensors(facts: Facts) -> Iterator[Sensor]:
    for subject, told in told_of.of(facts, ComponentKind.TEMPERATURE, ComponentKind.SENSOR, ComponentKind.FAN):
        reading = told.get(Fact.CELSIUS) or told.get(Fact.SENSOR_VALUE)
        state = None if subject.kind is ComponentKind.FAN else told.get(Fact.STATE)
        if reading is None and state is None:
            continue
        unit, factor = _unit(subject, reading)
        yield Sensor(
            kind=subject.kind,
            name=subject.name,
            value=float(reading.value) * factor if reading else None,
            unit=unit,
            low=reading.low_limit * factor if reading and reading.low_limit is not None else None,
            high=reading.limit * factor if reading and reading.limit is not None else None,
            mark=bounds.mark(reading) if reading else Mark.INSIDE,
            state=str(state.value) if state else "",
            word=state.detail if state else "",
        )


def _unit(subject: Subject, reading: Observation | None) -> tuple[str, float]:
    """The unit, and what to multiply with."""
    if reading is None:
        return "", 1.0
    unit = reading.detail if reading.fact is Fact.SENSOR_VALUE else ""
    largest = max(abs(float(n)) for n in (reading.value, reading.limit, reading.low_limit) if n is not None)
    if unit == "A" and 0 < largest < _MILLI_BELOW:
        return "mA", 1000.0
    return unit or _UNITS.get(subject.kind, ""), 1.0


def _neighbour(subject: Subject, told: Told, known_as: Callable[[str, str], str]) -> Neighbour:
    name, address = word(told, Fact.REMOTE_NAME), word(told, Fact.REMOTE_ADDRESS)
    return Neighbour(
        port=subject.name.partition(" #")[0],
        name=name,
        remote_port=word(told, Fact.REMOTE_PORT),
        address=address,
        platform=" ".join(word(told, Fact.REMOTE_PLATFORM).split()),
        protocol=word(told, Fact.PROTOCOL).upper(),
        device=known_as(name, address),
    )


def _adjacency(subject: Subject, told: Told) -> Adjacency:
    return Adjacency(
        address=subject.name, router_id=word(told, Fact.ROUTER_ID), state=word(told, Fact.OSPF_STATE) or "unknown"
    )


def _unbelieved(batches: Iterable[Batch]) -> Iterator[Unbelieved]:
    for refusal in (each for batch in batches for each in batch.refused):
        yield Unbelieved(name=refusal.subject.name, fact=refusal.fact, raw=refusal.raw, reason=refusal.reason)


def _clock(own: Told) -> Clock | None:
    if not {Fact.CLOCK, Fact.NTP_STATE, Fact.NTP_STRATUM, Fact.NTP_OFFSET} & set(own):
        return None
    state, stratum = own.get(Fact.NTP_STATE), value(own, Fact.NTP_STRATUM)
    return Clock(
        said=word(own, Fact.CLOCK),
        at=_moment(word(own, Fact.CLOCK)),
        state=str(state.value) if state else "",
        word=state.detail if state else "",
        stratum=None if stratum is None else int(stratum),
        offset_ms=value(own, Fact.NTP_OFFSET),
    )


def _moment(said: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _round_trip(own: Told) -> RoundTrip | None:
    if Fact.RTT not in own and Fact.LOSS not in own:
        return None
    return RoundTrip(
        mean=value(own, Fact.RTT),
        least=value(own, Fact.RTT_MIN),
        most=value(own, Fact.RTT_MAX),
        jitter=value(own, Fact.JITTER),
        loss=value(own, Fact.LOSS),
    )
