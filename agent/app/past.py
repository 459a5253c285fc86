"""What an agent's store tells of a time that is over: what came in, in its order, and what was known when it began."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import merge

from agent.app.recorded import case_then, fault_then, notifications_then
from agent.cases.case import Action, Case, CaseKind, Entry
from agent.cases.comparison import Told
from agent.faults.fault import Fault
from agent.inventory.inventory import Inventory
from agent.inventory.windows import Window
from agent.observation import Batch, Event, Tier
from agent.ports import Store, Transaction
from agent.storage.documents import read_window
from agent.storage.engine import SqlStore
from agent.storage.journal import Knowns, Note

ROWS = 2_000  # of the journal at a time
SLICE, MOST_EVENTS = timedelta(minutes=5), 100_000
BEFORE = timedelta(hours=1)  # events, faults that are over, and sights that still count when the time begins
MANY = 1_000_000
_TICK = timedelta(microseconds=1)

Happened = tuple[datetime, Batch | Note | Event | Entry]


@dataclass(frozen=True, slots=True)
class Past:
    """[start, end) as the store of an agent tells it."""

    store: SqlStore
    inventory: Inventory
    start: datetime
    end: datetime

    # ------------------------------------------------------------ what came in

    def happened(self, knowns: Knowns) -> Iterator[Happened]:
        """Everything that came in, each with the moment at which the agent had it, in order."""
        return merge(self._polls(knowns), self._events(), self._persons(), key=lambda each: each[0])

    def _polls(self, knowns: Knowns) -> Iterator[Happened]:
        now = self.start
        for each in self._rows(self.start, self.end, knowns):
            now = max(now, _moment(each))
            yield now, each

    def _rows(self, start: datetime, end: datetime, knowns: Knowns, only: Tier | None = None) -> Iterator[Batch | Note]:
        with self.store.read() as tx:
            serial = tx.journal_start(start)
        while serial:
            with self.store.read() as tx:
                page = tx.journal_page(serial, start, end, knowns, ROWS, only)
            yield from page.found
            serial = page.next

    def _events(self) -> Iterator[Happened]:
        start = self.start
        while start < self.end:
            end = min(start + SLICE, self.end)
            with self.store.read() as tx:
                found = tx.events(start=start, end=end, limit=MOST_EVENTS)
            yield from ((event.arrived, event) for event in reversed(found))
            start = end

    def _persons(self) -> Iterator[Happened]:
        """What people did to cases."""
        with self.store.read() as tx:
            entries = [entry for case in self._cases(tx) for entry in tx.timeline(case.number)]
        mine = [each for each in entries if each.actor != "netcase" and self.start <= each.at < self.end]
        return ((each.at, each) for each in sorted(mine, key=lambda each: each.at) if each.action in MOVES)

    # ------------------------------------------------------------ what was known

    def seed(self, into: Store, knowns: Knowns) -> dict[int, int]:
        """Writes what was known at `start` into another store; returns that one's numbers of the cases by ours."""
        latest = self._latest(knowns)
        with self.store.read() as old, into.begin() as tx:
            for batch in latest.values():
                tx.keep(batch)
            for interval in old.intervals(self.start, self.start + _TICK):
                tx.change(interval.subject, interval.state, interval.began)
            for what in ("reachability", "snmp"):
                self._cover(old, tx, what)
            tx.keep_events(reversed(old.events(start=self.start - BEFORE, end=self.start, limit=MOST_EVENTS)))
            for window in self._windows(old):
                tx.save_window(window)
            return self._trouble(old, tx)

    def _latest(self, knowns: Knowns) -> dict[tuple[str, Tier], Batch]:
        found: dict[tuple[str, Tier], Batch] = {}
        polling = [device.polling for device in self.inventory.devices.values()]
        for tier, interval in (
            (Tier.IDENTITY, max((each.identity for each in polling), default=BEFORE)),
            (Tier.HEALTH, max((each.health for each in polling), default=BEFORE)),
            (Tier.STATUS, max((each.status for each in polling), default=BEFORE)),
        ):
            for _ in self._rows(self.start - BEFORE - 2 * interval, self.start, knowns, tier):
                pass
        for (device, tier), known in knowns.items():
            if device in self.inventory.devices and (batch := known.batch(device, tier)):
                found[device, tier] = batch
        with self.store.read() as tx:  # what has not been told again since: it was the same then
            old = [batch for tier in Tier for batch in tx.latest_all(tier).values() if batch.at < self.start]
        return {(batch.device, batch.tier): batch for batch in old if batch.device in self.inventory.devices} | found

    def _cover(self, old: Transaction, tx: Transaction, what: str) -> None:
        for device, spans in old.coverage(what, self.start - BEFORE, self.start).items():
            for moment in (spans[-1].start, spans[-1].end):
                tx.cover(device, what, moment, BEFORE)

    def _windows(self, old: Transaction) -> list[Window]:
        """As they were: what was changed since is taken back, the last change first."""
        found = {window.name: window for window in old.windows()}
        changes = [each for each in self._notes(self.start) if each.what == "window"]
        for change in reversed(changes):
            name, before = change.body["after"]["name"], change.body["before"]
            found.pop(name, None)
            if before:
                found[name] = read_window(before)
        return list(found.values())

    def _notes(self, since: datetime) -> list[Note]:
        with self.store.read() as tx:
            return list(tx.journal_notes(since))

    def _trouble(self, old: Transaction, tx: Transaction) -> dict[int, int]:
        numbers: dict[int, int] = {}
        grace = self.inventory.policies.grace
        for case in old.cases(end=self.start, limit=MANY):
            over = case.closed or (case.resolved + grace if case.resolved else None)
            if over is None or over > self.start:
                then, entries = case_then(old, case, self.start)
                numbers[case.number] = tx.open_case(replace(then, number=0)).number
                tx.log(replace(entry, case=numbers[case.number]) for entry in entries)
        known = [*old.faults(start=self.start - BEFORE, end=self.start)]
        known += [fault for number in numbers for fault in old.faults(case=number) if fault.began < self.start]
        every = {fault.id: fault_then(fault, self.start) for fault in known if self._is_watched(fault)}
        tx.save_faults(replace(fault, case=numbers.get(fault.case, 0)) for fault in every.values() if fault)
        return numbers

    def _is_watched(self, fault: Fault) -> bool:
        return fault.subject.device in self.inventory.devices

    # ------------------------------------------------------------ what came of it

    def cases(self) -> list[Told]:
        """The cases of that time as they were at its end."""
        with self.store.read() as tx:
            return [self._told(tx, case, then) for case, then in self._cases_then(tx)]

    def _cases(self, tx: Transaction) -> list[Case]:
        """Those of faults: what people open no poll tells again."""
        found = tx.cases(start=self.start, end=self.end, limit=MANY)
        return [case for case in found if not isinstance(case.kind, CaseKind)]

    def _cases_then(self, tx: Transaction) -> Iterator[tuple[Case, Case]]:
        """Each with what it was at the end; one that was over before the start and came back after the end was not."""
        for case in self._cases(tx):
            then, _ = case_then(tx, case, self.end)
            over = then.resolved or then.closed
            if over is None or over >= self.start:
                yield case, then

    def _told(self, tx: Transaction, case: Case, then: Case) -> Told:
        faults = [fault for fault in tx.faults(case=case.number) if fault.confirmed and fault.confirmed < self.end]
        told = notifications_then(tx, case.number, self.start, self.end)
        return told_of(then, faults, told)


def _moment(each: Batch | Note) -> datetime:
    """When the agent had it."""
    if isinstance(each, Batch):
        return each.at + timedelta(seconds=each.took_s)
    return datetime.fromisoformat(each.body["at"]) if "at" in each.body else each.at


MOVES = frozenset({Action.STATE, Action.ASSIGNED, Action.ACKNOWLEDGED})


def told_of(case: Case, faults: list[Fault], notifications: int) -> Told:
    return Told(
        problem=case.problem,
        kind=str(case.kind),
        subject=str(case.subject),
        severity=str(case.severity),
        opened=case.opened,
        symptoms=tuple(sorted({f"{f.kind} {f.subject}" for f in faults if f.id != case.root})),
        reopened=case.reopened,
        notifications=notifications,
        number=case.number,
        state=str(case.state),
    )
