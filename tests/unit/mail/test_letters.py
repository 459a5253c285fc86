"""From bytes to letters: whatever is sent is decoded as far as it can be, bounded, and taken for what it is."""

import time
import zipfile
from io import BytesIO

import pytest

from agent.cases.letter import Letter
from collectors.mail import charsets, html, letter, mime
from collectors.mail.letter import Bounds
from tests.mails import CONTACT, attached, bare, mail, multipart

WIDE = Bounds()
CHINESE = "核心交换机不通，请尽快处理。"


def read(raw: bytes, bounds: Bounds = WIDE) -> Letter:
    return letter.decode(raw, bounds)


def test_a_plain_mail_is_read():
    found = read(mail(subject="P1 核心不通", text=CHINESE, more="In-Reply-To: <b@x>\r\nReferences: <a@x> <b@x>\r\n"))
    assert (found.sender, found.sender_name, found.subject) == (CONTACT, "Zhang Wei", "P1 核心不通")
    assert (found.text, found.message_id, found.answers) == (CHINESE, "one@example.com", ("b@x", "a@x"))
    assert found.date is not None
    assert found.date.isoformat() == "2026-03-02T08:00:00+00:00"


# ---------------------------------------------------------------- character sets


@pytest.mark.parametrize("said", ["gb2312", "GBK", "gb18030", "utf-8", "us-ascii", "iso-8859-1", "", "x-nonsense"])
def test_chinese_is_read_whatever_it_is_said_to_be(said):
    for codec in ("gb18030", "utf-8"):
        head = f"From: {CONTACT}\nContent-Type: text/plain; charset={said}\nContent-Transfer-Encoding: 8bit"
        assert read(bare(head, CHINESE.encode(codec))).text == CHINESE, codec


def test_characters_beyond_gb2312_are_read_though_it_is_said():
    head = f"From: {CONTACT}\nContent-Type: text/plain; charset=gb2312"
    assert read(bare(head, "镕基同志：㐂𠮷".encode("gb18030"))).text == "镕基同志：㐂𠮷"


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("iso-2022-jp", "コアスイッチが落ちました"),
        ("shift_jis", "コアスイッチが落ちました"),
        ("euc-kr", "핵심 스위치가 다운되었습니다"),
        ("big5", "核心交換器不通"),
        ("iso-8859-1", "Le réseau est tombé à midi"),
        ("windows-1252", "„Netz“ – ausgefallen"),
        ("koi8-r", "Сеть не работает"),
        ("hz-gb-2312", "核心交换机不通"),
        ("utf-16", "核心交换机不通"),
    ],
)
def test_other_sets_are_read(codec, text):
    head = f"From: {CONTACT}\nContent-Type: text/plain; charset={codec}"
    python = {"hz-gb-2312": "hz"}.get(codec, codec)
    assert read(bare(head, text.encode(python))).text == text


def test_a_latin_text_is_not_taken_for_chinese():
    assert charsets.text("été à Orléans, où il fût".encode("latin-1"), "iso-8859-1") == "été à Orléans, où il fût"


def test_raw_chinese_in_a_header_is_read():
    raw = (
        b"From: "
        + "张伟".encode("gbk")
        + b" <zhang@example.com>\r\nSubject: "
        + "核心交换机不通".encode("gbk")
        + b"\r\n\r\nx"
    )
    found = read(raw)
    assert (found.sender_name, found.subject) == ("张伟", "核心交换机不通")


def test_no_codec_but_a_character_set_is_used():
    for said in ("rot13", "zlib_codec", "unicode_escape", "idna", "punycode", "base64", "undefined"):
        head = f"From: {CONTACT}\nContent-Type: text/plain; charset={said}"
        assert read(bare(head, b"\\u0041 plain")).text == "\\u0041 plain"


# ---------------------------------------------------------------- header


def test_encoded_words_are_read_each_alone():
    said = "=?utf-8?B?5qC45b+D?= =?UTF-8?Q?_down?= =?gb2312?B?suLK1A==?= [NC-000001]"
    assert letter.unfolded(said) == "核心 down测试 [NC-000001]"


def test_a_character_split_over_two_words_is_read():
    raw = "核".encode()
    import base64

    words = [base64.b64encode(part).decode() for part in (raw[:1], raw[1:])]
    assert letter.unfolded(" ".join(f"=?utf-8?B?{word}?=" for word in words)) == "核"


