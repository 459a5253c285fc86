"""What a rule may look at, and what it says."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from agent.faults.fault import Fault, FaultKind
from agent.faults.trends.baseline import Expected
from agent.inventory.device import Device
from agent.observation import Batch, Fact, Observation, Subject, Tier

Told = dict[Subject, dict[Fact, Observation]]


@dataclass(frozen=True, slots=True)
class Judgement:
    subject: Subject
    kind: FaultKind
    bad: bool
    reason: str
    value: float | None = None
    threshold: float | None = None


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One poll of a device, and what is known of it beside."""

    device: Device
    batch: Batch
    previous: Batch | None = None  # the one before, of the same tier
    states: Mapping[Subject, str] = field(default_factory=dict)  # present ones, by subject
    open: Mapping[tuple[FaultKind, Subject], Fault] = field(default_factory=dict)  # suspect and confirmed
    linked: frozenset[str] = frozenset()  # the ifNames that carry links
    seen: Mapping[Tier, datetime] = field(default_factory=dict)  # when each tier was last read
    answering_since: Callable[[], datetime | None] = lambda: None  # its SNMP agent, without a gap until now
    speeds: Mapping[str, float] = field(default_factory=dict)  # bits per second, by ifName
    expected: Mapping[tuple[Subject, Fact], Expected] = field(default_factory=dict)  # what is usual at this hour
    recent: Mapping[tuple[Subject, Fact], Sequence[tuple[datetime, float]]] = field(default_factory=dict)  # with these

    @cached_property
    def _by_fact(self) -> dict[Fact, list[Observation]]:
        found: dict[Fact, list[Observation]] = {}
        for o in self.batch.observations:
            found.setdefault(o.fact, []).append(o)
        return found

    @cached_property
    def _before(self) -> dict[Fact, list[Observation]]:
        found: dict[Fact, list[Observation]] = {}
        for o in self.previous.observations if self.previous else ():
            found.setdefault(o.fact, []).append(o)
        return found

    def of(self, fact: Fact) -> list[Observation]:
        return self._by_fact.get(fact, [])

    def facts(self, *facts: Fact) -> Told:
        return _by_subject(self._by_fact, facts)

    def facts_before(self, *facts: Fact) -> Told:
        return _by_subject(self._before, facts)

    def own(self, fact: Fact) -> Observation | None:
        """What is said of the device as a whole."""
        me = Subject(self.device.name)
        return next((o for o in self.of(fact) if o.subject == me), None)

    def is_open(self, kind: FaultKind, subject: Subject) -> bool:
        return (kind, subject) in self.open

    def open_of(self, kind: FaultKind) -> Iterator[Subject]:
        return (subject for found, subject in self.open if found is kind)


def _by_subject(by_fact: Mapping[Fact, list[Observation]], facts: Iterable[Fact]) -> Told:
    found: Told = {}
    for fact in facts:
        for o in by_fact.get(fact, ()):
            found.setdefault(o.subject, {})[fact] = o
    return found
