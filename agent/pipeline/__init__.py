"""The product on one page: observation → fault → root cause → case → outbox.

    observe(batch)   one poll of one device, one transaction: what is seen becomes states, samples, faults
    hear(events)     syslog and traps are kept; one that says "down" has the device asked at once
    settle(now)      believed faults become problems, problems become cases; suppression says why not
    study(name, now) once a day, the last weeks of a device: what is usual for it, what will be full and when
    tend(now)        cases move on: recovery, quiet time, resolution; clocks run, people are told, answers are owed
    maintain(now)    what a maintenance window names is looked at before and after it

Every method is a plain synchronous function on a store; deciding is left to `agent.faults` and `agent.cases`, doing to
the outbox.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from agent.cases import closing, relations
from agent.cases.case import Case
from agent.cases.links import Links
from agent.errors import CollisionError
from agent.faults import confirmation, rules, suppression
from agent.faults.fault import Fault, FaultState
from agent.faults.rules import Book
from agent.faults.waiting import CUTS
from agent.inventory import topology
from agent.inventory.device import Device
from agent.inventory.inventory import Inventory
from agent.inventory.topology import Topology
from agent.observation import Batch, ComponentKind, Event, Fact, Observation, Tier
from agent.pipeline import attending, gathering, rma
from agent.pipeline.apart import Apart
from agent.pipeline.casework import Casework, Weighed
from agent.pipeline.duty import Watch
from agent.pipeline.hearing import Again, Hearing
from agent.pipeline.maintenance import Upkeep
from agent.pipeline.observing import Observing
from agent.pipeline.patterns import Patterns
from agent.pipeline.settling import Rest, Settling
from agent.pipeline.studying import Studying
from agent.ports import Store, Transaction

T = TypeVar("T")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch led to: which devices to ask again at once, and which to keep asking until it is clear."""

    at_once: frozenset[Again] = frozenset()
    in_doubt: frozenset[Again] = frozenset()
    changed: int = 0  # faults that were saved


