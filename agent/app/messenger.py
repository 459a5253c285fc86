"""Sends what the outbox holds, and sees to it that somebody hears of it: again with back-off, then on the person's next
channel, then the next level on call."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain, takewhile

import structlog
from prometheus_client import Counter

from agent.cases import oncall
from agent.cases.case import Action, Case, Entry
from agent.cases.links import Links
from agent.errors import DeliveryError
from agent.inventory.inventory import Inventory
from agent.inventory.teams import LADDER
from agent.locale import N_
from agent.notifications import policy, wire
from agent.notifications.news import News
from agent.notifications.policy import Occasion, Recipient
from agent.pipeline.desk import Desk
from agent.ports import Channel, Job, JobKind, JobState, Store, Transaction

MOST_ATTEMPTS = 12
BACK_OFF = timedelta(seconds=15)
LONGEST_BACK_OFF = timedelta(hours=1)
PATIENCE = {"P1": 3, "P2": 5}  # attempts, about 45 s and 4 min, before others are told; else when it is given up
MOST_LEVELS = 9
_MOMENT = timedelta(seconds=1)

log = structlog.get_logger()


def back_off(attempts: int) -> timedelta:
    return min(BACK_OFF * float(2 ** max(attempts - 1, 0)), LONGEST_BACK_OFF)


class Course(StrEnum):
    """What becomes of a message that did not arrive."""

    AGAIN = "again"
    NEXT_CHANNEL = "next_channel"  # given up here, told to the same person elsewhere
    WARN = "warn"  # tried on, and somebody else is told meanwhile
    GIVE_UP = "give_up"


def course(attempts: int, *, permanent: bool, severity: str, another_way: bool) -> Course:
    over = permanent or attempts >= MOST_ATTEMPTS
    late = attempts >= PATIENCE.get(severity, MOST_ATTEMPTS)
    if another_way and (over or late):
        return Course.NEXT_CHANNEL
    if over:
        return Course.GIVE_UP
    return Course.WARN if late else Course.AGAIN


class Messenger:
    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        now: Callable[[], datetime],
        counter: Counter,
        inventory: Inventory | None = None,
        links: Links | None = None,
    ) -> None:
        self._store, self._channels, self._now, self._counter = store, channels, now, counter
        self._inventory, self._links = inventory or Inventory(), links

    def send(self, job: Job) -> bool:
        """Whether it arrived. What can never arrive is marked, and stands on the case."""
        if first := self._comes_first(job):
            with self._store.begin() as tx:
                tx.postpone(job, first + _MOMENT, "what it follows has not arrived yet")
            return False
        message = wire.unpack(job.payload)
        channel = self._channels.get(message.channel)
        try:
            if channel is None:
                raise DeliveryError(f"no channel {message.channel} is set up", permanent=True)
            said = channel.send(message)
        except DeliveryError as error:
            self._missed(job, error)
            return False
        except Exception as error:  # a channel's own error keeps nobody from being told by the next; it may hold a key
            self._missed(job, DeliveryError(f"{message.channel} broke off with {type(error).__name__}"))
            return False
        self._counter.labels(message.channel, "sent").inc()
        recipient, occasion = wire.recipient(job.payload), wire.occasion(job.payload)
        with self._store.begin() as tx:
            tx.finish(job, self._now(), said)
            self._log(tx, job, f"{occasion} told to {recipient.name} by {recipient.channel}", "yes")
        return True

    def _comes_first(self, job: Job) -> datetime | None:
        """When the problem is told there that this one says is over, where that is still tried."""
        if wire.occasion(job.payload) != Occasion.RESOLVED or not job.case:
            return None
        with self._store.read() as tx:
            waiting = [each for each in tx.jobs(kind=JobKind.NOTIFY, case=job.case) if each.state is JobState.WAITING]
        mine = [w for w in waiting if wire.recipient(w.payload) == wire.recipient(job.payload) and w.id < job.id]
        return max((w.due for w in mine if wire.occasion(w.payload) in policy.TELLS_OF_A_PROBLEM), default=None)

    def _missed(self, job: Job, error: DeliveryError) -> None:
        now, recipient = self._now(), wire.recipient(job.payload)
        by_mail_only = wire.occasion(job.payload) == Occasion.EVIDENCE  # a list of files; it wakes nobody elsewhere
        another = None if by_mail_only else policy.next_way(recipient, self._tried(job), self._inventory)
        severity = str(job.payload.get("about", {}).get("severity", ""))
        what = course(job.attempts, permanent=error.permanent, severity=severity, another_way=another is not None)
        with self._store.begin() as tx:
            if what in (Course.AGAIN, Course.WARN):
                tx.postpone(job, now + back_off(job.attempts), str(error))
            else:
                tx.fail(job, now, str(error))
                said = f"could not tell {recipient.name} by {recipient.channel}: {error}"
                self._log(tx, job, said, "no")
            if what is Course.NEXT_CHANNEL and another is not None:
                self._hand_on(tx, job, recipient, another, now)
            elif what in (Course.WARN, Course.GIVE_UP) and not by_mail_only:
                self._tell_others(tx, job, recipient, now)
        outcome = "failed" if what in (Course.AGAIN, Course.WARN) else "given_up"
        self._counter.labels(recipient.channel, outcome).inc()
        log.warning("not delivered", to=recipient.name, channel=recipient.channel, reason=str(error), course=str(what))

    @staticmethod
    def _tried(job: Job) -> list[str]:
        return [str(channel) for channel in job.payload.get("tried", ())]

    def _hand_on(self, tx: Transaction, job: Job, before: Recipient, now_by: Recipient, now: datetime) -> None:
        """The same message on another channel, unless it was told there already."""
        key = policy.on_channel(str(job.payload["key"]), before, now_by)
        if tx.noticed(key):
            return
        answers = str(job.payload.get("answers", ""))
        payload = {
            **job.payload,
            "key": key,
            "channel": now_by.channel,
            "to": now_by.to,
            "answers": policy.on_channel(answers, before, now_by) if answers else "",
            "tried": [*self._tried(job), before.channel],
        }
        tx.keep_notice(key, now_by.channel, now_by.to, now, held=False)
        tx.enqueue([Job(key=key, kind=JobKind.NOTIFY, due=now, payload=payload, case=job.case, urgent=job.urgent)])

    def _tell_others(self, tx: Transaction, job: Job, missed: Recipient, now: datetime) -> None:
        """The next level on call, of whoever was not reached; the first, where that is a customer. Of a channel that
        no single person reads nobody is told: it is shown, and counted."""
        if not (missed.person or missed.customer):
            return
        occasion = wire.occasion(job.payload)
        for case in self._cases(tx, job):
            desk = Desk(tx, self._inventory, now, self._links)
            others = self._others(desk, case, missed)
            if not others:
                said = f"nobody else could be told that {missed.name} was not reached"
                tx.log([Entry(case=case.number, at=now, action=Action.NOTIFIED, text=said)])
                continue
            news = News(
                occasion=Occasion.UNREACHED,
                headline=N_("{who} could not be told, {severity} case {name}: {what}"),
                values={"who": missed.name, "what": str(job.payload.get("subject", ""))},
                facts=((N_("Channel"), missed.channel), (N_("Occasion"), occasion)),
                closing=N_("Please look after the case, or reach them otherwise."),
                again=f"{missed.person or missed.to}.{occasion}",
            )
            desk.tell(case, news, others)

    def _cases(self, tx: Transaction, job: Job) -> list[Case]:
        numbers = job.payload.get("cases") or ([job.case] if job.case else [])
        return [case for number in numbers if (case := tx.case(int(number))) is not None]

    @staticmethod
    def _others(desk: Desk, case: Case, missed: Recipient) -> list[Recipient]:
        """On the first level above whose person is another one; above all levels the posts, from the lowest."""
        levels = [desk.on_call(case, level) for level in range(1, MOST_LEVELS + 1)]
        known = list(takewhile(bool, levels))
        mine = next((i for i, ways in enumerate(known) if missed.person and ways[0].person == missed.person), -1)
        posts = (policy.ways_to(oncall.holder(case, post, desk.inventory), desk.inventory) for post in LADDER)
        for ways in chain(known[mine + 1 :], posts):
            if ways and ways[0].person != missed.person:
                return ways
        return []

    def _log(self, tx: Transaction, job: Job, text: str, delivered: str) -> None:
        data = {"delivered": delivered}  # what the case's ledger goes by
        numbers: Iterable[int] = [job.case] if job.case else [int(n) for n in job.payload.get("cases", ())]
        at = self._now()
        tx.log(Entry(case=case, at=at, action=Action.NOTIFIED, text=text, data=data) for case in numbers)
