"""What is written down and found again: the same on every database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.cases import faq, similar, words
from agent.cases.case import Case, CaseKind, CaseState, Severity
from agent.cases.faq import Faq, FaqState, Written
from agent.cases.signature import Signature
from agent.cases.similar import Candidate, Sort
from agent.errors import CollisionError
from agent.observation import Subject
from agent.pipeline import learning
from agent.storage.engine import SqlStore
from tests.knowledge_set import QUESTIONS, TEXTS

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FAN = Signature(kind="fan_failed", vendor="cisco", platform="cisco_xe", family="C9500", component="fan")
WRITTEN = Written(title="风扇框停转", symptom="The fan stops.", fix="Replace the tray.", language="zh_CN")
HOSTILE = (
    '"',
    '""',
    "'",
    "''; DROP TABLE texts; --",
    "fan AND",
    "NEAR(fan tray, 5)",
    "words:fan",
    "fan*",
    "^fan",
    "-fan +tray",
    "fan & | ! <-> tray:*",
    "\\",
    "(((",
    "\0",
    "\ud800",
    "%_",
    "{fan tray}: x",
    "\x1b[31mfan",
    "",
    " ",
    "fan " * 2_500,
    "风" * 10_000,
    "\u202efan\u2066",
    "😀" * 100,
)


def entry() -> Faq:
    return faq.first(WRITTEN, FAN, None, "li-na", NOON)


def case(store: SqlStore, problem: str = "p", **other: object) -> Case:
    plain = Case(
        problem=problem,
        kind=CaseKind.REPORTED,
        subject=Subject(""),
        severity=Severity.P3,
        state=CaseState.NEW,
        opened=NOON,
        updated=NOON,
        root="",
        title="fans are loud",
    )
    with store.begin() as tx:
        return tx.open_case(replace(plain, **other))  # type: ignore[arg-type]


def text(number: int, body: str, signed: Signature | None = None, sort: Sort = Sort.CASE) -> Candidate:
    return Candidate(
        sort=sort,
        number=number,
        title=body[:40],
        signature=signed or Signature(kind="reported"),
        words=words.indexed(body),
        state="closed",
        at=NOON + timedelta(minutes=number),
        answer=body[:20],
    )


# ---------------------------------------------------------------- entries


def test_an_entry_comes_back_as_it_was_kept(store: SqlStore) -> None:
    with store.begin() as tx:
        kept = tx.save_faq(entry(), "first")
    assert kept == replace(entry(), number=1)
    with store.read() as tx:
        assert tx.faq(1) == kept
        assert tx.faq(2) is None
        assert tx.faqs() == (kept,)
        assert tx.faqs(FaqState.PUBLISHED) == ()


def test_an_entry_has_every_one_of_its_revisions(store: SqlStore) -> None:
    later = NOON + timedelta(days=1)
    with store.begin() as tx:
        first = tx.save_faq(entry())
        changed = tx.save_faq(faq.edited(first, replace(WRITTEN, fix="Clean it."), "wang-lei", later), "better")
        tx.save_faq(faq.moved(changed, FaqState.PUBLISHED, "maria", later))
    with store.read() as tx:
        found = tx.faq_revisions(first.number)
    assert [(r.revision, r.actor, r.note, r.state, r.written.fix) for r in found] == [
        (1, "li-na", "", FaqState.DRAFT, "Replace the tray."),
        (2, "wang-lei", "better", FaqState.DRAFT, "Clean it."),
        (3, "maria", "", FaqState.PUBLISHED, "Clean it."),
    ]


def test_who_changes_an_entry_that_another_changed_meanwhile_is_told(store: SqlStore) -> None:
    with store.begin() as tx:
        read = tx.save_faq(entry())
        tx.save_faq(faq.moved(read, FaqState.PUBLISHED, "maria", NOON))
    with pytest.raises(CollisionError, match="FAQ-000001 was changed by somebody else"), store.begin() as tx:
        tx.save_faq(faq.edited(read, replace(WRITTEN, fix="Mine."), "wang-lei", NOON))


def test_use_is_counted_once_a_case_and_what_helped_most_comes_first(store: SqlStore) -> None:
    one, two = case(store, "a"), case(store, "b")
    with store.begin() as tx:
        shown, useful = tx.save_faq(entry()), tx.save_faq(entry())
        for each in (one, two, two):
            tx.faq_shown(each.number, [shown.number, useful.number], NOON)
        assert tx.faq_helped(two.number, useful.number, NOON, "li-na")
        assert not tx.faq_helped(two.number, useful.number, NOON + timedelta(days=1), "wang-lei")
    with store.read() as tx:
        assert [(e.number, e.shown, e.helped) for e in tx.faqs()] == [(useful.number, 2, 1), (shown.number, 2, 0)]
        assert tx.faq_uses(two.number) == {shown.number: None, useful.number: NOON}


def test_an_entry_that_helped_without_being_shown_was_shown(store: SqlStore) -> None:
    one = case(store)
    with store.begin() as tx:
        kept = tx.save_faq(entry())
        tx.faq_helped(one.number, kept.number, NOON, "li-na")
        assert [(e.shown, e.helped) for e in tx.faqs()] == [(1, 1)]


# ---------------------------------------------------------------- search


def fill(store: SqlStore) -> None:
    with store.begin() as tx:
        for number, body in TEXTS.items():
            tx.remember(text(number, body))


def test_the_labelled_set_is_found_alike_on_every_database(store: SqlStore) -> None:
    fill(store)
    every = [text(number, body) for number, body in TEXTS.items()]
    with store.read() as tx:
        for asked, wanted in QUESTIONS:
            hits = learning.search(tx, asked)
            assert hits == similar.rank(None, words.asked(asked), every), asked
            assert hits[0].candidate.number in wanted or asked == "neighbours stuck exstart", asked


@pytest.mark.parametrize("asked", ["风扇", "光", "GE0/0/1", "link", "SPH012", "10.1.1.9"])
def test_a_short_word_or_a_name_is_found(store: SqlStore, asked: str) -> None:
    fill(store)
    with store.begin() as tx:
        tx.remember(text(90, "LINK-3-UPDOWN"))
    with store.read() as tx:
        assert {c.number for c in tx.candidates(None, words.asked(asked))}


@pytest.mark.parametrize("asked", HOSTILE)
def test_no_search_whatever_is_typed_raises(store: SqlStore, asked: str) -> None:
    fill(store)
    with store.begin() as tx:
        learning.search(tx, asked)
        tx.candidates(Signature(kind=asked, platform=asked), [asked, *asked.split()[:50]])
        tx.remember(text(80, asked or "x"))
        learning.search(tx, asked)
        assert {c.number for c in tx.candidates(None, ["mtu"])} == {1, 2}


def test_what_is_remembered_anew_is_found_by_its_new_words_only(store: SqlStore) -> None:
    with store.begin() as tx:
        tx.remember(text(1, "fan tray"))
        tx.remember(text(1, "power supply"))
        assert tx.candidates(None, ["fan"]) == ()
        assert tx.candidates(None, ["power"]) == (text(1, "power supply"),)
        assert tx.remembered(Sort.CASE, 1) == text(1, "power supply")
        assert tx.remembered(Sort.FAQ, 1) is None


def test_an_entry_and_a_case_of_the_same_number_are_two(store: SqlStore) -> None:
    with store.begin() as tx:
        tx.remember(text(1, "fan"))
        tx.remember(text(1, "fan", FAN, Sort.FAQ))
        assert {(c.sort, c.number) for c in tx.candidates(None, ["fan"])} == {(Sort.CASE, 1), (Sort.FAQ, 1)}


def test_what_is_of_the_kind_is_found_without_a_word_the_same_platform_first(store: SqlStore) -> None:
    with store.begin() as tx:
        for number in range(1, 121):
            platform = "cisco_xe" if number == 1 else "huawei_vrp"
            tx.remember(text(number, "x", replace(FAN, platform=platform)))
        found = tx.candidates(FAN, (), limit=40)
    assert 1 in {c.number for c in found}
    assert 120 in {c.number for c in found}
    assert len(found) < 40


def test_a_text_that_is_rolled_back_is_not_found(store: SqlStore) -> None:
    def breaks_off() -> None:
        with store.begin() as tx:
            tx.remember(text(1, "fan"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks_off()
    with store.read() as tx:
        assert tx.candidates(None, ["fan"]) == ()
