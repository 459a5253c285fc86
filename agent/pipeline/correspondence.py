"""The mailbox's desk: a mail becomes a case, a line on a case, or is kept, in one transaction with its place in the
mailbox. Whoever is killed in the middle has done nothing, and whoever comes again finds it done."""

import contextlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from agent.cases import attachments, correspondence, moves, recognition, threads
from agent.cases.attachments import TIER
from agent.cases.case import Action, Case, CaseState, Entry, Evidence, EvidenceState, Origin
from agent.cases.correspondence import Known, Ruling, Sender
from agent.cases.intake import Form, plain
from agent.cases.ledger import US
from agent.cases.letter import ACTED, WAITING, Attachment, Filed, Letter, Place, Trust, Verdict
from agent.errors import CollisionError, RefusedError
from agent.inventory.customers import Language
from agent.inventory.inventory import Inventory
from agent.inventory.mailbox import Mailbox
from agent.locale import N_
from agent.notifications.news import News
from agent.notifications.policy import Recipient
from agent.pipeline import attaching, intake, moving
from agent.pipeline.desk import Desk
from agent.ports import EvidenceFiles, JobKind, Store, Transaction

MOST_NAMED = 5  # cases that one mail names
MOST_MERGED = 20  # cases that went on as others, one after the other
SHOWN = 300  # characters of what was written that stand in the line on the timeline; its data has all
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kept:
    """Files of a mail that lie among the evidence: (what it was, hash, bytes)."""

    original: str = ""
    original_bytes: int = 0
    files: tuple[tuple[Attachment, str, int], ...] = ()


