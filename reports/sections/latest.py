"""What the devices told last of a component: limits, and whether being full is a fault."""

from dataclasses import dataclass, field

from agent.observation import Fact, Observation, Subject, Tier
from agent.ports import Transaction


@dataclass(frozen=True, slots=True)
class Latest:
    """Reads each device's last health poll once, when it is first asked for."""

    tx: Transaction
    _known: dict[str, dict[tuple[Subject, Fact], Observation]] = field(default_factory=dict)

    def told(self, subject: Subject, fact: Fact) -> Observation | None:
        if subject.device not in self._known:
            batch = self.tx.latest(subject.device, Tier.HEALTH)
            self._known[subject.device] = {(o.subject, o.fact): o for o in (batch.observations if batch else ())}
        return self._known[subject.device].get((subject, fact))
