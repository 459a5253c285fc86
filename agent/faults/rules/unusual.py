"""A number beyond what is usual for it at this hour of the week."""

from collections.abc import Iterator

from agent.faults import counters
from agent.faults.fault import FaultKind
from agent.faults.rules.rule import Rule, Words
from agent.faults.rules.scene import Judgement, Scene
from agent.faults.trends import baseline
from agent.faults.trends.baseline import Expected, Limits
from agent.observation import Fact, Subject

_BELIEVABLE = 130.0  # percent of an interface's speed


class Unusual(Rule):
    """Nothing is said before enough is known, nor of a value that is always fine. Counters of octets are judged in
    percent of their interface's speed."""

    fact: tuple[Fact, ...]
    """What is compared; of several, whichever is unusual."""
    always_fine: float
    """A value up to this is never unusual."""
    k: float = 4.0
    """How many times the ordinary spread it must lie beyond what is usual …"""
    at_least: float = 0.0
    """… and how far at least …"""
    share: float = 0.0
    """… and how far at least, as a share of what is usual."""
    silence: float = 0.0
    """Below such a share of the lowest that is usual at any hour of the week it is unusually little; 0: never."""
    silence_from: float = 0.0
    """… where that lowest is at least so much."""
    needs_days: int = 14
    """Days of history, below which nothing is unusual."""
    unit: str = "%"
    unless: tuple[FaultKind, ...] = ()
    """Kinds of fault of the same component that say as much."""
    ignore_detail: Words = ()

    def judge(self, scene: Scene) -> Iterator[Judgement]:
        for subject, found in self._values(scene):
            if any(scene.is_open(kind, subject) for kind in self.unless):
                yield Judgement(subject, self.kind, False, "another fault tells of it")
                continue
            judged = [self._judged(scene, subject, value, expected) for value, expected in found]
            told = [each for each in judged if each is not None]
            if told:
                yield max(told, key=lambda each: (each.bad, each.value or 0.0))

    def _judged(self, scene: Scene, subject: Subject, value: float, expected: Expected) -> Judgement | None:
        already = scene.is_open(self.kind, subject)
        found = baseline.judge(expected, value, self._limits(), already=already)
        if found.threshold is None and not already:
            return None
        low, high = f"{max(0.0, expected.low):.3g}", f"{self._shown(expected.high)}"
        days = f"({expected.days} days known)"
        if found.little:
            reason = f"{self._shown(value)}, where {self._shown(expected.quietest)} or more is usual at any hour {days}"
        else:
            reason = f"{self._shown(value)}, where {low} to {high} is usual at this hour of the week {days}"
        return Judgement(subject, self.kind, found.bad, reason, value, found.threshold)

    def _limits(self) -> Limits:
        return Limits(
            self.always_fine,
            self.k,
            self.at_least,
            self.share,
            self.needs_days,
            self.silence,
            self.silence_from,
        )

    def _values(self, scene: Scene) -> Iterator[tuple[Subject, list[tuple[float, Expected]]]]:
        found: dict[Subject, list[tuple[float, Expected]]] = {}
        for fact in self.fact:
            rates = fact in counters.OCTETS
            values = _loads(scene, fact) if rates else self._gauges(scene, fact)
            for subject, value in values:
                expected = scene.expected.get((subject, fact))
                if expected is None or subject.kind is not self.of:
                    continue
                if rates:
                    expected = scaled(expected, 800.0 / scene.speeds[subject.name])
                found.setdefault(subject, []).append((value, expected))
        yield from found.items()

    def _gauges(self, scene: Scene, fact: Fact) -> Iterator[tuple[Subject, float]]:
        for o in scene.of(fact):
            if o.detail not in self.ignore_detail and isinstance(o.value, int | float):
                yield o.subject, float(o.value)

    def _shown(self, value: float) -> str:
        return f"{value:.3g} {self.unit}"


def scaled(expected: Expected, by: float) -> Expected:
    middle, low, high, wide = (by * each for each in (expected.middle, expected.low, expected.high, expected.spread))
    return Expected(middle, low, high, wide, by * expected.bursts, expected.days, by * expected.quietest)


def _loads(scene: Scene, fact: Fact) -> Iterator[tuple[Subject, float]]:
    """Percent of the speed since the poll before."""
    if scene.previous is None or scene.batch.at <= scene.previous.at:
        return
    took = (scene.batch.at - scene.previous.at).total_seconds()
    before = scene.facts_before(fact, Fact.DISCONTINUITY)
    for subject, now in scene.facts(fact, Fact.DISCONTINUITY).items():
        speed, grown = scene.speeds.get(subject.name, 0.0), counters.growth(fact, before.get(subject, {}), now)
        if speed > 0 and grown is not None and (percent := 800.0 * grown / took / speed) <= _BELIEVABLE:
            yield subject, percent