def test_a_bomb_of_encoded_words_costs_no_time():
    began = time.process_time()
    subject = "=?utf-8?B?QUFB?= " * 200_000
    found = read(bare(f"From: {CONTACT}\nSubject: {subject}"))
    assert len(found.subject) <= letter.LONGEST_SUBJECT
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("field", "address"),
    [
        ("zhang@example.com", "zhang@example.com"),
        ("Zhang <ZHANG@Example.com>", "zhang@example.com"),
        ('"li@example.net" <mallory@evil.example>', "mallory@evil.example"),
        ('"li@example.net, x" <mallory@evil.example>', "mallory@evil.example"),
        ("li@example.net <mallory@evil.example>", "mallory@evil.example"),
        ("Li <li@example.net>, Mallory <mallory@evil.example>", ""),
        ("li@example.net, mallory@evil.example", ""),
        ("li@example.net)<mallory@evil.example>", "mallory@evil.example"),
        ("<li@example.net>@evil.example", ""),
        ("li@example.net\x00@evil.example", ""),
        ("=?utf-8?Q?li=40example.net=3E?= <mallory@evil.example>", "mallory@evil.example"),
        ("undisclosed:;", ""),
        ("", ""),
        ("<>", ""),
        ("a" * 300 + "@example.com", ""),
    ],
)
def test_the_sender_is_the_one_address_that_stands_there(field, address):
    assert read(bare(f"From: {field}\nSubject: x")).sender == address


def test_two_from_fields_name_nobody():
    assert read(bare(f"From: li@example.net\nFrom: {CONTACT}\nSubject: x")).sender == ""


def test_a_name_that_is_an_address_is_no_name():
    assert read(bare('From: "li@example.net" <mallory@evil.example>')).sender_name == ""


def test_a_subject_cannot_bring_lines_of_its_own():
    found = read(bare(f"From: {CONTACT}\nSubject: =?utf-8?Q?ok=0D=0ABcc:_x=40y=1B[31m=E2=80=AE?="))
    assert found.subject == "ok Bcc: x@y [31m"


def test_message_ids_may_be_missing_doubled_or_hostile():
    assert read(mail(id="")).message_id == ""
    assert read(mail(id="<a@x>", more="Message-ID: <b@x>\r\n")).message_id == "a@x"
    assert read(mail(id="<'; DROP TABLE letters;--@x>")).message_id == ""
    assert len(read(mail(id="<" + "a" * 100_000 + "@x>")).message_id) <= 250


def test_the_same_mail_is_the_same_wherever_it_turns_up():
    again = b"Received: from elsewhere by here; Mon, 02 Mar 2026 09:00:00 +0000\r\nX-Spam: no\r\n" + mail()
    assert read(mail()).identity == read(again).identity
    assert read(mail()).identity == read(mail().replace(b"\r\n", b"\n")).identity
    others = [mail(text="Something else."), mail(subject="Else"), mail(id="<two@x>"), mail(sender="a@b.example")]
    assert len({read(each).identity for each in (mail(), *others)}) == 5


# ---------------------------------------------------------------- structure


def test_of_two_forms_the_plain_one_is_read_and_neither_is_a_file():
    raw = multipart(
        ("Content-Type: text/plain", b"plain words"), ("Content-Type: text/html", b"<p>other"), kind="alternative"
    )
    found = read(raw)
    assert (found.text, found.attachments) == ("plain words", ())


def test_a_mail_of_html_alone_becomes_text_and_nothing_is_fetched():
    page = (
        "<html><head><title>t</title><style>p{}</style></head><body onload=alert(1)><!-- <p>hidden -->"
        "<p>核心&nbsp;交换机<br>不通</p><script>alert(1)</script><img src='http://evil.example/x.png'>"
        "<table><tr><td>a</td><td>b</td></tr></table>1 &lt; 2"
    )
    head = f"From: {CONTACT}\nContent-Type: text/html; charset=gb2312\nContent-Transfer-Encoding: 8bit"
    assert read(bare(head, page.encode("gbk"))).text == "核心 交换机\n不通\n\na b\n\n1 < 2"


def test_what_stands_after_a_head_that_does_not_end_is_read():
    assert (
        html.text("<html><head><title>t</title><style>p{}</style><body><p>No telephone</body></html>") == "No telephone"
    )


def test_hostile_html_takes_as_long_as_it_is():
    for piece in ("<", "<!--", "<script>", "</", "<a ", "&#x", "<![CDATA[", "<p <p "):
        began = time.process_time()
        html.text(piece * 200_000)
        assert time.process_time() - began < 1.5, piece


def test_parts_are_found_though_the_mail_breaks_off():
    whole = multipart(("Content-Type: text/plain", b"words"), attached("a.txt", b"content"))
    for cut in (len(whole) - 8, len(whole) - 30, len(whole) // 2):
        assert read(whole[:cut]).text in ("words", "")
    assert read(whole[: len(whole) - 8]).attachments[0].content == b"content"


def test_a_boundary_that_is_missing_leaves_the_text():
    head = f"From: {CONTACT}\nContent-Type: multipart/mixed"
    assert read(bare(head, b"just words")).text == "just words"


def test_broken_base64_is_read_as_far_as_it_goes():
    head = f"From: {CONTACT}\nContent-Type: text/plain\nContent-Transfer-Encoding: base64"
    assert read(bare(head, b"aGVsbG8*gd29\nybGQ")).text == "hello world"


def test_deep_nesting_ends_at_a_depth_of_ours():
    began = time.process_time()
    inner = b"Content-Type: text/plain\r\n\r\ndeep"
    for depth in range(400):
        inner = b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n%b\r\n--b%d--' % (
            depth,
            depth,
            inner,
            depth,
        )
    found = read(f"From: {CONTACT}\r\n".encode() + inner)
    assert found.sender == CONTACT
    assert len(found.attachments) <= 1
    assert time.process_time() - began < 1


