"""Before a window what it names is looked at, after it again, and what did not come back is told.

    shortly before   devices are asked what they are seldom asked, so that what is known is fresh
    it begins        of each device a picture, as it was at that moment
    it is over       they are asked again, once they had time to come back
    then             a picture again, compared; what is left over is looked at twice, and is a fault then

How far that has come stands in the store, a few devices at a time, so that neither a restart of the agent nor a window
of thousands of devices matters. States come from the history: a picture can be taken late and is as of its moment.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from agent.cases.case import CaseState
from agent.faults import leftovers, maintenance, upkeep
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.faults.leftovers import Change, Picture
from agent.faults.upkeep import Progress
from agent.inventory import windows
from agent.inventory.inventory import Inventory
from agent.inventory.topology import Topology
from agent.inventory.windows import Occurrence, Window
from agent.observation import Batch, ComponentKind, Subject, Tier
from agent.pipeline.hearing import Again
from agent.ports import Store, Transaction

AT_ONCE = 50  # devices looked at in one round: polls must not wait
_TICK = timedelta(microseconds=1)
_SELDOM = (Tier.HEALTH, Tier.IDENTITY)


class Upkeep:
    def __init__(self, store: Store, inventory: Inventory, topology: Callable[[Transaction], Topology]) -> None:
        self._store, self._inventory, self._topology = store, inventory, topology
        self._done: set[str] = set()  # a cache: occurrences that are looked at to the end
        self._looked: datetime | None = None  # a cache: when what is left over was last looked at

    def maintain(self, now: datetime) -> frozenset[Again]:
        """Returns who is to be asked what at once."""
        with self._store.read() as tx:
            known = windows.known(self._inventory.windows, tx.windows())
            near = [each for each in self._near(known, now) if upkeep.key(each) not in self._done]
            left = self._leftovers(tx, now) if self._is_time(now) else []
        if not near and not left:
            return frozenset()
        with self._store.begin() as tx:
            asked = frozenset(ask for each in near for ask in self._step(tx, each, known, now))
            for fault in left:
                self._tend(tx, fault, now)
        return asked

    def _near(self, known: Iterable[Window], now: datetime) -> list[Occurrence]:
        since, until = now - upkeep.GIVE_UP, now + upkeep.ASK_BEFORE
        return [each for window in known for each in windows.occurrences(window, since, until)]

    # ------------------------------------------------------------ one occurrence

    def _step(self, tx: Transaction, occurrence: Occurrence, known: tuple[Window, ...], now: datetime) -> list[Again]:
        key = upkeep.key(occurrence)
        body = tx.document(upkeep.OCCURRENCE, key)
        before = upkeep.until(upkeep.unpack(body), occurrence.ends) if body else None
        if (before and before.done) or (before is None and now - occurrence.ends >= upkeep.UNSEEN_FOR):
            self._done.add(key)
            return []
        after, asked = before or upkeep.begun(occurrence, self._named(occurrence)), []
        if after.asked is None:
            after = replace(after, asked=now)
            asked = [(name, tier) for name in after.untaken for tier in _SELDOM]
        elif after.untaken and now >= occurrence.starts - upkeep.TAKE_BEFORE:
            after = self._take(tx, after, occurrence, now)
        elif now >= after.due_after():
            after, asked = self._look_again(tx, after, occurrence, known, now)
        if after != before:
            tx.save_document(upkeep.OCCURRENCE, key, occurrence.starts, upkeep.pack(after))
        return asked

    def _named(self, occurrence: Occurrence) -> tuple[str, ...]:
        devices = self._inventory.devices.values()
        return tuple(device.name for device in windows.devices(occurrence.window, devices))

    def _take(self, tx: Transaction, progress: Progress, occurrence: Occurrence, now: datetime) -> Progress:
        moment, devices = min(now, occurrence.starts), progress.untaken[:AT_ONCE]
        for name in devices:
            body = {"at": moment.isoformat(), "before": self._picture(tx, name, occurrence.window, moment)}
            tx.save_document(upkeep.PICTURE, upkeep.picture_key(occurrence, name), occurrence.starts, body)
        return upkeep.took(progress, devices, now)

    def _look_again(
        self, tx: Transaction, progress: Progress, occurrence: Occurrence, known: tuple[Window, ...], now: datetime
    ) -> tuple[Progress, list[Again]]:
        ready = [name for name in progress.waiting if self._is_back(tx, name, progress, known, now)]
        for name in ready[:AT_ONCE]:
            progress = self._compare(tx, progress, occurrence, name, now)
        wanted = tuple(name for name in upkeep.to_ask(progress, now) if name in self._inventory.devices)
        asked = [(name, tier) for name in wanted for tier in Tier]
        return upkeep.finished(upkeep.asking(progress, wanted, now), now), asked

    def _is_back(
        self, tx: Transaction, name: str, progress: Progress, known: tuple[Window, ...], now: datetime
    ) -> bool:
        """It answers, was asked everything since, and no other window names it now: what that does is not ours."""
        device, since = self._inventory.devices.get(name), progress.waiting[name].since
        if device is None or now < since or windows.active(known, device, now):
            return False
        told = [batch for tier in Tier if (batch := tx.latest(name, tier))]
        fresh = bool(told) and all(batch.at >= since for batch in told)
        return fresh and tx.states(name).get(Subject(name)) != "down"

    def _compare(
        self, tx: Transaction, progress: Progress, occurrence: Occurrence, name: str, now: datetime
    ) -> Progress:
        key = upkeep.picture_key(occurrence, name)
        body = tx.document(upkeep.PICTURE, key) or {"before": {}, "at": now.isoformat()}
        changes = leftovers.compare(body["before"], self._picture(tx, name, occurrence.window))
        left = leftovers.left(changes, self._faults_around(tx, name, now))
        if left and not progress.waiting[name].looks:
            return upkeep.once_more(progress, name, now)
        told = {"at": body["at"], "compared": now.isoformat(), "values": sum(map(len, body["before"].values()))}
        rows = {"changes": upkeep.pack_changes(changes), "left": upkeep.pack_changes(left)}
        tx.save_document(upkeep.PICTURE, key, occurrence.starts, told | rows)
        if left:
            self._begin(tx, name, left, occurrence, now)
        return upkeep.compared(progress, name, len(changes) - len(left), len(left))

    # ------------------------------------------------------------ pictures

    def _picture(self, tx: Transaction, name: str, window: Window, moment: datetime | None = None) -> Picture:
        """Of what the window names of the device, and of what of its neighbours faces that; as of now, or a moment."""
        net = self._topology(tx)
        device = net.devices[name]
        found = self._taken(tx, name, lambda subject: windows.covers(window, subject, device), moment)
        for neighbour in sorted(net.neighbours(name)):
            if not windows.matches(window, net.devices[neighbour]):
                found |= self._taken(tx, neighbour, partial(_faces, name, window, net), moment)
        return found

    def _taken(self, tx: Transaction, name: str, wanted: Callable[[Subject], bool], moment: datetime | None) -> Picture:
        batches = [batch for tier in Tier if (batch := tx.latest(name, tier))]
        if moment is None:
            states = tx.states(name)
        else:
            past = tx.intervals(moment, moment + _TICK, device=name)
            states = {each.subject: each.state for each in past}
            batches = [batch for batch in batches if batch.at <= moment]
        there = {subject: state for subject, state in states.items() if not _left_its_table(subject, batches)}
        return leftovers.picture(there, batches, wanted, moment)

    # ------------------------------------------------------------ what is left over

    def _faults_around(self, tx: Transaction, name: str, now: datetime) -> list[Fault]:
        around = sorted({name, *self._topology(tx).neighbours(name)})
        return [fault for each in around for fault in _open(tx, each, now)]

    def _leftovers(self, tx: Transaction, now: datetime) -> list[Fault]:
        return [f for f in tx.faults(start=now, kind=FaultKind.MAINTENANCE_LEFTOVER) if f.active]

    def _is_time(self, now: datetime) -> bool:
        """Once in a while: faults that are over are many."""
        if self._looked and timedelta(0) <= now - self._looked < upkeep.LOOK_AGAIN:
            return False
        self._looked = now
        return True

    def _begin(
        self, tx: Transaction, name: str, items: tuple[Change, ...], occurrence: Occurrence, now: datetime
    ) -> None:
        """One fault of a device: what another window left over of it already is told together with this."""
        known = next((f for f in _open(tx, name, now) if f.kind is FaultKind.MAINTENANCE_LEFTOVER), None)
        body = tx.document(upkeep.LEFT, name) if known else None
        if known and body:
            mine = {(item.subject, item.what) for item in items}
            older = [o for o in upkeep.unpack_changes(body["items"]) if (o.subject, o.what) not in mine]
            items = (*items, *older)
            tx.save_faults([replace(known, reason=leftovers.sentence(items, occurrence.name, name), last_seen=now)])
        else:
            tx.save_faults([leftovers.fault(name, items, occurrence.name, occurrence.ends, now)])
        self._keep(tx, name, occurrence.name, items, now)

    def _keep(self, tx: Transaction, name: str, window: str, items: tuple[Change, ...], now: datetime) -> None:
        tx.save_document(upkeep.LEFT, name, now, {"window": window, "items": upkeep.pack_changes(items)})

    def _tend(self, tx: Transaction, fault: Fault, now: datetime) -> None:
        """What came back is taken out; with the last of it, or when a person says that it is well so, it is over."""
        name = fault.subject.device
        case = tx.case(fault.case) if fault.case else None
        if case and case.state in {CaseState.RESOLVED, CaseState.CLOSED}:
            tx.save_faults([_over(fault, now)])
            return
        body = tx.document(upkeep.LEFT, name)
        if body is None or name not in self._inventory.devices or tx.states(name).get(Subject(name)) == "down":
            return
        items = upkeep.unpack_changes(body["items"])
        left = leftovers.still(items, self._present(tx, name))
        if not left:
            tx.save_faults([_over(fault, now)])
        elif left != items:
            tx.save_faults([replace(fault, reason=leftovers.sentence(left, body["window"], name), last_seen=now)])
            self._keep(tx, name, body["window"], left, now)

    def _present(self, tx: Transaction, name: str) -> Picture:
        found: Picture = {}
        for each in (name, *sorted(self._topology(tx).neighbours(name))):
            found |= self._taken(tx, each, lambda _subject: True, None)
        return found


def _open(tx: Transaction, name: str, now: datetime) -> list[Fault]:
    """Those of a device, suspect ones too; other transactions are not waited for."""
    return [fault for fault in tx.faults(start=now, device=name) if fault.state is not FaultState.CLEARED]


def _over(fault: Fault, now: datetime) -> Fault:
    return replace(fault, state=FaultState.CLEARED, recovering=now, cleared=now)


def _faces(name: str, window: Window, net: Topology, subject: Subject) -> bool:
    """Whether it is the other end of something of the device that the window names."""
    if subject.kind is ComponentKind.NEIGHBOUR:
        subject = Subject(subject.device, ComponentKind.INTERFACE, subject.name.partition(" #")[0])
    device = net.devices[name]
    facing = maintenance.facing(subject, net)
    return any(end.device == name and windows.covers(window, end, device) for end in facing)


def _left_its_table(subject: Subject, batches: list[Batch]) -> bool:
    """Whether a table that was read to its end no longer has it. A device, and what no table tells, is there."""
    if subject.kind is ComponentKind.DEVICE:
        return False
    telling = [batch for batch in batches if subject.kind in batch.complete and _tells(batch, subject.kind)]
    return bool(telling) and not any(o.subject == subject for batch in telling for o in batch.observations)


def _tells(batch: Batch, kind: ComponentKind) -> bool:
    """Sessions may all be gone; that a table of anything else is empty only says that this poll does not ask for it."""
    if kind in maintenance.SESSIONS:
        return batch.tier is Tier.STATUS
    return any(o.subject.kind is kind for o in batch.observations)
