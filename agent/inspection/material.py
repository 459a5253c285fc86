"""What is known of a device when it is inspected. All of it is given; nothing is fetched here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from agent.faults.availability import Availability, Span
from agent.faults.fault import Fault
from agent.inventory.device import Device
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier


@dataclass(frozen=True, slots=True)
class Printed:
    """What a topic's commands printed, and when."""

    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """`failures` says, by topic, why something could not be collected. An empty mapping means that nothing is known."""

    device: Device
    now: datetime
    period: Span
    availability: Availability
    target_pct: float
    state: str = "unobserved"  # of the device now: up, down, planned, unobserved
    batches: Mapping[Tier, Batch] = field(default_factory=dict)  # the latest of each tier
    faults: tuple[Fault, ...] = ()  # of the device, that overlap the period
    extremes: Mapping[tuple[Subject, Fact], tuple[float, float]] = field(default_factory=dict)  # (mean, maximum)
    errors: Mapping[Subject, float] = field(default_factory=dict)  # interface errors over the period
    messages: Mapping[str, int] = field(default_factory=dict)  # syslog, by severity
    linked: frozenset[str] = frozenset()  # ifNames that carry links of the inventory
    partners: Mapping[str, str] = field(default_factory=dict)  # state of each device it is redundant with
    transcripts: Mapping[str, Printed] = field(default_factory=dict)  # by topic
    failures: Mapping[str, str] = field(default_factory=dict)  # by topic

    def of(self, tier: Tier, kind: ComponentKind, *facts: Fact) -> dict[Subject, dict[Fact, Observation]]:
        """The latest observations of these facts, by subject."""
        found: dict[Subject, dict[Fact, Observation]] = {}
        batch = self.batches.get(tier)
        for observation in batch.observations if batch else ():
            if observation.subject.kind is kind and observation.fact in facts:
                found.setdefault(observation.subject, {})[observation.fact] = observation
        return found

    def latest(self, fact: Fact) -> tuple[Observation, datetime] | None:
        """The newest observation of the device as a whole, and when it was made."""
        found = [
            (observation, batch.at)
            for batch in self.batches.values()
            for observation in batch.observations
            if observation.subject.kind is ComponentKind.DEVICE and observation.fact is fact
        ]
        return max(found, key=lambda each: each[1], default=None)

    def read_whole(self, tier: Tier, kind: ComponentKind) -> bool:
        """Whether the device's table of the kind was read to its end: then "none" means none."""
        batch = self.batches.get(tier)
        return batch is not None and kind in batch.complete