def test_very_many_parts_end_at_a_number_of_ours():
    began = time.process_time()
    empty = b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n"
    raw = bare(f"From: {CONTACT}\nContent-Type: multipart/mixed; boundary=b", empty * 50_000)
    assert len(list(mime.pieces(raw))) <= mime.MOST
    files = b"--b\r\nContent-Disposition: attachment; filename=a\r\n\r\nx\r\n"
    found = read(bare(f"From: {CONTACT}\nContent-Type: multipart/mixed; boundary=b", files * 50_000))
    assert len(found.attachments) == WIDE.attachments
    assert found.more_attachments > 0
    assert time.process_time() - began < 2


def test_hostile_parameters_cost_no_time():
    began = time.process_time()
    for value in (
        ';"' * 30_000,
        '; a="' + ";" * 60_000,
        "; filename*0*=x" * 4_000,
        "; filename*" + "9" * 5_000 + "*=a",
    ):
        read(bare(f"From: {CONTACT}\nContent-Type: text/plain{value}\nContent-Disposition: attachment{value}", b"x"))
    assert time.process_time() - began < 1


def test_a_large_mail_is_taken_apart_in_moments():
    began = time.process_time()
    raw = multipart(*[("Content-Type: text/plain", b"a line of words\r\n" * 100_000)] * 14)
    assert len(raw) > 20_000_000
    read(raw)
    assert time.process_time() - began < 5


# ---------------------------------------------------------------- attachments


def test_attachments_are_handed_over_and_archives_stay_closed():
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 10_000_000)
    tnef = ("Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64", b"eJ8+Ig==")
    inner = ("Content-Type: message/rfc822", mail(subject="the one inside"))
    found = read(multipart(("Content-Type: text/plain", b"see files"), attached("x.zip", bomb.getvalue()), tnef, inner))
    assert [each.name for each in found.attachments] == ["x.zip", "winmail.dat", "part-3.eml"]
    assert found.attachments[0].content == bomb.getvalue()
    assert found.attachments[2].content.startswith(b"From: Zhang Wei")
    assert found.subject == "with parts"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\cmd.txt", "cmd.txt"),
        (".bashrc", "bashrc"),
        ("a\x1b[31m\x07b.txt", "a_[31m_b.txt"),
        ("\u202egnp.exe.txt", "_gnp.exe.txt"),
        ("..", "part-1.bin"),
        ("", "part-1.bin"),
        ("=?gb2312?B?suLK1A==?=.log", "测试.log"),
    ],
)
def test_names_of_files_lead_nowhere(said, kept):
    assert letter.file_name(said, "application/octet-stream", 1) == kept


def test_a_name_in_the_form_of_rfc_2231_or_in_raw_gbk_is_read():
    coded = ("Content-Type: a/b\nContent-Disposition: attachment; filename*=utf-8''%E6%B5%8B%E8%AF%95.log", b"x")
    raw = ("Content-Type: a/b", b"x")
    body = multipart(coded, raw).replace(
        b"Content-Type: a/b\r\n\r\nx",
        b'Content-Type: a/b\r\nContent-Disposition: attachment; filename="'
        + "配置文件.cfg".encode("gbk")
        + b'"\r\n\r\nx',
    )
    assert [each.name for each in read(body).attachments] == ["测试.log", "配置文件.cfg"]


def test_what_is_too_large_or_of_a_refused_kind_stays_in_the_original():
    bounds = Bounds(attachment=1000, attachments=3, refused=frozenset({"exe"}))
    raw = multipart(
        attached("run.exe", b"MZ"),
        attached("invoice.exe.pdf", b"MZ"),
        attached("big.bin", b"x" * 2000),
        attached("more.txt", b"x"),
    )
    found = read(raw, bounds)
    assert [each.refused for each in found.attachments] == [
        "files that end in .exe are not taken",
        "files that end in .exe are not taken",
        f"{mime.size(list(mime.pieces(raw))[2])} bytes, more than 1000",
    ]
    assert all(not each.content for each in found.attachments)
    assert found.more_attachments == 1


def test_of_a_mail_that_is_too_large_the_header_is_enough():
    found = letter.header_only(mail(subject="P1 large"), 52_000_000, "it is large")
    assert (found.subject, found.bytes, found.whole, found.text) == ("P1 large", 52_000_000, False, "")


def test_a_report_of_a_mail_server_tells_which_mail_it_is_about():
    raw = multipart(
        ("Content-Type: text/plain", b"could not be delivered"),
        ("Content-Type: message/delivery-status", b"Action: failed"),
        ("Content-Type: text/rfc822-headers", b"Message-ID: <nc-000007.abc@example.net>\r\nSubject: x"),
        kind="report",
    )
    assert read(raw).answers == ("nc-000007.abc@example.net",)
