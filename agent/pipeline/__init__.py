"""The product on one page: observation → fault → root cause → case → outbox.

    observe(batch)   one poll of one device, one transaction: what is seen becomes states, samples, faults
    hear(events)     syslog and traps are kept; one that says "down" has the device asked at once
    settle(now)      believed faults become problems, problems become cases; suppression says why not
    tend(now)        cases move on: recovery, quiet time, resolution

Every method is a plain synchronous function on a store; deciding is left to `agent.faults` and `agent.cases`, doing to
the outbox.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from agent.cases import closing
from agent.cases.case import Case
from agent.errors import CollisionError
from agent.faults import confirmation, flapping, rules
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.faults.rules import Scene
from agent.inventory import topology
from agent.inventory.device import Device, reachable
from agent.inventory.inventory import Inventory
from agent.inventory.topology import Topology
from agent.observation import Batch, ComponentKind, Event, Fact, Observation, Subject, Tier
from agent.pipeline.casework import Casework
from agent.pipeline.hearing import Again, Hearing
from agent.pipeline.settling import CUTS, Settling
from agent.ports import Store, Transaction

HAS_STATE = frozenset(
    {FaultKind.INTERFACE_DOWN, FaultKind.BGP_PEER_DOWN, FaultKind.FAN_FAILED, FaultKind.POWER_SUPPLY_FAILED}
)

T = TypeVar("T")

Faults = dict[tuple[FaultKind, Subject], Fault]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch led to: which devices to ask again at once, and which to keep asking until it is clear."""

    at_once: frozenset[Again] = frozenset()
    in_doubt: frozenset[Again] = frozenset()
    changed: int = 0  # faults that were saved


