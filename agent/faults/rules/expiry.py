"""Licences and certificates that end."""

from collections.abc import Iterator
from datetime import datetime

from agent.faults.rules.rule import Rule
from agent.faults.rules.scene import Judgement, Scene
from agent.observation import Fact


class Expiring(Rule):
    """It ends within `days`, or has ended."""

    days: float = 30.0

    def judge(self, scene: Scene) -> Iterator[Judgement]:
        for reading in scene.of(Fact.EXPIRES):
            if reading.subject.kind is not self.of:
                continue
            try:
                ends = datetime.fromisoformat(str(reading.value))
            except ValueError:
                continue
            if ends.tzinfo is None:
                continue
            left = (ends - scene.batch.at).total_seconds() / 86_400
            word = f"ends on {ends:%Y-%m-%d}, in {left:.0f} days" if left >= 0 else f"ended on {ends:%Y-%m-%d}"
            yield Judgement(reading.subject, self.kind, left <= self.days, word, left, self.days)
