"""The agent, running: polls when it is due, listens, settles, delivers, reports, and shows it all.

One event loop asks and listens; one thread decides (so decisions follow each other); other threads read over SSH, send
messages and write reports. Every loop here survives what goes wrong inside it: logged, counted, carried on.
"""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex
from typing import Any, TextIO, TypeVar

import structlog
from prometheus_client import CollectorRegistry

from agent import version
from agent.app import alerts, bridging, channels, compose, delivery, mailbox, rhythm, signing, syslog, trapping
from agent.app.compose import Memory
from agent.app.delivery import Diagnosis
from agent.app.inspecting import Inspector
from agent.app.messenger import Messenger
from agent.app.monthly import Monthly
from agent.app.reporting import Reporter
from agent.app.strangers import Strangers
from agent.app.website import Website
from agent.app.weekly import Weekly
from agent.cases import ledger
from agent.cases.case import Case
from agent.inventory.inventory import Inventory
from agent.metrics import Metrics
from agent.observation import Batch, Event, Fact, Source, Subject, Tier
from agent.pipeline import Outcome, Pipeline
from agent.pipeline.hearing import Again
from agent.ports import Job, JobKind, Listener
from agent.scheduler import Scheduler, offset
from agent.settings import Settings, secret
from collectors.collector import Collector
from collectors.ssh.shell import NetmikoShell

SSH_WORKERS, MAIL_WORKERS, BRIDGE_WORKERS, REPORT_WORKERS = 16, 4, 4, 6
SETTLE_SHARE = 3  # times as long as a settling took there is none: polls wait for the same thread
MOST_EVENTS_WAITING = 10_000
EVENTS_AT_ONCE = 500
ROLLED_UP_AFTER = timedelta(minutes=10)  # an hour's end, so that its last polls are in
STRANGERS_EVERY = 5.0  # seconds between two savings of who is not in the inventory

T = TypeVar("T")
log = structlog.get_logger()


@dataclass(slots=True)
class _Turn:
    """When a question is due next, and whether it is being asked now."""

    timer: asyncio.TimerHandle | None = None
    asking: bool = False
    again: bool = False  # asked for while it was being asked


