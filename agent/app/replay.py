"""What was observed, led through other rules: the same pipeline, on a store of its own that is thrown away, in the time
of the journal.

The moments at which the live agent settled stand in the journal, and are the same here. What only other rules make is
settled after `PATIENCE`; then its case opens some seconds later than the live agent would have opened it.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from agent.app.past import Past, told_of
from agent.app.recorded import notifications_then
from agent.cases import moves
from agent.cases.case import Action, Case, CaseState, Entry
from agent.cases.comparison import Told
from agent.cases.outcome import Outcome
from agent.errors import RefusedError
from agent.faults import upkeep
from agent.faults.rules import Book
from agent.inventory import windows
from agent.observation import Batch, Event
from agent.pipeline import Pipeline, logins
from agent.ports import Store, Transaction
from agent.storage.documents import read_window
from agent.storage.engine import SqlStore, open_store
from agent.storage.journal import Knowns, Note

ASLEEP = timedelta(minutes=10)  # without anything for so long (or two polls), the agent did not run
PATIENCE = timedelta(seconds=10)  # within it the live agent settled what it saw, too
IDLE = timedelta(seconds=30)  # between two looks at what time alone changes
UNSETTLED = timedelta(seconds=30)
AFTERWARDS = timedelta(hours=1)  # what a window left is looked at by then, or is a fault
TOLERANCE = timedelta(seconds=60)  # between the openings of a case in two histories that are the same
_HISTORY = frozenset({"series", "recent", "hourly", "hours", "extremes", "growth"})


@dataclass(slots=True)
class Replayed:
    """`left` are the things that people did and that could not be done again, in words."""

    cases: list[Told]
    polls: int = 0
    events: int = 0
    lost: int = 0
    left: list[str] = field(default_factory=list)


Progress = Callable[[int, datetime], None]


def _nobody(polls: int, now: datetime) -> None:
    """Who wants to know of no progress."""


def replay(past: Past, book: Book, progress: Progress | None = None) -> Replayed:
    """The cases that these rules would have made of that time. `progress` is told how many polls, and of when."""
    with tempfile.TemporaryDirectory(prefix="netcase-replay-") as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'replay.db'}", lasting=False)
        try:
            return Replay(past, cast("Store", Beside(store, past.store)), book, progress or _nobody).run()
        finally:
            store.close()


class Replay:
    def __init__(self, past: Past, store: Store, book: Book, progress: Progress) -> None:
        policies = replace(past.inventory.policies, keep_journal=timedelta(0))
        inventory = replace(past.inventory, policies=policies)
        self._past, self._store, self._book, self._progress = past, store, book, progress
        self._pipeline = Pipeline(store, inventory, book)
        polls = [device.polling.status for device in inventory.devices.values()]
        self._asleep = max([ASLEEP, *(2 * each for each in polls)])
        self._settled = past.start
        self._due = past.start + IDLE
        self._changed = False  # since it was settled last
        self._told = Replayed([])
        self._numbers: dict[int, int] = {}  # of the cases in this history, by the live ones'

    def run(self) -> Replayed:
        knowns: Knowns = {}
        self._numbers = self._past.seed(self._store, knowns)
        now = self._past.start
        for now, what in self._past.happened(knowns):
            self._wake(now)
            self._settle_until(now)
            self._happen(now, what)
        self._settle_until(min(self._past.end, now + self._asleep))
        self._told.cases = self._cases()
        return self._told

    # ------------------------------------------------------------ time

    def _wake(self, now: datetime) -> None:
        """As a live agent that was started again: the time between was nobody's."""
        if now - self._due > self._asleep:
            self._due = now
            self._pipeline.let_go(now)

    def _settle_until(self, now: datetime) -> None:
        while self._due <= now:
            at, late = self._due, self._due - self._settled >= UNSETTLED
            if self._changed or late:
                self._settle(at)
            else:
                self._tend(at)
            if self._is_calm(at, now):
                self._due = max(self._due, now)

    def _settle(self, at: datetime) -> None:
        self._pipeline.settle(at)
        self._settled, self._changed = at, False
        self._tend(at)

    def _tend(self, at: datetime) -> None:
        self._pipeline.tend(at)
        self._pipeline.maintain(at)
        self._due = at + IDLE

    def _is_calm(self, at: datetime, now: datetime) -> bool:
        """Whether time alone changes nothing from `at` to `now`: no fault, no case at work, no window near."""
        since, until = at - AFTERWARDS, now + upkeep.ASK_BEFORE
        with self._store.read() as tx:
            cases = [case for case in tx.live_cases() if case.state is not CaseState.RESOLVED]
            known = windows.known(self._past.inventory.windows, tx.windows())
            near = any(occurrence for each in known for occurrence in windows.occurrences(each, since, until))
            return not (tx.open_faults() or cases or near)

    def _soon(self, now: datetime) -> None:
        self._changed = True
        self._due = min(self._due, now + PATIENCE)

    # ------------------------------------------------------------ what happened

    def _happen(self, now: datetime, what: Batch | Note | Event | Entry) -> None:
        if isinstance(what, Batch):
            self._poll(now, what)
        elif isinstance(what, Event):
            self._pipeline.hear([what])
            self._told.events += 1
            self._soon(now)
        elif isinstance(what, Entry):
            self._person(what)
        else:
            self._note(now, what)

    def _poll(self, now: datetime, batch: Batch) -> None:
        if batch.device in self._pipeline.inventory.devices:
            if self._pipeline.observe(batch).changed:
                self._soon(now)
            self._told.polls += 1
            self._progress(self._told.polls, now)

    def _note(self, now: datetime, note: Note) -> None:
        body = note.body
        if note.what == "settle":
            self._settle(datetime.fromisoformat(body["at"]))
        elif note.what == "window":
            with self._store.begin() as tx:
                tx.save_window(read_window(body["after"]))
        elif note.what == "acknowledge":
            self._acknowledge(note)
        elif note.what == "login" and body["device"] in self._pipeline.inventory.devices:
            at = datetime.fromisoformat(body["at"])
            logins.told(self._store, body["device"], Outcome(body["outcome"]), body["why"], at)
            self._soon(now)
        elif note.what == "study" and body["device"] in self._pipeline.inventory.devices:
            self._pipeline.study(body["device"], datetime.fromisoformat(body["at"]))
            self._soon(now)

    def _acknowledge(self, note: Note) -> None:
        kind, subject, said = (str(note.body[key]) for key in ("kind", "subject", "said"))
        with self._store.begin() as tx:
            mine = [f for f in tx.open_faults(subject.partition("/")[0]) if (f.kind, str(f.subject)) == (kind, subject)]
            tx.save_faults(replace(fault, acknowledged=said) for fault in mine)
        if not mine:
            self._told.left.append(f"{note.at:%Y-%m-%d %H:%M:%S}: acknowledged {kind} {subject}")

    def _person(self, entry: Entry) -> None:
        """What a person did to the live case is done to the one about the same problem, where there is one."""
        with self._past.store.read() as live:
            meant = live.case(entry.case)
        with self._store.begin() as tx:
            mine = self._counterpart(tx, entry.case, meant)
            done = None
            with suppress(RefusedError):
                done = mine and _again(mine, entry)
            if done:
                tx.save_case(done[0])
                tx.log([done[1]])
                return
        name = meant.name if meant else str(entry.case)
        self._told.left.append(f"{entry.at:%Y-%m-%d %H:%M:%S} {entry.actor}: {entry.action} {name}")

    def _counterpart(self, tx: Transaction, number: int, meant: Case | None) -> Case | None:
        if number in self._numbers:
            return tx.case(self._numbers[number])
        return next((case for case in tx.live_cases() if meant and case.problem == meant.problem), None)

    # ------------------------------------------------------------ what came of it

    def _cases(self) -> list[Told]:
        past = self._past
        with self._store.read() as tx:
            found = tx.cases(start=past.start, end=past.end, limit=1_000_000)
            return [
                told_of(
                    case,
                    [fault for fault in tx.faults(case=case.number) if fault.confirmed],
                    notifications_then(tx, case.number, past.start, past.end),
                )
                for case in found
            ]


