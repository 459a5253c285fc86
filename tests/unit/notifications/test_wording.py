"""Who is told, in which words, in which language."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from agent.cases.case import Case, CaseState, Severity
from agent.faults.fault import Fault, FaultKind, FaultState
from agent.inventory.customers import Contact, Language, Person
from agent.inventory.inventory import Inventory
from agent.notifications import policy, wire, wording
from agent.notifications.notification import Notification
from agent.notifications.policy import Occasion, Recipient
from agent.observation import ComponentKind, Subject
from tests.story import START, device, inventory

PORT = Subject("r1", ComponentKind.INTERFACE, "Gi0/1")
ROOT = Fault(
    id="f1",
    subject=PORT,
    kind=FaultKind.INTERFACE_DOWN,
    state=FaultState.CONFIRMED,
    began=START,
    reason="oper down, admin up",
)
BEHIND = replace(ROOT, id="f2", subject=Subject("r2"), kind=FaultKind.DEVICE_UNREACHABLE)
CASE = Case(
    problem="p", kind=ROOT.kind, subject=PORT, severity=Severity.P2, state=CaseState.NEW, opened=START, updated=START,
    root="f1", customer="acme", site="hq", contract="C-1", contract_status="valid", number=12,
)  # fmt: skip
ENGLISH = Recipient("Li Na", "email", "li@example.net", Language.EN)
CHINESE = replace(ENGLISH, language=Language.ZH_CN)


def network() -> Inventory:
    return inventory([device("r1"), device("r2")], [("r1", "r2")], ["r1"])


def said(occasion: Occasion, to: Recipient, case: Case = CASE) -> Notification:
    return wording.message(occasion, case, to, network(), [ROOT, BEHIND], ["the whole of site hq is cut off"])


def test_a_message_says_what_where_since_when_and_what_else() -> None:
    message = said(Occasion.OPENED, ENGLISH)
    assert message.subject == "[NC-000012] P2 case NC-000012: interface down, r1/interface:Gi0/1"
    for part in ("the whole of site hq is cut off", "oper down, admin up", "C-1 (valid)", "device unreachable, r2"):
        assert part in message.text


def test_a_chinese_message_has_no_english_sentence_in_it() -> None:
    message = said(Occasion.OPENED, CHINESE)
    assert message.subject == "[NC-000012] P2 工单 NC-000012：接口中断，r1/interface:Gi0/1"
    assert "站点 hq 整体中断" in message.text
    assert "运行状态 down，管理状态 up" in message.text
    assert "cut off" not in message.text


def test_what_follows_answers_the_opening_and_the_opening_answers_nothing() -> None:
    opened, resolved = said(Occasion.OPENED, ENGLISH), said(Occasion.RESOLVED, ENGLISH)
    assert (opened.answers, resolved.answers) == ("", opened.key)


def test_the_same_news_has_the_same_key_and_a_relapse_another() -> None:
    again = replace(CASE, reopened=1)
    assert said(Occasion.OPENED, ENGLISH).key == said(Occasion.OPENED, ENGLISH).key
    assert said(Occasion.RESOLVED, ENGLISH).key != said(Occasion.RESOLVED, ENGLISH, again).key


def test_a_device_text_can_neither_break_a_line_nor_be_markup() -> None:
    hostile = replace(
        CASE, subject=Subject("r1", ComponentKind.INTERFACE, "x\r\nBcc: all@example.com<script>" + "y" * 999)
    )
    message = said(Occasion.OPENED, ENGLISH, hostile)
    assert "\n" not in message.subject
    assert "\r" not in message.text
    assert "<script>" not in message.html
    assert len(message.subject) < 500


def test_a_long_list_of_symptoms_is_cut_and_counted() -> None:
    many = [replace(BEHIND, id=f"s{n}", subject=Subject(f"d{n}")) for n in range(100)]
    message = wording.message(Occasion.OPENED, CASE, ENGLISH, network(), [ROOT, *many], [])
    assert "and 80 more" in message.text


def test_the_person_on_call_and_the_customer_who_wants_it_are_told() -> None:
    base = network()
    customer = replace(
        base.customers["acme"],
        contacts=(Contact(name="Z", email="z@example.com"), Contact(name="Q", email="q@example.com", notify=False)),
    )
    people = {"li": Person(name="Li", email="li@example.net", channels=("email", "console"))}
    house = replace(base, customers={"acme": customer}, people=people)
    told = [*policy.ways_to("li", house), *policy.bystanders(CASE, house, Occasion.OPENED)]
    assert [(r.channel, r.to, r.customer) for r in told] == [
        ("email", "li@example.net", False),
        ("console", "Li", False),
        ("email", "z@example.com", True),
    ]


def test_a_message_comes_through_the_outbox_as_it_was() -> None:
    message = replace(said(Occasion.OPENED, CHINESE), attachments=("a", "b"))
    assert wire.unpack(wire.pack(message)) == message


def test_the_restore_time_is_the_contracts_promise() -> None:
    assert (START + timedelta(hours=4)).strftime("%H:%M") in said(Occasion.OPENED, ENGLISH).text


def test_what_flapped_is_told_with_the_count_and_how_it_ended() -> None:
    minutes = timedelta(minutes=9)
    bouncing = replace(
        ROOT, flapping=True, flaps=14, unsteady_since=START, penalty_at=START + minutes, recovering=START + minutes * 2
    )
    for to, told in (
        (ENGLISH, "flapped 14 times between 2026-03-02 08:00:00 UTC and 2026-03-02 08:09:00 UTC, up since"),
        (CHINESE, "在 2026-03-02 08:00:00 UTC 至 2026-03-02 08:09:00 UTC 之间震荡 14 次，自"),
    ):
        assert told in wording.message(Occasion.RESOLVED, CASE, to, network(), [bouncing], []).text
        assert told not in wording.message(Occasion.RESOLVED, CASE, to, network(), [ROOT], []).text


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_of_fault_has_a_name_in_both_languages(kind: FaultKind) -> None:
    subjects = [said(Occasion.OPENED, to, replace(CASE, kind=kind)).subject for to in (ENGLISH, CHINESE)]
    assert not any("_" in subject for subject in subjects)
    assert re.search(r"[\u4e00-\u9fff]", subjects[1].replace("工单", "").replace("级", ""))
