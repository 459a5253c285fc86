"""The device as a whole: whether it answers, and whether it restarted."""

from collections.abc import Iterator

from agent.faults.rules.rule import Rule
from agent.faults.rules.scene import Judgement, Scene
from agent.inventory.device import reachable
from agent.observation import Fact, Subject

UPTIME_WRAPS_S = 2**32 / 100  # sysUpTime counts hundredths of a second in 32 bits: 497 days


class Unreachable(Rule):
    """None of the methods that count for the device answers (`reachability` in the inventory)."""

    def judge(self, scene: Scene) -> Iterator[Judgement]:
        answered = reachable(scene.device, scene.batch.observations)
        if answered is None:
            return
        methods = ", ".join(scene.device.reachability)
        reason = f"answers ({methods})" if answered else f"no answer to {methods}"
        yield Judgement(Subject(scene.device.name), self.kind, not answered, reason)


class AgentDead(Rule):
    """Something else answers, and SNMP does not."""

    def judge(self, scene: Scene) -> Iterator[Judgement]:
        subject = Subject(scene.device.name)
        told = scene.facts(Fact.SNMP_REACHABLE, Fact.ICMP_REACHABLE, Fact.TCP_REACHABLE).get(subject, {})
        snmp = told.pop(Fact.SNMP_REACHABLE, None)
        if snmp is None:
            return
        if snmp.value:
            yield Judgement(subject, self.kind, False, "SNMP answers")
            return
        others = [fact for fact, o in told.items() if o.value]
        if others:
            how = " and ".join(fact.removesuffix("_reachable").upper() for fact in others)
            yield Judgement(subject, self.kind, True, f"{how} answers, SNMP does not ({snmp.detail or 'timeout'})")


class Restarted(Rule):
    """The uptime went back. A counter that came round after 497 days is told apart."""

    tolerance_s: float = 30.0
    """Clocks of agents drift, and a poll takes time."""

    def judge(self, scene: Scene) -> Iterator[Judgement]:
        subject, now = Subject(scene.device.name), scene.own(Fact.UPTIME)
        before = scene.facts_before(Fact.UPTIME).get(subject, {}).get(Fact.UPTIME)
        if now is None or before is None or scene.previous is None:
            return
        elapsed = (scene.batch.at - scene.previous.at).total_seconds()
        told, was = float(now.value), float(before.value)
        expected = was + elapsed
        if expected - told <= self.tolerance_s and told >= was - 1:
            yield Judgement(subject, self.kind, False, f"up for {told:.0f} s")
        elif expected >= UPTIME_WRAPS_S - self.tolerance_s:
            yield Judgement(subject, self.kind, False, "sysUpTime wrapped after 497 days")
        elif told < was:
            yield Judgement(subject, self.kind, True, f"up for {told:.0f} s, was {was:.0f} s")


class Told(Rule):
    """No poll and no event sees it: something else in netcase tells it."""

    def judge(self, scene: Scene) -> Iterator[Judgement]:  # noqa: ARG002 - it has nothing to look at
        return iter(())
