from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import locale
from agent.cases import faq, faq_page, similar
from agent.cases.case import Action, Case, CaseKind, CaseState, Entry, Severity
from agent.cases.faq import FaqState, Written
from agent.cases.signature import Sameness, Signature
from agent.cases.similar import Hit
from agent.errors import RefusedError
from agent.faults.fault import FaultKind
from agent.inventory.policies import Policies
from agent.observation import Subject

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
WRITTEN = Written(title="Fan tray stands still", symptom="The fan stops.", fix="Replace the tray.", cause="Dust.")
FAN = Signature(kind="fan_failed", vendor="cisco", platform="cisco_xe")
CASE = Case(
    problem="p",
    kind=FaultKind.FAN_FAILED,
    subject=Subject("core-1"),
    severity=Severity.P3,
    state=CaseState.CLOSED,
    opened=NOON - timedelta(hours=3),
    updated=NOON,
    root="fault",
    number=7,
    closed=NOON,
    live=False,
    assignee="li-na",
)
CLOSED = Entry(case=7, at=NOON, action=Action.STATE, text="mended", actor="li-na", data={"to": "closed"})

PAGE = """# 风扇框停转

## 现象
风扇告警，转速为 0。

## 原因
灰尘。

## 处理
1. 更换风扇框
```
# display fan
```

## 预防
每季度清洁。
"""


def entry(**other: object) -> faq.Faq:
    return replace(faq.first(WRITTEN, FAN, CASE, "li-na", NOON), number=1, **other)  # type: ignore[arg-type]


def hit(same: Sameness, state: str = "published") -> Hit:
    one = replace(faq.as_candidate(entry()), state=state)
    return Hit(candidate=one, same=same, found=0, asked=0, score=1.0, reason="")


# ---------------------------------------------------------------- the page


def test_a_page_in_chinese_is_read_with_its_parts() -> None:
    written = faq_page.read(PAGE)
    assert (written.title, written.language) == ("风扇框停转", "zh_CN")
    assert written.symptom == "风扇告警，转速为 0。"
    assert "# display fan" in written.fix
    assert written.prevention == "每季度清洁。"


def test_a_page_that_is_written_out_reads_the_same() -> None:
    for written in (faq.checked(WRITTEN), faq.checked(faq_page.read(PAGE))):
        assert faq_page.read(faq_page.page(written)) == written


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_blank_page_alone_is_no_entry(language: str) -> None:
    with pytest.raises(RefusedError, match="Symptom"):
        faq.checked(faq_page.read(faq_page.template(language)))


def test_a_heading_that_no_entry_has_is_refused_with_those_that_it_has() -> None:
    with pytest.raises(RefusedError, match=r"## Symptom, .*## 现象"):
        faq_page.read("# A\n## Opinion\nx")


def test_text_before_the_first_heading_is_refused() -> None:
    with pytest.raises(RefusedError, match="before the first heading"):
        faq_page.read("hello\n# A\n")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        written = faq.checked(faq_page.read(text))
    except RefusedError:
        return
    assert written.title and written.symptom and written.fix


@pytest.mark.parametrize("part", ["symptom", "fix"])
def test_an_entry_without_what_was_seen_or_what_helped_is_refused(part: str) -> None:
    with pytest.raises(RefusedError, match=part.capitalize()):
        faq.checked(replace(WRITTEN, **{part: " \n"}))


def test_control_characters_and_endless_parts_are_not_kept() -> None:
    assert faq.checked(replace(WRITTEN, title="a\x1b[31m\nb")).title == "a[31m b" or "\x1b" not in WRITTEN.title
    with pytest.raises(RefusedError, match="more than 20000"):
        faq.checked(replace(WRITTEN, cause="x" * 20_001))


# ---------------------------------------------------------------- states and history


def test_a_draft_is_published_retired_and_published_again() -> None:
    one = entry()
    for to in (FaqState.PUBLISHED, FaqState.RETIRED, FaqState.PUBLISHED):
        after = faq.moved(one, to, "wang-lei", NOON)
        assert (after.state, after.revision) == (to, one.revision + 1)
        one = after


def test_a_move_that_is_none_says_what_is_possible() -> None:
    with pytest.raises(RefusedError, match="FAQ-000001 is draft and cannot become draft; possible from here: pub"):
        faq.moved(entry(), FaqState.DRAFT, "li-na", NOON)


def test_an_edit_that_changes_nothing_is_refused() -> None:
    with pytest.raises(RefusedError, match="nothing was changed"):
        faq.edited(entry(), WRITTEN, "li-na", NOON)


# ---------------------------------------------------------------- asking for one


def test_who_closes_a_case_of_which_nothing_is_known_is_asked_for_an_entry() -> None:
    assert faq.wanted(CASE, [CLOSED], Policies(), []) == (
        "nothing is written down of how fan_failed is mended: netcase faq write NC-000007"
    )


@pytest.mark.parametrize(
    ("case", "log", "policies", "known"),
    [
        (replace(CASE, state=CaseState.RESOLVED), [CLOSED], Policies(), []),
        (replace(CASE, severity=Severity.P4), [CLOSED], Policies(), []),
        (CASE, [CLOSED], Policies(faq_wanted=()), []),
        (replace(CASE, merged_into=3), [CLOSED], Policies(), []),
        (replace(CASE, kind=CaseKind.ON_CALL_GAP), [CLOSED], Policies(), []),
        (CASE, [replace(CLOSED, actor="netcase")], Policies(), []),
        (CASE, [CLOSED, faq.asked_entry(CASE, "why", NOON)], Policies(), []),
        (CASE, [CLOSED, faq.written_entry(CASE, entry(), "li-na", NOON)], Policies(), []),
        (CASE, [CLOSED], Policies(), [hit(Sameness.KIND_AND_PLATFORM)]),
    ],
)
def test_nobody_is_asked_for_what_is_known_or_not_wanted(
    case: Case, log: list[Entry], policies: Policies, known: list[Hit]
) -> None:
    assert faq.wanted(case, log, policies, known) == ""


def test_an_entry_for_another_platform_or_a_draft_does_not_answer() -> None:
    assert faq.wanted(CASE, [CLOSED], Policies(), [hit(Sameness.VENDOR), hit(Sameness.EVERYTHING, "draft")])


def test_an_entry_is_found_by_its_words_and_by_its_kind_in_both_languages() -> None:
    found = faq.as_candidate(entry()).words
    assert {"tray", "dust", "风扇", "faq-000001"} <= set(found)


def test_what_is_shown_stands_on_the_case_with_its_reason() -> None:
    hits = similar.rank(FAN, ("fan",), [faq.as_candidate(entry())])
    shown = faq.shown_entry(CASE, hits, NOON)
    assert shown.text == "seen before: FAQ-000001 – Fan tray stands still [same kind and platform, 1 of 1 words]"
    assert locale.reword(shown.text, "zh_CN") == (
        "以前见过：FAQ-000001 – Fan tray stands still [故障类型、平台相同，1 个词中命中 1 个]"
    )
    assert shown.data == {"shown": "FAQ-000001"}
