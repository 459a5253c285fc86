"""What a mail becomes is kept with the mail or not at all, on each kind of database, whoever else takes it too."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from agent.cases import course
from agent.cases.case import Action
from agent.cases.letter import Letter, Place, Verdict
from agent.errors import StoreError
from agent.inventory.mailbox import Mailbox, Senders
from agent.pipeline.correspondence import Correspondence
from agent.ports import JobKind, Store
from agent.storage.evidence import FileEvidence
from collectors.mail import letter
from collectors.mail.letter import Bounds
from tests import story
from tests.mails import CONTACT, STRANGER, attached, mail, multipart
from tests.story import START

BOX = Mailbox(host="h", username="tac@example.net", address="tac@example.net", senders=Senders.ANYONE, openings=1000)
INVENTORY = story.inventory([story.device("core-1")], [], ["core-1"])


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Correspondence:
    return Correspondence(store, INVENTORY, BOX, FileEvidence(tmp_path / "evidence"))


def take(desk: Correspondence, raw: bytes, uid: int, now=START, validity: int = 1):
    return desk.take(Place("inbox", validity, uid), letter.decode(raw, Bounds()), raw, now)


def test_the_same_mail_is_acted_on_once_wherever_it_lies(store, desk):
    first = take(desk, mail(), 1)
    assert first is not None and first.verdict is Verdict.OPENED
    assert take(desk, mail(), 1) is None
    assert take(desk, mail(), 2) is None
    assert take(desk, mail(), 1, validity=2) is None
    with store.read() as tx:
        assert len(tx.cases()) == 1
        assert tx.last_letter("inbox", 1) == 2
        assert tx.last_letter("inbox", 2) == 1


def test_two_that_take_the_same_mails_at_once_take_each_once(store, tmp_path):
    raws = [mail(sender=f"p{n}@example.org", subject=f"case {n}", id=f"<{n}@x>") for n in range(15)]
    both, trouble = Barrier(2), list[BaseException]()

    def read() -> None:
        desk = Correspondence(store, INVENTORY, BOX, FileEvidence(tmp_path / "evidence"))
        both.wait()
        try:
            for uid, raw in enumerate(raws, 1):
                take(desk, raw, uid)
        except BaseException as error:
            trouble.append(error)

    readers = [Thread(target=read) for _ in range(2)]
    for each in readers:
        each.start()
    for each in readers:
        each.join()
    assert trouble == []
    with store.read() as tx:
        assert sorted(case.title for case in tx.cases()) == sorted(f"case {n}" for n in range(15))
        assert Counter(each.verdict for each in tx.letters()) == {Verdict.OPENED: 15}
        for case in tx.cases():
            assert [row.command for row in tx.evidence(case.number)] == [f"{case.title}.eml"]


def test_when_the_files_cannot_be_kept_nothing_is(store, desk, tmp_path):
    (tmp_path / "evidence").write_text("in the way")
    with pytest.raises(StoreError):
        take(desk, mail(), 1)
    with store.read() as tx:
        assert (tx.cases(), tx.letters(), tx.last_letter("inbox", 1)) == ((), (), 0)
    (tmp_path / "evidence").unlink()
    assert take(desk, mail(), 1) is not None


def test_an_answer_is_written_onto_the_case_with_its_files(store, desk):
    take(desk, mail(), 1)
    raw = multipart(("Content-Type: text/plain", b"It is in the log."), attached("log.txt", b"a log"))
    raw = raw.replace(b"Subject: with parts", b"Subject: Re: nothing works\r\nIn-Reply-To: <one@example.com>")
    filed = take(desk, raw, 2)
    assert filed is not None and (filed.verdict, filed.case) == (Verdict.REPLY, 1)
    with store.read() as tx:
        (entry,) = [entry for entry in tx.timeline(1) if entry.action is Action.MAIL]
        assert (entry.actor, entry.text, entry.data["text"]) == (
            "Zhang",
            "Zhang wrote: It is in the log.",
            "It is in the log.",
        )
        assert {row.command for row in tx.evidence(1) if row.tier == "upload"} >= {"log.txt", "nothing works.eml"}
        told = [job.payload["to"] for job in tx.jobs(kind=JobKind.NOTIFY, case=1) if job.payload["occasion"] == "mail"]
    assert told == ["li@example.net"]


def test_a_mail_to_a_merged_case_goes_to_the_one_that_goes_on(store, desk):
    take(desk, mail(), 1)
    take(desk, mail(subject="Another", id="<two@x>"), 2)
    with store.begin() as tx:
        first = tx.case(1)
        assert first is not None
        tx.save_case(replace(first, merged_into=2, live=False))
    filed = take(desk, mail(subject="Re: [NC-000001]", id="<three@x>"), 3)
    assert filed is not None and (filed.verdict, filed.case) == (Verdict.REPLY, 2)


def test_who_reported_a_case_that_was_merged_writes_onto_the_one_that_goes_on(store, desk):
    take(desk, mail(sender=STRANGER), 1)
    take(desk, mail(subject="Another", id="<two@x>"), 2)
    with store.begin() as tx:
        first = tx.case(1)
        assert first is not None
        tx.save_case(replace(first, merged_into=2, live=False))
    filed = take(desk, mail(sender=STRANGER, subject="Re: [NC-000001]", id="<three@x>"), 3)
    assert filed is not None and (filed.verdict, filed.case) == (Verdict.REPLY, 2)
    unknown = take(desk, mail(sender="other@evil.example", subject="Re: [NC-000001]", id="<four@x>"), 4)
    assert unknown is not None and unknown.verdict is Verdict.UNCLEAR


def test_a_mail_long_after_the_end_opens_a_case_that_is_linked_to_the_old(store, desk):
    take(desk, mail(), 1)
    with store.begin() as tx:
        first = tx.case(1)
        assert first is not None
        tx.save_case(replace(first, state="closed", closed=START, resolved=START, live=False))
    late = START + timedelta(days=9)
    filed = take(desk, mail(subject="Re: [NC-000001] again", id="<two@x>"), 2, late)
    assert filed is not None and (filed.verdict, filed.case) == (Verdict.OPENED, 2)
    with store.read() as tx:
        assert [case.number for case in tx.related(2)] == [1]


def test_a_case_is_opened_with_what_is_forwarded_to_us(store, desk):
    text = "See below.\n\n-----Original Message-----\nFrom: monitoring\nDevice: core-1, S/N: ABC-1234"
    take(desk, mail(text=text), 1)
    with store.read() as tx:
        case = tx.case(1)
        assert case is not None and (case.subject.device, case.serial) == ("core-1", "ABC-1234")
        (opened,) = [entry for entry in tx.timeline(1) if entry.action is Action.OPENED]
    assert opened.data["text"] == text


def test_who_sent_a_mail_that_was_too_large_is_told_so_once(store, desk):
    found = letter.header_only(mail(subject="large"), 50_000_000, "it has 50000000 bytes, more than 26214400")
    for uid in (1, 2):
        desk.take(Place("inbox", 1, uid), found, mail(), START)
    with store.read() as tx:
        jobs = [job for job in tx.jobs(kind=JobKind.NOTIFY, case=1) if job.payload["occasion"] == "mail_too_large"]
        lines = [entry.text for entry in tx.timeline(1)]
    assert [job.payload["to"] for job in jobs] == [CONTACT]
    assert "only the header of this mail was read: it has 50000000 bytes, more than 26214400" in lines


def test_a_mail_that_cannot_be_read_waits_for_a_person(store, desk):
    found = Letter(identity="x", bytes=7)
    filed = desk.take(Place("inbox", 1, 1), found, b"garbage", START, "it cannot be decoded")
    assert filed is not None and (filed.verdict, filed.reason) == (Verdict.UNCLEAR, "it cannot be decoded")
    assert filed.sha256


def test_what_is_refused_is_kept_whole(store, tmp_path):
    files = FileEvidence(tmp_path / "evidence")
    desk = Correspondence(store, INVENTORY, replace(BOX, senders=Senders.CONTACTS), files)
    filed = take(desk, mail(sender=STRANGER), 1)
    assert filed is not None and filed.verdict is Verdict.REFUSED
    assert files.path(filed.sha256).read_bytes() == mail(sender=STRANGER)
    assert take(desk, mail(sender=CONTACT, id="<two@x>"), 2) is not None


@pytest.mark.parametrize(
    ("word", "trusted", "acts"), [("pass", "mx.example.net", 1), ("none", "mx.example.net", 0), ("pass", "", 0)]
)
def test_a_mail_in_the_name_of_one_of_ours_meets_a_clock_only_when_it_is_proven(store, tmp_path, word, trusted, acts):
    box = replace(BOX, trusted_authserv_id=trusted)
    desk = Correspondence(store, INVENTORY, box, FileEvidence(tmp_path / "evidence"))
    take(desk, mail(), 1)
    said = f"Authentication-Results: mx.example.net; dmarc={word}\r\n".encode()
    later = START + timedelta(minutes=5)
    raw = said + mail(sender="li@example.net", subject="Re: [NC-000001]", text="On it.", id="<two@x>")
    filed = take(desk, raw, 2, now=later)
    assert filed is not None and filed.verdict is Verdict.REPLY
    with store.read() as tx:
        shown = [entry for entry in tx.timeline(1) if course.is_ours(entry, START) and entry.at == later]
    assert len(shown) == acts