class Pipeline:
    def __init__(self, store: Store, inventory: Inventory) -> None:
        self.store = store
        self.inventory = inventory
        self._topology: Topology | None = None  # a cache: rebuilt from the store
        self._told_anew = False
        self._hearing = Hearing(store, inventory)

    # ------------------------------------------------------------ observe

    def observe(self, batch: Batch) -> Outcome:
        return _again_after_collision(lambda: self._observe(batch))

    def _observe(self, batch: Batch) -> Outcome:
        device = self.inventory.devices[batch.device]
        with self.store.begin() as tx:
            faults = {(fault.kind, fault.subject): fault for fault in tx.open_faults(device.name)}
            scene = self._scene(tx, device, batch, faults)
            changed = self._believe(tx, scene, faults)
            self._remember(tx, scene, faults)
            freed = self._explained_by(tx, changed)
        if batch.tier is Tier.IDENTITY:
            self._hearing.forget(device.name)
            before = scene.previous
            self._told_anew |= before is None or _tells_topology(before) != _tells_topology(batch)
        return self._follow_up(device, changed, faults.values(), freed)

    def _scene(self, tx: Transaction, device: Device, batch: Batch, faults: Faults) -> Scene:
        return Scene(
            device=device,
            batch=batch,
            previous=tx.latest(device.name, batch.tier),
            states=tx.states(device.name),
            open=frozenset(faults),
            linked=self.topology(tx).linked_interfaces(device.name),
        )

    def _believe(self, tx: Transaction, scene: Scene, faults: Faults) -> list[Fault]:
        """Moves every judged fault on; `faults` is brought up to date, what changed is saved and returned."""
        changed, last_good = [], scene.previous.at if scene.previous else None
        for judged in rules.judge(scene):
            key, rule = (judged.kind, judged.subject), confirmation.policy(self.inventory.policies, judged.kind)
            before = faults.get(key)
            after = confirmation.advance(before, judged, scene.batch.at, rule, last_good)
            after = after and self._steadied(tx, before, after, scene.batch.at)
            if after is not None and after is not before:
                faults[key] = after
                changed.append(after)
        if changed:
            tx.save_faults(changed)
        return changed

    def _steadied(self, tx: Transaction, before: Fault | None, after: Fault, at: datetime) -> Fault:
        """What flaps is one fault with a count, and is over only after it has held still."""
        policies = self.inventory.policies
        if before is None:
            earlier = tx.faults(device=after.subject.device, start=at - flapping.window(policies))
            return flapping.marked(after, earlier, policies)
        if before.recovering and after.active and not after.recovering:
            return flapping.with_count(after, before.flaps + 1, policies)
        if before.active and not after.active and flapping.must_hold_still(after, at, policies):
            return replace(before, good=after.good, recovering=after.recovering)
        return after

    def _remember(self, tx: Transaction, scene: Scene, faults: Faults) -> None:
        device, batch = scene.device, scene.batch
        told = {o.fact: o.value for o in batch.observations if o.subject == Subject(device.name)}
        if batch.tier is Tier.STATUS:
            answered = reachable(device, batch.observations)
            if answered is not None:
                tx.cover(device.name, "reachability", batch.at, self._gap(device))
                self._device_state(tx, device, batch, faults, answered)
        if device.snmp is None or told.get(Fact.SNMP_REACHABLE, batch.tier is not Tier.STATUS):
            if batch.tier is Tier.STATUS:
                tx.cover(device.name, "snmp", batch.at, self._gap(device))
            if batch.observations:
                tx.keep(batch)
        for subject, state in rules.states(scene).items():
            if scene.states.get(subject) != state and not self._doubted(faults, subject):
                tx.change(subject, state, self._since(faults, subject, batch.at))
        for subject in _gone(scene, faults):
            tx.end(subject, batch.at)

    def _gap(self, device: Device) -> timedelta:
        """Without an observation for longer, the device was not watched. A poll of a silent device takes its time."""
        polling = device.polling
        return self.inventory.policies.gap * polling.status + polling.timeout * (polling.retries + 1)

    def _device_state(
        self,
        tx: Transaction,
        device: Device,
        batch: Batch,
        faults: Faults,
        answered: bool,
    ) -> None:
        subject = Subject(device.name)
        fault = faults.get((FaultKind.DEVICE_UNREACHABLE, subject))
        if fault is None or fault.state is FaultState.CLEARED:
            since = fault.cleared if fault and fault.cleared and fault.confirmed else batch.at
            if answered:
                tx.change(subject, "up", since)
        elif fault.active and fault.recovering is None:
            tx.change(subject, "down", fault.began)

    def _doubted(self, faults: Faults, subject: Subject) -> bool:
        return any(confirmation.in_doubt(f) for (kind, of), f in faults.items() if of == subject and kind in HAS_STATE)

    def _since(self, faults: Faults, subject: Subject, at: datetime) -> datetime:
        """States change when the fault began or ended, not when it was believed."""
        mine = [f for (kind, of), f in faults.items() if of == subject and kind in HAS_STATE and f.confirmed]
        return min([at, *((f.cleared or f.began) for f in mine)])

    def _explained_by(self, tx: Transaction, changed: list[Fault]) -> frozenset[Again]:
        """When a cause is over, each of its symptoms is asked again before it may stand on its own."""
        over = {fault.id for fault in changed if fault.state is FaultState.CLEARED and fault.kind in CUTS}
        if not over:
            return frozenset()
        return frozenset((f.subject.device, rules.TIER_OF[f.kind]) for f in tx.open_faults() if f.cause in over)

    def _follow_up(
        self, device: Device, changed: list[Fault], faults: Iterable[Fault], freed: frozenset[Again]
    ) -> Outcome:
        doubted = {rules.TIER_OF[fault.kind] for fault in faults if confirmation.in_doubt(fault)}
        fresh = [f for f in changed if f.state is FaultState.SUSPECT and f.bad == 1]
        turned = [f for f in changed if f.active and f.recovering is not None]
        at_once = freed | {(device.name, rules.TIER_OF[f.kind]) for f in (*fresh, *turned)}
        if any(f.kind in CUTS for f in fresh) and self._topology:
            at_once |= {(name, Tier.STATUS) for name in self._topology.neighbours(device.name)}
        return Outcome(frozenset(at_once), frozenset((device.name, tier) for tier in doubted), len(changed))

    # ------------------------------------------------------------ hear

    def hear(self, events: Iterable[Event]) -> frozenset[Again]:
        """Believe the poll, not the trap: returns who is to be asked at once."""
        return self._hearing.hear(events)

    # ------------------------------------------------------------ settle

    def settle(self, now: datetime) -> list[Case]:
        """Returns the cases that were opened."""
        return _again_after_collision(lambda: self._settle(now))

    def _settle(self, now: datetime) -> list[Case]:
        with self.store.begin() as tx:
            faults = tx.open_faults()
            if not any(fault.active for fault in faults):
                return []
            if self._told_anew:  # here and not at every poll: it takes all devices together
                self._topology, self._told_anew = None, False
            return Settling(tx, self.inventory, self.topology(tx), now).settle(faults)

    # ------------------------------------------------------------ tend

    def tend(self, now: datetime) -> None:
        _again_after_collision(lambda: self._tend(now))

    def _tend(self, now: datetime) -> None:
        with self.store.begin() as tx:
            work = Casework(tx, self.inventory, self.topology(tx), set(), now)
            for case in tx.live_cases():
                faults = tx.faults(case=case.number)
                after, entry = closing.tend(case, faults, self.inventory.policies, now)
                if after is case:
                    continue
                tx.save_case(after)
                if entry:
                    tx.log([entry])
                if entry and after.resolved and not case.resolved:
                    work.resolved(after, faults, entry.text)

    def let_go(self, now: datetime) -> None:
        """Ends the faults of devices that left the inventory: nobody will ever see them recover."""
        with self.store.begin() as tx:
            strangers = [fault for fault in tx.open_faults() if fault.subject.device not in self.inventory.devices]
            gone = "the device left the inventory"
            tx.save_faults(replace(f, state=FaultState.CLEARED, cleared=now, suppressed=gone) for f in strangers)

    # ------------------------------------------------------------ topology

    def topology(self, tx: Transaction) -> Topology:
        """The inventory's, completed by what the devices told; built anew after one told something new."""
        if self._topology is None:
            self._topology = topology.build(self.inventory, tx.latest_all(Tier.IDENTITY))
        return self._topology


def _gone(scene: Scene, faults: Faults) -> Iterator[Subject]:
    """Interfaces that the whole table no longer tells. One that carries a link, or has a fault, stays."""
    there = {o.subject for o in scene.batch.observations if o.subject.kind is ComponentKind.INTERFACE}
    if not there or ComponentKind.INTERFACE not in scene.batch.complete:
        return
    kept = there | {subject for _, subject in faults}
    for subject in scene.states:
        if subject.kind is ComponentKind.INTERFACE and subject not in kept and subject.name not in scene.linked:
            yield subject


def _tells_topology(batch: Batch) -> frozenset[Observation]:
    kinds = {ComponentKind.NEIGHBOUR, ComponentKind.ADDRESS}
    return frozenset(o for o in batch.observations if o.subject.kind in kinds or o.fact is Fact.SYS_NAME)


def _again_after_collision(do: Callable[[], T], times: int = 5) -> T:
    """Another process wrote the same at once: what it wrote is read, and all is decided anew."""
    for _ in range(times - 1):
        with contextlib.suppress(CollisionError):
            return do()
    return do()