class Pipeline:
    def __init__(
        self, store: Store, inventory: Inventory, book: Book | None = None, links: Links | None = None
    ) -> None:
        self.store = store
        self.inventory = inventory
        self.links = links
        self.book = book or rules.in_force()
        self._topology: Topology | None = None  # a cache: rebuilt from the store
        self._told_anew = False
        self._rest: Rest | None = None  # a cache, as is what follows
        self._weighed: Weighed = {}
        self._speeds: dict[str, Mapping[str, float]] = {}  # by device; a cache like the topology
        self._studying = Studying(inventory, self.book)
        self._hearing = Hearing(store, inventory, self.book, self.topology)
        self._duty = Watch(inventory)
        self._upkeep = Upkeep(store, inventory, self.topology)
        self._parts_asked = EPOCH

    # ------------------------------------------------------------ observe

    def observe(self, batch: Batch) -> Outcome:
        return _again_after_collision(lambda: self._observe(batch))

    def _observe(self, batch: Batch) -> Outcome:
        device = self.inventory.devices[batch.device]
        with self.store.begin() as tx:
            linked = self.topology(tx).linked_interfaces(device.name)
            observing = Observing(tx, self.inventory, self.book, self._studying)
            seen = observing.observe(batch, linked, lambda: self._speeds_of(tx, device.name))
            freed = self._explained_by(tx, seen.changed)
            rma.noticed(tx, batch)
        if batch.tier is Tier.IDENTITY:
            self._hearing.forget(device.name)
            self._speeds.pop(device.name, None)
            before = seen.scene.previous
            self._told_anew |= before is None or _tells_topology(before) != _tells_topology(batch)
        return self._follow_up(device, seen.changed, seen.faults.values(), freed)

    def _speeds_of(self, tx: Transaction, device: str) -> Mapping[str, float]:
        if device not in self._speeds:
            self._speeds[device] = rules.speeds(tx.latest(device, Tier.IDENTITY))
        return self._speeds[device]

    def _explained_by(self, tx: Transaction, changed: list[Fault]) -> frozenset[Again]:
        """When a cause is over, each of its symptoms is asked again before it may stand on its own."""
        over = {fault.id for fault in changed if fault.state is FaultState.CLEARED and fault.kind in CUTS}
        if not over:
            return frozenset()
        return frozenset(self._asked(tx.explained_by(over)))

    def _asked(self, faults: Iterable[Fault]) -> Iterator[Again]:
        """Who is to be asked what, to see these faults again; nobody for one that no poll sees."""
        for fault in faults:
            if (tier := self.book.tier(fault.kind)) is not None:
                yield fault.subject.device, tier

    def _follow_up(
        self, device: Device, changed: list[Fault], faults: Iterable[Fault], freed: frozenset[Again]
    ) -> Outcome:
        doubted = frozenset(self._asked(fault for fault in faults if confirmation.in_doubt(fault)))
        fresh = [fault for fault in changed if confirmation.is_new(fault)]
        turned = [f for f in changed if f.active and f.recovering is not None]
        at_once = freed | frozenset(self._asked((*fresh, *turned)))
        if any(f.kind in CUTS for f in fresh) and self._topology:
            at_once |= {(name, Tier.STATUS) for name in self._topology.neighbours(device.name)}
        return Outcome(frozenset(at_once), doubted, len(changed))

    # ------------------------------------------------------------ hear

    def hear(self, events: Iterable[Event]) -> frozenset[Again]:
        """Believe the poll, not the trap: returns who is to be asked at once."""
        return self._hearing.hear(events)

    # ------------------------------------------------------------ settle

    def settle(self, now: datetime) -> list[Case]:
        """Returns the cases that were opened."""
        return _again_after_collision(lambda: self._settle(now))

    def _settle(self, now: datetime) -> list[Case]:
        if self._rests(now):
            return []
        with self.store.begin() as tx:
            faults = tx.open_faults()
            if self._told_anew:  # here and not at every poll: it takes all devices together
                self._topology, self._told_anew = None, False
            settled = self._settling(tx, now).settle(faults)
            mark = tx.mark()
            if faults and self.inventory.policies.keep_journal:
                tx.note("settle", {"at": now.isoformat()})
        self._rest = Rest(mark, now, settled.due)
        return list(settled.opened)

    def _settling(self, tx: Transaction, now: datetime) -> Settling:
        return Settling(tx, self.inventory, self.book, self.topology(tx), now, self._weighed, self.links)

    def _rests(self, now: datetime) -> bool:
        """Whether nothing changed since the last settling, and no time has come that it waits for."""
        if self._rest is None or self._told_anew:
            return False
        with self.store.read() as tx:
            return self._rest.lasts(tx, now)

    # ------------------------------------------------------------ study

    def unstudied(self, now: datetime) -> list[str]:
        """Devices whose history it is time to study, as many as may be at once."""
        with self.store.read() as tx:
            return self._studying.due(tx, now)

    def study(self, name: str, now: datetime) -> int:
        """Learns what is usual for a device, and judges what its last weeks show; returns how many faults changed."""
        return _again_after_collision(lambda: self._study(name, now))

    def _study(self, name: str, now: datetime) -> int:
        device = self.inventory.devices[name]
        with self.store.read() as tx:
            seen = self._studying.look(tx, device, now, self._speeds_of(tx, name))
        with self.store.begin() as tx:
            self._studying.save(tx, device, now, seen)
            faults = {(fault.kind, fault.subject): fault for fault in tx.open_faults(name)}
            return len(Observing(tx, self.inventory, self.book).believe(device, seen.judged, now, faults))

    # ------------------------------------------------------------ tend

    def tend(self, now: datetime) -> None:
        """Raises an ExceptionGroup in the end, when all is done but what failed: that is tried again next time."""
        troubles = _again_after_collision(lambda: self._tend(now))
        troubles += gathering.gather(self.store, self.inventory, now, self.links.site if self.links else "")
        if troubles:
            raise ExceptionGroup("some cases could not be looked after", troubles)

    def _tend(self, now: datetime) -> list[Exception]:
        with self.store.begin() as tx:
            one = Apart(tx)
            one.do("patterns", lambda: Patterns(tx, self.inventory, self.book).quiet(now), None)
            work = Casework(tx, self.inventory, self.topology(tx), set(), now, links=self.links)
            recovered, policies = tx.recovered(), self.inventory.policies
            for case in tx.live_cases():
                over = case.number in recovered and closing.waits(case, policies, now)
                if over or closing.tend(case, (), policies, now)[0] is not case:
                    one.do(case.name, partial(self._move_on, tx, work, case, over, now), None)
            one.do("duty", lambda: self._duty.look(tx, now, self.links.site if self.links else ""), None)
            return one.troubles + attending.attend(tx, self.inventory, now, self.links)

    def _move_on(self, tx: Transaction, work: Casework, case: Case, over: bool, now: datetime) -> None:
        faults = tx.faults(case=case.number) if over else ()
        after, entry = closing.tend(case, faults, self.inventory.policies, now)
        if after.resolved and not case.resolved and relations.unfinished(case, tx.children(case.number)):
            return  # it is watched until its parts are done
        if after is case or tx.case(case.number) != case:
            return  # nothing is due, or somebody else changed it just now: it is looked at again in a moment
        tx.save_case(after)
        if entry:
            tx.log([entry])
        if entry and after.resolved and not case.resolved:
            work.resolved(after, faults, entry.text)

    def maintain(self, now: datetime) -> frozenset[Again]:
        """Returns who is to be asked what at once."""
        return _again_after_collision(lambda: self._upkeep.maintain(now)) | self._awaited(now)

    def _awaited(self, now: datetime) -> frozenset[Again]:
        """Devices in which a part was replaced are asked which they have, until they tell."""
        if self._parts_asked <= now < self._parts_asked + rma.ASK_AGAIN:
            return frozenset()
        self._parts_asked = now
        with self.store.read() as tx:
            return frozenset((name, Tier.IDENTITY) for name in rma.awaited(tx, self.inventory))

    def let_go(self, now: datetime) -> None:
        """Ends the faults that nobody will ever see recover: of devices that left the inventory, and of kinds that no
        rule judges any more."""
        devices = self.inventory.devices
        with self.store.begin() as tx:
            every = tx.open_faults()
            tx.save_faults(suppression.stranger(f, now) for f in every if f.subject.device not in devices)
            tx.attend_all()  # promises and calendars may be others now
            tx.save_faults(
                suppression.unjudged(f, now)
                for f in every
                if f.subject.device in devices and not self.book.judges(f.kind, f.subject, devices[f.subject.device])
            )

    # ------------------------------------------------------------ topology

    def topology(self, tx: Transaction) -> Topology:
        """The inventory's, completed by what the devices told; built anew after one told something new."""
        if self._topology is None:
            self._topology = topology.build(self.inventory, tx.latest_all(Tier.IDENTITY))
        return self._topology


def _tells_topology(batch: Batch) -> frozenset[Observation]:
    kinds = {ComponentKind.NEIGHBOUR, ComponentKind.ADDRESS}
    return frozenset(o for o in batch.observations if o.subject.kind in kinds or o.fact in (Fact.SYS_NAME, Fact.LAG))


def _again_after_collision(do: Callable[[], T], times: int = 5) -> T:
    """Another process wrote the same at once: what it wrote is read, and all is decided anew."""
    for _ in range(times - 1):
        with contextlib.suppress(CollisionError):
            return do()
    return do()
