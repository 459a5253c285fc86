"""The decoder of mails against what nobody should send: no crash, no hang, nothing beyond its bounds.

NETCASE_FUZZ_INPUTS says how many inputs, 2,000 unless told.
"""

import os
import time

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from agent.cases import correspondence, quoting, recognition
from agent.cases.correspondence import Known
from agent.inventory.mailbox import Mailbox, Senders
from collectors.mail import html, letter
from collectors.mail.letter import Bounds
from tests import story

INPUTS = int(os.environ.get("NETCASE_FUZZ_INPUTS", "2000"))
HANG_S = 2.0  # processor seconds
INVENTORY = story.inventory([story.device("core-1")], [], ["core-1"])
BOX = Mailbox(host="h", username="tac@example.net", senders=Senders.ANYONE, trusted_authserv_id="mx")
BOUNDS = Bounds(attachment=5_000, attachments=3, refused=frozenset({"exe"}))

pytestmark = pytest.mark.timeout(max(120, INPUTS // 20))
fuzzed = settings(
    max_examples=max(1, INPUTS // 2),
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

WORDS = st.sampled_from(
    [
        *(
            b"From: ",
            b"Subject: ",
            b"Message-ID: <",
            b"Content-Type: ",
            b"multipart/mixed; boundary=b",
            b"\r\n",
            b"\r\n\r\n",
        ),
        *(
            b"--b",
            b"--b--",
            b"\r\n--b\r\n",
            b"message/rfc822",
            b"text/html; charset=",
            b"gb2312",
            b"utf-7",
            b"text/plain",
        ),
        *(
            b"Content-Transfer-Encoding: base64\r\n",
            b"quoted-printable",
            b"=?utf-8?B?",
            b"=?gbk?Q?",
            b"?=",
            b"=",
            b"aGVs",
        ),
        *(
            b"Content-Disposition: attachment; filename=",
            b"filename*0*=utf-8''%",
            b'"',
            b"\\",
            b"<a@b.example>",
            b"(",
            b")",
        ),
        *(
            b"Auto-Submitted: ",
            b"Authentication-Results: mx; dmarc=",
            b"References: ",
            b"<nc-000001.",
            b"[NC-000001]",
            b"\0",
        ),
        *(
            b"\x1b$B",
            b"\xff\xfe",
            b"\xc3",
            "核心".encode("gbk"),
            "核心".encode(),
            b"<p>",
            b"<!--",
            b"<script>",
            b"&#",
            b"> ",
        ),
    ]
)
MAILS = st.lists(st.one_of(WORDS, st.binary(max_size=12)), max_size=60).map(b"".join)


@fuzzed
@given(MAILS)
def test_every_mail_becomes_a_letter_within_its_bounds(raw):
    began = time.process_time()
    found = letter.decode(raw, BOUNDS)
    assert time.process_time() - began < HANG_S
    assert found == letter.decode(raw, BOUNDS)
    assert len(found.subject) <= letter.LONGEST_SUBJECT and len(found.text) <= letter.LONGEST_TEXT
    assert "\n" not in found.subject + found.sender + found.sender_name + found.message_id
    assert (found.subject + found.sender_name + found.text.replace("\n", "").replace("\t", "")).isprintable()
    assert found.sender == "" or found.sender.count("@") == 1
    assert len(found.attachments) <= BOUNDS.attachments
    for each in found.attachments:
        assert len(each.content) <= BOUNDS.attachment and "/" not in each.name and "\\" not in each.name
        assert each.name.isprintable() and not each.name.startswith(".")
    correspondence.rule(found, Known(), INVENTORY, BOX, story.START)
    recognition.said(found.subject, found.text, INVENTORY)


@fuzzed
@given(MAILS, st.text(max_size=300))
def test_every_text_is_quoted_and_every_page_read_without_trouble(raw, text):
    for each in (raw.decode("latin-1"), text):
        quoting.own_words(each)
        assert "<script" not in html.text(f"<script>{each}")
