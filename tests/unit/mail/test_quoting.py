"""What a person wrote is told from what they quote."""

import time

import pytest

from agent.cases.quoting import own_words

QUOTED = {
    "lines": "It works again.\n\n> Does it work?\n> -- netcase",
    "on … wrote": "It works again.\n\nOn Mon, 2 Mar 2026 at 08:00, netcase <tac@example.net> wrote:\n> Does it work?",
    "on … wrote, broken": "It works again.\n\nOn Mon, 2 Mar 2026 at 08:00, netcase\n<tac@example.net> wrote:\n> So?",
    "在 … 写道": "It works again.\n\n在 2026年3月2日 08:00，netcase <tac@example.net> 写道：\n> 好了吗？",
    "于 … 写道": "It works again.\n\nnetcase <tac@example.net> 于2026年3月2日周一 08:00写道：\n\n好了吗？",
    "QQ": 'It works again.\n\n------------------ 原始邮件 ------------------\n发件人: "netcase"\n好了吗？',
    "163": 'It works again.\n\nAt 2026-03-02 08:00:00, "netcase" <tac@example.net> wrote:\nDoes it?',
    "Outlook": (
        "It works again.\n\n________________________________\nFrom: netcase <tac@example.net>\nSent: Monday\n"
        "To: Zhang\nSubject: [NC-000001]\n\nDoes it?"
    ),
    "Outlook 中文": "It works again.\n\n发件人: netcase\n发送时间: 2026年3月2日\n收件人: 张伟\n主题: 工单\n\n好了吗？",
    "original message": "It works again.\n\n-----Original Message-----\nFrom: netcase\nDoes it?",
    "signature": "It works again.\n-- \nZhang Wei\nHead of everything",
    "telephone": "It works again.\n\nSent from my iPhone",
    "手机": "It works again.\n\n发自我的iPhone",
}


@pytest.mark.parametrize("kind", QUOTED)
def test_what_is_quoted_is_left_out(kind):
    assert own_words(QUOTED[kind]) == "It works again."


def test_an_answer_between_quoted_lines_keeps_what_it_is_about():
    text = "> Does it work?\nYes.\n> And the telephones?\nNo."
    assert own_words(text) == text


def test_a_long_quotation_in_between_is_cut():
    quoted = "\n".join(f"> line {n}" for n in range(100))
    assert own_words(f"See:\n{quoted}\nNo.").count("\n") == 8


def test_a_text_of_nothing_but_quotation_is_kept():
    assert own_words("> all of it\n> is quoted") == "> all of it\n> is quoted"


def test_words_that_only_look_like_a_header_are_kept():
    for text in ("From: the basement\nit is wet", "On Monday nobody wrote anything down.\nSo we do not know."):
        assert own_words(text) == text


def test_no_text_makes_it_slow():
    for line in ("on " * 5_000, "在" * 20_000, "- " * 20_000, "于" * 20_000, ">" * 20_000, "@" * 20_000, "_" * 20_000):
        began = time.process_time()
        own_words("\n".join([line] * 50))
        assert time.process_time() - began < 1, line[:5]
