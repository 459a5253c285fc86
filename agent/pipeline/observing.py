"""One poll of one device: what is seen becomes states, samples and faults. All in the caller's transaction."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from agent.faults import confirmation, flapping, restarts, rules
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.faults.rules import Book, Judgement, Scene
from agent.inventory.device import Device, reachable
from agent.inventory.inventory import Inventory
from agent.inventory.policies import Confirmation
from agent.observation import Batch, ComponentKind, Fact, Subject, Tier
from agent.pipeline import flaps
from agent.pipeline.studying import Studying
from agent.ports import Transaction

DAY = timedelta(days=1)

Faults = dict[tuple[FaultKind, Subject], Fault]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was known before the poll, the device's faults after it, and those of them that were saved."""

    scene: Scene
    faults: Faults
    changed: list[Fault]


class Observing:
    def __init__(self, tx: Transaction, inventory: Inventory, book: Book, studying: Studying | None = None) -> None:
        self._tx, self._inventory, self._book, self._studying = tx, inventory, book, studying

    def observe(self, batch: Batch, linked: frozenset[str], speeds: Callable[[], Mapping[str, float]]) -> Seen:
        """`linked` are the interfaces that carry links; `speeds` gives bits per second by interface."""
        device = self._inventory.devices[batch.device]
        faults = {(fault.kind, fault.subject): fault for fault in self._tx.open_faults(device.name)}
        scene = Scene(
            device=device,
            batch=batch,
            previous=self._tx.latest(device.name, batch.tier),
            states=self._tx.states(device.name),
            open=dict(faults),
            linked=linked,
            seen=self._tx.seen(device.name) if batch.tier is Tier.STATUS else {},
            answering_since=lambda: self._answering_since(device, batch.at),
            speeds=speeds() if batch.tier is Tier.HEALTH else {},
            expected=self._studying.expected(self._tx, batch) if self._studying else {},
            recent=self._studying.recent(self._tx, batch) if self._studying else {},
        )
        judgements = [self._asked_for(judged, batch.at) for judged in rules.judge(scene, self._book)]
        changed = self.believe(device, judgements, batch.at, faults, scene.previous)
        self._remember(scene, faults)
        return Seen(scene, faults, changed)

    def _answering_since(self, device: Device, at: datetime) -> datetime | None:
        spans = self._tx.coverage("snmp", at - DAY, at, device.name).get(device.name, [])
        known = spans and at - spans[-1].end <= self._gap(device)
        return spans[-1].start if known else at

    def believe(
        self,
        device: Device,
        judgements: list[Judgement],
        at: datetime,
        faults: Faults,
        previous: Batch | None = None,
    ) -> list[Fault]:
        """Moves every judged fault on; `faults` is brought up to date, what changed is saved and returned."""
        changed, last_good = [], previous.at if previous else None
        for judged in confirmation.verdicts(judgements):
            key, believe = (judged.kind, judged.subject), self._policy(judged, device)
            before = faults.get(key)
            after = confirmation.advance(before, judged, at, believe, last_good, self._over(judged, device))
            after = after and self._steadied(before, after, at)
            if after is not None and after is not before:
                faults[key] = after
                changed.append(after)
        if changed:
            self._tx.save_faults(changed)
        return changed

    def _asked_for(self, judged: Judgement, at: datetime) -> Judgement:
        """A restart that the device said beforehand it was asked for is told as one."""
        if judged.kind is not FaultKind.DEVICE_RESTARTED or not judged.bad:
            return judged
        said = restarts.announced(self._tx.events(device=judged.subject.device, start=at - restarts.BEFORE))
        return replace(judged, reason=f"{judged.reason}; asked for: {said}") if said else judged

    def _policy(self, judged: Judgement, device: Device) -> Confirmation:
        if written := self._inventory.policies.confirmation.get(judged.kind):
            return written
        rule = self._book.behind(judged.kind, judged.subject, device)
        return rule.believe.confirmation if rule else Confirmation()

    def _over(self, judged: Judgement, device: Device) -> Confirmation:
        rule = self._book.behind(judged.kind, judged.subject, device)
        return rule.over.confirmation if rule else confirmation.OVER

    def _steadied(self, before: Fault | None, after: Fault, at: datetime) -> Fault:
        """What flaps is one fault with a count, and is over only after it has held still. Its case tells of both."""
        policies = self._inventory.policies
        since = at - flapping.window(policies)
        name = after.subject.device
        steadied = flapping.steadied(before, after, at, policies, lambda: self._tx.faults(device=name, start=since))
        self._tx.log(flaps.lines(before, steadied, at))
        return steadied

    # ------------------------------------------------------------ states and samples

    def _remember(self, scene: Scene, faults: Faults) -> None:
        tx, device, batch = self._tx, scene.device, scene.batch
        told = {o.fact: o.value for o in batch.observations if o.subject == Subject(device.name)}
        if batch.tier is Tier.STATUS:
            answered = reachable(device, batch.observations)
            if answered is not None:
                tx.cover(device.name, "reachability", batch.at, self._gap(device))
                self._device_state(device, batch, faults, answered)
        answers = device.snmp is None or bool(told.get(Fact.SNMP_REACHABLE, batch.tier is not Tier.STATUS))
        if answers and batch.tier is Tier.STATUS:
            tx.cover(device.name, "snmp", batch.at, self._gap(device))
        if kept := answers and bool(batch.observations):
            tx.keep(batch)
        if self._inventory.policies.keep_journal:
            tx.journal(batch, scene.previous, kept=kept)
        for subject, state in rules.states(scene).items():
            if scene.states.get(subject) != state and not self._doubted(faults, subject):
                tx.change(subject, state, self._since(faults, subject, batch.at))
        for subject in _gone(scene, faults):
            tx.end(subject, batch.at)

    def _gap(self, device: Device) -> timedelta:
        """Without an observation for longer, the device was not watched. A poll of a silent device takes its time."""
        polling = device.polling
        return self._inventory.policies.gap * polling.status + polling.timeout * (polling.retries + 1)

    def _device_state(self, device: Device, batch: Batch, faults: Faults, answered: bool) -> None:
        subject = Subject(device.name)
        fault = faults.get((FaultKind.DEVICE_UNREACHABLE, subject))
        if fault is None or fault.state is FaultState.CLEARED:
            since = fault.cleared if fault and fault.cleared and fault.confirmed else batch.at
            if answered:
                self._tx.change(subject, "up", since)
        elif fault.active and fault.recovering is None:
            self._tx.change(subject, "down", fault.began)

    def _doubted(self, faults: Faults, subject: Subject) -> bool:
        return any(confirmation.in_doubt(fault) for fault in self._of_state(faults, subject))

    def _since(self, faults: Faults, subject: Subject, at: datetime) -> datetime:
        """States change when the fault began or ended, not when it was believed."""
        mine = [fault for fault in self._of_state(faults, subject) if fault.confirmed]
        return min([at, *((fault.cleared or fault.began) for fault in mine)])

    def _of_state(self, faults: Faults, subject: Subject) -> Iterator[Fault]:
        """The faults that a present state of the subject follows: not those of what it carries."""
        for kind in self._book.state_kinds:
            if fault := faults.get((kind, subject)):
                yield fault


def _gone(scene: Scene, faults: Faults) -> Iterator[Subject]:
    """Interfaces that the whole table no longer tells. One that carries a link, or has a fault, stays."""
    there = {o.subject for o in scene.batch.observations if o.subject.kind is ComponentKind.INTERFACE}
    if not there or ComponentKind.INTERFACE not in scene.batch.complete:
        return
    kept = there | {subject for _, subject in faults}
    for subject in scene.states:
        if subject.kind is ComponentKind.INTERFACE and subject not in kept and subject.name not in scene.linked:
            yield subject
