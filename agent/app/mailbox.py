"""Reads the mailbox: one round connects, takes what is new in the order in which it came, puts it away, and leaves.

What was taken stands in the store, by UIDVALIDITY and UID; so a round may end anywhere, and the next one goes on there.
"""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

import structlog

from agent import settings
from agent.app import compose
from agent.app.compose import Memory
from agent.cases.case import Case
from agent.cases.letter import ACTED, Filed, Letter, Place, Verdict
from agent.cases.links import Links
from agent.errors import CollisionError, MailboxError, RefusedError, StoreError, UnavailableError
from agent.inventory.inventory import Inventory
from agent.inventory.mailbox import MEGABYTE, Mailbox
from agent.metrics import Metrics
from agent.pipeline.correspondence import Correspondence
from agent.pipeline.desk import Desk
from agent.ports import EvidenceFiles, Store
from collectors.mail import imap, letter
from collectors.mail.imap import Folder, Lying
from collectors.mail.letter import Bounds

AT_ONCE = 100  # mails whose sizes are asked together, and that are put away together
TRIES = 3  # of fetching one mail, before it is kept as one that cannot be fetched
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=10)  # after a failed round

STUMBLED = "it cannot be acted on: the log says why"

log = structlog.get_logger()


@dataclass(slots=True)
class Round:
    """What one look into the mailbox brought."""

    taken: dict[Verdict, int] = field(default_factory=dict)
    doubles: int = 0
    opened: list[int] = field(default_factory=list)  # cases

    @property
    def mails(self) -> int:
        return sum(self.taken.values()) + self.doubles