class Agent:
    def __init__(
        self, settings: Settings, inventory: Inventory, memory: Memory, *, single: bool = True, out: TextIO = sys.stdout
    ) -> None:
        self.settings, self.inventory, self.memory = settings, inventory, memory
        self.links = signing.of_agent(settings, memory.folder)
        self.pipeline = Pipeline(memory.store, inventory, links=self.links)
        self.metrics = Metrics(CollectorRegistry(), version())
        self.reporter = Reporter(memory.store, inventory, memory.folder / "reports", compose.now)
        self._monthly = Monthly(memory.store, inventory, self.reporter, memory.folder / "reports", compose.now)
        self._weekly = Weekly(memory.store, inventory, self.reporter, compose.now)
        self.website = Website(settings, inventory, memory, self.metrics, self.reporter, self.links)
        self.collector = Collector(compose.reveal, clock=compose.now)
        self._single = single
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{token_hex(4)}"  # in a container every process is number 1
        self._addresses = {device.address: name for name, device in inventory.devices.items()}
        self._listeners: dict[Source, Listener] = {
            Source.SYSLOG: syslog.listener(settings, inventory, self._device_of, self._has_room_for_events),
            Source.TRAP: trapping.listener(
                settings.traps, inventory, memory.folder, self._device_of, self._has_room_for_events, self.metrics
            ),
        }
        self._scheduler = Scheduler()
        self._turns: dict[Again, _Turn] = {}
        self._events: list[Event] = []
        self._strangers = Strangers()
        self._settle_soon = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._deciding = ThreadPoolExecutor(1, "decide")
        self._reading = ThreadPoolExecutor(SSH_WORKERS, "ssh")
        self._sending = ThreadPoolExecutor(MAIL_WORKERS, "send")  # nothing else: a report would keep a page waiting
        self._writing = ThreadPoolExecutor(REPORT_WORKERS, "write")
        self._ways = channels.build(inventory, memory.folder, secret, out)
        self._messenger = Messenger(
            memory.store, self._ways, compose.now, self.metrics.notifications, inventory, self.links
        )
        self._shell = NetmikoShell(compose.reveal, known_hosts=memory.folder / "known_hosts")
        self._diagnosis = Diagnosis(memory.store, memory.evidence, self._shell, inventory, compose.now)
        self._visiting = ThreadPoolExecutor(BRIDGE_WORKERS, "bridge")
        self._bridging = bridging.build(memory.store, inventory, self.metrics.bridge_visits)
        self._mail = ThreadPoolExecutor(1, "mail")
        self._mailbox = mailbox.mailroom(inventory, memory, self.links, self.metrics)

    def _device_of(self, address: str) -> str:
        return self._addresses.get(address, "")

    # ------------------------------------------------------------ life

    async def start(self) -> None:
        """Raises ListenError when a port is taken; nothing runs then."""
        try:
            await self.website.start()
            for listener in self._listeners.values():
                await listener.start(self._heard)
        except BaseException:
            await self.stop()
            raise
        if self._single:
            await self._decide(self._take_back)
        await self._decide(self.pipeline.let_go, compose.now())
        await self._decide(self._strangers.recall, self.memory.store)
        await self.collector.start()
        self._schedule()
        self._keep("settle", self._settling)
        self._keep("events", self._hearing)
        self._keep("senders", self._remembering_strangers)
        self._keep("notify", self._notifying)
        self._keep("collect", self._collecting)
        self._keep("bridge", self._mirroring)
        if self._mailbox:
            self._keep("mailbox", self._reading_mail)
        self._watch(self.metrics.watch_event_loop())
        self._scheduler.start()

    async def stop(self) -> None:
        self._scheduler.stop()
        for turn in self._turns.values():
            if turn.timer:
                turn.timer.cancel()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for listener in self._listeners.values():
            await listener.stop()
        await self.collector.close()
        await self.website.stop()
        if self._mailbox:
            self._mailbox.stop()
        for pool in (self._deciding, self._sending, self._writing, self._reading, self._mail, self._visiting):
            pool.shutdown(wait=False, cancel_futures=True)

    def _take_back(self) -> None:
        with self.memory.store.begin() as tx:
            tx.take_back(self._owner)

    def _schedule(self) -> None:
        now = compose.now()
        for name, device in self.inventory.devices.items():
            polling = device.polling
            tiers = {Tier.STATUS: polling.status, Tier.HEALTH: polling.health, Tier.IDENTITY: polling.identity}
            for tier, interval in tiers.items():
                first = now + offset(f"{name}/{tier}", polling.status)  # all are known soon after a start
                self._scheduler.every(f"{name}/{tier}", interval, first, self._due(name, tier))
        daily = self.inventory.policies.daily_report
        self._scheduler.daily("daily report", daily.at, daily.timezone, self._report)
        weekly = self.inventory.policies.weekly_reports
        self._scheduler.daily("weekly reports", weekly.at, weekly.timezone, self._weekly_reports)
        self._scheduler.every("overdue weekly reports", timedelta(hours=1), now, self._weekly_reports)
        self._scheduler.every("overdue report", timedelta(hours=1), now, self._overdue_report)
        self._scheduler.every("monthly reports", timedelta(minutes=15), now, self._monthly_reports)
        self._scheduler.every("trends", timedelta(minutes=10), now + timedelta(minutes=2), self._study_history)
        self._scheduler.every("alerts", alerts.EVERY, now + timedelta(minutes=1), self._repeat_alerts)
        self._scheduler.every("prune", timedelta(hours=6), now + timedelta(minutes=10), self._prune)

    def _keep(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        self._watch(self._forever(name, loop))

    async def _forever(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await loop()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # the agent outlives every error of one round
                self._survived(name, error)
                await asyncio.sleep(1)

    def _survived(self, name: str, error: Exception) -> None:
        self.metrics.loop_errors.labels(name).inc()
        where = ", ".join(getattr(error, "__notes__", ()))
        log.error("a round failed", loop=name, where=where, reason=f"{type(error).__name__}: {error}")

    def _watch(self, work: Any, name: str | None = None) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _decide(self, do: Callable[..., T], *arguments: object) -> T:
        return await self._in(self._deciding, do, *arguments)

    async def _in(self, pool: ThreadPoolExecutor, do: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, do, *arguments)

    # ------------------------------------------------------------ polling

    def _due(self, name: str, tier: Tier) -> Callable[[], Awaitable[None]]:
        async def poll() -> None:
            self.ask((name, tier))

        return poll

    def ask(self, what: Again, after: timedelta = timedelta(0)) -> None:
        """Poll soon; the earliest of several wishes counts, and one poll of a kind runs at a time."""
        turn, loop = self._turns.setdefault(what, _Turn()), asyncio.get_running_loop()
        due = loop.time() + after.total_seconds()
        if turn.asking:
            turn.again = True
        elif turn.timer is None or turn.timer.when() > due:
            if turn.timer:
                turn.timer.cancel()
            turn.timer = loop.call_at(due, lambda: self._watch(self._poll(what, due)))

    async def _poll(self, what: Again, due: float) -> None:
        (name, tier), turn = what, self._turns[what]
        turn.timer, turn.asking, turn.again = None, True, False
        device, lag = self.inventory.devices[name], asyncio.get_running_loop().time() - due
        outcome = Outcome()
        try:
            batch = await self.collector.poll(device, tier)
            self._count(batch, lag)
            outcome = await self._decide(self.pipeline.observe, batch)
        except Exception as error:  # one poll's error is not the next one's
            self._survived("poll", error)
        finally:
            turn.asking = False
        if outcome.changed:
            self._settle_soon.set()
        recheck = device.polling.recheck
        for again in outcome.at_once:
            self.ask(again, min(timedelta(seconds=1), recheck) if again == what else timedelta(0))
        for again in outcome.in_doubt:
            self.ask(again, recheck)
        if turn.again:
            self.ask(what, min(timedelta(seconds=1), recheck))

    def _count(self, batch: Batch, lag: float) -> None:
        me = Subject(batch.device)
        told = [o.value for o in batch.observations if o.subject == me and o.fact in _REACHED]
        self.metrics.polled(
            batch.tier,
            took_s=batch.took_s,
            observations=len(batch.observations),
            failures=batch.failures,
            reached=any(told) if told else not batch.failures,
            lag_s=lag,
        )

    # ------------------------------------------------------------ listening

    def _has_room_for_events(self) -> bool:
        return len(self._events) < MOST_EVENTS_WAITING

    def _heard(self, event: Event) -> None:
        self.metrics.heard(event.source)
        if event.name == "storm":
            self.metrics.storms.labels(event.source).inc()
        self._strangers.hear(event)
        if len(self._events) < MOST_EVENTS_WAITING:
            self._events.append(event)
        else:
            self._listeners[event.source].dropped += 1

    async def _hearing(self) -> None:
        for source, listener in self._listeners.items():
            self.metrics.dropped(source, listener.dropped)
        self.metrics.queues.labels("events").set(len(self._events))
        if not self._events:
            await asyncio.sleep(0.1)
            return
        taken = self._events[:EVENTS_AT_ONCE]
        again = await self._decide(self.pipeline.hear, taken)
        del self._events[: len(taken)]  # only now: what could not be kept is tried again
        for what in again:
            self.ask(what)

    async def _remembering_strangers(self) -> None:
        await asyncio.sleep(STRANGERS_EVERY)
        if self._strangers.changed:
            self._strangers.changed = False
            await self._decide(self._strangers.save, self.memory.store, compose.now(), self._strangers.listed())

    async def _reading_mail(self) -> None:
        assert self._mailbox is not None  # noqa: S101 - else nobody starts this loop
        opened, pause = await self._in(self._mail, self._mailbox.turn)
        for number in opened:
            await self._decide(self._count_opened, number)
        await asyncio.sleep(pause.total_seconds())

    def _count_opened(self, number: int) -> None:
        with self.memory.store.read() as tx:
            case = tx.case(number)
        if case is not None:
            self._count_case(case)

    # ------------------------------------------------------------ settling, delivering, reporting

    async def _settling(self) -> None:
        pause = rhythm.pause(self.inventory.policies).total_seconds()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._settle_soon.wait(), pause)
        self._settle_soon.clear()
        started = asyncio.get_running_loop().time()
        for what in await self._decide(self._settle):
            self.ask(what)
        took = asyncio.get_running_loop().time() - started
        self.metrics.settle_duration.observe(took)
        least = rhythm.AT_LEAST.total_seconds()
        await asyncio.sleep(max(least, SETTLE_SHARE * took))  # in a storm polls have their turn in between

    def _count_case(self, case: Case) -> None:
        with self.memory.store.read() as tx:
            found = ledger.of(case, tx.faults(case=case.number), ())
        self.metrics.opened(case.severity, {str(step): t.most.total_seconds() for step, t in found.steps.items()})

    def _settle(self) -> frozenset[Again]:
        """Returns who is to be asked at once."""
        now = compose.now()
        try:
            for case in self.pipeline.settle(now):
                self._count_case(case)
                log.info("case opened", case=case.name, severity=case.severity, about=str(case.subject))
        except Exception as error:  # whoever is to be told of the cases that are there is told all the same
            self._survived("settle", error)
        try:
            self.pipeline.tend(now)
        except ExceptionGroup as troubles:  # one case's; all the others were looked after
            for trouble in troubles.exceptions:
                self._survived("tend", trouble)
        asked = self.pipeline.maintain(now)
        with self.memory.store.read() as tx:
            counts, mirrors = tx.job_counts(), tx.mirror_counts()
        self.metrics.bridges_hold(self.inventory.bridges, {(b, str(state)): n for (b, state), n in mirrors.items()})
        self.metrics.outbox_holds({(str(kind), str(state)): jobs for (kind, state), jobs in counts.items()})
        self.metrics.queues.labels("decisions").set(self._deciding._work_queue.qsize())
        return asked

    async def _notifying(self) -> None:
        await self._work_off(JobKind.NOTIFY, self._sending, MAIL_WORKERS, self._messenger.send)

    async def _collecting(self) -> None:
        await self._work_off(JobKind.COLLECT, self._reading, SSH_WORKERS, self._diagnosis.collect)

    async def _mirroring(self) -> None:
        await self._work_off(JobKind.BRIDGE, self._visiting, BRIDGE_WORKERS, self._bridging.visit)

    async def _work_off(self, kind: JobKind, pool: ThreadPoolExecutor, most: int, do: Callable[[Job], object]) -> None:
        """Leases what is due and hands it to the pool; does not wait for the slow ones before taking more."""
        busy = sum(task.get_name() == kind for task in self._tasks)
        jobs = await self._decide(self._lease, kind, most - busy) if busy < most else ()
        for job in jobs:
            self._watch(self._do(job, pool, do), name=kind)
        await asyncio.sleep(0.2 if jobs else 0.5)

    def _lease(self, kind: JobKind, most: int) -> tuple[Job, ...]:
        now = compose.now()
        with self.memory.store.begin() as tx:
            return tx.lease(kind, now, delivery.LEASES[kind], self._owner, most)

    async def _do(self, job: Job, pool: ThreadPoolExecutor, do: Callable[[Job], object]) -> None:
        try:
            await self._in(pool, do, job)
        except Exception as error:  # the job is tried again, the others go on
            self._survived(job.kind, error)
            await self._decide(delivery.give_up, self.memory.store, job, error, compose.now())

    async def _report(self) -> None:
        await self._round("report", lambda: self._in(self._writing, self.reporter.issue))

    async def _weekly_reports(self) -> None:
        await self._round("weekly reports", lambda: self._in(self._writing, self._weekly.issue))

    async def _overdue_report(self) -> None:
        async def work() -> None:
            if await self._in(self._writing, self.reporter.overdue):
                await self._in(self._writing, self.reporter.issue)

        await self._round("report", work)

    async def _monthly_reports(self) -> None:
        await self._round("monthly reports", lambda: self._in(self._writing, self._monthly.issue))

    async def _study_history(self) -> None:
        async def work() -> None:
            await self._roll_up()
            for name in await self._decide(self.pipeline.unstudied, compose.now()):
                if await self._in(self._writing, self.pipeline.study, name, compose.now()):  # polls go on beside it
                    self._settle_soon.set()

        await self._round("trends", work)

    async def _roll_up(self) -> None:
        while await self._decide(self._roll_up_now):
            pass  # a part at a time, so that polls are not kept waiting

    def _roll_up_now(self) -> int:
        with self.memory.store.begin() as tx:
            return tx.roll_up(compose.now() - ROLLED_UP_AFTER)

    async def _repeat_alerts(self) -> None:
        arguments = (
            self.memory.store,
            self.inventory,
            self._ways,
            self.links.site if self.links else "",
            compose.now(),
        )
        await self._round("alerts", lambda: self._in(self._writing, alerts.repeat, *arguments))

    async def _prune(self) -> None:
        async def work() -> None:
            await self._roll_up()
            while await self._decide(self._prune_now):
                pass  # a part at a time, so that polls are not kept waiting

        await self._round("prune", work)

    async def _round(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """A scheduled round: its error is told, the next one comes. Stopping in the middle of one is no error."""
        try:
            await work()
        except asyncio.CancelledError:
            log.info("broken off", loop=name)
        except Exception as error:
            self._survived(name, error)

    def _prune_now(self) -> int:
        with self.memory.store.begin() as tx:
            policies = self.inventory.policies
            return tx.prune(compose.now(), policies.keep_samples, policies.keep_hours, policies.keep_journal)

    def inspector(self) -> Inspector:
        return Inspector(self.memory.store, self.inventory, self.collector, self._shell, compose.now)


_REACHED = frozenset({Fact.ICMP_REACHABLE, Fact.SNMP_REACHABLE, Fact.TCP_REACHABLE})
