"""What counters grew by between two polls: errors as a share of the packets, octets as a share of the speed."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from agent.faults import counters
from agent.faults.rules.rule import Rule, clears_outside
from agent.faults.rules.scene import Judgement, Scene
from agent.inventory.fields import wrong
from agent.observation import Fact, Observation, Subject


def _counted(facts: Mapping[str, Fact]) -> Mapping[str, Fact]:
    for direction, fact in facts.items():
        if not fact.startswith(("in_", "out_")):
            raise wrong(f"{fact} is no counter ({direction})", "Write in_errors, out_discards, in_octets, …")
    return facts


Directions = Annotated[Mapping[Literal["in", "out"], Fact], Field(min_length=1), AfterValidator(_counted)]


class _Counted(Rule):
    raise_at: float
    """Percent from which on it is too much, each direction on its own."""
    clear_at: float
    """Percent below which it is in order again."""

    @model_validator(mode="after")
    def _clears_inside(self) -> Self:
        if self.clear_at > self.raise_at:
            raise wrong(*clears_outside(self.clear_at, self.raise_at))
        return self

    def _pairs(
        self, scene: Scene, *facts: Fact
    ) -> Iterator[tuple[Subject, Mapping[Fact, Observation], Mapping[Fact, Observation]]]:
        if scene.previous is None or scene.batch.at <= scene.previous.at:
            return
        before = scene.facts_before(*facts, Fact.DISCONTINUITY)
        for subject, now in scene.facts(*facts, Fact.DISCONTINUITY).items():
            if subject in before:
                yield subject, before[subject], now

    def _limit(self, scene: Scene, subject: Subject) -> float:
        return self.clear_at if scene.is_open(self.kind, subject) else self.raise_at


class Share(_Counted):
    """Errors or discards as a share of all packets. A counter that went back was reset: nothing is told from it."""

    parts: Directions
    """The counter of each direction: `{in: in_errors, out: out_errors}`."""
    wholes: Directions = {"in": Fact.IN_PACKETS, "out": Fact.OUT_PACKETS}  # noqa: RUF012 - it is frozen
    """The packets that it is a share of, those of the counter not among them."""
    at_least: int = 10
    """Fewer than this in an interval are never a fault."""
    of_at_least: int = 0
    """A share of fewer packets than this in an interval says nothing."""
    noun: str = "errors"

    def judge(self, scene: Scene) -> Iterator[Judgement]:
        for subject, before, now in self._pairs(scene, *self.parts.values(), *self.wholes.values()):
            worst = max(self._shares(before, now), default=None)
            if worst is not None:
                yield self._judged(scene, subject, *worst)

    def _shares(
        self, before: Mapping[Fact, Observation], now: Mapping[Fact, Observation]
    ) -> Iterator[tuple[float, int, str]]:
        """(percent of packets, count, direction)"""
        for direction, part in self.parts.items():
            if direction not in self.wholes:
                continue
            wrong = counters.growth(part, before, now)
            right = counters.growth(self.wholes[direction], before, now)
            if wrong is not None and right is not None:
                enough = right >= self.of_at_least
                yield 100.0 * wrong / max(wrong + right, 1) if enough else 0.0, wrong, direction

    def _judged(self, scene: Scene, subject: Subject, percent: float, count: int, direction: str) -> Judgement:
        limit = self._limit(scene, subject)
        bad = percent >= limit and count >= self.at_least
        sign = "≥" if percent >= limit else "<"
        reason = f"{percent:.2g} % {direction} {self.noun} {sign} {limit:g} % ({count} packets)"
        return Judgement(subject, self.kind, bad, reason, percent, limit)


class Load(_Counted):
    """Octets of an interval as a share of what the interface can carry in it."""

    octets: Directions = {"in": Fact.IN_OCTETS, "out": Fact.OUT_OCTETS}  # noqa: RUF012 - it is frozen

    def judge(self, scene: Scene) -> Iterator[Judgement]:
        for subject, before, now in self._pairs(scene, *self.octets.values()):
            speed = scene.speeds.get(subject.name, 0.0)
            took = (scene.batch.at - scene.previous.at).total_seconds() if scene.previous else 0.0
            loads = [
                (100.0 * 8 * grown / took / speed, direction)
                for direction, octets in self.octets.items()
                if speed > 0 and (grown := counters.growth(octets, before, now)) is not None
            ]
            if loads and max(loads)[0] <= _BELIEVABLE:
                percent, direction = max(loads)
                limit = self._limit(scene, subject)
                sign = "≥" if percent >= limit else "<"
                reason = f"{direction} {percent:.3g} % {sign} {limit:g} % of {_bits(speed)}"
                yield Judgement(subject, self.kind, percent >= limit, reason, percent, limit)


_BELIEVABLE = 130.0  # percent; polls come a little early or late, but a counter that jumped is no traffic


def _bits(speed: float) -> str:
    for unit, size in (("Gbit/s", 1e9), ("Mbit/s", 1e6), ("kbit/s", 1e3)):
        if speed >= size:
            return f"{speed / size:g} {unit}"
    return f"{speed:g} bit/s"