def _again(case: Case, entry: Entry) -> tuple[Case, Entry] | None:
    """What the person did, done to the case now. Raises RefusedError where it cannot be."""
    if entry.action is Action.STATE and entry.data.get("to"):
        return moves.move(case, CaseState(entry.data["to"]), entry.actor, entry.text, entry.at)
    if entry.action is Action.ASSIGNED and entry.data.get("to"):
        return moves.assign(case, entry.data["to"], entry.actor, entry.at)
    if entry.action is Action.ACKNOWLEDGED:
        until = entry.data.get("until")
        return moves.acknowledge(
            case, entry.actor, datetime.fromisoformat(until) if until else None, entry.text, entry.at
        )
    return None


# ---------------------------------------------------------------- the store that is thrown away


@dataclass(frozen=True, slots=True)
class Beside:
    """Writes into a store of its own; what was measured is read from the live one, whose numbers no rule changes."""

    own: SqlStore
    live: SqlStore

    @contextmanager
    def begin(self) -> Iterator["_Both"]:
        with self.own.begin() as tx:
            yield _Both(tx, self.live)

    @contextmanager
    def read(self) -> Iterator["_Both"]:
        with self.own.read() as tx:
            yield _Both(tx, self.live)


class _Both:
    def __init__(self, own: Any, live: SqlStore) -> None:
        self._own, self._live = own, live

    def __getattr__(self, name: str) -> Any:
        if name not in _HISTORY:
            return getattr(self._own, name)

        def ask(*arguments: Any, **named: Any) -> Any:
            with self._live.read() as tx:
                return getattr(tx, name)(*arguments, **named)

        return ask

    def keep(self, batch: Batch) -> None:
        """Its numbers lie in the live store."""
        self._own.keep_latest(batch)

    def baselines(self, device: str) -> Any:
        """Those that were learned in the replay, else those that are known now."""
        found = self._own.baselines(device)
        if found:
            return found
        with self._live.read() as tx:
            return tx.baselines(device)
