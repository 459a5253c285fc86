"""Nothing is wrong for eight weeks: what is raised all the same is a false alarm."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import pi, sin
from zoneinfo import ZoneInfo

import pytest

from agent.faults import confirmation, rules
from agent.faults.fault import Fault
from agent.faults.rules import Scene
from agent.faults.rules.rule import Rule
from agent.faults.rules.study import Study, StudyRule
from agent.faults.rules.unusual import Unusual
from agent.faults.trends import baseline
from agent.faults.trends.baseline import Baseline
from agent.faults.trends.hour import HOUR, Hour
from agent.inventory.device import Device
from agent.observation import Batch, ComponentKind, Fact, Observation, Subject, Tier

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
WEEKS, LEARNING = 8, 2
STEP = timedelta(minutes=5)
ZONE = ZoneInfo("Asia/Shanghai")
HOLIDAYS = {31, 32, 33, 50}  # days after the start; Thursday to Saturday, and a Tuesday
DEVICE = Device(name="sw1", address="192.0.2.1", customer="acme", site="hq")
SPEED = 1e9


class Noise:
    """One number every five minutes: a day, a week, bursts, a nightly job, and what wanders."""

    def __init__(self, seed: int, base: float, swing: float, rough: float, burst: float, job: float) -> None:
        self._chance = random.Random(seed)
        self._base, self._swing, self._rough, self._burst, self._job = base, swing, rough, burst, job
        self._wander = 0.0
        self._bursting = 0
        self._job_at = self._chance.uniform(1, 4)

    def value(self, at: datetime) -> float:
        chance, local = self._chance, at.astimezone(ZONE)
        hour, day = local.hour + local.minute / 60, (at - START) // timedelta(days=1)
        quiet = local.weekday() >= 5 or day in HOLIDAYS
        level = self._base + self._swing * (0.25 if quiet else 1.0) * max(0.0, sin(pi * (hour - 7) / 13))
        self._wander = 0.97 * self._wander + chance.gauss(0, self._rough / 4)
        value = level + self._wander + abs(chance.gauss(0, self._rough / 2))
        if self._bursting:
            self._bursting -= 1
            value += self._burst
        elif chance.random() < 1 / 250:  # about one in a day
            self._bursting = min(9, int(chance.expovariate(1 / 3)))  # quarter of an hour, three quarters at most
        begins = self._job_at + chance.uniform(-0.1, 0.1)
        if begins <= hour < begins + 0.75:
            value += self._job
        return max(0.0, value)


def series() -> Iterator[tuple[str, ComponentKind, Fact, Noise]]:
    """Fifty of them."""
    chance = random.Random(2)
    for n in range(15):
        noise = Noise(n, chance.uniform(5, 30), chance.uniform(5, 35), chance.uniform(1, 6), 25, chance.uniform(0, 50))
        yield "cpu_unusual", ComponentKind.CPU, Fact.USAGE, noise
    for n in range(10):
        noise = Noise(100 + n, chance.uniform(40, 80), chance.uniform(0, 8), chance.uniform(0.5, 3), 4, 3)
        yield "memory_unusual", ComponentKind.MEMORY, Fact.USED, noise
    for n in range(15):
        noise = Noise(200 + n, chance.uniform(1, 25), chance.uniform(5, 45), chance.uniform(1, 6), 20, 20)
        yield "traffic_unusual", ComponentKind.INTERFACE, Fact.IN_OCTETS, noise
    for n in range(10):
        noise = Noise(300 + n, chance.uniform(2, 90), chance.uniform(0, 20), chance.uniform(0.5, 8), 40, 5)
        yield "latency_unusual", ComponentKind.DEVICE, Fact.RTT, noise


class Hours:
    """What has been measured, rolled up."""

    def __init__(self, factor: float) -> None:
        self.finished: list[Hour] = []
        self._factor, self._held, self._at = factor, list[float](), START

    def add(self, at: datetime, value: float) -> None:
        if at - self._at >= HOUR:
            v = self._held
            self.finished.append(Hour(self._at, len(v), sum(v) / len(v), min(v), max(v)))
            self._held, self._at = [], at
        self._held.append(value * self._factor)


class Watch:
    """One number as the pipeline looks at it."""

    def __init__(self, rule: Unusual, subject: Subject, fact: Fact) -> None:
        self._rule, self._subject, self._fact = rule, subject, fact
        self._about = (subject, fact)
        self._previous: Batch | None = None
        self._total = 0.0
        self.fault: Fault | None = None
        self.raised: list[Fault] = []

    def poll(self, at: datetime, value: float, usual: Baseline | None) -> None:
        before, told = self._total, value
        if self._fact is Fact.IN_OCTETS:
            self._total += value / 100 * SPEED / 8 * STEP.total_seconds()
            told = int(self._total)
        if self.fault is None and 1 < value <= self._rule.always_fine:
            return  # nothing can come of it
        self._previous = self._batch(at - STEP, int(before))
        batch = self._batch(at, told)
        expected = {self._about: usual.expected(at, ZONE)} if usual else {}
        faults = {(self._rule.kind, self._subject): self.fault} if self.fault else {}
        scene = Scene(
            device=DEVICE,
            batch=batch,
            previous=self._previous,
            expected=expected,
            open=faults,
            speeds={self._subject.name: SPEED},
        )
        for judged in self._rule.judge(scene):
            self._move(judged, at, self._rule)

    def _batch(self, at: datetime, told: float) -> Batch:
        return Batch(DEVICE.name, Tier.HEALTH, at, (Observation(self._subject, self._fact, told),))

    def _move(self, judged: rules.Judgement, at: datetime, rule: Rule) -> None:
        before = self.fault
        after = confirmation.advance(before, judged, at, rule.believe.confirmation, None, rule.over.confirmation)
        if after is not None and after.confirmed and not (before and before.confirmed):
            self.raised.append(after)
        self.fault = None if after is None or after.cleared else after


def watched(name: str, kind: ComponentKind, fact: Fact, noise: Noise) -> tuple[list[Fault], list[str]]:
    """The faults of eight weeks, and what the studies of each day raised."""
    book = rules.shipped()
    rule = book.plain[name]
    assert isinstance(rule, Unusual)
    if rule.tier is Tier.STATUS:  # polled five times as often: a fifth of it is enough to be told here
        rule = rule.model_copy(update={"believe": replace_believe(rule)})
    subject = Subject(DEVICE.name, kind, "" if kind is ComponentKind.DEVICE else "1")
    watch, hours = Watch(rule, subject, fact), Hours(SPEED / 800 if fact is Fact.IN_OCTETS else 1.0)
    usual: Baseline | None = None
    filling: list[str] = []
    for number in range(WEEKS * 7 * 288):
        at = START + number * STEP
        value = noise.value(at)
        hours.add(at, value)
        if number % (3 * 288) == 100 and at >= START + LEARNING * timedelta(weeks=1):
            usual = baseline.learn(hours.finished, ZONE)
            filling += studied(book, subject, fact, hours.finished, at)
        watch.poll(at, value, usual)
    return watch.raised, filling


def replace_believe(rule: Unusual) -> object:
    return rule.believe.model_copy(update={"polls": rule.believe.polls // 4, "of": (rule.believe.of or 4) // 4})


def studied(book: rules.Book, subject: Subject, fact: Fact, hours: list[Hour], at: datetime) -> Iterator[str]:
    study = Study(device=DEVICE, now=at, hours={(subject, fact): hours}, speeds={subject.name: SPEED})
    for each in book.plain.values():
        if isinstance(each, StudyRule):
            yield from (f"{each.name}: {judged.reason}" for judged in each.study(study) if judged.bad)


@pytest.mark.timeout(600)
def test_fifty_healthy_series_raise_next_to_nothing_in_eight_weeks() -> None:
    raised: Counter[str] = Counter()
    reasons = []
    for name, kind, fact, noise in series():
        faults, filling = watched(name, kind, fact, noise)
        raised[name] += len(faults)
        reasons += [f"{fault.began:%a %H:%M} {name} {fault.reason}" for fault in faults] + filling
        raised["filling"] += len(set(filling))
    print("\n".join([f"false alarms of 50 series in {WEEKS - LEARNING} weeks: {dict(raised)}", *reasons]))
    assert sum(raised.values()) <= 1, reasons


@pytest.mark.timeout(600)
def test_the_same_network_is_heard_when_something_is_wrong() -> None:
    """Who never speaks raises no false alarm either: each number goes beyond all it ever was, for two hours."""
    heard = 0
    for name, kind, fact, noise in series():
        rule = rules.shipped().plain[name]
        assert isinstance(rule, Unusual)
        subject = Subject(DEVICE.name, kind, "" if kind is ComponentKind.DEVICE else "1")
        hours = Hours(SPEED / 800 if fact is Fact.IN_OCTETS else 1.0)
        values = [noise.value(START + n * STEP) for n in range(4 * 7 * 288)]
        for n, value in enumerate(values):
            hours.add(START + n * STEP, value)
        usual = baseline.learn(hours.finished, ZONE)
        watch = Watch(rule.model_copy(update={"believe": rules.shipped().plain["cpu_unusual"].believe}), subject, fact)
        now = START + timedelta(weeks=4) + 12 * HOUR
        highest = max(values)
        wrong = min(99.0, highest * 1.25) if fact is not Fact.RTT else highest * 3 + 50
        for n in range(24):
            watch.poll(now + n * STEP, wrong, usual)
        heard += bool(watch.raised)
    print(f"heard {heard} of 50")
    assert heard >= 40
