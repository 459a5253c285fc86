"""Mails are kept once, wherever they lie."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

from agent.cases.case import Case, CaseKind, CaseState, Severity
from agent.cases.letter import Filed, Place, Trust, Verdict
from agent.errors import CollisionError
from agent.observation import Subject
from agent.ports import Store
from tests.story import START

MAIL = Filed(
    identity="i-1",
    thread="t-1",
    at=START,
    sent=None,
    sender="zhang@example.com",
    sender_name="张伟",
    title="P1 \ud800 核心\0不通",
    verdict=Verdict.OPENED,
    reason="new",
    trust=Trust.UNKNOWN,
    case=0,
    bytes=100,
    sha256="",
)
INBOX = "tac@h:993/INBOX"


def a_case(store: Store, problem: str = "p") -> int:
    case = Case(
        problem=problem,
        kind=CaseKind.REPORTED,
        subject=Subject(""),
        severity=Severity.P3,
        state=CaseState.NEW,
        opened=START,
        updated=START,
        root="",
    )
    with store.begin() as tx:
        return tx.open_case(case).number


def keep(store: Store, *mails: Filed) -> list[int]:
    with store.begin() as tx:
        return [kept.id for mail in mails if (kept := tx.keep_letter(mail))]


def test_a_mail_comes_back_as_it_was_kept(store):
    (number,) = keep(store, MAIL)
    with store.read() as tx:
        found = tx.letter(number)
        assert found == replace(MAIL, id=number, title="P1 \ufffd 核心\ufffd不通")
        assert tx.letter_of("i-1") == found
        assert tx.letter(number + 1) is None


def test_the_same_mail_is_kept_once(store):
    assert len(keep(store, MAIL, replace(MAIL, thread="t-2"))) == 1
    assert keep(store, MAIL) == []


def test_a_place_is_taken_once_and_the_highest_counts_of_its_folder(store):
    (number,) = keep(store, MAIL)
    with store.begin() as tx:
        assert tx.place_letter(Place(INBOX, 7, 3), number)
        assert tx.place_letter(Place(INBOX, 7, 4_294_967_295), number)
        assert tx.place_letter(Place(INBOX, 8, 1), number)
        assert not tx.place_letter(Place(INBOX, 7, 3), number)
    with store.read() as tx:
        assert tx.last_letter(INBOX, 7) == 4_294_967_295
        assert tx.last_letter(INBOX, 8) == 1
        assert tx.last_letter(INBOX, 9) == tx.last_letter("other", 7) == 0


def test_what_lies_as_it_came_is_told_until_it_is_put_away(store):
    one, other = keep(store, MAIL, replace(MAIL, identity="i-2", verdict=Verdict.REFUSED))
    with store.begin() as tx:
        tx.place_letter(Place(INBOX, 7, 1), one)
        tx.place_letter(Place(INBOX, 7, 2), other)
        assert tx.not_put_away(INBOX, 7) == {1: Verdict.OPENED, 2: Verdict.REFUSED}
        tx.put_away(INBOX, 7, [1])
        assert tx.not_put_away(INBOX, 7) == {2: Verdict.REFUSED}
        assert tx.not_put_away(INBOX, 8) == {}


def test_an_answer_finds_the_case_of_the_nearest_mail(store):
    first, second = a_case(store), a_case(store, "q")
    keep(
        store,
        replace(MAIL, case=first),
        replace(MAIL, identity="i-2", thread="t-2", case=second),
        replace(MAIL, identity="i-3", thread="t-3"),
    )
    with store.read() as tx:
        assert tx.case_of_thread(["t-3", "t-9", "", "t-2", "t-1"]) == second
        assert tx.case_of_thread(["t-1"]) == first
        assert tx.case_of_thread(["t-3"]) == tx.case_of_thread([]) == 0


def test_what_was_acted_on_lately_is_counted(store):
    hour = timedelta(hours=1)
    keep(
        store,
        replace(MAIL, identity="a", at=START - hour),
        replace(MAIL, identity="b", at=START - timedelta(minutes=1), verdict=Verdict.REPLY),
        replace(MAIL, identity="c", at=START),
        replace(MAIL, identity="d", at=START, verdict=Verdict.FLOOD),
        replace(MAIL, identity="e", at=START, sender="bob@example.com"),
        replace(MAIL, identity="f", at=START, verdict=Verdict.UNCLEAR),
    )
    with store.read() as tx:
        since = START - timedelta(minutes=30)
        assert tx.letters_acted_on(since, MAIL.sender) == 2
        assert tx.letters_acted_on(since) == 3
        assert tx.letters_acted_on(since, opened=True) == 2
        assert tx.letters_waiting() == 2


def test_mails_are_listed_newest_first_by_outcome_and_case(store):
    number = a_case(store)
    first, second = keep(
        store, replace(MAIL, case=number), replace(MAIL, identity="b", at=START + timedelta(1), verdict=Verdict.REFUSED)
    )
    with store.begin() as tx:
        assert [each.id for each in tx.letters()] == [second, first]
        assert [each.id for each in tx.letters(limit=1)] == [second]
        assert [each.id for each in tx.letters(verdicts={Verdict.OPENED})] == [first]
        assert [each.id for each in tx.letters(case=number)] == [first]
        found = tx.letter(second)
        assert found is not None
        tx.save_letter(replace(found, verdict=Verdict.ASSIGNED, case=number, by="li"))
        assert [(each.id, each.by) for each in tx.letters(case=number)] == [(second, "li"), (first, "")]


def test_two_that_take_the_same_mail_at_once_keep_it_once(store):
    both, kept = Barrier(2), list[int]()

    def take(uid: int) -> None:
        both.wait()
        with suppress(CollisionError), store.begin() as tx:
            if filed := tx.keep_letter(MAIL):
                tx.place_letter(Place(INBOX, 7, uid), filed.id)
                kept.append(filed.id)

    threads = [Thread(target=take, args=(uid,)) for uid in (1, 2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(kept) == 1