class Mailroom:
    """Blocking; one round at a time. `stop` breaks one off between two mails."""

    def __init__(
        self,
        mailbox: Mailbox,
        correspondence: Correspondence,
        store: Store,
        secret: Callable[[str], str],
        now: Callable[[], datetime],
        metrics: Metrics | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._mailbox, self._correspondence, self._store = mailbox, correspondence, store
        self._secret, self._now, self._metrics, self._context = secret, now, metrics, context
        self._bounds = bounds(mailbox)
        self._failed: dict[int, int] = {}  # by UID: how often it could not be fetched; a cache
        self._failures = 0  # rounds in a row
        self._stopped = False

    def stop(self) -> None:
        self._stopped = True

    def turn(self) -> tuple[list[int], timedelta]:
        """A round, whatever comes of it: the cases that it opened, and how long to wait until the next."""
        try:
            brought = self.round()
        except (MailboxError, StoreError) as error:
            self._failures += 1
            wait = pause(self._failures, self._mailbox.every)
            log.warning("the mailbox cannot be read", reason=str(error), again_in_s=wait.total_seconds())
            return [], wait
        self._failures = 0
        return brought.opened, self._mailbox.every

    def round(self) -> Round:
        """Raises MailboxError when the server cannot be reached or breaks off, StoreError when nothing can be kept."""
        brought = Round()
        try:
            with imap.opened(self._mailbox, self._secret, self._context) as folder:
                self._put_away(folder)  # what was taken when somebody was killed
                uids = iter(folder.after(self._last(folder)))
                while not self._stopped and (some := list(islice(uids, AT_ONCE))):
                    self._some(folder, some, brought)
        except MailboxError:
            self._tell(up=False)
            raise
        self._tell(up=True)
        return brought

    def _last(self, folder: Folder) -> int:
        with self._store.read() as tx:
            return tx.last_letter(self._mailbox.key, folder.validity)

    def _some(self, folder: Folder, uids: list[int], brought: Round) -> None:
        lying = folder.lying(uids)
        for uid in uids:
            if self._stopped:
                break
            if uid in lying:  # else somebody moved it away
                self._take(folder, lying[uid], brought)
        self._put_away(folder)

    def _take(self, folder: Folder, mail: Lying, brought: Round) -> None:
        found, raw, trouble = self._read(folder, mail)
        place, now = Place(self._mailbox.key, folder.validity, mail.uid), self._now()
        try:
            filed = self._correspondence.take(place, found, raw, now, trouble)
        except (UnavailableError, CollisionError):
            raise  # the store, or the disk: it will be tried again
        except (
            Exception
        ):  # an error of ours, or a refusal that stays one, keeps no other mail waiting, and no mail is lost for it
            log.exception("a mail cannot be acted on", uid=mail.uid)
            filed = self._correspondence.take(place, found, raw, now, STUMBLED)
        if filed is None:
            brought.doubles += 1
            return
        brought.taken[filed.verdict] = brought.taken.get(filed.verdict, 0) + 1
        if filed.verdict is Verdict.OPENED:
            brought.opened.append(filed.case)
        if self._metrics:
            lag = (now - mail.arrived).total_seconds() if mail.arrived else 0.0
            self._metrics.mail(filed.verdict, lag)
        log.info("mail", verdict=filed.verdict, sender=filed.sender, case=filed.case or None, reason=filed.reason)

    def _read(self, folder: Folder, mail: Lying) -> tuple[Letter, bytes, str]:
        """The mail, its bytes, and why it is none that can be acted on."""
        limit = self._mailbox.largest_mb * MEGABYTE
        try:
            if mail.size > limit:
                raw = folder.header(mail.uid)
                because = f"it has {mail.size} bytes, more than {limit}"
                return letter.header_only(raw, mail.size, because), raw, ""
            raw = folder.mail(mail.uid, limit)
        except MailboxError as error:
            self._failed[mail.uid] = self._failed.get(mail.uid, 0) + 1
            if self._failed[mail.uid] < TRIES:
                raise
            said = f"UIDVALIDITY {folder.validity}, UID {mail.uid}"
            empty = letter.header_only(f"\n{said}".encode(), mail.size, "it could not be fetched")  # each is another
            return empty, b"", f"it cannot be fetched ({said}): {error}"
        try:
            return letter.decode(raw, self._bounds), raw, ""
        except Exception:  # a mail that we cannot read keeps no other waiting, and is not lost
            log.exception("a mail cannot be decoded", uid=mail.uid)
            return letter.header_only(raw, mail.size, "it cannot be decoded"), raw, "it cannot be decoded"

    def _put_away(self, folder: Folder) -> None:
        with self._store.read() as tx:
            waiting = tx.not_put_away(self._mailbox.key, folder.validity)
        for acted in (True, False):
            uids = [uid for uid, verdict in waiting.items() if (verdict in ACTED) is acted]
            for some in _batches(uids):
                folder.put_away(some, acted=acted)
                with self._store.begin() as tx:
                    tx.put_away(self._mailbox.key, folder.validity, some)

    def _tell(self, *, up: bool) -> None:
        if self._metrics:
            with self._store.read() as tx:
                self._metrics.mailbox(up=up, waiting=tx.letters_waiting())


def _batches(uids: list[int]) -> Iterator[list[int]]:
    rest = iter(uids)
    while some := list(islice(rest, AT_ONCE)):
        yield some


def mailroom(inventory: Inventory, memory: Memory, links: Links | None, metrics: Metrics) -> Mailroom | None:
    """As the inventory wants it; None where it names no mailbox."""
    mailbox = inventory.policies.mailbox
    if mailbox is None:
        return None
    desk = Correspondence(
        memory.store, inventory, mailbox, memory.evidence, lambda tx, now: Desk(tx, inventory, now, links)
    )
    return Mailroom(mailbox, desk, memory.store, settings.secret, compose.now, metrics)


def bounds(mailbox: Mailbox) -> Bounds:
    return Bounds(
        attachment=mailbox.attachment_mb * MEGABYTE,
        attachments=mailbox.attachments,
        refused=frozenset(mailbox.refused_types),
    )


def pause(failures: int, every: timedelta) -> timedelta:
    """Until the next round: the usual one, or longer and longer while the server cannot be reached."""
    if not failures:
        return every
    return min(max(every, SHORTEST_PAUSE) * float(2 ** min(failures - 1, 10)), LONGEST_PAUSE)


def assign(
    store: Store, inventory: Inventory, files: EvidenceFiles, number: int, case: int, actor: str, now: datetime
) -> Case:
    """A person puts a mail that was kept onto a case. Raises RefusedError, StoreError."""
    mailbox = inventory.policies.mailbox or Mailbox(host="localhost")
    with store.read() as tx:
        filed = tx.letter(number)
    if filed is None:
        raise RefusedError(f"there is no mail {number}: `netcase mail list` lists them")
    found, raw = original(files, filed, bounds(mailbox))
    return Correspondence(store, inventory, mailbox, files).assign(number, found, raw, case, actor, now)


def original(files: EvidenceFiles, filed: Filed, limits: Bounds) -> tuple[Letter, bytes]:
    """Raises StoreError when it was never read, or is there no more."""
    if not filed.sha256:
        raise StoreError(f"the mail {filed.id} was never read: {filed.reason}")
    try:
        raw = files.path(filed.sha256).read_bytes()
    except OSError as error:
        raise StoreError(f"the original of the mail {filed.id} cannot be read: {error.strerror}") from error
    if len(raw) < filed.bytes:
        return letter.header_only(raw, filed.bytes, "it was larger than what is read"), raw
    return letter.decode(raw, limits), raw


def look(mailbox: Mailbox, secret: Callable[[str], str], store: Store | None) -> dict[str, object]:
    """What a round would find, without taking anything. Raises MailboxError."""
    with imap.opened(mailbox, secret) as folder:
        taken = 0
        if store is not None:
            with store.read() as tx:
                taken = tx.last_letter(mailbox.key, folder.validity)
        return {
            "mailbox": mailbox.key,
            "uidvalidity": folder.validity,
            "mails": folder.count,
            "new": len(folder.after(taken)),
            "files_as_wanted": folder.can_file,
            "address": mailbox.address,
        }
