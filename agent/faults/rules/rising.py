"""A number that rises, or falls, faster than it should."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from agent.faults.rules.rule import Rule, Words
from agent.faults.rules.scene import Judgement, Scene
from agent.faults.rules.study import Study, StudyRule
from agent.faults.trends import rising
from agent.inventory.fields import Duration
from agent.observation import Fact, Subject


class _Rises(Rule):
    fact: tuple[Fact, ...]
    """What rises."""
    by: float
    """So much …"""
    within: Duration
    """… within so long. It is over when it has risen by less than half of it."""
    falls: bool = False
    """It is falling that is wrong."""
    above: float | None = None
    """A value that is not above this is no fault; with `falls`, no reading at all."""
    unit: str = ""
    ignore_detail: Words = ()

    def judged(
        self, subject: Subject, samples: Sequence[tuple[datetime, float]], now: datetime, already: bool
    ) -> Judgement | None:
        if self.falls and self.above is not None:
            samples = [(at, value) for at, value in samples if value > self.above]
        by = rising.rise(samples, now, self.within)
        if by is None:
            return None
        value = samples[-1][1]
        moved, limit = (-by if self.falls else by), (self.by / 2 if already else self.by)
        bad = moved >= limit and (self.falls or self.above is None or value > self.above)
        more = "more" if by >= 0 else "less"
        reason = f"{self._shown(value)}, {self._shown(abs(by))} {more} than {_time(self.within)} before"
        return Judgement(subject, self.kind, bad, reason, value, value - by + (-self.by if self.falls else self.by))

    def _shown(self, value: float) -> str:
        return f"{value:.3g} {self.unit}".strip()


class Rising(_Rises):
    """Told by the polls of the last minutes."""

    def judge(self, scene: Scene) -> Iterator[Judgement]:
        for (subject, fact), samples in scene.recent.items():
            if fact in self.fact and subject.kind is self.of and subject not in self._left_out(scene, fact):
                already = scene.is_open(self.kind, subject)
                if judged := self.judged(subject, samples, scene.batch.at, already):
                    yield judged

    def _left_out(self, scene: Scene, fact: Fact) -> set[Subject]:
        return {o.subject for o in scene.of(fact) if o.detail in self.ignore_detail} if self.ignore_detail else set()


class Drifting(_Rises, StudyRule):
    """Told by the hours of the last days."""

    shown_as: str = ""
    """Only readings in this unit: `dBm`."""

    @property
    def facts(self) -> tuple[Fact, ...]:
        return self.fact

    def study(self, study: Study) -> Iterator[Judgement]:
        for fact in self.fact:
            for subject, hours in study.of(fact):
                if subject.kind is not self.of or (self.shown_as and study.detail(subject, fact) != self.shown_as):
                    continue
                already = (self.kind, subject) in study.open
                samples = [(hour.at, hour.mean) for hour in hours]
                if judged := self.judged(subject, samples, hours[-1].at, already):
                    yield judged


def _time(length: timedelta) -> str:
    seconds = length.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"
