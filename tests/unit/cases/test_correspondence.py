"""What becomes of a mail, and why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.cases import correspondence, recognition, threads
from agent.cases.case import Case, CaseKind, CaseState, Severity
from agent.cases.correspondence import Known, Ruling
from agent.cases.letter import Letter, Trust, Verdict
from agent.inventory.customers import Contact, Customer
from agent.inventory.mailbox import Mailbox, Senders
from agent.inventory.policies import Policies, Smtp
from agent.observation import Subject
from tests import story

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CONTACT, COLLEAGUE, STRANGER, ENGINEER = "zhang@example.com", "wu@example.com", "m@evil.example", "li@example.net"
INVENTORY = replace(
    story.inventory(
        [story.device("core-1")], [], ["core-1"], policies=Policies(smtp=Smtp(host="h", sender="tac@example.net"))
    ),
    customers={
        "acme": Customer(name="acme", team="tac", contacts=(Contact(name="Zhang", email="Zhang@Example.com"),)),
        "other": Customer(name="other", contacts=(Contact(name="Bob", email="bob@gmail.com"),)),
    },
)
BOX = Mailbox(host="h", username="tac@example.net", address="tac@example.net")
CASE = Case(
    problem="p",
    kind=CaseKind.REPORTED,
    subject=Subject(""),
    severity=Severity.P3,
    state=CaseState.IN_PROGRESS,
    opened=NOW - timedelta(hours=2),
    updated=NOW,
    root="",
    customer="acme",
    reporter_address="Wang@Elsewhere.example",
    number=7,
)
BELIEVED = ("mx.example.net; dmarc=pass header.from=example.com; spf=fail",)
NOT_BELIEVED = ("mx.example.net; spf=fail smtp.mailfrom=evil.example; dkim=none; dmarc=fail",)


def letter(sender: str = CONTACT, **more: object) -> Letter:
    return Letter(**{"identity": "i", "bytes": 100, "sender": sender, "subject": "Nothing works", **more})  # type: ignore[arg-type]


def rule(said: Letter, known: Known | None = None, **box: object) -> Ruling:
    return correspondence.rule(said, known or Known(), INVENTORY, replace(BOX, **box), NOW)  # type: ignore[arg-type]


# ---------------------------------------------------------------- opening


@pytest.mark.parametrize(
    ("senders", "sender", "verdict"),
    [
        (Senders.CONTACTS, CONTACT, Verdict.OPENED),
        (Senders.CONTACTS, ENGINEER, Verdict.OPENED),
        (Senders.CONTACTS, COLLEAGUE, Verdict.REFUSED),
        (Senders.CONTACTS, STRANGER, Verdict.REFUSED),
        (Senders.KNOWN_DOMAINS, COLLEAGUE, Verdict.OPENED),
        (Senders.KNOWN_DOMAINS, STRANGER, Verdict.REFUSED),
        (Senders.KNOWN_DOMAINS, "bob@gmail.com", Verdict.OPENED),
        (Senders.KNOWN_DOMAINS, "mallory@gmail.com", Verdict.REFUSED),
        (Senders.ANYONE, STRANGER, Verdict.OPENED),
    ],
)
def test_who_may_open_cases_is_a_setting(senders, sender, verdict):
    found = rule(letter(sender), senders=senders)
    assert found.verdict is verdict
    assert sender in found.reason


def test_a_mail_that_names_no_sender_waits_for_a_person():
    assert rule(letter("")).verdict is Verdict.UNCLEAR


def test_too_many_mails_of_one_sender_wait_for_a_person():
    assert rule(letter(), Known(lately=19)).verdict is Verdict.OPENED
    assert rule(letter(), Known(lately=20)).verdict is Verdict.FLOOD
    assert rule(letter(), Known(lately=20, case=CASE, how="answer")).verdict is Verdict.FLOOD


def test_too_many_openings_wait_for_a_person_and_answers_do_not():
    assert rule(letter(), Known(opened=60)).verdict is Verdict.FLOOD
    assert rule(letter(), Known(opened=60, case=CASE, how="answer")).verdict is Verdict.REPLY
    assert rule(letter(STRANGER), Known(opened=60)).verdict is Verdict.REFUSED


# ---------------------------------------------------------------- machines


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [
        ({"auto-submitted": "auto-replied"}, Verdict.AUTOMATIC),
        ({"auto-submitted": "Auto-Generated; x=y"}, Verdict.AUTOMATIC),
        ({"auto-submitted": "no"}, Verdict.OPENED),
        ({"precedence": "bulk"}, Verdict.LIST),
        ({"precedence": "first-class"}, Verdict.OPENED),
        ({"list-id": "<announce.example.com>"}, Verdict.LIST),
        ({"list-unsubscribe": "<mailto:x@y>"}, Verdict.LIST),
        ({"x-auto-response-suppress": "All"}, Verdict.AUTOMATIC),
        ({"x-autoreply": "yes"}, Verdict.AUTOMATIC),
        ({"return-path": "<>"}, Verdict.AUTOMATIC),
        ({"return-path": "<zhang@example.com>"}, Verdict.OPENED),
        ({"content-type": "multipart/report; report-type=delivery-status; boundary=b"}, Verdict.BOUNCE),
        ({"content-type": "multipart/report; report-type=disposition-notification"}, Verdict.AUTOMATIC),
    ],
)
def test_what_a_machine_wrote_is_not_acted_on(headers, verdict):
    assert rule(letter(headers=headers)).verdict is verdict
    if verdict is not Verdict.OPENED:
        assert rule(letter(headers=headers), Known(case=CASE, how="answer")).verdict is verdict


@pytest.mark.parametrize(
    "subject", ["Automatic reply: [NC-000007] x", "自动回复: 工单", "Out of Office: x", "Autoreply: y"]
)
def test_an_automatic_answer_is_known_by_its_subject_where_its_header_says_nothing(subject):
    assert rule(letter(subject=subject), Known(case=CASE, how="answer")).verdict is Verdict.AUTOMATIC


def test_a_mail_of_ours_that_comes_back_is_a_loop():
    assert rule(letter("tac@example.net")).verdict is Verdict.LOOP
    ours = f"{threads.local_part('NC-000007/opened/email/zhang@example.com')}@example.net"
    assert rule(letter(message_id=ours)).verdict is Verdict.LOOP


def test_a_mail_that_came_back_is_told_on_its_case():
    found = rule(letter("mailer-daemon@example.com"), Known(case=CASE, how="answer"))
    assert (found.verdict, found.case) == (Verdict.BOUNCE, CASE)


def test_a_subject_alone_makes_no_bounce_a_line_on_a_case():
    """Anybody can call himself postmaster."""
    found = rule(letter("postmaster@evil.example", subject="[NC-000007] pay here"), Known(case=CASE, how="tag"))
    assert (found.verdict, found.case) == (Verdict.BOUNCE, None)


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize("how", ["answer", "tag"])
@pytest.mark.parametrize(
    ("sender", "verdict"),
    [
        (CONTACT, Verdict.REPLY),
        (ENGINEER, Verdict.REPLY),
        ("wang@elsewhere.example", Verdict.REPLY),  # who reported it
        ("told@elsewhere.example", Verdict.REPLY),
        (COLLEAGUE, Verdict.UNCLEAR),
        ("bob@gmail.com", Verdict.UNCLEAR),  # another customer's contact
        (STRANGER, Verdict.UNCLEAR),
    ],
)
def test_only_who_has_to_do_with_a_case_writes_onto_it(how, sender, verdict):
    found = rule(letter(sender), Known(case=CASE, how=how, told=frozenset({"told@elsewhere.example"})))
    assert found.verdict is verdict
    assert "NC-000007" in found.reason


def test_a_colleague_of_a_contact_writes_onto_the_case_where_domains_count():
    assert rule(letter(COLLEAGUE), Known(case=CASE, how="tag"), senders=Senders.KNOWN_DOMAINS).verdict is Verdict.REPLY


@pytest.mark.parametrize("ended", [{"closed": NOW - timedelta(days=3)}, {"resolved": NOW - timedelta(days=3)}])
def test_a_mail_to_a_case_that_is_over_opens_another_that_follows_it(ended):
    over = replace(CASE, live=False, **ended)
    found = rule(letter(), Known(case=over, how="answer"))
    assert (found.verdict, found.case, found.follows) == (Verdict.OPENED, None, over)


def test_who_is_not_believed_opens_no_case_that_follows_another_either():
    over = replace(CASE, live=False, closed=NOW - timedelta(days=3))
    spoofed = letter(authentication=NOT_BELIEVED)
    found = rule(spoofed, Known(case=over, how="answer"), trusted_authserv_id="mx.example.net")
    assert (found.verdict, found.follows) == (Verdict.UNCLEAR, None)


def test_cases_that_follow_another_count_among_the_openings():
    over = replace(CASE, live=False, closed=NOW - timedelta(days=3))
    found = rule(letter(), Known(case=over, how="answer", opened=60))
    assert (found.verdict, found.case) == (Verdict.FLOOD, over)


def test_within_the_grace_period_it_is_written_onto_the_closed_case():
    over = replace(CASE, live=False, closed=NOW - timedelta(hours=3))
    assert rule(letter(), Known(case=over, how="answer")).verdict is Verdict.REPLY


# ---------------------------------------------------------------- whom to believe


def test_only_our_own_server_is_believed_and_only_its_topmost_header():
    def trust(*headers: str) -> Trust:
        return correspondence.trust(letter(authentication=headers), "mx.example.net")[0]

    assert trust(*BELIEVED) is Trust.PROVEN
    assert trust(*NOT_BELIEVED) is Trust.FAILED
    assert trust(*NOT_BELIEVED, *BELIEVED) is Trust.FAILED
    assert trust("mx.evil.example; dmarc=pass") is Trust.UNKNOWN
    assert trust("mx.evil.example; dmarc=pass", *NOT_BELIEVED) is Trust.FAILED
    assert trust("MX.example.net 1; spf=fail; dkim=pass") is Trust.UNKNOWN
    assert trust("mx.example.net; spf=softfail") is Trust.UNKNOWN
    assert trust("mx.example.net; none") is Trust.UNKNOWN
    assert trust() is Trust.UNKNOWN
    assert correspondence.trust(letter(authentication=BELIEVED), "")[0] is Trust.UNKNOWN


@pytest.mark.parametrize(
    "said",
    [
        "mx.example.net; dmarc=fail; spf=fail smtp.mailfrom=dmarc=pass@evil.example",
        'mx.example.net; dmarc=fail; spf=fail smtp.mailfrom="x; dmarc=pass"@evil.example',
        "mx.example.net; dmarc=fail (; dmarc=pass) ; spf=none",
        "mx.example.net; spf=fail smtp.helo=dkim=pass; dkim=none",
        "mx.example.net; dmarc=fail; dmarc=pass",
        "mx.example.net; spf=pass smtp.mailfrom=x;dmarc=pass@evil.example; dmarc=fail",
        "mx.example.net; spf=fail (a (b) ; dmarc=pass) ; dkim=none",
        "mx.example.net; spf=fail (a ; dmarc=pass",
        'mx.example.net; spf=fail " ; dmarc=pass',
        "mx.example.net; spf=fail (x; dkim=pass; y); dmarc=none",
    ],
)
def test_what_a_sender_puts_into_the_words_of_our_server_proves_nothing(said):
    assert correspondence.trust(letter(authentication=(said,)), "mx.example.net")[0] is Trust.FAILED


def test_of_several_signatures_one_that_is_good_is_enough():
    said = "mx.example.net; spf=fail; dkim=fail header.d=a.example; dkim=pass header.d=example.com"
    assert correspondence.trust(letter(authentication=(said,)), "mx.example.net")[0] is Trust.UNKNOWN


def test_a_spoofed_sender_opens_nothing_and_writes_onto_nothing_that_it_only_names():
    spoofed = letter(authentication=NOT_BELIEVED)
    box = {"trusted_authserv_id": "mx.example.net"}
    assert rule(spoofed, **box).verdict is Verdict.UNCLEAR
    assert rule(spoofed, Known(case=CASE, how="tag"), **box).verdict is Verdict.UNCLEAR
    answered = rule(spoofed, Known(case=CASE, how="answer"), **box)
    assert (answered.verdict, answered.trust) == (Verdict.REPLY, Trust.FAILED)
    assert rule(letter(authentication=BELIEVED), **box).trust is Trust.PROVEN


def test_a_case_goes_on_for_its_customer_only_and_never_for_who_is_not_believed():
    waits = replace(CASE, state=CaseState.WAITING_FOR_CUSTOMER)

    def goes_on(case: Case, address: str, trust: Trust = Trust.UNKNOWN) -> bool:
        return correspondence.goes_on(case, correspondence.sender(letter(address), INVENTORY, BOX), trust)

    assert goes_on(waits, CONTACT)
    assert goes_on(waits, CONTACT, Trust.PROVEN)
    assert not goes_on(waits, CONTACT, Trust.FAILED)
    assert not goes_on(waits, ENGINEER)
    assert not goes_on(waits, "bob@gmail.com")
    assert not goes_on(CASE, CONTACT)


def test_a_stranger_stands_on_the_timeline_by_his_address():
    for name in ("netcase", "Li Na"):
        assert correspondence.sender(letter(STRANGER, sender_name=name), INVENTORY, BOX).title == f"{name} <{STRANGER}>"
    assert correspondence.sender(letter(CONTACT, sender_name="netcase"), INVENTORY, BOX).title == "Zhang"


# ---------------------------------------------------------------- what is recognised


@pytest.mark.parametrize(
    ("subject", "text", "severity"),
    [
        ("P1 network down", "", Severity.P1),
        ("[p2] slow", "", Severity.P2),
        ("network down", "Severity: P2\nplease", Severity.P2),
        ("网络中断", "级别：P1", Severity.P1),
        ("网络中断", "故障级别: 3", Severity.P3),
        ("MP3 player", "the P1 was loud", None),
        ("P12 printer", "Severity: 12", None),
        ("x", "no severity: please", None),
    ],
)
def test_a_severity_is_read_where_it_is_meant(subject, text, severity):
    assert recognition.said(subject, text, INVENTORY).severity == severity


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Contract: c-1", ("C-1", "", "")),
        ("合同号：C-2030-009，序列号：FOC1234X0AB", ("C-2030-009", "FOC1234X0AB", "")),
        ("Contract number: X-9. S/N: ABC-123", ("X-9", "ABC-123", "")),
        ("it is under C-1, on core-1.", ("C-1", "", "core-1")),
        ("设备名称：CORE-1 不通", ("", "", "core-1")),
        ("Device: core-1.example.net.", ("", "", "core-1")),
        ("Device: {address}", ("", "", "core-1")),
        ("Device: unknown-7", ("", "", "")),
        ("the core is down", ("", "", "")),
    ],
)
def test_contract_serial_number_and_device_are_read_by_their_labels_or_when_we_know_them(text, found):
    said = recognition.said("down", text.format(address=INVENTORY.devices["core-1"].address), INVENTORY)
    assert (said.contract, said.serial, said.device) == found


def test_tags_and_titles_are_told_apart():
    assert recognition.tags("Re: [NC-000012] x NC-7 NC-000000 ANC-5") == (12, 7)
    assert recognition.title("回复：Re[2]: AW: [NC-000012] 核心不通") == "核心不通"


def test_our_message_ids_name_their_case_and_differ_by_their_message():
    one, other = (threads.local_part(f"NC-000012/opened/email/{name}@example.com") for name in "ab")
    assert one != other
    assert threads.case_of(f"{one}@example.net") == 12
    assert threads.case_of(f"{threads.local_part('report/daily/2026-03-02')}@example.net") == 0
    assert threads.case_of("nc-12@example.net") == 0
