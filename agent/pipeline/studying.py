"""History: what a poll is compared with, and what a device's last weeks show by themselves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from agent.faults import rules
from agent.faults.rules import Book, Judgement
from agent.faults.rules.rising import Rising
from agent.faults.rules.study import STILL_THERE, Study, StudyRule
from agent.faults.rules.unusual import Unusual
from agent.faults.trends import baseline, rising
from agent.faults.trends.baseline import Baseline, Expected
from agent.faults.trends.hour import Hour
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory
from agent.observation import Batch, ComponentKind, Fact, Subject, Tier
from agent.ports import Finding, Transaction

EVERY = timedelta(days=1)
AT_ONCE = 5  # devices at least that are studied in one go …
SHARE = 72  # … or such a part of all, so that a day is enough for all of them twice
WARM = timedelta(hours=1)  # after a restart; before, temperatures and memory rise as they should
FINDINGS = 200  # of one device
_IDLE_PCT = 1.0  # of its speed: what an interface never carried in weeks; it has nothing usual

About = tuple[Subject, Fact]
Readings = Mapping[About, Sequence[tuple[datetime, float]]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a study showed."""

    baselines: Mapping[About, Baseline]
    findings: tuple[Finding, ...]
    judged: list[Judgement]


class Studying:
    """What it keeps can be read again at any time."""

    def __init__(self, inventory: Inventory, book: Book) -> None:
        self._inventory, self._book = inventory, book
        self._started: dict[str, datetime] = {}  # by device, as it told last
        self._usual: dict[str, tuple[datetime, Mapping[About, Expected]]] = {}  # by device, for one hour

    # ------------------------------------------------------------ beside a poll

    def expected(self, tx: Transaction, batch: Batch) -> Mapping[About, Expected]:
        """What is usual now for what the device measures; read once an hour."""
        device = self._inventory.devices[batch.device]
        if not any(isinstance(rule, Unusual) for rule in self._book.at(device, batch.tier)):
            return {}
        zone = self.zone(device)
        hour = batch.at.astimezone(zone).replace(minute=0, second=0, microsecond=0)
        known = self._usual.get(device.name)
        if known is None or known[0] != hour:
            usual = {about: each.expected(batch.at, zone) for about, each in tx.baselines(device.name).items()}
            known = self._usual[device.name] = (hour, usual)
        return known[1]

    def recent(self, tx: Transaction, batch: Batch) -> Readings:
        """The last minutes of what must not rise fast, with this poll's readings."""
        device, me = self._inventory.devices[batch.device], Subject(batch.device)
        for o in batch.observations:
            if o.fact is Fact.UPTIME and o.subject == me:
                self._started[me.device] = batch.at - timedelta(seconds=float(o.value))
        rules = [rule for rule in self._book.at(device, batch.tier) if isinstance(rule, Rising)]
        wanted = {(fact, rule.of) for rule in rules for fact in rule.fact}
        now = [o for o in batch.observations if (o.fact, o.subject.kind) in wanted and isinstance(o.value, int | float)]
        if not now or batch.at - self._started.get(me.device, batch.at - WARM) < WARM:
            return {}
        longest = max(rule.within for rule in rules) * rising.LOOKED_BACK
        before = tx.recent(device.name, tuple({o.fact for o in now}), batch.at - longest, batch.at)
        return {
            (o.subject, o.fact): [
                *((sample.at, sample.value) for sample in before.get((o.subject, o.fact), ())),
                (batch.at, float(o.value)),
            ]
            for o in now
        }

    def zone(self, device: Device) -> ZoneInfo:
        site = self._inventory.sites.get(device.site)
        return ZoneInfo(site.timezone if site else "UTC")

    # ------------------------------------------------------------ once a day

    def due(self, tx: Transaction, now: datetime) -> list[str]:
        """Who has not been studied for a day, the longest unstudied first: so many that all have their turn."""
        known, devices = tx.studied(), self._inventory.devices
        waiting = [name for name in devices if name not in known or not now - EVERY < known[name] <= now]
        waiting.sort(key=lambda name: (name in known, known.get(name), name))
        return waiting[: max(AT_ONCE, len(devices) // SHARE)]

    def look(self, tx: Transaction, device: Device, now: datetime, speeds: Mapping[str, float]) -> Seen:
        """Learns what is usual, and judges what the hours show. Reads only: it takes longer than others would wait."""
        unusual = [rule for rule in self._book.rules(device) if isinstance(rule, Unusual)]
        studies = [rule for rule in self._book.rules(device) if isinstance(rule, StudyRule)]
        facts = {fact for rule in unusual for fact in rule.fact} | {fact for rule in studies for fact in rule.facts}
        study = Study(
            device=device,
            now=now,
            hours=tx.hours(device.name, tuple(facts), baseline.since(now), now),
            latest=tx.latest(device.name, Tier.HEALTH),
            open={(fault.kind, fault.subject): fault for fault in tx.open_faults(device.name)},
            speeds=speeds,
        )
        learned: dict[About, Baseline] = {}
        findings: list[Finding] = []
        judged: list[Judgement] = []
        for rule in unusual:
            mine = dict(self._learned(rule, study))
            learned.update(mine)
            findings += _about_baselines(rule, study, mine)
        for each in studies:
            told = rules.watched(device, each.study(study))
            judged += told
            findings += [Finding(j.subject, str(each.kind), j.reason) for j in told if j.bad or "a day" in j.reason]
        return Seen(learned, tuple(findings[:FINDINGS]), judged)

    def save(self, tx: Transaction, device: Device, now: datetime, seen: Seen) -> None:
        tx.save_study(device.name, now, seen.baselines, seen.findings)
        self._usual.pop(device.name, None)

    def _learned(self, rule: Unusual, study: Study) -> Iterator[tuple[About, Baseline]]:
        zone = self.zone(study.device)
        for (subject, fact), hours in study.hours.items():
            if subject.kind is not rule.of or fact not in rule.fact or study.now - hours[-1].at > STILL_THERE:
                continue
            if subject.kind is ComponentKind.INTERFACE and _idle(hours, study.speeds.get(subject.name, 0.0)):
                continue
            found = baseline.learn(hours, zone)
            if found is not None:
                yield (subject, fact), found


def _idle(hours: Sequence[Hour], speed: float) -> bool:
    return max(hour.most for hour in hours) * 8 < speed * _IDLE_PCT / 100 or not speed


def _about_baselines(rule: Unusual, study: Study, learned: Mapping[About, Baseline]) -> Iterator[Finding]:
    measured = [hours for (about, fact), hours in study.hours.items() if about.kind is rule.of and fact in rule.fact]
    days = max(map(baseline.days, measured), default=0)
    if not measured:
        return
    says = f"not judged before {rule.needs_days} days are known: {days} so far"
    if days >= rule.needs_days:
        says = f"what is usual is known of {len(learned)} readings, over {days} days"
    yield Finding(Subject(study.device.name), str(rule.kind), says)
