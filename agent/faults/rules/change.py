"""Something that is another than it was: a speed negotiated down, a configuration written to."""

from collections.abc import Iterator
from datetime import timedelta

from agent.faults.rules.rule import Rule
from agent.faults.rules.scene import Judgement, Scene
from agent.inventory.device import Role
from agent.inventory.fields import Duration
from agent.observation import Fact, Observation, Subject, Tier


class Lowered(Rule):
    """A number that is lower than it was; over when it is back, or when the new one has stood for `accept_after`."""

    fact: Fact
    accept_after: Duration = timedelta(days=7)
    unit: str = ""
    links_only_on: tuple[Role, ...] = ()
    """Devices on which only links count."""

    def judge(self, scene: Scene) -> Iterator[Judgement]:
        before = scene.facts_before(self.fact)
        down = {o.subject for o in scene.of(Fact.OPER_STATUS) if o.value != "up"}
        for reading in scene.of(self.fact):
            subject, value = reading.subject, float(reading.value)
            if subject.kind is not self.of or value <= 0 or subject in down or scene.states.get(subject) == "down":
                continue
            known = scene.open.get((self.kind, subject))
            if known is None and scene.device.role in self.links_only_on and subject.name not in scene.linked:
                continue
            if known is not None and known.threshold is not None:
                yield self._since(reading, known.threshold, scene.batch.at - known.began)
            elif self.fact in before.get(subject, {}):
                was = float(before[subject][self.fact].value)
                yield self._judged(subject, value, was, was > value)

    def _since(self, reading: Observation, was: float, age: timedelta) -> Judgement:
        value = float(reading.value)
        return self._judged(reading.subject, value, was, value < was and age < self.accept_after)

    def _judged(self, subject: Subject, value: float, was: float, bad: bool) -> Judgement:
        told = f"{_scaled(value)}{self.unit}, was {_scaled(was)}{self.unit}" if was != value else _scaled(value)
        return Judgement(subject, self.kind, bad, told, value, was)


def _scaled(value: float) -> str:
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(value) >= size:
            return f"{value / size:g} {unit}"
    return f"{value:g} "


class Touched(Rule):
    """A moment, told in seconds of sysUpTime, that moved: over when it has stood still for `still_for`."""

    fact: Fact
    still_for: Duration = timedelta(minutes=30)

    def judge(self, scene: Scene) -> Iterator[Judgement]:
        now = scene.own(self.fact)
        if now is None:
            return
        subject, known = now.subject, scene.open.get((self.kind, now.subject))
        was = scene.facts_before(self.fact).get(subject, {}).get(self.fact)
        moved = was is not None and float(now.value) > float(was.value) and not _restarted(scene)
        if moved:
            yield Judgement(subject, self.kind, True, "changed since the poll before", float(now.value))
        elif known is not None:
            still = scene.batch.at - (known.last_seen or known.began) >= self.still_for
            yield Judgement(subject, self.kind, not still, "changed a while ago", float(now.value))


class Switched(Rule):
    """A word that is another than at the poll before, such as a role; over when it has stood for `still_for`."""

    fact: Fact
    still_for: Duration = timedelta(minutes=30)

    def judge(self, scene: Scene) -> Iterator[Judgement]:
        before = scene.facts_before(self.fact)
        for reading in scene.of(self.fact):
            subject, word = reading.subject, str(reading.value)
            if subject.kind is not self.of:
                continue
            was, known = before.get(subject, {}).get(self.fact), scene.open.get((self.kind, subject))
            if was is not None and str(was.value) != word:
                yield Judgement(subject, self.kind, True, f"{word}, was {was.value}")
            elif known is not None:
                still = scene.batch.at - (known.last_seen or known.began) >= self.still_for
                yield Judgement(subject, self.kind, not still, f"{word} for a while")


def _restarted(scene: Scene) -> bool:
    now, me = scene.own(Fact.UPTIME), Subject(scene.device.name)
    before = scene.facts_before(Fact.UPTIME).get(me, {}).get(Fact.UPTIME)
    return now is not None and before is not None and float(now.value) < float(before.value)


class Stale(Rule):
    """A device that answers, and of which a poll has brought nothing for `intervals` of its turns."""

    polls: Tier = Tier.HEALTH
    intervals: float = 3.0

    def judge(self, scene: Scene) -> Iterator[Judgement]:
        last, answered = scene.seen.get(self.polls), scene.own(Fact.SNMP_REACHABLE)
        if scene.device.snmp is None or last is None or answered is None or not answered.value:
            return
        polling = scene.device.polling
        turn = {Tier.STATUS: polling.status, Tier.HEALTH: polling.health, Tier.IDENTITY: polling.identity}[self.polls]
        age = scene.batch.at - last
        if age > turn * self.intervals:  # a device that came back has its turn still to come
            age = scene.batch.at - max(last, scene.answering_since() or last)
        bad = age > turn * self.intervals
        reason = f"no {self.polls} poll brought anything for {age.total_seconds():.0f} s" if bad else "read in time"
        yield Judgement(Subject(scene.device.name), self.kind, bad, reason, age.total_seconds())