class Correspondence:
    """`desk` makes the desk at which cases are opened and written onto."""

    def __init__(
        self,
        store: Store,
        inventory: Inventory,
        mailbox: Mailbox,
        files: EvidenceFiles,
        desk: Callable[[Transaction, datetime], Desk] | None = None,
    ) -> None:
        self._store, self._inventory, self._mailbox, self._files = store, inventory, mailbox, files
        self._desk = desk or (lambda tx, now: Desk(tx, inventory, now))

    def take(self, place: Place, letter: Letter, raw: bytes, now: datetime, trouble: str = "") -> Filed | None:
        """What became of it; None where it was taken before. `raw` is all of it that was read.

        `trouble` says why it could not be read as a mail: then it waits for a person.
        """
        with self._store.read() as tx:
            known = tx.letter_of(letter.identity)
            ruling = self._ruling(tx, letter, now, trouble)
        kept = Kept() if known else self._keep_files(letter, raw, ruling)
        return _again_after_collision(lambda: self._take(place, letter, kept, now, trouble))

    def _take(self, place: Place, letter: Letter, kept: Kept, now: datetime, trouble: str) -> Filed | None:
        with self._store.begin() as tx:
            if known := tx.letter_of(letter.identity):
                tx.place_letter(place, known.id)
                return None
            ruling = self._ruling(tx, letter, now, trouble)
            filed = tx.keep_letter(self._filed(letter, ruling, kept, now))
            if filed is None or not tx.place_letter(place, filed.id):
                raise CollisionError("another process took the mail in this very moment")
            case = self._act(self._desk(tx, now), letter, ruling, filed, kept)
            if case is not None and case.number != filed.case:
                filed = replace(filed, case=case.number)
                tx.save_letter(filed)
            return filed

    def assign(self, number: int, letter: Letter, raw: bytes, case: int, actor: str, now: datetime) -> Case:
        """A person puts a mail that was kept onto a case. Raises RefusedError."""
        kept = self._keep_files(letter, raw, Ruling(verdict=Verdict.REPLY, reason=""))
        with self._store.begin() as tx:
            filed, onto = tx.letter(number), moving.known(tx, case)
            if filed is None or filed.verdict in ACTED | {Verdict.ASSIGNED}:
                where = f"on NC-{filed.case:06d} already" if filed else "unknown: `netcase mail list` lists them"
                raise RefusedError(f"the mail {number} is {where}")
            who = correspondence.sender(letter, self._inventory, self._mailbox)
            ruling = Ruling(verdict=Verdict.ASSIGNED, reason=f"put onto {onto.name} by {actor}", trust=filed.trust)
            self._write(self._desk(tx, now), onto, letter, who, replace(ruling, case=onto), filed, kept)
            tx.save_letter(replace(filed, verdict=Verdict.ASSIGNED, case=onto.number, by=actor, reason=ruling.reason))
            return onto

    # ------------------------------------------------------------ deciding

    def _ruling(self, tx: Transaction, letter: Letter, now: datetime, trouble: str) -> Ruling:
        if trouble:
            return Ruling(verdict=Verdict.UNCLEAR, reason=trouble)
        known = self._known(tx, letter)
        ruling = correspondence.rule(letter, known, self._inventory, self._mailbox, now)
        if ruling.verdict not in ACTED:
            return ruling
        since = now - correspondence.WITHIN
        counted = replace(
            known,
            lately=tx.letters_acted_on(since, letter.sender),
            opened=tx.letters_acted_on(since, opened=True),
        )
        return correspondence.rule(letter, counted, self._inventory, self._mailbox, now)

    def _known(self, tx: Transaction, letter: Letter) -> Known:
        """But for the counts, which only count for what would be acted on."""
        number, how = self._named(tx, letter)
        case = _going_on(tx, number)
        both = {number, case.number} if case else set()  # whoever was told of a duplicate has to do with what goes on
        told = (job.payload for each in both for job in tx.jobs(kind=JobKind.NOTIFY, case=each))
        return Known(
            case=case,
            how=how if case else "",
            told=frozenset(str(payload.get("to", "")).lower() for payload in told),
        )

    def _named(self, tx: Transaction, letter: Letter) -> tuple[int, str]:
        """A mail of ours that it answers, else a mail on a case, else the tag in its subject."""
        answered: dict[int, set[str]] = {}
        for each in letter.answers:
            answered.setdefault(threads.case_of(each), set()).add(each.partition("@")[0].lower())
        for number in [number for number in answered if number][:MOST_NAMED]:
            if answered[number] & {
                threads.local_part(str(job.payload.get("key", job.key)))
                for job in tx.jobs(kind=JobKind.NOTIFY, case=number)
            }:
                return number, "answer"
        if number := tx.case_of_thread([correspondence.thread(each) for each in letter.answers]):
            return number, "answer"
        tagged = next((number for number in recognition.tags(letter.subject)[:MOST_NAMED] if tx.case(number)), 0)
        return (tagged, "tag") if tagged else (0, "")  # no more cases than the first are waited for

    def _filed(self, letter: Letter, ruling: Ruling, kept: Kept, now: datetime) -> Filed:
        reason = ruling.reason if letter.whole else f"{ruling.reason}; only its header was read: {letter.because}"
        return Filed(
            identity=letter.identity,
            thread=correspondence.thread(letter.message_id),
            at=now,
            sent=letter.date,
            sender=letter.sender,
            sender_name=letter.sender_name,
            title=letter.subject,
            verdict=ruling.verdict,
            reason=reason,
            trust=ruling.trust,
            case=ruling.case.number if ruling.case and ruling.verdict in ACTED | {Verdict.BOUNCE} else 0,
            bytes=letter.bytes,
            sha256=kept.original,
        )

    # ------------------------------------------------------------ acting

    def _act(self, desk: Desk, letter: Letter, ruling: Ruling, filed: Filed, kept: Kept) -> Case | None:
        who = correspondence.sender(letter, self._inventory, self._mailbox)
        if ruling.verdict is Verdict.OPENED:
            case = intake.open_case(desk, self._form(letter, who, filed))
            if ruling.follows:
                reason = "somebody wrote again after it was over"
                moving.link(desk.tx, case.number, ruling.follows.number, US, reason, desk.now)
            self._attach(desk, case, letter, kept)
            _mark(desk, case, letter, ruling)
            _answer_too_large(desk, case, letter, who, filed)
            return case
        if ruling.verdict is Verdict.REPLY and ruling.case:
            return self._write(desk, ruling.case, letter, who, ruling, filed, kept)
        if ruling.verdict is Verdict.BOUNCE and ruling.case:
            text = f"a mail that was sent for the case came back: {letter.subject}"
            desk.tx.log([Entry(case=ruling.case.number, at=desk.now, action=Action.MAIL, text=text)])
        if ruling.verdict in WAITING:
            self._tell_of_waiting(desk, letter, who, ruling)
        return None

    def _tell_of_waiting(self, desk: Desk, letter: Letter, who: Sender, ruling: Ruling) -> None:
        """Whoever works on the case that it names, or on the sender's last: at most once an hour, for a mail that may
        be urgent must not lie unseen, and a stranger must not be able to keep anybody busy."""
        case = ruling.case
        if case is None:
            last = desk.tx.letters(verdicts=ACTED, sender=letter.sender, limit=1) if letter.sender else ()
            case = _going_on(desk.tx, last[0].case) if last else None
        if case is None:
            return
        news = News(
            occasion="mail_waiting",
            headline=N_("A mail waits to be looked at, case {name}: {subject}"),
            values={"subject": recognition.title(letter.subject)},
            facts=((N_("Sent by"), who.title or "–"),),
            closing=N_("netcase mail list --waiting shows why it was not acted on."),
            again=f"{desk.now:%Y%m%dT%H}",
        )
        desk.tell(case, news, desk.engineer(case))

    def _form(self, letter: Letter, who: Sender, filed: Filed) -> Form:
        found = recognition.said(letter.subject, letter.body, self._inventory)
        return Form(
            origin=Origin.EMAIL,
            title=recognition.title(letter.subject),
            text=letter.body,
            severity=found.severity,
            contract=found.contract,
            serial=found.serial,
            device=found.device,
            customer=who.customer,
            reporter=who.title,
            reporter_address=who.address,
            key=f"mail/{filed.identity}",
            language=who.language,
        )

    def _write(
        self, desk: Desk, case: Case, letter: Letter, who: Sender, ruling: Ruling, filed: Filed, kept: Kept
    ) -> Case:
        """A line on the timeline, the files, and whoever works on the case is told."""
        said = plain(letter.text)
        flat = " ".join(said.split())
        short = flat if len(flat) <= SHOWN else f"{flat[: SHOWN - 1]}…"
        data = {
            "sender": who.address,
            "subject": letter.subject,
            "text": said,
            "mail": str(filed.id),
            "side": correspondence.side(who, ruling.trust),
            "trust": str(ruling.trust),
        }
        text = f"{who.title} wrote: {short or letter.subject or 'nothing but files'}"
        desk.tx.log([Entry(case=case.number, at=desk.now, action=Action.MAIL, text=text, actor=who.title, data=data)])
        _mark(desk, case, letter, ruling)
        self._attach(desk, case, letter, kept)
        if correspondence.goes_on(case, who, ruling.trust) and not moves.refusal(case, CaseState.IN_PROGRESS):
            case = desk.keep(*_gone_on(case, desk.now))
        self._tell(desk, case, letter, who, ruling, filed, short)
        if ruling.verdict is Verdict.REPLY and ruling.trust is not Trust.FAILED:
            _answer_too_large(desk, case, letter, who, filed)
        return case

    def _tell(
        self, desk: Desk, case: Case, letter: Letter, who: Sender, ruling: Ruling, filed: Filed, short: str
    ) -> None:
        """Whoever works on it, unless he wrote it himself."""
        news = News(
            occasion="mail",
            headline=N_("{who} wrote on case {name}: {subject}"),
            values={"who": who.title, "subject": recognition.title(letter.subject)},
            facts=(
                (N_("Sent by"), f"{who.title} <{who.address}>" if who.name else who.address),
                (N_("Says"), short or "–"),
                (N_("Attachments"), ", ".join(each.name for each in letter.attachments) or "–"),
            ),
            closing=NOT_BELIEVED if ruling.trust is Trust.FAILED else ANSWER,
            again=str(filed.id),
        )
        desk.tell(case, news, [each for each in desk.engineer(case) if each.to.lower() != who.address])

    def _attach(self, desk: Desk, case: Case, letter: Letter, kept: Kept) -> None:
        """The original, which has all that was sent, and its files one by one as far as they are taken."""
        if kept.original:
            title = recognition.title(letter.subject)[:80] or "mail"
            name = attachments.name(f"{title}.eml" if letter.whole else f"{title}.header.eml")
            attaching.keep(desk.tx, case, name, attachments.MAIL, kept.original, kept.original_bytes, US, desk.now)
        for file, sha256, size in kept.files or self._files_of(letter):  # none yet where it was to be kept only
            attaching.keep(desk.tx, case, file.name, attachments.kind(file.content), sha256, size, US, desk.now)
        for file in letter.attachments:
            if file.refused:
                desk.tx.save_evidence(_refused(case, file, desk.now))
        if letter.more_attachments:
            text = f"{letter.more_attachments} more attachments are in the original mail"
            desk.tx.log([Entry(case=case.number, at=desk.now, action=Action.EVIDENCE, text=text)])

    def _keep_files(self, letter: Letter, raw: bytes, ruling: Ruling) -> Kept:
        """Before the transaction that names them; a file that no row names harms nobody."""
        sha256, size = self._put(raw) if raw else ("", 0)
        return Kept(sha256, size, self._files_of(letter) if ruling.verdict in ACTED else ())

    def _files_of(self, letter: Letter) -> tuple[tuple[Attachment, str, int], ...]:
        return tuple((each, *self._put(each.content)) for each in letter.attachments if each.content)

    def _put(self, content: bytes) -> tuple[str, int]:
        handle, name = tempfile.mkstemp(prefix="netcase-mail-")
        path = Path(name)
        try:
            with open(handle, "wb") as file:  # noqa: PTH123 - the descriptor that mkstemp opened
                file.write(content)
            return self._files.put(path)
        finally:
            path.unlink(missing_ok=True)


