"""What a rule may look at that judges a device's history, not a poll of it."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

from agent.faults.fault import Fault, FaultKind
from agent.faults.rules.rule import Rule
from agent.faults.rules.scene import Judgement, Scene
from agent.faults.trends.hour import Hour
from agent.inventory.device import Device
from agent.observation import Batch, Fact, Subject

STILL_THERE = timedelta(days=2)  # what was not measured for longer is gone


@dataclass(frozen=True, kw_only=True)
class Study:
    """The hours of a device's last weeks, and its last health poll."""

    device: Device
    now: datetime
    hours: Mapping[tuple[Subject, Fact], Sequence[Hour]]
    latest: Batch | None = None
    open: Mapping[tuple[FaultKind, Subject], Fault] = field(default_factory=dict)
    speeds: Mapping[str, float] = field(default_factory=dict)  # bits per second, by ifName

    def of(self, fact: Fact) -> Iterator[tuple[Subject, Sequence[Hour]]]:
        """What is measured to this day."""
        for (subject, each), hours in self.hours.items():
            if each is fact and hours and self.now - hours[-1].at < STILL_THERE:
                yield subject, hours

    def detail(self, subject: Subject, fact: Fact) -> str:
        return self._details.get((subject, fact), "")

    @cached_property
    def _details(self) -> dict[tuple[Subject, Fact], str]:
        return {(o.subject, o.fact): o.detail for o in (self.latest.observations if self.latest else ()) if o.detail}


class StudyRule(Rule):
    """Judged once a day, by the hours of the last weeks."""

    studies: ClassVar[bool] = True

    def judge(self, scene: Scene) -> Iterator[Judgement]:  # noqa: ARG002 - no poll tells
        return iter(())

    @abstractmethod
    def study(self, study: Study) -> Iterator[Judgement]:
        """All that can be told from this history; a subject of which nothing is known is left out."""

    def no_more(self, study: Study, judged: set[Subject]) -> Iterator[Judgement]:
        """What had a fault and is not measured any more."""
        there = {subject for fact in self.facts for subject, _hours in study.of(fact)}
        for kind, subject in study.open:
            if kind is self.kind and subject.kind is self.of and subject not in judged and subject not in there:
                yield Judgement(subject, self.kind, False, "no longer measured")

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Which facts' hours it needs."""
        return ()