NOT_BELIEVED = N_("Our mail server does not believe that the sender wrote it: ask before you act on it.")
ANSWER = N_("Answer with a mail whose subject holds [{name}], or look at the case.")


def _going_on(tx: Transaction, number: int) -> Case | None:
    """The case, or the one that goes on in its place."""
    case = tx.case(number) if number else None
    for _ in range(MOST_MERGED):
        if case is None or not case.merged_into:
            break
        case = tx.case(case.merged_into)
    return case


def _gone_on(case: Case, now: datetime) -> tuple[Case, Entry]:
    return moves.move(case, CaseState.IN_PROGRESS, US, "the customer answered by mail", now)


def _mark(desk: Desk, case: Case, letter: Letter, ruling: Ruling) -> None:
    """What a reader must know of the mail, beside what it says."""
    lines = []
    if ruling.trust is Trust.FAILED:
        lines.append("our mail server does not believe the sender of this mail: it proves nothing")
    if not letter.whole:
        lines.append(f"only the header of this mail was read: {letter.because}")
    desk.tx.log(Entry(case=case.number, at=desk.now, action=Action.MAIL, text=text) for text in lines)


def _answer_too_large(desk: Desk, case: Case, letter: Letter, who: Sender, filed: Filed) -> None:
    """The sender would else believe that we read it."""
    if letter.whole:
        return
    news = News(
        occasion="mail_too_large",
        headline=N_("Your mail was too large to be read, case {name}: {subject}"),
        values={"subject": recognition.title(letter.subject)},
        closing=N_("Please send what matters once more, in smaller mails whose subject holds [{name}]."),
        again=str(filed.id),
    )
    desk.tell(case, news, [Recipient(who.title, "email", who.address, Language(who.language or "en"), customer=True)])


def _refused(case: Case, file: Attachment, now: datetime) -> Evidence:
    return Evidence(
        case=case.number,
        device=case.subject.device,
        command=file.name,
        tier=TIER,
        state=EvidenceState.REFUSED,
        at=now,
        bytes=file.size,
        detail=f"only in the original mail: {file.refused}",
        topic="file",
    )


def _again_after_collision(do: Callable[[], T], times: int = 5) -> T:
    """Another process wrote the same at once: what it wrote is read, and all is decided anew."""
    for _ in range(times - 1):
        with contextlib.suppress(CollisionError):
            return do()
    return do()
